//! Move: every positive to a bed and every contact to the place the decision names. Reports of drivers and receiving
//! sites are applied first ([`reports`]); then it is seen who has to move ([`needs`]), and beds and vehicles are given
//! ([`plan`]). Nobody is marked as arrived without a confirmation, and nobody leaves without a bed.

pub(crate) mod ahead;
pub(crate) mod calls;
mod company;
pub(crate) mod doubles;
mod held;
pub(crate) mod home;
pub(crate) mod needs;
pub(crate) mod onward;
pub(crate) mod outside;
pub(crate) mod plan;
mod reports;
mod short;
pub(crate) mod vain;

use crate::{
    OpsError, agenda, beds,
    minutes::{Close, Day, Focus, Minutes, by_division, by_site},
    same::Same,
};
use calls::End;
use dayclear_core::{
    books::{Movement, Worklist},
    divisions::DivisionCode,
    measures::{OrderKind, OrderState},
    time::Instant,
    transfer::{RideClass, TransferState},
};
use dayclear_store::{
    Scoped,
    cases::Case,
    measures::Order,
    roster::Resident,
    transfer::{Handover, Transfer},
};
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Applies reports, then plans what is still needed: for everybody, or for those of a focus.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    let (mut cases, orders, mut transfers, reports) = match focus {
        None => (
            tx.cases_since(day.date, day.look_back()).await?,
            tx.orders_since(day.date).await?,
            tx.transfers_since(day.start).await?,
            tx.handovers(day.end, day.look_back()).await?,
        ),
        Some(focus) => {
            let people = movers(tx, day, focus).await?;
            let mut cases = tx.cases_of(&people).await?;
            cases.retain(|case| case.concerns(day.date, day.look_back()));
            let names: Vec<String> = tx.people_by_no(&people).await?.into_iter().map(|person| person.person).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let reports = tx.handovers_of(&names, day.end, day.look_back()).await?;
            (cases, tx.orders_of(&people, day.date).await?, tx.transfers_of(&people, day.start).await?, reports)
        }
    };
    if focus.is_none_or(|focus| focus.waiting) {
        tx.plan_at(day.end).await?;
    }
    let people: Vec<i64> = transfers.iter().map(|t| t.person_no).chain(orders.iter().map(|o| o.person_no)).collect();
    let same = Same::among(tx, &people).await?;
    let before: HashMap<String, Transfer> = transfers.iter().map(|t| (t.id.clone(), t.clone())).collect();
    let reports = reports::of_moves_at_hand(tx, day, &transfers, reports).await?;
    let closed = reports::apply(tx, &mut minutes, &mut transfers, &mut cases, &reports).await?;
    let closed: Vec<&str> = closed.iter().map(String::as_str).collect();
    agenda::decided(tx, &closed).await?;
    let aside = doubles::settle(tx, &mut minutes, &mut transfers, &orders, &same).await?;
    cancel_pointless(tx, &mut minutes, &mut transfers, &orders, &same, &aside).await?;
    home::overtaken(tx, &mut minutes, &mut transfers, &orders, &same).await?;
    // those who ride together are turned together, so all of them have to be at hand
    if focus.is_none_or(|focus| focus.waiting) {
        vain::turn(tx, &mut minutes, &cases, &mut transfers).await?;
        onward::plan(tx, &mut minutes, &cases, &mut transfers).await?;
    }
    let mut needs = needs::of(tx, &mut minutes, &cases, &orders, &mut transfers, &same).await?;
    needs.retain(|need| need.again.is_none_or(|at| !aside.contains(&transfers[at].id)));
    plan::make(tx, &mut minutes, needs, &mut transfers).await?;
    home::rides(tx, &mut minutes, &mut transfers).await?;
    reports::unexpected(tx, &mut minutes, &transfers, &reports);
    if focus.is_none_or(|focus| focus.waiting) {
        short::say(tx, &mut minutes).await?;
    }
    if let Some(focus) = focus {
        // whoever waits as before is in the books as before
        transfers.retain(|t| focus.people.binary_search(&t.person_no).is_ok() || before.get(&t.id) != Some(t));
    }
    post(&mut minutes, &transfers);
    minutes.hand_in(tx).await
}

