//! Key places: who of their people is due for a test and since when, and whether the cases among them are a cluster. It may use the store,
//! the pack's cadence and the engines; it guarantees that a place is worked out anew from what was told and never counted up, that nobody
//! is asked who said that they are away, exempt, refuse or were tested elsewhere, and that nothing follows for a person from not being
//! tested: what is overdue is owed by the place.

use crate::{
    OpsError,
    clusters::{ALARM, settings},
    minutes::{BY_RULE, Day, Focus, Minutes, by_division, by_site},
    obligations::{self, Given},
    same::Same,
};
use dayclear_core::{
    obligations::{Among, ClusterRule, ObligationKind, PlaceState, among, at_least},
    protocol::Cadence,
    reason::{Decided, Reason},
    roster::{KeyGroup, Presence},
    rounds::{AtPlace, presence_at},
    time::CivilDate,
};
use dayclear_engines::{
    screening::due::{self, Member},
    tracing::clusters::{self, DayCount, Position},
};
use dayclear_store::{
    Scoped,
    places::{DueRow, OnRoll, Place, Standing},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Days for which somebody can be seen to have been due; whoever was due for longer is due for so long at least.
const BACK_D: i64 = 14;
/// Places that are worked out at a time.
const AT_ONCE: usize = 200;
/// Days behind the scan for clusters of places from which it knows what is usual.
const SCAN_BACK_D: i64 = 30;

/// Works out the places of a focus, or all of them when a day begins.
pub(crate) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    if !tx.has_places().await? {
        return Ok(());
    }
    let told = tx.take_places_told().await?;
    let places = match focus {
        None => tx.key_places().await?,
        Some(focus) if focus.day => tx.key_places().await?,
        Some(focus) => {
            let people: Vec<i64> = focus.people.iter().chain(&focus.sampled).copied().collect();
            let mut names: BTreeSet<String> = tx.places_of(&people).await?.into_iter().collect();
            names.extend(told);
            tx.key_places_named(&names.iter().map(String::as_str).collect::<Vec<_>>()).await?
        }
    };
    for some in places.chunks(AT_ONCE) {
        look(tx, minutes, some).await?;
    }
    Ok(())
}

/// Who belongs to places, with what is known of them.
struct Known {
    rolls: BTreeMap<String, Vec<OnRoll>>,
    tested: HashMap<i64, Vec<CivilDate>>,
    excused: BTreeSet<i64>,
    found: HashMap<i64, CivilDate>,
    symptomatic: BTreeSet<i64>,
    /// Cases and people of the whole city.
    city: (i64, i64),
}

async fn look(tx: &mut Scoped, minutes: &mut Minutes<'_>, places: &[Place]) -> Result<(), OpsError> {
    let day = minutes.day;
    let rule = day.pack.cluster();
    let known = know(tx, day, places, rule.as_ref(), day.date).await?;
    let mut standings = Vec::with_capacity(places.len());
    let mut due = Vec::new();
    for place in places {
        let roll = known.rolls.get(&place.place).map_or(&[][..], Vec::as_slice);
        let (standing, rows) = stand(day, place, roll, &known, rule.as_ref())?;
        standings.push(standing);
        due.extend(rows);
    }
    scan(day, places, &known, &mut standings)?;
    tx.keep_places(&standings, &due, (day.date, day.end)).await?;
    for (place, standing) in places.iter().zip(&standings) {
        owe(tx, minutes, place, standing, rule.as_ref()).await?;
    }
    Ok(())
}

