//! What rows of a file may refer to: divisions, buildings, households, people, tubes and the rest, by id. It is filled
//! while files are read, or from the store when a file was read in an earlier run, so that a row is judged against
//! everything that came before it.

use crate::OpsError;
use dayclear_core::{
    divisions::DivisionCode,
    obligations::PlaceKind,
    protocol::Pack,
    staffing::{Shift, StaffRule},
    time::Instant,
};
use dayclear_store::{
    Scoped,
    landing::{Lookup, Numbered},
    places::Place,
    questions::Kept,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Ids that rows name, by the column in which they stand.
pub type Names = BTreeMap<&'static str, BTreeSet<String>>;

/// A person or a tube: dense number, digest of the row, division.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Number.
    pub no: i64,
    /// Digest of the row as it stands.
    pub digest: i64,
    /// Division, as an index of [`References::division_of`].
    pub division: u32,
    /// When a tube was closed, in minutes since 1970; 0 for people. It fits where the entry had room.
    pub closed_min: u32,
}

/// Minutes since 1970: clocks of sites and laboratories agree no better.
pub fn minute_of(at: Instant) -> u32 {
    u32::try_from(at.micros() / 60_000_000).unwrap_or_default()
}

/// Ids that rows may refer to.
#[derive(Default)]
pub struct References {
    divisions: Vec<Arc<str>>,
    index: HashMap<Box<str>, u32>,
    /// Building to division.
    pub buildings: HashMap<Box<str>, u32>,
    /// Household to division.
    pub households: HashMap<Box<str>, u32>,
    /// People.
    pub people: HashMap<Box<str>, Entry>,
    /// Tubes.
    pub tubes: HashMap<Box<str>, Entry>,
    /// Facilities.
    pub facilities: HashMap<Box<str>, u32>,
    /// Key place to division and kind.
    pub sites: HashMap<Box<str>, (u32, PlaceKind)>,
    /// Shifts of workers, in order of their beginning.
    pub shifts: HashMap<Box<str>, Vec<Shift>>,
    /// What the rules in force ask of shifts.
    pub staff: Option<StaffRule>,
    /// Entry gate to division.
    pub gates: HashMap<Box<str>, u32>,
    /// Vehicles.
    pub vehicles: HashMap<Box<str>, u32>,
    /// Laboratories.
    pub laboratories: HashMap<Box<str>, u32>,
    /// Versions of questions that were put, or come in this run.
    pub questions: Vec<Kept>,
    loaded: Vec<&'static str>,
}

impl References {
    /// Rows are judged by these rules.
    pub fn judged_by(self, pack: &Pack) -> Self {
        References { staff: pack.staff_rule(), ..self }
    }

