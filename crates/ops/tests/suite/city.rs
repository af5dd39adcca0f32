//! A day's files as tables in memory, begun from `examples/day`, and the run of a day as the command line does it.

use crate::engines::TestStore;
use dayclear_core::{
    bulletin::Bulletin,
    protocol::Packs,
    time::{CivilDate, Instant, Zone},
};
use dayclear_ops::{
    OpsError,
    day::{self, Plan, Report},
    folder::{self, Sheet},
    intake::{self, Folder},
    minutes::{Day, Settings},
};
use dayclear_store::{Scope, Scoped, Store, landing::DoubtKey};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The day of the example.
pub const DAY: &str = "2022-11-20";

/// Tables that tell what happened on one day; the others describe the city.
const OF_ONE_DAY: [&str; 12] = [
    "tubes",
    "members",
    "packings",
    "box_moves",
    "box_checks",
    "results",
    "assessments",
    "contacts",
    "visits",
    "requests",
    "handovers",
    "deliveries",
];

#[derive(Clone, Default)]
struct Csv {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A folder of one day's files before it is written.
#[derive(Clone, Default)]
pub struct Files {
    tables: BTreeMap<String, Csv>,
}

pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

impl Files {
    /// The example as it stands in the repository.
    pub fn example() -> Files {
        let mut tables = BTreeMap::new();
        for entry in fs::read_dir(repository("examples/day")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "csv") {
                let mut reader = csv::Reader::from_path(&path).unwrap();
                let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
                let header = texts(reader.headers().unwrap());
                let rows = reader.records().map(|record| texts(&record.unwrap())).collect();
                tables.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), Csv { header, rows });
            }
        }
        Files { tables }
    }

    /// The same city on which nothing has happened: no tube, no result, no report. Shifts are on the given day.
    pub fn quiet(date: &str) -> Files {
        let mut files = Files::example();
        for table in OF_ONE_DAY {
            files.table(table).rows.clear();
        }
        let shift = |text: &mut String| *text = text.replace(DAY, date);
        files.table("crews").rows.iter_mut().flatten().for_each(shift);
        files
    }

    fn table(&mut self, name: &str) -> &mut Csv {
        self.tables.get_mut(name).unwrap_or_else(|| panic!("no table {name}"))
    }

    /// Adds a row: fields in the order of the columns, separated by commas; those that are left out at the end are empty.
    pub fn add(mut self, table: &str, row: &str) -> Files {
        let table = self.table(table);
        let mut row: Vec<String> = row.split(',').map(|field| field.trim().to_owned()).collect();
        row.resize(row.len().max(table.header.len()), String::new());
        assert_eq!(row.len(), table.header.len(), "{row:?} for {:?}", table.header);
        table.rows.push(row);
        self
    }

    /// Adds a table that the example has not, with its header and rows, one a line.
    pub fn with(mut self, table: &str, header: &str, rows: &str) -> Files {
        let header = header.split(',').map(str::to_owned).collect();
        self.tables.insert(table.to_owned(), Csv { header, rows: Vec::new() });
        self.rows(table, rows)
    }

    /// Adds rows, one a line.
    pub fn rows(self, table: &str, rows: &str) -> Files {
        rows.lines().map(str::trim).filter(|row| !row.is_empty()).fold(self, |files, row| files.add(table, row))
    }

    /// Takes a row away: fields in the order of the columns, separated by commas.
    pub fn without(mut self, table: &str, row: &str) -> Files {
        let table = self.table(table);
        let rows = table.rows.len();
        table.rows.retain(|there| there.join(",") != row);
        assert_eq!(table.rows.len(), rows - 1, "{row}");
        self
    }

    /// Puts a value into a column of the row with a key.
    pub fn set(mut self, table: &str, key: &str, column: &str, value: &str) -> Files {
        let table = self.table(table);
        let at = table.header.iter().position(|name| name == column).unwrap();
        let row = table.rows.iter_mut().find(|row| row[0] == key).unwrap_or_else(|| panic!("no row {key}"));
        row[at] = value.to_owned();
        self
    }

    /// Leaves only the header of a table.
    pub fn emptied(mut self, table: &str) -> Files {
        self.table(table).rows.clear();
        self
    }

    /// Puts a row of the example back.
    pub fn row_of_the_city(mut self, table: &str, key: &str) -> Files {
        let row = Files::example().table(table).rows.iter().find(|row| row[0] == key).unwrap().clone();
        self.table(table).rows.push(row);
        self
    }

    /// A single swab of a person and its result. `when` is `07:00 15:30`: taken, reported; the laboratory is L1.
    pub fn swab(self, tube: &str, person: &str, purpose: &str, date: &str, when: &str, finding: &str) -> Files {
        self.pool(tube, &[person], 1, purpose, date, when, finding)
    }

    /// A tube with its members and one final result; no result when `finding` is empty.
    #[allow(clippy::too_many_arguments)]
    pub fn pool(
        mut self,
        tube: &str,
        people: &[&str],
        size: usize,
        purpose: &str,
        date: &str,
        when: &str,
        finding: &str,
    ) -> Files {
        let (taken, reported) = when.split_once(' ').unwrap();
        let at = |clock: &str| format!("{date}T{clock}:00+08:00");
        let (taken, reported) = (at(taken), at(reported));
        let division = "500103013006";
        self = self.add("tubes", &format!("{tube},{division},{purpose},{size},S1,{taken},L1,{taken},{taken}"));
        for person in people {
            self = self.add("members", &format!("{tube},{person}"));
        }
        match finding {
            "" => self,
            "positive" => self.add("results", &format!("L1,{tube},F,positive,24.0,25.0,R1,{reported}")),
            other => self.add("results", &format!("L1,{tube},F,{other},,,R1,{reported}")),
        }
    }

    /// Writes the files into a folder of that name beside the store.
    pub fn write(&self, store: &TestStore, name: &str) -> Folder {
        self.write_to(&store.folder().join(name))
    }

    /// Writes the files; those of an earlier writing are replaced.
    pub fn write_to(&self, path: &Path) -> Folder {
        fs::create_dir_all(path).unwrap();
        for (name, table) in &self.tables {
            let mut writer = csv::Writer::from_path(path.join(format!("{name}.csv"))).unwrap();
            writer.write_record(&table.header).unwrap();
            table.rows.iter().for_each(|row| writer.write_record(row).unwrap());
            writer.flush().unwrap();
        }
        Folder::open(path).unwrap()
    }
}

