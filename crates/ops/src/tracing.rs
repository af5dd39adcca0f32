//! Trace: who was exposed to a case inside its window. The household is filled in from the roster; declared contacts and
//! recorded visits add to it. A person exposed by several cases keeps one row a case, and dates count from the last.

use crate::{
    OpsError, agenda,
    called::Called,
    coverage::presences_at,
    day::pack_for,
    followup, investigation, letters,
    minutes::{Day, Focus, Minutes},
    retention,
    same::Same,
    withdrawal,
};
use dayclear_core::{
    cases::Origin,
    divisions::DivisionCode,
    interview::Standing,
    protocol::{Packs, Window, WindowFacts},
    reason::Decided,
    roster::Presence,
    screening::Finding,
    time::{CivilDate, Instant, Zone},
    tracing::{ContactClass, ContactTier, Figures},
};
use dayclear_store::{
    Scoped,
    cases::Case,
    roster::Resident,
    tracing::{Contact, Visit},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Shortest common stay at a place that makes an exposure, in minutes (R: to be confirmed by the city).
const COMMON_STAY_MIN: i64 = 15;

/// Lists contacts of every open case, and of those found today; or of those that a focus touches.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    let mut cases = match focus {
        None => tx.cases_since(day.date, day.start).await?,
        Some(focus) => touched(tx, &focus.people).await?,
    };
    cases.retain(|case| case.closed_on.is_none_or(|on| on >= day.date));
    let (withdrawn, cases): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(Case::is_withdrawn);
    if Focus::is_over_all(focus) {
        letters::run(tx, &mut minutes).await?;
        withdrawal::run(tx, &mut minutes).await?;
        retention::run(tx, &mut minutes, focus).await?;
        if let Some(city) = tx.city().await? {
            investigation::keep(tx, day, &city).await?;
        }
    }
    let windows = windows(tx, day, &cases).await?;
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let known: HashSet<(String, String)> =
        tx.contacts_of(&ids).await?.into_iter().map(|c| (c.case_id, c.person)).collect();
    let mut found = household(tx, day, &cases, &windows).await?;
    let called = Called::of(tx, &cases).await?;
    let interviewed = declared(tx, day, &cases, &called, &windows, &mut found).await?;
    visits(tx, day, &cases, &called, &windows, &mut found).await?;
    if day.pack.traces_secondary() {
        secondary(tx, &cases, &mut found).await?;
    }
    // whoever is a case is no contact, whether or not this run looks at their case
    let people: Vec<i64> = found.values().map(|contact| contact.person_no).collect();
    let people: Vec<i64> = agenda::with_the_same(tx, people.into_iter().collect()).await?.into_iter().collect();
    let mut theirs = if focus.is_some() { tx.cases_of(&people).await? } else { Vec::new() };
    theirs.retain(|case| case.closed_on.is_none_or(|on| on >= day.date));
    let same = Same::among(tx, &people).await?;
    let mut open_case: HashSet<&str> = cases.iter().chain(&theirs).map(|case| case.person.as_str()).collect();
    open_case.extend(same.ids_of(open_case.clone()));
    // what is over by the pack's retention makes nobody a contact any more
    let kept_from = retention::kept_from(day);
    let fresh: Vec<Contact> = found
        .into_values()
        .filter(|c| !open_case.contains(c.person.as_str()))
        .filter(|c| !known.contains(&(c.case_id.clone(), c.person.clone())))
        .filter(|c| c.last_exposure >= kept_from)
        .map(|c| Contact { listed_at: listed(day, c.listed_at), ..c })
        .collect();
    for contact in &fresh {
        minutes.event(
            contact.listed_at,
            "contact.listed",
            format!("{}/{}", contact.case_id, contact.person),
            &contact.division,
            &json!({"class": contact.class, "tier": contact.tier, "first_exposure": contact.first_exposure,
                    "last_exposure": contact.last_exposure, "source": contact.source}),
            None,
        )?;
    }
    tx.list_contacts(&fresh).await?;
    if focus.is_some() {
        let names: Vec<&str> = fresh.iter().map(|contact| contact.person.as_str()).collect();
        agenda::decided(tx, &names).await?;
    }
    let (kept, answers) = (tx.questions().await?, investigation::answered(tx, &cases).await?);
    for case in &cases {
        let questions = investigation::put_to(&kept, day, &case.division);
        let said = answers.get(&case.id).map_or(&[][..], Vec::as_slice);
        let standing = Standing::of(&questions, said);
        investigation::stands(&mut minutes, case, &standing, interviewed.contains(&case.id));
    }
    let concerned: Option<Vec<i64>> = match focus {
        None => None,
        Some(focus) => {
            // who was exposed to a case that is withdrawn is asked no more
            let withdrawn: Vec<&str> = withdrawn.iter().map(|case| case.id.as_str()).collect();
            let exposed = tx.contacts_of(&withdrawn).await?;
            let listed = fresh.iter().chain(&exposed).map(|contact| contact.person_no);
            Some(focus.people.iter().copied().chain(listed).collect())
        }
    };
    followup::run(tx, &mut minutes, concerned.as_deref(), focus.is_some_and(|focus| focus.day)).await?;
    minutes.hand_in(tx).await
}

