//! Chain of custody: where every tube, box and courier run stands after what was said of them, and what follows. A tube that is
//! missing or broken is waited for by nobody any more, and each of its people is asked for another swab, by name; when it is
//! found, both are undone. It may use the store and core's rule; it guarantees that what it does depends on the facts and not
//! on the order in which they came, and that nothing is dropped: what does not agree is an item with names.

use crate::{
    OpsError,
    minutes::{Close, Focus, Minutes, by_division, by_site},
};
use dayclear_core::{
    books::{Movement, Worklist},
    custody::{BoxState, Custody, Doubt, DoubtKind, Facts, Tube, TubeStand, TubeState, settle, soon},
    time::Instant,
};
use dayclear_store::{
    Scoped,
    coverage::Touched,
    custody::{Items, Lost, Shipment},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Boxes looked at together.
const BOXES_AT_ONCE: usize = 200;
/// Why nobody is asked for another swab any more.
const FOUND: &str = "the tube was found: its result is waited for";
/// How an item ends whose doubt is gone.
const CLEARED: &str = "cleared up";
/// How often a tube is waited for at most: once, and again each time it was found.
const TIMES_MAX: usize = 9;

/// What the chain of custody has done.
#[derive(Default)]
pub(crate) struct Carried {
    /// Bar codes of the tubes that it has posted to the books itself, because they are lost or were.
    pub posted: BTreeSet<String>,
    /// Numbers of the tubes that stand elsewhere than before.
    pub moved: BTreeSet<i64>,
}

/// Looks at boxes: at all whose way has not ended, or at those that a focus has to do with.
pub(crate) async fn run(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    focus: Option<&Focus>,
) -> Result<Carried, OpsError> {
    let boxes: Vec<String> = match focus {
        None => tx.boxes_to_settle().await?,
        Some(focus) => {
            let mut tubes: BTreeSet<i64> = focus.tubes.iter().copied().collect();
            // somebody in a lost tube may just have been sampled again
            tubes.extend(tx.lost_beside(&focus.tubes).await?);
            let mut boxes = tx.boxes_of_tubes(&tubes.into_iter().collect::<Vec<_>>()).await?;
            boxes.extend(focus.boxes.iter().cloned());
            boxes.into_iter().collect()
        }
    };
    let mut carried = Carried::default();
    for some in boxes.chunks(BOXES_AT_ONCE) {
        let facts = all_of(tx, minutes.day.end, some).await?;
        let custody = settle(&facts);
        let turned = keep(tx, minutes, &facts, &custody, &mut carried.moved).await?;
        carried.posted.extend(post_tubes(tx, minutes, &facts, &custody).await?);
        post_doubts(tx, minutes, &facts, &custody).await?;
        ask_again(tx, minutes, &facts, &custody, &turned).await?;
    }
    Ok(carried)
}

/// Everything that has to do with boxes: what was said of them, of their tubes, and of other boxes of these tubes.
async fn all_of(tx: &mut Scoped, now: Instant, boxes: &[String]) -> Result<Facts, OpsError> {
    let mut boxes: BTreeSet<String> = boxes.iter().cloned().collect();
    let mut fresh = boxes.clone();
    let mut tubes: BTreeSet<i64> = BTreeSet::new();
    while !fresh.is_empty() {
        let names: Vec<&str> = fresh.iter().map(String::as_str).collect();
        let mut new = tx.tubes_of_boxes(&names).await?;
        new.retain(|no| tubes.insert(*no));
        fresh = tx.boxes_of_tubes(&new.into_iter().collect::<Vec<_>>()).await?;
        fresh.retain(|code| boxes.insert(code.clone()));
    }
    let names: Vec<&str> = boxes.iter().map(String::as_str).collect();
    Ok(tx.custody_facts(now, &names, &tubes.into_iter().collect::<Vec<_>>()).await?)
}

/// Keeps where tubes and boxes stand. Numbers of the tubes that are lost since, or found.
async fn keep(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    facts: &Facts,
    custody: &Custody,
    moved: &mut BTreeSet<i64>,
) -> Result<BTreeSet<i64>, OpsError> {
    let numbers: Vec<i64> = custody.tubes.keys().copied().collect();
    let before = tx.custody_of(&numbers).await?;
    let mut rows = Vec::new();
    let mut turned = BTreeSet::new();
    for (no, stand) in &custody.tubes {
        let (Some(tube), was) = (facts.tubes.get(no), before.get(no)) else { continue };
        if was == Some(stand) {
            continue;
        }
        rows.push((*no, &tube.division, stand));
        moved.insert(*no);
        let lost_before = was.is_some_and(|was| was.state.lost());
        if lost_before != stand.state.lost() {
            turned.insert(*no);
            let kind = if stand.state.lost() { "tube.lost" } else { "tube.found" };
            let body = json!({"box": stand.code, "state": stand.state, "laboratory": stand.laboratory});
            minutes.event(
                stand.at,
                kind,
                &tube.name,
                &tube.division,
                &body,
                stand.state.lost().then_some("clarify"),
            )?;
        }
    }
    tx.put_custody(&rows).await?;
    tx.note_coverage(Touched::Tubes, &mut turned.iter().copied().collect()).await?;
    let codes: Vec<&str> = custody.boxes.keys().map(String::as_str).collect();
    let known = tx.shipments_of(&codes).await?;
    let mut shipments = Vec::new();
    for (code, stand) in &custody.boxes {
        // a box that nobody is waiting for any more is late for nobody
        let open = matches!(stand.state, BoxState::Packed | BoxState::Underway | BoxState::Differs);
        let oldest = stand.oldest.filter(|_| open);
        let due_at = oldest.and_then(|since| minutes.day.due(Worklist::Deliver, since));
        let soon_at = oldest.zip(due_at).map(|(since, due)| soon(since, due));
        if known.get(code).is_none_or(|(facts, state, _)| *facts != stand.facts || *state != stand.state.name()) {
            let body = json!({
                "state": stand.state, "run": stand.run, "laboratory": stand.laboratory, "tubes": stand.all(),
                "received": stand.of(TubeState::Received), "missing": stand.of(TubeState::Missing),
                "broken": stand.of(TubeState::Broken),
            });
            let at = stand.received_at.or(stand.sent_at).or(stand.packed_at).unwrap_or(minutes.day.end);
            minutes.event(at, "box.stands", code, &stand.division, &body, None)?;
        }
        shipments.push(Shipment { code: code.clone(), stand: stand.clone(), soon_at, due_at });
    }
    tx.put_shipments(&shipments).await?;
    Ok(turned)
}

/// The subjects under which a tube is waited for: its bar code, and one more each time it was found again.
fn subjects(tube: &str) -> impl Iterator<Item = String> + '_ {
    let again = move |n: usize| if n == 1 { tube.to_owned() } else { format!("{tube}/{n}") };
    (1..=TIMES_MAX).map(again)
}

