//! Who is who on both stores: people whom other lists know, pairs that may be one, merges that have effect and come apart again
//! without a trace in anything but the log, and what a duty may decide.

use crate::engines::on_both;
use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::TestStore,
    floor::{Person, district, evening, holds, person, signs_and_holds},
};
use dayclear_core::{
    access::Role,
    listing::{Cell, DOORS, LISTED, PAIRS, PEOPLE, Query, ROSTER},
    schema,
};
use dayclear_ops::{
    coverage::{Board, Part},
    desk::DeskError,
    evidence::{How, Rows, take},
    identity::{self, Keys},
    line,
};
use std::collections::BTreeMap;

const HOME: &str = "500103013006";
const LISTED_HEADER: &str =
    "source,list,entry,as_of,given_by,division,name,document,phone,birth_date,sex,address,from,until,role";

fn object(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// An entry of an employer's list: name, document, phone, birth date.
fn entry<'a>(entry: &'a str, who: [&'a str; 4]) -> BTreeMap<String, String> {
    let [name, document, phone, birth] = who;
    object(&[
        ("source", "employer"),
        ("list", "factory-7"),
        ("entry", entry),
        ("as_of", "2022-11-19T18:00:00+08:00"),
        ("given_by", "personnel office"),
        ("division", HOME),
        ("name", name),
        ("document", document),
        ("phone", phone),
        ("birth_date", birth),
    ])
}

async fn gives(who: &Person, store: &TestStore, rows: Vec<BTreeMap<String, String>>) -> Result<(), DeskError> {
    let how = How { keep_doubtful: true, dry_run: false };
    take(&store.store, &who.doing(None), &schema::LISTED, Rows::Json(rows), how).await.map(drop)
}

/// Two rows of the roster who are one: the daughter's row came twice, the second time from another household and with her name in
/// Latin letters.
const TWICE: &str = "P901,H04,LI TIANYU,500403201006220072,,male,2010-06-22,,,,";

/// The evening of the example with a roster on which somebody stands twice.
async fn evening_with_doubles(store: &TestStore) {
    let mut open = plan(DAY);
    open.keep_open = true;
    let files = Files::example().rows("people", TWICE);
    run(&store.store, &files.write(store, "doubles"), &open).await.unwrap();
}

async fn rows_of(store: &TestStore, listing: &'static dayclear_core::listing::Listing, fields: &[&str]) -> Vec<String> {
    let mut tx = store.store.look(&city()).await.unwrap();
    let page = tx.list(listing, &Query { limit: 200, ..Query::default() }).await.unwrap();
    let zone = settings().zone;
    page.rows
        .iter()
        .map(|row| fields.iter().map(|field| row.get(listing, field).text(&zone)).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn lists_know_people_and_whoever_is_on_no_roster_waits_to_be_asked_after() {
    on_both(async |store| {
        evening(store).await;
        let d = district();
        let rows = vec![
            // by document, in Latin letters
            entry("1", ["LI JIANGUO", "50040119770608003X", "", ""]),
            // by name, date and telephone in another form
            entry("2", ["王麗", "", "+86 154 0246 9134", "1979-01-15"]),
            // nobody
            entry("3", ["欧阳修", "", "15499990000", "1961-05-05"]),
            // the name and the date of somebody, and nothing else
            entry("4", ["陈静", "", "", "1988-06-08"]),
        ];
        gives(&d, store, rows.clone()).await.unwrap();
        let told = rows_of(store, &LISTED, &["entry", "linked", "person", "candidates"]).await;
        assert_eq!(told, ["1 same P001 ", "2 same P002 ", "3 nobody  ", "4 ask  P005"]);
        let items = "select subject || ': ' || reason from items where subject like 'listed/%' and closed_at is null order by 1";
        assert_eq!(
            store.texts(items).await,
            [
                "listed/employer/factory-7/3: known to employer factory-7, entry 3, and not on the roster",
                "listed/employer/factory-7/4: known to employer factory-7, entry 4; on the roster may be: P005"
            ]
        );
        // the same again changes nothing; a later row of the entry that knows more ends the item
        gives(&d, store, rows).await.unwrap();
        assert_eq!(store.number("select count(*) from listed").await, 4);
        let mut later = entry("4", ["陈静", "", "15406172835", "1988-06-08"]);
        later.insert("as_of".to_owned(), "2022-11-20T18:00:00+08:00".to_owned());
        gives(&d, store, vec![later]).await.unwrap();
        assert_eq!(store.texts(items).await.len(), 1);
        // a doubtful row stops nothing and is kept aside; a place of another district does not exist here
        let mut foreign = entry("6", ["某人", "", "", "1980-01-01"]);
        foreign.insert("division".to_owned(), "500112016001".to_owned());
        gives(&d, store, vec![entry("5", ["某人", "500401197706080031", "", ""]), foreign]).await.unwrap();
        assert_eq!(store.number("select count(*) from doubts where resolved_at is null").await, 2);
        assert_eq!(store.number("select count(*) from people where person not like 'P%' and registered").await, 0);
        let mut tx = store.store.look(&city()).await.unwrap();
        let row = tx.record(&PEOPLE, "P002").await.unwrap().unwrap();
        assert_eq!(row.get(&PEOPLE, "lists"), &Cell::Text("employer".to_owned()));
        assert_ne!(row.get(&PEOPLE, "listed_at"), &Cell::Empty);
        drop(tx);
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:10")).await.unwrap();
        let figures = rows_of(store, &ROSTER, &["division", "people", "listed", "unlisted", "unknown"]).await;
        let people =
            store.number(&format!("select count(*) from people where registered and division = '{HOME}'")).await;
        assert!(figures.contains(&format!("{HOME} {people} 3 {} 1", people - 3)), "{figures:?}");
        let changed = store.sql("update listed set name = 'x'").await;
        assert!(changed.is_err(), "lists are append-only");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_list_may_come_before_the_roster_that_knows_the_person() {
    on_both(async |store| {
        let mut open = plan(DAY);
        open.keep_open = true;
        let row = format!(
            "school,s1,9,2022-11-19T18:00:00+08:00,registrar,{HOME},李天宇,500403201006220072,,2010-06-22,male,江景苑1栋1单元101室,,,pupil"
        );
        let without = "P003,H01,李天宇,500403201006220072,,male,2010-06-22,,school,P002,present";
        let example = Files::quiet(DAY).without("people", without).with("listed", LISTED_HEADER, &row);
        run(&store.store, &example.write(store, "before"), &open).await.unwrap();
        assert_eq!(rows_of(store, &LISTED, &["linked", "person"]).await, ["nobody "]);
        let after = Files::quiet(DAY).with("listed", LISTED_HEADER, &row);
        run(&store.store, &after.write(store, "after"), &open).await.unwrap();
        assert_eq!(rows_of(store, &LISTED, &["linked", "person"]).await, ["same P003"]);
        let open = "select count(*) from items where subject like 'listed/%' and closed_at is null";
        assert_eq!(store.number(open).await, 0);
        holds(store).await;
    });
}

/// What exports show of everybody: every list of people, doors and pairs, the figures, and where a round stands.
async fn everything(store: &TestStore) -> Vec<String> {
    let now = at(DAY, "23:30");
    let mut all = rows_of(store, &PAIRS, &["id", "division", "person", "other", "linked", "weight", "decided"]).await;
    all.extend(rows_of(store, &PEOPLE, &["person", "name", "household", "merged_into", "lists", "listed_at"]).await);
    all.extend(
        rows_of(store, &ROSTER, &["division", "people", "merged", "listed", "unlisted", "pairs", "unknown"]).await,
    );
    all.extend(rows_of(store, &LISTED, &["id", "linked", "person", "candidates", "why"]).await);
    let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
    let board = Board::load(&mut tx, now).await.unwrap();
    for round in board.rounds().map(|round| round.plan.round.clone()).collect::<Vec<_>>() {
        all.push(format!("{:?}", board.counts(&round, &Part::Division("50"))));
        let query = Query { limit: 200, ..Query::default() }.with(&DOORS, "round", Cell::Text(round));
        let zone = settings().zone;
        for row in tx.list(&DOORS, &query).await.unwrap().rows {
            all.push(row.cells.iter().map(|cell| cell.text(&zone)).collect::<Vec<_>>().join(" "));
        }
    }
    all
}

#[test]
fn a_merge_has_effect_and_a_split_brings_everything_back() {
    on_both(async |store| {
        evening_with_doubles(store).await;
        let pairs = rows_of(store, &PAIRS, &["division", "person", "other", "linked", "decided"]).await;
        assert_eq!(pairs, [format!("{HOME} P901 P003 same ")]);
        let d = district().at(at(DAY, "22:00"));
        gives(&d, store, vec![entry("1", ["李天宇", "500403201006220072", "", ""])]).await.unwrap();
        assert_eq!(rows_of(store, &LISTED, &["linked", "candidates"]).await, ["ask P003 P901"]);
        let given = [
            ("name", "r"),
            ("purpose", "expanded_screening"),
            ("ground", "source_unclear"),
            ("from", "2022-11-20T22:10:00+08:00"),
            ("to", "2022-11-20T23:55:00+08:00"),
            ("divisions", "500103"),
            ("pool_size", "10"),
        ];
        d.does(store, "rounds.plan", &[], &given).await.unwrap();
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "22:20")).await.unwrap();
        let d = d.at(at(DAY, "22:30"));
        // a swab and a word of the second row
        let tube = object(&[
            ("tube", "X1"),
            ("division", HOME),
            ("purpose", "community"),
            ("size", "10"),
            ("collected_at", "2022-11-20T22:15:00+08:00"),
            ("laboratory", "L1"),
        ]);
        let how = How::default();
        take(&store.store, &d.doing(None), &schema::TUBES, Rows::Json(vec![tube]), how).await.unwrap();
        let member = object(&[("tube", "X1"), ("person", "P901")]);
        take(&store.store, &d.doing(None), &schema::MEMBERS, Rows::Json(vec![member]), how).await.unwrap();

        let before = everything(store).await;
        let why = [("into", "P003"), ("reason", "one child, two schools")];
        let worker = person("w1", Role::CommunityWorker, "500103013006", None);
        assert_eq!(worker.tries(store, "people.merge", &["P901"], &why).await, "not yours");
        let foreign = person("d2", Role::DistrictCommand, "500112", None).at(at(DAY, "22:31"));
        assert_eq!(foreign.tries(store, "people.merge", &["P901"], &why).await, "invalid: into");
        assert_eq!(
            d.tries(store, "people.merge", &["P901"], &[("into", "P901"), ("reason", "x")]).await,
            "is the same person"
        );
        assert_eq!(d.tries(store, "people.merge", &["P901"], &why).await, "done");
        assert_eq!(d.tries(store, "people.merge", &["P901"], &why).await, "same");
        let round = [("into", "P901"), ("reason", "x")];
        assert_eq!(d.tries(store, "people.merge", &["P003"], &round).await, "invalid: into");
        let chain = [("into", "P001"), ("reason", "x")];
        assert_eq!(d.tries(store, "people.merge", &["P003"], &chain).await, "is standing for others");
        holds(store).await;

        // one line on the roster and in coverage, with the swab of the other id; the list knows one person
        let now = at(DAY, "23:30");
        let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
        let board = Board::load(&mut tx, now).await.unwrap();
        let id = board.rounds().next().unwrap().plan.round.clone();
        let of = |query: Query, person: &str| query.with(&DOORS, "person", Cell::Text(person.to_owned()));
        let query = || Query { limit: 5, ..Query::default() }.with(&DOORS, "round", Cell::Text(id.clone()));
        assert!(tx.list(&DOORS, &of(query(), "P901")).await.unwrap().rows.is_empty());
        let door = tx.list(&DOORS, &of(query(), "P003")).await.unwrap().rows.remove(0);
        assert_eq!(door.get(&DOORS, "state"), &Cell::Text("waiting".to_owned()));
        let no = store.number("select no from people where person = 'P003'").await;
        assert_eq!(board.cover_of(&id, no).unwrap().name(), "waiting");
        assert_eq!(rows_of(store, &LISTED, &["linked", "person"]).await, ["same P003"]);
        let merged = tx.record(&PEOPLE, "P901").await.unwrap().unwrap();
        assert_eq!(merged.get(&PEOPLE, "merged_into"), &Cell::Text("P003".to_owned()));
        drop(tx);
        let counts = "select cast(sum(people) as bigint) from roster_figures";
        let one_less = store.number(counts).await;

        let reason = [("reason", "two children after all")];
        assert_eq!(foreign.tries(store, "people.split", &["P901"], &reason).await, "unknown");
        assert_eq!(d.tries(store, "people.split", &["P901"], &reason).await, "done");
        assert_eq!(d.tries(store, "people.split", &["P901"], &reason).await, "same");
        assert_eq!(store.number(counts).await, one_less + 1);
        assert_eq!(everything(store).await, before);
        let told = [("other", "P003"), ("reason", "twins")];
        assert_eq!(d.tries(store, "people.distinct", &["P901"], &told).await, "done");
        assert_eq!(rows_of(store, &PAIRS, &["decided"]).await, ["distinct"]);
        assert_eq!(store.number("select count(*) from identity_decisions").await, 3);
        assert!(store.sql("delete from identity_decisions").await.is_err());
        // whoever counts a round with merged people counts as the checker does
        assert_eq!(d.tries(store, "people.merge", &["P901"], &why).await, "done");
        assert_eq!(d.tries(store, "rounds.close", &["R20221120-1"], &[]).await, "done");
        assert!(store.number("select count(*) from round_counts where state = 'waiting'").await > 0);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn every_place_that_is_due_is_counted_in_one_pass_however_many_there_are() {
    on_both(async |store| {
        evening_with_doubles(store).await;
        let counted = "select cast(count(*) as bigint) from roster_figures";
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "22:31")).await.unwrap();
        let figures = rows_of(store, &ROSTER, &["division", "people", "pairs"]).await;
        let before = store.number(counted).await;
        assert!(before > 0 && figures.iter().any(|row| !row.ends_with(" 0")), "{figures:?}");
        // the places of the example, wrong now, and more than are counted in one turn, where nobody lives
        store.sql("update roster_figures set people = 7, pairs = 7").await.unwrap();
        store.sql("insert into roster_due (division) select division from roster_figures").await.unwrap();
        for n in 0..120 {
            store.sql(&format!("insert into roster_due (division) values ('500103999{n:03}')")).await.unwrap();
        }
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:31")).await.unwrap();
        assert_eq!(store.number("select count(*) from roster_due").await, 0);
        assert_eq!(store.number(counted).await, before + 120);
        let known = |row: &String| !row.starts_with("500103999");
        let now: Vec<String> = rows_of(store, &ROSTER, &["division", "people", "pairs"]).await;
        assert_eq!(now.into_iter().filter(known).collect::<Vec<_>>(), figures);
        assert_eq!(
            store
                .number("select cast(sum(people) as bigint) from roster_figures where division like '500103999%'")
                .await,
            0
        );
    });
}

#[test]
fn a_corrected_telephone_is_compared_at_once() {
    on_both(async |store| {
        evening(store).await;
        let d = district();
        gives(&d, store, vec![entry("1", ["陈静", "", "15900001111", "1988-06-08"])]).await.unwrap();
        assert_eq!(rows_of(store, &LISTED, &["linked"]).await, ["ask"]);
        let people = dayclear_core::listing::Listing::named("people").unwrap();
        let changes = object(&[("phone", "159-0000-1111")]);
        dayclear_ops::desk::edit(&store.store, &d.doing(None), people, "P005", None, &changes).await.unwrap();
        assert_eq!(rows_of(store, &LISTED, &["linked", "person"]).await, ["same P005"]);
        holds(store).await;
    });
}

#[test]
fn keys_of_a_first_roster_are_made_in_one_go_and_nothing_is_lost_meanwhile() {
    on_both(async |store| {
        let mut open = plan(DAY);
        open.keep_open = true;
        // 260 more in one household, of whom none is like another
        let mut files = Files::example().rows("people", TWICE);
        for n in 0..260 {
            files = files.rows("people", &format!("Q{n:03},H04,甲{n},,139000{n:05},male,1990-01-01,,,,"));
        }
        run(&store.store, &files.write(store, "many"), &open).await.unwrap();
        let d = district();
        gives(&d, store, vec![entry("1", ["陈静", "", "15900001111", "1988-06-08"])]).await.unwrap();
        let before = everything(store).await;
        assert!(before.iter().any(|row| row.contains("P901")), "{before:?}");
        // as after a load of files: nobody has a key, and no two are a pair
        for sql in ["delete from pairs", "update identity_progress set keyed = 0, paired = 0"] {
            store.sql(sql).await.unwrap();
        }
        let (packs, settings) = (packs(), settings());
        let pack = packs.named("covid-19-cn-twenty").unwrap();
        let day = dayclear_ops::minutes::Day::whole(DAY.parse().unwrap(), pack, &settings);
        let scope = city();
        let step = async || identity::step(&store.store, &scope, &day, &mut |_, _| {}, Keys::InOneGo(1)).await;
        for _ in 0..20 {
            assert!(!step().await.unwrap());
        }
        assert!(!store.store.look(&city()).await.unwrap().identities_indexed().await.unwrap());
        // somebody is changed whose key is there, and somebody whose is not: both are looked at when the keys are indexed
        let people = dayclear_core::listing::Listing::named("people").unwrap();
        for (who, phone) in [("P005", "159-0000-1111"), ("Q250", "139-1111-2222")] {
            let changes = object(&[("phone", phone)]);
            dayclear_ops::desk::edit(&store.store, &d.doing(None), people, who, None, &changes).await.unwrap();
        }
        assert_eq!(rows_of(store, &LISTED, &["linked"]).await, ["ask"]);
        while !step().await.unwrap() {}
        assert_eq!(rows_of(store, &LISTED, &["linked", "person"]).await, ["same P005"]);
        let pairs = |rows: &[String]| rows.iter().filter(|row| row.contains("P901")).cloned().collect::<Vec<_>>();
        assert_eq!(pairs(&before), pairs(&everything(store).await));
        holds(store).await;
    });
}
