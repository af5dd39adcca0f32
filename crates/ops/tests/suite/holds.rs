//! Laboratories, lots and runs that are not believed any more, on both stores: whoever was called negative is asked to be
//! sampled again and bound by nothing, what rests on a positive goes to review, and lifting the hold brings everything back.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, district, holds, person},
    online::{KEEP, gives, morning, object, pass},
};
use dayclear_core::{access::Role, schema};
use dayclear_ops::quality::look;

fn row(pairs: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
    object(pairs)
}

fn officer() -> Person {
    Person { now: at(DAY, "22:00"), ..person("d1", Role::DistrictCommand, "50", None) }
}

/// A tube with its people, and a result that a laboratory released at a time.
async fn tube(store: &TestStore, name: &str, size: &str, people: &[&str], closed: &str) {
    let d = officer();
    let closed = format!("{DAY}T{closed}:00+08:00");
    let tube = row(&[
        ("tube", name),
        ("division", "500103013006"),
        ("purpose", "expanded_screening"),
        ("size", size),
        ("collected_at", &closed),
    ]);
    gives(&d, store, &schema::TUBES, vec![tube], KEEP).await.unwrap();
    let rows = people.iter().map(|person| row(&[("tube", name), ("person", person)])).collect();
    let (tally, doubts) = gives(&d, store, &schema::MEMBERS, rows, KEEP).await.unwrap();
    assert_eq!((tally.created, doubts.len()), (people.len() as u64, 0), "{doubts:?}");
}

async fn result(store: &TestStore, laboratory: &str, tube: &str, finding: &str, released: &str, run: &str) {
    told(store, "22:00", laboratory, tube, finding, released, run).await;
}

/// The same, brought at an hour.
async fn told(store: &TestStore, now: &str, laboratory: &str, tube: &str, finding: &str, released: &str, run: &str) {
    let released = format!("{DAY}T{released}:00+08:00");
    let result = row(&[
        ("laboratory", laboratory),
        ("tube", tube),
        ("version", "F"),
        ("finding", finding),
        ("run", run),
        ("reported_at", &released),
    ]);
    let (tally, doubts) =
        gives(&officer().at(at(DAY, now)), store, &schema::RESULTS, vec![result], KEEP).await.unwrap();
    assert_eq!((tally.created, doubts.len()), (1, 0), "{doubts:?}");
}

async fn standing(store: &TestStore) -> Vec<String> {
    store
        .texts(
            "select t.tube || ' ' || coalesce(s.finding, 'none') || case when s.held_at is null then '' else ' held' end
             from settled s join tubes t on t.no = s.tube_no where t.tube like 'X%' order by 1",
        )
        .await
}

async fn open(store: &TestStore, worklist: &str) -> Vec<String> {
    let sql = format!(
        "select subject from items where worklist = '{worklist}' and closed_at is null
           and (subject like 'X%' or subject like 'laboratory/%') order by 1"
    );
    store.texts(&sql).await
}

async fn orders(store: &TestStore, people: &str) -> i64 {
    store.number(&format!("select count(*) from orders where person in ({people}) and ended_on is null")).await
}

const WHY: (&str, &str) = ("reason", "its threshold was set wrong");

