//! Who has to be moved today: cases by the placement of the pack, contacts whose order names a site, and the carers of
//! children (R12).

mod asked;
mod overtaken;

pub(crate) use asked::asked;

use super::{company, held::Held, onward};
use crate::{
    OpsError, measures,
    minutes::{Close, Day, Minutes, by_division},
    same::Same,
};
use dayclear_core::{
    books::Worklist,
    cases::Severity,
    measures::{OrderKind, OrderState},
    roster::Need,
    time::Instant,
    transfer::{FacilityKind, RideClass, TransferState},
};
use dayclear_store::{Scoped, cases::Case, measures::Order, roster::Resident, transfer::Transfer};
use overtaken::{moved_as_carers, supersede, without_child};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Age under which nobody travels or stays without a carer (R12; the pack's limit for special groups is the same).
pub(crate) const MINOR_UNDER: u8 = 14;

/// Somebody who has to be moved.
#[derive(Clone)]
pub struct Mover {
    pub person: Resident,
    pub class: RideClass,
    pub subject: String,
    pub since: Instant,
    pub kinds: Vec<FacilityKind>,
    pub severe: bool,
    pub rank: u8,
    pub accompanies: Option<String>,
    pub again: Option<usize>,
    /// Site where they are and which they leave; `None`: they are at home.
    pub left: Option<String>,
    /// Where somebody of the household is or goes to: a child follows them if there is a bed (R12).
    pub beside: Option<String>,
    /// Bed that somebody holds for them by hand.
    pub held: Option<Held>,
    /// Id under which they wait already.
    pub known: Option<String>,
    /// Unit and door at which they were found, where that is not the door of the roster.
    pub door: Option<String>,
}

impl Mover {
    /// Somebody who goes along because of this person, to the same kinds of places.
    pub(super) fn joined_by(&self, person: Resident, class: RideClass, again: Option<usize>) -> Mover {
        Mover {
            person,
            class,
            subject: self.subject.clone(),
            since: self.since,
            kinds: self.kinds.clone(),
            severe: false,
            rank: self.rank,
            accompanies: Some(self.person.person.clone()),
            again,
            left: None,
            beside: None,
            held: None,
            known: None,
            door: None,
        }
    }
}

/// Where each person's transfer stands among those at hand that are not over.
struct Live {
    of_person: HashMap<String, usize>,
}

impl Live {
    fn of(transfers: &[Transfer]) -> Live {
        // a way home that has not begun stands in nobody's way
        let idle = |t: &Transfer| super::home::leads_home(t) && t.state != TransferState::Underway;
        let open = transfers.iter().enumerate().filter(|(_, t)| t.state != TransferState::Cancelled && !idle(t));
        Live { of_person: open.map(|(at, t)| (t.person.clone(), at)).collect() }
    }

    /// Of somebody who has to be moved: the transfer that waits for it already, if there is one. `None`: there is nothing left to plan.
    fn waits_for_vehicle(
        &self,
        person: &str,
        class: RideClass,
        transfers: &[Transfer],
        same: &Same,
    ) -> Option<Option<usize>> {
        // whoever has a bed under another id has one; a case who lies at a site as a contact does not stay there
        let elsewhere = || {
            let leaves = |t: &Transfer| class == RideClass::Positive && lies_as_contact(t);
            let has = |t: &&Transfer| t.state != TransferState::Requested && t.person != person && !leaves(t);
            self.of_person.values().map(|at| &transfers[*at]).filter(has).any(|t| same.id(&t.person) == same.id(person))
        };
        match self.of_person.get(person) {
            _ if same.is_known_twice(person) && elsewhere() => None,
            None => Some(None),
            Some(at) if transfers[*at].state == TransferState::Requested => Some(Some(*at)),
            Some(_) => None,
        }
    }
}

pub async fn of(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    orders: &[Order],
    transfers: &mut Vec<Transfer>,
    same: &Same,
) -> Result<Vec<Mover>, OpsError> {
    let day = minutes.day;
    let from_site = supersede(tx, minutes, cases, transfers, same).await?;
    without_child(tx, minutes, transfers).await?;
    let live = Live::of(transfers);
    let central: BTreeMap<&str, &Order> = orders
        .iter()
        .filter(|o| o.state == OrderState::Active && o.kind == OrderKind::CentralIsolation)
        .filter(|o| o.from_day <= day.date && o.starts_at < day.end)
        .map(|o| (o.person.as_str(), o))
        .collect();
    let asked: HashSet<&str> = orders
        .iter()
        .filter(|o| o.state == OrderState::Active && o.kind.weight() >= OrderKind::CentralIsolation.weight())
        .map(|o| same.id(&o.person))
        .collect();
    let mut names: Vec<&str> = cases.iter().filter(|c| c.closed_on.is_none()).map(|c| c.person.as_str()).collect();
    names.extend(central.keys().copied());
    let people: HashMap<String, Resident> =
        tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    let mut needs = Vec::new();
    for case in cases.iter().filter(|case| case.stands()) {
        let Some(person) = people.get(&case.person) else { continue };
        let Some(mut need) = of_case(minutes, case, person) else { continue };
        let Some(again) = live.waits_for_vehicle(&case.person, RideClass::Positive, transfers, same) else { continue };
        if again.is_none() && !asked.contains(same.id(&case.person)) {
            // the order was ended by hand, or has lapsed: nothing asks for the move any more
            let owner = by_division(&case.division.district());
            minutes
                .waits(Worklist::Move, &case.id, &case.division, owner, case.found_at, "")
                .cancelled(day.end, "no order asks for it any more");
            continue;
        }
        if let Some((site, place)) = from_site.get(&case.person) {
            need.person.place = Some(*place);
            need.person.building = None;
            need.left = Some(site.clone());
        }
        need.again = again;
        needs.push(need);
    }
    moved_as_carers(minutes, cases, transfers, &live);
    let mut case_people: HashSet<&str> =
        cases.iter().filter(|c| c.closed_on.is_none()).map(|c| c.person.as_str()).collect();
    case_people.extend(same.ids_of(case_people.clone()));
    company::with_children(tx, minutes, &mut needs, RideClass::Positive, &case_people, transfers).await?;
    let going: HashSet<String> = needs.iter().map(|need| need.person.person.clone()).collect();
    let live = Live::of(transfers);
    for (name, order) in central {
        let waits = live.waits_for_vehicle(name, RideClass::Contact, transfers, same);
        let (Some(person), Some(again)) = (people.get(name), waits) else { continue };
        // whoever waits to go with a child goes with the child
        let as_carer = again.is_some_and(|at| super::accompanies(&transfers[at]));
        if going.contains(name) || case_people.contains(name) || as_carer {
            continue;
        }
        needs.push(Mover { again, ..contact(person.clone(), order.subject.clone(), order.starts_at) });
    }
    company::with_children(tx, minutes, &mut needs, RideClass::Contact, &case_people, transfers).await?;
    moved_before(tx, minutes, &mut needs).await?;
    for need in &mut needs {
        need.held = need.again.and_then(|at| Held::of(&transfers[at]));
        need.known = need.again.map(|at| transfers[at].id.clone());
    }
    with_a_bed(tx, &mut needs, transfers).await?;
    from_sites(tx, &mut needs, transfers).await?;
    at_other_doors(tx, &mut needs, transfers).await?;
    Ok(needs)
}

/// Whoever moves on from a site is picked up there.
async fn from_sites(tx: &mut Scoped, needs: &mut [Mover], transfers: &[Transfer]) -> Result<(), OpsError> {
    let known: HashSet<&str> = needs.iter().filter_map(|need| need.known.as_deref()).collect();
    let theirs: Vec<&Transfer> = transfers.iter().filter(|one| known.contains(one.id.as_str())).collect();
    let mut left = onward::left(tx, &theirs).await?;
    for need in needs {
        if let Some((site, place)) = need.known.as_ref().and_then(|id| left.remove(id)) {
            (need.person.place, need.person.building, need.left) = (Some(place), None, Some(site));
        }
    }
    Ok(())
}

/// Whoever was found at another door than the roster's is picked up there.
async fn at_other_doors(tx: &mut Scoped, needs: &mut [Mover], transfers: &[Transfer]) -> Result<(), OpsError> {
    let found = |one: &Transfer| Some((one.id.clone(), (one.building.clone()?, one.door.clone()?)));
    let mut doors: HashMap<String, (String, String)> = transfers.iter().filter_map(found).collect();
    if doors.is_empty() {
        return Ok(());
    }
    let buildings: BTreeSet<&str> = doors.values().map(|(building, _)| building.as_str()).collect();
    let buildings = tx.buildings_by_id(&buildings.into_iter().collect::<Vec<_>>()).await?;
    let places: HashMap<String, (f64, f64)> = buildings.into_iter().map(|row| (row.building, row.place)).collect();
    for need in needs {
        let Some((building, door)) = need.known.as_ref().and_then(|id| doors.remove(id)) else { continue };
        let Some(place) = places.get(&building) else { continue };
        (need.person.place, need.person.building, need.door) = (Some(*place), Some(building), Some(door));
    }
    Ok(())
}

/// Whoever has a bed by hand and is in no other need wants a vehicle all the same.
async fn with_a_bed(tx: &mut Scoped, needs: &mut Vec<Mover>, transfers: &[Transfer]) -> Result<(), OpsError> {
    let planned: HashSet<usize> = needs.iter().filter_map(|need| need.again).collect();
    let waits = |(at, t): &(usize, &Transfer)| t.state == TransferState::Requested && !planned.contains(at);
    let rest: Vec<(usize, Held)> =
        transfers.iter().enumerate().filter(waits).filter_map(|(at, t)| Some((at, Held::of(t)?))).collect();
    let numbers: Vec<i64> = rest.iter().map(|(at, _)| transfers[*at].person_no).collect();
    let people: HashMap<i64, Resident> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p)).collect();
    for (at, held) in rest {
        let transfer = &transfers[at];
        let Some(person) = people.get(&transfer.person_no).cloned() else { continue };
        needs.push(Mover {
            person,
            class: transfer.class,
            subject: transfer.subject.clone(),
            since: transfer.requested_at,
            kinds: Vec::new(),
            severe: false,
            rank: 2,
            accompanies: transfer.id.rsplit_once("-with-").map(|(_, child)| child.to_owned()),
            again: Some(at),
            left: None,
            beside: None,
            held: Some(held),
            known: Some(transfer.id.clone()),
            door: None,
        });
    }
    Ok(())
}