/// What is known of the people who belong to places on a day.
async fn know(
    tx: &mut Scoped,
    day: &Day<'_>,
    places: &[Place],
    rule: Option<&Decided<ClusterRule>>,
    on: CivilDate,
) -> Result<Known, OpsError> {
    let names: Vec<&str> = places.iter().map(|place| place.place.as_str()).collect();
    let mut rolls: BTreeMap<String, Vec<OnRoll>> = BTreeMap::new();
    for entry in tx.rolls(&names, on).await?.into_iter().filter(|entry| entry.since <= day.end) {
        rolls.entry(entry.place.clone()).or_default().push(entry);
    }
    let roster: BTreeMap<i64, Presence> = rolls
        .values()
        .flatten()
        .filter_map(|entry| entry.person.as_ref().map(|(no, .., presence)| (*no, *presence)))
        .collect();
    let people: Vec<i64> = roster.keys().copied().collect();
    // what was told of somebody under another id is told of them
    let same = Same::among(tx, &people).await?;
    let people: Vec<i64> = same.whole(people).into_iter().collect();
    let mut tested: HashMap<i64, Vec<CivilDate>> = HashMap::new();
    for (swab, at) in tx.swabs_of(&people).await? {
        let on = day.zone.day(at);
        if at < day.end && day.date.days_since(on) <= 2 * BACK_D {
            tested.entry(same.who(swab.person_no)).or_default().push(on);
        }
    }
    let mut said: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for (no, statement) in tx.statements_of(&people).await? {
        said.entry(same.who(no)).or_default().push(statement);
    }
    let excused = |no: &i64, presence: Presence| {
        let now = presence_at(said.get(no).into_iter().flatten(), presence, day.end);
        use Presence::*;
        matches!(now, Away | Exempt | Refused | Elsewhere | MovedOut)
    };
    let back = rule.map_or(0, |rule| rule.value.days).max(SCAN_BACK_D);
    let window = (day.zone.start_of(day.date.plus_days(-back)), day.end);
    let found: HashMap<i64, CivilDate> =
        tx.found_among(&people, window).await?.into_iter().map(|(no, at)| (no, day.zone.day(at))).collect();
    // whoever is a case, or was one a short while ago, is tested by their doctors
    let excused = |no: &i64, presence: Presence| found.contains_key(no) || excused(no, presence);
    let excused = roster.iter().filter(|(no, presence)| excused(no, **presence)).map(|(no, _)| *no).collect();
    let (mut city, mut symptomatic) = ((0, 0), BTreeSet::new());
    if let Some(rule) = rule {
        let window = (day.zone.start_of(day.date.plus_days(1 - rule.value.days)), day.end);
        city = tx.found_of_all(window).await?;
        symptomatic = tx.symptomatic_among(&people, window).await?.into_iter().map(|no| same.who(no)).collect();
    }
    Ok(Known { rolls, tested, excused, found, symptomatic, city })
}

/// Somebody of a place, from which day on the place answers for their tests.
struct One<'r> {
    no: i64,
    household: Option<&'r str>,
    from: CivilDate,
    member: Member,
}

/// The people of a place who are known on the roster, and how many of its list are not.
fn people_of<'r>(day: &Day<'_>, place: &Place, roll: &'r [OnRoll], known: &Known) -> (BTreeMap<i64, One<'r>>, i64) {
    let group = place.key_group.or(place.kind.group()).unwrap_or(KeyGroup::School);
    let mut people: BTreeMap<i64, One<'r>> = BTreeMap::new();
    let mut lost = 0;
    for entry in roll {
        let Some((no, person, household, _)) = &entry.person else {
            lost += 1;
            continue;
        };
        // nobody owed what nobody had said yet
        let from = entry.from.into_iter().fold(day.zone.day(entry.since), CivilDate::max);
        let tested = known.tested.get(no).cloned().unwrap_or_default();
        let member = Member { person: person.clone(), group, place: place.place.clone(), tested };
        let one = One { no: *no, household: household.as_deref(), from, member };
        people.entry(*no).or_insert(one);
    }
    (people, lost)
}

/// Who is due at a place on a day, for a round.
pub(crate) struct DueAt {
    /// The place, as the rules look at it.
    pub at: AtPlace,
    /// Numbers, each with the clause.
    pub due: Vec<(i64, Reason)>,
}