#[test]
fn a_laboratory_is_suspended_and_believed_again() {
    on_both(async |store| {
        morning(store).await;
        tube(store, "X1", "10", &["P012", "P013"], "12:00").await;
        tube(store, "X2", "10", &["P040"], "12:00").await;
        tube(store, "X3", "1", &["P050"], "12:00").await;
        for (name, finding) in [("X1", "negative"), ("X2", "positive"), ("X3", "negative")] {
            result(store, "L1", name, finding, "14:00", "R1").await;
        }
        pass(store, "22:10").await;
        let c = city_command().at(at(DAY, "22:20"));
        let before = standing(store).await;
        assert_eq!(before, ["X1 negative", "X2 positive", "X3 negative"]);
        let bound = orders(store, "'P012', 'P013', 'P050'").await;

        // only the city, and only what it knows
        let from = ("from", "2022-11-20T00:00:00+08:00");
        assert_eq!(district().tries(store, "laboratories.suspend", &["L1"], &[from, WHY]).await, "not yours");
        assert_eq!(c.tries(store, "laboratories.suspend", &["L9"], &[from, WHY]).await, "unknown");
        assert_eq!(c.tries(store, "laboratories.recall", &["L1"], &[WHY]).await, "invalid: lot");
        assert_eq!(c.tries(store, "laboratories.suspend", &["L1"], &[from, WHY]).await, "done");
        assert_eq!(c.tries(store, "laboratories.suspend", &["L1"], &[from, WHY]).await, "same");
        assert_eq!(standing(store).await, ["X1 invalid held", "X2 inconclusive held", "X3 invalid held"]);
        // everybody is asked by name, at once; whoever was in the positive pool still waits for the single sample
        assert_eq!(open(store, "recall").await, ["X1/P012", "X1/P013", "X2/P040", "X3/P050"]);
        // nothing rests on a negative pool
        assert_eq!(open(store, "review").await, ["X2", "X3"]);
        assert_eq!(orders(store, "'P012', 'P013', 'P050'").await, bound, "nobody is bound by a withheld negative");
        holds(store).await;
        pass(store, "22:30").await;
        assert_eq!(orders(store, "'P012', 'P013', 'P050'").await, bound);
        holds(store).await;

        // what it reports from now on is withheld too, and another laboratory's word counts
        tube(store, "X4", "10", &["P041"], "13:00").await;
        told(store, "22:35", "L1", "X4", "negative", "22:00", "R2").await;
        tube(store, "X5", "10", &["P012", "P013"], "15:00").await;
        told(store, "22:35", "L2", "X5", "negative", "21:00", "R9").await;
        told(store, "22:35", "L2", "X3", "negative", "21:00", "R9").await;
        assert_eq!(
            standing(store).await,
            ["X1 invalid held", "X2 inconclusive held", "X3 negative", "X4 invalid held", "X5 negative"]
        );
        pass(store, "22:40").await;
        let left = open(store, "recall").await;
        assert_eq!(left, ["X2/P040", "X3/P050", "X4/P041"], "a pool of another laboratory answers too");
        holds(store).await;

        let list = store.texts("select hold || ' ' || tubes || ' ' || people from holds").await;
        assert_eq!(list, ["H20221120-1 3 4"]);
        let c = city_command().at(at(DAY, "22:50"));
        assert_eq!(c.tries(store, "holds.lift", &["H20221120-1"], &[("reason", "recalibrated")]).await, "done");
        assert_eq!(c.tries(store, "holds.lift", &["H20221120-1"], &[("reason", "again")]).await, "is lifted");
        assert_eq!(c.tries(store, "holds.lift", &["H20221120-7"], &[("reason", "again")]).await, "unknown");
        let after = standing(store).await;
        assert_eq!(after, ["X1 negative", "X2 positive", "X3 negative", "X4 negative", "X5 negative"]);
        pass(store, "22:55").await;
        assert_eq!(open(store, "recall").await, ["X2/P040"]);
        holds(store).await;
    });
}

#[test]
fn a_lot_is_recalled_whenever_its_runs_are_told_of() {
    on_both(async |store| {
        morning(store).await;
        for (name, person) in [("X1", "P012"), ("X2", "P013"), ("X3", "P040")] {
            tube(store, name, "10", &[person], "12:00").await;
        }
        result(store, "L1", "X1", "negative", "14:00", "R1").await;
        result(store, "L1", "X2", "negative", "14:00", "R2").await;
        result(store, "L2", "X3", "negative", "14:00", "R1").await;
        let run =
            |laboratory: &str, run: &str, lot: &str| row(&[("laboratory", laboratory), ("run", run), ("lot", lot)]);
        let lab = Person { now: at(DAY, "22:00"), ..person("lab", Role::Laboratory, "50", Some("L1")) };
        gives(&lab, store, &schema::RUNS, vec![run("L1", "R1", "LOT7")], KEEP).await.unwrap();
        // nobody reports the runs of another laboratory
        let (tally, doubts) = gives(&lab, store, &schema::RUNS, vec![run("L2", "R1", "LOT7")], KEEP).await.unwrap();
        assert_eq!((tally.created, doubts.len()), (0, 1));
        let c = city_command().at(at(DAY, "22:20"));
        assert_eq!(c.tries(store, "laboratories.recall", &["L1"], &[("lot", "LOT7"), WHY]).await, "done");
        assert_eq!(standing(store).await, ["X1 invalid held", "X2 negative", "X3 negative"]);
        // the other run is told of afterwards
        gives(&lab, store, &schema::RUNS, vec![run("L1", "R2", "LOT7")], KEEP).await.unwrap();
        assert_eq!(standing(store).await, ["X1 invalid held", "X2 invalid held", "X3 negative"]);
        assert_eq!(open(store, "recall").await, ["X1/P012", "X2/P013"]);
        pass(store, "22:40").await;
        holds(store).await;
        assert_eq!(c.tries(store, "laboratories.recall", &["L2"], &[("run", "R1"), WHY]).await, "done");
        assert_eq!(standing(store).await, ["X1 invalid held", "X2 invalid held", "X3 invalid held"]);
        holds(store).await;
    });
}

