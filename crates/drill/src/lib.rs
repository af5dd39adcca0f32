//! The drill: a synthetic city and its outbreak played against the service, by the same requests that people and programs
//! make, by the hour; and the checks and figures of how it went. It may use every floor below it. A scenario and a seed give
//! the same drill on every run.

mod assistance;
mod carriers;
mod couriers;
mod desks;
pub mod faults;
pub mod gates;
mod here;
mod laboratories;
mod living;
mod officials;
mod open;
pub mod paper;
mod posts;
mod rights;
pub mod scenario;
pub mod score;
mod service;
mod sites;
mod staging;
mod there;
mod traced;
mod tracers;

pub use assistance::Letters;
pub use carriers::Brought;
pub use faults::{Fault, Faults};
pub use gates::Landed;
pub use laboratories::Trail;
pub use open::{Open, PLAYABLE};
pub use rights::Judged;
pub use scenario::{Scenario, ScenarioError};
pub use score::Scorecard;
pub use service::ServiceError;
pub use there::{Elsewhere, Person};
pub use traced::{Missed, Setting, Traced, Way};

use couriers::Trouble;
use dayclear_core::{
    access::Role,
    schema::{BOX_CHECKS, BOX_MOVES, CREWS, FACILITIES, MEMBERS, PACKINGS, RESULTS, RUNS, STATEMENTS, TUBES, Table},
    time::{CivilDate, Instant, Zone},
    transfer::FacilityKind,
};
use dayclear_engines::{
    city::{self, MakeError, Sink, SourceError, Sources, SpecError},
    outbreak::{OutbreakError, ParameterError},
};
use dayclear_ops::{
    OpsError,
    day::pack_for,
    intake::{self, Folder},
    line,
    minutes::{Day, Settings},
};
use dayclear_store::{Scope, Store, StoreError};
use dayclear_tabular::{Format, Value as Cell, WriteError, Writer};
use living::Living;
use officials::Officials;
use serde_json::Value;
use service::Service;
use staging::Stage;
use std::{fs::File, io::BufWriter, path::Path, pin::Pin};
use thiserror::Error;

/// Shares of boxes and tubes with which something goes wrong on the way, where faults say so.
const BOXES_ASTRAY: f64 = 0.1;
const TUBES_BROKEN: f64 = 0.03;

/// Code of the city in which drills take place.
pub const CITY: &str = "50";

