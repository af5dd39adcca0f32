//! The day on one screen of a terminal, as a command post reads it: what was found, moved, traced, held and cared for,
//! what is still open and with whom, and whether the books balance. Pure text, aligned for Chinese too. It guarantees at
//! most [`LINES_MAX`] lines: owners beyond the first are summed in one line, never dropped.

use crate::{
    figures::{by_worklist, community_share},
    lang::Lang,
    page::{city, made_up},
    sections::unit_name,
    table::{cut, pad, plain, text_table, width},
    words::{Arg, Words},
};
use dayclear_core::{
    books::{OpenItem, Owner, Party, Worklist},
    bulletin::{Bulletin, Flow},
    time::Instant,
};
use std::collections::BTreeMap;

/// Lines of a summary at most.
pub const LINES_MAX: usize = 40;
/// Owners that get a line of their own; the rest are summed.
const OWNERS_MAX: usize = 12;
/// Columns for the name of an owner.
const OWNER_COLUMNS: usize = 34;

/// The summary of a day. Ages and deadlines are measured at the bulletin's cut-off; without one they are not known.
pub fn day_summary(bulletin: &Bulletin, open: &[OpenItem], lang: Lang) -> String {
    let words = Words::of(lang);
    let mut out = head(bulletin, words);
    out.push_str(&stations(bulletin, words));
    out.push('\n');
    out.push_str(&owners(bulletin, open, words));
    out.push('\n');
    out.push_str(&proof(bulletin, words));
    out
}

fn head(bulletin: &Bulletin, words: &Words) -> String {
    let lang = words.lang();
    let mut title = format!("{} · {}", plain(city(bulletin, lang)), lang.date(bulletin.date));
    if let Some(at) = bulletin.cutoff {
        let time = lang.moment(at, bulletin.zone.as_deref());
        title = format!("{title} · {}", words.get("summary-cutoff", &[("time", time.into())]));
    }
    let notice = match made_up(bulletin) {
        true => format!("{}{}{}\n", words.say("notice"), words.say("sentence-gap"), words.say("note-made-up")),
        false => String::new(),
    };
    format!("{title}\n{}\n{notice}", "─".repeat(width(&title).min(100)))
}

/// Sentences under the name of their station.
fn block(words: &Words, lines: &[(&str, Vec<String>)]) -> String {
    let names: Vec<String> = lines.iter().map(|(key, _)| words.say(key)).collect();
    let columns = names.iter().map(|name| width(name)).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for (name, (_, sentences)) in names.iter().zip(lines) {
        for (at, sentence) in sentences.iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            out.push_str(&format!("{}{sentence}\n", pad(name, columns, false)));
        }
    }
    out
}

fn stations(bulletin: &Bulletin, words: &Words) -> String {
    let lang = words.lang();
    let told = |value: Option<u64>| Arg::from(words.count(value));
    let mut found = vec![words.get(
        "summary-new",
        &[
            ("confirmed", told(bulletin.confirmed)),
            ("asymptomatic", told(bulletin.asymptomatic)),
            ("converted", told(bulletin.converted)),
            ("awaiting", told(bulletin.awaiting)),
        ],
    )];
    found.push(match community_share(bulletin) {
        Some((part, whole)) => words.get(
            "summary-community",
            &[
                ("count", part.into()),
                ("whole", whole.into()),
                ("share", lang.percent(part, whole).unwrap_or_default().into()),
            ],
        ),
        None => words.get("summary-community-alone", &[("count", told(bulletin.community))]),
    });
    block(
        words,
        &[
            ("summary-found", found),
            ("summary-moved", vec![flow(words, "moved", bulletin.moved), beds(bulletin, words)]),
            ("summary-placed", vec![flow(words, "placed", bulletin.placed)]),
            ("summary-held", vec![flow(words, "areas", bulletin.areas), flow(words, "orders", bulletin.orders)]),
            ("summary-cared", vec![care(bulletin, words), flow(words, "requests", bulletin.requests)]),
            ("summary-tests", tests(bulletin, words)),
        ],
    )
}