    /// Numbers of the tubes that rows name, in order.
    pub(crate) fn tubes(&self) -> Vec<i64> {
        let mut numbers: Vec<i64> = self.tubes.values().map(|tube| tube.no).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Index of a division code.
    pub fn intern(&mut self, code: &str) -> u32 {
        if let Some(at) = self.index.get(code) {
            return *at;
        }
        let at = self.divisions.len() as u32;
        self.divisions.push(code.into());
        self.index.insert(code.into(), at);
        at
    }

    /// Forgets what lies outside a division, so that rows which name it are answered as if it did not exist. What a table
    /// itself holds is still known: a key is unique in the whole city.
    pub fn within(&mut self, table: &str, division: &DivisionCode) {
        let code = division.as_str();
        let inside: Vec<bool> = self.divisions.iter().map(|known| known.starts_with(code)).collect();
        let keep = |at: u32| inside.get(at as usize).copied().unwrap_or(false);
        self.index.retain(|known, _| known.starts_with(code));
        if table != "buildings" {
            self.buildings.retain(|_, at| keep(*at));
        }
        if table != "households" {
            self.households.retain(|_, at| keep(*at));
        }
        // somebody whom a tube names may live anywhere
        if !matches!(table, "people" | "members") {
            self.people.retain(|_, entry| keep(entry.division));
        }
        if table != "tubes" {
            self.tubes.retain(|_, entry| keep(entry.division));
        }
        if table != "facilities" {
            self.facilities.retain(|_, at| keep(*at));
        }
        if table != "vehicles" {
            self.vehicles.retain(|_, at| keep(*at));
        }
        self.sites.retain(|_, (at, _)| keep(*at));
        if table != "gates" {
            self.gates.retain(|_, at| keep(*at));
        }
    }

    /// Code of an index.
    pub fn division_of(&self, at: u32) -> Arc<str> {
        self.divisions.get(at as usize).map_or_else(|| Arc::from(""), Arc::clone)
    }

    /// Whether a division is declared. A grid may go without a row of its own as long as its community has one.
    pub fn knows_division(&self, code: &str) -> bool {
        self.index.contains_key(code) || (code.len() > 12 && self.index.contains_key(&code[..12]))
    }

    /// A table was filled by reading its file, so the store need not be asked.
    pub fn filled(&mut self, table: &'static str) {
        if !self.loaded.contains(&table) {
            self.loaded.push(table);
        }
    }

    /// Loads from the store what rows of a table refer to, where that was not read in this run.
    pub async fn load_for(&mut self, tx: &mut Scoped, table: &str) -> Result<(), OpsError> {
        let wanted: &[&'static str] = match table {
            // a table that others refer to is loaded before its own file is read: a later day may bring only what changed
            "divisions" => &["divisions"],
            "buildings" => &["divisions", "buildings"],
            "facilities" => &["divisions", "facilities"],
            "vehicles" => &["divisions", "vehicles"],
            "laboratories" => &["divisions", "laboratories"],
            "supplies" | "goods" | "carriers" | "requests" | "listed" | "teams" | "places" | "assistance" => {
                &["divisions"]
            }
            "shifts" => &["divisions", "sites", "shifts"],
            "gates" => &["divisions", "gates"],
            "arrivals" => &["gates"],
            "households" => &["buildings", "households"],
            "people" => &["households", "people"],
            "beds" => &["facilities"],
            "crews" => &["vehicles"],
            "tubes" => &["divisions", "laboratories", "tubes"],
            "members" => &["tubes", "people"],
            "runs" => &["laboratories"],
            "results" => &["tubes", "laboratories"],
            "assessments" | "contacts" | "visits" | "handovers" | "statements" | "follow_ups" => &["people"],
            "questions" => &["divisions", "questions"],
            "answers" => &["people", "questions"],
            "packings" => &["tubes"],
            "box_moves" => &["divisions", "laboratories"],
            "box_checks" => &["tubes", "laboratories"],
            "deliveries" => &["households"],
            _ => &[],
        };
        for table in wanted {
            if self.loaded.contains(table) {
                continue;
            }
            self.load(tx, table).await?;
            self.loaded.push(table);
        }
        Ok(())
    }

    /// Loads from the store what rows refer to by the names that stand in them, column by column: what lies outside the
    /// scope of the handle is not known.
    pub async fn load_named(&mut self, tx: &mut Scoped, names: &Names) -> Result<(), OpsError> {
        let mut by_kind: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (column, ids) in names {
            let kind = if *column == "case_person" { "person" } else { column };
            by_kind.entry(kind).or_default().extend(ids.iter().map(String::as_str));
        }
        for (kind, ids) in by_kind {
            let ids: Vec<&str> = ids.into_iter().collect();
            match kind {
                "division" => {
                    // a grid may go without a row of its own as long as its community has one
                    let codes: BTreeSet<&str> =
                        ids.iter().flat_map(|code| [*code, code.get(..12).unwrap_or(code)]).collect();
                    let codes: Vec<&str> = codes.into_iter().collect();
                    for code in tx.lookup_of(Lookup::Divisions, &codes).await?.into_keys() {
                        self.intern(&code);
                    }
                }
                "building" => self.buildings = self.named(tx, Lookup::BuildingDivision, &ids).await?,
                "household" => self.households = self.named(tx, Lookup::HouseholdDivision, &ids).await?,
                "facility" => self.facilities = self.named(tx, Lookup::Facilities, &ids).await?,
                "site" => {
                    let found = tx.key_places_named(&ids).await?;
                    self.know_sites(found);
                }
                "worker" => self.know_shifts(tx.shifts_of(Some(&ids)).await?),
                "gate" => self.gates = self.named(tx, Lookup::Gates, &ids).await?,
                "vehicle" => self.vehicles = self.named(tx, Lookup::Vehicles, &ids).await?,
                "laboratory" => {
                    let known = tx.lookup_of(Lookup::Laboratories, &ids).await?;
                    self.laboratories = known.into_keys().map(|id| (id, 0)).collect();
                }
                "person" => self.people = self.numbers_named(tx, Numbered::People, &ids).await?,
                "tube" => self.tubes = self.numbers_named(tx, Numbered::Tubes, &ids).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn named(&mut self, tx: &mut Scoped, what: Lookup, ids: &[&str]) -> Result<HashMap<Box<str>, u32>, OpsError> {
        Ok(tx.lookup_of(what, ids).await?.into_iter().map(|(id, code)| (id, self.place(&code))).collect())
    }

    async fn numbers_named(
        &mut self,
        tx: &mut Scoped,
        table: Numbered,
        ids: &[&str],
    ) -> Result<HashMap<Box<str>, Entry>, OpsError> {
        let rows = tx.numbers_of(table, ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, (no, digest, code, closed))| {
                let closed_min = closed.map_or(0, minute_of);
                (id, Entry { no, digest, division: self.place(&code), closed_min })
            })
            .collect())
    }

    /// Index of a division that something lies in, without declaring it.
    fn place(&mut self, code: &str) -> u32 {
        if let Some(at) = self.divisions.iter().position(|known| &**known == code) {
            return at as u32;
        }
        self.divisions.push(code.into());
        self.divisions.len() as u32 - 1
    }

    async fn load(&mut self, tx: &mut Scoped, table: &str) -> Result<(), OpsError> {
        match table {
            "divisions" => {
                let mut codes: Vec<_> = tx.lookup(Lookup::Divisions).await?.into_keys().collect();
                codes.sort();
                codes.iter().for_each(|code| {
                    self.intern(code);
                });
            }
            "buildings" => self.buildings = self.places(tx, Lookup::BuildingDivision).await?,
            "households" => self.households = self.places(tx, Lookup::HouseholdDivision).await?,
            "facilities" => self.facilities = self.places(tx, Lookup::Facilities).await?,
            "sites" => {
                let all = tx.key_places().await?;
                self.know_sites(all);
            }
            "shifts" => self.know_shifts(tx.shifts_of(None).await?),
            "gates" => self.gates = self.places(tx, Lookup::Gates).await?,
            "vehicles" => self.vehicles = self.places(tx, Lookup::Vehicles).await?,
            "laboratories" => {
                self.laboratories = tx.lookup(Lookup::Laboratories).await?.into_keys().map(|id| (id, 0)).collect();
            }
            "questions" => self.questions = tx.questions().await?,
            "people" => {
                let of = tx.lookup(Lookup::PersonDivision).await?;
                self.people = self.numbered(tx, Numbered::People, &of).await?;
            }
            _ => {
                let of = tx.lookup(Lookup::TubeDivision).await?;
                self.tubes = self.numbered(tx, Numbered::Tubes, &of).await?;
                for (tube, closed) in tx.tubes_closed().await? {
                    if let Some(entry) = self.tubes.get_mut(&tube) {
                        entry.closed_min = minute_of(closed);
                    }
                }
            }
        }
        Ok(())
    }

    fn know_sites(&mut self, places: Vec<Place>) {
        for place in places {
            let at = self.place(place.division.as_str());
            self.sites.insert(place.place.into(), (at, place.kind));
        }
    }

    fn know_shifts(&mut self, shifts: Vec<(String, Instant, Instant, String, PlaceKind)>) {
        for (worker, from, to, site, kind) in shifts {
            self.shifts.entry(worker.into()).or_default().push(Shift { from, to, site, apart: kind.one_site() });
        }
    }

    /// Notes a shift in place of the one that began at the same moment.
    pub fn note_shift(&mut self, worker: &str, shift: Shift) {
        let all = self.shifts.entry(worker.into()).or_default();
        all.retain(|other| other.from != shift.from);
        all.push(shift);
        all.sort_by_key(|shift| shift.from);
    }

    async fn places(&mut self, tx: &mut Scoped, what: Lookup) -> Result<HashMap<Box<str>, u32>, OpsError> {
        Ok(tx.lookup(what).await?.into_iter().map(|(id, code)| (id, self.intern(&code))).collect())
    }

    async fn numbered(
        &mut self,
        tx: &mut Scoped,
        table: Numbered,
        divisions: &HashMap<Box<str>, Box<str>>,
    ) -> Result<HashMap<Box<str>, Entry>, OpsError> {
        let rows = tx.numbers(table).await?;
        Ok(rows
            .into_iter()
            .map(|(id, (no, digest))| {
                let division = divisions.get(&id).map_or(0, |code| self.intern(code));
                (id, Entry { no, digest, division, closed_min: 0 })
            })
            .collect())
    }
}