/// The people of a focus and whoever goes with one of them: a child and its carer are looked at together or not at all (R12).
async fn movers(tx: &mut Scoped, day: &Day<'_>, focus: &Focus) -> Result<Vec<i64>, OpsError> {
    let mut movers: BTreeSet<i64> = focus.people.iter().copied().collect();
    if focus.waiting {
        movers.extend(tx.who_waits().await?);
        movers.extend(vain::found(tx, day).await?.iter().map(|vain| vain.person_no));
        movers.extend(onward::found(tx, day.earliest).await?.iter().map(|lying| lying.person_no));
    }
    let mut movers = agenda::with_the_same(tx, movers).await?;
    let numbers: Vec<i64> = movers.iter().copied().collect();
    let mut with: BTreeSet<String> =
        tx.people_by_no(&numbers).await?.into_iter().filter_map(|person| person.carer).collect();
    let rides = tx.transfers_of(&numbers, day.start).await?;
    with.extend(rides.iter().filter_map(|ride| ride.id.rsplit_once("-with-")).map(|(_, child)| child.to_owned()));
    let with: Vec<&str> = with.iter().map(String::as_str).collect();
    let with = tx.people_by_id(&with).await?;
    movers.extend(with.iter().map(|person| person.no));
    // the children of carers who were reached by another child
    let names: Vec<&str> = with.iter().map(|person| person.person.as_str()).collect();
    let children = tx.cared_for_by(&names).await?;
    let children: Vec<&str> = children.iter().map(String::as_str).collect();
    movers.extend(tx.people_by_id(&children).await?.iter().map(|person| person.no));
    Ok(movers.into_iter().collect())
}

/// New cases are asked for at once; beds and vehicles are given by the next run. Who is on the way somewhere already is left
/// to it as well.
pub async fn ask(tx: &mut Scoped, minutes: &mut Minutes<'_>, cases: &[Case]) -> Result<(), OpsError> {
    let numbers: Vec<i64> = cases.iter().map(|case| case.person_no).collect();
    let same = Same::among(tx, &numbers).await?;
    let all: Vec<i64> = same.whole(numbers.iter().copied()).into_iter().collect();
    let live: HashSet<i64> = tx.live_transfers_of(&all).await?.into_iter().map(|t| same.who(t.person_no)).collect();
    let people: HashMap<i64, Resident> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p)).collect();
    let mut wanted = Vec::new();
    for case in cases.iter().filter(|case| case.stands() && !live.contains(&same.who(case.person_no))) {
        let Some(person) = people.get(&case.person_no) else { continue };
        wanted.extend(needs::of_case(minutes, case, person));
    }
    let asked = plan::ask(tx, minutes, wanted).await?;
    post(minutes, &asked);
    Ok(())
}

/// Takes reports on people into account at once: the same rule as in a run. Returns the transfers as they stand.
pub async fn report(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    reports: &[Handover],
) -> Result<Vec<Transfer>, OpsError> {
    let names: Vec<&str> = reports.iter().map(|report| report.person.as_str()).collect();
    let numbers: Vec<i64> = tx.people_by_id(&names).await?.into_iter().map(|person| person.no).collect();
    let mut transfers = tx.transfers_of(&numbers, minutes.day.start).await?;
    let is_over = |transfer: &&Transfer| transfer.state == TransferState::Cancelled;
    let over: HashSet<String> = transfers.iter().filter(is_over).map(|transfer| transfer.id.clone()).collect();
    let mut cases = tx.cases_of(&numbers).await?;
    cases.retain(|case| case.closed_on.is_none());
    let reports = reports::of_moves_at_hand(tx, minutes.day, &transfers, reports.to_vec()).await?;
    for report in reports.iter().filter(|report| report.at <= minutes.day.end) {
        let Some(transfer) = reports::of(&mut transfers, report) else { continue };
        let case = cases.iter_mut().find(|case| case.person == report.person);
        reports::one(tx, minutes, transfer, case, report).await?;
    }
    transfers.retain(|transfer| !over.contains(&transfer.id));
    post(minutes, &transfers);
    Ok(transfers)
}

