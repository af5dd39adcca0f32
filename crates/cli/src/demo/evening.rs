//! The evening after: the next day of the sample city up to an hour, with the work that is then to be done. Rows that lie
//! later are left out, as they would be in life.

use crate::{
    city::Files,
    demo::{DISTRICTS, around::Staff, write},
    epi_input::Sheet,
    setting,
};
use anyhow::{Context, Result, anyhow};
use dayclear_core::{
    access::{Duty, Role},
    command::Command,
    protocol::Packs,
    schema::{HANDOVERS, LISTED, ROUNDS, Table, VEHICLES},
    time::{CivilDate, Instant},
};
use dayclear_engines::city::{self, PlannedRide, Sink, Sources, Spec, play_handovers};
use dayclear_ops::{
    day::pack_for,
    desk::{self, Doing},
    folder, identity,
    intake::{self, Folder},
    line,
    listing::Looker,
    minutes::{Day, Settings},
};
use dayclear_store::{Scope, Store};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

/// Until which hour the day has come.
const HOUR: i8 = 20;
/// Hours at which the line has run: drivers have reported on what was planned by then.
const RUNS: [i8; 3] = [11, 15, 18];

/// Passes on what has happened until a moment.
struct Until<'a, S> {
    inner: &'a mut S,
    moment: Instant,
    /// When the lists of key places were given.
    morning: Instant,
    dropped: HashSet<String>,
    /// Vehicles of the day before: nobody changes their seats overnight, and trips of that day rest on them.
    fleet: HashSet<String>,
    /// Division of buildings and of households, by id.
    places: HashMap<String, String>,
    people: usize,
    /// What an employer knows of some of the people, and of some who are not on the roster.
    listed: Vec<Vec<String>>,
    /// The people of key places.
    staff: Staff,
}

/// Of so many people one stands on the roster twice, and of so many an employer has a list.
const TWICE: usize = 450;
const EMPLOYED: usize = 60;

impl<S: Sink> Until<'_, S> {
    /// Somebody of the roster: some stand on it twice, some on the list of an employer too.
    fn somebody(&mut self, table: &'static Table, cells: &[&str]) -> Result<(), S::Error> {
        let at = |name: &str| table.position(name).and_then(|at| cells.get(at)).copied().unwrap_or_default();
        self.people += 1;
        let division = self.places.get(at("household")).cloned().unwrap_or_default();
        self.staff.somebody(&at, &division, self.morning);
        if self.people.is_multiple_of(EMPLOYED) {
            // every tenth has a name that nobody on the roster has
            let stranger = self.people.is_multiple_of(10 * EMPLOYED);
            let name = if stranger { "诸葛无名" } else { at("name") };
            let (phone, birth) = if stranger { ("", "1961-05-05") } else { (at("phone"), at("birth_date")) };
            let entry = format!("E{}", self.people);
            let as_of = self.moment.to_string();
            let cells =
                ["employer", "factory-7", &entry, &as_of, "personnel office", &division, name, "", phone, birth];
            let rest = [at("sex"), "", "", "", "employee"];
            self.listed.push(cells.into_iter().chain(rest).map(str::to_owned).collect());
        }
        if self.people.is_multiple_of(TWICE) {
            let again = format!("{}-2", at("person"));
            let twin: Vec<&str> = table
                .columns
                .iter()
                .zip(cells)
                .map(|(column, cell)| match column.name {
                    "person" => again.as_str(),
                    "document" | "needs" | "carer" | "key_group" => "",
                    _ => *cell,
                })
                .collect();
            self.inner.row(table, &twin)?;
        }
        Ok(())
    }
}

impl<S: Sink> Sink for Until<'_, S> {
    type Error = S::Error;

    fn table(&mut self, table: &'static Table) -> Result<(), S::Error> {
        self.inner.table(table)
    }

    fn row(&mut self, table: &'static Table, cells: &[&str]) -> Result<(), S::Error> {
        let at = |name: &str| table.position(name).and_then(|at| cells.get(at)).copied().unwrap_or_default();
        match table.name {
            "buildings" => drop(self.places.insert(at("building").to_owned(), at("division").to_owned())),
            "households" => {
                let division = self.places.get(at("building")).cloned().unwrap_or_default();
                self.places.insert(at("household").to_owned(), division);
            }
            "people" => self.somebody(table, cells)?,
            _ => {}
        }
        let later = |text: &str| text.parse::<Instant>().is_ok_and(|at| at > self.moment);
        let happened = match table.name {
            "tubes" => "collected_at",
            "results" => "reported_at",
            "assessments" => "assessed_at",
            "requests" => "received_at",
            "visits" => "to",
            "runs" => "ended_at",
            "packings" | "box_moves" | "box_checks" => "at",
            _ => "",
        };
        if later(at(happened)) {
            if table.name == "tubes" {
                self.dropped.insert(at("tube").to_owned());
            }
            return Ok(());
        }
        if table.name == "vehicles" && self.fleet.contains(at("vehicle")) {
            return Ok(());
        }
        if matches!(table.name, "members" | "results" | "packings" | "box_checks") && self.dropped.contains(at("tube"))
        {
            return Ok(());
        }
        let answered = table.name == "requests" && later(at("answered_at"));
        let known: Vec<&str> = table
            .columns
            .iter()
            .zip(cells)
            .map(|(column, cell)| match column.name {
                "sent_at" | "received_at" | "answered_at" if later(cell) => "",
                "answer" if answered => "",
                _ => *cell,
            })
            .collect();
        self.inner.row(table, &known)
    }
}

