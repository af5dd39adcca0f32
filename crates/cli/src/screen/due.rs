//! `dayclear screen due`: areas by their rounds and members of key groups by their cadence.

use super::{plan, reading};
use crate::{epi_input::Sheet, output::Format};
use anyhow::{Result, bail};
use dayclear_core::{
    protocol::{Past, RoundStep, Spread},
    roster::KeyGroup,
    time::CivilDate,
};
use dayclear_engines::screening::due::{Member, members};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Arguments of `dayclear screen due`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Rounds that were held: date, found (in the community), area
    #[arg(long, value_name = "FILE", required_unless_present = "members")]
    history: Option<PathBuf>,
    /// Members of key groups, one row for each test, or one without: person, group, place, tested
    #[arg(long, value_name = "FILE")]
    members: Option<PathBuf>,
    /// The day
    #[arg(long, value_name = "D", value_parser = crate::setting::date)]
    day: CivilDate,
    /// Protocol pack
    #[arg(long, value_name = "ID", default_value = "covid-19-cn-twenty")]
    pack: String,
    /// What the areas are to their outbreak: affected or traces
    #[arg(long, value_name = "SPREAD", default_value = "affected", value_parser = reading::term::<Spread>)]
    spread: Spread,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Says who is due.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let pack = reading::pack(&arguments.pack)?;
    let mut rows = Vec::new();
    if let Some(path) = &arguments.history {
        let mut areas: BTreeMap<String, Vec<Past>> = BTreeMap::new();
        for round in plan::history(path)? {
            if round.past.day <= arguments.day {
                areas.entry(round.area).or_default().push(round.past);
            }
        }
        for (area, done) in areas {
            let Some(step) = pack.next_round(arguments.day, &done, arguments.spread) else {
                bail!("the pack {} says nothing of rounds", pack.label())
            };
            let state = match step.value {
                RoundStep::Over => "over".to_owned(),
                RoundStep::Due(day) if day <= arguments.day => "due".to_owned(),
                RoundStep::Due(day) => format!("due on {day}"),
            };
            rows.push(vec!["area".to_owned(), area, state, step.reason.to_string()]);
        }
    }
    if let Some(path) = &arguments.members {
        let known = read(path)?;
        for (at, due) in members(&pack, &known, arguments.day) {
            rows.push(vec![due.value.to_string(), known[at].person.clone(), "due".to_owned(), due.reason.to_string()]);
        }
    }
    super::print(arguments.format, "due", &["what", "who", "state", "reason"], &rows, serde_json::Value::Null)?;
    Ok(true)
}

fn read(path: &Path) -> Result<Vec<Member>> {
    let sheet = Sheet::read(path)?;
    let (person, group) = (sheet.column("person")?, sheet.column("group")?);
    let (place, tested) = (sheet.has("place"), sheet.column("tested")?);
    let mut members: BTreeMap<(String, KeyGroup), Member> = BTreeMap::new();
    for (line, row) in sheet.rows() {
        let cell = |column| reading::cell(&sheet, line, row, column);
        let name = cell(Some(person)).must("the id of a person")?;
        let expected = KeyGroup::NAMES.join(", ");
        let given = cell(Some(group)).parsed::<KeyGroup>(&expected)?;
        let group = cell(Some(group)).given(given, &expected)?;
        let member = members.entry((name.to_owned(), group)).or_insert_with(|| Member {
            person: name.to_owned(),
            group,
            place: cell(place).text().unwrap_or_default().to_owned(),
            tested: Vec::new(),
        });
        member.tested.extend(sheet.date(line, row, tested)?);
    }
    Ok(members.into_values().collect())
}
