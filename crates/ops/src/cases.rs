//! Confirm: a positive single becomes a case with origin, class and severity computed from evidence; pool members are
//! posted to the recall list; what nobody can read is posted to be cleared up. Nobody sets a status by hand.

mod doubles;

use crate::{
    OpsError,
    minutes::{Close, Day, Focus, Minutes, by_department, by_division},
    same::Same,
    screening::{self, Evidence},
};
use dayclear_core::{
    books::Worklist,
    cases::{Classification, Origin, Severity},
    measures::OrderKind,
    reason::{Mark, Reason},
    screening::{Finding, Purpose},
    time::{CivilDate, Instant},
};
use dayclear_store::{
    Scoped,
    cases::{Assessment, Case},
    measures::Order,
    roster::Resident,
    screening::TubeResult,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Opens cases, classifies, posts recalls and unclear tubes: for everybody, or for those of a focus. Returns the new cases.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<Vec<Case>, OpsError> {
    let mut minutes = Minutes::of(day);
    let evidence = screening::evidence(tx, day, focus).await?;
    let (orders, mut cases) = match focus {
        None => (
            tx.orders_since(day.date.plus_days(-30)).await?,
            tx.cases_since(day.date.plus_days(-90), day.look_back()).await?,
        ),
        Some(focus) => {
            let orders = tx.orders_of(&focus.people, day.date.plus_days(-30)).await?;
            let mut cases = tx.cases_of(&focus.people).await?;
            cases.retain(|case| case.concerns(day.date.plus_days(-90), day.look_back()));
            (orders, cases)
        }
    };
    let fresh = new_cases(tx, &mut minutes, &evidence, &cases, &orders).await?;
    tx.open_cases(&fresh).await?;
    cases.extend(fresh.iter().cloned());
    doubles::settle(tx, &mut minutes, &mut cases, &evidence.same).await?;
    classify(tx, &mut minutes, &mut cases, &evidence.same, focus.is_some()).await?;
    recall(tx, &mut minutes, &evidence, &cases).await?;
    unclear(&mut minutes, &evidence)?;
    minutes.hand_in(tx).await?;
    Ok(fresh)
}

/// The route by which a case was found: by its purpose, unless the person was already bound by an order when sampled. A
/// member who was recalled was found by the route of the pool.
fn origin(day: &Day<'_>, tube: &TubeResult, route: Purpose, held: Option<&Order>) -> (Origin, Reason) {
    let reason = Reason::new(day.pack.label(), "case.origin", Mark::Verified)
        .with("tube", &tube.tube)
        .with("purpose", route)
        .with("sampled_at", tube.collected_at);
    if let Some(order) = held {
        return (Origin::AlreadyIsolated, reason.with("order", &order.id));
    }
    let origin = match route {
        Purpose::Isolation => Origin::AlreadyIsolated,
        Purpose::KeyPerson => Origin::KeyPerson,
        Purpose::AreaScreening => Origin::AreaScreening,
        Purpose::ExpandedScreening => Origin::ExpandedScreening,
        Purpose::Community | Purpose::Recall => Origin::Community,
        Purpose::Entry => Origin::Entry,
    };
    (origin, reason)
}

/// Whether an order held the person when a sample was taken. Staying put for a retest, or being watched for symptoms, is
/// not being held.
pub fn holds(order: &Order, on: CivilDate) -> bool {
    order.kind.weight() >= OrderKind::HomeMonitoring.weight()
        && order.kind != OrderKind::StayForRetest
        && order.from_day <= on
        && order.ended_on.unwrap_or(order.until_day) >= on
}

async fn new_cases(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    evidence: &Evidence,
    cases: &[Case],
    orders: &[Order],
) -> Result<Vec<Case>, OpsError> {
    let (day, same) = (minutes.day, &evidence.same);
    let mut known: HashMap<i64, Vec<&Case>> = HashMap::new();
    cases.iter().for_each(|case| known.entry(same.who(case.person_no)).or_default().push(case));
    let routes: HashMap<i64, Purpose> = evidence.recalls.iter().map(|r| (same.who(r.person_no), r.purpose)).collect();
    let mut orders_of: HashMap<i64, Vec<&Order>> = HashMap::new();
    orders.iter().for_each(|order| orders_of.entry(same.who(order.person_no)).or_default().push(order));
    // one person is one case, under the id of the swab that showed it
    let mut first: BTreeMap<i64, (i64, &TubeResult)> = BTreeMap::new();
    let mut late = Vec::new();
    for tube in evidence.singles.iter().filter(|tube| tube.finding == Finding::Positive) {
        if let [person] = tube.members[..] {
            // an open case, or one closed after the sample was taken, already accounts for a positive
            let accounted = known.get(&same.who(person)).into_iter().flatten().any(|case| {
                case.closed_on.is_none_or(|closed| day.zone.day(tube.collected_at) <= closed) || case.tube_no == tube.no
            });
            if accounted {
                continue;
            }
            match cleared_since(day, tube, evidence) {
                Some(later) => late.push((person, tube, later)),
                None => {
                    first.entry(same.who(person)).or_insert((person, tube));
                }
            }
        }
    }
    late.retain(|(person, ..)| !first.contains_key(&same.who(*person)));
    review_late(tx, minutes, &late).await?;
    let numbers: Vec<i64> = first.values().map(|(no, _)| *no).collect();
    let people: HashMap<i64, Resident> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p)).collect();
    let mut fresh = Vec::with_capacity(first.len());
    for (who, (no, tube)) in first {
        let Some(person) = people.get(&no) else { continue };
        let sampled = day.zone.day(tube.collected_at);
        let route = if tube.purpose == Purpose::Recall {
            routes.get(&who).copied().unwrap_or(Purpose::Recall)
        } else {
            tube.purpose
        };
        let held = orders_of.get(&who).into_iter().flatten().copied().find(|order| holds(order, sampled));
        let (origin, reason) = origin(day, tube, route, held);
        let (year, month, date) = sampled.parts();
        let case = Case {
            id: format!("C{year:04}{month:02}{date:02}-{}", person.person),
            person: person.person.clone(),
            person_no: no,
            division: person.division.clone(),
            building: person.building.clone(),
            tube_no: tube.no,
            sampled_at: tube.collected_at,
            found_at: tube.reported_at,
            ct: tube.ct,
            origin,
            classification: Classification::Awaiting,
            severity: Severity::Unknown,
            onset: None,
            counted_on: None,
            converted_on: None,
            closed_on: None,
            outcome: None,
            reason: json!([reason]).to_string(),
            aside: None,
        };
        minutes.event(
            case.found_at,
            "case.opened",
            &case.id,
            &case.division,
            &json!({"person": case.person, "tube": tube.tube, "origin": origin, "ct": case.ct, "reason": reason}),
            Some("case-report"),
        )?;
        // the report leaves with the case, in the same transaction: its clock stops when it is in the outbox
        let laboratory = by_department("laboratory-reporting");
        minutes
            .waits(Worklist::Report, &case.id, &case.division, laboratory, case.found_at, "")
            .done(case.found_at, "in the outbox with the case");
        fresh.push(case);
    }
    Ok(fresh)
}

