//! Who is in care from bulletin to bulletin: `stock(t) = stock(t-1) + new - recovered - died +- reclassified`, by name, on both stores.

use crate::{
    city::{DAY, Files, at, packs, plan, run, settings, told},
    engines::{TestStore, on_both},
    floor::{breaks, city_command, evening, holds, signs_and_holds},
};
use dayclear_core::{
    bulletin::{Bulletin, StockFlow},
    cases::Classification,
};
use dayclear_ops::line;

async fn closes(store: &TestStore, date: &str, files: Files) -> Bulletin {
    let folder = files.write(store, date);
    let report = run(&store.store, &folder, &plan(date)).await.unwrap();
    told(&store.store, &folder, report).await.bulletin.unwrap()
}

/// Before, new, into, out of, recovered, died, other = open.
fn line(bulletin: &Bulletin, class: Classification) -> ([i64; 7], u64) {
    let line = bulletin.stock.iter().find(|line| line.class == class).unwrap();
    let StockFlow { before, new, into, out_of, recovered, died, other } = line.flow.unwrap();
    let signed = |n: u64| i64::try_from(n).unwrap();
    assert_eq!(line.flow.unwrap().expected(), signed(line.open), "{bulletin:?}");
    ([signed(before), signed(new), signed(into), signed(out_of), signed(recovered), signed(died), other], line.open)
}

#[test]
fn each_day_follows_from_the_one_before_by_what_became_of_each_case() {
    on_both(async |store| {
        let first = closes(store, DAY, Files::example()).await;
        assert_eq!(line(&first, Classification::Confirmed), ([0, 1, 0, 0, 0, 0, 0], 1));
        assert_eq!(line(&first, Classification::Asymptomatic), ([0, 2, 0, 0, 0, 0, 0], 2));
        let waits = line(&first, Classification::Awaiting).1;
        assert_eq!(first.in_care, Some(3 + waits));
        // one falls ill, who was counted as asymptomatic; one recovers; one who waited is found to be ill, and dies that day
        let next = Files::quiet("2022-11-21")
            .add("assessments", "P001,2022-11-21T10:00:00+08:00,mild,2022-11-21,")
            .add("assessments", "P006,2022-11-21T11:00:00+08:00,mild,2022-11-19,recovered")
            .add("assessments", "P055,2022-11-21T10:00:00+08:00,critical,2022-11-19,")
            .add("assessments", "P055,2022-11-21T12:00:00+08:00,critical,,died");
        let second = closes(store, "2022-11-21", next).await;
        let lines = Classification::ALL[..3].iter().map(|class| line(&second, *class).0).collect::<Vec<_>>();
        let sum = |at: usize| lines.iter().map(|line| line[at]).sum::<i64>();
        assert_eq!((second.recovered, second.died), (Some(1), Some(1)));
        assert_eq!((sum(4), sum(5), sum(6)), (1, 1, 0), "{lines:?}");
        assert_eq!(sum(2), sum(3), "whoever becomes one thing was another: {lines:?}");
        assert_eq!(second.wrong(), None);
        // converted: out of the asymptomatic into the confirmed, once, and no new infection
        assert_eq!((second.confirmed, second.asymptomatic, second.converted), (Some(2), Some(0), Some(1)));
        assert_eq!(line(&second, Classification::Asymptomatic).0[3], 1);
        // a day on which nothing happens
        let third = closes(store, "2022-11-22", Files::quiet("2022-11-22")).await;
        for class in &Classification::ALL[..3] {
            let (flow, open) = line(&third, *class);
            assert_eq!((flow[1..].iter().sum::<i64>(), flow[0]), (0, i64::try_from(open).unwrap()), "{class}");
        }
        assert_eq!(third.converted, Some(0));
        holds(store).await;
        let harm = "update in_care set until_day = '2022-11-22', went = 'recovered' where until_day is null
             and case_id = (select min(case_id) from in_care where until_day is null)";
        breaks(store, harm, "in_care.balances", "went in another way than the case says").await;
    });
}

#[test]
fn a_case_that_ends_between_the_signature_and_midnight_is_told_of_on_the_next_day() {
    on_both(async |store| {
        evening(store).await;
        signs_and_holds(store, DAY).await;
        // the books of the 21st have begun; the word of the clinician is of the evening of the 20th
        let late =
            Files::quiet("2022-11-21").add("assessments", "P006,2022-11-20T23:59:30+08:00,mild,2022-11-19,recovered");
        let second = closes(store, "2022-11-21", late).await;
        assert_eq!(store.texts("select cast(closed_on as text) from cases where person = 'P006'").await, [DAY]);
        assert_eq!(second.recovered, Some(1), "{:?}", second.stock);
        assert_eq!(second.wrong(), None);
        holds(store).await;
    });
}

#[test]
fn two_cases_of_one_person_leave_the_stock_and_come_back_by_name() {
    on_both(async |store| {
        evening(store).await;
        signs_and_holds(store, DAY).await;
        let next = |clock| at("2022-11-21", clock);
        let goes = async |clock| {
            line::pass(&store.store, packs(), &settings(), "covid-19", &crate::city::city(), next(clock))
                .await
                .unwrap();
        };
        goes("08:00").await;
        crate::merges::merges(&crate::floor::district().at(next("08:05")), store, "P006", "P001").await;
        goes("08:06").await;
        let told = async |day: &str| {
            let mut tx = store.store.look(&crate::city::city()).await.unwrap();
            tx.bulletin(crate::city::day_of(day)).await.unwrap().unwrap()
        };
        let signs = async |day: &str, clock: &str| {
            let signed = city_command().at(at(day, clock)).tries(store, "days.sign", &[day], &[]).await;
            assert_eq!(signed, "done");
        };
        signs("2022-11-21", "20:00").await;
        let second = told("2022-11-21").await;
        let others: i64 = Classification::ALL[..3].iter().map(|class| line(&second, *class).0[6]).sum();
        assert_eq!((others, second.wrong()), (-1, None), "{:?}", second.stock);
        holds(store).await;
        crate::merges::splits(&crate::floor::district().at(next("20:10")), store, "P006").await;
        goes("20:11").await;
        holds(store).await;
        signs("2022-11-22", "20:00").await;
        let third = told("2022-11-22").await;
        let others: i64 = Classification::ALL[..3].iter().map(|class| line(&third, *class).0[6]).sum();
        assert_eq!((others, third.wrong()), (1, None), "{:?}", third.stock);
        holds(store).await;
    });
}