/// Why a drill could not be played to its end.
#[derive(Debug, Error)]
pub enum DrillError {
    /// The scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// There is no such disease.
    #[error("there are no parameters of '{name}'; there are: {known}")]
    NoDisease {
        /// As given.
        name: String,
        /// Built in.
        known: String,
    },
    /// Parameters of the disease or of contacts.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// The city.
    #[error(transparent)]
    City(#[from] SpecError),
    /// The tables that the city is made from.
    #[error(transparent)]
    Sources(#[from] SourceError),
    /// The outbreak.
    #[error(transparent)]
    Outbreak(#[from] OutbreakError),
    /// A file of the city could not be written.
    #[error("the files of the city could not be written: {0}")]
    Files(String),
    /// A service elsewhere cannot be played against.
    #[error("{0}")]
    Elsewhere(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A station.
    #[error(transparent)]
    Ops(#[from] OpsError),
    /// The service.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The checker could not read the store.
    #[error(transparent)]
    Verify(#[from] dayclear_verify::VerifyError),
}

/// How a scenario is played.
pub struct Plan<'a> {
    /// Days, instead of the scenario's own.
    pub days: Option<u16>,
    /// Seed.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
    /// Store: a file that is made, or an empty database. Of a service elsewhere it is looked at in the end; empty: it is not.
    pub db: &'a str,
    /// Folder for files under way.
    pub folder: &'a Path,
    /// Settings of the city.
    pub settings: &'a Settings,
    /// Hours after which the service is told of what happened, and people on duty look at their lists: 1, 2, 3, 4, 6, 8 or 12.
    pub step_hours: u64,
    /// People play along.
    pub open: Option<Open>,
    /// A service elsewhere, instead of one of its own.
    pub elsewhere: Option<Elsewhere>,
}

/// How far a drill has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// The console is open at this address.
    Open(String),
    /// An hour is over.
    Hour {
        /// Day, from 0.
        day: u16,
        /// Hour.
        hour: u64,
        /// Infections so far.
        infected: u64,
        /// Reported positive singly so far.
        reported: u64,
    },
    /// The clock stands until people have signed the books of this day.
    Unsigned(CivilDate),
}

/// Is told how far a drill has come.
pub type Watch<'a> = &'a mut (dyn FnMut(Seen) + Send);

/// The city before the first day, in its store: accounts can be made now.
pub struct Prepared {
    sources: Sources,
    shifts: Vec<Shift>,
}

/// Makes the city of a scenario.
pub async fn prepare(scenario: &Scenario, plan: &Plan<'_>) -> Result<Prepared, DrillError> {
    let sources = Sources::chongqing()?;
    let shifts = make_city(scenario, plan, &sources).await?;
    Ok(Prepared { sources, shifts })
}

/// Plays a scenario and looks at how it went.
pub async fn run(scenario: &Scenario, plan: &Plan<'_>, watch: Watch<'_>) -> Result<Scorecard, DrillError> {
    let prepared = on_the_heap(|| prepare(scenario, plan)).await?;
    on_the_heap(|| play(scenario, plan, prepared, watch)).await
}

/// A future on the heap, made in a frame that is gone when it is asked: whoever awaits a whole day needs no stack for all that is in it.
#[inline(never)]
fn on_the_heap<'f, F: Future + 'f>(make: impl FnOnce() -> F) -> Pin<Box<dyn Future<Output = F::Output> + 'f>> {
    Box::pin(make())
}

/// Plays a scenario in a city that is made.
pub async fn play(
    scenario: &Scenario,
    plan: &Plan<'_>,
    prepared: Prepared,
    watch: Watch<'_>,
) -> Result<Scorecard, DrillError> {
    let zone = &plan.settings.zone;
    let Prepared { sources, shifts } = prepared;
    let days = plan.days.unwrap_or(scenario.days);
    let step = if (1..=12).contains(&plan.step_hours) && 24 % plan.step_hours == 0 { plan.step_hours } else { 1 };
    let scenario = &Scenario { days, ..scenario.clone() };
    let mut living = Living::new(scenario, plan.seed, &sources, zone)?;
    let stage = Stage {
        url: plan.db,
        folder: plan.folder,
        pack: &scenario.pack,
        settings: plan.settings,
        seed: plan.seed,
        start: zone.start_of(scenario.start),
        open: plan.open.as_ref(),
    };
    let mut service = match &plan.elsewhere {
        None => Service::start(stage).await?,
        Some(elsewhere) => {
            plan.faults.fit_elsewhere().map_err(DrillError::Elsewhere)?;
            let mut service = Service::find(elsewhere, stage.start).await?;
            is_this_city(&mut service, &living).await?;
            service
        }
    };
    if let Some(address) = service.address() {
        watch(Seen::Open(format!("http://{address}")));
    }
    service.doubles = plan.faults.has(Fault::Double);
    let mut officials = Officials::of(plan);
    let mut faults = plan.faults.start(living.chance, zone);
    living.trouble = Trouble {
        boxes: plan.faults.share(Fault::Box, BOXES_ASTRAY),
        broken: plan.faults.share(Fault::Tube, TUBES_BROKEN),
    };
    if plan.faults.has(Fault::Liar) {
        living.scenario.laboratory.dishonest = living.scenario.laboratory.dishonest.max(1);
    }
    living.laboratories = score::laboratories(&mut service).await?;
    let mut days_played = score::Days::default();
    for day in 0..days {
        service.wait_until(zone.start_of(living.date(day))).await?;
        officials::obey(&mut service, &mut living).await?;
        if !officials.leaves(Role::DistrictCommand) {
            posts::plan_round(&mut service, &mut living, day).await?;
        }
        days_played.begin(&living);
        if day > 0 {
            service.give(&CREWS, &shifts.iter().map(|shift| shift.on(day, zone)).collect::<Vec<_>>()).await?;
        }
        officials.begin_day(&mut service, &living, day).await?;
        living.live(i32::from(day));
        for hour in (step - 1..24).step_by(step as usize) {
            // hours are told of at their end
            let span = hour + 1 - step..=hour;
            let now = zone.start_of(living.date(day)).plus_minutes(hour as i64 * 60 + 59);
            officials.meanwhile(&mut service, &living, now).await?;
            service.wait_until(now).await?;
            if let Some((steps, loss)) = faults.loses(u64::from(day) * 24 + hour, step) {
                service.lose_after(steps, loss);
            }
            let mut tubes = living.round(day, &span, now);
            tubes.extend(officials.singles(&mut service, &mut living, day, &span, now).await?);
            tubes.extend(on_the_heap(|| officials.gates.land(&mut service, &mut living, (day, &span), now)).await?);
            let sent = living.send(tubes);
            let (moves, checks) = living.said_of_boxes(now);
            let told = living.report(u64::from(day) * 24 + hour, step, now);
            let statements = std::mem::take(&mut living.statements);
            for (table, rows) in [
                (&TUBES, sent.tubes),
                (&MEMBERS, sent.members),
                (&PACKINGS, sent.packings),
                (&BOX_MOVES, moves),
                (&BOX_CHECKS, checks),
                (&STATEMENTS, statements),
                (&RUNS, told.runs),
                (&RESULTS, told.results),
            ] {
                faults.give(&mut service, table, rows).await?;
            }
            if faults.crashes(u64::from(day) * 24 + hour, step) {
                service.restart().await?;
            }
            faults.break_something(&mut service, day, &span, zone).await?;
            service.pass().await?;
            if !officials.leaves(Role::CityCommand) {
                posts::judge_laboratories(&mut service, &mut living).await?;
            }
            if !officials.leaves(Role::DistrictCommand) {
                if faults.has_released() {
                    posts::try_again(&mut service).await?;
                }
                posts::close_rounds(&mut service, now).await?;
            }
            on_the_heap(|| officials.work(&mut service, &living, &mut faults, living.date(day), &span)).await?;
            let (infected, reported) = (living.outbreak.totals().2, living.reported.len() as u64);
            watch(Seen::Hour { day, hour, infected, reported });
        }
        faults.flush(&mut service).await?;
        service.pass().await?;
        if officials.leaves(Role::CityCommand) {
            watch(Seen::Unsigned(living.date(day)));
            service.wait_for_signature(living.date(day)).await?;
        } else {
            if !officials.leaves(Role::DistrictCommand) {
                service.report(living.date(day)).await?;
            }
            service.sign(living.date(day)).await?;
        }
    }
    let findings = match plan.db {
        "" => Vec::new(),
        db => dayclear_verify::check(db, zone.name().unwrap_or("UTC")).await?,
    };
    let (told, seed) = ((&faults, &officials.gates), plan.seed);
    let counting = on_the_heap(|| score::count(&mut service, &living, &days_played, told, days, seed, &findings));
    let scorecard = counting.await?;
    service.stop().await;
    Ok(scorecard)
}

/// Whether the city of a service elsewhere is the one that the drill knows: its first and its last person live in it.
async fn is_this_city(service: &mut Service<'_>, living: &Living) -> Result<(), DrillError> {
    for person in [0, living.city.people() - 1] {
        let id = living.city.person_id(person);
        if service.rows(Role::DistrictCommand, "people", &format!("person={id}")).await?.is_empty() {
            return Err(DrillError::Elsewhere(format!(
                "the service has another city: nobody in it is {id}; make its store with --prepare and the same scenario and seed"
            )));
        }
    }
    Ok(())
}

/// The city as it stands before the first day: what there is, and nothing of what will happen. Where it is told to a service
/// elsewhere it stands there already.
async fn make_city(scenario: &Scenario, plan: &Plan<'_>, sources: &Sources) -> Result<Vec<Shift>, DrillError> {
    let folder = plan.folder.join("city");
    let broken = |error: &dyn std::fmt::Display| DrillError::Files(error.to_string());
    std::fs::create_dir_all(&folder).map_err(|error| broken(&error))?;
    let late = scenario.capacity.opens_late_days;
    let opens_late = (late > 0).then(|| scenario.start.plus_days(i64::from(late)).to_string());
    let mut files = Files { folder: &folder, current: None, shifts: Vec::new(), opens_late };
    city::make(&living::spec(scenario, plan.seed), sources, &mut files).map_err(|error| match error {
        MakeError::Spec(error) => DrillError::City(error),
        MakeError::Sink(error) => broken(&error),
    })?;
    files.finish().map_err(|error| broken(&error))?;
    let shifts = std::mem::take(&mut files.shifts);
    if plan.elsewhere.is_some() {
        return Ok(shifts);
    }
    let zone = &plan.settings.zone;
    let store = Store::open(plan.db).await?;
    let packs = dayclear_core::protocol::Packs::builtin().map_err(|error| broken(&error))?;
    let pack = pack_for(&packs, &scenario.pack, scenario.start)?;
    let day = Day::whole(scenario.start, pack, plan.settings);
    let folder = Folder::open(&folder)?;
    let scope = Scope::of(intake::city(&folder, zone)?);
    let digests = folder.digests(&mut |_, _| {})?;
    let mut tx = store.begin(&scope).await?;
    line::open_day(&mut tx, day.start, zone).await?;
    tx.commit().await?;
    intake::run(&store, &scope, &day, &folder, &digests, false, &mut |_, _| {}).await?;
    line::ready(&store, &scope).await?;
    store.close().await;
    Ok(shifts)
}

/// A crew's shift on the first day; it works the same hours on every day.
struct Shift {
    cells: Vec<String>,
}

impl Shift {
    fn on(&self, day: u16, zone: &Zone) -> Value {
        let mut row = serde_json::Map::new();
        for (column, cell) in CREWS.columns.iter().zip(&self.cells) {
            let moved = |at: Instant| zone.text(at.plus_hours(24 * i64::from(day)));
            let cell = match column.name {
                "crew" => format!("{cell}-{day}"),
                "from" | "to" => cell.parse().map_or_else(|_| cell.clone(), moved),
                // how long somebody drove is known of the day before the drill only
                "driven_24h_min" | "driven_7d_min" => continue,
                _ => cell.clone(),
            };
            row.insert(column.name.to_owned(), cell.into());
        }
        Value::Object(row)
    }
}

/// Files of a day folder, each table with its own; of what happens only the headers.
struct Files<'a> {
    folder: &'a Path,
    current: Option<(&'static str, Writer<BufWriter<File>>)>,
    shifts: Vec<Shift>,
    /// First day of temporary hospitals, where they open late.
    opens_late: Option<String>,
}

impl Files<'_> {
    fn finish(&mut self) -> Result<(), WriteError> {
        self.current.take().map_or(Ok(()), |(_, writer)| writer.finish().map(drop))
    }
}

impl Sink for Files<'_> {
    type Error = WriteError;

    fn table(&mut self, table: &'static Table) -> Result<(), WriteError> {
        self.finish()?;
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let output = BufWriter::new(File::create(self.folder.join(format!("{}.csv", table.name)))?);
        let utc = dayclear_core::time::Zone::named("UTC").map_err(|error| std::io::Error::other(error.to_string()))?;
        self.current = Some((table.name, Writer::new(Format::Csv, output, "table", &columns, &utc)?));
        Ok(())
    }

    fn row(&mut self, table: &'static Table, cells: &[&str]) -> Result<(), WriteError> {
        if !living::is_reference(table) {
            return Ok(());
        }
        if table.name == CREWS.name {
            self.shifts.push(Shift { cells: cells.iter().map(|cell| (*cell).to_owned()).collect() });
        }
        if self.current.as_ref().is_none_or(|(name, _)| *name != table.name) {
            self.table(table)?;
        }
        let mut cells = cells.to_vec();
        let at = |name: &str| table.columns.iter().position(|column| column.name == name);
        if let Some(late) = self.opens_late.as_deref().filter(|_| table.name == FACILITIES.name)
            && let (Some(kind), Some(opens)) = (at("kind"), at("opens_on"))
            && cells[kind] == FacilityKind::TemporaryHospital.name()
        {
            cells[opens] = late;
        }
        match &mut self.current {
            Some((_, writer)) => writer.row(&cells.iter().map(|cell| Cell::Text(cell)).collect::<Vec<_>>()),
            None => Ok(()),
        }
    }
}

/// Hours between two moments.
pub(crate) fn hours(from: Instant, to: Instant) -> f64 {
    to.minutes_since(from) as f64 / 60.0
}
