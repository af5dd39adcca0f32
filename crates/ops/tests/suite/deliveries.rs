//! Runs of parcels on both stores: planned within hours and capacity, sent off once, changed by what is said at doors; and what no run
//! carries is named.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{KEYS, Person, district, evening, holds, moment, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    listing::{CARRIERS, DELIVERY_RUNS, PARCELS, Query},
    schema,
};
use dayclear_ops::{
    bearer,
    deliveries::repair::{self, Repaired},
    imports::Keep,
    larder::{self, Wish},
    line,
    public::Counter,
};

/// The day after, in which the hours of the carriers end.
const NEXT: &str = "2022-11-21";
const HEAD: &str = "carrier,depot,division,means,capacity,from,to,lon,lat,driven_24h_min,driven_7d_min\n";
const TWO: &str = "V1,D1,500103,vehicle,20,2022-11-20T22:30:00+08:00,2022-11-21T02:30:00+08:00,,,,
F1,D1,500103,foot,4,2022-11-20T22:30:00+08:00,2022-11-21T03:00:00+08:00,106.5200,29.5530,,
";

async fn carriers(store: &TestStore, rows: &str) {
    let tally = bring(store, &city(), &schema::CARRIERS, &format!("{HEAD}{rows}"), "", Keep::Together).await;
    assert_eq!(tally.doubtful + tally.rejected, 0);
}

fn command(clock: &str) -> Person {
    district().at(at(DAY, clock))
}

async fn plans(store: &TestStore, who: &Person) -> String {
    who.tries(store, "delivery_runs.plan", &[], &[("depot", "D1")]).await
}

const OPEN: &str =
    "select household || ':' || item from delivery_stops where ended_at is null order by household, item";
const OWED: &str =
    "select household || ':' || item from parcels where depot = 'D1' and delivered_at is null order by household, item";
const PLANNED: &str = "select run from delivery_runs where left_at is null and replanned_at is null order by run";