/// A member of a positive pool who was cleared by a single sample that is not believed any more waits once more.
#[test]
fn whoever_was_cleared_by_a_result_that_does_not_count_any_more_is_asked_again() {
    on_both(async |store| {
        morning(store).await;
        tube(store, "X1", "10", &["P012", "P013"], "12:00").await;
        result(store, "L2", "X1", "positive", "14:00", "R1").await;
        tube(store, "X2", "1", &["P012"], "15:00").await;
        result(store, "L1", "X2", "negative", "16:00", "R1").await;
        pass(store, "22:00").await;
        assert_eq!(open(store, "recall").await, ["X1/P013"]);
        let c = city_command().at(at(DAY, "22:20"));
        let from = ("from", "2022-11-20T00:00:00+08:00");
        assert_eq!(c.tries(store, "laboratories.suspend", &["L1"], &[from, WHY]).await, "done");
        pass(store, "22:30").await;
        pass(store, "22:31").await;
        assert_eq!(open(store, "recall").await, ["X1/P012/again-1", "X1/P013", "X2/P012"]);
        assert_eq!(open(store, "review").await, ["X2"]);
        holds(store).await;
        tube(store, "X3", "1", &["P012"], "17:00").await;
        told(store, "22:40", "L2", "X3", "negative", "19:00", "R2").await;
        pass(store, "22:50").await;
        assert_eq!(open(store, "recall").await, ["X1/P013"]);
        holds(store).await;
    });
}

/// I15: negatives released before the run had ended, by one laboratory of three.
#[test]
fn an_alarm_is_an_item_of_the_city_once() {
    on_both(async |store| {
        morning(store).await;
        let d = officer();
        let mut tubes = Vec::new();
        let mut results = Vec::new();
        for n in 0..120 {
            let (name, laboratory) = (format!("X{n:03}"), if n % 3 == 0 { "L1" } else { "L2" });
            tubes.push(row(&[
                ("tube", &name),
                ("division", "500103013006"),
                ("purpose", "expanded_screening"),
                ("size", "10"),
                ("collected_at", "2022-11-20T10:00:00+08:00"),
                ("received_at", "2022-11-20T11:00:00+08:00"),
                ("laboratory", laboratory),
            ]));
            results.push(row(&[
                ("laboratory", laboratory),
                ("tube", &name),
                ("version", "F"),
                ("finding", "negative"),
                ("run", "R1"),
                ("reported_at", "2022-11-20T14:00:00+08:00"),
            ]));
        }
        gives(&d, store, &schema::TUBES, tubes, KEEP).await.unwrap();
        gives(&d, store, &schema::RESULTS, results, KEEP).await.unwrap();
        let runs = [("L1", "2022-11-20T15:00:00+08:00"), ("L2", "2022-11-20T13:30:00+08:00")];
        let runs = runs.map(|(laboratory, ended)| {
            row(&[
                ("laboratory", laboratory),
                ("run", "R1"),
                ("started_at", "2022-11-20T12:00:00+08:00"),
                ("ended_at", ended),
                ("positive_control", "positive"),
                ("negative_control", "negative"),
            ])
        });
        gives(&d, store, &schema::RUNS, runs.to_vec(), KEEP).await.unwrap();
        let looks = async |clock: &str, every: i64| {
            look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock), every).await.unwrap()
        };
        let first = looks("22:30", 60).await.unwrap();
        assert_eq!(first.alarmed, ["laboratory/L1"]);
        let kinds: Vec<&str> = first.seen.iter().filter(|seen| seen.laboratory == "L1").map(|seen| seen.kind).collect();
        assert_eq!(kinds, ["before_run_end"]);
        assert_eq!(open(store, "review").await, [format!("laboratory/L1/{DAY}")]);
        assert!(looks("23:00", 60).await.is_none(), "looked at half an hour ago");
        assert!(looks("23:30", 60).await.unwrap().alarmed.is_empty(), "it is known");
        let seen = "select kind || ' ' || level from signals where first_seen < last_seen and laboratory = 'L1'";
        assert_eq!(store.texts(seen).await, ["before_run_end alarm"]);
        assert_eq!(open(store, "review").await.len(), 1);
        holds(store).await;
    });
}

