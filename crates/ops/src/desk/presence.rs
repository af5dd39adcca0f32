//! What is known of somebody's presence, said at a desk: written as the row that a file would bring, added to what was said
//! before. Nothing follows from it but where people go and ask: a refusal binds nobody and takes nothing away.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::evidence::{Landing, Named, csv_of};
use dayclear_core::{
    divisions::DivisionCode,
    listing::{Cell, PEOPLE},
    schema::STATEMENTS,
};
use dayclear_store::landing::Given;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn state(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let moment = |field| match at.input.get(field) {
        Some(Cell::Moment(at)) => Some(*at),
        _ => None,
    };
    let (from, until) = (moment("from"), moment("until"));
    if until.is_some_and(|until| until <= from.unwrap_or(now)) {
        let remedy = "leave it empty if nobody knows when it ends";
        return Err(invalid("until", "", "a moment after its beginning", remedy));
    }
    let rows = at.tx.records(&PEOPLE, keys).await?;
    let known: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    let written: Vec<BTreeMap<String, String>> = known
        .iter()
        .map(|person| {
            let text = |at: Option<dayclear_core::time::Instant>| at.map(|at| at.to_string()).unwrap_or_default();
            BTreeMap::from([
                ("person".to_owned(), (*person).to_owned()),
                ("presence".to_owned(), at.text("presence").to_owned()),
                ("said_at".to_owned(), now.to_string()),
                ("said_by".to_owned(), at.account().to_owned()),
                ("from".to_owned(), text(from)),
                ("until".to_owned(), text(until)),
                ("reason".to_owned(), at.text("reason").to_owned()),
            ])
        })
        .collect();
    let mut refused = BTreeSet::new();
    if !written.is_empty() {
        let text = csv_of(&STATEMENTS, &written);
        let room = at.room;
        let named = Named::read(&STATEMENTS, "desk", &text, room.day.zone)?;
        let references = named.references(at.tx, &STATEMENTS, &at.doing.looker.scope(), &room.city).await?;
        at.for_the_city();
        let given = Given { digest: "", division: &at.doing.looker.duty.division, account: Some(at.account()) };
        let landing = Landing { table: &STATEMENTS, source: "desk", given, keep: false };
        let (_, doubts) = landing.land(at.tx, room, &text, &named, references, Vec::new()).await?;
        refused.extend(doubts.into_iter().filter_map(|doubt| doubt.raw.split(',').next().map(str::to_owned)));
    }
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let division = rows.get(*key).and_then(|row| row.get(&PEOPLE, "division").as_str());
        let division: Option<DivisionCode> = division.and_then(|code| code.parse().ok());
        let verdict = match division {
            None => Verdict::Refused(Refusal::Unknown),
            Some(_) if refused.contains(*key) => stands("said otherwise by you at this very moment", "say it again"),
            Some(division) => {
                let body = json!({"presence": at.text("presence"), "from": from, "until": until});
                minutes.event(now, "presence.stated", *key, &division, &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
