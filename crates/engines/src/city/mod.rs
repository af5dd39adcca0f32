//! The sample city: one day's files of a made-up outbreak in the real divisions of a city, for demonstrations, tests and
//! benchmarks. It may use the core's vocabulary and the published tables in `data/`, and nothing else. The same
//! [`Spec`] gives the same rows on every machine, because every draw is a hash of the seed, its purpose and an index;
//! rows stream out table by table, so a city of a million people needs some tens of megabytes.
//!
//! What it guarantees of the day: exactly `positives` people have a final positive result of their own when the day
//! ends; about one infection in twenty is still hidden in a positive pool; nobody is swabbed twice but for the second
//! swab after a positive pool; what would happen after midnight has not happened. Some rows are wrong on purpose, as in
//! life: a laboratory corrects itself, sends a row twice, or reports on a person whom the roster does not know.
//! Handovers and deliveries stay empty: [`play_handovers`] and [`play_deliveries`] report on the plan of the day.

mod boxes;
mod care;
pub(crate) mod chance;
mod groups;
mod infections;
mod laboratories;
mod layout;
mod lists;
pub(crate) mod names;
mod people;
mod places;
mod play;
pub(crate) mod population;
#[cfg(test)]
mod population_tests;
mod results;
mod roster;
mod screening;
mod sources;
mod spans;
#[cfg(test)]
mod tests;
mod traces;

pub use chance::Dice;
pub use layout::Housing;
pub use play::{DeliveryRow, DueParcel, HandoverRow, PlannedRide, play_deliveries, play_handovers};
pub use population::{Occupation, Population};
pub use sources::{SourceError, Sources};

use dayclear_core::{
    protocol::Ground,
    schema::{self, DAY_FOLDER, Table},
    screening::Purpose,
    time::CivilDate,
};
use laboratories::Laboratories;
use layout::Layout;
use screening::Screening;
use std::{collections::BTreeMap, fmt::Write};
use thiserror::Error;

/// What city and what day.
#[derive(Clone, Debug)]
pub struct Spec {
    /// People on the roster.
    pub people: u64,
    /// People who are found positive singly on this day.
    pub positives: u64,
    /// Tubes of the day, second swabs included. `None` swabs everybody who comes once.
    pub tubes: Option<u64>,
    /// The day.
    pub date: CivilDate,
    /// Seed of every draw.
    pub seed: u64,
    /// Days since the first day of this city: the same places and people, and another day's infections, tubes and requests.
    pub turn: u32,
    /// How many districts people live in, the central ones first. `None` takes all. Every district is listed anyway.
    pub districts: Option<usize>,
    /// Whether 8 % of the people live in collective households (dormitories, sites, care homes), as the census has it.
    /// `false` keeps the days that demonstrations and golden files know.
    pub collective: bool,
    /// Whether workplaces, schools and care homes name their people in lists beside the roster.
    pub lists: bool,
}

/// A city that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpecError {
    /// Nobody, too many, or no district.
    #[error("a city has at least one person in one district and at most 4,294,967,295 people; asked for {people}")]
    NoPeople {
        /// As asked.
        people: u64,
    },
    /// More positives than the people can hold in clusters.
    #[error(
        "there is room for about {most} positives among these people, not for {positives}: ask for fewer, or for more people"
    )]
    TooManyPositives {
        /// As asked.
        positives: u64,
        /// What was reached.
        most: u64,
    },
    /// A number of tubes that does not fit the people and the positives.
    #[error("these people and positives need {least} to {most} tubes, not {tubes}")]
    Tubes {
        /// As asked.
        tubes: u64,
        /// Singles, positive pools and the second swabs of their members.
        least: u64,
        /// Everybody who comes.
        most: u64,
    },
}

/// Why no day was made.
#[derive(Debug, Error)]
pub enum MakeError<E> {
    /// The city cannot be as asked.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The sink could not take a row.
    #[error("a row of the sample city could not be written: {0}")]
    Sink(E),
}

/// Where the rows go. The caller writes files, or loads a store.
pub trait Sink {
    /// What can go wrong in writing.
    type Error;
    /// A table begins. Called once for every table of a day folder, in its order, also for those that stay empty.
    fn table(&mut self, table: &'static Table) -> Result<(), Self::Error> {
        let _ = table;
        Ok(())
    }
    /// A row of the table that began last; cells in the order of `table.columns`, empty where nothing is known.
    fn row(&mut self, table: &'static Table, cells: &[&str]) -> Result<(), Self::Error>;
}

/// What was made, as the generator knows it; what the service finds must agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Pools with a positive result.
    pub positive_pools: u64,
    /// Positive pools of which no member is resolved when the day ends.
    pub open_pools: u64,
    /// Members of those pools.
    pub pending_members: u64,
    /// People with a final positive result of their own.
    pub positives: u64,
    /// Infected people, also those still hidden in open pools.
    pub infected: u64,
    /// Tubes reported positive and then corrected to negative.
    pub corrected: u64,
    /// Results posted on the wrong person and taken back.
    pub wrong: u64,
    /// Rows of results sent twice.
    pub repeated: u64,
    /// Tubes without any result when the day ends.
    pub tubes_without_result: u64,
    /// Swabs of people whom the roster does not know.
    pub strangers: u64,
}