/// Cases of these people, those that they are contacts of, and those that they met: whatever was told of them may concern
/// whom these cases exposed.
async fn touched(tx: &mut Scoped, people: &[i64]) -> Result<Vec<Case>, OpsError> {
    let mut ids: BTreeSet<String> = tx.contacts_of_people(people).await?.into_iter().map(|c| c.case_id).collect();
    let names: Vec<String> = tx.people_by_no(people).await?.into_iter().map(|person| person.person).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let met = tx.cases_met_by(&names).await?;
    ids.extend(tx.cases_of(&[people, &met].concat()).await?.into_iter().map(|case| case.id));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Ok(tx.cases_by_id(&ids).await?)
}

/// The window of each case, cut at the day on which the case was found (the move follows the same day).
async fn windows(
    tx: &mut Scoped,
    day: &Day<'_>,
    cases: &[Case],
) -> Result<HashMap<String, (Window, CivilDate)>, OpsError> {
    let decided = windows_decided(tx, day, cases).await?;
    Ok(decided.into_iter().map(|(case, (window, until))| (case, (window.value, until))).collect())
}

/// The same with the clause of each.
pub(crate) async fn windows_decided(
    tx: &mut Scoped,
    day: &Day<'_>,
    cases: &[Case],
) -> Result<HashMap<String, (Decided<Window>, CivilDate)>, OpsError> {
    let negatives = last_negatives(tx, day, cases).await?;
    let people: Vec<i64> = cases.iter().map(|case| case.person_no).collect();
    let orders = tx.orders_of(&people, day.date.plus_days(-30)).await?;
    let mut held: HashMap<&str, CivilDate> = HashMap::new();
    for order in &orders {
        if order.kind.weight() >= dayclear_core::measures::OrderKind::HomeIsolation.weight() && order.basis == "contact"
        {
            let since = held.entry(order.person.as_str()).or_insert(order.from_day);
            *since = (*since).min(order.from_day);
        }
    }
    Ok(cases
        .iter()
        .map(|case| {
            let found = day.zone.day(case.found_at);
            let isolated =
                (case.origin == Origin::AlreadyIsolated).then(|| held.get(case.person.as_str()).copied()).flatten();
            let facts = WindowFacts {
                onset: case.onset,
                sampled: day.zone.day(case.sampled_at),
                last_negative: negatives.get(case.id.as_str()).copied(),
                by_regular_test: case.origin == Origin::KeyPerson,
                isolated_on: isolated,
            };
            let window = day.pack.contact_window(&facts);
            let until = window.value.until.unwrap_or(found).min(found);
            (case.id.clone(), (window, until))
        })
        .collect())
}