async fn repairs(store: &TestStore, (date, clock): (&str, &str)) -> Repaired {
    repair::look(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap()
}

/// Key in the list of the nth parcel in an open run.
async fn nth_open(store: &TestStore, n: usize) -> String {
    let of = store.texts(OPEN).await.remove(n);
    let (household, item) = of.split_once(':').unwrap();
    format!("{household}:{DAY}:{item}")
}

#[test]
fn everything_that_is_owed_is_in_one_run_or_named_with_the_reason() {
    on_both(async |store| {
        evening(store).await;
        carriers(store, TWO).await;
        let owed = store.texts(OWED).await;
        assert!(owed.len() > 3);
        let made = plans(store, &command("23:00")).await;
        assert_eq!(made, format!("made D-{DAY}-D1-1"));
        assert_eq!(store.texts(OPEN).await, owed, "two carriers bring it all");
        assert_eq!(store.number("select count(*) from not_carried").await, 0);
        let out = "select run from delivery_runs where parcels > capacity or loads_at < hours_from or returns_at > hours_until";
        assert_eq!(store.texts(out).await, Vec::<String>::new());
        holds(store).await;
        // looked at through the lists, each duty its own
        for (who, runs) in [
            (command("23:01"), true),
            (person("x", Role::DistrictCommand, "500112", None), false),
            (person("y", Role::CommunityWorker, "500112", None), false),
        ] {
            let mut tx = store.store.look(&who.looker.scope()).await.unwrap();
            assert_eq!(!tx.list(&DELIVERY_RUNS, &Query::default()).await.unwrap().rows.is_empty(), runs);
            assert_eq!(!tx.list(&CARRIERS, &Query::default()).await.unwrap().rows.is_empty(), runs);
            let parcels = tx.list(&PARCELS, &Query::default()).await.unwrap().rows;
            assert_eq!(
                parcels.iter().any(|row| matches!(row.get(&PARCELS, "stop"), dayclear_core::listing::Cell::Whole(_))),
                runs
            );
        }
        // two people plan at once: the second takes the place of the first, and nothing is in two runs
        let before = store.texts(PLANNED).await;
        plans(store, &command("23:02")).await;
        assert_eq!(store.texts(OPEN).await, owed);
        assert!(store.texts(PLANNED).await.iter().all(|run| !before.contains(run)));
        holds(store).await;
        // whoever carries less leaves more, and it is said why
        store.sql("update carriers set capacity = 1, \"to\" = \"from\" where carrier = 'V1'").await.unwrap();
        store.sql("update carriers set driven_24h_min = 450 where carrier = 'F1'").await.unwrap();
        plans(store, &command("23:03")).await;
        let left = store.texts("select distinct reason from not_carried").await;
        assert_eq!(left, ["no_hours"]);
        let (open, left) = (store.texts(OPEN).await.len(), store.number("select count(*) from not_carried").await);
        assert_eq!(open + usize::try_from(left).unwrap(), owed.len());
        holds(store).await;
    });
}

#[test]
fn what_cannot_be_planned_is_refused_with_what_to_do() {
    on_both(async |store| {
        evening(store).await;
        let d = command("23:00");
        assert_eq!(plans(store, &d).await, "is without a carrier");
        assert_eq!(d.tries(store, "delivery_runs.plan", &[], &[]).await, "invalid: depot");
        for depot in ["D2", "none"] {
            let word = d.tries(store, "delivery_runs.plan", &[], &[("depot", depot)]).await;
            assert_eq!(word, "invalid: depot", "{depot}");
        }
        assert_eq!(plans(store, &person("w", Role::CommunityWorker, "500103", None)).await, "not yours");
        carriers(store, TWO).await;
        store.sql("update divisions set lon = null, lat = null").await.unwrap();
        store.sql("update carriers set lon = null").await.unwrap();
        assert_eq!(plans(store, &d).await, "is without a place");
        store.sql("update carriers set lon = 106.52 where carrier = 'F1'").await.unwrap();
        store.sql("update carriers set \"to\" = \"from\"").await.unwrap();
        // nobody has hours: nothing is planned, and everything is named
        assert_eq!(plans(store, &d).await, "made ");
        assert_eq!(store.texts("select distinct reason from not_carried").await, ["no_carrier"]);
        assert_eq!(d.tries(store, "delivery_runs.leave", &["D-none"], &[]).await, "unknown");
        holds(store).await;
    });
}

#[test]
fn a_run_leaves_once_and_what_is_said_at_doors_is_said_of_its_stops() {
    on_both(async |store| {
        evening(store).await;
        carriers(store, TWO).await;
        plans(store, &command("23:00")).await;
        let worker = person("w1", Role::CommunityWorker, "500103", None).at(at(DAY, "23:10"));
        // brought by hand while it was planned: the run does not bring it again
        let by_hand = nth_open(store, 0).await;
        let proof = [("door_proof", "word"), ("word_said", "yes, the daughter")];
        assert_eq!(worker.tries(store, "parcels.deliver", &[&by_hand], &proof).await, "done");
        let household = by_hand.split(':').next().unwrap();
        let of = format!("select outcome from delivery_stops where household = '{household}' and outcome is not null");
        assert_eq!(store.texts(&of).await, ["delivered"]);
        // on its way, late by some minutes: so are all its doors
        let run = store.texts("select run from delivery_stops where ended_at is null order by run").await.remove(0);
        let leaves = format!("select run from delivery_runs where run = '{run}' and leaves_at <= ");
        let late = worker.at(at(DAY, "23:50"));
        let other = person("w9", Role::CommunityWorker, "500112", None).at(at(DAY, "23:50"));
        assert_eq!(other.tries(store, "delivery_runs.leave", &[&run], &[]).await, "unknown");
        assert_eq!(late.tries(store, "delivery_runs.leave", &[&run], &[]).await, "done");
        assert_eq!(late.tries(store, "delivery_runs.leave", &[&run], &[]).await, "same");
        let early = format!("{leaves}{}", moment(store, at(DAY, "23:49")));
        assert_eq!(store.texts(&early).await, Vec::<String>::new());
        holds(store).await;
        // what has left goes on, whoever plans again
        let of_run = format!(
            "select household || ':' || item from delivery_stops where run = '{run}' and ended_at is null order by no"
        );
        let on_the_way = store.texts(&of_run).await;
        plans(store, &command("23:55")).await;
        assert_eq!(store.texts(&of_run).await, on_the_way);
        // nobody takes one: it is owed within three hours, and comes first in the next plan
        let (household, item) = on_the_way[0].split_once(':').unwrap();
        let key = format!("{household}:{DAY}:{item}");
        let when = worker.at(at(DAY, "23:57"));
        assert_eq!(when.tries(store, "parcels.miss", &[&key], &[("reason", "nobody answered")]).await, "done");
        assert!(!store.texts(&of_run).await.contains(&on_the_way[0]));
        plans(store, &command("23:58")).await;
        let again = format!(
            "select run from delivery_stops where household = '{household}' and item = '{item}' and ended_at is null
            and expected_at <= {}",
            moment(store, at(NEXT, "02:57"))
        );
        let runs = store.texts(&again).await;
        assert!(runs.len() == 1 && runs[0] != run, "{runs:?}");
        holds(store).await;
        // guards: nothing is taken back or put in twice
        assert!(store.sql("update delivery_stops set outcome = 'missed' where outcome = 'delivered'").await.is_err());
        assert!(store.sql("delete from delivery_stops").await.is_err());
        assert!(store.sql("update delivery_runs set capacity = 99").await.is_err());
        let twice = "insert into delivery_stops (run, no, household, day, item, division, expected_at)
            select run, 99, household, day, item, division, expected_at from delivery_stops where ended_at is null";
        assert!(store.sql(twice).await.is_err());
    });
}

#[test]
fn a_run_that_would_not_be_back_in_time_does_not_leave_and_a_household_that_is_free_is_not_visited() {
    on_both(async |store| {
        evening(store).await;
        carriers(store, TWO).await;
        plans(store, &command("23:00")).await;
        let runs = store.texts(PLANNED).await;
        let run = runs[0].as_str();
        for (when, word) in
            [(at(DAY, "22:10"), "is before its hours"), (at(NEXT, "02:20"), "is too late for its hours")]
        {
            assert_eq!(district().at(when).tries(store, "delivery_runs.leave", &[run], &[]).await, word);
        }
        // nobody binds its households any more
        let of_run = format!("select distinct household from delivery_stops where run = '{run}'");
        let homes = store.texts(&of_run).await;
        let named = homes.iter().map(|home| format!("'{home}'")).collect::<Vec<_>>().join(", ");
        let orders = "update orders set state = 'ended', ended_on = from_day, ended_why = 'x' where state = 'active'";
        store.sql(orders).await.unwrap();
        store.sql("update zones set released_on = opened_on").await.unwrap();
        let left = command("23:20").tries(store, "delivery_runs.leave", &[run], &[]).await;
        assert_eq!(left, "is at all its doors");
        plans(store, &command("23:21")).await;
        let reasons = format!("select distinct reason from not_carried where household in ({named})");
        assert_eq!(store.texts(&reasons).await, ["free"]);
    });
}

#[test]
fn a_household_sees_when_its_parcel_is_expected_and_the_district_which_runs_are_late() {
    on_both(async |store| {
        evening(store).await;
        carriers(store, TWO).await;
        plans(store, &command("23:00")).await;
        let sql = "select n.no || '' from notices n join people p on p.no = n.person_no
            join delivery_stops s on s.household = p.household
            where n.kind = 'order' and s.item = 'food_parcel' and s.ended_at is null order by n.no";
        let number: i64 = store.texts(sql).await.remove(0).parse().unwrap();
        let (scope, settings) = (city(), settings());
        let counter =
            Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &scope, now: at(DAY, "23:05") };
        let paper = bearer::open(&store.store, &counter, number).await.unwrap().unwrap();
        let (seen, _) = larder::open(&store.store, &counter, &paper, &Wish::default()).await.unwrap().unwrap();
        let expected: Vec<_> = seen.expected.iter().map(|(.., at)| *at).collect();
        assert!(
            !expected.is_empty() && expected.iter().all(|when| *when > at(DAY, "23:15") && *when < at(NEXT, "03:00"))
        );
        assert!(!KEYS.door_code(&seen.household, DAY.parse().unwrap()).is_empty());
        // the clock is read as of a look: nothing is late now, and a run that has not left by its time is
        let late = Query::read(&DELIVERY_RUNS, [("late", "yes")], &settings.zone).unwrap();
        let seen = async |clock: &str| {
            let mut tx = store.store.look(&city()).await.unwrap().as_of(at(DAY, clock));
            tx.list(&DELIVERY_RUNS, &late).await.unwrap().rows.len()
        };
        assert_eq!(seen("23:01").await, 0);
        assert!(seen("23:59").await > 0);
        line::pass(&store.store, packs(), &settings, "covid-19", &city(), at(DAY, "23:30")).await.unwrap();
        holds(store).await;
    });
}

