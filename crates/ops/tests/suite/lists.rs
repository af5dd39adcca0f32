//! Real line lists and a published bulletin, through the store and back: the figures are those of `data/linelists/README.md`.

use crate::{
    city::{day_of, repository},
    engines::{TestStore, on_both},
};
use dayclear_core::{
    bulletin::Bulletin,
    cases::Origin,
    schema::{DAILY_CASES, DISCOVERY_CHANNELS, DISTRICT_CASES, LINELIST, LINELIST_CONTACTS, Table},
    time::Zone,
};
use dayclear_engines::tracing::{Chains, chains};
use dayclear_ops::{
    intake::{self, Import},
    lists,
};
use dayclear_store::{Scope, landing::Tally};

fn everything() -> Scope {
    Scope::everything("50".parse().unwrap())
}

fn how(list: &str) -> Import {
    Import {
        mapping: Default::default(),
        today: day_of("2022-11-20"),
        now: "2022-11-20T12:00:00Z".parse().unwrap(),
        zone: Zone::named("Asia/Shanghai").unwrap(),
        list: list.to_owned(),
        atomic: false,
        dry_run: false,
    }
}

async fn import(store: &TestStore, how: &Import, table: &'static Table, path: &str) -> Tally {
    let path = repository(path);
    let mut doubts = Vec::new();
    let aside = &mut |doubt| doubts.push(doubt);
    let read = intake::import(&store.store, &everything(), how, table, &path, aside, &mut |_, _| {}).await.unwrap();
    assert!(doubts.is_empty(), "{:?}", doubts.first());
    assert!(read.tally.adds_up());
    read.tally
}

async fn import_list(store: &TestStore, list: &str) -> [Tally; 2] {
    let path = format!("data/linelists/{list}");
    let cases = import(store, &how(list), &LINELIST, &format!("{path}/linelist.csv")).await;
    let links = if list.starts_with("ebola") {
        Tally::default()
    } else {
        import(store, &how(list), &LINELIST_CONTACTS, &format!("{path}/contacts.csv")).await
    };
    [cases, links]
}

async fn chains_of(store: &TestStore, list: &str) -> Chains {
    let mut tx = store.store.begin(&everything()).await.unwrap();
    let (cases, links) = lists::linelist(&mut tx, list).await.unwrap();
    chains(&cases, &links).unwrap()
}

#[test]
fn the_chains_of_real_outbreaks_have_their_published_figures() {
    type Row = (&'static str, u64, u64, usize, &'static str, &'static str, f64, &'static str, usize, usize);
    let table: [Row; 3] = [
        ("mers_korea_2015", 162, 98, 98, "14.469", "5.200", 14.0, "SK_14", 38, 3),
        ("covid_singapore_2020", 93, 92, 56, "4.054", "3.387", 3.5, "66", 6, 4),
        ("measles_hagelloch_1861", 188, 184, 184, "10.391", "1.679", 10.0, "45", 30, 1),
    ];
    on_both(async |store| {
        // all lists in one store: their ids hold within each list only
        for (list, cases, links, ..) in table {
            let created = import_list(store, list).await.map(|tally| tally.created);
            assert_eq!(created, [cases, links], "{list}");
        }
        for (list, cases, _, pairs, mean, sd, median, top, secondary, sources) in table {
            let chains = chains_of(store, list).await;
            let si = &chains.serial_interval;
            assert_eq!((chains.cases as u64, chains.pairs.len(), si.n), (cases, pairs, pairs), "{list}");
            assert_eq!(format!("{:.3} {:.3}", si.mean.unwrap(), si.sd.unwrap()), format!("{mean} {sd}"), "{list}");
            assert_eq!(si.median, Some(median), "{list}");
            let infector = chains.top_infector.as_ref().unwrap();
            assert_eq!((infector.id.as_str(), infector.secondary), (top, secondary), "{list}");
            assert_eq!(chains.max_sources, sources, "{list}");
        }
        let mut tx = store.store.begin(&everything()).await.unwrap();
        assert_eq!(tx.linelists().await.unwrap().len(), 3);
    });
}