/// The day of the last negative test of each case before the positive one, of those who are tested regularly: a pool that was negative
/// cleared everybody in it. What is withheld cleared nobody.
async fn last_negatives<'c>(
    tx: &mut Scoped,
    day: &Day<'_>,
    cases: &'c [Case],
) -> Result<HashMap<&'c str, CivilDate>, OpsError> {
    let regular: Vec<&Case> = cases.iter().filter(|case| case.origin == Origin::KeyPerson).collect();
    let people: Vec<i64> = regular.iter().map(|case| case.person_no).collect();
    let mut last: HashMap<&str, CivilDate> = HashMap::new();
    for tube in tx.results_of_people(day.end, &people).await?.iter().filter(|tube| tube.finding == Finding::Negative) {
        let before = |case: &&&Case| tube.members.contains(&case.person_no) && tube.collected_at < case.sampled_at;
        for case in regular.iter().filter(before) {
            let on = last.entry(case.id.as_str()).or_insert(day.zone.day(tube.collected_at));
            *on = (*on).max(day.zone.day(tube.collected_at));
        }
    }
    Ok(last)
}

/// When a contact of a case was listed: now. Where days come as files nobody knows at which hour somebody was told of, but it was
/// not before that day.
fn listed(day: &Day<'_>, found: Instant) -> Instant {
    let whole = day.end == day.until;
    found.max(if whole { day.start } else { day.end })
}

/// Figures of tracing by day of finding and district, for the days from the first to the last, both inclusive. Days and
/// districts without a case have no entry. From when on a case could infect anybody is what the rules of the day on which it
/// was found make of onset and sample.
pub async fn figures(
    tx: &mut Scoped,
    zone: &Zone,
    (packs, pack): (&Packs, &str),
    first: CivilDate,
    last: CivilDate,
) -> Result<BTreeMap<(CivilDate, DivisionCode), Figures>, OpsError> {
    let (from, to) = (zone.start_of(first), zone.start_of(last.plus_days(1)));
    let place = |district: &str| {
        district.parse::<DivisionCode>().map_err(|error| OpsError::Inside(format!("district of a case: {error}")))
    };
    let mut all: BTreeMap<(CivilDate, DivisionCode), Figures> = BTreeMap::new();
    let mut bound: HashMap<String, Vec<(CivilDate, CivilDate)>> = HashMap::new();
    for (case, kind, since, until) in tx.bound_before_found(from, to).await? {
        if kind.keeps_apart() {
            bound.entry(case).or_default().push((since, until));
        }
    }
    for found in tx.found_between(from, to).await? {
        let facts = WindowFacts {
            onset: found.onset,
            sampled: zone.day(found.sampled_at),
            last_negative: None,
            by_regular_test: false,
            isolated_on: None,
        };
        let day = zone.day(found.found_at);
        let infectious = pack_for(packs, pack, day)?.contact_window(&facts).value.from;
        let orders = bound.get(&found.case).map_or(&[][..], Vec::as_slice);
        let held = orders.iter().any(|(since, until)| *since <= infectious && infectious <= *until);
        all.entry((day, place(&found.district)?)).or_default().case(found.known, held);
    }
    for p in tx.placings(from, to).await? {
        let key = (zone.day(p.found_at), place(&p.district)?);
        all.entry(key).or_default().contact(p.found_at, p.listed_at, p.placed_at);
    }
    Ok(all)
}

type Found = BTreeMap<(String, String), Contact>;

