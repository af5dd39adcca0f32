//! A pass that looks at those of whom something was told leaves the city as one that looks at everything would, after whatever
//! sequence of evidence, commands and passes.

use crate::{
    city::{DAY, Files, at, city, packs, plan, repository, run, settings},
    engines::{TestStore, differences, on_both, runtime},
    floor::{Person, city_command, dispatcher, evening, person},
    online::without_the_way,
};
use dayclear_core::{
    access::Role,
    schema::{self, Table},
};
use dayclear_ops::{
    evidence::{How, Rows, take},
    line::{self, AtOnce},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const ALL_AT_ONCE: AtOnce = AtOnce::Names(usize::MAX);

/// One thing that happens: what, to which of those there are, in which way.
type Step = (usize, usize, usize);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0usize..16, 0usize..60, 0usize..60), 4..24)
}

/// What can be named, as it stands in the evening of the example day.
struct Ids {
    tubes: Vec<String>,
    people: Vec<String>,
    households: Vec<String>,
    orders: Vec<String>,
    transfers: Vec<String>,
    beds: Vec<String>,
    requests: Vec<String>,
}

impl Ids {
    async fn of(store: &TestStore) -> Ids {
        let texts = async |sql: &'static str| store.texts(sql).await;
        Ids {
            tubes: texts("select tube from tubes order by tube").await,
            people: texts("select person from people order by person").await,
            households: texts("select household from households order by household").await,
            orders: texts("select id from orders order by id").await,
            transfers: texts("select id from transfers order by id").await,
            beds: texts("select bed from beds order by bed").await,
            requests: texts("select request from requests order by request").await,
        }
    }
}

fn moment(n: usize, minutes: i64) -> String {
    let at = at(DAY, "20:00").plus_minutes(i64::try_from(n).unwrap() * 5 + minutes);
    at.to_string()
}

async fn gives(store: &TestStore, who: &Person, table: &'static Table, row: &[(&str, &str)]) {
    let row: BTreeMap<String, String> =
        row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let how = How { keep_doubtful: true, dry_run: false };
    take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), how).await.unwrap();
}

