//! Where tubes and boxes stand, worked out of everything that was said of them. A result is stronger than any word, a tube that
//! was seen is stronger than one that was missed, and a count that does not agree says nothing of any tube by name.

use super::{
    BoxStand, BoxState, BoxStep, Check, Custody, Doubt, DoubtKind, Facts, Move, Packing, Tube, TubeStand, TubeState,
    TubeWord,
};
use crate::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// What was said of one box.
#[derive(Default)]
struct Said<'f> {
    sent: Vec<&'f Move>,
    lost: Option<&'f Move>,
    received: Vec<&'f Move>,
    /// The count that stands: the one made last.
    counted: Option<&'f Move>,
    moves: i64,
    packed: Vec<&'f Packing>,
    checks: i64,
}

impl Said<'_> {
    fn received_at(&self) -> Option<Instant> {
        self.received.iter().map(|said| said.at).chain(self.counted.map(|said| said.at)).min()
    }
    fn sent_at(&self) -> Option<Instant> {
        self.sent.iter().map(|said| said.at).min()
    }
    /// Whom to ask for it: who has it, else where it was sent last.
    fn laboratory(&self) -> Option<&str> {
        let last = self.counted.or(self.sent.last().copied()).or(self.lost);
        last.map(|said| said.laboratory.as_str())
    }
}

/// The words of each box on a tube, the last one last.
type Words<'f> = BTreeMap<i64, BTreeMap<&'f str, Vec<&'f Check>>>;

/// Whole tubes that a laboratory must have counted: those that were there for certain, and those of which a word came only
/// after the count, so that nobody knows whether they were counted.
#[derive(Clone, Copy, Default)]
struct Expected {
    certain: i64,
    perhaps: i64,
}

/// Everything that was said, by box and by tube.
struct Told<'f> {
    facts: &'f Facts,
    boxes: BTreeMap<&'f str, Said<'f>>,
    words: Words<'f>,
    /// Boxes in which each tube was packed, and when first.
    packed: BTreeMap<i64, BTreeMap<&'f str, Instant>>,
    /// The box that each tube belongs to.
    homes: BTreeMap<i64, &'f str>,
    /// Whole tubes that must have been counted when a box was opened.
    expected: BTreeMap<&'f str, Expected>,
}

/// Where tubes and boxes stand. The facts must be complete for every box in them: all that was said of the box, of every tube
/// packed or named in it, and of every other box of these tubes.
pub fn settle(facts: &Facts) -> Custody {
    let words = words_of(facts);
    let boxes = said_of_boxes(facts);
    let homes = homes(facts, &words);
    let mut packed: BTreeMap<i64, BTreeMap<&str, Instant>> = BTreeMap::new();
    for packing in &facts.packings {
        let at = packed.entry(packing.tube).or_default().entry(&packing.code).or_insert(packing.at);
        *at = packing.at.min(*at);
    }
    let expected = expected(&homes, &words, &boxes);
    let told = Told { facts, boxes, words, packed, homes, expected };
    let mut custody = Custody::default();
    let mut by_box: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (no, tube) in &facts.tubes {
        let Some(home) = told.homes.get(no) else { continue };
        let Some(said) = told.boxes.get(home) else { continue };
        by_box.entry(home).or_default().push(*no);
        custody.tubes.insert(*no, told.stand_of(*no, tube, home, said));
    }
    for (code, said) in &told.boxes {
        let tubes = by_box.get(code).map(Vec::as_slice).unwrap_or_default();
        if let Some(stand) = told.box_stand(code, said, tubes, &custody) {
            told.doubts_of(code, said, &stand, &mut custody.doubts);
            custody.boxes.insert((*code).to_owned(), stand);
        }
    }
    told.tube_doubts(&mut custody);
    custody.doubts.sort_by(|a, b| (&a.code, a.kind, a.tube).cmp(&(&b.code, b.kind, b.tube)));
    custody.doubts.dedup_by(|a, b| (&a.code, a.kind, a.tube) == (&b.code, b.kind, b.tube));
    custody
}

fn said_of_boxes(facts: &Facts) -> BTreeMap<&str, Said<'_>> {
    let mut boxes: BTreeMap<&str, Said<'_>> = BTreeMap::new();
    for packing in &facts.packings {
        boxes.entry(&packing.code).or_default().packed.push(packing);
    }
    for check in &facts.checks {
        boxes.entry(&check.code).or_default().checks += 1;
    }
    // what was said of the same moment is in one order, whatever order it came in
    let mut moves: Vec<&Move> = facts.moves.iter().collect();
    moves.sort_by_key(|said| (said.at, said.step, said.counted, &said.laboratory, &said.run, &said.by));
    for said in moves {
        let of = boxes.entry(&said.code).or_default();
        of.moves += 1;
        match said.step {
            BoxStep::Sent => of.sent.push(said),
            BoxStep::Lost => of.lost = of.lost.or(Some(said)),
            BoxStep::Received => of.received.push(said),
            BoxStep::Recounted => {}
        }
        if matches!(said.step, BoxStep::Received | BoxStep::Recounted) {
            of.counted = Some(said);
        }
    }
    boxes
}