/// Days after a day on which nobody is due at a place, within which the next one is looked for.
const AHEAD_D: i64 = 7;

/// Who is due at places on a day, by the cadence of the pack. Where everybody is, those come along of whom somebody said that they are away,
/// exempt, refuse or were tested elsewhere, so that a round says so of them; a share is of those who can be asked, and without anybody who
/// can be asked nobody is due. Whoever is or was a case, or has no home on the roster, is in none.
pub(crate) async fn due_on(
    tx: &mut Scoped,
    day: &Day<'_>,
    places: &[Place],
    on: CivilDate,
) -> Result<Vec<DueAt>, OpsError> {
    let mut all = Vec::with_capacity(places.len());
    for some in places.chunks(AT_ONCE) {
        let known = know(tx, day, some, None, on).await?;
        let numbers: BTreeSet<i64> =
            known.rolls.values().flatten().filter_map(|entry| entry.person.as_ref().map(|(no, ..)| *no)).collect();
        let homes = tx.homes_of(&numbers.into_iter().collect::<Vec<_>>()).await?;
        let at_home: BTreeSet<i64> = homes.into_iter().map(|(no, _)| no).collect();
        for place in some {
            let roll = known.rolls.get(&place.place).map_or(&[][..], Vec::as_slice);
            let (mut people, _) = people_of(day, place, roll, &known);
            people.retain(|no, _| at_home.contains(no));
            let cadence = place.key_group.or(place.kind.group()).and_then(|group| day.pack.group_cadence(group));
            let share = matches!(&cadence, Some(decided) if matches!(decided.value, Cadence::PercentPerDay(_)));
            let asked =
                |one: &&One<'_>| !(known.found.contains_key(&one.no) || share && known.excused.contains(&one.no));
            let asked: Vec<&One<'_>> = people.values().filter(asked).collect();
            let of = |date: CivilDate| match cadence {
                Some(_) => due_of(day, &asked, date),
                None => BTreeMap::new(),
            };
            let mut due = of(on);
            let can_be_asked = |due: &BTreeMap<i64, Reason>| due.keys().any(|no| !known.excused.contains(no));
            let mut next = None;
            if !can_be_asked(&due) {
                due.clear();
                next = (1..=AHEAD_D).map(|days| on.plus_days(days)).find(|date| can_be_asked(&of(*date)));
            }
            let at = AtPlace {
                place: place.place.clone(),
                known: people.len(),
                due: due.len(),
                next,
                cadence: cadence.as_ref().map(|decided| decided.reason.clone()),
            };
            all.push(DueAt { at, due: due.into_iter().collect() });
        }
    }
    Ok(all)
}

/// Whom the rule asks on a day, of the people of one place.
fn due_of(day: &Day<'_>, people: &[&One<'_>], date: CivilDate) -> BTreeMap<i64, Reason> {
    let there: Vec<&&One<'_>> = people.iter().filter(|one| one.from <= date).collect();
    let members: Vec<Member> = there.iter().map(|one| one.member.clone()).collect();
    let due = due::members(day.pack, &members, date);
    due.into_iter().map(|(at, decided)| (there[at].no, decided.reason)).collect()
}