/// A negative single that was taken on a later day than a positive one and known before it: the person was cleared.
fn cleared_since<'t>(day: &Day<'_>, positive: &TubeResult, evidence: &'t Evidence) -> Option<&'t TubeResult> {
    let sampled = day.zone.day(positive.collected_at);
    let who = |tube: &TubeResult| match tube.members[..] {
        [person] => Some(evidence.same.who(person)),
        _ => None,
    };
    evidence.singles.iter().find(|single| {
        who(single) == who(positive)
            && single.finding == Finding::Negative
            && day.zone.day(single.collected_at) > sampled
            && single.reported_at <= positive.reported_at
    })
}

/// F09: a positive that comes days late, of somebody who was cleared since, confines nobody by itself: a person decides.
async fn review_late(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    late: &[(i64, &TubeResult, &TubeResult)],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let numbers: Vec<i64> = late.iter().map(|(no, ..)| *no).collect();
    let people: HashMap<i64, Resident> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p)).collect();
    for (no, tube, later) in late {
        let Some(person) = people.get(no) else { continue };
        let reason = format!("positive of {} known late; negative in single tube {} since", person.person, later.tube);
        let owner = by_division(&person.division.district());
        let subject = format!("late/{}", tube.tube);
        minutes.waits(Worklist::Review, subject, &person.division, owner, tube.reported_at, reason);
        if day.zone.day(tube.reported_at) == day.date {
            let body = json!({"person": person.person, "sampled_at": tube.collected_at, "negative_since": later.tube});
            minutes.event(tube.reported_at, "result.late", &tube.tube, &person.division, &body, Some("review"))?;
        }
    }
    Ok(())
}

