//! Areas beyond the rule, on both stores: two people, a higher duty, a case as fresh evidence, an end; what the rules allow nobody is
//! refused, kept and told to the city; and what was allowed ends with what it was allowed around.

use crate::{
    city::{DAY, Files, at, day_of, plan, run},
    engines::{TestStore, on_both},
    floor::{Person, city_command, district, evening, holds, person},
};
use dayclear_core::access::Role;

const AREA: &str = "Z-2022-11-20-B1-1";
const WIDER: &[(&str, &str)] = &[
    ("evidence", "C20221120-P006"),
    ("ground", "source_unclear"),
    ("until", "2022-11-25"),
    ("reason", "no link found"),
];
const WHY: &[(&str, &str)] = &[("reason", "seen with the figures")];

fn with<'a>(given: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    given.iter().map(|(key, old)| (*key, if *key == name { value } else { *old })).collect()
}

async fn open(store: &TestStore) -> Vec<String> {
    store.texts("select id || ' ' || people from zones where released_on is null order by id").await
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    use crate::city::{city, packs, settings};
    dayclear_ops::line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

#[test]
fn a_wider_area_wants_a_higher_duty_and_ends_with_the_area_around_which_it_was_allowed() {
    on_both(async |store| {
        evening(store).await;
        let before = open(store).await;
        let d = district();
        assert_eq!(d.tries(store, "areas.widen", &[AREA], WIDER).await, "done");
        assert_eq!(d.tries(store, "areas.widen", &[AREA], WIDER).await, "is asked for already");
        assert_eq!(open(store).await, before, "asking binds nobody");
        let id = format!("{AREA}/x1");
        let shown = "select people || ' +' || extra || ' ' || buildings || ' ' || state from extensions";
        let asked = store.texts(shown).await;
        assert_eq!(asked.len(), 1);
        assert!(asked[0].starts_with("20 +20 B2"), "{asked:?}");
        let item =
            "select owner from items where worklist = 'review' and subject like 'extension/%' and closed_at is null";
        assert_eq!(store.texts(item).await, ["50"], "the city decides");
        holds(store).await;
        // neither who asked, nor somebody of the same duty, nor of another place
        assert_eq!(d.tries(store, "extensions.approve", &[&id], WHY).await, "not yours");
        let same = Person { looker: d.looker.clone(), ..city_command() };
        let mut both = same.clone();
        both.looker.duty.role = Role::CityCommand;
        both.looker.duty.division = "50".parse().unwrap();
        assert_eq!(both.tries(store, "extensions.approve", &[&id], WHY).await, "is asked for by yourself");
        assert_eq!(city_command().tries(store, "extensions.approve", &["x"], WHY).await, "unknown");
        assert_eq!(open(store).await, before);
        let c = city_command().at(at(DAY, "23:10"));
        assert_eq!(c.tries(store, "extensions.approve", &[&id], WHY).await, "done");
        assert_eq!(c.tries(store, "extensions.approve", &[&id], WHY).await, "same");
        let after = open(store).await;
        assert!(after.len() > before.len(), "{after:?}");
        let allowed = "select cast(ends_on as text) from zones where allowed is not null";
        let ends = store.texts(allowed).await;
        assert!(!ends.is_empty() && ends.iter().all(|day| day == "2022-11-25"), "{ends:?}");
        assert_eq!(store.texts(item).await, Vec::<String>::new());
        holds(store).await;
        // nothing changes what was decided
        let late = c.tries(store, "extensions.refuse", &[&id], WHY).await;
        assert_eq!(late, "is approved");
        // the area ends early, which needs nobody; what stood around it ends with it
        let d = d.at(at(DAY, "23:20"));
        assert_eq!(d.tries(store, "areas.release", &[AREA], WHY).await, "done");
        assert_eq!(d.tries(store, "areas.release", &[AREA], WHY).await, "same");
        pass(store, DAY, "23:30").await;
        let left = "select count(*) from zones where allowed is not null and released_on is null";
        assert_eq!(store.number(left).await, 0);
        holds(store).await;
    });
}

#[test]
fn what_the_rules_allow_nobody_is_refused_kept_and_told_to_the_city() {
    on_both(async |store| {
        evening(store).await;
        let before = open(store).await;
        let d = district();
        let tries = async |command: &str, given: &[(&str, &str)]| d.tries(store, command, &[AREA], given).await;
        // beyond the days of the rule; on no case; on a case of another place
        let long = tries("areas.widen", &with(WIDER, "until", "2022-12-20")).await;
        assert_eq!(long, "is forbidden (N3): no area lasts beyond 2022-11-25, as one that is opened today");
        let none = tries("areas.widen", &with(WIDER, "evidence", "C20221120-P999")).await;
        assert_eq!(none, "is forbidden (R04): there is no such case that stands");
        let other = tries("areas.widen", &with(WIDER, "evidence", "C20221120-P055")).await;
        assert_eq!(other, "is forbidden (R04): the area does not rest on this case");
        // longer on what it rests on already
        let longer = [("evidence", "C20221120-P006"), ("until", "2022-11-25"), ("reason", "to be sure")];
        assert_eq!(tries("areas.extend", &longer).await, "is until 2022-11-25 already");
        assert_eq!(open(store).await, before);
        assert_eq!(store.number("select count(*) from extensions").await, 0);
        assert_eq!(store.number("select count(*) from events where kind = 'extension.forbidden'").await, 3);
        let item = "select owner || ' ' || subject from items where worklist = 'review' and subject like 'beyond/%'";
        assert_eq!(store.texts(item).await, [format!("50 beyond/{AREA}/d1")]);
        // nobody but the district in which it lies asks at all
        let elsewhere = person("d2", Role::DistrictCommand, "500112", None);
        assert_eq!(elsewhere.tries(store, "areas.widen", &[AREA], WIDER).await, "unknown");
        let tracer = person("t1", Role::Tracer, "500103", None);
        assert_eq!(tracer.tries(store, "areas.widen", &[AREA], WIDER).await, "not yours");
        holds(store).await;
    });
}

#[test]
fn further_days_rest_on_a_fresh_case_and_go_when_it_is_taken_back() {
    on_both(async |store| {
        // P055's neighbours in another building of the compound are found a day later
        let day = "2022-11-21";
        let first = dayclear_ops::day::Plan { keep_open: false, ..plan(DAY) };
        run(&store.store, &Files::example().write(store, DAY), &first).await.unwrap();
        let found = Files::quiet(day)
            .add("households", "H97,B2,7,9,901,yes")
            .add("people", "Q7,H97,,,,,,,,,present")
            .swab("T411", "Q7", "community", day, "08:00 12:00", "positive");
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(day) };
        run(&store.store, &found.write(store, day), &open).await.unwrap();
        let d = district().at(at(day, "20:00"));
        let longer = [("evidence", "C20221121-Q7"), ("until", "2022-11-26"), ("reason", "the same lift hall")];
        let old = with(&longer, "evidence", "C20221120-P006");
        let refused = d.tries(store, "areas.extend", &[AREA], &old).await;
        assert_eq!(refused, "is forbidden (R04): the area rests on this case already: it is no fresh evidence");
        assert_eq!(d.tries(store, "areas.extend", &[AREA], &longer).await, "done");
        let ends = format!("select cast(ends_on as text) from zones where id = '{AREA}'");
        assert_eq!(store.texts(&ends).await, ["2022-11-25"]);
        let c = city_command().at(at(day, "20:10"));
        assert_eq!(c.tries(store, "extensions.approve", &[&format!("{AREA}/x1")], WHY).await, "done");
        assert_eq!(store.texts(&ends).await, ["2022-11-26"]);
        // the same case serves once
        let again =
            d.at(at(day, "20:20")).tries(store, "areas.extend", &[AREA], &with(&longer, "until", "2022-11-27")).await;
        assert_eq!(again, "is forbidden (N3): no area lasts beyond 2022-11-26, as one that is opened today");
        holds(store).await;
        let back = [
            ("laboratory", "L1"),
            ("tube", "T411"),
            ("version", "C"),
            ("finding", "negative"),
            ("reported_at", "2022-11-21T21:00:00+08:00"),
        ];
        let row = back.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let d = d.at(at(day, "21:30"));
        let rows = dayclear_ops::evidence::Rows::Json(vec![row]);
        dayclear_ops::evidence::take(
            &store.store,
            &d.doing(None),
            &dayclear_core::schema::RESULTS,
            rows,
            dayclear_ops::evidence::How::default(),
        )
        .await
        .unwrap();
        assert_eq!(d.tries(store, "cases.withdraw", &["C20221121-Q7"], WHY).await, "done");
        assert_eq!(store.texts(&ends).await, ["2022-11-25"], "the day that stood before");
        assert_eq!(day_of(&store.texts(&ends).await[0]), day_of("2022-11-25"));
        holds(store).await;
    });
}
