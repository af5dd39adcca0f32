//! Where the outbreak stands, worked out from cases and transfers of a store, on both stores and to the same byte.

use crate::{
    city::{DAY, at, city, day_of, packs, settings},
    engines::{TestStore, on_both},
    floor::{breaks, evening, holds},
};
use dayclear_core::{
    cases::{Classification, Origin, Severity},
    listing::{CLEARINGS, Cell, Query},
    situation::{Found, Gap, Situation, Told},
    time::{CivilDate, Instant},
};
use dayclear_ops::{
    needs::Needs,
    situation::{self, Looked},
};
use dayclear_store::{Scope, cases::Case};

const HERE: &str = "500103013006";
const THERE: &str = "500112016001";

/// Needs of a small city: eight in ten go to a temporary hospital for six days.
pub const NEEDS: &str = r#"
[[need]]
name = "beds_a"
words = "beds of class A"
per_case = 0.8
stay = { longer = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0] }
lead_days = 3
step = 100
have = "beds:temporary_hospital"

[[need]]
name = "unheard"
words = "something of which the store knows nothing"
per_case = 1.0
lead_days = 1
"#;

async fn looks(store: &TestStore, now: Instant, every_min: i64) -> Option<Looked> {
    let needs = Needs::read(NEEDS).unwrap();
    situation::look(&store.store, packs(), &settings(), &needs, "covid-19", &city(), now, every_min).await.unwrap()
}

async fn stands(store: &TestStore, division: &str) -> Situation {
    let mut tx = store.store.look(&city()).await.unwrap();
    situation::of(&mut tx, division).await.unwrap().unwrap().0
}

/// A case that was found at ten on a day, after a sample some hours before, and symptoms some days before.
fn case(no: i64, division: &str, day: CivilDate, origin: Origin, onset: Option<i64>) -> Case {
    let found_at = settings().zone.at(day, 10, 0);
    Case {
        id: format!("X{no:06}"),
        person: format!("Q{no:06}"),
        person_no: 1_000_000 + no,
        division: division.parse().unwrap(),
        building: None,
        tube_no: 1,
        sampled_at: found_at.plus_hours(-if no % 4 == 0 { 20 } else { 6 }),
        found_at,
        ct: None,
        origin,
        classification: Classification::Confirmed,
        severity: Severity::Mild,
        onset: onset.map(|days| day.plus_days(-days)),
        counted_on: Some(day),
        converted_on: None,
        closed_on: Some(day),
        outcome: Some("recovered".to_owned()),
        reason: "{}".to_owned(),
        aside: None,
    }
}

/// Forty days that grow by a tenth a day, two of three in one district; half are found in the community at first, fewer later.
async fn grows(store: &TestStore, until: CivilDate) -> Vec<Case> {
    let (mut cases, mut no) = (Vec::new(), 0);
    for back in (1..=40).rev() {
        let day = until.plus_days(1 - back);
        let n = (3.0 * 1.1f64.powi(40 - back as i32)).round() as i64;
        for at in 0..n {
            no += 1;
            let origin = if at * 40 < n * back { Origin::Community } else { Origin::AlreadyIsolated };
            let division = if at % 3 == 2 { THERE } else { HERE };
            let onset = (at % 2 == 0).then_some(at / 2 % 4);
            cases.push(case(no, division, day, origin, onset));
        }
    }
    let mut tx = store.store.turn(&city()).await.unwrap();
    tx.open_cases(&cases).await.unwrap();
    tx.commit().await.unwrap();
    cases
}

