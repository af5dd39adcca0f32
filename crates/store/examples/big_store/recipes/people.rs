//! Divisions, buildings, households and people: spread over the real divisions of Chongqing by population.

use super::super::engine::{Engine, padded};
use super::{HOUSEHOLD, person};
use anyhow::{Context, Result};
use std::{collections::BTreeMap, path::Path};

/// Households of a building.
const BUILDING: i64 = 100;
/// Fewest households of a village that is used.
const VILLAGE: i64 = 30;

pub struct District {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) name_en: String,
    pub(super) population: i64,
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) villages: Vec<String>,
    pub(super) first_household: i64,
    pub(super) households: i64,
}

pub struct Places {
    pub(super) districts: Vec<District>,
    pub(super) townships: Vec<(String, String)>,
    pub(super) villages: Vec<(String, String)>,
}

impl Places {
    pub(super) fn households(&self) -> i64 {
        self.districts.iter().map(|district| district.households).sum()
    }

    pub(super) fn big(&self) -> Option<&District> {
        self.districts.iter().max_by_key(|district| district.households)
    }
}

/// Reads the divisions and spreads the people over them.
pub fn places(folder: &Path, people: i64) -> Result<Places> {
    let read = |name: &str| -> Result<Vec<csv::StringRecord>> {
        let path = folder.join(name);
        let mut reader = csv::Reader::from_path(&path).with_context(|| format!("cannot read {}", path.display()))?;
        reader.records().map(|row| row.map_err(anyhow::Error::from)).collect()
    };
    let pair = |row: &csv::StringRecord| (row[0].to_owned(), row[1].to_owned());
    let villages = read("villages.csv")?;
    let mut of_district: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &villages {
        of_district.entry(row[3].to_owned()).or_default().push(row[0].to_owned());
    }
    let mut districts = Vec::new();
    for row in read("districts.csv")? {
        districts.push(District {
            villages: of_district.remove(&row[0]).with_context(|| format!("no villages in {}", &row[0]))?,
            code: row[0].to_owned(),
            name: row[1].to_owned(),
            name_en: row[2].to_owned(),
            population: row[6].parse()?,
            lat: row[7].parse()?,
            lon: row[8].parse()?,
            first_household: 0,
            households: 0,
        });
    }
    let total: i64 = districts.iter().map(|district| district.population).sum();
    let mut next = 0;
    for district in &mut districts {
        district.first_household = next;
        district.households = (people / HOUSEHOLD * district.population / total).max(VILLAGE);
        // a small city has fewer villages, not empty ones
        district.villages.truncate((district.households / VILLAGE) as usize);
        next += district.households;
    }
    Ok(Places {
        districts,
        townships: read("townships.csv")?.iter().map(pair).collect(),
        villages: villages.iter().map(pair).collect(),
    })
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub async fn divisions(engine: &mut Engine, places: &Places) -> Result<u64> {
    let mut rows = vec!["('50', '重庆市', 'Chongqing', 'city', 32054159, null, null, 0)".to_owned()];
    for d in &places.districts {
        let (name, english) = (quoted(&d.name), quoted(&d.name_en));
        let District { code, population, lon, lat, .. } = d;
        rows.push(format!("('{code}', {name}, {english}, 'district', {population}, {lon}, {lat}, 0)"));
    }
    for (level, list) in [("township", &places.townships), ("village", &places.villages)] {
        let row = |(code, name): &(String, String)| {
            format!("('{code}', {}, null, '{level}', null, null, null, 0)", quoted(name))
        };
        rows.extend(list.iter().map(row));
    }
    let mut n = 0;
    for group in rows.chunks(500) {
        let columns = "code, name, name_en, level, population, lon, lat, digest";
        n += engine.run(&format!("insert into divisions ({columns}) values {}", group.join(","))).await?;
    }
    Ok(n)
}

/// Buildings, households and people, one transaction per district.
pub async fn roster(engine: &mut Engine, places: &Places) -> Result<u64> {
    let mut n = 0;
    for district in &places.districts {
        engine.run("begin").await?;
        let villages = district.villages.len() as i64;
        for (at, village) in (0..).zip(&district.villages) {
            let first = district.first_household + district.households * at / villages;
            let last = district.first_household + district.households * (at + 1) / villages - 1;
            for sql in village_statements(engine, district, village, first, last) {
                n += engine.run(&sql).await?;
            }
        }
        engine.run("commit").await?;
    }
    Ok(n)
}

/// Household numbers count from 0; a building is named after the first household in it.
fn village_statements(engine: &Engine, district: &District, village: &str, first: i64, last: i64) -> [String; 3] {
    let building = |household: &str| format!("'B' || {}", padded(&building_number(household), 9));
    // a building that reaches over the border of a village belongs to the one in which it begins
    let buildings = engine.series(first.div_euclid(BUILDING) + i64::from(first % BUILDING != 0), last / BUILDING);
    let (lon, lat) = (district.lon, district.lat);
    [
        format!(
            "insert into buildings (building, division, compound, name, lon, lat, digest)
             select 'B' || {}, '{village}', '小区' || cast(n % 50 as text), cast(n % 20 + 1 as text) || '栋',
                {lon} + (n % 101) * 0.0005, {lat} + (n % 97) * 0.0005, n
             from {buildings} s where n * {BUILDING} between {first} and {last}",
            padded("n", 9)
        ),
        format!(
            "insert into households (household, building, unit, floor, door, division, digest)
             select 'H' || {}, {}, cast(n % 2 + 1 as text), n % 30 + 1, cast((n % 30 + 1) * 100 + n % 4 as text), '{village}', n
             from {} s",
            padded("n", 9),
            building("n"),
            engine.series(first, last)
        ),
        format!(
            "insert into people (no, person, household, name, phone, sex, birth_date, needs, key_group, presence, registered,
                division, digest)
             select n, {}, 'H' || {}, substr('王李张刘陈杨赵黄周吴', cast(1 + n % 10 as integer), 1) || substr('伟芳娜敏静秀丽强磊军洋勇艳杰涛明超', cast(1 + n / 10 % 17 as integer), 1),
                '1' || {}, case n % 2 when 0 then 'female' else 'male' end, {}, case when n % 50 = 0 then 'dialysis' end,
                case when n % 40 = 0 then 'courier' end, 'present', {}, '{village}', n
             from {} s",
            person("n"),
            padded(&format!("(n - 1) / {HOUSEHOLD}"), 9),
            padded("3000000000 + n % 1000000000", 10),
            engine.day("n * 7919 % 28000 - 10957"),
            engine.yes(),
            engine.series(first * HOUSEHOLD + 1, (last + 1) * HOUSEHOLD)
        ),
    ]
}

pub(super) fn building_number(household: &str) -> String {
    format!("({household}) / {BUILDING}")
}