pub fn day_of(text: &str) -> CivilDate {
    text.parse().unwrap()
}

pub fn settings() -> Settings {
    Settings {
        zone: Zone::named("Asia/Shanghai").unwrap(),
        legal_basis: "statute".to_owned(),
        body: "body".to_owned(),
        travel: Default::default(),
    }
}

pub fn packs() -> &'static Packs {
    static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::builtin().unwrap());
    &PACKS
}

pub fn city() -> Scope {
    Scope::of("50".parse().unwrap())
}

/// A day that is closed at its end, under the pack of the disease that is in force.
pub fn plan(date: &str) -> Plan {
    Plan { date: Some(day_of(date)), pack: "covid-19".to_owned(), atomic: false, keep_open: false, exercise: false }
}

pub async fn run(store: &Store, folder: &Folder, plan: &Plan) -> Result<Report, OpsError> {
    day::run(store, packs(), &settings(), folder, plan, &mut |_, _| {}).await
}

/// Writes a day's files, runs it to its close, and gives what it decided.
pub async fn close(store: &TestStore, date: &str, files: &Files) -> Told {
    let folder = files.write(store, date);
    let report = run(&store.store, &folder, &plan(date)).await.unwrap();
    told(&store.store, &folder, report).await
}

/// What a day tells: every sheet, the map and the bulletin.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub sheets: BTreeMap<&'static str, (Vec<String>, Vec<Vec<String>>)>,
    pub map: String,
    pub bulletin: Option<Bulletin>,
    pub signature: Option<String>,
}

pub async fn told(store: &Store, folder: &Folder, report: Report) -> Told {
    let (settings, packs) = (settings(), packs());
    let pack = day::pack_for(packs, "covid-19", report.date).unwrap();
    let day = Day::whole(report.date, pack, &settings);
    let scope = Scope::of(intake::city(folder, &settings.zone).unwrap());
    let mut tx = store.begin(&scope).await.unwrap();
    let mut sheets: Vec<Sheet> = folder::sheets(&mut tx, &day).await.unwrap();
    sheets.push(folder::doubts(&mut tx, &day, &mut DoubtKey::default()).await.unwrap());
    let map = folder::zones_geojson(&mut tx, &day).await.unwrap().to_string();
    let sheets = sheets
        .into_iter()
        .map(|sheet| (sheet.name, (sheet.columns.iter().map(|name| (*name).to_owned()).collect(), sheet.rows)))
        .collect();
    Told { sheets, map, bulletin: report.bulletin, signature: report.signature }
}

impl Told {
    /// Some columns of a sheet, as lines with one space between the fields; an empty field is `-`.
    pub fn lines(&self, sheet: &str, columns: &[&str]) -> Vec<String> {
        let (header, rows) = &self.sheets[sheet];
        let at: Vec<usize> = columns
            .iter()
            .map(|name| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("{name} is not in {header:?}")))
            .collect();
        let field = |text: &String| if text.is_empty() { "-".to_owned() } else { text.clone() };
        rows.iter().map(|row| at.iter().map(|at| field(&row[*at])).collect::<Vec<_>>().join(" ")).collect()
    }

    /// Those lines that begin with a text.
    pub fn lines_of(&self, sheet: &str, begin: &str, columns: &[&str]) -> Vec<String> {
        self.lines(sheet, columns).into_iter().filter(|line| line.starts_with(begin)).collect()
    }

    pub fn bulletin(&self) -> &Bulletin {
        self.bulletin.as_ref().unwrap()
    }
}

/// A moment of the city.
pub fn at(date: &str, clock: &str) -> Instant {
    format!("{date}T{clock}:00+08:00").parse().unwrap()
}

/// A transaction for the whole city.
pub async fn tx(store: &TestStore) -> Scoped {
    store.store.begin(&city()).await.unwrap()
}
