//! Move: every positive to a bed and every contact to the place the decision names. Reports of drivers and receiving
//! sites are applied first; then beds are given (nearest suitable first, households together, rules of sex and family
//! kept), then vehicles. Nobody is marked as arrived without a confirmation, and nobody leaves without a bed.

use crate::{
    OpsError,
    beds::Wards,
    measures,
    minutes::{Close, Day, Minutes, by_division, by_site},
};
use dayclear_core::{
    books::Worklist,
    cases::Severity,
    divisions::DivisionCode,
    measures::{OrderKind, OrderState},
    roster::Need,
    time::Instant,
    transfer::{BedState, FacilityKind, HandoverStep, RideClass, TransferState},
};
use dayclear_engines::dispatch::{self, Group, Vehicle};
use dayclear_store::{
    Scoped,
    cases::Case,
    measures::Order,
    roster::Resident,
    transfer::{Facility, Shift, Transfer, Trip},
};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Age under which nobody travels or stays without a carer (R12; the pack's limit for special groups is the same).
const MINOR_UNDER: u8 = 14;

/// Applies reports, then plans what is still needed.
pub async fn run(tx: &mut Scoped, day: &Day<'_>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    let mut cases = tx.cases_since(day.date, day.look_back()).await?;
    let orders = tx.orders_since(day.date).await?;
    let mut transfers = tx.transfers_since(day.start).await?;
    apply_reports(tx, &mut minutes, &mut transfers, &mut cases).await?;
    cancel_pointless(tx, &mut minutes, &mut transfers, &orders).await?;
    let needs = needs(tx, &mut minutes, &cases, &orders, &transfers).await?;
    plan(tx, &mut minutes, needs, &mut transfers).await?;
    unexpected(tx, &mut minutes, &transfers).await?;
    post(&mut minutes, &transfers);
    minutes.hand_in(tx).await
}

/// What drivers and sites reported. A report that does not fit the state of the transfer is left for a person.
async fn apply_reports(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    cases: &mut [Case],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let mut live: HashMap<String, usize> = HashMap::new();
    for (at, transfer) in transfers.iter().enumerate() {
        let ended = matches!(transfer.state, TransferState::Cancelled);
        if !ended {
            live.insert(transfer.person.clone(), at);
        }
    }
    for report in tx.handovers(day.end, day.look_back()).await? {
        // somebody without a transfer yet: the report is taken into account where one is asked for
        let Some(transfer) = live.get(&report.person).map(|at| &mut transfers[*at]) else { continue };
        let was = transfer.clone();
        match (report.step, transfer.state) {
            (HandoverStep::PickedUp, TransferState::Booked) => {
                transfer.state = TransferState::Underway;
                transfer.picked_up_at = Some(report.at);
            }
            (HandoverStep::Admitted, TransferState::Booked | TransferState::Underway) => {
                transfer.state = TransferState::Admitted;
                transfer.admitted_at = Some(report.at);
            }
            (HandoverStep::Refused | HandoverStep::NoAnswer, TransferState::Booked | TransferState::Underway) => {
                // the bed stays held: the person still needs it, and the next try keeps it
                let why = report.note.clone().unwrap_or_default();
                transfer.reason = json!({"report": report.step, "at": report.at, "note": why}).to_string();
            }
            (HandoverStep::Discharged, TransferState::Admitted) if transfer.ended_at.is_none() => {
                transfer.ended_at = Some(report.at);
                transfer.state = TransferState::Cancelled;
                transfer.reason = json!({"discharged": report.at}).to_string();
                if let Some(bed) = tx.release_bed(&transfer.id, report.at).await? {
                    tx.set_bed(&bed, BedState::Cleaning).await?;
                    let owner = by_site(transfer.facility.clone().unwrap_or_default());
                    minutes.waits(Worklist::Clean, bed, &transfer.division, owner, report.at, "to clean after discharge");
                }
                if let Some(case) = cases.iter_mut().find(|c| c.person == report.person && c.closed_on.is_none()) {
                    case.closed_on = Some(day.zone.day(report.at));
                    case.outcome = Some("recovered".to_owned());
                    tx.update_case(case).await?;
                }
            }
            _ => {}
        }
        if *transfer != was {
            minutes.event(
                report.at,
                "transfer.reported",
                &transfer.id,
                &transfer.division,
                &json!({"step": report.step, "facility": report.facility, "note": report.note}),
                None,
            )?;
            tx.update_transfer(transfer).await?;
        }
    }
    Ok(())
}

/// Somebody was moved who was never asked to: that is for a person to clear up.
async fn unexpected(tx: &mut Scoped, minutes: &mut Minutes<'_>, transfers: &[Transfer]) -> Result<(), OpsError> {
    let day = minutes.day;
    let known: HashSet<&str> = transfers.iter().map(|transfer| transfer.person.as_str()).collect();
    let city = tx.scope().division().clone();
    for report in tx.handovers(day.end, day.start).await? {
        if !known.contains(report.person.as_str()) {
            let reason = format!("'{}' reported of somebody whom no decision moves", report.step);
            let subject = format!("handover/{}/{}", report.person, report.step);
            minutes.waits(Worklist::Clarify, subject, &city, by_division(&city), report.at, reason);
        }
    }
    Ok(())
}

/// A transfer that no order asks for any more, and that has not begun, is cancelled; its bed is free again.
async fn cancel_pointless(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    orders: &[Order],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let asked: HashSet<&str> = orders
        .iter()
        .filter(|o| o.state == OrderState::Active && o.kind.weight() >= OrderKind::CentralIsolation.weight())
        .map(|o| o.person.as_str())
        .collect();
    for transfer in transfers.iter_mut() {
        let waiting = matches!(transfer.state, TransferState::Requested | TransferState::Booked);
        if waiting && !transfer.reason.contains("accompanies") && !asked.contains(transfer.person.as_str()) {
            transfer.state = TransferState::Cancelled;
            transfer.ended_at = Some(day.end);
            transfer.reason = json!({"cancelled": "no order asks for it any more"}).to_string();
            tx.release_bed(&transfer.id, day.end).await?;
            tx.update_transfer(transfer).await?;
            minutes.event(day.end, "transfer.cancelled", &transfer.id, &transfer.division, &json!({}), Some("transfer"))?;
        }
    }
    Ok(())
}

/// Somebody who has to be moved.
struct Mover {
    person: Resident,
    class: RideClass,
    subject: String,
    since: Instant,
    kinds: Vec<FacilityKind>,
    severe: bool,
    rank: u8,
    accompanies: Option<String>,
    again: Option<usize>,
}

async fn needs(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    orders: &[Order],
    transfers: &[Transfer],
) -> Result<Vec<Mover>, OpsError> {
    let day = minutes.day;
    let live: HashMap<&str, usize> = transfers
        .iter()
        .enumerate()
        .filter(|(_, t)| t.state != TransferState::Cancelled)
        .map(|(at, t)| (t.person.as_str(), at))
        .collect();
    let central: BTreeMap<&str, &Order> = orders
        .iter()
        .filter(|o| o.state == OrderState::Active && o.kind == OrderKind::CentralIsolation)
        .filter(|o| o.from_day <= day.date && o.starts_at < day.end)
        .map(|o| (o.person.as_str(), o))
        .collect();
    let mut names: Vec<&str> = cases.iter().filter(|c| c.closed_on.is_none()).map(|c| c.person.as_str()).collect();
    names.extend(central.keys().copied());
    let people: HashMap<String, Resident> =
        tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    let mut needs = Vec::new();
    let mut going: HashSet<String> = HashSet::new();
    let waits_for_vehicle = |person: &str| match live.get(person) {
        None => Some(None),
        Some(at) if transfers[*at].state == TransferState::Requested => Some(Some(*at)),
        Some(_) => None,
    };
    for case in cases.iter().filter(|c| c.closed_on.is_none()) {
        let Some(person) = people.get(&case.person) else { continue };
        let placement = measures::placement(day, case, person);
        let kinds = measures::kinds(&placement.value).to_vec();
        if kinds.is_empty() {
            // home is a place too: the decision completes the move
            let owner = by_division(&case.division.district());
            minutes
                .waits(Worklist::Move, &case.id, &case.division, owner, case.found_at, "")
                .done(case.found_at, format!("stays at home: {}", placement.reason));
            continue;
        }
        let Some(again) = waits_for_vehicle(&case.person) else { continue };
        let severe = matches!(case.severity, Severity::Severe | Severity::Critical);
        let vulnerable = person.age_on(day.date).is_some_and(|age| age >= 60)
            || person.needs.iter().any(|n| matches!(n, Need::Pregnancy | Need::LatePregnancy | Need::Dialysis));
        going.insert(case.person.clone());
        needs.push(Mover {
            person: person.clone(),
            class: RideClass::Positive,
            subject: case.id.clone(),
            since: case.found_at,
            kinds,
            severe,
            rank: if severe { 0 } else { 1 + u8::from(!vulnerable) },
            accompanies: None,
            again,
        });
    }
    add_carers(tx, day, &mut needs, &mut going, &live).await?;
    let case_people: HashSet<&str> =
        cases.iter().filter(|c| c.closed_on.is_none()).map(|c| c.person.as_str()).collect();
    for (name, order) in central {
        let (Some(person), Some(again)) = (people.get(name), waits_for_vehicle(name)) else { continue };
        if going.contains(name) || case_people.contains(name) {
            continue;
        }
        let minor = person.age_on(day.date).is_some_and(|age| age < MINOR_UNDER);
        if minor && person.carer.as_deref().is_some_and(|carer| case_people.contains(carer)) {
            // R12: parted from a carer only with a recorded necessity, and never alone
            let mut others = people.values().filter(|p| p.household == person.household && p.no != person.no);
            if !others.any(|p| p.age_on(day.date).is_some_and(|age| age >= 18) && !case_people.contains(p.person.as_str())) {
                minutes.waits(
                    Worklist::Clarify,
                    format!("carer/{name}"),
                    &person.division,
                    by_division(&person.division),
                    order.starts_at,
                    "the carer of this child is a case and nobody else of the household can care: name a carer first",
                );
                continue;
            }
        }
        needs.push(Mover {
            person: person.clone(),
            class: RideClass::Contact,
            subject: order.subject.clone(),
            since: order.starts_at,
            kinds: vec![FacilityKind::IsolationSite],
            severe: false,
            rank: 3,
            accompanies: None,
            again,
        });
    }
    Ok(needs)
}

/// R12: a minor or dependant who is a case takes the carer along; the carer rides and stays with them.
async fn add_carers(
    tx: &mut Scoped,
    day: &Day<'_>,
    needs: &mut Vec<Mover>,
    going: &mut HashSet<String>,
    live: &HashMap<&str, usize>,
) -> Result<(), OpsError> {
    let wanted: Vec<(String, usize)> = needs
        .iter()
        .enumerate()
        .filter(|(_, need)| need.person.age_on(day.date).is_some_and(|age| age < MINOR_UNDER))
        .filter_map(|(at, need)| Some((need.person.carer.clone()?, at)))
        .filter(|(carer, _)| !going.contains(carer) && !live.contains_key(carer.as_str()))
        .collect();
    let names: Vec<&str> = wanted.iter().map(|(carer, _)| carer.as_str()).collect();
    let carers: HashMap<String, Resident> =
        tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    for (carer, at) in wanted {
        let Some(person) = carers.get(&carer).cloned() else { continue };
        if going.insert(carer) {
            let need = &needs[at];
            needs.push(Mover {
                person,
                class: RideClass::Positive,
                subject: need.subject.clone(),
                since: need.since,
                kinds: need.kinds.clone(),
                severe: false,
                rank: need.rank,
                accompanies: Some(need.person.person.clone()),
                again: None,
            });
        }
    }
    Ok(())
}

/// People of one household and class who go to the same kinds of place ride together.
fn households(needs: &[Mover]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(u8, Instant, String, RideClass), Vec<usize>> = BTreeMap::new();
    let mut key_of: HashMap<(String, RideClass), (u8, Instant)> = HashMap::new();
    let name = |need: &Mover| need.person.household.clone().unwrap_or_else(|| need.person.person.clone());
    for need in needs {
        let key = key_of.entry((name(need), need.class)).or_insert((need.rank, need.since));
        // the whole household goes when its last member is known, and as early as its most urgent member
        *key = (key.0.min(need.rank), key.1.max(need.since));
    }
    for (at, need) in needs.iter().enumerate() {
        let name = name(need);
        if let Some((rank, since)) = key_of.get(&(name.clone(), need.class)) {
            groups.entry((*rank, *since, name, need.class)).or_default().push(at);
        }
    }
    groups.into_values().collect()
}

async fn plan(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    needs: Vec<Mover>,
    transfers: &mut Vec<Transfer>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    if needs.is_empty() {
        return Ok(());
    }
    let facilities: Vec<Facility> = tx
        .facilities()
        .await?
        .into_iter()
        .filter(|f| f.opens_on.is_none_or(|on| on <= day.date) && f.closes_on.is_none_or(|on| on >= day.date))
        .collect();
    let mut wards = Wards::of(facilities, tx.beds().await?);
    let arrived = arrivals(tx, day).await?;
    let shifts = tx.shifts(day.start, day.end.plus_hours(6)).await?;
    let busy = tx.trips_after(day.start).await?;
    let vehicles = fleet(&shifts, &busy);
    let mut groups: Vec<Group> = Vec::new();
    let mut members: Vec<(Vec<usize>, Vec<String>)> = Vec::new();
    let mut without_bed: Vec<usize> = Vec::new();
    // whoever is reported as admitted before anything was planned gets a bed where they are, and no vehicle
    let mut there: HashMap<usize, (usize, String, Instant)> = HashMap::new();
    for (at, need) in needs.iter().enumerate() {
        if let Some((facility, when)) = arrived.get(&need.person.person)
            && let Some((to, bed)) = wards.take_at(facility, (need.person.sex, need.severe))
        {
            there.insert(at, (to, bed, *when));
        }
    }
    for household in households(&needs) {
        let household: Vec<usize> = household.into_iter().filter(|at| !there.contains_key(at)).collect();
        if household.is_empty() {
            continue;
        }
        let Some(from) = household.iter().find_map(|at| needs[*at].person.place) else {
            without_bed.extend(household);
            continue;
        };
        // the heaviest need decides the kinds; a household is only parted when no facility takes it whole
        let mut parts = vec![household];
        while let Some(part) = parts.pop() {
            let first = &needs[part[0]];
            let kinds = part
                .iter()
                .map(|at| &needs[*at])
                .find(|n| n.severe || n.kinds.first() == Some(&FacilityKind::DesignatedHospital))
                .map_or(&first.kinds, |need| &need.kinds);
            let people: Vec<_> = part.iter().map(|at| (needs[*at].person.sex, needs[*at].severe)).collect();
            // a hospital may always take somebody whose own kind of place is full or out of reach
            let kinds = [kinds.as_slice(), &[FacilityKind::DesignatedHospital]].concat();
            let kinds = if first.class == RideClass::Positive { &kinds[..] } else { &first.kinds };
            match wards.take(kinds, from, &people) {
                Some((to, beds)) => {
                    let wheelchairs =
                        part.iter().filter(|at| needs[**at].person.needs.contains(&Need::Wheelchair)).count() as i64;
                    let stretchers = part
                        .iter()
                        .filter(|at| needs[**at].person.needs.contains(&Need::Stretcher))
                        .count() as i64;
                    groups.push(Group {
                        class: first.class,
                        seats: part.len() as i64 - wheelchairs - stretchers,
                        wheelchairs,
                        stretchers,
                        from,
                        to,
                        ready: part.iter().map(|at| needs[*at].since).max().unwrap_or(day.start),
                        rank: part.iter().map(|at| needs[*at].rank).min().unwrap_or(9),
                        urgent: part.iter().any(|at| needs[*at].severe),
                    });
                    members.push((part, beds));
                }
                None if part.len() > 1 && !part.iter().any(|at| needs[*at].accompanies.is_some()) => {
                    parts.extend(part.into_iter().map(|at| vec![at]));
                }
                None => without_bed.extend(part),
            }
        }
    }
    let places: Vec<(f64, f64)> = wards.facilities().iter().map(|f| f.place).collect();
    let plan = dispatch::plan(&groups, &vehicles, &places, day.zone);
    let mut booked: HashMap<usize, (String, Instant, Instant)> = HashMap::new();
    let (mut trips, mut seats) = (Vec::new(), Vec::new());
    let offset = busy.iter().filter(|trip| trip.departs_at >= day.start).count();
    for (n, trip) in plan.trips.iter().enumerate() {
        let shift = &shifts[trip.vehicle];
        let id = format!("T-{}-{:05}", day.date, offset + n + 1);
        let mut people = 0;
        for (group, pickup) in &trip.stops {
            for need in &members[*group].0 {
                people += 1;
                seats.push((id.clone(), people, transfer_id(&needs[*need])));
                booked.insert(*need, (id.clone(), *pickup, trip.arrives));
            }
        }
        trips.push(Trip {
            id,
            vehicle: shift.vehicle.clone(),
            crew: shift.crew.clone(),
            class: trip.class,
            division: shift.division.clone(),
            departs_at: trip.departs,
            ends_at: trip.ends,
            people,
            km: (trip.km * 10.0).round() / 10.0,
        });
    }
    let unplaced: HashMap<usize, &str> = plan
        .unplaced
        .iter()
        .flat_map(|(group, why)| members[*group].0.iter().map(|need| (*need, why.says())))
        .collect();
    let mut fresh = Vec::new();
    let mut holds = Vec::new();
    let beds: HashMap<usize, (usize, &String)> = groups
        .iter()
        .zip(&members)
        .flat_map(|(group, (part, beds))| part.iter().zip(beds).map(|(need, bed)| (*need, (group.to, bed))))
        .collect();
    for (at, need) in needs.iter().enumerate() {
        let mut transfer = Transfer {
            id: transfer_id(need),
            person: need.person.person.clone(),
            person_no: need.person.no,
            division: need.person.division.clone(),
            class: need.class,
            subject: need.subject.clone(),
            requested_at: need.since,
            building: need.person.building.clone(),
            facility: None,
            bed: None,
            trip: None,
            pickup_at: None,
            arrive_at: None,
            picked_up_at: None,
            admitted_at: None,
            ended_at: None,
            state: TransferState::Requested,
            reason: String::new(),
        };
        if let Some((to, bed, when)) = there.get(&at) {
            transfer.facility = Some(wards.facilities()[*to].facility.clone());
            transfer.bed = Some(bed.clone());
            transfer.admitted_at = Some((*when).max(need.since));
            transfer.state = TransferState::Admitted;
            transfer.reason = json!({"reported": "admitted before anything was planned"}).to_string();
            holds.push((bed.clone(), transfer.id.clone(), need.since));
        }
        match (beds.get(&at), booked.get(&at)) {
            _ if there.contains_key(&at) => {}
            (Some((to, bed)), Some((trip, pickup, arrives))) => {
                let facility = &wards.facilities()[*to];
                transfer.facility = Some(facility.facility.clone());
                transfer.bed = Some((*bed).clone());
                transfer.trip = Some(trip.clone());
                transfer.pickup_at = Some(*pickup);
                transfer.arrive_at = Some(*arrives);
                transfer.state = TransferState::Booked;
                let km = need.person.place.map_or(0.0_f64, |place| dispatch::road_km(place, facility.place));
                transfer.reason = json!({
                    "bed": "nearest suitable facility with a free bed", "kinds": need.kinds,
                    "km": (km * 10.0).round() / 10.0, "vehicle": "first on shift at the door", "trip": trip,
                    "accompanies": need.accompanies,
                })
                .to_string();
                holds.push(((*bed).clone(), transfer.id.clone(), need.since));
            }
            (Some(_), None) => {
                let why = unplaced.get(&at).copied().unwrap_or("no vehicle");
                transfer.reason = json!({"waits_for": "vehicle", "why": why, "accompanies": need.accompanies}).to_string();
            }
            _ => {
                let why = if need.person.place.is_none() { "no address known" } else { "no suitable bed is free within the limit of a ride" };
                transfer.reason = json!({"waits_for": "bed", "why": why, "accompanies": need.accompanies}).to_string();
            }
        }
        minutes.event(
            need.since,
            match transfer.state {
                TransferState::Booked => "transfer.booked",
                TransferState::Admitted => "transfer.admitted",
                _ => "transfer.requested",
            },
            &transfer.id,
            &transfer.division,
            &json!({"person": transfer.person, "class": transfer.class, "facility": transfer.facility, "bed": transfer.bed,
                    "trip": transfer.trip, "pickup_at": transfer.pickup_at,
                    "reason": serde_json::from_str::<serde_json::Value>(&transfer.reason).unwrap_or_default()}),
            Some("transfer"),
        )?;
        match need.again {
            Some(index) => {
                tx.update_transfer(&transfer).await?;
                transfers[index] = transfer;
            }
            None => fresh.push(transfer),
        }
    }
    tx.request_transfers(&fresh).await?;
    tx.hold_beds(&holds).await?;
    tx.plan_trips(&trips, &seats).await?;
    transfers.extend(fresh);
    Ok(())
}

/// People reported as admitted: where and when, the last report of each.
async fn arrivals(tx: &mut Scoped, day: &Day<'_>) -> Result<HashMap<String, (String, Instant)>, OpsError> {
    let mut arrived = HashMap::new();
    for report in tx.handovers(day.end, day.start).await? {
        match (report.step, report.facility) {
            (HandoverStep::Admitted, Some(facility)) => {
                arrived.insert(report.person, (facility, report.at));
            }
            (HandoverStep::Discharged, _) => {
                arrived.remove(&report.person);
            }
            _ => {}
        }
    }
    Ok(arrived)
}

fn transfer_id(need: &Mover) -> String {
    match &need.accompanies {
        Some(whom) => format!("M-{}-with-{whom}", need.subject),
        None if need.class == RideClass::Positive => format!("M-{}", need.subject),
        None => format!("M-{}-{}", need.subject, need.person.person),
    }
}

fn fleet(shifts: &[Shift], busy: &[Trip]) -> Vec<Vehicle> {
    let mut bodies: HashMap<&str, usize> = HashMap::new();
    shifts
        .iter()
        .map(|shift| {
            let next = bodies.len();
            let body = *bodies.entry(shift.vehicle.as_str()).or_insert(next);
            let free_from = busy
                .iter()
                .filter(|trip| trip.vehicle == shift.vehicle)
                .map(|trip| trip.ends_at)
                .max()
                .unwrap_or(shift.from);
            // minutes of trips planned earlier count as driven
            let driven: i64 = busy
                .iter()
                .filter(|trip| trip.crew == shift.crew)
                .map(|trip| trip.ends_at.minutes_since(trip.departs_at))
                .sum();
            Vehicle {
                seats: shift.seats,
                wheelchairs: shift.wheelchairs,
                stretchers: shift.stretchers,
                depot: shift.depot,
                from: shift.from,
                to: shift.to,
                driven_24h_min: shift.driven_24h_min + driven,
                driven_7d_min: shift.driven_7d_min + driven,
                free_from,
                body,
            }
        })
        .collect()
}

/// Every transfer is an item until the receiving site confirms it.
fn post(minutes: &mut Minutes<'_>, transfers: &[Transfer]) {
    let day = minutes.day;
    for transfer in transfers {
        let accompanies = transfer.id.contains("-with-");
        let (worklist, subject) = match transfer.class {
            RideClass::Positive if !accompanies => (Worklist::Move, transfer.subject.clone()),
            _ => (Worklist::Place, transfer.id.clone()),
        };
        let owner = owner(transfer);
        let reason = match transfer.state {
            TransferState::Booked if transfer.reason.contains("\"report\"") => {
                format!("tried and not moved: {}", transfer.reason)
            }
            TransferState::Booked => format!(
                "bed {} is held, trip {}; no admission reported yet",
                transfer.bed.as_deref().unwrap_or("-"),
                transfer.trip.as_deref().unwrap_or("-")
            ),
            TransferState::Underway => "picked up; no admission reported yet".to_owned(),
            _ => transfer.reason.clone(),
        };
        let item = minutes.waits(worklist, subject, &transfer.division, owner, transfer.requested_at, reason);
        match (transfer.admitted_at, transfer.state, transfer.ended_at) {
            (Some(at), ..) => {
                item.done(at, "admitted");
            }
            (None, TransferState::Cancelled, at) => {
                item.cancelled(at.unwrap_or(day.end), "no order asks for it any more");
            }
            _ => {}
        }
    }
}

fn owner(transfer: &Transfer) -> dayclear_core::books::Owner {
    let district: DivisionCode = transfer.division.district();
    match (&transfer.state, &transfer.facility) {
        (TransferState::Underway, Some(facility)) => by_site(facility.clone()),
        _ => by_division(&district),
    }
}