#[test]
fn what_was_found_is_counted_by_the_day_and_what_follows_says_how_sure_it_is() {
    on_both(async |store| {
        evening(store).await;
        let yesterday = day_of(DAY).plus_days(-1);
        let cases = grows(store, yesterday).await;
        let now = at(DAY, "23:00");
        let looked = looks(store, now, 60).await.unwrap();
        assert_eq!((looked.days, looked.units, looked.kept), (41, 3, 0), "forty days and the one that runs");
        let told = stands(store, "50").await;
        assert_eq!((told.day, told.first), (yesterday, yesterday.plus_days(-39)));
        // and how many live where, for whoever plays a city of that size
        let residents = store.store.look(&city()).await.unwrap().residents_by_district().await.unwrap();
        assert_eq!(residents.into_iter().collect::<Vec<_>>(), [("500103".to_owned(), 40), ("500112".to_owned(), 40)]);
        // every day by an own count
        for (at, found) in told.found.iter().enumerate() {
            let day = told.first.plus_days(at as i64);
            let own = |held: bool| {
                let of =
                    |case: &&Case| case.counted_on == Some(day) && (case.origin == Origin::AlreadyIsolated) == held;
                cases.iter().filter(of).count() as u64
            };
            assert_eq!(*found, Found { community: own(false), held: own(true) }, "{day}");
        }
        // the day of the example, which is not over, is in no curve
        assert!(told.today.all() > 0 && told.found.len() == 40, "{:?}", told.today);
        let r = told.ahead.reproduction.known().unwrap();
        assert!(r.now.low > 1.0 && r.now.high < 1.6 && !r.few && !r.pooled, "{:?}", r.now);
        let here = stands(store, "500103").await;
        assert!(here.ahead.reproduction.known().unwrap().pooled);
        let both = |at: usize| {
            told.units.iter().map(|unit| [unit.yesterday, unit.week, unit.week_before][at].all()).sum::<u64>()
        };
        assert_eq!([both(0), both(1), both(2)], [told.last(1, 0), told.last(7, 0), told.last(7, 7)].map(Found::all));
        // growth goes on for a while, and the fan opens
        let fan = told.ahead.fan.known().unwrap();
        assert_eq!((fan.days.len(), fan.days[0].day), (14, told.day.plus_days(1)));
        let wide = |at: usize| fan.days[at].expected.high - fan.days[at].expected.low;
        assert!(fan.week.median > told.last(7, 0).all() as f64 && wide(13) > 2.0 * wide(0), "{fan:?}");
        let score = told.ahead.score.known().unwrap();
        assert!(score.days == 28 && score.wis < score.naive && score.within[1] > 0.8, "{score:?}");
        // of samples nothing of before yesterday is missing; of onsets the last days are known in part
        let sampled = told.sampled.known().unwrap();
        assert!(sampled.len() == 7 && sampled[0].complete > 0.99);
        let onsets = told.onsets.known().unwrap();
        let last = onsets.last().unwrap();
        assert!(last.complete < 0.6 && last.expected.median > last.seen as f64, "{last:?}");
        // a sample is six hours from its result, or twenty for one in four
        let sample = &told.delays[1];
        assert_eq!((sample.half_h, sample.most_h), (Some(6.0), Some(20.0)), "{sample:?}");
        // a bed is short of demand, and somebody must decide three days before
        let beds = &told.ahead.needs[0];
        let decide = beds.decide.unwrap();
        assert!(beds.days[0].have.is_some() && decide.more > 0.0 && decide.more % 100.0 == 0.0, "{decide:?}");
        assert_eq!(decide.by, decide.first_short.plus_days(-3));
        let first = beds.days.iter().find(|day| day.short.unwrap() > beds.risk).unwrap();
        assert_eq!(first.day, decide.first_short);
        // of what the store knows nothing, nothing is decided and nothing is called enough
        let unheard = &told.ahead.needs[1];
        assert!(unheard.decide.is_none() && unheard.days.iter().all(|day| day.have.is_none() && day.short.is_none()));
        serde_json::to_string(&told).unwrap()
    });
}

#[test]
fn a_look_costs_only_what_has_changed_and_forgets_what_never_was() {
    on_both(async |store| {
        evening(store).await;
        let yesterday = day_of(DAY).plus_days(-1);
        let cases = grows(store, yesterday).await;
        let now = at(DAY, "20:00");
        assert!(looks(store, now, 60).await.is_some());
        assert!(looks(store, now.plus_minutes(59), 60).await.is_none(), "it was looked at within the hour");
        let before = stands(store, "50").await;
        let again = looks(store, now.plus_minutes(61), 60).await.unwrap();
        assert_eq!((again.days, again.kept), (3, 3), "no whole day has changed, so what rests on them was kept");
        assert_eq!(stands(store, "50").await.ahead, before.ahead);
        // a case that was withdrawn, and one for which another stands, count no more from the next day on
        let mut tx = store.store.turn(&city()).await.unwrap();
        let mut gone = cases[0].clone();
        gone.outcome = Some("withdrawn".to_owned());
        tx.update_case(&gone).await.unwrap();
        tx.set_case_aside(&cases[1].id, Some(&cases[2].id)).await.unwrap();
        tx.commit().await.unwrap();
        let next = looks(store, at("2022-11-21", "06:00"), 60).await.unwrap();
        assert_eq!((next.days, next.kept), (42, 0));
        let after = stands(store, "50").await;
        assert_eq!(after.found[0].all(), before.found[0].all() - 2);
        assert_eq!(after.found[1..40], before.found[1..40]);
        assert_eq!(after.found[40], before.today, "the day that ran is a whole one now");
        // a district sees its own, and nothing of the city
        let own = Scope::of("500103".parse().unwrap());
        let mut tx = store.store.look(&own).await.unwrap();
        assert!(situation::of(&mut tx, "500103").await.unwrap().is_some());
        assert!(situation::of(&mut tx, "50").await.unwrap().is_none());
        assert!(situation::of(&mut tx, "500112").await.unwrap().is_none());
        after.found.len()
    });
}