async fn one(store: &TestStore, ids: &Ids, n: usize, (what, which, how): Step) {
    let pick = |list: &[String], at: usize| list[at % list.len()].clone();
    let now = at(DAY, "20:00").plus_minutes(i64::try_from(n).unwrap() * 5 + 4);
    let all = person("d1", Role::DistrictCommand, "50", None).at(now);
    let (p, c) = (dispatcher().at(now), city_command().at(now));
    let (tube, person, other) = (pick(&ids.tubes, which), pick(&ids.people, which), pick(&ids.people, how));
    let (fresh, said) = (format!("N{n:04}"), moment(n, 0));
    let finding = ["positive", "negative", "inconclusive", "invalid"][how % 4];
    let ct = if finding == "positive" { "22.5" } else { "" };
    match what {
        // a version of the result of a tube that is there
        0 | 1 => {
            let version = ["F", "C"][how % 2];
            let (laboratory, later) = ("L1", moment(n, if how % 5 == 0 { 7 } else { 0 }));
            let row = [
                ("laboratory", laboratory),
                ("tube", &tube),
                ("version", version),
                ("finding", finding),
                ("reported_at", &later),
                ("ct_n", ct),
            ];
            gives(store, &all, &schema::RESULTS, &row).await;
        }
        // somebody is sampled singly, and the result comes at once
        2..=4 => {
            let taken = moment(n, -60);
            let purpose = ["community", "recall", "isolation"][which % 3];
            let row = [
                ("tube", fresh.as_str()),
                ("size", "1"),
                ("division", "500103001001"),
                ("collected_at", &taken),
                ("purpose", purpose),
                ("received_at", &taken),
            ];
            gives(store, &all, &schema::TUBES, &row).await;
            gives(store, &all, &schema::MEMBERS, &[("tube", &fresh), ("person", &person)]).await;
            let row = [
                ("laboratory", "L1"),
                ("tube", &fresh),
                ("version", "F"),
                ("finding", finding),
                ("reported_at", &said),
                ("ct_n", ct),
            ];
            gives(store, &all, &schema::RESULTS, &row).await;
        }
        5 => {
            let class = ["same_room", "shared_meal", "shared_space"][how % 3];
            let row = [
                ("case_person", person.as_str()),
                ("person", &other),
                ("class", class),
                ("first_exposure", "2022-11-19"),
                ("last_exposure", "2022-11-20"),
            ];
            gives(store, &all, &schema::CONTACTS, &row).await;
        }
        6 => {
            let place = ["N1", "N2"][how % 2];
            let (from, to) = (moment(n, -600 + 10 * i64::try_from(how % 6).unwrap()), moment(n, -500));
            let row = [("person", person.as_str()), ("place", place), ("from", &from), ("to", &to)];
            gives(store, &all, &schema::VISITS, &row).await;
        }
        7 => {
            let severity = ["asymptomatic", "mild", "severe", "critical"][how % 4];
            let row = [("person", person.as_str()), ("assessed_at", &said), ("severity", severity)];
            gives(store, &all, &schema::ASSESSMENTS, &row).await;
        }
        8 => {
            let row = [
                ("request", fresh.as_str()),
                ("kind", "food"),
                ("household", &pick(&ids.households, which)),
                ("division", "500103001001"),
                ("received_at", &said),
            ];
            gives(store, &all, &schema::REQUESTS, &row).await;
        }
        9 => {
            let row = [("household", pick(&ids.households, which)), ("item", "food_parcel".to_owned()), ("at", said)];
            let row: Vec<(&str, &str)> = row.iter().map(|(name, text)| (*name, text.as_str())).collect();
            gives(store, &all, &schema::DELIVERIES, &row).await;
        }
        10 => drop(
            p.tries(store, "transfers.claim", &[&pick(&ids.transfers, which)], &[("bed", &pick(&ids.beds, how))]).await,
        ),
        11 => drop(p.tries(store, "transfers.pick-up", &[&pick(&ids.transfers, which)], &[]).await),
        12 => drop(all.tries(store, "transfers.admit", &[&pick(&ids.transfers, which)], &[]).await),
        13 => drop(all.tries(store, "transfers.discharge", &[&pick(&ids.transfers, which)], &[]).await),
        14 => drop(
            all.tries(store, "orders.end", &[&pick(&ids.orders, which)], &[("reason", "not needed any more")]).await,
        ),
        _ => drop(
            c.tries(
                store,
                "requests.answer",
                &[&pick(&ids.requests, which)],
                &[("answer", "done"), ("confirmed", "yes")],
            )
            .await,
        ),
    }
}

#[test]
fn the_first_pass_after_a_day_of_files_is_one_of_a_new_day() {
    runtime().block_on(async {
        let mut ends = Vec::new();
        for whole in [false, true] {
            let store = TestStore::file().await;
            run(&store.store, &Files::example().write(&store, DAY), &plan(DAY)).await.unwrap();
            assert_eq!(store.number("select count(*) from agenda where kind = 'everything'").await, 0);
            for n in [60, 61, 160, 161, 600, 601, 2_000, 2_001] {
                pass(&store, n, whole).await;
            }
            ends.push(without_the_way(store.dump().await));
            store.close().await;
        }
        let found = differences(&ends[0], &ends[1]);
        assert!(found.is_empty(), "all who are bound (-) and everything (+):\n{}", found.join("\n"));
    });
}

#[test]
fn shifts_and_rounds_that_lie_ahead_have_nobody_look_at_everything_until_they_begin() {
    runtime().block_on(async {
        let store = TestStore::file().await;
        evening(&store).await;
        let until = store.number("select max(until) from agenda where kind = 'everything'").await;
        let begins = at(DAY, "23:00");
        assert!(until < begins.micros(), "everything is looked at until {until} of {}", begins.micros());
        store.close().await;
    });
}

/// The next pass looks at everything, where that is asked for.
async fn look_at_all(store: &TestStore, whole: bool) {
    if whole {
        let sql = "insert into agenda (kind, name, pass, until) values ('everything', 'everything', 0, 0) on conflict do nothing";
        store.sql(sql).await.unwrap();
    }
}

async fn pass(store: &TestStore, n: usize, whole: bool) {
    pass_by(store, n, whole, ALL_AT_ONCE).await;
}

async fn pass_by(store: &TestStore, n: usize, whole: bool, at_once: AtOnce) {
    look_at_all(store, whole).await;
    let now = at(DAY, "20:00").plus_minutes(i64::try_from(n).unwrap() * 5 + 4);
    line::pass_by(&store.store, packs(), &settings(), "covid-19", &city(), now, at_once).await.unwrap();
}

