//! Interim relief for areas, on both stores: an area that is suspended for an appeal binds nobody until that is decided, everybody in it is
//! told, the warning is changed and not ended, the line draws nothing around it meanwhile, and it binds again no longer than before.

use crate::{
    city::{DAY, at, city, packs, settings, tx},
    engines::{TestStore, on_both},
    floor::{Person, breaks, city_command, district, evening, holds, person},
    online::{KEEP, gives, object, pass},
};
use dayclear_core::{
    access::Role,
    schema::{MEMBERS, RESULTS, TUBES},
};
use dayclear_ops::{
    alerts::{self, Turn},
    line, public,
};

const AREA: &str = "Z-2022-11-20-B1-1";
const APPEAL: &str = "Z-2022-11-20-B1-1/a1";
const CASE: &str = "C20221120-P019";
const SAID: &[(&str, &str)] = &[("way", "phone"), ("words", "we live in another unit")];
const WHY: &[(&str, &str)] = &[("reason", "looked at the roster with the warden")];

fn reviewer() -> Person {
    person("r1", Role::Reviewer, "50", None)
}

async fn appealed(store: &TestStore) {
    evening(store).await;
    pass(store, "22:50").await;
    assert_eq!(district().tries(store, "areas.appeal", &[AREA], SAID).await, "done");
}

/// Whether the area stands, for what it is suspended, and until when it binds.
async fn stands(store: &TestStore) -> String {
    let sql = format!(
        "select case when released_on is null then 'stands' else 'ended' end || ' ' || coalesce(aside, '-') || ' ' || cast(ends_on as text)
         from zones where id = '{AREA}'"
    );
    store.texts(&sql).await.remove(0)
}

/// A single positive swab of somebody in the unit of the area.
async fn found_there(store: &TestStore) {
    let d = district().at(at(DAY, "23:20"));
    let tube = [
        ("tube", "T801"),
        ("division", "500103013006"),
        ("purpose", "community"),
        ("size", "1"),
        ("site", "S1"),
        ("collected_at", "2022-11-20T21:00:00+08:00"),
        ("laboratory", "L1"),
        ("sent_at", "2022-11-20T21:10:00+08:00"),
        ("received_at", "2022-11-20T21:30:00+08:00"),
    ];
    gives(&d, store, &TUBES, vec![object(&tube)], KEEP).await.unwrap();
    gives(&d, store, &MEMBERS, vec![object(&[("tube", "T801"), ("person", "P019")])], KEEP).await.unwrap();
    let result = [
        ("laboratory", "L1"),
        ("tube", "T801"),
        ("version", "F"),
        ("finding", "positive"),
        ("reported_at", "2022-11-20T23:15:00+08:00"),
        ("ct_n", "24.5"),
    ];
    gives(&d, store, &RESULTS, vec![object(&result)], KEEP).await.unwrap();
    pass(store, "23:25").await;
    assert_eq!(store.number(&format!("select count(*) from cases where id = '{CASE}'")).await, 1);
}

async fn rests(store: &TestStore) -> Vec<String> {
    store.texts(&format!("select zone from zone_cases where case_id = '{CASE}'")).await
}

#[test]
fn a_suspended_area_binds_nobody_and_binds_again_by_the_dismissal_alone() {
    on_both(async |store| {
        appealed(store).await;
        assert_eq!(stands(store).await, "stands - 2022-11-25");
        let r = reviewer();
        assert_eq!(r.tries(store, "appeals.suspend", &[APPEAL], WHY).await, "done");
        assert_eq!(r.tries(store, "appeals.suspend", &[APPEAL], WHY).await, "same");
        let suspended = format!("stands {APPEAL} 2022-11-25");
        assert_eq!(stands(store).await, suspended);
        holds(store).await;
        // one paper for each household that was told that the area stands, and none of those is owed any more
        let households = store
            .number(&format!("select count(distinct person) from notices where subject = '{AREA}' and kind = 'order'"))
            .await;
        assert!(households >= 10, "{households}");
        let papers = |letter: &str| {
            format!(
                "select count(*) from notices where subject = '{AREA}' and kind = 'change' and id like '{letter}-%'"
            )
        };
        assert_eq!(store.number(&papers("S")).await, households);
        // the public finds it, with that it binds nobody; the warning is changed, and names the one before it
        let mut look = tx(store).await;
        let found = public::areas(&mut look, "江景苑").await.unwrap();
        assert!(found.iter().any(|area| area.id == AREA && area.suspended), "{found:?}");
        let told = alerts::message(&mut look, AREA, None).await.unwrap().unwrap();
        assert_eq!((told.turn, told.before.is_some(), told.area.suspended), (Turn::Suspended, true, true));
        drop(look);
        // what is suspended becomes neither wider nor longer
        let wider = [
            ("evidence", "C20221120-P006"),
            ("ground", "source_unclear"),
            ("until", "2022-11-25"),
            ("reason", "no link"),
        ];
        let is = format!("is suspended for {APPEAL}");
        assert_eq!(district().tries(store, "areas.widen", &[AREA], &wider).await, is);
        // somebody is found there: the case waits, nothing is drawn, and nobody is bound
        found_there(store).await;
        assert_eq!(stands(store).await, suspended);
        assert_eq!(rests(store).await, Vec::<String>::new());
        let drawn = "select count(*) from zones where building = 'B1' and released_on is null and aside is null";
        assert_eq!(store.number(drawn).await, 0);
        holds(store).await;
        // dismissed: it binds again to the day on which it would have ended, and the papers of that are owed
        let later = r.at(at(DAY, "23:30"));
        assert_eq!(later.tries(store, "appeals.dismiss", &[APPEAL], WHY).await, "done");
        assert_eq!(stands(store).await, "stands - 2022-11-25");
        let owed = format!("{} and due_at is not null", papers("T"));
        assert_eq!(store.number(&owed).await, households);
        let mut look = tx(store).await;
        assert_eq!(alerts::message(&mut look, AREA, None).await.unwrap().unwrap().turn, Turn::TakenUp);
        drop(look);
        holds(store).await;
        // and what waited is decided by the next pass
        pass(store, "23:40").await;
        assert_eq!(rests(store).await, [AREA]);
        holds(store).await;
    });
}