/// How a place stands, and who of it is due.
fn stand(
    day: &Day<'_>,
    place: &Place,
    roll: &[OnRoll],
    known: &Known,
    rule: Option<&Decided<ClusterRule>>,
) -> Result<(Standing, Vec<DueRow>), OpsError> {
    let group = place.key_group.or(place.kind.group());
    let (people, lost) = people_of(day, place, roll, known);
    let asked: Vec<&One<'_>> = people.values().filter(|one| !known.excused.contains(&one.no)).collect();
    let cadence = group.and_then(|group| day.pack.group_cadence(group));
    let due = if cadence.is_some() { due_since(day, place, &asked)? } else { Vec::new() };
    let overdue: Vec<&DueRow> = due.iter().filter(|row| row.late_days > 0).collect();
    let state = match () {
        () if cadence.is_none() => PlaceState::NoRule,
        // whoever is not known on the roster is not known to be tested either
        () if people.is_empty() => PlaceState::NoRoll,
        () if !overdue.is_empty() => PlaceState::Overdue,
        () if due.is_empty() => PlaceState::InTime,
        () => PlaceState::Due,
    };
    let tested_today = people.values().filter(|one| one.member.tested.contains(&day.date)).count();
    let excused = people.keys().filter(|no| known.excused.contains(no)).count();
    let mut standing = Standing {
        place: place.place.clone(),
        division: place.division.clone(),
        state,
        people: [people.len() as i64 + lost, people.len() as i64, lost, excused as i64],
        tests: [
            tested_today as i64,
            (due.len() - overdue.len()) as i64,
            overdue.len() as i64,
            overdue.iter().map(|row| row.late_days).max().unwrap_or(0),
        ],
        cluster: false,
        found: [0; 3],
        expected: None,
        scan: None,
    };
    if let Some(rule) = rule {
        let cases = people.values().filter_map(|one| Some((*known.found.get(&one.no)?, one.household)));
        let Among { cases, households } = among(cases, day.date, rule.value);
        let symptomatic = people.keys().filter(|no| known.symptomatic.contains(no)).count();
        standing.found = [cases, households, symptomatic as i64];
        standing.cluster = Among { cases, households }.is_cluster(rule.value);
        let (all, roster) = known.city;
        if roster > 0 {
            let expected = all as f64 / roster as f64 * people.len() as f64;
            standing.expected = Some((expected, at_least(cases, expected)));
        }
    }
    Ok((standing, due))
}

/// Who is due today, since when: whoever the rule asked on each of the last days, and who was not tested since.
fn due_since(day: &Day<'_>, place: &Place, people: &[&One<'_>]) -> Result<Vec<DueRow>, OpsError> {
    let on = |date: CivilDate| due_of(day, people, date);
    let untested: BTreeSet<i64> =
        people.iter().filter(|one| !one.member.tested.contains(&day.date)).map(|one| one.no).collect();
    let mut since: BTreeMap<i64, (CivilDate, _)> = BTreeMap::new();
    for (no, reason) in on(day.date) {
        since.insert(no, (day.date, reason));
    }
    let mut waiting = untested;
    for back in 1..=BACK_D {
        let date = day.date.plus_days(-back);
        let asked = on(date);
        waiting.retain(|no| asked.contains_key(no));
        if waiting.is_empty() {
            break;
        }
        for (no, reason) in asked.into_iter().filter(|(no, _)| waiting.contains(no)) {
            since.insert(no, (date, reason));
        }
    }
    let row = |(person_no, (due_on, reason)): (i64, (CivilDate, _))| {
        Ok(DueRow {
            place: place.place.clone(),
            person_no,
            division: place.division.clone(),
            due_on,
            late_days: day.date.days_since(due_on),
            reason: serde_json::to_string(&reason).map_err(|error| OpsError::Inside(error.to_string()))?,
        })
    };
    since.into_iter().map(row).collect()
}

