//! Entry gates on both stores: manifest and gate in any order, the book of each day, the test on landing until it is had or not wanted, and
//! nothing that binds anybody.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{Person, breaks, city_command, district, evening, holds, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    schema::{self, ARRIVALS, GATES, Table},
};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    evidence::{How, Rows, take},
    imports::Keep,
    line,
};
use std::collections::BTreeMap;

const NEXT: &str = "2022-11-21";
const NORTH: &str = "500112016001";

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) -> String {
    let row: BTreeMap<String, String> =
        row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    match take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await {
        Ok((tally, _)) => format!("created {} same {}", tally.created, tally.same),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => faults.iter().map(|fault| fault.field.as_str()).collect(),
        Err(error) => error.to_string(),
    }
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

/// What the gate says of a ticket at a time of the evening.
async fn says(store: &TestStore, ticket: &str, said: &str, clock: &str, more: &[(&str, &str)]) -> String {
    let at_text = format!("{DAY}T{clock}:00+08:00");
    let mut row = vec![
        ("gate", "G1"),
        ("day", DAY),
        ("ticket", ticket),
        ("said", said),
        ("at", at_text.as_str()),
        ("said_by", "gate 2"),
    ];
    row.extend(more);
    gives(&district().at(at(DAY, "23:30")), store, &ARRIVALS, &row).await
}

/// Manifest, came, missing, expected, extra, tested, refused, owing.
async fn book(store: &TestStore) -> Vec<String> {
    let sql = "select listed || ' ' || arrived || ' ' || missing || ' ' || expected || ' ' || extra || ' ' || tested || ' ' || refused
        || ' ' || owing from gate_days where gate = 'G1'";
    store.texts(sql).await
}

async fn items(store: &TestStore) -> Vec<String> {
    let sql = "select subject || ' ' || owner || ' ' || coalesce(outcome, 'open') from items where subject like 'landing/%' order by subject";
    store.texts(sql).await
}

#[test]
fn whoever_comes_is_in_the_book_and_owes_a_test_until_it_is_had_or_not_wanted() {
    on_both(async |store| {
        evening(store).await;
        let gates = "gate,kind,name,division,owner\nG1,rail,North station,500103013006,station master\n";
        assert_eq!(bring(store, &city(), &GATES, gates, "", Keep::Together).await.created, 1);
        // the manifest, as a file: three people
        let listed = |ticket: &str, destination: &str| {
            format!("G1,{DAY},{ticket},listed,{DAY}T08:00:00+08:00,railway,Wang,13800000001,{destination}\n")
        };
        let manifest = format!(
            "gate,day,ticket,said,at,said_by,name,phone,destination\n{}{}{}",
            listed("A1", "500103013006"),
            listed("A2", NORTH),
            listed("A3", "999999")
        );
        assert_eq!(bring(store, &city(), &ARRIVALS, &manifest, "", Keep::Together).await.created, 3);
        pass(store, DAY, "23:01").await;
        assert_eq!(book(store).await, ["3 0 0 3 0 0 0 0"]);
        assert!(items(store).await.is_empty(), "nobody owes a test for a place on a list");
        // two of them come, and one whom no manifest knows
        assert_eq!(says(store, "A1", "arrived", "22:10", &[("tube", "L001")]).await, "created 1 same 0");
        assert_eq!(says(store, "A1", "arrived", "22:10", &[("tube", "L001")]).await, "created 0 same 1");
        says(store, "A2", "arrived", "22:11", &[]).await;
        says(store, "B9", "arrived", "22:12", &[("destination", NORTH), ("person", "P057")]).await;
        pass(store, DAY, "23:31").await;
        assert_eq!(book(store).await, ["3 3 0 1 1 0 0 3"]);
        let owed = |ticket: &str, owner: &str, how: &str| format!("landing/G1/{DAY}/{ticket} {owner} {how}");
        assert_eq!(
            items(store).await,
            [owed("A1", "500103", "open"), owed("A2", "500112", "open"), owed("B9", "500112", "open")]
        );
        holds(store).await;
        // the tube of the gate comes in; one does not want the test; the third is called
        let d = district().at(at(DAY, "23:40"));
        let tube = [
            ("tube", "L001"),
            ("division", "500103013006"),
            ("purpose", "entry"),
            ("size", "1"),
            ("collected_at", "2022-11-20T22:15:00+08:00"),
            ("laboratory", "L1"),
        ];
        assert_eq!(gives(&d, store, &schema::TUBES, &tube).await, "created 1 same 0");
        says(store, "A2", "refused", "22:20", &[]).await;
        says(store, "B9", "no_answer", "22:30", &[]).await;
        pass(store, DAY, "23:45").await;
        assert_eq!(book(store).await, ["3 3 0 1 1 1 1 1"]);
        assert_eq!(
            items(store).await,
            [owed("A1", "500103", "completed"), owed("A2", "500112", "cancelled"), owed("B9", "500112", "open")]
        );
        // nothing binds anybody, wherever they come from
        assert_eq!(
            store.number("select count(*) from orders where person = 'B9' or subject like 'landing/%'").await,
            0
        );
        // what a gate says is kept; a gate of another district, or one that nobody declared, is not known
        assert!(store.sql("update arrivals set said = 'absent'").await.is_err());
        let other = person("d2", Role::DistrictCommand, "500112", None).at(at(DAY, "23:46"));
        let row = [
            ("gate", "G1"),
            ("day", DAY),
            ("ticket", "A3"),
            ("said", "absent"),
            ("at", "2022-11-20T22:40:00+08:00"),
            ("said_by", "x"),
        ];
        assert_eq!(gives(&other, store, &ARRIVALS, &row).await, "gate");
        let signed = city_command().at(at(DAY, "23:59")).tries(store, "days.sign", &[DAY], &[]).await;
        assert_eq!(signed, "done");
        holds(store).await;
        // the day is over: who was not seen is missing, who owes is late and passed up
        pass(store, NEXT, "00:30").await;
        assert_eq!(book(store).await, ["3 3 1 0 1 1 1 1"]);
        let late = "select count(*) from items where subject like 'landing/%/B9' and escalated_at is not null";
        assert_eq!(store.number(late).await, 1);
        let told = "select count(*) from events where kind = 'gate.counted' and subject = 'G1:2022-11-20'";
        assert!(store.number(told).await >= 4, "each change of the book is in the chain");
        holds(store).await;
        // came after all: the swab under their own id is the one
        let swab = [
            ("tube", "L002"),
            ("division", NORTH),
            ("purpose", "entry"),
            ("size", "1"),
            ("collected_at", "2022-11-21T09:00:00+08:00"),
            ("laboratory", "L1"),
        ];
        let n = other.at(at(NEXT, "09:30"));
        assert_eq!(gives(&n, store, &schema::TUBES, &swab).await, "created 1 same 0");
        assert_eq!(
            gives(&n, store, &schema::MEMBERS, &[("tube", "L002"), ("person", "P057")]).await,
            "created 1 same 0"
        );
        pass(store, NEXT, "09:31").await;
        assert_eq!(book(store).await, ["3 3 1 0 1 2 1 0"]);
        assert_eq!(items(store).await[2], owed("B9", "500112", "completed"));
        holds(store).await;
        // the checker sees each of these, the later ones first
        breaks(
            store,
            "update landings set state = 'owes' where ticket = 'B9'",
            "gates.counted",
            "nothing waits for it",
        )
        .await;
        breaks(
            store,
            "update gate_days set listed = listed + 1, missing = missing + 1",
            "gates.counted",
            "the book does not say",
        )
        .await;
    });
}