/// A transfer that no order asks for any more, and that has not begun, is cancelled; its bed is free again. Of whoever is on the way a
/// person is told: they are to be brought home.
async fn cancel_pointless(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut Vec<Transfer>,
    orders: &[Order],
    same: &Same,
    aside: &BTreeSet<String>,
) -> Result<(), OpsError> {
    let asked: HashSet<&str> = orders
        .iter()
        .filter(|o| o.state == OrderState::Active && o.kind.weight() >= OrderKind::CentralIsolation.weight())
        .map(|o| same.id(&o.person))
        .collect();
    let pointless = |transfer: &Transfer| {
        if home::leads_home(transfer) {
            return false;
        }
        use TransferState::{Booked, Requested, Underway};
        let going = matches!(transfer.state, Requested | Booked | Underway);
        going && !accompanies(transfer) && !aside.contains(&transfer.id) && !asked.contains(same.id(&transfer.person))
    };
    // a case that was opened a moment ago may have no order yet: it is asked for, and not without point
    let of_cases: Vec<String> = transfers
        .iter()
        .filter(|transfer| pointless(transfer) && transfer.class == RideClass::Positive)
        .map(|transfer| format!("O-case-{}", transfer.subject))
        .collect();
    let names: Vec<&str> = of_cases.iter().map(String::as_str).collect();
    let decided: HashSet<String> = tx.orders_by_id(&names).await?.into_iter().map(|order| order.subject).collect();
    for at in 0..transfers.len() {
        let transfer = &mut transfers[at];
        let undecided = transfer.class == RideClass::Positive && !decided.contains(&transfer.subject);
        if !pointless(transfer) || undecided {
            continue;
        }
        if transfer.state == TransferState::Underway {
            home::turn(tx, minutes, transfers, at).await?;
        } else {
            end(tx, minutes, transfer, "no order asks for it any more").await?;
        }
    }
    Ok(())
}

/// Gives a seat back: the transfer is asked for again, and wants another ride.
pub(crate) async fn without_ride(tx: &mut Scoped, transfer: &mut Transfer, at: Instant) -> Result<(), OpsError> {
    tx.give_seat_back(&transfer.id, at).await?;
    (transfer.trip, transfer.pickup_at, transfer.arrive_at) = (None, None, None);
    transfer.state = TransferState::Requested;
    Ok(())
}

/// Whether somebody rides as the carer of another.
pub(crate) fn accompanies(transfer: &Transfer) -> bool {
    transfer.id.contains("-with-")
}

/// Ends a transfer: it is cancelled if it had not arrived, over if it had; its bed is free, or waits to be cleaned.
async fn end(tx: &mut Scoped, minutes: &mut Minutes<'_>, transfer: &mut Transfer, why: &str) -> Result<(), OpsError> {
    let at = minutes.day.end;
    let arrived = transfer.state == TransferState::Admitted;
    if transfer.state == TransferState::Booked {
        // somebody else may have the seat, and a trip without anybody is not driven
        without_ride(tx, transfer, at).await?;
        agenda::means(tx).await?;
    }
    transfer.state = TransferState::Cancelled;
    transfer.ended_at = Some(at);
    transfer.reason = json!({"ended": why}).to_string();
    if transfer.outside.is_some() {
        minutes.no_paper(&transfer.id);
    }
    calls::settle_door(tx, minutes, &transfer.id, End { at, how: Movement::Cancelled, why: "the transfer has ended" })
        .await?;
    if let (Some(bed), true) = (tx.release_bed(&transfer.id, at).await?, arrived) {
        let place = (&transfer.division, transfer.facility.as_deref().unwrap_or_default());
        beds::to_clean(tx, minutes, &bed, place, at, "to clean after somebody left").await?;
    }
    tx.update_transfer(transfer).await?;
    let kind = if arrived { "transfer.ended" } else { "transfer.cancelled" };
    minutes.event(at, kind, &transfer.id, &transfer.division, &json!({"why": why}), Some("transfer"))
}

