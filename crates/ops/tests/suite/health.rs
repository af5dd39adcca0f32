//! Somebody in follow-up tells by a code how they are, on both stores: it counts as asked, symptoms open a test, the code is theirs alone
//! and good until the last day; nobody is told by it whose it is.

use crate::{
    city::{DAY, Files, at, city, close, packs, settings},
    engines::{TestStore, on_both},
    floor::{holds, person},
};
use dayclear_core::{access::Role, roster::Known};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    health::{Told, issue, tell},
    line,
    public::Counter,
};

const NEXT: &str = "2022-11-21";

async fn tells(store: &TestStore, date: &str, clock: &str, code: &str, symptoms: Known) -> Told {
    let (settings, city) = (settings(), city());
    let counter = Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &city, now: at(date, clock) };
    tell(&store.store, &counter, code, symptoms).await.unwrap()
}

#[test]
fn a_code_tells_how_somebody_is_until_the_last_day() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(NEXT, "08:00")).await.unwrap();
        let worker = person("w1", Role::CommunityWorker, "500103", None).at(at(NEXT, "08:10"));
        let gives =
            async |followed: &str, chance: u8| issue(&store.store, &worker.doing(None), followed, [chance; 16]).await;
        let code = gives("F-P009-2022-11-20", 7).await.unwrap();
        assert_eq!(code.len(), 20);
        assert!(matches!(gives("F-P999-2022-11-20", 7).await, Err(DeskError::Refused(Refusal::Unknown))));
        let elsewhere = person("w3", Role::CommunityWorker, "500112", None);
        let refused = issue(&store.store, &elsewhere.doing(None), "F-P009-2022-11-20", [1; 16]).await;
        assert!(matches!(refused, Err(DeskError::Refused(Refusal::Unknown))));
        assert_eq!(store.number("select count(*) from health_codes where code_hash like '%0%'").await, 1);
        assert_eq!(
            store.number(&format!("select count(*) from health_codes where code_hash like '%{code}%'")).await,
            0
        );

        let wrong = "00000000000000000000";
        assert_eq!(tells(store, NEXT, "09:00", wrong, Known::No).await, Told::Unknown);
        assert_eq!(tells(store, NEXT, "09:00", "words", Known::No).await, Told::Unknown);
        assert_eq!(tells(store, NEXT, "09:00", &code, Known::No).await, Told::Taken);
        let item =
            "select coalesce(outcome, 'open') from items where worklist = 'follow' and subject = '2022-11-21/P009'";
        assert_eq!(store.texts(item).await, ["completed"], "somebody was told how they are");
        // symptoms told by oneself open a test as symptoms told on the telephone
        assert_eq!(tells(store, NEXT, "10:00", &code, Known::Yes).await, Told::Taken);
        let test = "select subject || ' ' || coalesce(outcome, 'open') from items where worklist = 'retest' and subject like 'symptoms/%/P009'";
        assert_eq!(store.texts(test).await, ["symptoms/2022-11-21/P009 open"]);
        let log = "select channel || ' ' || answer || ' ' || symptoms || ' ' || said_by from follow_ups order by at";
        assert_eq!(store.texts(log).await, ["self_report reached no self", "self_report reached yes self"]);
        for hour in ["11:00", "12:00", "13:00", "14:00"] {
            assert_eq!(tells(store, NEXT, hour, &code, Known::No).await, Told::Taken);
        }
        assert_eq!(tells(store, NEXT, "15:00", &code, Known::No).await, Told::Enough);
        // another code takes its place
        let fresh = gives("F-P009-2022-11-20", 8).await.unwrap();
        assert_eq!(tells(store, "2022-11-22", "09:00", &code, Known::No).await, Told::Unknown);
        assert_eq!(tells(store, "2022-11-22", "09:00", &fresh, Known::No).await, Told::Taken);
        assert_eq!(tells(store, "2022-11-27", "23:59", &fresh, Known::No).await, Told::Taken, "on the last day");
        assert_eq!(tells(store, "2022-11-28", "00:00", &fresh, Known::No).await, Told::Unknown, "and not after it");
        holds(store).await;
    });
}