fn words_of(facts: &Facts) -> Words<'_> {
    let mut words: Words<'_> = BTreeMap::new();
    for check in &facts.checks {
        words.entry(check.tube).or_default().entry(check.code.as_str()).or_default().push(check);
    }
    for said in words.values_mut().flat_map(BTreeMap::values_mut) {
        said.sort_by_key(|check| (check.at, check.word, &check.laboratory));
    }
    words
}

/// The last word of each box on a tube.
fn last_of<'w, 'f>(
    said: Option<&'w BTreeMap<&'f str, Vec<&'f Check>>>,
) -> impl Iterator<Item = &'f Check> + use<'w, 'f> {
    said.into_iter().flat_map(BTreeMap::values).filter_map(|words| words.last().copied())
}

/// The box that each tube belongs to: where it was packed last; if it was packed nowhere, the box in which it was named first.
fn homes<'f>(facts: &'f Facts, words: &Words<'f>) -> BTreeMap<i64, &'f str> {
    let mut packed: BTreeMap<i64, &Packing> = BTreeMap::new();
    for packing in &facts.packings {
        let last = packed.entry(packing.tube).or_insert(packing);
        if (packing.at, &packing.code) > (last.at, &last.code) {
            *last = packing;
        }
    }
    let mut homes: BTreeMap<i64, &str> = packed.into_iter().map(|(no, last)| (no, last.code.as_str())).collect();
    for (no, by_box) in words {
        let first = by_box.values().flatten().min_by_key(|check| (check.at, &check.code));
        if let Some(first) = first {
            homes.entry(*no).or_insert(&first.code);
        }
    }
    homes
}

/// Whether a box says of a tube that it is there, whole or broken.
fn seen_in(word: TubeWord) -> bool {
    matches!(word, TubeWord::Found | TubeWord::Broken)
}

/// What each laboratory must have counted: the tubes of the box, without those named as missing or broken by then and those
/// seen in another box, and those found in it by then that belong to another.
fn expected<'f>(
    homes: &BTreeMap<i64, &'f str>,
    words: &Words<'f>,
    boxes: &BTreeMap<&'f str, Said<'f>>,
) -> BTreeMap<&'f str, Expected> {
    let mut expected: BTreeMap<&str, Expected> = BTreeMap::new();
    for (no, home) in homes {
        let said = words.get(no);
        let elsewhere = last_of(said).any(|check| check.code != **home && seen_in(check.word));
        if !said.is_some_and(|said| said.contains_key(home)) && !elsewhere {
            expected.entry(home).or_default().certain += 1;
        }
        for (code, words) in said.into_iter().flatten() {
            let counted_at = boxes.get(code).and_then(|said| said.counted).map(|last| last.at);
            let by_then = words.iter().rfind(|check| counted_at.is_none_or(|at| check.at <= at));
            let of = expected.entry(code).or_default();
            match by_then {
                Some(check) => of.certain += i64::from(check.word == TubeWord::Found),
                None => of.perhaps += 1,
            }
        }
    }
    expected
}

impl<'f> Told<'f> {
    fn expected_in(&self, code: &str) -> Expected {
        self.expected.get(code).copied().unwrap_or_default()
    }

    /// Whether what the laboratory counted is what must have been there.
    fn agrees(&self, code: &str, said: &Said<'_>) -> bool {
        let Expected { certain, perhaps } = self.expected_in(code);
        said.counted.and_then(|last| last.counted).is_some_and(|n| (certain..=certain + perhaps).contains(&n))
    }

