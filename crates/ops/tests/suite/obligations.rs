//! What the four parties owe on both stores: a directive of the city until evidence ends it, and the report of each district, signed once,
//! corrected by another edition, rolled up with what is missing by name.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{Person, breaks, city_command, district, evening, holds, person},
};
use dayclear_core::{access::Role, books::Worklist};
use dayclear_ops::{line, reports};

const NEXT: &str = "2022-11-21";

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

async fn obligations(store: &TestStore, kind: &str) -> Vec<String> {
    let sql = format!(
        "select u.id || ' ' || u.owner || ' ' || u.state || ' ' || coalesce(i.outcome, 'open')
         from obligations u join items i on i.worklist = 'fulfil' and i.subject = u.id where u.kind = '{kind}' order by u.id"
    );
    store.texts(&sql).await
}

fn northern() -> Person {
    person("d2", Role::DistrictCommand, "500112", None)
}

const WORDS: [(&str, &str); 3] =
    [("situation", "two found"), ("done", "contacts listed"), ("next_steps", "test the building")];

#[test]
fn a_directive_is_owed_until_the_city_has_looked_at_evidence() {
    on_both(async |store| {
        evening(store).await;
        let city = city_command();
        let asked = [("districts", "500103; 500112"), ("asked", "open two more lanes"), ("proof", "photo of the sign")];
        for (given, wrong) in [
            ([("districts", "500999"), asked[1]], "invalid: districts"),
            ([("districts", " ; "), asked[1]], "invalid: districts"),
            ([asked[0], ("asked", "  ")], "invalid: asked"),
        ] {
            assert_eq!(city.tries(store, "obligations.direct", &[], &given).await, wrong);
        }
        let past = [asked[0], asked[1], ("until", "2022-11-20T22:00:00+08:00")];
        assert_eq!(city.tries(store, "obligations.direct", &[], &past).await, "invalid: until");
        let nobody = [asked[0], asked[1], ("party", "department")];
        assert_eq!(city.tries(store, "obligations.direct", &[], &nobody).await, "invalid: owner");
        assert_eq!(district().tries(store, "obligations.direct", &[], &asked).await, "not yours");
        let made = city.tries(store, "obligations.direct", &[], &asked).await;
        let number = made.strip_prefix("made ").unwrap();
        let (mine, other) = (format!("{number}-500103"), format!("{number}-500112"));
        let open = [format!("{mine} 500103 open open"), format!("{other} 500112 open open")];
        assert_eq!(obligations(store, "directive").await, open);

        let shown = [("shown", "lanes 4 and 5 are open; photo 12")];
        assert_eq!(
            district().tries(store, "obligations.show", &[&other], &shown).await,
            "unknown",
            "another district's"
        );
        assert_eq!(city.tries(store, "obligations.end", &[&mine], &[]).await, "is without evidence");
        assert_eq!(district().tries(store, "obligations.show", &[&mine], &[("shown", " ")]).await, "invalid: shown");
        assert_eq!(district().tries(store, "obligations.show", &[&mine], &shown).await, "done");
        assert_eq!(district().tries(store, "obligations.end", &[&mine], &[]).await, "not yours");
        // who showed it never ends it, whatever duty they hold by then
        let same = person("d1", Role::CityCommand, "50", None);
        assert_eq!(same.tries(store, "obligations.end", &[&mine], &[]).await, "is shown by yourself");
        assert_eq!(
            city.tries(store, "obligations.return", &[&mine], &[("reason", "the photo is of March")]).await,
            "done"
        );
        assert_eq!(obligations(store, "directive").await, open, "owed as before");
        assert_eq!(district().tries(store, "obligations.show", &[&mine], &shown).await, "done");
        assert_eq!(city.tries(store, "obligations.end", &[&mine], &[]).await, "done");
        assert_eq!(city.tries(store, "obligations.end", &[&mine], &[]).await, "is done");
        assert_eq!(city.tries(store, "obligations.drop", &[&other], &[("reason", "lanes are enough")]).await, "done");
        let ended = [format!("{mine} 500103 done completed"), format!("{other} 500112 dropped cancelled")];
        assert_eq!(obligations(store, "directive").await, ended);
        let steps = format!("select step from obligation_steps where obligation = '{mine}' order by no");
        assert_eq!(store.texts(&steps).await, ["given", "shown", "returned", "shown", "ended"]);
        assert!(store.sql("update obligation_steps set words = 'x'").await.is_err());
        assert!(store.sql("delete from obligations").await.is_err());
        holds(store).await;
    });
}

#[test]
fn what_is_late_is_passed_up_and_stays_owed() {
    on_both(async |store| {
        evening(store).await;
        let asked = [("districts", "500103"), ("asked", "count the beds"), ("until", "2022-11-20T23:30:00+08:00")];
        city_command().tries(store, "obligations.direct", &[], &asked).await;
        pass(store, DAY, "23:20").await;
        let passed = "select count(*) from items i join obligations u on u.id = i.subject where u.kind = 'directive' and i.escalated_at is not null";
        assert_eq!(store.number(passed).await, 0);
        pass(store, DAY, "23:31").await;
        assert_eq!(store.number(passed).await, 1);
        holds(store).await;
    });
}

