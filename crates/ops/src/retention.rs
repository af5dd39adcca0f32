//! What tracing may keep for the pack's retention and no longer (R14): findings of searches and visits are deleted, contacts lose their
//! names; numbers and words of messages go with the follow-up. It may use the store; it guarantees that whoever is still bound, asked after
//! or about to be released keeps their name until that is over, that figures stay as they were counted, and that an event says how many
//! rows it was.

use crate::{
    OpsError, desk,
    minutes::{Close, Day, Focus, Minutes},
};
use dayclear_core::{books::Worklist, searches::SearchState, time::CivilDate};
use dayclear_store::{Scoped, searches::Search};
use serde_json::json;

/// Rows of a table that are dealt with at once at most; the next pass takes more.
const ROWS_AT_ONCE: i64 = 20_000;
/// As many while people work and wait for the turn.
const ROWS_BESIDE_PEOPLE: i64 = 200;

/// The first day whose tracing data still name people.
pub(crate) fn kept_from(day: &Day<'_>) -> CivilDate {
    day.date.plus_days(-day.pack.retention_days().value)
}

/// Deletes or pseudonymises what is over.
pub(crate) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let day = minutes.day;
    let most = if focus.is_some() { ROWS_BESIDE_PEOPLE } else { ROWS_AT_ONCE };
    for search in tx.searches_over(day.date).await? {
        let rows = tx.delete_findings(&search.id).await?;
        let over = Search { state: SearchState::Deleted, deleted_at: Some(day.end), ..search };
        tx.update_search(&over).await?;
        let body = json!({"case": over.case_id, "rows": rows});
        minutes.event(day.end, "search.deleted", &over.id, &over.division, &body, None)?;
    }
    // places that the public was told of stay in no list, here or there, when their days are over
    let over = tx.sites_over(day.date).await?;
    if !over.is_empty()
        && let Some(city) = tx.city().await?
    {
        let subjects: Vec<String> = over.iter().map(|site| desk::exposures::subject(site)).collect();
        let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
        for item in tx.open_of(Worklist::Review, &subjects).await? {
            minutes.known(item).cancelled(day.end, "nobody decided while the place could be told of");
        }
        let sites = tx.delete_sites_over(day.date).await?;
        minutes.event(day.end, "exposure.deleted", day.date.to_string(), &city, &json!({"rows": sites}), None)?;
    }
    let (first, reason) = (kept_from(day), day.pack.retention_days().reason);
    let visits = tx.delete_visits_before(day.zone.start_of(first), most).await?;
    let contacts = tx.forget_contacts_before(first, day.date, most).await?;
    let declared = tx.delete_declared_before(first, day.date, most).await?;
    let arrivals = tx.forget_arrivals_before(first, most).await?;
    let letters = tx.forget_letter_people_before(first, day.date, most).await?;
    // what is about a follow-up goes with it, whatever the pack keeps
    let today = day.today();
    for (kind, rows) in [
        ("messages.pseudonymised", tx.forget_messages_before(today, most).await?),
        ("replies.pseudonymised", tx.forget_replies_before(today, most).await?),
    ] {
        if let (true, Some(city)) = (rows > 0, tx.city().await?) {
            minutes.event(day.end, kind, day.date.to_string(), &city, &json!({"rows": rows}), None)?;
        }
    }
    let kinds = [
        ("visits.deleted", visits),
        ("contacts.pseudonymised", contacts),
        ("contacts.deleted", declared),
        ("arrivals.pseudonymised", arrivals),
        ("letters.pseudonymised", letters),
    ];
    if kinds.iter().all(|(_, rows)| *rows == 0) {
        return Ok(());
    }
    let Some(city) = tx.city().await? else { return Ok(()) };
    for (kind, rows) in kinds.into_iter().filter(|(_, rows)| *rows > 0) {
        let body = json!({"rows": rows, "ended_before": first, "reason": reason});
        minutes.event(day.end, kind, day.date.to_string(), &city, &body, None)?;
    }
    Ok(())
}
