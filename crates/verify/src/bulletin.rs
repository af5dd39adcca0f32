//! Whether what was told is what is so: every closed day has its bulletin, which carries the day's signature and its books
//! summed over the city; and the figures of the latest one are counted again from the cases.

use crate::{
    Finding, VerifyError,
    ledger::lines_of,
    moment::Moment,
    rule::{Rule, first_broken},
    source::{Given, Source},
};
use serde_json::Value;
use std::collections::BTreeMap;

const CHECK: &str = "bulletin.agrees";

/// An edition goes out by two who did not draft it. The events of editions that went out before that was asked name no approvals.
const RULES: &[Rule] = &[
    Rule {
        wrong: "was published without two others who approved it",
        sql: "select {iso:u.day} || ':' || u.edition from bulletins u where u.published_at is not null
                and exists (select 1 from events e where e.kind = 'bulletin.published' and e.subject = {iso:u.day} || ':' || u.edition
                    and e.body like '%\"approved_by\"%')
                and (select count(*) from bulletin_approvals a where a.day = u.day and a.edition = u.edition
                    and a.account <> coalesce(u.drafted_by, '') and a.at <= u.published_at) < 2",
    },
    Rule {
        wrong: "was published, and no event tells of it",
        sql: "select {iso:u.day} || ':' || u.edition from bulletins u where u.published_at is not null and not exists (select 1
                from events e where e.kind = 'bulletin.published' and e.subject = {iso:u.day} || ':' || u.edition)",
    },
    Rule {
        wrong: "was approved by somebody, and no event tells of it",
        sql: "select {iso:a.day} || ':' || a.edition from bulletin_approvals a where not exists (select 1 from events e
                where e.kind = 'bulletin.approved' and e.subject = {iso:a.day} || ':' || a.edition and e.actor = a.account)",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let sql = "select {iso:day}, coalesce(signature, '') from days where closed_at is not null order by day";
    let mut looked_at = 0;
    for row in source.rows(sql, &[]).await? {
        let (day, signature) = (row.text(0)?, row.text(1)?);
        looked_at += 1;
        if let Some(wrong) = disagreement(source, moment, &day, &signature).await? {
            return Ok(Finding::of(CHECK, looked_at, Some(format!("{day}: {wrong}"))));
        }
    }
    Ok(Finding::of(CHECK, looked_at, first_broken(source, moment, RULES).await?))
}

async fn disagreement(
    source: &mut Source,
    moment: &Moment,
    day: &str,
    signature: &str,
) -> Result<Option<String>, VerifyError> {
    // a later edition corrects an earlier one
    let sql = "select body from bulletins where {iso:day} = $1 order by edition desc limit 1";
    let Some(row) = source.row(sql, &[Given::Text(day)]).await? else {
        return Ok(Some("the day is closed, and has no bulletin".to_owned()));
    };
    let Ok(body) = serde_json::from_str::<Value>(&row.text(0)?) else {
        return Ok(Some("the bulletin cannot be read".to_owned()));
    };
    if body["date"].as_str() != Some(day) {
        return Ok(Some(format!("the bulletin tells of {}", body["date"])));
    }
    if body["provenance"]["signature"].as_str() != Some(signature) {
        return Ok(Some("the bulletin does not carry the signature of the day".to_owned()));
    }
    if let Some(wrong) = books(source, day, &body["books"]).await? {
        return Ok(Some(wrong));
    }
    if moment.day.as_deref() != Some(day) {
        return Ok(None);
    }
    figures(source, moment, &body).await
}

/// The ledger summed over districts must be what the bulletin prints, worklist by worklist.
async fn books(source: &mut Source, day: &str, told: &Value) -> Result<Option<String>, VerifyError> {
    const NUMBERS: [&str; 6] = ["opening", "received", "completed", "cancelled", "closing", "overdue"];
    let mut sums: BTreeMap<String, [i64; 6]> = BTreeMap::new();
    for line in lines_of(source, day).await? {
        let sum = sums.entry(line.worklist).or_default();
        sum.iter_mut().zip(line.numbers).for_each(|(sum, number)| *sum += number);
    }
    let told: BTreeMap<&str, &Value> = told
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| (line["worklist"].as_str().unwrap_or_default(), line))
        .collect();
    if let Some(name) = told.keys().find(|name| !sums.contains_key(**name)) {
        return Ok(Some(format!("the bulletin prints books of '{name}', and the ledger has none")));
    }
    for (worklist, sum) in &sums {
        for (number, name) in sum.iter().zip(NUMBERS) {
            let printed = told.get(worklist.as_str()).and_then(|line| line[name].as_i64());
            if printed != Some(*number) {
                let printed = printed.map_or_else(|| "nothing".to_owned(), |n| n.to_string());
                return Ok(Some(format!(
                    "{worklist}, {name}: the bulletin prints {printed}, the ledger adds up to {number}"
                )));
            }
        }
    }
    Ok(None)
}

/// Counted by the day of diagnosis; a case that turned from asymptomatic to confirmed counts once more, as converted, on
/// the day on which it did, and stays asymptomatic on the day on which it was first counted.
async fn figures(source: &mut Source, moment: &Moment, body: &Value) -> Result<Option<String>, VerifyError> {
    let figures = [
        ("converted", "converted_on = {day}"),
        ("confirmed", "converted_on = {day} or (counted_on = {day} and classification = 'confirmed')"),
        (
            "asymptomatic",
            "counted_on = {day} and (converted_on is null or converted_on <> {day})
                and classification in ('asymptomatic', 'converted')",
        ),
        (
            "awaiting",
            "(counted_on is null or counted_on > {day}) and (closed_on is null or closed_on > {day})
                and classification <> 'withdrawn'
                and coalesce((select e.kind from events e where e.subject = cases.id and e.kind in ('case.merged', 'case.split')
                    and e.seq <= {upto} order by e.seq desc limit 1), '') <> 'case.merged'
                and id in (select subject from events where kind = 'case.opened' and seq <= {upto})",
        ),
        (
            "community",
            "counted_on = {day} and (converted_on is null or converted_on <> {day})
                and classification in ('confirmed', 'asymptomatic', 'converted')
                and origin not in ('already_isolated', 'entry')",
        ),
    ];
    for (figure, condition) in figures {
        let counted = source.count(&moment.filled(&format!("select count(*) from cases where {condition}"))).await?;
        let told = body[figure].as_u64();
        if told != Some(counted) {
            let told = told.map_or_else(|| "nothing".to_owned(), |n| n.to_string());
            return Ok(Some(format!("{figure}: the bulletin tells {told}, and there are {counted}")));
        }
    }
    Ok(None)
}