/// How the items of a tube in one worklist stand: the one that is open, or the next that there could be.
struct Waiting {
    open: Option<(String, Instant)>,
    free: Option<String>,
    /// Whether any was there, and whether the last one was cancelled.
    known: bool,
    cancelled: bool,
    /// Whether the last one ended because its cause was gone, and by nobody's decision.
    undone: bool,
}

fn waiting(items: &Items, worklist: Worklist, tube: &str) -> Waiting {
    let mut waiting = Waiting { open: None, free: None, known: false, cancelled: false, undone: false };
    for subject in subjects(tube) {
        match items.get(&(worklist, subject.clone())) {
            None => {
                waiting.free = Some(subject);
                break;
            }
            Some(item) => {
                (waiting.known, waiting.cancelled) = (true, item.outcome == Some(Movement::Cancelled));
                waiting.undone = item.reason == FOUND || item.reason.starts_with(CLEARED);
                waiting.open = item.outcome.is_none().then_some((subject, item.opened_at));
            }
        }
    }
    waiting
}

/// Items under subjects and what follows them: a thing that ended and began again stands under its name and a number.
async fn series(tx: &mut Scoped, worklists: &[Worklist], names: &[String]) -> Result<Items, OpsError> {
    const FIRST: usize = 2;
    let first: Vec<String> = names.iter().flat_map(|name| subjects(name).take(FIRST)).collect();
    let mut items = tx.items_under(worklists, &first).await?;
    // few things begin a third time
    let rest: Vec<String> = items
        .keys()
        .filter_map(|(_, subject)| subject.strip_suffix("/2"))
        .flat_map(|name| subjects(name).skip(FIRST))
        .collect();
    items.extend(tx.items_under(worklists, &rest).await?);
    Ok(items)
}