#[test]
fn an_upheld_appeal_ends_what_was_suspended_and_what_waited_is_decided() {
    on_both(async |store| {
        appealed(store).await;
        let r = reviewer();
        assert_eq!(r.tries(store, "appeals.suspend", &[APPEAL], WHY).await, "done");
        found_there(store).await;
        assert_eq!(r.at(at(DAY, "23:30")).tries(store, "appeals.uphold", &[APPEAL], WHY).await, "done");
        assert_eq!(stands(store).await, "ended - 2022-11-25");
        pass(store, "23:40").await;
        // what was found since is fresh evidence of its own
        assert_eq!(rests(store).await, ["Z-2022-11-20-B1-1-n2"]);
        holds(store).await;
        let released = format!("select count(*) from notices where subject = '{AREA}' and kind = 'release'");
        assert!(store.number(&released).await >= 10);
    });
}

#[test]
fn a_suspended_area_ends_on_its_last_day_though_nobody_decided() {
    on_both(async |store| {
        appealed(store).await;
        assert_eq!(reviewer().tries(store, "appeals.suspend", &[APPEAL], WHY).await, "done");
        for (day, expected) in
            [("2022-11-24", format!("stands {APPEAL} 2022-11-25")), ("2022-11-26", "ended - 2022-11-25".to_owned())]
        {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(day, "08:00")).await.unwrap();
            assert_eq!(stands(store).await, expected, "{day}");
        }
        // a decision that comes too late takes nothing up
        let late = reviewer().at(at("2022-11-26", "09:00"));
        assert_eq!(late.tries(store, "appeals.dismiss", &[APPEAL], WHY).await, "done");
        assert_eq!(stands(store).await, "ended - 2022-11-25");
    });
}

#[test]
fn who_may_suspend_an_area_is_who_decides_the_appeal() {
    on_both(async |store| {
        appealed(store).await;
        for (who, role, place, expected) in [
            ("d1", Role::DistrictCommand, "500103", "not yours"),
            ("d2", Role::DistrictCommand, "500112", "not yours"),
            ("w1", Role::CommunityWorker, "50", "not yours"),
            ("w1", Role::Reviewer, "50", "is from outside, and you serve inside as well"),
            ("d1", Role::CityCommand, "50", "is filed by yourself"),
        ] {
            let tried = person(who, role, place, None).tries(store, "appeals.suspend", &[APPEAL], WHY).await;
            assert_eq!(tried, expected, "{who} {role}");
            assert_eq!(stands(store).await, "stands - 2022-11-25");
        }
        // behind the program's back: not for what is no open appeal against it
        for harm in ["'somebody'", "'Z-2022-11-20-B4-1/a1'"] {
            assert!(
                store.sql(&format!("update zones set aside = {harm} where id = '{AREA}'")).await.is_err(),
                "{harm}"
            );
        }
        let harm = format!("update zones set aside = '{APPEAL}' where id = '{AREA}'");
        breaks(store, &harm, "orders.lawful", "suspended").await;
        store.sql(&format!("update zones set aside = null where id = '{AREA}'")).await.unwrap();
        assert_eq!(city_command().tries(store, "appeals.suspend", &[APPEAL], WHY).await, "done");
        assert_eq!(stands(store).await, format!("stands {APPEAL} 2022-11-25"));
        holds(store).await;
    });
}
