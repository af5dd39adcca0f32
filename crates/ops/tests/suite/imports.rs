//! Files brought through the server: a part at a time, each asking the store for what it names. Whatever the size of the
//! parts, the counts are those of the whole file, also of a trial that leaves nothing behind.

use crate::{
    city::{DAY, Files, at, close, packs, settings},
    engines::{TestStore, on_both},
};
use dayclear_core::{
    evidence::Evidence,
    schema::Table,
    time::{CivilDate, Zone},
};
use dayclear_ops::{
    OpsError,
    day::pack_for,
    imports::{self, How, Keep, Opening},
    minutes::Day,
};
use dayclear_store::{Scope, landing::Tally};
use dayclear_tabular::{Options, Reader};
use std::{io::Cursor, sync::Arc};

/// Rows of a table as somebody brings them in the evening.
pub async fn bring(
    store: &TestStore,
    scope: &Scope,
    table: &'static Table,
    text: &str,
    list: &str,
    keep: Keep,
) -> Tally {
    let settings = settings();
    let date: CivilDate = DAY.parse().unwrap();
    let pack = pack_for(packs(), "covid-19", date).unwrap();
    let day = Day::at(date, None, at(DAY, "23:00"), pack, &settings);
    let digest = format!("{:064x}", text.len());
    let how = How {
        day: &day,
        source: "rows.csv",
        digest: &digest,
        list,
        bytes: text.len() as u64,
        account: "d1",
        keep,
        once: None,
    };
    let text = text.to_owned();
    let open: Opening = Arc::new(move || {
        let options = Options::new(Zone::named("Asia/Shanghai").unwrap());
        Reader::new("rows.csv", Cursor::new(text.clone().into_bytes()), table, &options)
            .map_err(|error| OpsError::Table(Box::new(error)))
    });
    imports::bring(&store.store, scope, &how, table, open, &|_| String::new(), &mut |_, _| {}).await.unwrap().tally
}

fn table(name: &str) -> &'static Table {
    Evidence::named(name).unwrap().table
}

#[test]
fn what_an_event_says_was_read_has_its_counts() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let city = Scope::of("50".parse().unwrap());
        let row = |id: &str, seats: u8| format!("vehicle,division,seats,lon,lat\n{id},500103,{seats},106.5,29.5\n");
        let one = row("V7", 4);
        for (id, keep) in [("V7", Keep::Together), ("V77", Keep::AllOrNone), ("V777", Keep::Parts)] {
            bring(store, &city, table("vehicles"), &row(id, 4), "", keep).await;
        }
        // the same again after something else
        bring(store, &city, table("vehicles"), &row("V7", 12), "", Keep::Together).await;
        let again = bring(store, &city, table("vehicles"), &one, "", Keep::Together).await;
        assert_eq!(again.updated, 1);
        let told = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
        let counted = told.iter().find(|finding| finding.check == "intake.counted").unwrap();
        assert!(counted.holds, "{counted:?}");
        let orphans = "select count(*) from events e where kind = 'file.read'
            and not exists (select 1 from intake i where i.day = e.day and i.source = e.subject)";
        assert_eq!(store.number(orphans).await, 0);
        assert_eq!(store.number("select count(*) from intake where source like 'rows.csv%'").await, 5);
    });
}

#[test]
fn the_counts_of_parts_are_those_of_the_file_and_a_trial_says_the_same() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let city = Scope::of("50".parse().unwrap());
        // people over two parts: one twice and alike, one twice and otherwise, and one of an unknown household
        let mut text = "person,household,sex\n".to_owned();
        (0..6_000).for_each(|n| text.push_str(&format!("N{n:04},H{:02},female\n", 1 + n % 20)));
        text.push_str("N0001,H02,female\nN0002,H03,male\nN9999,H999,male\n");
        let expected = Tally { read: 6_003, created: 6_000, updated: 1, same: 1, doubtful: 1, rejected: 0 };
        // what a trial took is not there, so it cannot say that a second word on it would be taken: that is for a person
        let trial = Tally { updated: 0, doubtful: 2, ..expected };
        assert_eq!(bring(store, &city, table("people"), &text, "", Keep::Nothing).await, trial);
        assert_eq!(store.number("select count(*) from people where person like 'N%'").await, 0);
        assert_eq!(bring(store, &city, table("people"), &text, "", Keep::Parts).await, expected);
        assert_eq!(
            store.number("select count(*) from people where person like 'N%' and division like '50%'").await,
            6_000
        );
        assert_eq!(
            store.number("select count(distinct no) from people").await,
            store.number("select count(*) from people").await
        );

        let mut list = "case_id,date_onset\n".to_owned();
        (0..5_500).for_each(|n| list.push_str(&format!("C{n},2022-11-{:02}\n", 1 + n % 28)));
        list.push_str("C1,2022-11-02\n");
        let expected = Tally { read: 5_501, created: 5_500, updated: 0, same: 1, doubtful: 0, rejected: 0 };
        for keep in [Keep::Nothing, Keep::Together] {
            assert_eq!(bring(store, &city, table("linelist"), &list, "a", keep).await, expected, "{keep:?}");
        }
        // another list has its own keys
        assert_eq!(bring(store, &city, table("linelist"), &list, "b", Keep::Parts).await, expected);
        let again = Tally { created: 0, same: 5_501, ..expected };
        assert_eq!(bring(store, &city, table("linelist"), &list, "a", Keep::Nothing).await, again);
    });
}

#[test]
fn what_lies_elsewhere_is_neither_named_nor_changed() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let district = Scope::of("500112".parse().unwrap());
        // H01 and P001 are of another district
        let text = "person,household,sex\nN1,H28,male\nN2,H01,male\nP001,H28,male\n";
        let tally = bring(store, &district, table("people"), text, "", Keep::Together).await;
        assert_eq!((tally.created, tally.doubtful), (1, 2));
        let home = "select household from people where person = 'P001'";
        assert_eq!(store.texts(home).await, ["H01"]);
        // the same subject by which the desk ends it, though a district gave the file
        let item = "select substr(subject, 19) || ' ' || division from items where subject like 'file/%rows.csv%'";
        assert_eq!(store.texts(item).await, ["rows.csv/500112 500112"]);
        let kept = "select division || ' ' || account || ' ' || \"column\" from doubts order by row";
        assert_eq!(store.texts(kept).await, ["500112 d1 household", "500112016001 d1 person"]);
    });
}