/// Posts tubes that are lost or were: a lost one is waited for by nobody, a found one is waited for anew. What one worklist
/// completes the next one receives, as for every tube.
async fn post_tubes(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    facts: &Facts,
    custody: &Custody,
) -> Result<BTreeSet<String>, OpsError> {
    let boxes: Vec<&str> = custody.boxes.keys().map(String::as_str).collect();
    let once = tx.once_lost(&boxes).await?;
    let concerned = |no: &i64, stand: &TubeStand| stand.state.lost() || once.contains(no);
    let tubes = custody.tubes.iter().filter(|(no, stand)| concerned(no, stand));
    let names: Vec<String> = tubes.filter_map(|(no, _)| facts.tubes.get(no)).map(|tube| tube.name.clone()).collect();
    let items = series(tx, &[Worklist::Deliver, Worklist::Test], &names).await?;
    let mut posted = BTreeSet::new();
    for (no, stand) in custody.tubes.iter().filter(|(no, stand)| concerned(no, stand)) {
        let Some(tube) = facts.tubes.get(no) else { continue };
        let deliver = waiting(&items, Worklist::Deliver, &tube.name);
        let test = waiting(&items, Worklist::Test, &tube.name);
        if stand.state.lost() {
            lose(minutes, tube, stand, &deliver, &test);
        } else if deliver.cancelled
            || test.cancelled
            || deliver.open.as_ref().or(test.open.as_ref()).is_some_and(|(open, _)| *open != tube.name)
        {
            find(minutes, tube, stand, deliver, test);
        } else {
            continue;
        }
        posted.insert(tube.name.clone());
    }
    Ok(posted)
}

fn lose(minutes: &mut Minutes<'_>, tube: &Tube, stand: &TubeStand, deliver: &Waiting, test: &Waiting) {
    let reason = format!("{} from box {}: each of its people is sampled again", stand.state, stand.code);
    let site = by_site(tube.site.as_deref().unwrap_or(tube.division.as_str()));
    let owner = stand.laboratory.clone().map_or_else(|| site.clone(), by_site);
    let arrived = tube.received_at;
    // what it is waited for under, and whether it had arrived before the laboratory lost or broke it
    let named = (tube.name.clone(), tube.collected_at);
    let first = deliver.open.clone().or((!deliver.known).then_some(named));
    let fresh = arrived.filter(|_| !test.known && first.is_some());
    if let Some((subject, since)) = first {
        let item = minutes.waits(Worklist::Deliver, subject, &tube.division, site, since, reason.as_str());
        match fresh {
            Some(at) => item.done(at, "counted in by the laboratory"),
            None => item.cancelled(stand.at, reason.as_str()),
        };
    }
    if let Some((subject, since)) = test.open.clone().or(fresh.map(|at| (tube.name.clone(), at))) {
        let item = minutes.waits(Worklist::Test, subject, &tube.division, owner, since, reason.as_str());
        item.cancelled(stand.at, reason.as_str());
    }
}

/// Waits for a tube anew: on its way again, arrived, or with its result.
fn find(minutes: &mut Minutes<'_>, tube: &Tube, stand: &TubeStand, deliver: Waiting, test: Waiting) {
    let site = by_site(tube.site.as_deref().unwrap_or(tube.division.as_str()));
    let laboratory = stand.laboratory.clone().map_or_else(|| site.clone(), by_site);
    if let Some((subject, since)) = test.open {
        if let Some(at) = tube.resulted_at {
            let item = minutes.waits(Worklist::Test, subject, &tube.division, laboratory, since, "");
            item.done(at, "result released");
        }
        return;
    }
    let anew = deliver.free.map(|subject| (subject, stand.sent_at.unwrap_or(tube.collected_at)));
    let Some((subject, since)) = deliver.open.or(anew) else { return };
    let item = minutes.waits(Worklist::Deliver, subject, &tube.division, site, since, "on its way again");
    let (Some(at), Some(subject)) = (stand.received_at, test.free) else { return };
    item.done(at, "found again");
    let waits = "found again; no result that counts yet";
    let item = minutes.waits(Worklist::Test, subject, &tube.division, laboratory, at, waits);
    if let Some(at) = tube.resulted_at {
        item.done(at, "result released");
    }
}

/// Subject of the item about a doubt.
fn doubt_subject(kind: DoubtKind, code: &str, tube: Option<&Tube>) -> String {
    match tube {
        Some(tube) if kind == DoubtKind::Elsewhere => format!("box/{code}/{kind}/{}", tube.name),
        Some(tube) => format!("{kind}/{}", tube.name),
        None => format!("box/{code}/{kind}"),
    }
}