#[test]
fn internal_controls_come_with_results_and_are_judged() {
    on_both(async |store| {
        morning(store).await;
        let d = officer();
        let (mut tubes, mut results) = (Vec::new(), Vec::new());
        for n in 0..240 {
            let (name, laboratory) = (format!("X{n:03}"), ["L1", "L2", "L3"][usize::try_from(n % 3).unwrap()]);
            tubes.push(row(&[
                ("tube", &name),
                ("division", "500103013006"),
                ("purpose", "expanded_screening"),
                ("size", "10"),
                ("collected_at", "2022-11-20T10:00:00+08:00"),
                ("received_at", "2022-11-20T11:00:00+08:00"),
                ("laboratory", laboratory),
            ]));
            // the first writes the same few numbers again and again
            let control = match n % 3 {
                0 => 25.0 + f64::from(n % 2),
                _ => 24.0 + f64::from(n * 37 % 401) / 100.0,
            };
            results.push(row(&[
                ("laboratory", laboratory),
                ("tube", &name),
                ("version", "F"),
                ("finding", "negative"),
                ("run", "R1"),
                ("reported_at", "2022-11-20T19:00:00+08:00"),
                ("ct_ic", &format!("{control:.2}")),
            ]));
        }
        gives(&d, store, &schema::TUBES, tubes, KEEP).await.unwrap();
        gives(&d, store, &schema::RESULTS, results, KEEP).await.unwrap();
        let seen =
            look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "22:30"), 60).await.unwrap().unwrap();
        let copied: Vec<(&str, &str)> = seen
            .seen
            .iter()
            .filter(|seen| seen.kind == "internal_control_copied")
            .map(|seen| (seen.laboratory.as_str(), seen.level))
            .collect();
        assert_eq!(copied, [("L1", "alarm")], "{:?}", seen.seen);
        holds(store).await;
    });
}

/// Nobody wrote a time of receipt into the row of a tube: the box that brought it was counted in, and that is when it came.
#[test]
fn a_tube_that_came_in_a_box_was_received_when_the_box_was() {
    const TUBES: usize = 12;
    on_both(async |store| {
        morning(store).await;
        let d = officer();
        let clock = |clock: &str| format!("{DAY}T{clock}:00+08:00");
        let (mut packed, mut results) = (Vec::new(), Vec::new());
        for n in 0..TUBES {
            let name = format!("X{n}");
            tube(store, &name, "10", &["P013"], "10:00").await;
            packed.push(row(&[("box", "BX"), ("tube", &name), ("at", &clock("10:30")), ("said_by", "site")]));
            results.push(row(&[
                ("laboratory", "L1"),
                ("tube", &name),
                ("version", "F"),
                ("finding", "negative"),
                ("run", "R1"),
                ("reported_at", &clock("14:00")),
            ]));
        }
        let handed = |step: &str, at: &str| {
            row(&[
                ("box", "BX"),
                ("step", step),
                ("at", &clock(at)),
                ("division", "500103013006"),
                ("laboratory", "L1"),
                ("counted", &TUBES.to_string()),
                ("said_by", "courier"),
            ])
        };
        gives(&d, store, &schema::PACKINGS, packed, KEEP).await.unwrap();
        gives(&d, store, &schema::BOX_MOVES, vec![handed("sent", "10:40"), handed("received", "13:50")], KEEP)
            .await
            .unwrap();
        gives(&d, store, &schema::RESULTS, results, KEEP).await.unwrap();
        let seen = look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "22:30"), 60).await.unwrap();
        let kinds: Vec<&str> = seen.unwrap().seen.iter().filter(|s| s.laboratory == "L1").map(|s| s.kind).collect();
        assert_eq!(kinds, ["turnaround"], "ten minutes after receipt is sooner than any assay");
    });
}