/// Makes the files of one day.
pub fn make<S: Sink + ?Sized>(spec: &Spec, sources: &Sources, sink: &mut S) -> Result<Summary, MakeError<S::Error>> {
    let layout = Layout::new(spec, sources)?;
    let laboratories = Laboratories::new(&layout);
    let screening = Screening::new(&layout, &laboratories, spec)?;
    let population = if spec.lists { Some(lists::population(spec, sources)?) } else { None };
    let mut out = Out::new(sink, spec.date);
    write(spec, &layout, &laboratories, &screening, &mut out).map_err(MakeError::Sink)?;
    if let Some(population) = population {
        lists::write(&population, spec, &mut out).map_err(MakeError::Sink)?;
    }
    let mut summary = out.summary;
    summary.positive_pools = screening.positive_pools;
    summary.open_pools = screening.open_pools;
    summary.pending_members = screening.pending_members;
    summary.infected = screening.infections.count;
    Ok(summary)
}

fn write<S: Sink + ?Sized>(
    spec: &Spec,
    layout: &Layout,
    laboratories: &Laboratories,
    screening: &Screening,
    out: &mut Out<'_, S>,
) -> Result<(), S::Error> {
    roster::divisions(layout, out)?;
    roster::buildings(layout, out)?;
    roster::households(layout, out)?;
    roster::people(layout, spec.date, out)?;
    places::write(layout, &screening.infections, out)?;
    laboratories.write(screening.tubes, out)?;
    let found = results::write(layout, laboratories, screening, out)?;
    traces::write(layout, &found, out)?;
    care::write(layout, spec.positives, out)?;
    for table in DAY_FOLDER.iter().filter(|table| ["handovers", "deliveries"].contains(&table.name)) {
        out.table(table)?;
    }
    round(out)
}

/// The round of the day: everybody in the city, from the first tube to the last, because there has been spread for long.
fn round<S: Sink + ?Sized>(out: &mut Out<'_, S>) -> Result<(), S::Error> {
    out.table(&schema::ROUNDS)?;
    let date: String = out.days[3].split('-').collect();
    out.cell(format_args!("R{date}")).cell("全员核酸检测").cell(Purpose::ExpandedScreening);
    out.moment(6 * 3_600).moment(22 * 3_600).cell("50").empty().empty().empty().cell(10).cell(Ground::LongSpread).row()
}

/// Builds rows cell by cell and counts them. One buffer serves all rows.
struct Out<'a, S: Sink + ?Sized> {
    sink: &'a mut S,
    table: Option<&'static Table>,
    text: String,
    ends: Vec<usize>,
    /// Three days before the day to one day after it.
    days: [String; 5],
    date: CivilDate,
    summary: Summary,
}

impl<'a, S: Sink + ?Sized> Out<'a, S> {
    fn new(sink: &'a mut S, date: CivilDate) -> Self {
        let days = std::array::from_fn(|index| date.plus_days(index as i64 - 3).to_string());
        Out { sink, table: None, text: String::new(), ends: Vec::new(), days, date, summary: Summary::default() }
    }

    /// The day of the city.
    fn date(&self) -> CivilDate {
        self.date
    }

    /// Begins a table.
    fn table(&mut self, table: &'static Table) -> Result<(), S::Error> {
        self.table = Some(table);
        self.summary.rows.insert(table.name, 0);
        self.sink.table(table)
    }

    /// Adds a cell.
    fn cell(&mut self, value: impl std::fmt::Display) -> &mut Self {
        let _ = write!(self.text, "{value}"); // writing to a string does not fail
        self.ends.push(self.text.len());
        self
    }

    /// Adds an empty cell.
    fn empty(&mut self) -> &mut Self {
        self.cell("")
    }

    /// Adds a second of the day as a moment in the city's time (UTC+8 all year).
    fn moment(&mut self, second: u32) -> &mut Self {
        self.moment_on(0, second)
    }

    /// Adds a second of a day, counted from the day of the city (-3 to 1).
    fn moment_on(&mut self, day: i32, second: u32) -> &mut Self {
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        let day = &self.days[(day + 3).clamp(0, 4) as usize];
        let _ = write!(self.text, "{day}T{hour:02}:{minute:02}:{second:02}+08:00");
        self.ends.push(self.text.len());
        self
    }

    /// Adds a moment if there is one.
    fn moment_or_empty(&mut self, second: Option<u32>) -> &mut Self {
        match second {
            Some(second) => self.moment(second),
            None => self.empty(),
        }
    }

    /// Adds a day counted from the day of the city (-3 to 1).
    fn day(&mut self, day: i32) -> &mut Self {
        self.text.push_str(&self.days[(day + 3).clamp(0, 4) as usize]);
        self.ends.push(self.text.len());
        self
    }

    /// Adds millionths of a degree as two cells, longitude and latitude.
    fn spot(&mut self, spot: layout::Spot) -> &mut Self {
        self.cell(Degrees(spot.lon)).cell(Degrees(spot.lat))
    }

    /// Ends the row. What is left out at its end is empty.
    fn row(&mut self) -> Result<(), S::Error> {
        let Some(table) = self.table else { return Ok(()) };
        debug_assert!(self.ends.len() <= table.columns.len(), "{}", table.name);
        let mut cells = [""; 16];
        let mut from = 0;
        for (cell, end) in cells.iter_mut().zip(&self.ends) {
            *cell = &self.text[from..*end];
            from = *end;
        }
        let written = self.sink.row(table, &cells[..table.columns.len()]);
        self.text.clear();
        self.ends.clear();
        *self.summary.rows.entry(table.name).or_default() += 1;
        written
    }
}

/// Millionths of a degree, written with six decimals.
struct Degrees(i32);

impl std::fmt::Display for Degrees {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:06}", self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000)
    }
}

/// An id: a letter and a number from 1.
struct Id(char, u32);

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:08}", self.0, u64::from(self.1) + 1)
    }
}

/// Id of a person.
fn person_id(person: u32) -> Id {
    Id('P', person)
}

/// Id of a household.
fn household_id(household: u32) -> Id {
    Id('H', household)
}

/// Id of a building.
fn building_id(building: u32) -> Id {
    Id('B', building)
}