/// Class and severity by the assessments up to now: the last one says the severity; the first one says from when the case
/// counts. An asymptomatic case with later symptoms is converted, and counted once more only as converted.
///
/// Whoever is known under two ids is as ill as the last word on either says; a case counts as what was said of its own id, and of
/// ids that have no case, so that a split leaves each with what it had.
async fn classify(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &mut [Case],
    same: &Same,
    few: bool,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let mut by_person: HashMap<String, Vec<Assessment>> = HashMap::new();
    let open: HashSet<String> = cases.iter().filter(|c| c.closed_on.is_none()).map(|c| c.person.clone()).collect();
    let names = same.ids_of(open.iter().map(String::as_str));
    let assessments = if few { tx.assessments_of(&names, day.end).await? } else { tx.assessments(day.end).await? };
    for assessment in assessments {
        by_person.entry(same.id(&assessment.person).to_owned()).or_default().push(assessment);
    }
    for case in cases.iter_mut().filter(|case| case.closed_on.is_none()) {
        let was = case.clone();
        let earliest = day.zone.start_of(day.zone.day(case.sampled_at).plus_days(-3));
        let relevant: Vec<&Assessment> =
            by_person.get(same.id(&case.person)).into_iter().flatten().filter(|a| a.assessed_at >= earliest).collect();
        let of_its_own = |a: &Assessment| a.person == case.person || !open.contains(&a.person);
        let wait = minutes.waits(
            Worklist::Diagnose,
            &case.id,
            &case.division,
            by_division(&case.division.district()),
            case.found_at,
            "no assessment recorded",
        );
        if let Some(first) = relevant.first() {
            wait.done(first.assessed_at, "assessed");
        }
        (case.severity, case.onset) = (Severity::Unknown, None);
        for assessment in &relevant {
            case.severity = assessment.severity;
            case.onset = assessment.onset.or(case.onset);
            if !of_its_own(assessment) {
                continue;
            }
            let ill = !matches!(assessment.severity, Severity::Asymptomatic | Severity::Unknown);
            case.classification = match (case.classification, ill) {
                (Classification::Awaiting, true) => Classification::Confirmed,
                (Classification::Awaiting, false) if assessment.severity == Severity::Asymptomatic => {
                    Classification::Asymptomatic
                }
                // within the day on which it is first counted a case simply counts as what it turned out to be
                (Classification::Asymptomatic, true) if case.counted_on.is_none_or(|on| on == day.date) => {
                    Classification::Confirmed
                }
                (Classification::Asymptomatic, true) => Classification::Converted,
                (same, _) => same,
            };
        }
        let counts = matches!(case.classification, Classification::Confirmed | Classification::Asymptomatic);
        if counts && case.counted_on.is_none() && case.aside.is_none() {
            case.counted_on = Some(day.date);
        }
        if case.classification == Classification::Converted && case.converted_on.is_none() && case.aside.is_none() {
            case.converted_on = Some(day.date);
        }
        if let Some(last) = relevant.iter().rev().find(|a| a.outcome.is_some()) {
            case.closed_on = Some(day.zone.day(last.assessed_at).max(day.zone.day(case.found_at)));
            case.outcome.clone_from(&last.outcome);
        }
        if *case != was {
            minutes.event(
                relevant.last().map_or(case.found_at, |a| a.assessed_at),
                "case.classified",
                &case.id,
                &case.division,
                &json!({"classification": case.classification, "severity": case.severity, "onset": case.onset,
                        "outcome": case.outcome}),
                None,
            )?;
            tx.update_case(case).await?;
        }
    }
    Ok(())
}

