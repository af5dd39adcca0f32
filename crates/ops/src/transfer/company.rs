//! Children who are moved (R12): none goes without somebody of the household, or the registered carer. Whoever of them goes as well goes
//! with the child, and whoever is at a place already is followed there; else one who is free comes along, the registered carer first.
//! Where nobody is, a person has to name a carer: a contact stays until then, a case goes, and the necessity is on record.

use super::{
    accompanies,
    needs::{MINOR_UNDER, Mover},
    plan,
};
use crate::{
    OpsError,
    minutes::{Minutes, by_division},
    same::Same,
};
use dayclear_core::{
    books::Worklist,
    transfer::{FacilityKind, RideClass, TransferState},
};
use dayclear_store::{Scoped, roster::Resident, transfer::Transfer};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Age from which somebody of a household can come along.
pub(super) const ADULT_FROM: u8 = 18;

/// Those who could go with children: by household, by id, and where they are going or have gone.
struct Adults {
    at_home: BTreeMap<String, Vec<Resident>>,
    carers: HashMap<String, Resident>,
    live: HashMap<String, Transfer>,
    facilities: HashMap<String, FacilityKind>,
    /// Those among them who are a case, whether or not this run looks at them.
    cases: HashSet<String>,
}

impl Adults {
    async fn of(tx: &mut Scoped, minutes: &Minutes<'_>, children: &[&Mover]) -> Result<Adults, OpsError> {
        let today = minutes.day.date;
        let homes: BTreeSet<&str> = children.iter().filter_map(|need| need.person.household.as_deref()).collect();
        let homes: Vec<&str> = homes.into_iter().collect();
        let mut at_home: BTreeMap<String, Vec<Resident>> = BTreeMap::new();
        for person in tx.people_of_households(&homes).await? {
            if let (Some(home), true) =
                (person.household.clone(), person.age_on(today).is_some_and(|age| age >= ADULT_FROM))
            {
                at_home.entry(home).or_default().push(person);
            }
        }
        let names: BTreeSet<&str> = children.iter().filter_map(|need| need.person.carer.as_deref()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let carers = tx.people_by_id(&names).await?;
        let numbers: Vec<i64> = at_home.values().flatten().chain(&carers).map(|person| person.no).collect();
        let live = tx.live_transfers_of(&numbers).await?;
        let facilities = if live.is_empty() { Vec::new() } else { tx.facilities().await? };
        let same = Same::among(tx, &numbers).await?;
        let whole: Vec<i64> = same.whole(numbers.iter().copied()).into_iter().collect();
        let open = tx.cases_of(&whole).await?;
        let open = open.iter().filter(|case| case.closed_on.is_none()).map(|case| case.person.as_str());
        let cases = same.ids_of(open).into_iter().map(str::to_owned).collect();
        Ok(Adults {
            at_home,
            carers: carers.into_iter().map(|person| (person.person.clone(), person)).collect(),
            live: live.into_iter().map(|transfer| (transfer.person.clone(), transfer)).collect(),
            facilities: facilities.into_iter().map(|facility| (facility.facility, facility.kind)).collect(),
            cases,
        })
    }

    /// Those who could go with a child: the registered carer, then the adults of the household.
    fn with(&self, child: &Resident) -> Vec<&Resident> {
        let carer = child.carer.as_ref().and_then(|carer| self.carers.get(carer));
        let home = child.household.as_ref().and_then(|home| self.at_home.get(home));
        let others = home.into_iter().flatten().filter(|adult| carer.is_none_or(|carer| carer.no != adult.no));
        carer.into_iter().chain(others).collect()
    }

    /// Where an adult is or goes to, if a child can go there too.
    fn place(&self, adult: &Resident, child: &Mover) -> Option<&str> {
        let there = self.live.get(&adult.person)?;
        let place = there.facility.as_deref()?;
        let kind = self.facilities.get(place)?;
        let suits = plan::takes(*kind, child.class, &child.kinds);
        (there.class == child.class && there.state != TransferState::Requested && suits).then_some(place)
    }
}

/// What an adult who comes along gives up, or goes on with.
enum Coming {
    /// Nothing: is at home.
    Free,
    /// Waits for this very ride already: the transfer, if it is at hand in this run.
    Waits(Option<usize>),
    /// A move as a contact that has not begun, or a stay at the site which the child leaves.
    Leaves(Box<Transfer>),
}

/// Gives company to children of a class among those who have to be moved, or has a person name a carer.
pub(super) async fn with_children(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    needs: &mut Vec<Mover>,
    class: RideClass,
    cases: &HashSet<&str>,
    transfers: &mut Vec<Transfer>,
) -> Result<(), OpsError> {
    let today = minutes.day.date;
    let is_child = |need: &Mover| {
        need.class == class
            && need.accompanies.is_none()
            && need.person.age_on(today).is_some_and(|age| age < MINOR_UNDER)
    };
    let children: Vec<usize> = (0..needs.len()).filter(|at| is_child(&needs[*at])).collect();
    if children.is_empty() {
        return Ok(());
    }
    let of_children: Vec<&Mover> = children.iter().map(|at| &needs[*at]).collect();
    let adults = Adults::of(tx, minutes, &of_children).await?;
    let (mut alone, mut left): (Vec<usize>, Vec<Transfer>) = (Vec::new(), Vec::new());
    for at in children {
        let candidates = adults.with(&needs[at].person);
        // of somebody who lives with no adult the roster does not say from whom they would be parted
        if candidates.is_empty() {
            continue;
        }
        let goes = |adult: &Resident| needs.iter().any(|other| other.class == class && other.person.no == adult.no);
        if candidates.iter().any(|adult| goes(adult)) {
            continue;
        }
        if let Some(beside) = candidates.iter().find_map(|adult| adults.place(adult, &needs[at])) {
            let beside = beside.to_owned();
            needs[at].beside = Some(beside);
            continue;
        }
        let found = candidates
            .iter()
            .find_map(|adult| Some((*adult, coming(adult, &needs[at], needs, cases, &adults, transfers)?)));
        let Some((adult, coming)) = found else {
            alone.push(at);
            continue;
        };
        let again = match coming {
            Coming::Free => None,
            Coming::Waits(Some(again)) => Some(again),
            // it waits already, and is not at hand in this run
            Coming::Waits(None) => continue,
            Coming::Leaves(transfer) => {
                left.push(*transfer);
                None
            }
        };
        let mut with = needs[at].joined_by(adult.clone(), class, again);
        if left.last().is_some_and(|stay| stay.person_no == adult.no && stay.state == TransferState::Admitted) {
            (with.left, with.person.place) = (needs[at].left.clone(), needs[at].person.place);
            with.person.building = None;
        }
        needs.push(with);
    }
    for mut transfer in left {
        let why = "goes with a child of the household who is a case";
        match transfers.iter_mut().find(|known| known.id == transfer.id) {
            Some(known) => super::end(tx, minutes, known, why).await?,
            None => {
                super::end(tx, minutes, &mut transfer, why).await?;
                transfers.push(transfer);
            }
        }
    }
    for at in alone.into_iter().rev() {
        let reason = match class {
            RideClass::Contact => "nobody of the household can go with this child: name a carer first",
            _ => "nobody of the household can go with this child, who is a case: name a carer",
        };
        let child = &needs[at];
        name_a_carer(minutes, child, reason);
        if class == RideClass::Contact {
            needs.remove(at);
        }
    }
    Ok(())
}

/// How an adult can come along with a child; `None`: not at all.
fn coming(
    adult: &Resident,
    child: &Mover,
    needs: &[Mover],
    cases: &HashSet<&str>,
    adults: &Adults,
    transfers: &[Transfer],
) -> Option<Coming> {
    // who goes with somebody else in this run, a child who is a case, cannot be with this one too
    let is_case = cases.contains(adult.person.as_str()) || adults.cases.contains(&adult.person);
    if is_case || needs.iter().any(|other| other.person.no == adult.no) {
        return None;
    }
    let Some(live) = adults.live.get(&adult.person) else { return Some(Coming::Free) };
    let ride = format!("M-{}-with-{}", child.subject, child.person.person);
    if live.id == ride && live.state == TransferState::Requested {
        return Some(Coming::Waits(transfers.iter().position(|transfer| transfer.id == ride)));
    }
    // a child who is a case comes before a stay that an adult would have as a contact, but not before another child of theirs
    if child.class != RideClass::Positive || live.class != RideClass::Contact || accompanies(live) {
        return None;
    }
    let not_begun = matches!(live.state, TransferState::Requested | TransferState::Booked);
    let at_the_site = live.state == TransferState::Admitted && child.left.is_some() && live.facility == child.left;
    (not_begun || at_the_site).then(|| Coming::Leaves(Box::new(live.clone())))
}

/// Somebody has to name who is with a child.
pub(super) fn name_a_carer(minutes: &mut Minutes<'_>, child: &Mover, reason: &str) {
    minutes.waits(
        Worklist::Clarify,
        format!("carer/{}", child.person.person),
        &child.person.division,
        by_division(&child.person.division),
        child.since,
        reason,
    );
}