/// Clusters of places and days among these places (Kulldorff et al. 2005): a place in one that chance alone seldom brings is marked.
fn scan(day: &Day<'_>, places: &[Place], known: &Known, standings: &mut [Standing]) -> Result<(), OpsError> {
    let (mut at, mut rows, mut which) = (Vec::new(), Vec::new(), Vec::new());
    for (n, place) in places.iter().enumerate() {
        let Some((lon, lat)) = place.at else { continue };
        let mut days: BTreeMap<i64, u32> = BTreeMap::new();
        let people: BTreeSet<i64> = known
            .rolls
            .get(&place.place)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.person.as_ref())
            .map(|(no, ..)| *no)
            .collect();
        for found in people.iter().filter_map(|no| known.found.get(no)) {
            *days.entry(found.days_since(day.date)).or_default() += 1;
        }
        let number = at.len() as u32;
        rows.extend(days.into_iter().map(|(day, count)| DayCount { place: number, day, count }));
        at.push(Some(Position::Globe { lat, lon }));
        which.push(n);
    }
    if rows.len() < 2 {
        return Ok(());
    }
    let found = clusters::scan(&at, &rows, &settings()).map_err(|error| OpsError::Inside(error.to_string()))?;
    for cluster in found.clusters.iter().filter(|cluster| cluster.p.is_some_and(|p| p <= ALARM)) {
        for place in &cluster.places {
            if let Some(standing) = which.get(*place as usize).and_then(|n| standings.get_mut(*n)) {
                standing.scan = cluster.p;
            }
        }
    }
    Ok(())
}

/// What a place owes, and what its district owes because of it.
async fn owe(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    place: &Place,
    standing: &Standing,
    rule: Option<&Decided<ClusterRule>>,
) -> Result<(), OpsError> {
    let (day, name) = (minutes.day, place.place.as_str());
    let [tested, _, overdue, late] = standing.tests;
    let open = tx.obligations_open(ObligationKind::PlaceTests, &[name]).await?;
    match open.into_iter().next() {
        None if overdue > 0 => {
            let reason = match place.key_group.or(place.kind.group()).and_then(|group| day.pack.group_cadence(group)) {
                Some(cadence) => json!([cadence.reason.with("overdue", overdue).with("late_days", late)]),
                None => return Ok(()),
            };
            let given = Given {
                id: format!("tests-{name}-{}", day.date),
                kind: ObligationKind::PlaceTests,
                division: place.division.clone(),
                owner: by_site(name),
                subject: Some(name.to_owned()),
                size: Some(overdue),
                what: Some(place.name.clone()),
                proof: None,
                due_at: None,
                by: BY_RULE.to_owned(),
                reason,
            };
            obligations::give(tx, minutes, given, day.end).await?;
        }
        Some(obligation) if overdue == 0 => {
            let words = format!("nobody is overdue any more; tested today: {tested}");
            obligations::done_by_rule(tx, minutes, obligation, &words, BY_RULE, day.end).await?;
        }
        _ => {}
    }
    let Some(rule) = rule else { return Ok(()) };
    let alarm = standing.cluster || standing.scan.is_some_and(|p| p <= ALARM) && standing.found[0] > 0;
    let before =
        tx.obligations_since(ObligationKind::PlaceCluster, &[name], day.date.plus_days(-rule.value.days)).await?;
    let open = before.iter().find(|obligation| obligation.state.is_open());
    let households = standing.found[1];
    match open {
        // looked into already, and nobody more since
        None if alarm && before.iter().all(|obligation| obligation.size.is_none_or(|size| size < households)) => {
            let reason =
                rule.reason.clone().with("place", name).with("found", standing.found[0]).with("households", households);
            let reason = match standing.expected {
                Some((expected, chance)) => {
                    reason.with("expected", format!("{expected:.2}")).with("chance", format!("{chance:.2e}"))
                }
                None => reason,
            };
            let given = Given {
                id: format!("cluster-{name}-{}-{households}", day.date),
                kind: ObligationKind::PlaceCluster,
                division: place.division.clone(),
                owner: by_division(&place.division.district()),
                subject: Some(name.to_owned()),
                size: Some(households),
                what: Some(place.name.clone()),
                proof: None,
                due_at: None,
                by: BY_RULE.to_owned(),
                reason: json!([reason]),
            };
            obligations::give(tx, minutes, given, day.end).await?;
        }
        Some(obligation) if !alarm => {
            let why = "its cases are no cluster by the rule any more";
            obligations::drop_obligation(tx, minutes, obligation.clone(), why, (BY_RULE, day.end)).await?;
        }
        _ => {}
    }
    Ok(())
}