#[test]
fn what_is_not_known_is_kept_as_not_known() {
    on_both(async |store| {
        import_list(store, "ebola_sierraleone_2014").await;
        let mut tx = store.store.begin(&everything()).await.unwrap();
        let (cases, _) = lists::linelist(&mut tx, "ebola_sierraleone_2014").await.unwrap();
        drop(tx);
        let text = std::fs::read_to_string(repository("data/linelists/ebola_sierraleone_2014/linelist.csv")).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let at = |name: &str| header.iter().position(|column| column == name).unwrap();
        let (id, age, onset) = (at("case_id"), at("age"), at("date_onset"));
        let mut unknown = 0;
        for (record, case) in reader.records().zip(&cases) {
            let record = record.unwrap();
            assert_eq!(record[id], case.id, "in the order of the file");
            assert_eq!(record[age].parse().ok(), case.age, "{}", case.id);
            assert_eq!(record[onset].parse().ok(), case.onset, "{}", case.id);
            unknown += usize::from(case.age.is_none());
        }
        assert_eq!(unknown, 956, "ages that are blank in the file");
    });
}

#[test]
fn eleven_thousand_cases_come_in_once() {
    on_both(async |store| {
        let list = "ebola_sierraleone_2014";
        let first = import_list(store, list).await[0];
        assert_eq!(first, Tally { read: 11_903, created: 11_903, ..Tally::default() });
        let again = import_list(store, list).await[0];
        assert_eq!(again, Tally { read: 11_903, same: 11_903, ..Tally::default() });
        assert_eq!(store.number("select count(*) from linelist_cases").await, 11_903);
        let chains = chains_of(store, list).await;
        assert_eq!((chains.cases, chains.pairs.len(), chains.serial_interval.n), (11_903, 0, 0));
    });
}

#[test]
fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    on_both(async |store| {
        let before = store.dump().await;
        let dry = Import { dry_run: true, ..how("mers_korea_2015") };
        let tally = import(store, &dry, &LINELIST, "data/linelists/mers_korea_2015/linelist.csv").await;
        assert_eq!(tally.created, 162);
        assert!(store.dump().await == before);
    });
}

#[test]
fn the_published_bulletin_of_12_november_2022() {
    let bulletin: Bulletin = on_both(async |store| {
        for file in ["daily_cases_2022", "discovery_channels", "district_cases_2022-11-12"] {
            let path = format!("data/chongqing/{file}.csv");
            let table =
                intake::recognise(&repository(&path), &[&DAILY_CASES, &DISCOVERY_CHANNELS, &DISTRICT_CASES]).unwrap();
            let tally = import(store, &how(""), table, &path).await;
            assert_eq!((tally.created, tally.same), (tally.read, 0), "{file}");
        }
        let mut tx = store.store.begin(&everything()).await.unwrap();
        let (zone, city) = (Zone::named("Asia/Shanghai").unwrap(), ("重庆市", "Chongqing"));
        assert_eq!(lists::published_bulletin(&mut tx, day_of("2021-01-01"), &zone, city).await.unwrap(), None);
        lists::published_bulletin(&mut tx, day_of("2022-11-12"), &zone, city).await.unwrap().unwrap()
    });
    assert_eq!((bulletin.confirmed, bulletin.asymptomatic, bulletin.converted), (Some(158), Some(1_662), Some(3)));
    let routes: Vec<_> = bulletin.routes.iter().map(|line| (line.route, line.confirmed)).collect();
    assert_eq!(
        routes,
        [
            (Some(Origin::AlreadyIsolated), Some(95)),
            (Some(Origin::KeyPerson), Some(12)),
            (Some(Origin::AreaScreening), Some(19)),
            (Some(Origin::ExpandedScreening), Some(29)),
            (None, Some(3)),
        ]
    );
    let districts: u64 = bulletin.units.iter().filter_map(|unit| unit.confirmed).sum();
    assert_eq!(districts, 158);
    let sums: Vec<_> = bulletin.checks.iter().map(|check| (check.name.as_str(), check.holds())).collect();
    assert!(sums.contains(&("sum-by-route-confirmed", Some(true))), "{sums:?}");
    assert!(sums.contains(&("sum-by-unit-confirmed", Some(true))), "{sums:?}");
    assert!(sums.iter().all(|(_, holds)| *holds != Some(false)), "{sums:?}");
}
