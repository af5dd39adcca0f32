//! Regular treatments (R08, N6): for everybody whom an order or an area binds, dialysis, chemotherapy and the other regular needs of the
//! roster are days that are waited for in the books, a week ahead, from the day on which somebody is bound. What was arranged once is
//! arranged alike for the next time. Who is bound no more goes as they are used to. What was missed stays, late, until somebody answers.

use crate::{
    OpsError,
    desk::digest_of,
    minutes::{BY_RULE, Close, Focus, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    roster::Need,
    time::{CivilDate, Instant, Zone},
    welfare::TreatState,
};
use dayclear_store::{
    Scoped,
    books::Entry,
    roster::Resident,
    treatments::{Arranged, Treatment},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Days ahead for which treatments are planned.
const AHEAD_D: i64 = 7;
/// How far back the last treatment is looked for: longer than the longest time between two.
const BACK_D: i64 = 61;

/// Plans for those who are bound, and lets go whom nobody binds. `bound` are the people of the focus who are bound today.
pub(crate) async fn run(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    bound: &[Resident],
    focus: Option<&Focus>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let here: BTreeSet<i64> = bound.iter().map(|person| person.no).collect();
    // a household of the focus may hold somebody who is not of it by name
    let people: Option<Vec<i64>> = focus.map(|focus| {
        focus.people.iter().copied().chain(here.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
    });
    let known = tx.treatments_since(day.date.plus_days(-BACK_D), people.as_deref()).await?;
    let mut freed: BTreeMap<DivisionCode, u64> = BTreeMap::new();
    for t in known.iter().filter(|t| t.state.is_open() && !here.contains(&t.person_no) && t.day >= day.date) {
        let ended = Some((day.end, BY_RULE.to_owned(), None));
        let then = Treatment { state: TreatState::Freed, ended, ..t.clone() };
        tx.keep_treatment(&then).await?;
        item(minutes, t).cancelled(day.end, "nobody binds the person any more");
        *freed.entry(t.division.district()).or_default() += 1;
    }
    let mut last: BTreeMap<(i64, Need), &Treatment> = BTreeMap::new();
    for t in known.iter().filter(|t| t.state != TreatState::Freed) {
        last.insert((t.person_no, t.need), t);
    }
    let mut fresh = Vec::new();
    for person in bound {
        let needs: BTreeSet<Need> = person.needs.iter().copied().collect();
        for need in needs {
            let Some(every) = day.pack.treatment_days(need) else { continue };
            let before = last.get(&(person.no, need)).copied();
            // a rule of no days would plan for ever
            let days = every.value.max(1);
            let mut next = before.map_or(day.date, |t| had_on(t, day.zone).plus_days(days).max(day.date));
            while next <= day.date.plus_days(AHEAD_D) {
                let reason = every.reason.clone().with("need", need).with("day", next).with("days", days);
                fresh.push(planned(person, need, next, day.start, before, &reason, day.zone)?);
                next = next.plus_days(days);
            }
        }
    }
    let mut planned: BTreeMap<DivisionCode, u64> = BTreeMap::new();
    for t in &fresh {
        item(minutes, t);
        *planned.entry(t.division.district()).or_default() += 1;
    }
    tx.plan_treatments(&fresh).await?;
    for (kind, counts) in [("treatment.planned", planned), ("treatment.freed", freed)] {
        for (district, count) in counts {
            minutes.event(day.start, kind, district.to_string(), &district, &json!({"treatments": count}), None)?;
        }
    }
    Ok(())
}

/// The day from which the next one counts: that on which the person had it, else that on which they should have.
fn had_on(t: &Treatment, zone: &Zone) -> CivilDate {
    match (t.state, &t.ended) {
        (TreatState::Done, Some((at, ..))) => zone.day(*at).max(t.day),
        _ => t.day,
    }
}

fn planned(
    person: &Resident,
    need: Need,
    day: CivilDate,
    opened_at: Instant,
    before: Option<&Treatment>,
    reason: &dayclear_core::reason::Reason,
    zone: &Zone,
) -> Result<Treatment, OpsError> {
    let parts = [person.person.as_bytes(), need.name().as_bytes(), day.to_string().as_bytes()].map(<[u8]>::to_vec);
    let digest = digest_of(&[b"treatment", &parts[0], &parts[1], &parts[2]]);
    // as the last time: the same place at the same hour by the same way, until somebody says otherwise
    let arranged = before.and_then(|t| {
        let a = t.arranged.as_ref()?;
        let planned_at = a.planned_at.map(|at| same_hour(at, t.day, day, zone));
        Some(Arranged { planned_at, by: BY_RULE.to_owned(), at: opened_at, ..a.clone() })
    });
    Ok(Treatment {
        id: format!("T-{}", digest.get(..16).unwrap_or_default()),
        person: person.person.clone(),
        person_no: person.no,
        division: person.division.clone(),
        need,
        day,
        state: if arranged.is_some() { TreatState::Arranged } else { TreatState::Due },
        opened_at,
        reason: serde_json::to_string(reason).map_err(|error| OpsError::Inside(error.to_string()))?,
        arranged,
        refusals: 0,
        ended: None,
    })
}

fn same_hour(at: Instant, was: CivilDate, is: CivilDate, zone: &Zone) -> Instant {
    Instant::from_micros(zone.start_of(is).micros() + (at.micros() - zone.start_of(was).micros()))
}

/// The item of a treatment: due at the end of its day. It tells nothing of the person or the need.
pub(crate) fn item<'m>(minutes: &'m mut Minutes<'_>, t: &Treatment) -> &'m mut Entry {
    let day = minutes.day;
    let reason = match t.state {
        TreatState::Arranged => "a regular treatment is arranged",
        _ => "a regular treatment is due, and nobody has arranged it",
    };
    minutes.known(Entry {
        worklist: Worklist::Treat,
        subject: t.id.clone(),
        division: t.division.clone(),
        owner: by_division(&t.division),
        opened_at: t.opened_at,
        due_at: day.due(Worklist::Treat, day.zone.start_of(t.day)),
        closed: None,
        reason: reason.to_owned(),
    })
}
