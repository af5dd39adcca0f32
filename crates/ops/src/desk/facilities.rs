//! Facilities over days: a phase of a facility or of its wards from a moment on, how many people its staff can look after, wards that
//! are added. Words are added and never changed. A place that is drained or closed gives nobody a bed from then on (the store's
//! constraint); whoever was to go there is planned for anew by the next run.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, invalid, stands};
use crate::{
    evidence::{Landing, Named, csv_of},
    transfer::{self, ahead},
};
use dayclear_core::{
    access::Role,
    listing::{Cell, FACILITIES},
    phases::{self, PhaseStep, UNIT_BEDS},
    schema::BEDS,
    time::Instant,
    transfer::FacilityPhase,
};
use dayclear_store::{
    landing::Given,
    phases::{PhaseWord, StaffWord},
    transfer::Facility,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How long ago a phase may have begun when it is told: what was given since then was given in good faith.
const TOLD_LATE_MINUTES_MAX: i64 = 60;

/// Facilities that the duty may speak of, by id; from here on the sitting acts for the city.
async fn seen(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<HashMap<String, Facility>, DeskError> {
    let rows = at.tx.records(&FACILITIES, keys).await?;
    let duty = &at.doing.looker.duty;
    let (division, own_site) = (duty.division.clone(), duty.site.clone().filter(|_| duty.role == Role::Facility));
    at.for_the_city();
    let ours = |one: &Facility| match &own_site {
        Some(site) => one.facility == *site,
        None => duty.role != Role::Facility && division.contains(&one.division),
    };
    let facilities = at.tx.facilities().await?.into_iter();
    Ok(facilities
        .filter(|one| rows.contains_key(&one.facility) && ours(one))
        .map(|one| (one.facility.clone(), one))
        .collect())
}

/// `facilities.phase`.
pub(super) async fn phase(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let phase: FacilityPhase = at.text("phase").parse().map_err(inside)?;
    let taken_back = at.text("taken_back") == "yes";
    let from = match at.input.get("from") {
        Some(Cell::Moment(from)) => *from,
        _ => now,
    };
    if !taken_back && from < now.plus_minutes(-TOLD_LATE_MINUTES_MAX) {
        let expected = "a moment that is not long past";
        return Err(invalid("from", from.to_string(), expected, "say what holds from now on"));
    }
    let wards: BTreeSet<&str> = match at.text("ward").trim() {
        "" => BTreeSet::from([""]),
        wards => wards.split(';').map(str::trim).filter(|ward| !ward.is_empty()).collect(),
    };
    let facilities = seen(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match facilities.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(facility) => {
                let rooms = at.tx.wards_of(key).await?;
                if let Some(ward) = wards.iter().find(|ward| !ward.is_empty() && !rooms.contains(**ward)) {
                    return Err(invalid(
                        "ward",
                        *ward,
                        "a ward of the facility",
                        "choose one of its wards, or add it first",
                    ));
                }
                let said = wards.iter().map(|ward| (*ward, (!taken_back).then_some(from)));
                say(at, &mut minutes, facility, phase, &said.collect::<Vec<_>>()).await?
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Says a phase of wards of one facility.
async fn say(
    at: &mut Sitting<'_, '_>,
    minutes: &mut crate::minutes::Minutes<'_>,
    facility: &Facility,
    phase: FacilityPhase,
    said: &[(&str, Option<Instant>)],
) -> Result<Verdict, DeskError> {
    let now = at.doing.now;
    let mut words = Vec::new();
    for (ward, from) in said {
        let mut steps: Vec<PhaseStep> = facility.steps.iter().filter(|step| step.ward == *ward).cloned().collect();
        let before = steps.clone();
        let was = steps.iter().find(|step| step.phase == phase).map(|step| step.from);
        // from one phase in a place stands in no other before it: what has begun and was true then stays in the words
        steps.retain(|step| step.phase != phase);
        steps.extend(from.map(|from| PhaseStep { ward: (*ward).to_owned(), phase, from }));
        if was == *from {
            continue;
        }
        if from.is_none() && was.is_some_and(|was| was <= now) {
            return Ok(stands(format!("{phase} already"), "say which phase comes next"));
        }
        if let Some((first, then)) = phases::fault(&steps) {
            let dates: Vec<String> = before.iter().map(|step| format!("{} from {}", step.phase, step.from)).collect();
            let is = format!("to be {then} right after it was {first} ({})", dates.join(", "));
            return Ok(stands(is, "choose a date that fits the others, or take one of them back first"));
        }
        words.push((*ward, *from));
    }
    if words.is_empty() {
        return Ok(Verdict::Same);
    }
    let mut no = at.tx.phase_words(&facility.facility).await?.first().map_or(0, |word| word.no);
    for (ward, from) in words {
        no += 1;
        let word = PhaseWord {
            facility: facility.facility.clone(),
            ward: ward.to_owned(),
            no,
            division: facility.division.clone(),
            phase,
            from,
            account: at.account().to_owned(),
            at: now,
            reason: at.text("reason").to_owned(),
        };
        at.tx.keep_phase_word(&word).await?;
        let body = json!({"ward": word.ward, "phase": phase, "from": from, "reason": word.reason});
        minutes.event(now, "facility.phase", &facility.facility, &facility.division, &body, None)?;
    }
    // whoever holds a bed there ahead is told at once, and planned for anew
    let changed = ahead::moved(at.tx, minutes, &facility.facility).await?;
    transfer::post(minutes, &changed);
    Ok(Verdict::Done)
}

/// `facilities.staff`.
pub(super) async fn staff(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let whole = |field| match at.input.get(field) {
        Some(Cell::Whole(number)) => *number,
        _ => 0,
    };
    let (staff, people_each) = (whole("staff"), whole("people_each"));
    let facilities = seen(at, keys).await?;
    let before = at.tx.staffing().await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let was = before.get(*key);
        let verdict = match facilities.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(_) if was.is_some_and(|was| (was.staff, was.people_each) == (staff, people_each)) => Verdict::Same,
            Some(facility) => {
                let word = StaffWord {
                    facility: facility.facility.clone(),
                    no: was.map_or(1, |was| was.no + 1),
                    division: facility.division.clone(),
                    staff,
                    people_each,
                    account: at.account().to_owned(),
                    at: at.doing.now,
                    reason: at.text("reason").to_owned(),
                };
                at.tx.keep_staff_word(&word).await?;
                let body = json!({"staff": staff, "people_each": people_each, "reason": word.reason});
                minutes.event(word.at, "facility.staff", *key, &facility.division, &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// `facilities.ward`: nursing units of 20 beds are added, as beds that a file would bring; each of them may have a moment from which it
/// takes people.
pub(super) async fn ward(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let units = match at.input.get("wards") {
        Some(Cell::Whole(units)) => *units,
        _ => 1,
    };
    let name = at.text("ward").trim();
    let from = match at.input.get("from") {
        Some(Cell::Moment(from)) => Some(*from),
        _ => None,
    };
    let facilities = seen(at, keys).await?;
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(facility) = facilities.get(*key) else {
            verdicts.push(((*key).to_owned(), Verdict::Refused(Refusal::Unknown)));
            continue;
        };
        let there = at.tx.wards_of(key).await?;
        let wards: Vec<String> = match units {
            1 => vec![name.to_owned()],
            units => (1..=units).map(|n| format!("{name}-{n}")).collect(),
        };
        if let Some(ward) = wards.iter().find(|ward| there.contains(ward.as_str())) {
            verdicts
                .push(((*key).to_owned(), stands(format!("{ward}, which is there already"), "choose another name")));
            continue;
        }
        add_beds(at, facility, &wards).await?;
        let mut minutes = at.minutes();
        let body = json!({"wards": wards, "beds": wards.len() * UNIT_BEDS, "reason": at.text("reason")});
        minutes.event(at.doing.now, "facility.wards", *key, &facility.division, &body, None)?;
        // without a moment they are planned, and take nobody until somebody says from when
        let said: Vec<(&str, Option<Instant>)> =
            wards.iter().map(|ward| (ward.as_str(), Some(from.unwrap_or(at.doing.now)))).collect();
        let phase = if from.is_some() { FacilityPhase::Open } else { FacilityPhase::Planned };
        let verdict = say(at, &mut minutes, facility, phase, &said).await?;
        minutes.hand_in(at.tx).await?;
        verdicts.push(((*key).to_owned(), verdict));
    }
    Ok(Report::of(verdicts))
}

/// Lands beds of new wards.
async fn add_beds(at: &mut Sitting<'_, '_>, facility: &Facility, wards: &[String]) -> Result<(), DeskError> {
    let (rule, severe) = (at.text("rule").to_owned(), at.text("severe").to_owned());
    let bed = |(ward, n): (&String, usize)| {
        BTreeMap::from([
            ("bed".to_owned(), format!("{}-{ward}-{n:02}", facility.facility)),
            ("facility".to_owned(), facility.facility.clone()),
            ("room".to_owned(), ward.clone()),
            ("rule".to_owned(), rule.clone()),
            ("severe".to_owned(), severe.clone()),
        ])
    };
    let rows: Vec<_> = wards.iter().flat_map(|ward| (1..=UNIT_BEDS).map(move |n| (ward, n))).map(bed).collect();
    let text = csv_of(&BEDS, &rows);
    let room = at.room;
    let named = Named::read(&BEDS, "desk", &text, room.day.zone)?;
    let references = named.references(at.tx, &BEDS, &room.city, &room.city).await?;
    at.for_the_city();
    let given = Given { digest: "", division: &at.doing.looker.duty.division, account: Some(at.account()) };
    let landing = Landing { table: &BEDS, source: "desk", given, keep: false };
    let (_, doubts) = landing.land(at.tx, room, &text, &named, references, Vec::new()).await?;
    match doubts.first() {
        None => Ok(()),
        Some(doubt) => Err(invalid("ward", doubt.value.clone(), doubt.expected.clone(), "choose another name")),
    }
}