    fn stand_of(&self, no: i64, tube: &Tube, home: &str, said: &Said<'_>) -> TubeStand {
        let words = self.words.get(&no);
        let first_of = |word| last_of(words).filter(|check| check.word == word).min_by_key(|check| check.at);
        let (found, broken) = (first_of(TubeWord::Found), first_of(TubeWord::Broken));
        let here = words.and_then(|words| words.get(home)).and_then(|words| words.last());
        let missed = here.filter(|check| check.word == TubeWord::Missing).map(|check| check.at);
        let lost = said.lost.filter(|_| said.counted.is_none()).map(|lost| lost.at);
        let counted = said.received_at().filter(|_| missed.is_none() && self.agrees(home, said));
        let packed_at = self.packed.get(&no).and_then(|boxes| boxes.get(home)).copied();
        // seen by name: counted in, found, or reported on
        let seen = [tube.received_at, found.map(|check| check.at), tube.resulted_at].into_iter().flatten().min();
        let arrived = seen.into_iter().chain(counted).min();
        let (state, at) = match (broken, arrived, missed.or(lost), said.sent_at(), said.received_at()) {
            (Some(check), ..) if tube.resulted_at.is_none() => (TubeState::Broken, check.at),
            (_, Some(at), ..) => (TubeState::Received, at),
            (_, _, Some(at), ..) => (TubeState::Missing, at),
            (_, _, _, Some(at), _) => (TubeState::Underway, at),
            // received without having been sent, and the count does not agree: on its way for all that is known
            (.., Some(at)) => (TubeState::Underway, at),
            _ => (TubeState::Packed, packed_at.unwrap_or(tube.collected_at)),
        };
        let seen_by = found.or(broken).filter(|_| seen_in_hand(state)).map(|check| check.laboratory.as_str());
        TubeStand {
            code: home.to_owned(),
            state,
            at,
            laboratory: seen_by.or(said.laboratory()).map(str::to_owned),
            sent_at: said.sent_at(),
            received_at: (state == TubeState::Received).then_some(at),
        }
    }

    fn box_stand(&self, code: &str, said: &Said<'_>, numbers: &[i64], custody: &Custody) -> Option<BoxStand> {
        let mut tubes = [0; TubeState::ALL.len()];
        let (mut oldest, mut site): (Option<Instant>, Option<&String>) = (None, None);
        let told = said.sent.first().or(said.received.first()).copied().or(said.counted).or(said.lost);
        let mut division = told.map(|said| said.division.clone());
        for no in numbers {
            let (Some(stand), Some(tube)) = (custody.tubes.get(no), self.facts.tubes.get(no)) else { continue };
            tubes[stand.state as usize] += 1;
            site = site.into_iter().chain(&tube.site).min();
            division.get_or_insert_with(|| tube.division.clone());
            if matches!(stand.state, TubeState::Packed | TubeState::Underway) {
                oldest = Some(oldest.map_or(tube.collected_at, |at| at.min(tube.collected_at)));
            }
        }
        // a box in which only stray tubes were seen, or whose tubes are in another one by now, is of the division of a tube
        let division = division.or_else(|| {
            let stray = self.facts.checks.iter().filter(|check| check.code == code).map(|check| check.tube);
            let no = stray.chain(said.packed.iter().map(|packing| packing.tube)).min()?;
            self.facts.tubes.get(&no).map(|tube| tube.division.clone())
        })?;
        let lost = tubes[TubeState::Missing as usize] + tubes[TubeState::Broken as usize];
        let open = tubes[TubeState::Packed as usize] + tubes[TubeState::Underway as usize];
        let all: i64 = tubes.iter().sum();
        let state = match (said.counted, said.lost) {
            (Some(_), _) if self.agrees(code, said) && lost == 0 => BoxState::Received,
            (Some(_), _) => BoxState::Differs,
            (None, Some(_)) => BoxState::Lost,
            // every tube of it was counted in by name or has a result: the box needs no word of its own
            (None, None) if all > 0 && open == 0 && lost == 0 => BoxState::Received,
            (None, None) if all > 0 && open == 0 => BoxState::Differs,
            (None, None) if said.sent.is_empty() => BoxState::Packed,
            (None, None) => BoxState::Underway,
        };
        Some(BoxStand {
            division,
            site: site.cloned(),
            state,
            laboratory: said.laboratory().map(str::to_owned),
            run: said.sent.iter().chain(&said.received).find_map(|said| said.run.clone()),
            packed_at: said.packed.iter().map(|packing| packing.at).min(),
            sent_at: said.sent_at(),
            received_at: said.received_at(),
            counted_sent: said.sent.first().and_then(|said| said.counted),
            counted_received: said.counted.and_then(|said| said.counted),
            tubes,
            oldest,
            facts: said.packed.len() as i64 + said.moves + said.checks,
        })
    }