fn care(bulletin: &Bulletin, words: &Words) -> String {
    let parts = [
        ("in_care", bulletin.in_care),
        ("severe", bulletin.severe),
        ("critical", bulletin.critical),
        ("recovered", bulletin.recovered),
        ("died", bulletin.died),
    ];
    if parts.iter().all(|(_, value)| value.is_none()) {
        return unknown(words, "care-title");
    }
    words.get("summary-care", &parts.map(|(name, value)| (name, words.count(value).into())))
}

fn tests(bulletin: &Bulletin, words: &Words) -> Vec<String> {
    let parts = [
        ("tubes", bulletin.tubes),
        ("people", bulletin.sampled),
        ("resulted", bulletin.resulted),
        ("positive", bulletin.positive_tubes),
    ];
    let rest = [bulletin.turnaround_min, bulletin.corrections];
    if parts.iter().map(|(_, value)| value).chain(&rest).all(Option::is_none) {
        return vec![unknown(words, "tests-title")];
    }
    let time = bulletin.turnaround_min.map_or_else(|| words.say("not-known"), |minutes| words.lang().duration(minutes));
    let corrections = words.count(bulletin.corrections);
    vec![
        words.get("summary-tubes", &parts.map(|(name, value)| (name, words.count(value).into()))),
        words.get("summary-turnaround", &[("time", time.into()), ("corrections", corrections.into())]),
    ]
}

fn flow(words: &Words, name: &str, flow: Option<Flow>) -> String {
    let Some(flow) = flow else { return unknown(words, &format!("flow-{name}")) };
    words.get(
        &format!("summary-flow-{name}"),
        &[
            ("begun", flow.begun.into()),
            ("ended", flow.ended.into()),
            ("open", flow.open.into()),
            ("overdue", flow.overdue.into()),
        ],
    )
}

/// Something of which nothing at all is known, in one short sentence.
fn unknown(words: &Words, key: &str) -> String {
    words.get("summary-unknown", &[("name", words.say(key).into())])
}

fn beds(bulletin: &Bulletin, words: &Words) -> String {
    if bulletin.beds.is_empty() {
        return unknown(words, "beds-title");
    }
    let sum = |field: fn(&dayclear_core::bulletin::BedLine) -> u64| bulletin.beds.iter().map(field).sum::<u64>();
    let (total, occupied) = (sum(|line| line.total), sum(|line| line.occupied));
    words.get(
        "summary-beds",
        &[
            ("total", total.into()),
            ("occupied", occupied.into()),
            ("share", words.lang().percent(occupied, total).unwrap_or_else(|| "–".to_owned()).into()),
            ("held", sum(|line| line.held).into()),
            ("free", sum(|line| line.free).into()),
        ],
    )
}

/// What one owner has open.
#[derive(Default)]
struct Load {
    count: u64,
    overdue: u64,
    oldest: Option<Instant>,
    kinds: BTreeMap<Worklist, u64>,
}

impl Load {
    fn add(&mut self, item: &OpenItem, cutoff: Option<Instant>) {
        self.count += 1;
        self.overdue += u64::from(cutoff.zip(item.due_at).is_some_and(|(now, due)| due < now));
        self.oldest = Some(self.oldest.map_or(item.opened_at, |oldest| oldest.min(item.opened_at)));
        *self.kinds.entry(item.worklist).or_default() += 1;
    }
    fn merge(&mut self, other: &Load) {
        self.count += other.count;
        self.overdue += other.overdue;
        self.oldest = [self.oldest, other.oldest].into_iter().flatten().min();
        for (kind, count) in &other.kinds {
            *self.kinds.entry(*kind).or_default() += count;
        }
    }
    /// The worklist with the most of it; the earlier station where two have the same.
    fn mostly(&self) -> Option<Worklist> {
        self.kinds.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))).map(|(kind, _)| *kind)
    }
}