#[test]
fn what_came_after_the_plan_and_what_was_missed_gets_onto_a_next_run_by_itself() {
    on_both(async |store| {
        evening(store).await;
        carriers(store, TWO).await;
        let owed = store.texts(OWED).await;
        let (home, item) = owed[0].split_once(':').unwrap();
        let named = format!("household = '{home}' and item = '{item}'");
        store.sql(&format!("update parcels set depot = null where {named}")).await.unwrap();
        assert_eq!(repairs(store, (DAY, "22:59")).await, Repaired::default(), "the desk has not planned");
        plans(store, &command("23:00")).await;
        assert_eq!(repairs(store, (DAY, "23:01")).await, Repaired::default(), "nothing waits");
        let planned = store.texts(PLANNED).await;
        // ordered after the plan: what was planned stays, and a run more brings it
        store.sql(&format!("update parcels set depot = 'D1' where {named}")).await.unwrap();
        let done = repairs(store, (DAY, "23:02")).await;
        assert!(done.depots == 1 && done.runs > 0 && done.left == 0, "{done:?}");
        assert_eq!(store.texts(OPEN).await, owed);
        let now = store.texts(PLANNED).await;
        assert!(planned.iter().all(|run| now.contains(run)), "{planned:?} {now:?}");
        let by_rule = "select count(*) from delivery_runs where planned_by = 'dayclear'";
        assert_eq!(store.number(by_rule).await, done.runs as i64);
        let told = "select count(*) from events where kind = 'parcel.runs_planned' and actor = 'dayclear'";
        assert_eq!(store.number(told).await, 1);
        assert_eq!(repairs(store, (DAY, "23:03")).await, Repaired::default(), "nothing is planned twice");
        holds(store).await;
        // on the road, and nobody opens
        let first = "select run from delivery_runs where replanned_at is null order by leaves_at, run";
        let run = store.texts(first).await.remove(0);
        assert_eq!(command("23:40").tries(store, "delivery_runs.leave", &[&run], &[]).await, "done");
        let of_run = format!(
            "select household || ':' || item from delivery_stops where run = '{run}' and ended_at is null order by no"
        );
        let on_the_way = store.texts(&of_run).await;
        let (home, item) = on_the_way[0].split_once(':').unwrap();
        let key = format!("{home}:{DAY}:{item}");
        let missed = command("23:45").tries(store, "parcels.miss", &[&key], &[("reason", "nobody answered")]).await;
        assert_eq!(missed, "done");
        let done = repairs(store, (DAY, "23:46")).await;
        assert!(done.depots == 1 && done.runs > 0 && done.left == 0, "{done:?}");
        assert_eq!(store.texts(&of_run).await, on_the_way[1..], "what is on the road stays");
        let again = format!(
            "select run from delivery_stops where household = '{home}' and item = '{item}' and ended_at is null
                and expected_at <= {}",
            moment(store, at(NEXT, "02:45"))
        );
        let runs = store.texts(&again).await;
        assert!(runs.len() == 1 && runs[0] != run, "within three hours, by another run: {runs:?}");
        assert_eq!(repairs(store, (DAY, "23:47")).await, Repaired::default());
        holds(store).await;
    });
}

