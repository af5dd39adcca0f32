//! `dayclear situation`: where the outbreak stands in a store, worked out anew. As a table for people, as CSV for one curve, and
//! as JSON with everything.

use crate::{
    bulletin::STORE,
    epi_needs,
    output::{Format, csv_text},
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    divisions::DivisionCode,
    situation::{Between, Situation, Told},
    time::Instant,
};
use dayclear_ops::{needs::Needs, situation};
use dayclear_papers::{self as papers, Lang, Words, situation as said};
use dayclear_store::Scope;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `dayclear situation`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The city or a district; the city without it
    #[arg(long, value_name = "CODE")]
    division: Option<DivisionCode>,
    /// What a case needs (TOML); the assumptions of the program without it
    #[arg(long, value_name = "FILE")]
    needs: Option<PathBuf>,
    /// Id of a protocol pack, or name of a disease: the rules in force
    #[arg(long, default_value = "covid-19")]
    pack: String,
    /// As of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// Language of the sentences: en, zh-Hans, zh-Hant
    #[arg(long, default_value = "en")]
    lang: Lang,
    /// table, json or csv (the curve and what is to come)
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

/// Runs `dayclear situation`.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (scope, now) = (Scope::of(city.clone()), arguments.at.unwrap_or_else(setting::now));
    let needs = match &arguments.needs {
        Some(path) => epi_needs::needs(path)?,
        None => Needs::built_in()?,
    };
    let (packs, settings) = (setting::packs()?, arguments.common.settings()?);
    situation::look(&store, &packs, &settings, &needs, &arguments.pack, &scope, now, 0).await?;
    let division = arguments.division.clone().unwrap_or(city);
    let mut tx = store.look(&scope).await?;
    let Some((told, made_at)) = situation::of(&mut tx, division.as_str()).await? else {
        bail!("nothing is known of {division}: no case was found yet, or it is neither the city nor a district");
    };
    match arguments.format {
        Format::Json => {
            let all = json!({"made_at": settings.zone.text(made_at), "situation": told});
            println!("{}", serde_json::to_string_pretty(&all)?);
        }
        Format::Csv => {
            let columns = ["day", "community", "held", "expected", "low", "high"];
            print!("{}", csv_text(&columns, &curve(&told))?);
        }
        Format::Table => table(&told, arguments.lang, settings.zone.day(now)),
    }
    Ok(true)
}

/// A line for every day: what was found, or what is expected.
fn curve(told: &Situation) -> Vec<Vec<String>> {
    let empty = String::new;
    let found = told.found.iter().enumerate().map(|(n, found)| {
        let day = told.first.plus_days(n as i64).to_string();
        vec![day, found.community.to_string(), found.held.to_string(), empty(), empty(), empty()]
    });
    let ahead = told.ahead.fan.known().map_or(&[][..], |fan| &fan.days).iter().map(|day| {
        let Between { low, median, high } = day.expected;
        let number = |value: f64| format!("{value:.0}");
        vec![day.day.to_string(), empty(), empty(), number(median), number(low), number(high)]
    });
    found.chain(ahead).collect()
}

fn table(told: &Situation, lang: Lang, today: dayclear_core::time::CivilDate) {
    let w = Words::of(lang);
    let gap = |gap| w.get("situation-missing", &[("why", w.term(gap).into())]);
    let between = |value: &Between, digits: usize| {
        let text = |value: f64| format!("{value:.digits$}");
        let said =
            [("median", text(value.median).into()), ("low", text(value.low).into()), ("high", text(value.high).into())];
        w.get("situation-between", &said)
    };
    let figure = |told: &Told<Between>, digits| match told {
        Told::Known(value) => between(value, digits),
        Told::Missing(why) => gap(*why),
    };
    let (yesterday, week) = (told.last(1, 0), told.last(7, 0));
    let lines = [
        ("situation-yesterday", format!("{} ({})", yesterday.all(), yesterday.community)),
        ("situation-week", format!("{} ({})", week.all(), week.community)),
        (
            "situation-r",
            match &told.ahead.reproduction {
                Told::Known(rate) => between(&rate.now, 2),
                Told::Missing(why) => gap(*why),
            },
        ),
        (
            "situation-next",
            match &told.ahead.fan {
                Told::Known(fan) => between(&fan.week, 0),
                Told::Missing(why) => gap(*why),
            },
        ),
        ("situation-last", told.last_community_on.map_or_else(|| w.say("situation-last-never"), |day| day.to_string())),
    ];
    println!("{} {}", told.division, told.day);
    for (word, value) in lines {
        println!("{}: {value}", w.say(word));
    }
    if !told.units.is_empty() {
        let unit = |unit: &dayclear_core::situation::Unit| {
            vec![
                unit.division.to_string(),
                if unit.known { unit.yesterday.all().to_string() } else { w.say("not-known") },
                unit.week.all().to_string(),
                unit.week.community.to_string(),
                figure(&unit.reproduction, 2),
                figure(&unit.next_week, 0),
            ]
        };
        let heads = [
            "situation-unit",
            "situation-yesterday",
            "situation-week",
            "situation-key-community",
            "situation-r",
            "situation-next",
        ]
        .map(|word| w.say(word));
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        println!("{}", papers::text_table(&heads, &told.units.iter().map(unit).collect::<Vec<_>>()));
    }
    for needed in &told.ahead.needs {
        println!("{}", said::sentence(w, needed, told.division.as_str(), today));
    }
    if told.ahead.needs_built_in && !told.ahead.needs.is_empty() {
        println!("{}", w.say("situation-needs-built-in"));
    }
}
