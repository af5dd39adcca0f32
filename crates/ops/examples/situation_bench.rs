//! The situation of a store with many cases: makes a city of 41 districts with so many cases in 120 days, then says how long the first
//! look takes (every day is counted), the next one (three are), and reading what was kept, which is what a page costs. Prints one
//! line of JSON. `situation_bench STORE CASES` on an empty store.
#![allow(clippy::disallowed_methods)] // a benchmark reads the clock

use dayclear_core::{
    cases::{Classification, Origin, Severity},
    protocol::Packs,
    schema::DIVISIONS,
    time::{CivilDate, Instant as Moment, Zone},
};
use dayclear_ops::{minutes::Settings, needs::Needs, situation};
use dayclear_store::{Scope, Store, cases::Case, landing::target_of, value::Value};
use std::time::Instant;

const DISTRICTS: i64 = 41;
const COMMUNITIES: i64 = 60;
const DAYS: i64 = 120;
const AT_ONCE: i64 = 20_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("name an empty store")?;
    let cases: i64 = std::env::args().nth(2).ok_or("name a number of cases")?.parse()?;
    let store = Store::open(&url).await?;
    let scope = Scope::everything("50".parse()?);
    let zone = Zone::named("Asia/Shanghai")?;
    let today: CivilDate = "2022-11-20".parse()?;
    fill(&store, &scope, &zone, today, cases).await?;
    let settings = Settings {
        zone: zone.clone(),
        legal_basis: "law".to_owned(),
        body: "body".to_owned(),
        travel: Default::default(),
    };
    let (packs, needs) = (Packs::builtin()?, Needs::built_in()?);
    let now: Moment = zone.at(today, 20, 0);
    let look = async |now: Moment| situation::look(&store, &packs, &settings, &needs, "covid-19", &scope, now, 0).await;
    let began = Instant::now();
    let first = look(now).await?.ok_or("nothing was found")?;
    let first_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let again = look(now.plus_hours(1)).await?.ok_or("nothing was found")?;
    let again_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut tx = store.look(&scope).await?;
    let told = situation::of(&mut tx, "50").await?.ok_or("nothing is kept")?;
    let read_ms = began.elapsed().as_secs_f64() * 1e3;
    println!(
        "{{\"store\":\"{}\",\"cases\":{cases},\"units\":{},\"days\":{},\"first_s\":{first_s:.3},\"again_days\":{},\"again_s\":{again_s:.3},\
         \"read_ms\":{read_ms:.2},\"counted\":{}}}",
        store.engine(),
        first.units,
        first.days,
        again.days,
        told.0.found.iter().map(|found| found.all()).sum::<u64>() + told.0.today.all(),
    );
    Ok(())
}

async fn fill(
    store: &Store,
    scope: &Scope,
    zone: &Zone,
    today: CivilDate,
    cases: i64,
) -> Result<(), Box<dyn std::error::Error>> {
    let target = target_of(DIVISIONS.name).ok_or("divisions have no table")?;
    let mut tx = store.turn(scope).await?;
    for district in 0..=DISTRICTS {
        let code = if district == 0 { "50".to_owned() } else { format!("50{:04}", 100 + district) };
        let level = if district == 0 { "city" } else { "district" };
        let values: [Value<'_>; 8] = [
            code.clone().into(),
            code.into(),
            Value::Text(None),
            level.into(),
            Value::Whole(None),
            Value::Real(None),
            Value::Real(None),
            0i64.into(),
        ];
        tx.land_new(target, &values).await?;
    }
    tx.commit().await?;
    for from in (0..cases).step_by(AT_ONCE as usize) {
        let one = |no: i64| -> Result<Case, Box<dyn std::error::Error>> {
            // more of them late: half of all in the last quarter
            let back = DAYS - 1 - ((no as f64 / cases as f64).sqrt() * DAYS as f64) as i64;
            let day = today.plus_days(-back.clamp(0, DAYS - 1));
            let found_at = zone.at(day, (no % 19) as i8, (no % 60) as i8);
            let (district, community) = (1 + no * 7 % DISTRICTS, no * 13 % COMMUNITIES);
            Ok(Case {
                id: format!("X{no:08}"),
                person: format!("Q{no:08}"),
                person_no: 1_000_000 + no,
                division: format!("50{:04}{:03}{:03}", 100 + district, 1 + community / 6, 1 + community % 6).parse()?,
                building: None,
                tube_no: 1,
                sampled_at: found_at.plus_hours(-4 - no % 30),
                found_at,
                ct: None,
                origin: if no % 3 == 0 { Origin::Community } else { Origin::AlreadyIsolated },
                classification: Classification::Confirmed,
                severity: Severity::Mild,
                onset: (no % 2 == 0).then(|| day.plus_days(-(no % 5))),
                counted_on: Some(day),
                converted_on: None,
                closed_on: Some(day),
                outcome: Some("recovered".to_owned()),
                reason: "{}".to_owned(),
                aside: None,
            })
        };
        let some: Result<Vec<Case>, _> = (from..(from + AT_ONCE).min(cases)).map(one).collect();
        let mut tx = store.turn(scope).await?;
        tx.open_cases(&some?).await?;
        tx.commit().await?;
    }
    Ok(())
}
