//! Find: results are settled from their versions, tubes go through the books from site to laboratory to result, and the
//! members of a positive or inconclusive pool are held by name until each is resolved singly.

use crate::{
    OpsError,
    custody::{self, Carried},
    minutes::{Close, Day, Focus, Minutes, by_division, by_site},
    rounds,
    same::Same,
};
use dayclear_core::{
    books::Worklist,
    screening::{Finding, Purpose, of_doubled, settle},
    time::Instant,
};
use dayclear_store::{Scoped, screening::TubeResult, settling::Before};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A member of a positive or inconclusive pool.
#[derive(Debug, Clone)]
pub struct Recall {
    /// Pool.
    pub tube: String,
    /// Why the pool was taken.
    pub purpose: Purpose,
    /// Member.
    pub person_no: i64,
    /// When the pool was filled.
    pub collected_at: Instant,
    /// When the pool's result was released: from here the member is pending.
    pub since: Instant,
    /// What the pool showed.
    pub finding: Finding,
    /// How it was resolved, if it was: when, negative or positive, by which tube.
    pub resolved: Option<(Instant, Finding, String)>,
}

/// A swab in a tube that was called negative by a laboratory, run or lot that is not believed any more: the person is asked to
/// be sampled again, and bound by nothing.
#[derive(Debug, Clone)]
pub struct Retest {
    /// Tube.
    pub tube: String,
    /// Whose swab.
    pub person_no: i64,
    /// Since when the result is withheld.
    pub since: Instant,
    /// When another result of theirs was released, and of which tube.
    pub resolved: Option<(Instant, String)>,
}

/// Settles results and posts tubes: all of them, or those of a focus.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    if Focus::is_over_all(focus) {
        rounds::run(tx, day).await?;
    }
    let mut minutes = Minutes::of(day);
    settle_results(tx, &mut minutes, focus).await?;
    let carried = custody::run(tx, &mut minutes, focus).await?;
    post_tubes(tx, &mut minutes, focus, &carried).await?;
    minutes.hand_in(tx).await
}

/// What came of tubes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// They themselves, new.
    Filled,
    /// People in them.
    Joined,
    /// Versions of their results.
    Reported,
}

/// Does what [`run`] does of tubes of which one thing came and nothing else, and leaves out what that cannot change.
pub(crate) async fn came(tx: &mut Scoped, day: &Day<'_>, focus: &Focus, came: Came) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    match came {
        Came::Filled => post_steps(tx, &mut minutes, Some(&focus.tubes), &Carried::default()).await?,
        Came::Joined => {
            if tx.any_lost().await? {
                // somebody in a lost tube has been sampled again, or is asked to be
                return run(tx, day, Some(focus)).await;
            }
            post_overfull(tx, &mut minutes, Some(&focus.tubes)).await?;
        }
        Came::Reported => {
            settle_results(tx, &mut minutes, Some(focus)).await?;
            let carried = custody::run(tx, &mut minutes, Some(focus)).await?;
            let tubes = with_moved(focus, &carried);
            post_steps(tx, &mut minutes, Some(&tubes), &carried).await?;
        }
    }
    minutes.hand_in(tx).await
}

/// Tubes of a focus, and those that stand elsewhere: a word on one box may say where the tubes of another are.
fn with_moved(focus: &Focus, carried: &Carried) -> Vec<i64> {
    focus.tubes.iter().chain(&carried.moved).copied().collect::<BTreeSet<i64>>().into_iter().collect()
}

