//! What was planned or reached for somebody and is overtaken: a contact who becomes a case, a carer whose child does not go, a carer who
//! becomes a case. It guarantees that who lies at a site is picked up there.

use super::{Live, lies_as_contact};
use crate::{
    OpsError, measures,
    minutes::{Close, Minutes, by_division},
    same::Same,
};
use dayclear_core::{
    books::Worklist,
    transfer::{RideClass, TransferState},
};
use dayclear_store::{Scoped, cases::Case, roster::Resident, transfer::Transfer};
use std::collections::{HashMap, HashSet};

/// A contact who becomes a case needs another place: what was planned or reached for the contact ends. Somebody who stays
/// at home by decision needs no ride. Returns where people are who had arrived at a site: they are picked up there. Who lies there
/// under another id stays until the pick-up, so that a split leaves them where they are.
pub(super) async fn supersede(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    transfers: &mut [Transfer],
    same: &Same,
) -> Result<HashMap<String, (String, (f64, f64))>, OpsError> {
    let day = minutes.day;
    let open: HashMap<&str, &Case> =
        cases.iter().filter(|c| c.closed_on.is_none()).map(|c| (c.person.as_str(), c)).collect();
    let mine = |at: &usize| open.contains_key(transfers[*at].person.as_str());
    let (over, touched): (Vec<usize>, Vec<usize>) =
        (0..transfers.len()).filter(mine).partition(|at| transfers[*at].state == TransferState::Cancelled);
    // whoever was at a site when an earlier run ended that stay is still there
    let left = |at: &&usize| {
        let transfer = &transfers[**at];
        transfer.class == RideClass::Contact
            && transfer.admitted_at.is_some()
            && transfer.ended_at.is_some_and(|ended| open[transfer.person.as_str()].found_at <= ended)
    };
    let there: Vec<usize> = over.iter().filter(left).copied().collect();
    let as_another: HashMap<&str, String> = cases
        .iter()
        .filter(|case| case.stands() && same.is_known_twice(&case.person))
        .filter_map(|case| {
            let other = |t: &&Transfer| t.person != case.person && same.id(&t.person) == same.id(&case.person);
            let lies = transfers.iter().filter(other).find(|t| lies_as_contact(t))?;
            Some((case.person.as_str(), lies.facility.clone()?))
        })
        .collect();
    if touched.is_empty() && there.is_empty() && as_another.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<&str> = touched.iter().map(|at| transfers[*at].person.as_str()).collect();
    let people: HashMap<String, Resident> =
        tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    let sites: HashMap<String, (f64, f64)> =
        tx.facilities().await?.into_iter().map(|f| (f.facility, f.place)).collect();
    let mut from_site = HashMap::new();
    for transfer in there.iter().map(|at| &transfers[*at]) {
        let site = transfer.facility.as_ref().and_then(|site| sites.get_key_value(site));
        from_site.extend(site.map(|(site, place)| (transfer.person.clone(), (site.clone(), *place))));
    }
    for (person, site) in as_another {
        let place = sites.get(&site).copied();
        from_site.extend(place.map(|place| (person.to_owned(), (site, place))));
    }
    for at in touched {
        let transfer = &mut transfers[at];
        let (Some(case), Some(person)) = (open.get(transfer.person.as_str()), people.get(&transfer.person)) else {
            continue;
        };
        if crate::transfer::home::leads_home(transfer) {
            if transfer.state != TransferState::Underway {
                crate::transfer::end(tx, minutes, transfer, &format!("became a case again: {}", case.id)).await?;
            }
            continue;
        }
        if crate::transfer::accompanies(transfer) {
            // somebody with a bed keeps it; somebody without one asks for their own
            if transfer.state == TransferState::Requested {
                crate::transfer::end(tx, minutes, transfer, &format!("became a case: {}", case.id)).await?;
            }
            continue;
        }
        if transfer.class == RideClass::Contact {
            if transfer.state == TransferState::Admitted {
                let site = transfer.facility.as_ref().and_then(|site| sites.get_key_value(site));
                from_site.extend(site.map(|(site, place)| (transfer.person.clone(), (site.clone(), *place))));
            }
            crate::transfer::end(tx, minutes, transfer, &format!("became a case: {}", case.id)).await?;
            continue;
        }
        let home = measures::kinds(&measures::placement(day, case, person).value).is_empty();
        let waiting = matches!(transfer.state, TransferState::Requested | TransferState::Booked);
        if home && waiting {
            crate::transfer::end(tx, minutes, transfer, "stays at home by the rules in force").await?;
        }
    }
    Ok(from_site)
}

/// A carer goes with the child; where the child does not go any more, neither does the carer as such.
pub(super) async fn without_child(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
) -> Result<(), OpsError> {
    let live = transfers.iter().filter(|t| t.state != TransferState::Cancelled);
    let going: HashSet<String> = live.map(|t| t.person.clone()).collect();
    for transfer in transfers.iter_mut() {
        let waiting = matches!(transfer.state, TransferState::Requested | TransferState::Booked);
        let alone = transfer.id.rsplit_once("-with-").is_some_and(|(_, child)| !going.contains(child));
        if waiting && alone {
            crate::transfer::end(tx, minutes, transfer, "the child does not go any more").await?;
        }
    }
    Ok(())
}

/// A carer who becomes a case stays with the child: the ride of the carer is the move of the case.
pub(super) fn moved_as_carers(minutes: &mut Minutes<'_>, cases: &[Case], transfers: &[Transfer], live: &Live) {
    let end = minutes.day.end;
    for case in cases {
        let ride = live.of_person.get(&case.person).map(|at| &transfers[*at]);
        let Some(ride) = ride.filter(|ride| crate::transfer::accompanies(ride)) else { continue };
        let owner = by_division(&case.division.district());
        let reason = format!("goes as a carer, transfer {}; no admission reported yet", ride.id);
        let item = minutes.waits(Worklist::Move, &case.id, &case.division, owner, case.found_at, reason);
        if let Some(at) = ride.admitted_at {
            item.done(at, "admitted");
        } else if case.closed_on.is_some() {
            item.cancelled(end, "the case is closed");
        }
    }
}