async fn play(steps: &[Step], at_once: AtOnce) {
    let mut ends = Vec::new();
    for whole in [false, true] {
        let store = TestStore::file().await;
        evening(&store).await;
        pass_by(&store, 0, true, at_once).await;
        let ids = Ids::of(&store).await;
        for (n, step) in steps.iter().enumerate() {
            one(&store, &ids, n, *step).await;
            if n % 3 == 2 {
                pass_by(&store, n, whole, at_once).await;
            }
        }
        // what one pass decides may be for the next one
        for n in steps.len()..steps.len() + 3 {
            pass_by(&store, n, whole, at_once).await;
        }
        // the day is signed at 23:30; the line looks in the night, in the morning and some days later
        let c = city_command().at(at(DAY, "23:30"));
        look_at_all(&store, whole).await;
        assert_eq!(c.tries(&store, "days.sign", &[DAY], &[]).await, "done");
        for n in [42, 43, 50, 160, 161, 600, 601, 2_000, 2_001] {
            pass_by(&store, n, whole, at_once).await;
        }
        ends.push(without_the_way(store.dump().await));
        store.close().await;
    }
    let found = differences(&ends[0], &ends[1]);
    assert!(found.is_empty(), "those told of (-) and everything (+):\n{}", found.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pass_over_those_told_of_leaves_what_a_pass_over_all_leaves(
        steps in steps(),
        at_once in prop_oneof![Just(ALL_AT_ONCE), (1usize..6).prop_map(AtOnce::Names)],
    ) {
        runtime().block_on(play(&steps, at_once));
    }
}

/// What was counted as lost at an hour that lies ahead of the clock, and is reported before it, broke the hop of its district: the
/// day could not be signed.
#[test]
fn a_result_of_a_tube_that_nobody_waits_for_any_more_leaves_a_day_that_can_be_signed() {
    let steps = [
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
        (0, 0, 0),
        (2, 4, 38),
        (7, 30, 6),
        (1, 5, 3),
        (11, 3, 7),
        (14, 3, 8),
        (10, 21, 25),
        (1, 16, 44),
        (2, 6, 54),
        (0, 13, 29),
    ];
    runtime().block_on(play(&steps, ALL_AT_ONCE));
}

/// Found by chance: somebody is picked up, and the order that had a contact moved ends.
#[test]
fn an_order_that_ends_behind_a_trip_under_way_leaves_nobody_to_go_along() {
    runtime().block_on(play(&[(14, 0, 0), (14, 38, 0), (11, 48, 0), (14, 3, 0)], ALL_AT_ONCE));
}

#[test]
fn nobody_is_looked_at_again_for_what_was_refused_or_was_there_already() {
    on_both(async |store| {
        evening(store).await;
        let nobody = async || {
            assert_eq!(store.number("select count(*) from agenda").await, 0);
        };
        store.sql("delete from agenda").await.unwrap();
        let given = [("bed", "TH1-W1-4")];
        let told = dispatcher().tries(store, "transfers.claim", &["M-C20221120-P006"], &given).await;
        assert!(told.contains("is cleaning"), "{told}");
        nobody().await;
        let results = std::fs::read_to_string(repository("examples/day/results.csv")).unwrap();
        let own: Vec<&str> = results.lines().filter(|row| row.starts_with("l") || row.starts_with("L1,")).collect();
        let (laboratory, how) =
            (person("l1", Role::Laboratory, "50", Some("L1")), How { keep_doubtful: true, dry_run: false });
        let rows = Rows::Csv(own.join("\n").into_bytes());
        let (tally, _) = take(&store.store, &laboratory.doing(None), &schema::RESULTS, rows, how).await.unwrap();
        assert!(tally.same > 0 && tally.same == tally.read, "{tally:?}");
        nobody().await;
        let free = store
            .texts(
                "select min(b.bed) from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
                 where s.bed is null and b.facility = 'DH1'",
            )
            .await;
        let free = [("bed", free[0].as_str())];
        assert_eq!(dispatcher().tries(store, "transfers.claim", &["M-C20221120-P006"], &free).await, "done");
        assert!(store.number("select count(*) from agenda").await > 0);
    });
}