/// Somebody who was moved by the same decision before, and has left or was cancelled, is not moved again by a rule: a person
/// looks at why the decision still stands.
async fn moved_before(tx: &mut Scoped, minutes: &mut Minutes<'_>, needs: &mut Vec<Mover>) -> Result<(), OpsError> {
    let ids: Vec<String> = needs.iter().filter(|need| need.again.is_none()).map(transfer_id).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let before: HashMap<String, Instant> = tx
        .transfers_by_id(&ids)
        .await?
        .into_iter()
        .map(|transfer| (transfer.id, transfer.ended_at.unwrap_or(transfer.requested_at)))
        .collect();
    let mut kept = Vec::with_capacity(needs.len());
    for need in needs.drain(..) {
        let id = transfer_id(&need);
        let Some(since) = before.get(&id).filter(|_| need.again.is_none()) else {
            kept.push(need);
            continue;
        };
        let reason = "was moved or cancelled before, and an order still asks for it: end the order, or move by hand";
        let division = &need.person.division;
        minutes.waits(
            Worklist::Clarify,
            format!("again/{id}"),
            division,
            by_division(&division.district()),
            *since,
            reason,
        );
    }
    *needs = kept;
    Ok(())
}

/// What the placement of the pack asks for a case: to be moved, or `None` where home is the place.
pub fn of_case(minutes: &mut Minutes<'_>, case: &Case, person: &Resident) -> Option<Mover> {
    let day = minutes.day;
    let placement = measures::placement(day, case, person);
    let kinds = measures::kinds(&placement.value).to_vec();
    if kinds.is_empty() {
        // home is a place too: the decision completes the move
        let owner = by_division(&case.division.district());
        minutes
            .waits(Worklist::Move, &case.id, &case.division, owner, case.found_at, "")
            .done(case.found_at, format!("stays at home: {}", placement.reason));
        return None;
    }
    Some(mover(day, case, person, kinds))
}

