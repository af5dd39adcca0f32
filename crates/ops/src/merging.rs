//! Requests of one household on one theme go together, by rule and at once: the earliest is answered for all, and nobody is called about
//! the same thing twice. It may use the store. It guarantees that nothing urgent is ever put together, that the clock of the earliest runs
//! on, and that each decision can be taken back by a person.

use crate::{
    OpsError,
    minutes::{BY_RULE, Minutes},
};
use dayclear_core::time::Instant;
use dayclear_store::{Scoped, welfare::Request};
use serde_json::json;

const REASON: &str = "the same household asked for the same before";

/// Puts together what goes together among requests that have just become known: they are told where they went.
pub(crate) async fn by_rule(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    requests: &mut [Request],
) -> Result<(), OpsError> {
    for request in requests.iter_mut() {
        let fresh = request.answered_at.is_none() && request.answer.is_none() && request.reopened == 0;
        if !fresh || request.merged_into.is_some() || !request.kind.goes_together() {
            continue;
        }
        let Some(into) = tx.same_household_asked(&request.request, request.kind, request.received_at).await? else {
            continue;
        };
        merge(tx, minutes, request, &into, (BY_RULE, minutes.day.end), REASON).await?;
        request.merged_into = Some(into);
    }
    Ok(())
}

/// A request goes with another.
pub(crate) async fn merge(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    request: &Request,
    into: &str,
    (account, at): (&str, Instant),
    reason: &str,
) -> Result<(), OpsError> {
    tx.merge_request((&request.request, Some(into)), (account, at), reason).await?;
    let body = json!({"into": into, "kind": request.kind});
    minutes.event(at, "request.merged", &request.request, &request.division, &body, None)
}
