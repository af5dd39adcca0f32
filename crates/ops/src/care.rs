//! What is known of somebody's care: the illness, where they lay, their tests, what binds them now; for the paper that goes along with them.
//! It reads by the number of a transfer that the caller may see, and the rows of nobody else. It guarantees that a withheld result is
//! none, and that two ids of one person are one.

use crate::{OpsError, agenda};
use dayclear_core::{
    measures::OrderState,
    time::{CivilDate, Instant},
};
use dayclear_store::{
    Scoped, cases::Case, measures::Order, roster::Resident, screening::TubeResult, transfer::Transfer,
};

/// Days before the request of the transfer from which tests and stays are told, where the person is no case.
const BACK_D: i64 = 14;

/// What is known.
#[derive(Debug, Clone)]
pub struct Care {
    /// The transfer.
    pub transfer: Transfer,
    /// The person, as the roster has them.
    pub person: Option<Resident>,
    /// The case that the transfer serves, or else the latest one of the person.
    pub case: Option<Case>,
    /// Transfers that led to an admission, in order of that.
    pub stays: Vec<Transfer>,
    /// Tubes with a swab of the person and a result that counts, in order of the swab.
    pub tests: Vec<TubeResult>,
    /// Orders that bind the person on this day.
    pub orders: Vec<Order>,
}

/// What is known of whoever a transfer is for, on a day; none where there is no such transfer.
pub async fn known(tx: &mut Scoped, transfer: &str, today: CivilDate, now: Instant) -> Result<Option<Care>, OpsError> {
    let Some(transfer) = tx.transfers_by_id(&[transfer]).await?.pop() else { return Ok(None) };
    let same = agenda::with_the_same(tx, [transfer.person_no].into()).await?;
    let numbers: Vec<i64> = same.into_iter().collect();
    let person = tx.people_by_no(&[transfer.person_no]).await?.pop();
    let mut cases = tx.cases_of(&numbers).await?;
    cases.retain(|case| case.aside.is_none() && !case.is_withdrawn());
    cases.sort_by_key(|case| (case.id == transfer.subject, case.found_at));
    let case = cases.pop();
    let since = case.as_ref().map_or(transfer.requested_at.plus_hours(-24 * BACK_D), |case| case.sampled_at);
    let mut stays = tx.transfers_of(&numbers, since).await?;
    stays.retain(|stay| stay.admitted_at.is_some_and(|at| at >= since));
    stays.sort_by_key(|stay| stay.admitted_at);
    let mut tests = tx.results_of_people(now, &numbers).await?;
    tests.retain(|test| test.collected_at >= since && test.held_at.is_none());
    tests.sort_by_key(|test| (test.collected_at, test.no));
    let mut orders = tx.orders_of(&numbers, today).await?;
    orders.retain(|order| order.state == OrderState::Active && order.until_day >= today);
    Ok(Some(Care { transfer, person, case, stays, tests, orders }))
}
