//! What lies around the outbreak on the evening of the demonstration: what households may ask for, the key places with their people and shifts,
//! and the gates of the city with those who arrive. It uses the roster as it was made; it guarantees that the same city gives the same rows,
//! that nobody here is a real person, and that no shift breaks a rule of the pack.

use super::write;
use anyhow::Result;
use dayclear_core::{
    schema::{ARRIVALS, GATES, GOODS, LISTED, PLACES, SHIFTS, Table},
    time::{CivilDate, Instant, Zone},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Length of the code of a district.
const DISTRICT: usize = 6;
/// People of a place at most.
const STAFF: usize = 24;
/// Of so many people on a list of the morning the one with this number is not seen at the gate, does not want the test, or owes it still.
const ON_LIST: usize = 18;
const MISSING: usize = 4;
const REFUSES: usize = 9;
const OWES: usize = 14;

/// Goods: id, item, need, English, simplified, traditional, units in a day, usual price.
const CATALOGUE: [[&str; 8]; 8] = [
    ["rice-5", "food_parcel", "", "Rice, 5 kg", "大米5公斤", "大米5公斤", "1", "32"],
    ["greens-3", "food_parcel", "", "Vegetables, 3 kg", "蔬菜3公斤", "蔬菜3公斤", "2", "18"],
    ["eggs-30", "food_parcel", "", "Eggs, 30", "鸡蛋30枚", "雞蛋30枚", "1", "26"],
    ["soft-food", "food_parcel", "", "Soft food without sugar", "无糖软食", "無糖軟食", "2", ""],
    ["water-5", "water", "", "Drinking water, 5 l", "饮用水5升", "飲用水5升", "3", "9"],
    ["milk-powder", "infant_parcel", "infant", "Milk powder for infants", "婴儿配方奶粉", "嬰兒配方奶粉", "1", "210"],
    ["nappies", "infant_parcel", "infant", "Nappies, 40", "纸尿裤40片", "紙尿褲40片", "1", "85"],
    ["soap", "hygiene", "", "Soap and detergent", "洗涤用品", "洗滌用品", "1", "25"],
];

/// What somebody is at a place where they have shifts.
const EMPLOYEE: &str = "employee";

/// Key places of a district, each with the group of its people: group, kind, what its people are there, what follows its number in its
/// name, who answers.
const STAFFED: [[&str; 5]; 6] = [
    ["hospital_staff", "hospital", EMPLOYEE, "人民医院", "医院感染管理科"],
    ["school", "school", "pupil or teacher", "小学", "校办公室"],
    ["market", "market", EMPLOYEE, "农贸市场", "市场管理处"],
    ["care_home", "care_home", "resident", "养老院", "养老院院办"],
    ["courier", "depot", EMPLOYEE, "快递分拨点", "快递公司"],
    ["transport", "station", EMPLOYEE, "公交枢纽", "公交公司"],
];

/// Gates: id, kind, name, district, who answers.
const GATES_OF: [[&str; 5]; 5] = [
    ["gate-air", "air", "江北机场T3到达口", "500112", "机场口岸专班"],
    ["gate-rail", "rail", "重庆西站出站口", "500106", "铁路口岸专班"],
    ["gate-road", "road", "巴南收费站", "500113", "公路口岸专班"],
    ["gate-water", "water", "朝天门码头", "500103", "水路口岸专班"],
    ["gate-freight", "other", "茶园货运枢纽", "500108", "货运口岸专班"],
];

/// The community of the first who belongs somewhere, and a row for everybody.
type Belong = (String, Vec<Vec<String>>);

/// The people of key places, gathered while the roster goes by.
#[derive(Default)]
pub struct Staff {
    /// By group and district: the community that the first of them lives in, and rows of the list of the place.
    places: BTreeMap<(&'static str, String), Belong>,
    communities: BTreeSet<String>,
}

/// A row of a table from the cells that are known.
fn row(table: &'static Table, known: &[(&str, &str)]) -> Vec<String> {
    let cell = |name: &str| known.iter().find(|(known, _)| *known == name).map_or("", |(_, cell)| *cell);
    table.columns.iter().map(|column| cell(column.name).to_owned()).collect()
}

fn place_of(group: &str, district: &str) -> String {
    format!("{}-{district}", group.replace('_', "-"))
}

impl Staff {
    /// Somebody of the roster who lives in a community.
    pub fn somebody<'c>(&mut self, cells: &impl Fn(&str) -> &'c str, community: &str, as_of: Instant) {
        if !self.communities.contains(community) {
            self.communities.insert(community.to_owned());
        }
        let group = cells("key_group");
        let Some([group, _, role, ..]) = STAFFED.iter().find(|[known, ..]| *known == group) else { return };
        let Some(district) = community.get(..DISTRICT) else { return };
        let (_, rows) =
            self.places.entry((group, district.to_owned())).or_insert_with(|| (community.to_owned(), Vec::new()));
        if rows.len() >= STAFF {
            return;
        }
        let (place, entry, as_of) = (place_of(group, district), format!("S{}", rows.len() + 1), as_of.to_string());
        let source = if *group == "school" { "school" } else { "employer" };
        rows.push(row(
            &LISTED,
            &[
                ("source", source),
                ("list", &place),
                ("entry", &entry),
                ("as_of", &as_of),
                ("given_by", "personnel office"),
                ("division", community),
                ("name", cells("name")),
                ("document", cells("document")),
                ("phone", cells("phone")),
                ("birth_date", cells("birth_date")),
                ("sex", cells("sex")),
                ("role", role),
            ],
        ));
    }

    /// Lists of the places, for the list of who is listed.
    pub fn listed(&self) -> impl Iterator<Item = Vec<String>> {
        self.places.values().flat_map(|(_, rows)| rows.clone())
    }

    /// Writes what lies around the outbreak on a day.
    pub fn write(&self, folder: &Path, city: &str, (day, zone): (CivilDate, &Zone)) -> Result<()> {
        write(folder, &GOODS, CATALOGUE.iter().map(|good| goods(city, good)))?;
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let places = self.places.iter().filter_map(|((group, district), (community, rows))| {
            let [_, kind, _, name, owner] = STAFFED.iter().find(|[known, ..]| known == group)?;
            let number = numbers.entry(group).and_modify(|number| *number += 1).or_insert(1);
            let (place, name, people) =
                (place_of(group, district), format!("第{number}{name}"), rows.len().to_string());
            let known = [("place", place.as_str()), ("kind", kind), ("name", &name), ("division", community)];
            let rest = [("owner", *owner), ("key_group", *group), ("people", &people)];
            Some(row(&PLACES, &[&known[..], &rest[..]].concat()))
        });
        write(folder, &PLACES, places)?;
        write(folder, &SHIFTS, self.shifts(day, zone))?;
        let districts: BTreeSet<&str> =
            self.communities.iter().filter_map(|community| community.get(..DISTRICT)).collect();
        let gates = || GATES_OF.iter().filter(|[.., district, _]| districts.contains(district));
        let columns = ["gate", "kind", "name", "division", "owner"];
        write(
            folder,
            &GATES,
            gates().map(|gate| row(&GATES, &columns.iter().copied().zip(*gate).collect::<Vec<_>>())),
        )?;
        write(folder, &ARRIVALS, gates().flat_map(|[gate, ..]| self.arrivals(gate, day, zone)))
    }

    /// By day and in the evening, each by half of those who work there.
    fn shifts(&self, day: CivilDate, zone: &Zone) -> impl Iterator<Item = Vec<String>> {
        let works = |group: &str| STAFFED.iter().any(|[known, _, role, ..]| *known == group && *role == EMPLOYEE);
        self.places.iter().filter(move |((group, _), _)| works(group)).flat_map(
            move |((group, district), (_, rows))| {
                (0..rows.len()).map(move |at| {
                    let (begins, ends) = if at % 2 == 0 { (7, 15) } else { (15, 23) };
                    let (from, to) = (zone.at(day, begins, 0).to_string(), zone.at(day, ends, 0).to_string());
                    let (worker, site) = (format!("{}-{group}-{}", district, at + 1), place_of(group, district));
                    row(
                        &SHIFTS,
                        &[("worker", &worker), ("site", &site), ("from", &from), ("to", &to), ("role", "duty")],
                    )
                })
            },
        )
    }

    /// A list of the morning, and what the gate saw by noon.
    fn arrivals(&self, gate: &str, day: CivilDate, zone: &Zone) -> Vec<Vec<String>> {
        let homes: Vec<&String> = self.communities.iter().collect();
        let date = day.to_string();
        let said = |at: usize, word: &str, hour: i8, by: &str| {
            let (ticket, at_text) = (format!("{gate}-{at:03}"), zone.at(day, hour, 0).to_string());
            let home = homes.get(at * 7 % homes.len().max(1)).map_or("", |home| home.as_str());
            let (name, phone) = (format!("旅客{at}"), format!("1390000{at:04}"));
            let known = [("gate", gate), ("day", &date), ("ticket", &ticket), ("said", word), ("at", &at_text)];
            let rest = [("said_by", by), ("name", &name), ("phone", &phone), ("destination", home)];
            row(&ARRIVALS, &[&known[..], &rest[..]].concat())
        };
        let mut rows = Vec::new();
        for at in 1..=ON_LIST {
            rows.push(said(at, "listed", 7, "manifest"));
            if at == MISSING {
                continue;
            }
            rows.push(said(at, "arrived", 11, "gate"));
            match at {
                REFUSES => rows.push(said(at, "refused", 12, "gate")),
                OWES => {}
                _ => rows.push(said(at, "tested", 12, "gate")),
            }
        }
        rows
    }
}

fn goods(city: &str, [good, item, need, en, hans, hant, day_max, usual]: &[&str; 8]) -> Vec<String> {
    let known = [("good", *good), ("division", city), ("item", item), ("need", need), ("en", en)];
    row(
        &GOODS,
        &[&known[..], &[("zh_hans", *hans), ("zh_hant", hant), ("day_max", day_max), ("usual", usual)][..]].concat(),
    )
}
