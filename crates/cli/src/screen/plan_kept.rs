//! `dayclear screen plan --db URL --round ID`: a round of a store, planned from its roster. The plan is kept with the round, as
//! the server does by itself.

use super::decimals;
use crate::{
    bulletin::STORE,
    output::Format,
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_ops::plans::{Told, make};
use dayclear_store::Scope;
use serde_json::{Value, json};

/// Plans a round and prints its sums.
pub async fn run(common: &Common, round: &str, pack: &str, format: Format) -> Result<bool> {
    let store = common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (packs, settings) = (setting::packs()?, common.settings()?);
    let plan = make(&store, &packs, &settings, pack, &Scope::of(city), round, setting::now())
        .await?
        .with_context(|| format!("there is no round {round}; `/rounds` and `/api/v1/rounds` list them"))?;
    let told: Told = serde_json::from_str(&plan.body)?;
    let mut rows = vec![vec!["people".to_owned(), plan.people.to_string()]];
    let expected = plan.expected.map_or_else(String::new, |expected| expected.to_string());
    rows.push(vec!["expected".to_owned(), expected]);
    rows.push(vec!["sites".to_owned(), plan.sites.to_string()]);
    if let Value::Object(totals) = serde_json::to_value(&told.totals)? {
        // people and sites stand above, and what is not known is left out
        let more: Vec<_> = totals
            .into_iter()
            .filter(|(name, value)| !value.is_null() && rows.iter().all(|row| row[0] != *name))
            .collect();
        for (name, value) in more {
            let text = value.as_f64().filter(|_| value.is_f64()).map_or_else(|| value.to_string(), |n| decimals(n, 1));
            rows.push(vec![name, text]);
        }
    }
    for (size, tubes) in &told.pools {
        let name = if *size == 0 { "tubes_household".to_owned() } else { format!("tubes_of_{size}") };
        rows.push(vec![name, tubes.to_string()]);
    }
    if let Some(cost) = told.tests_cost {
        rows.push(vec!["tests_cost".to_owned(), decimals(cost, 0)]);
    }
    if let Some(found) = &told.found {
        rows.push(vec!["expected_per_10000".to_owned(), decimals(found.per_10000, 2)]);
        rows.push(vec!["advised_size".to_owned(), found.size.map_or_else(String::new, |size| size.to_string())]);
    }
    let reasons: Vec<String> = told.reasons.iter().map(ToString::to_string).collect();
    let more = json!({
        "plan": plan.round, "refusal": plan.refusal, "reasons": reasons, "hours": told.hours, "attended": told.attended,
        "found": told.found, "conditions": told.conditions,
    });
    super::print(format, "round", &["figure", "value"], &rows, more)?;
    if format == Format::Table {
        for reason in &reasons {
            println!("by {reason}");
        }
        println!("its sites, and who is called when: /rounds/{round}/plan, /api/v1/round_sites?round={round}");
    }
    match plan.refusal {
        None => Ok(true),
        Some(refusal) => {
            eprintln!("the round is not planned: {refusal}");
            Ok(false)
        }
    }
}