/// What does not agree is an item, and what agrees again ends it.
async fn post_doubts(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    facts: &Facts,
    custody: &Custody,
) -> Result<(), OpsError> {
    let mut now: BTreeMap<String, &Doubt> = BTreeMap::new();
    for doubt in &custody.doubts {
        let tube = doubt.tube.and_then(|no| facts.tubes.get(&no));
        now.insert(doubt_subject(doubt.kind, &doubt.code, tube), doubt);
    }
    let boxes: Vec<&str> = custody.boxes.keys().map(String::as_str).collect();
    let (mut of_boxes, mut of_tubes) = (Vec::new(), Vec::new());
    for kind in DoubtKind::ALL.iter().copied().filter(|kind| kind.ends_by_itself()) {
        match kind.of_a_tube() {
            true => of_tubes.extend(tx.open_about_tubes(kind.name(), &boxes).await?),
            false => of_boxes.extend(boxes.iter().map(|code| doubt_subject(kind, code, None))),
        }
    }
    of_boxes.extend(now.keys().cloned());
    of_boxes.sort_unstable();
    of_boxes.dedup();
    let items = series(tx, &[Worklist::Clarify], &of_boxes).await?;
    let open = of_boxes.iter().filter(|name| !now.contains_key(*name));
    let mut ended: Vec<String> =
        open.filter_map(|name| waiting(&items, Worklist::Clarify, name).open).map(|(subject, _)| subject).collect();
    ended.extend(of_tubes.into_iter().filter(|subject| !now.contains_key(subject)));
    let end = minutes.day.end;
    for entry in tx.open_doubts(&ended).await? {
        let reason = format!("{CLEARED}: {}", entry.reason);
        minutes.known(entry).done(end, reason);
    }
    for (name, doubt) in now {
        let Some(stand) = custody.boxes.get(&doubt.code) else { continue };
        let known = waiting(&items, Worklist::Clarify, &name);
        // what a person has settled stays settled; what had agreed for a while and does not any more is a new item
        let anew = (!known.known || known.undone).then_some(known.free).flatten();
        let Some(subject) = known.open.map(|(subject, _)| subject).or(anew) else { continue };
        let owner = match (doubt.kind, &stand.laboratory) {
            // who counted or opened it knows best
            (DoubtKind::Count | DoubtKind::Elsewhere, Some(laboratory)) => by_site(laboratory),
            _ => by_division(&stand.division),
        };
        minutes.waits(Worklist::Clarify, subject, &stand.division, owner, doubt.since, doubt.text.clone());
    }
    Ok(())
}

/// Everybody in a lost tube is asked for another swab, by name, until they gave one; if the tube is found, nobody is.
async fn ask_again(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    facts: &Facts,
    custody: &Custody,
    turned: &BTreeSet<i64>,
) -> Result<(), OpsError> {
    let lost = |no: &i64| custody.tubes.get(no).is_some_and(|stand| stand.state.lost());
    let looked_at: Vec<i64> = custody.tubes.keys().copied().filter(|no| lost(no) || turned.contains(no)).collect();
    if looked_at.is_empty() {
        return Ok(());
    }
    let members = tx.members_of_lost(&looked_at).await?;
    let named: Vec<(String, &Lost)> = members
        .iter()
        .filter_map(|member| {
            Some((format!("resample/{}/{}", facts.tubes.get(&member.tube)?.name, member.person), member))
        })
        .collect();
    let names: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
    let items = series(tx, &[Worklist::Clarify], &names).await?;
    let numbers: Vec<i64> = members.iter().map(|member| member.no).collect();
    let cases: BTreeMap<i64, _> = tx.cases_of(&numbers).await?.into_iter().map(|case| (case.person_no, case)).collect();
    let end = minutes.day.end;
    for (name, member) in named {
        let (Some(tube), Some(stand)) = (facts.tubes.get(&member.tube), custody.tubes.get(&member.tube)) else {
            continue;
        };
        let known = waiting(&items, Worklist::Clarify, &name);
        let owner = by_division(&member.division);
        if !stand.state.lost() {
            if let Some((subject, since)) = known.open {
                minutes.waits(Worklist::Clarify, subject, &member.division, owner, since, FOUND).cancelled(end, FOUND);
            }
            continue;
        }
        // lost for the second time: asked for the second time; whom a person excused is not asked again
        let anew = (!known.known || known.undone).then_some(known.free).flatten();
        let Some((subject, since)) = known.open.or(anew.map(|subject| (subject, stand.at))) else { continue };
        let reason = format!("tube {} is {} (box {}): take another swab", tube.name, stand.state, stand.code);
        let item = minutes.waits(Worklist::Clarify, subject, &member.division, owner, since, reason);
        match (&member.again, cases.get(&member.no)) {
            (Some((other, at)), _) => {
                item.done((*at).max(since), format!("sampled again in tube {other}"));
            }
            (None, Some(case)) if case.sampled_at >= tube.collected_at => {
                item.done(case.found_at.max(since), format!("a case already: {}", case.id));
            }
            _ => {}
        }
    }
    Ok(())
}