#[test]
fn a_carrier_who_is_told_of_later_is_planned_for_at_once() {
    on_both(async |store| {
        evening(store).await;
        carriers(store, TWO).await;
        let owed = store.texts(OWED).await;
        plans(store, &command("23:00")).await;
        let gone = TWO.replace("2022-11-21T02:30", "2022-11-20T23:01").replace("2022-11-21T03:00", "2022-11-20T23:01");
        carriers(store, &gone).await;
        let done = repairs(store, (DAY, "23:05")).await;
        assert_eq!((done.depots, done.runs, done.left), (1, 0, owed.len()));
        // nobody looks again without a reason; somebody who carries after all is one
        assert_eq!(repairs(store, (DAY, "23:06")).await, Repaired::default());
        carriers(store, TWO).await;
        let done = repairs(store, (DAY, "23:07")).await;
        assert!(done.depots == 1 && done.runs > 0 && done.left < owed.len(), "{done:?}");
        assert_eq!(repairs(store, (DAY, "23:08")).await, Repaired::default());
        holds(store).await;
    });
}

#[test]
fn what_a_carrier_who_dropped_out_was_to_bring_is_brought_by_another_or_named_and_told() {
    on_both(async |store| {
        evening(store).await;
        carriers(store, TWO).await;
        let owed = store.texts(OWED).await;
        plans(store, &command("23:00")).await;
        let of_vehicle =
            "select run from delivery_runs where carrier = 'V1' and left_at is null and replanned_at is null";
        assert!(!store.texts(of_vehicle).await.is_empty());
        // the vehicle drops out: what it was to bring goes to whoever has hours, or is named
        let vehicle = |until: &str| format!("V1,D1,500103,vehicle,20,2022-11-20T22:30:00+08:00,{until},,,,\n");
        carriers(store, &vehicle("2022-11-20T23:01:00+08:00")).await;
        let done = repairs(store, (DAY, "23:05")).await;
        assert_eq!(done.depots, 1);
        assert_eq!(store.texts(of_vehicle).await, Vec::<String>::new());
        let named = store.number("select count(*) from not_carried").await;
        assert_eq!(named, done.left as i64);
        assert_eq!(store.texts(OPEN).await.len() + done.left, owed.len(), "in a run, or named");
        holds(store).await;
        // nobody is left
        let on_foot = "F1,D1,500103,foot,4,2022-11-20T22:30:00+08:00,2022-11-20T23:02:00+08:00,106.5200,29.5530,,\n";
        carriers(store, on_foot).await;
        let done = repairs(store, (DAY, "23:06")).await;
        assert_eq!((done.depots, done.runs, done.left), (1, 0, owed.len()));
        assert_eq!(store.texts("select distinct reason from not_carried").await, ["no_carrier"]);
        let said = "select distinct reason from items where worklist = 'supply' and closed_at is null
            and reason like 'no run carries it%'";
        let helps = "no run carries it, nobody carries for the depot now: give a carrier with hours of today";
        assert_eq!(store.texts(said).await, [helps]);
        holds(store).await;
        // looked at again after half an hour, which tells nobody anything
        let events = store.number("select count(*) from events").await;
        assert_eq!(repairs(store, (DAY, "23:20")).await, Repaired::default());
        assert_eq!(repairs(store, (DAY, "23:36")).await.left, owed.len());
        assert_eq!(store.number("select count(*) from events").await, events);
        // and late, it is told to the district
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(NEXT, "00:05")).await.unwrap();
        let silent = format!(
            "select count(*) from items where worklist = 'supply' and closed_at is null and escalated_at is null
            and reason = '{helps}'"
        );
        assert_eq!(store.number(&silent).await, 0);
        // somebody carries again
        carriers(store, &vehicle("2022-11-21T02:30:00+08:00")).await;
        let done = repairs(store, (NEXT, "00:07")).await;
        assert!(done.runs > 0, "{done:?}");
        assert_eq!(store.texts(OPEN).await.len() + done.left, owed.len());
        assert!(store.number("select count(*) from not_carried").await < owed.len() as i64);
        holds(store).await;
    });
}