async fn settle_results(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let day = minutes.day;
    if focus.is_none() {
        tx.unsettle_withheld().await?;
    }
    let (unsettled, before) = tx.unsettled(day.end, focus.map(|focus| focus.tubes.as_slice())).await?;
    let doubled = tx.doubled(focus.map(|focus| focus.tubes.as_slice())).await?;
    let settled: Vec<_> = unsettled
        .iter()
        .filter_map(|(no, versions)| {
            let settled = settle(versions)?;
            Some((*no, if doubled.contains(no) { of_doubled(settled) } else { settled }))
        })
        .collect();
    let now: HashMap<i64, &dayclear_core::screening::Settled> = settled.iter().map(|(no, s)| (*no, s)).collect();
    let mut at_stake: Vec<(&Before, &dayclear_core::screening::Settled)> = Vec::new();
    for was in &before {
        if let Some(s) = now.get(&was.no).filter(|s| s.finding != was.finding && rests(was, s)) {
            at_stake.push((was, s));
        }
    }
    if !at_stake.is_empty() {
        let cases = match focus {
            None => tx.cases_since(day.date, day.look_back()).await?,
            Some(focus) => {
                let people = tx.members_of(&focus.tubes).await?;
                tx.cases_of(&people).await?
            }
        };
        for (was, s) in at_stake {
            let (tube, was, no) = (was.tube.clone(), was.finding, was.no);
            let resting: Vec<&str> =
                cases.iter().filter(|case| case.tube_no == no).map(|case| case.id.as_str()).collect();
            let division = cases
                .iter()
                .find(|case| case.tube_no == no)
                .map_or(tx.scope().division().clone(), |c| c.division.clone());
            // D4: nothing is silently rewritten; a person undoes or confirms each consequence
            let says = |finding: Option<Finding>| finding.map_or("none", Finding::name);
            let reason = format!(
                "result changed from {} to {} {}; cases that rest on it: {}",
                says(was),
                says(s.finding),
                if s.held { "because it is withheld".to_owned() } else { format!("by version {}", s.version) },
                if resting.is_empty() { "none".to_owned() } else { resting.join(" ") }
            );
            minutes.event(
                s.reported_at,
                "result.changed",
                &tube,
                &division,
                &json!({"was": was, "is": s.finding, "version": s.version, "cases": resting}),
                Some("review"),
            )?;
            minutes.waits(Worklist::Review, tube, &division, by_division(&division.district()), s.reported_at, reason);
        }
    }
    let replaced: Vec<i64> = before.iter().map(|was| was.no).collect();
    tx.settle(&settled, &replaced, day.end).await?;
    Ok(())
}

/// Whether anything may rest on what a tube stood at. Nobody was released by a pool that was called negative (R05), so when that is
/// withheld, or counts again, there is nothing to review: its people are sampled anew, or need not be.
fn rests(was: &Before, is: &dayclear_core::screening::Settled) -> bool {
    let by_hold = matches!(
        (was.finding, is.finding, is.held),
        (Some(Finding::Negative), Some(Finding::Invalid), true) | (Some(Finding::Invalid), Some(Finding::Negative), _)
    );
    was.single || !by_hold
}

/// Posts tubes but for those `carried` by the chain of custody, which has posted them.
async fn post_tubes(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    focus: Option<&Focus>,
    carried: &Carried,
) -> Result<(), OpsError> {
    let tubes = focus.map(|focus| with_moved(focus, carried));
    post_overfull(tx, minutes, tubes.as_deref()).await?;
    post_steps(tx, minutes, tubes.as_deref(), carried).await
}

/// Tubes with more people than they are for.
async fn post_overfull(tx: &mut Scoped, minutes: &mut Minutes<'_>, tubes: Option<&[i64]>) -> Result<(), OpsError> {
    let day = minutes.day;
    for (tube, division, at, size, members) in tx.overfull_tubes(day.start, day.end, tubes).await? {
        // F25: whose swabs a result speaks of is not certain any more
        let reason = format!("{members} people in a tube for {size}: ask the site, and take the doubtful swabs again");
        minutes.waits(Worklist::Clarify, format!("overfull/{tube}"), &division, by_division(&division), at, reason);
    }
    Ok(())
}