fn add(found: &mut Found, contact: Contact) {
    let key = (contact.case_id.clone(), contact.person.clone());
    match found.get_mut(&key) {
        None => {
            found.insert(key, contact);
        }
        Some(known) => {
            // the closest class was found first (household, declared, visit); the exposure widens
            known.first_exposure = known.first_exposure.min(contact.first_exposure);
            known.last_exposure = known.last_exposure.max(contact.last_exposure);
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn contact(
    case: &Case,
    person: &Resident,
    class: ContactClass,
    tier: ContactTier,
    exposure: (CivilDate, CivilDate),
    setting: Option<String>,
    source: &str,
) -> Contact {
    Contact {
        case_id: case.id.clone(),
        person: person.person.clone(),
        person_no: person.no,
        division: person.division.clone(),
        class,
        tier,
        first_exposure: exposure.0,
        last_exposure: exposure.1,
        setting,
        source: source.to_owned(),
        listed_at: case.found_at,
    }
}

async fn household(
    tx: &mut Scoped,
    day: &Day<'_>,
    cases: &[Case],
    windows: &HashMap<String, (Window, CivilDate)>,
) -> Result<Found, OpsError> {
    let mut found = Found::new();
    let Some(tier) = day.pack.tier_of(ContactClass::CoResident) else { return Ok(found) };
    let numbers: Vec<i64> = cases.iter().map(|case| case.person_no).collect();
    let homes: HashMap<i64, String> =
        tx.people_by_no(&numbers).await?.into_iter().filter_map(|p| Some((p.no, p.household?))).collect();
    let households: BTreeSet<&str> = homes.values().map(String::as_str).collect();
    let households: Vec<&str> = households.into_iter().collect();
    let mut members: HashMap<String, Vec<Resident>> = HashMap::new();
    for person in tx.people_of_households(&households).await? {
        if let Some(household) = person.household.clone() {
            members.entry(household).or_default().push(person);
        }
    }
    let presences = presences_at(tx, members.values().flatten(), day.end).await?;
    let there = |person: &&Resident| !matches!(presences.get(&person.no), Some(Presence::Away | Presence::MovedOut));
    for case in cases {
        let Some((window, until)) = windows.get(&case.id).filter(|(window, _)| !window.is_empty()) else { continue };
        let Some(home) = homes.get(&case.person_no).and_then(|household| members.get(household)) else { continue };
        for person in home.iter().filter(|p| p.no != case.person_no).filter(there) {
            let exposure = (window.from.min(*until), *until);
            add(&mut found, contact(case, person, ContactClass::CoResident, tier, exposure, None, "household"));
        }
    }
    Ok(found)
}

/// Adds declared contacts; returns the cases of whom somebody declared any, which is the trace of an interview.
async fn declared(
    tx: &mut Scoped,
    day: &Day<'_>,
    cases: &[Case],
    called: &Called,
    windows: &HashMap<String, (Window, CivilDate)>,
    found: &mut Found,
) -> Result<HashSet<String>, OpsError> {
    let by_person: HashMap<&str, &Case> = cases.iter().map(|case| (case.person.as_str(), case)).collect();
    let declared = tx.declared_by(&called.ids()).await?;
    let people: BTreeSet<&str> = declared.iter().map(|d| d.person.as_str()).collect();
    let people: Vec<&str> = people.into_iter().collect();
    let people: HashMap<String, Resident> =
        tx.people_by_id(&people).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    let mut interviewed = HashSet::new();
    for d in &declared {
        let Some(case) = by_person.get(called.stands(&d.case_person)) else { continue };
        interviewed.insert(case.id.clone());
        let (Some((window, until)), Some(person)) = (windows.get(&case.id), people.get(&d.person)) else { continue };
        let Some(tier) = day.pack.tier_of(d.class) else { continue };
        let exposure = (d.first_exposure.max(window.from), d.last_exposure.min(*until));
        if called.stands(&person.person) != case.person && exposure.0 <= exposure.1 {
            add(found, contact(case, person, d.class, tier, exposure, d.setting.clone(), "declared"));
        }
    }
    Ok(interviewed)
}

/// Contacts of contacts, where the pack still traces them: whoever lives with a close contact and is none.
async fn secondary(tx: &mut Scoped, cases: &[Case], found: &mut Found) -> Result<(), OpsError> {
    let by_id: HashMap<&str, &Case> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let close: Vec<Contact> = found.values().filter(|c| c.tier == ContactTier::Close).cloned().collect();
    let names: BTreeSet<&str> = close.iter().map(|c| c.person.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let homes: HashMap<String, String> =
        tx.people_by_id(&names).await?.into_iter().filter_map(|p| Some((p.person, p.household?))).collect();
    let households: BTreeSet<&str> = homes.values().map(String::as_str).collect();
    let households: Vec<&str> = households.into_iter().collect();
    let mut members: HashMap<String, Vec<Resident>> = HashMap::new();
    for person in tx.people_of_households(&households).await? {
        if let Some(household) = person.household.clone() {
            members.entry(household).or_default().push(person);
        }
    }
    for c in &close {
        let (Some(case), Some(home)) = (by_id.get(c.case_id.as_str()), homes.get(&c.person)) else { continue };
        for person in members.get(home).into_iter().flatten().filter(|p| p.person != c.person && p.no != case.person_no)
        {
            if !found.contains_key(&(case.id.clone(), person.person.clone())) {
                let exposure = (c.first_exposure, c.last_exposure);
                let setting = Some(format!("lives with {}", c.person));
                let class = ContactClass::CoResident;
                add(found, contact(case, person, class, ContactTier::Secondary, exposure, setting, "household"));
            }
        }
    }
    Ok(())
}

/// Adds people whose recorded stay at a place overlapped with the case's by at least [`COMMON_STAY_MIN`]. Only a case that a laboratory
/// stands for leads to them: a result that somebody wrote down would make guests of a bar contacts, and nobody would have asked.
async fn visits(
    tx: &mut Scoped,
    day: &Day<'_>,
    cases: &[Case],
    called: &Called,
    windows: &HashMap<String, (Window, CivilDate)>,
    found: &mut Found,
) -> Result<(), OpsError> {
    let Some(tier) = day.pack.tier_of(ContactClass::SharedSpace) else { return Ok(()) };
    let by_person: HashMap<&str, &Case> = cases.iter().map(|case| (case.person.as_str(), case)).collect();
    let of = |visit: &Visit| by_person.get(called.stands(&visit.person)).copied();
    let mut own = tx.visits_of(&called.ids()).await?;
    let tubes: Vec<i64> = own.iter().filter_map(|visit| Some(of(visit)?.tube_no)).collect();
    let backings = tx.backings(&tubes).await?;
    own.retain(|visit| {
        let backing = of(visit).and_then(|case| backings.get(&case.tube_no));
        backing.is_some_and(|backing| backing.lacks().is_none())
    });
    let places: BTreeSet<&str> = own.iter().map(|visit| visit.place.as_str()).collect();
    let places: Vec<&str> = places.into_iter().collect();
    let mut at_place: HashMap<String, Vec<Visit>> = HashMap::new();
    for visit in tx.visits_to(&places).await? {
        at_place.entry(visit.place.clone()).or_default().push(visit);
    }
    let mut exposed: Vec<(&Case, &Visit, CivilDate)> = Vec::new();
    for visit in &own {
        let Some(case) = of(visit) else { continue };
        let Some((window, until)) = windows.get(&case.id) else { continue };
        let others = at_place.get(&visit.place).into_iter().flatten();
        for other in others.filter(|other| called.stands(&other.person) != case.person) {
            let (from, to) = (visit.from.max(other.from), visit.to.min(other.to));
            let on = day.zone.day(from);
            if to.minutes_since(from) >= COMMON_STAY_MIN && window.from <= on && on <= *until {
                exposed.push((case, other, on));
            }
        }
    }
    let people: BTreeSet<&str> = exposed.iter().map(|(_, visit, _)| visit.person.as_str()).collect();
    let people: Vec<&str> = people.into_iter().collect();
    let people: HashMap<String, Resident> =
        tx.people_by_id(&people).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    for (case, visit, on) in exposed {
        if let Some(person) = people.get(&visit.person) {
            let setting = visit.setting.clone().or_else(|| Some(visit.place.clone()));
            add(found, contact(case, person, ContactClass::SharedSpace, tier, (on, on), setting, "visit"));
        }
    }
    Ok(())
}