/// Somebody with a case, who goes to the first of these kinds of places.
fn mover(day: &Day<'_>, case: &Case, person: &Resident, kinds: Vec<FacilityKind>) -> Mover {
    let severe = matches!(case.severity, Severity::Severe | Severity::Critical);
    let vulnerable = person.age_on(day.date).is_some_and(|age| age >= 60)
        || person.needs.iter().any(|n| matches!(n, Need::Pregnancy | Need::LatePregnancy | Need::Dialysis));
    Mover {
        left: None,
        person: person.clone(),
        class: RideClass::Positive,
        subject: case.id.clone(),
        since: case.found_at,
        kinds,
        severe,
        rank: if severe { 0 } else { 1 + u8::from(!vulnerable) },
        accompanies: None,
        again: None,
        beside: None,
        held: None,
        known: None,
        door: None,
    }
}

/// A contact who goes to a site.
fn contact(person: Resident, subject: String, since: Instant) -> Mover {
    Mover {
        person,
        class: RideClass::Contact,
        subject,
        since,
        kinds: vec![FacilityKind::IsolationSite],
        severe: false,
        rank: 3,
        accompanies: None,
        again: None,
        left: None,
        beside: None,
        held: None,
        known: None,
        door: None,
    }
}

/// Whether somebody was taken in by a site as a contact, and is there.
fn lies_as_contact(transfer: &Transfer) -> bool {
    transfer.class == RideClass::Contact && transfer.state == TransferState::Admitted && !super::accompanies(transfer)
}

/// People of one household and class who go to the same kinds of place ride together.
pub fn households(needs: &[Mover]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(u8, Instant, String, RideClass), Vec<usize>> = BTreeMap::new();
    let mut key_of: HashMap<(String, RideClass), (u8, Instant)> = HashMap::new();
    let name = |need: &Mover| {
        let home = need.person.household.as_ref().unwrap_or(&need.person.person);
        // whoever was found elsewhere is fetched there, with those of the household who are there too
        match (&need.door, &need.person.building) {
            (Some(_), Some(building)) => format!("{home}@{building}"),
            _ => home.clone(),
        }
    };
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

pub fn transfer_id(need: &Mover) -> String {
    if let Some(known) = &need.known {
        return known.clone();
    }
    match &need.accompanies {
        Some(whom) => format!("M-{}-with-{whom}", need.subject),
        None if need.class == RideClass::Positive => format!("M-{}", need.subject),
        None => format!("M-{}-{}", need.subject, need.person.person),
    }
}