fn owners(bulletin: &Bulletin, open: &[OpenItem], words: &Words) -> String {
    let mut loads: BTreeMap<&Owner, Load> = BTreeMap::new();
    for item in open {
        loads.entry(&item.owner).or_default().add(item, bulletin.cutoff);
    }
    if open.is_empty() && bulletin.books.is_empty() {
        return format!("{}\n", words.say("summary-open-unknown"));
    }
    let title = words.get("summary-open-title", &[("count", open.len().into())]);
    if loads.is_empty() {
        return format!("{title}\n");
    }
    let mut sorted: Vec<(&Owner, Load)> = loads.into_iter().collect();
    // Most overdue first, then most open; equal ones in the order of their names.
    sorted.sort_by(|a, b| (b.1.overdue, b.1.count).cmp(&(a.1.overdue, a.1.count)).then_with(|| a.0.cmp(b.0)));
    let rest = if sorted.len() > OWNERS_MAX { sorted.split_off(OWNERS_MAX - 1) } else { Vec::new() };
    let mut rows: Vec<Vec<String>> = sorted
        .iter()
        .map(|(owner, load)| row(cut(&owner_name(owner, bulletin, words), OWNER_COLUMNS), load, bulletin.cutoff, words))
        .collect();
    if !rest.is_empty() {
        let mut sum = Load::default();
        rest.iter().for_each(|(_, load)| sum.merge(load));
        let name = words.get("summary-other-owners", &[("count", rest.len().into())]);
        rows.push(row(name, &sum, bulletin.cutoff, words));
    }
    let headers = [
        "summary-column-owner",
        "summary-column-count",
        "summary-column-overdue",
        "summary-column-oldest",
        "summary-column-work",
    ]
    .map(|key| words.say(key));
    format!("{title}\n{}", text_table(&headers, &rows))
}

fn row(name: String, load: &Load, cutoff: Option<Instant>, words: &Words) -> Vec<String> {
    let lang = words.lang();
    let oldest = cutoff.zip(load.oldest).map(|(now, since)| u64::try_from(now.minutes_since(since)).unwrap_or(0));
    vec![
        name,
        lang.number(load.count),
        words.count(cutoff.map(|_| load.overdue)),
        // Beyond two hours the minutes only disturb.
        oldest.map_or_else(
            || words.say("not-known"),
            |minutes| lang.duration(if minutes >= 120 { minutes / 60 * 60 } else { minutes }),
        ),
        load.mostly().map(|kind| words.term(kind)).unwrap_or_default(),
    ]
}

/// The party and its name; a division by the name that the bulletin has for its code.
fn owner_name(owner: &Owner, bulletin: &Bulletin, words: &Words) -> String {
    let unit = match owner.party {
        Party::Division => bulletin.units.iter().find(|unit| unit.code.as_str() == owner.name),
        _ => None,
    };
    let name = unit.map_or_else(|| plain(&owner.name), |unit| plain(&unit_name(unit, words)));
    words.get("summary-owner", &[("party", words.term(owner.party).into()), ("name", name.into())])
}

fn proof(bulletin: &Bulletin, words: &Words) -> String {
    let lines = by_worklist(&bulletin.books);
    let separator = words.say("list-separator");
    let off: Vec<String> = lines.iter().filter(|line| !line.balances).map(|line| words.term(line.worklist)).collect();
    let books = match (lines.len(), off.is_empty()) {
        (0, _) => words.say("not-known"),
        (count, true) => words.get("summary-books-balance", &[("count", count.into())]),
        (_, false) => words.get("summary-books-differ", &[("list", off.join(&separator).into())]),
    };
    let count = |state: Option<bool>| bulletin.checks.iter().filter(|check| check.holds() == state).count();
    let mut checks = vec![words.get(
        "summary-checks-line",
        &[("agree", count(Some(true)).into()), ("differ", count(Some(false)).into()), ("unknown", count(None).into())],
    )];
    let differ: Vec<String> = bulletin
        .checks
        .iter()
        .filter(|check| check.holds() == Some(false))
        .map(|check| plain(&words.given("check", &check.name)))
        .collect();
    if !differ.is_empty() {
        checks.push(words.get("summary-checks-differ", &[("list", differ.join(&separator).into())]));
    }
    block(words, &[("summary-books", vec![books]), ("summary-checks", checks)])
}