#[test]
fn a_report_is_signed_once_with_the_figures_of_the_books_and_corrected_by_another_edition() {
    on_both(async |store| {
        evening(store).await;
        pass(store, DAY, "23:05").await;
        let owed = ["report-500103-2022-11-20 500103 open open", "report-500112-2022-11-20 500112 open open"];
        assert_eq!(obligations(store, "report").await, owed);
        let (d, late) = (district().at(at(DAY, "23:10")), northern().at(at(NEXT, "10:00")));
        assert_eq!(
            d.tries(store, "reports.sign", &[], &[WORDS[0], WORDS[1], ("next_steps", " ")]).await,
            "invalid: next_steps"
        );
        let future = [WORDS[0], WORDS[1], WORDS[2], ("day", "2022-12-24")];
        assert_eq!(d.tries(store, "reports.sign", &[], &future).await, "invalid: day");
        assert_eq!(d.tries(store, "reports.sign", &[], &WORDS).await, "made 500103-2022-11-20-1");
        assert_eq!(d.tries(store, "reports.sign", &[], &WORDS).await, "is signed");
        assert_eq!(obligations(store, "report").await[0], "report-500103-2022-11-20 500103 done completed");
        // an open obligation for evidence is none for a report: its evidence is the report
        let shown = [("shown", "I said it on the telephone")];
        assert_eq!(
            northern().tries(store, "obligations.show", &["report-500112-2022-11-20"], &shown).await,
            "is ended by the fact itself"
        );

        // figures are those of the books, each with its rows
        let mut tx = store.store.look(&city()).await.unwrap();
        let signed = tx.reports_of(DAY.parse().unwrap()).await.unwrap();
        let told = reports::figures_of(&signed[0]);
        let of = |what: &str, list| told.iter().find(|f| f.what == what && f.worklist == list).map_or(0, |f| f.count);
        drop(tx);
        let cases = "select count(*) from cases where substr(division, 1, 6) = '500103'";
        assert_eq!(of("cases", None), store.number(cases).await);
        let moved = "select coalesce(sum(n), 0) from movements where worklist = 'recall' and movement = 'completed' and division = '500103'";
        assert_eq!(
            of("completed", Some(Worklist::Recall)),
            store.number(&moved.replace("sum(n)", "cast(sum(n) as bigint)")).await
        );
        assert!(of("completed", Some(Worklist::Recall)) > 0 && told.iter().all(|figure| !figure.source.is_empty()));

        // corrected by another edition; the first stays as it was signed
        let id = "500103-2022-11-20-1";
        let corrected = [WORDS[0], WORDS[1], WORDS[2], ("correction", "three were found, not two")];
        assert_eq!(northern().tries(store, "reports.correct", &[id], &corrected).await, "unknown");
        assert_eq!(d.tries(store, "reports.correct", &[id], &corrected).await, "done");
        assert_eq!(d.tries(store, "reports.correct", &[id], &corrected).await, "is corrected already");
        assert!(store.sql("update district_reports set done = 'x'").await.is_err());

        // the roll-up: what is missing is missing by name, and in no sum
        let mut tx = store.store.look(&city()).await.unwrap();
        let rolled = reports::rolled(&mut tx, DAY.parse().unwrap()).await.unwrap();
        drop(tx);
        assert_eq!(rolled.missing.iter().map(ToString::to_string).collect::<Vec<_>>(), ["500112"]);
        assert_eq!(rolled.signed.len(), 1, "the latest edition of each");
        assert_eq!(rolled.sums[&("cases".to_owned(), None)], of("cases", None));
        assert_eq!(city_command().at(at(DAY, "23:59")).tries(store, "days.sign", &[DAY], &[]).await, "done");
        holds(store).await;

        // the next day the other district is late: it is red until it signs, and the figures are those of the closed day
        pass(store, NEXT, "09:00").await;
        let passed = "select count(*) from items where worklist = 'fulfil' and subject = 'report-500112-2022-11-20' and escalated_at is not null";
        assert_eq!(store.number(passed).await, 1);
        let words = [WORDS[0], WORDS[1], WORDS[2], ("day", DAY)];
        assert_eq!(late.tries(store, "reports.sign", &[], &words).await, "made 500112-2022-11-20-1");
        let mut tx = store.store.look(&city()).await.unwrap();
        let signed = tx.reports_of(DAY.parse().unwrap()).await.unwrap();
        drop(tx);
        let figures = reports::figures_of(&signed[1]);
        assert!(figures.iter().any(|figure| figure.source.starts_with("ledger 2022-11-20 ")), "{figures:?}");
        let owed = obligations(store, "report").await;
        assert_eq!(owed.len(), 4, "each district owes the next day too: {owed:?}");
        assert_eq!(city_command().tries(store, "reports.sign", &[], &WORDS).await, "not yours");
        holds(store).await;
        // the checker sees each of these, the later ones first
        breaks(
            store,
            "update obligations set steps = steps + 1 where kind = 'report' and ended_at is null",
            "obligations.kept",
            "its steps do not say how it stands",
        )
        .await;
        breaks(
            store,
            "update items set owner = 'nobody' where worklist = 'fulfil' and closed_at is null",
            "obligations.kept",
            "nothing waits for it in the books",
        )
        .await;
    });
}