/// Every transfer is an item until the receiving site confirms it.
pub(crate) fn post(minutes: &mut Minutes<'_>, transfers: &[Transfer]) {
    let day = minutes.day;
    outside::post(minutes, transfers);
    for transfer in transfers {
        let accompanies = accompanies(transfer);
        let (worklist, subject) = match transfer.class {
            // who moves on from a site has been moved once, and that item is done
            RideClass::Positive if !accompanies && !onward::moves_on(transfer) && !home::is_turned(transfer) => {
                (Worklist::Move, transfer.subject.clone())
            }
            _ => (Worklist::Place, transfer.id.clone()),
        };
        let owner = owner(transfer);
        let reason = match transfer.state {
            TransferState::Requested if transfer.bed.is_some() => {
                format!("bed {} is held; {}", transfer.bed.as_deref().unwrap_or("-"), transfer.reason)
            }
            TransferState::Booked if home::leads_home(transfer) => {
                format!("free to go home; trip {}", transfer.trip.as_deref().unwrap_or("-"))
            }
            TransferState::Booked if transfer.reason.contains("\"report\"") => {
                format!("tried and not moved: {}", transfer.reason)
            }
            TransferState::Booked => format!(
                "bed {} is held, trip {}; no admission reported yet",
                transfer.bed.as_deref().unwrap_or("-"),
                transfer.trip.as_deref().unwrap_or("-")
            ),
            TransferState::Underway if home::leads_home(transfer) => "picked up, on the way home".to_owned(),
            TransferState::Underway if home::is_going(transfer) => {
                format!("picked up, and free to go home: {}", transfer.reason)
            }
            TransferState::Underway if transfer.reason.contains("\"stands\"") => {
                format!("picked up, and has nowhere to go: {}", transfer.reason)
            }
            TransferState::Underway if transfer.handed_over_at.is_some() => {
                "handed over, says the crew; no admission reported yet".to_owned()
            }
            TransferState::Underway if transfer.reason.contains("\"report\":\"worse\"") => {
                "picked up, and symptoms got worse: an emergency was opened; no admission reported yet".to_owned()
            }
            TransferState::Underway => "picked up; no admission reported yet".to_owned(),
            _ => transfer.reason.clone(),
        };
        let item = minutes.waits(worklist, subject, &transfer.division, owner, transfer.requested_at, reason);
        match (transfer.admitted_at, transfer.state, transfer.ended_at) {
            (None, TransferState::Cancelled, Some(at))
                if home::leads_home(transfer) && transfer.picked_up_at.is_some() =>
            {
                item.done(at, "is at home");
            }
            (Some(at), ..) => {
                item.done(at, "admitted");
            }
            (None, TransferState::Cancelled, at) => {
                let said: serde_json::Value = serde_json::from_str(&transfer.reason).unwrap_or_default();
                item.cancelled(at.unwrap_or(day.end), said["ended"].as_str().unwrap_or("ended"));
            }
            _ => {}
        }
    }
}

fn owner(transfer: &Transfer) -> dayclear_core::books::Owner {
    let district: DivisionCode = transfer.division.district();
    match (&transfer.state, &transfer.facility) {
        // until they are received outside, whoever sent them answers for them
        (TransferState::Underway, Some(facility)) if !home::leads_home(transfer) && transfer.outside.is_none() => {
            by_site(facility.clone())
        }
        _ => by_division(&district),
    }
}