/// How far tubes have come.
async fn post_steps(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    tubes: Option<&[i64]>,
    carried: &Carried,
) -> Result<(), OpsError> {
    let day = minutes.day;
    for (tube, division, at) in tx.doubled_tubes(tubes).await? {
        let reason = format!(
            "a second tube has the bar code {tube}: take the swabs of everybody in both again; no result of it counts"
        );
        let owner = by_division(&division.district());
        minutes.waits(Worklist::Clarify, format!("doubled/{tube}/{division}"), &division, owner, at, reason);
    }
    for tube in tx.tubes_underway(day.end, tubes).await? {
        if carried.posted.contains(&tube.tube) {
            continue;
        }
        let allowed = day.pack.pool_sizes(tube.purpose);
        if tube.collected_at >= day.start && !allowed.is_empty() && !allowed.iter().any(|n| i64::from(*n) == tube.size)
        {
            let reason = format!("a tube for {} is not allowed for {}; allowed: {allowed:?}", tube.size, tube.purpose);
            let owner = by_division(&tube.division.district());
            let subject = format!("size/{}", tube.tube);
            minutes.waits(Worklist::Clarify, subject, &tube.division, owner, tube.collected_at, reason);
        }
        let site = by_site(tube.site.as_deref().unwrap_or(tube.division.as_str()));
        // a result without a receipt still means that the laboratory had the tube
        let arrived = tube.received_at.or(tube.resulted_at);
        let sent = if tube.sent_at.is_some() { "sent, not counted in" } else { "not sent" };
        let item = minutes.waits(Worklist::Deliver, &tube.tube, &tube.division, site.clone(), tube.collected_at, sent);
        let Some(arrived) = arrived else { continue };
        item.done(arrived, "counted in by the laboratory");
        let laboratory = tube.laboratory.map_or(site, by_site);
        let item =
            minutes.waits(Worklist::Test, tube.tube, &tube.division, laboratory, arrived, "no result that counts yet");
        if let Some(at) = tube.resulted_at {
            item.done(at, "result released");
        }
    }
    Ok(())
}

/// Singles of one person, whichever id they came with, by who stands for the person; oldest sample first.
pub(crate) fn singles_by_person<'t>(singles: &'t [TubeResult], same: &Same) -> BTreeMap<i64, Vec<&'t TubeResult>> {
    let mut by_person: BTreeMap<i64, Vec<&TubeResult>> = BTreeMap::new();
    for single in singles {
        if let [person] = single.members[..] {
            by_person.entry(same.who(person)).or_default().push(single);
        }
    }
    for list in by_person.values_mut() {
        list.sort_by_key(|single| (single.collected_at, single.reported_at, single.no));
    }
    by_person
}

/// Everything about pools and singles that today's decisions rest on.
pub struct Evidence {
    /// Single results of the look-back, and earlier negative ones where a late result needs them.
    pub singles: Vec<TubeResult>,
    /// Pool members and members of inconclusive singles, in order of pool and person.
    pub recalls: Vec<Recall>,
    /// Swabs whose result is withheld.
    pub retests: Vec<Retest>,
    /// Tubes that say nothing about anybody: invalid, or positive without members.
    pub unclear: Vec<TubeResult>,
    /// Who is read as whom.
    pub(crate) same: Same,
}