#[test]
fn what_nobody_can_know_is_a_gap_and_no_number() {
    on_both(async |store| {
        assert_eq!(looks(store, at(DAY, "23:00"), 60).await, None, "nothing was ever found");
        evening(store).await;
        let now = at(DAY, "23:00");
        assert!(looks(store, now, 60).await.is_some());
        let told = stands(store, "50").await;
        // there is one day, and it is not over
        assert!(told.found.is_empty() && told.today.all() > 0);
        assert_eq!(told.ahead.reproduction, Told::Missing(Gap::TooShort));
        assert_eq!((told.ahead.fan.gap(), told.ahead.needs.len()), (Some(Gap::NoCases), 0));
        assert_eq!(told.sampled, Told::Missing(Gap::TooShort));
        // a long time later, on a day on which no rules are in force
        assert!(looks(store, at("2019-01-01", "12:00"), 0).await.is_some());
        let told = stands(store, "50").await;
        assert_eq!((told.pack.as_str(), told.serial.clone()), ("", None));
        assert_eq!(told.ahead.reproduction, Told::Missing(Gap::NoSerialInterval));
        told.today.all()
    });
}

#[test]
fn a_place_is_clear_after_the_days_of_the_rules_and_not_while_a_pool_is_open() {
    on_both(async |store| {
        evening(store).await;
        let day = day_of(DAY);
        // in one community the last one in the community was found nine days ago and one under isolation yesterday; in the other
        // one yesterday
        let found = [
            case(1, "500112016002", day.plus_days(-9), Origin::Community, None),
            case(2, "500112016002", day.plus_days(-1), Origin::AlreadyIsolated, None),
            case(3, "500112016003", day.plus_days(-1), Origin::ExpandedScreening, None),
        ];
        let mut tx = store.store.turn(&city()).await.unwrap();
        tx.open_cases(&found).await.unwrap();
        tx.commit().await.unwrap();
        assert!(looks(store, at(DAY, "23:00"), 60).await.is_some());
        let mut tx = store.store.look(&city()).await.unwrap();
        let page = tx.list(&CLEARINGS, &Query { limit: 100, ..Query::default() }).await.unwrap();
        let text = |cell: &Cell| match cell {
            Cell::Text(text) => text.clone(),
            Cell::Whole(n) => n.to_string(),
            Cell::Day(day) => day.to_string(),
            Cell::Empty => "-".to_owned(),
            other => format!("{other:?}"),
        };
        let fields = ["division", "level", "state", "found_7", "community_7", "found_14", "community_14", "clear_on"];
        let lines: Vec<String> = page
            .rows
            .iter()
            .map(|row| fields.map(|field| text(row.get(&CLEARINGS, field))).join(" "))
            .filter(|line| line.starts_with("5001120160"))
            .collect();
        // an area asks for five days without a new infection: those after the eleventh are over, those after the nineteenth not
        let expected =
            ["500112016002 community clear 1 0 2 1 2022-11-17", "500112016003 community waiting 1 1 1 1 2022-11-25"];
        for line in expected {
            assert!(lines.iter().any(|other| other == line), "{line} is not among\n{}", lines.join("\n"));
        }
        // where members of a positive pool wait, days alone clear nothing
        let here = page.rows.iter().find(|row| text(row.get(&CLEARINGS, "division")) == HERE).unwrap();
        assert_eq!(text(here.get(&CLEARINGS, "state")), "unsettled", "{here:?}");
        lines
    });
}

#[test]
fn the_checker_counts_what_was_found_again_and_names_what_is_not_so() {
    on_both(async |store| {
        evening(store).await;
        looks(store, at(DAY, "23:00"), 60).await.unwrap();
        holds(store).await;
        let check = "situation.counted";
        let mends = async |harm: &str, said: &str, mend: &str| {
            breaks(store, harm, check, said).await;
            store.sql(mend).await.unwrap();
            holds(store).await;
        };
        mends(
            "update found_days set n = n + 1 where day = '2022-11-20' and held = 0",
            "were counted, and there are",
            "update found_days set n = n - 1 where day = '2022-11-20' and held = 0",
        )
        .await;
        mends(
            "update clearings set community_7 = community_7 + 1 where division = '500103'",
            "500103: shown are",
            "update clearings set community_7 = community_7 - 1 where division = '500103'",
        )
        .await;
        mends(
            "update situations set body = replace(body, '\"today\":{\"community\":', '\"today\":{\"community\":1') where division = '50'",
            "50, 2022-11-20: the curve shows",
            "update situations set body = replace(body, '\"today\":{\"community\":1', '\"today\":{\"community\":') where division = '50'",
        )
        .await;
        breaks(store, "update found_upto set events_upto = 0", check, "were counted, and there are 0").await;
    });
}