    /// What is to be cleared up of a box as a whole.
    fn doubts_of(&self, code: &str, said: &Said<'_>, stand: &BoxStand, doubts: &mut Vec<Doubt>) {
        let mut doubt = |kind, since, text| {
            doubts.push(Doubt { kind, code: code.to_owned(), tube: None, since, text });
        };
        if let (Some(last), Some(at)) = (said.counted, said.received_at()) {
            if !self.agrees(code, said) {
                let expected = self.expected_in(code).certain;
                let counted = number(last.counted);
                let text = format!(
                    "box {code} at {}: {counted} counted, {expected} expected by name: name the tubes that are missing, broken \
                 or too many, or count again",
                    last.laboratory
                );
                doubt(DoubtKind::Count, at, text);
            }
            if said.sent.is_empty() {
                let text = format!(
                    "box {code} reached {} and nobody has sent it: ask who packed and carried it",
                    last.laboratory
                );
                doubt(DoubtKind::Unsent, at, text);
            }
            if let Some(sent) = said.sent.last().filter(|sent| sent.laboratory != last.laboratory) {
                let text = format!(
                    "box {code} was sent to {} and is at {}: tell both who reports its tubes",
                    sent.laboratory, last.laboratory
                );
                doubt(DoubtKind::Laboratory, at, text);
            }
        }
        if let Some(sent) = said.sent.first() {
            let packed: BTreeSet<i64> = said.packed.iter().map(|packing| packing.tube).collect();
            let moved = packed.iter().filter(|no| self.homes.get(no).is_some_and(|home| *home != code)).count();
            let packed = (packed.len() - moved) as i64;
            if sent.counted.is_some_and(|counted| counted != packed) || sent.counted.is_none() && packed == 0 {
                let text = format!(
                    "box {code} of run {}: {} counted when it left, {packed} packed by name: name the tubes in it",
                    sent.run.as_deref().unwrap_or("without a number"),
                    number(sent.counted)
                );
                doubt(DoubtKind::SentCount, sent.at, text);
            }
        }
        for (list, what) in [(&said.sent, "sent"), (&said.received, "received")] {
            if let [first, second, ..] = list.as_slice() {
                let text = format!(
                    "box {code} was {what} twice: {} counted by {} for {}, and {} by {} for {}: one code is one box",
                    number(first.counted),
                    first.by,
                    first.laboratory,
                    number(second.counted),
                    second.by,
                    second.laboratory
                );
                doubt(DoubtKind::Twice, second.at, text);
            }
        }
        if let (Some(lost), BoxState::Lost) = (said.lost, stand.state) {
            let text = format!(
                "box {code} of run {} is lost on the way to {}: look for it; its {} tubes are to be taken again",
                said.sent.first().and_then(|sent| sent.run.as_deref()).unwrap_or("without a number"),
                lost.laboratory,
                stand.all()
            );
            doubt(DoubtKind::Lost, lost.at, text);
        }
    }

    /// What is to be cleared up of single tubes.
    fn tube_doubts(&self, custody: &mut Custody) {
        let packed = &self.packed;
        for (no, stand) in &custody.tubes {
            let (Some(tube), Some(home)) = (self.facts.tubes.get(no), self.homes.get(no)) else { continue };
            let doubts = &mut custody.doubts;
            let mut doubt = |kind, code: &str, since, text| {
                doubts.push(Doubt { kind, code: code.to_owned(), tube: Some(*no), since, text });
            };
            for check in last_of(self.words.get(no)) {
                let here = packed.get(no).is_some_and(|boxes| boxes.contains_key(check.code.as_str()));
                if !here && seen_in(check.word) {
                    let known =
                        if packed.contains_key(no) { format!("packed in box {home}") } else { "packed in none".into() };
                    let text = format!("tube {} turned up in box {}, {known}: ask the site", tube.name, check.code);
                    doubt(DoubtKind::Elsewhere, &check.code, check.at, text);
                }
            }
            if let Some(boxes) = packed.get(no).filter(|boxes| boxes.len() > 1)
                && !seen_in_hand(stand.state)
            {
                let names: Vec<&str> = boxes.keys().copied().collect();
                let since = boxes.values().copied().max().unwrap_or(stand.at);
                let text =
                    format!("tube {} was packed in boxes {}: see which one it is in", tube.name, names.join(" and "));
                doubt(DoubtKind::TwoBoxes, home, since, text);
            }
            if tube.members == 0 && stand.state != TubeState::Packed {
                let text =
                    format!("tube {} in box {home} has nobody in it: ask the site whose swabs it holds", tube.name);
                doubt(DoubtKind::Empty, home, stand.sent_at.unwrap_or(stand.at), text);
            }
        }
    }
}

fn seen_in_hand(state: TubeState) -> bool {
    matches!(state, TubeState::Received | TubeState::Broken)
}

fn number(n: Option<i64>) -> String {
    n.map_or_else(|| "nobody".to_owned(), |n| n.to_string())
}