/// Gathers the evidence as of the end of the day. A member stays pending until a single tube, filled at or after the
/// pool, has a negative or positive result that counts (R05).
pub async fn evidence(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<Evidence, OpsError> {
    let same = Same::of(tx, focus).await?;
    let abnormal = match focus {
        None => tx.abnormal_tubes(day.end, day.look_back()).await?,
        Some(focus) => {
            let mut tubes: BTreeSet<i64> = focus.tubes.iter().copied().collect();
            tubes.extend(tx.abnormal_of_people(&focus.people).await?);
            let tubes: Vec<i64> = tubes.into_iter().collect();
            let mut found = tx.results_of_tubes(day.end, &tubes).await?;
            found.retain(|tube| tube.finding != Finding::Negative && tube.reported_at >= day.look_back());
            found
        }
    };
    // F09: for a result that comes late, whatever cleared somebody since the sample counts, however long ago it was known
    let since = abnormal.iter().map(|tube| tube.collected_at).fold(day.look_back(), Instant::min);
    let mut singles = match focus {
        None => tx.single_results(day.end, since).await?,
        Some(focus) => {
            // whoever is in no abnormal tube has nothing at stake
            let people: BTreeSet<i64> =
                abnormal.iter().flat_map(|tube| tube.members.iter().map(|no| same.who(*no))).collect();
            let people: Vec<i64> = focus.people.iter().copied().filter(|no| people.contains(&same.who(*no))).collect();
            let mut found = tx.results_of_people(day.end, &people).await?;
            found.retain(|tube| tube.size == 1 && tube.reported_at >= since);
            found
        }
    };
    let looked_at: Option<BTreeSet<i64>> = focus.map(|focus| focus.people.iter().copied().collect());
    let by_person = singles_by_person(&singles, &same);
    let mut recalls = Vec::new();
    let mut withheld = Vec::new();
    let mut unclear = Vec::new();
    for tube in abnormal {
        let single = tube.size == 1 && tube.members.len() == 1;
        if let (Some(since), Finding::Invalid, false) = (tube.held_at, tube.finding, tube.members.is_empty()) {
            withheld.push((since, tube));
            continue;
        }
        if tube.members.is_empty() || tube.finding == Finding::Invalid {
            unclear.push(tube);
            continue;
        }
        if single && tube.finding == Finding::Positive {
            continue;
        }
        for person in tube.members.iter().filter(|no| looked_at.as_ref().is_none_or(|people| people.contains(no))) {
            let resolved = by_person.get(&same.who(*person)).into_iter().flatten().find(|s| {
                s.no != tube.no
                    && s.collected_at >= tube.collected_at
                    && matches!(s.finding, Finding::Negative | Finding::Positive)
            });
            recalls.push(Recall {
                tube: tube.tube.clone(),
                purpose: tube.purpose,
                person_no: *person,
                collected_at: tube.collected_at,
                since: tube.reported_at,
                finding: tube.finding,
                resolved: resolved.map(|s| (s.reported_at.max(tube.reported_at), s.finding, s.tube.clone())),
            });
        }
    }
    // a positive that was known before the look-back has been dealt with
    singles.retain(|single| single.reported_at >= day.look_back() || single.finding == Finding::Negative);
    let retests = retests(tx, day, &withheld, looked_at.as_ref(), &same).await?;
    Ok(Evidence { singles, recalls, retests, unclear, same })
}

/// Everybody with a swab in a tube that is withheld; resolved by any other tube of theirs, filled at or after it, with a result
/// that counts: a pool of a round serves as well as a single tube.
async fn retests(
    tx: &mut Scoped,
    day: &Day<'_>,
    withheld: &[(Instant, TubeResult)],
    looked_at: Option<&BTreeSet<i64>>,
    same: &Same,
) -> Result<Vec<Retest>, OpsError> {
    let looks = |no: &&i64| looked_at.is_none_or(|people| people.contains(no));
    let people: BTreeSet<i64> =
        withheld.iter().flat_map(|(_, tube)| tube.members.iter().filter(looks)).copied().collect();
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let people: Vec<i64> = same.whole(people).into_iter().collect();
    let mut others: HashMap<i64, Vec<(Instant, Instant, i64, String)>> = HashMap::new();
    for tube in tx.results_of_people(day.end, &people).await? {
        if tube.held_at.is_none() && matches!(tube.finding, Finding::Negative | Finding::Positive) {
            for person in &tube.members {
                let known = (tube.collected_at, tube.reported_at, tube.no, tube.tube.clone());
                others.entry(same.who(*person)).or_default().push(known);
            }
        }
    }
    let mut found = Vec::new();
    for (since, tube) in withheld {
        for person in tube.members.iter().filter(looks) {
            let later = others.get(&same.who(*person)).into_iter().flatten();
            let later = later.filter(|(collected, _, no, _)| *no != tube.no && *collected >= tube.collected_at);
            let resolved = later.min().map(|(_, released, _, name)| (*released.max(since), name.clone()));
            found.push(Retest { tube: tube.tube.clone(), person_no: *person, since: *since, resolved });
        }
    }
    Ok(found)
}