/// The city, its day and where things are.
pub struct Scene<'a> {
    pub store: &'a Store,
    pub settings: &'a Settings,
    pub scope: &'a Scope,
    pub pack: &'a str,
    pub people: u64,
    pub positives: u64,
    pub seed: u64,
    pub day: CivilDate,
}

/// Plays the day up to its evening. Returns the moment at which the clock of the exercise begins.
pub async fn play(scene: &Scene<'_>, day_before: &Path, folder_of: &Path) -> Result<Instant> {
    let zone = &scene.settings.zone;
    let now = zone.at(scene.day, HOUR, 0);
    let spec = Spec {
        people: scene.people,
        positives: scene.positives,
        tubes: None,
        date: scene.day,
        seed: scene.seed,
        turn: 1,
        districts: Some(DISTRICTS),
        collective: false,
        lists: false,
    };
    let mut files = Files::in_folder(folder_of)?;
    let vehicles = Sheet::read(&day_before.join(format!("{}.csv", VEHICLES.name)))?;
    let column = vehicles.column("vehicle")?;
    let fleet = vehicles.rows().map(|(_, row)| row.get(column).unwrap_or_default().to_owned()).collect();
    let mut until = Until {
        inner: &mut files,
        moment: now,
        morning: zone.at(scene.day, 6, 0),
        dropped: HashSet::new(),
        fleet,
        places: HashMap::new(),
        people: 0,
        listed: Vec::new(),
        staff: Staff::default(),
    };
    city::make(&spec, &Sources::chongqing()?, &mut until)?;
    let (listed, staff) = (until.listed, until.staff);
    files.finish()?;
    write(folder_of, &LISTED, listed.into_iter().chain(staff.listed()))?;
    staff.write(folder_of, scene.scope.division().as_str(), (scene.day, zone))?;
    write(folder_of, &ROUNDS, std::iter::once(round(scene)))?;
    let packs = setting::packs()?;
    let pack = pack_for(&packs, scene.pack, scene.day)?;
    let day = Day { end: now, ..Day::whole(scene.day, pack, scene.settings) };
    land(scene, &day, folder_of).await?;
    let morning = zone.at(scene.day, RUNS[0], 0);
    close_round(scene, &packs, morning).await?;
    // who is who: on a server this is done beside its work, and here before anybody looks
    while !identity::go_on(
        scene.store,
        &packs,
        scene.settings,
        scene.pack,
        scene.scope,
        morning,
        identity::Keys::Beside(identity::AT_ONCE),
    )
    .await?
    {}
    let mut moments: Vec<Instant> = RUNS.iter().map(|hour| zone.at(scene.day, *hour, 0)).collect();
    moments.push(now);
    for (at, next) in moments.iter().zip(moments.iter().skip(1).chain([&now])) {
        line::pass(scene.store, &packs, scene.settings, scene.pack, scene.scope, *at).await?;
        if at == &now {
            break;
        }
        let mut tx = scene.store.look(scene.scope).await?;
        let seen = Day { end: *at, ..day };
        let rides = folder::planned_rides(&mut tx, &seen).await?;
        drop(tx);
        let rides = rides.into_iter().map(|(person, facility, pickup_at, arrive_at)| PlannedRide {
            person,
            facility,
            pickup_at,
            arrive_at,
        });
        let reports = play_handovers(rides, scene.seed);
        let known = reports.iter().filter(|row| row.at <= *next).map(|row| row.cells(zone).to_vec());
        write(folder_of, &HANDOVERS, known)?;
        land(scene, &day, folder_of).await?;
    }
    Ok(now)
}

/// The round of the day: everybody in the city, from the morning to the late evening, because there has been spread for long.
fn round(scene: &Scene<'_>) -> Vec<String> {
    let hour = |hour| scene.settings.zone.at(scene.day, hour, 0).to_string();
    let (from, to) = (hour(6), hour(22));
    let city = scene.scope.division().as_str();
    let cells = ["R1", "第一轮", "expanded_screening", &from, &to, city, "", "", "", "10", "long_spread", ""];
    cells.map(str::to_owned).to_vec()
}

/// The command of the city closes the round of the day before.
async fn close_round(scene: &Scene<'_>, packs: &Packs, now: Instant) -> Result<()> {
    let duty = Duty { role: Role::CityCommand, division: scene.scope.division().clone(), site: None };
    let looker = Looker { account: "city".to_owned(), duty, glass: Default::default() };
    let doing = Doing {
        looker: &looker,
        now,
        stepped_up: false,
        packs,
        pack: scene.pack,
        settings: scene.settings,
        key: None,
        keys: None,
    };
    let command = Command::named("rounds", "close").context("there is no command that closes rounds")?;
    let round = format!("R{}", scene.day.plus_days(-1).to_string().replace('-', ""));
    desk::perform(scene.store, &doing, command, &[round], &Default::default())
        .await
        .map_err(|error| anyhow!("the round of the day before cannot be closed: {error:?}"))?;
    Ok(())
}

/// Takes what is new in the folder.
async fn land(scene: &Scene<'_>, day: &Day<'_>, folder_of: &Path) -> Result<()> {
    let folder = Folder::open(folder_of)?;
    let digests = folder.digests(&mut |_, _| {})?;
    let mut tx = scene.store.begin(scene.scope).await?;
    line::open_day(&mut tx, day.end, day.zone).await?;
    tx.commit().await?;
    intake::run(scene.store, scene.scope, day, &folder, &digests, false, &mut |_, _| {}).await?;
    Ok(())
}