/// Somebody who is asked to be sampled again because of a tube.
struct Asked<'e> {
    tube: &'e str,
    person: i64,
    since: Instant,
    reason: String,
    resolved: Option<(Instant, String)>,
}

async fn recall(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    evidence: &Evidence,
    cases: &[Case],
) -> Result<(), OpsError> {
    let same = &evidence.same;
    let open: HashMap<i64, &Case> =
        cases.iter().filter(|c| c.closed_on.is_none()).map(|c| (same.who(c.person_no), c)).collect();
    let pools = evidence.recalls.iter().map(|recall| Asked {
        tube: &recall.tube,
        person: recall.person_no,
        since: recall.since,
        reason: format!("{} pool; not resolved singly yet", recall.finding),
        resolved: match (&recall.resolved, open.get(&same.who(recall.person_no))) {
            (Some((at, finding, tube)), _) => Some((*at, format!("{finding} in single tube {tube}"))),
            (None, Some(case)) if case.sampled_at >= recall.collected_at => {
                Some((case.found_at.max(recall.since), format!("a case already: {}", case.id)))
            }
            _ => None,
        },
    });
    // it is no order, and nothing is said against the person
    let withheld = evidence.retests.iter().map(|retest| Asked {
        tube: &retest.tube,
        person: retest.person_no,
        since: retest.since,
        reason: "the result of the tube is withheld: sample again; the person is bound by nothing".to_owned(),
        resolved: retest.resolved.as_ref().map(|(at, tube)| (*at, format!("a result that counts in tube {tube}"))),
    });
    let asked: Vec<Asked<'_>> = pools.chain(withheld).collect();
    let numbers: BTreeSet<i64> = asked.iter().map(|asked| asked.person).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let people: HashMap<i64, Resident> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p)).collect();
    let first = |asked: &Asked<'_>| people.get(&asked.person).map(|person| format!("{}/{}", asked.tube, person.person));
    let again = tx.recalled_again().await?;
    // whoever was resolved by a result that does not count any more is asked once more
    let waiting: Vec<String> = asked.iter().filter(|asked| asked.resolved.is_none()).filter_map(first).collect();
    let waiting: Vec<&str> = waiting.iter().map(String::as_str).filter(|first| !again.contains_key(*first)).collect();
    let ended = tx.recalls_ended(&waiting).await?;
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    for asked in &asked {
        let (Some(person), Some(first)) = (people.get(&asked.person), first(asked)) else { continue };
        let (subject, since) = match (again.get(&first), ended.get(&first), &asked.resolved) {
            // it waits already, with its own deadline
            (Some(_), _, None) => continue,
            (Some(subject), _, Some(_)) => (subject.clone(), minutes.day.end),
            (None, Some(times), _) => (format!("{first}/again-{}", times + 1), minutes.day.end),
            (None, None, _) => (first, asked.since),
        };
        let owner = by_division(&person.division);
        let item = minutes.waits(Worklist::Recall, subject, &person.division, owner, since, asked.reason.clone());
        if let Some((at, how)) = &asked.resolved {
            item.done(*at, how.clone());
        }
        if !person.registered && unknown.insert(&person.person) {
            minutes.waits(
                Worklist::Clarify,
                format!("person/{}", person.person),
                &person.division,
                by_division(&person.division),
                asked.since,
                format!("member of pool {} is not on the roster: find name and address", asked.tube),
            );
        }
    }
    Ok(())
}

fn unclear(minutes: &mut Minutes<'_>, evidence: &Evidence) -> Result<(), OpsError> {
    for tube in &evidence.unclear {
        let reason = if tube.members.is_empty() {
            format!("{} tube without members: ask the site whose swabs it holds", tube.finding)
        } else {
            format!("{} tube: take the samples of its {} members again", tube.finding, tube.members.len())
        };
        minutes.waits(
            Worklist::Clarify,
            format!("tube/{}", tube.tube),
            &tube.division,
            by_division(&tube.division.district()),
            tube.reported_at,
            reason,
        );
    }
    Ok(())
}
