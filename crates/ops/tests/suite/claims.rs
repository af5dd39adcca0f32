//! Many who want one bed, on both stores, at once: exactly one has it, everybody else is told who. And ten thousand items
//! in one command.

use crate::{
    city::{DAY, at, city, day_of},
    engines::{TestStore, on_both},
    floor::{district, evening, holds, person},
};
use dayclear_core::{
    access::Role,
    books::{Owner, Party, Worklist},
};
use dayclear_ops::desk::{DeskError, Refusal};
use dayclear_store::books::Entry;

/// Transfers that wait, all of contacts of one district.
async fn waiting(store: &TestStore) -> Vec<String> {
    let waits =
        "select id from transfers where class = 'contact' and state = 'booked' and id not like '%-with-%' order by id";
    store.texts(waits).await
}

#[test]
fn of_many_who_want_one_bed_one_has_it_and_the_others_learn_who() {
    // `cargo xtask soak --rounds` asks for more
    let rounds = std::env::var("DAYCLEAR_CLAIM_ROUNDS").ok().map_or(120, |rounds| rounds.parse().unwrap());
    on_both(async |store| {
        evening(store).await;
        let transfers = waiting(store).await;
        assert!(transfers.len() >= 4, "{transfers:?}");
        let beds = store
            .texts(
                "select b.bed from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
                where s.bed is null and b.facility in ('IS1', 'IS2') and coalesce(b.state, 'free') = 'free'
                  and coalesce(b.rule, 'any') = 'any' order by b.bed",
            )
            .await;
        assert!(beds.len() >= 2, "{beds:?}");
        let who: Vec<_> = (0..64).map(|n| person(&format!("p{n}"), Role::Dispatcher, "50", None)).collect();
        for round in 0..rounds {
            // from a pair to a crowd
            let claimants = [2, 2, 3, 4, 8, 16][round % 6].max(if round % 40 == 39 { 64 } else { 0 });
            let bed = beds[round % 2].as_str();
            let given = [("bed", bed)];
            let tries = (0..claimants).map(|n| {
                let (who, transfer) = (&who[n], transfers[n % transfers.len()].as_str());
                let given = &given;
                async move { (n, who.does(store, "transfers.claim", &[transfer], given).await) }
            });
            let outcomes = futures(tries.collect()).await;
            let mut winners = Vec::new();
            for (n, outcome) in &outcomes {
                match outcome {
                    Ok(report) if report.counts().done == 1 => winners.push(*n),
                    // the same transfer was claimed for by somebody else of the crowd
                    Ok(_) => {}
                    Err(DeskError::Refused(Refusal::Taken { holder, .. })) => {
                        assert!(holder.starts_with('p'), "round {round}: {holder}");
                    }
                    Err(other) => panic!("round {round}: {other}"),
                }
            }
            let doubles = "select count(*) from (select bed from bed_stays where released_at is null
                group by bed having count(*) > 1) x";
            assert_eq!(store.number(doubles).await, 0, "round {round}");
            assert_eq!(winners.len(), 1, "round {round} of {claimants}");
            let holder = format!("select transfer from bed_stays where released_at is null and bed = '{bed}'");
            let holder = store.texts(&holder).await;
            assert_eq!(holder, [transfers[winners[0] % transfers.len()].clone()], "round {round}");
            let reason = [("reason", "next round")];
            let back = who[0].tries(store, "transfers.release", &[&holder[0]], &reason).await;
            assert_eq!(back, "done", "round {round}");
        }
        holds(store).await;
    });
}

/// Runs all of them at once.
pub async fn futures<T>(all: Vec<impl Future<Output = T>>) -> Vec<T> {
    use std::{pin::Pin, task::Poll};
    let mut waiting: Vec<(usize, Pin<Box<_>>)> = all.into_iter().map(Box::pin).enumerate().collect();
    let mut done: Vec<(usize, T)> = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|(n, future)| match future.as_mut().poll(context) {
            Poll::Ready(value) => {
                done.push((*n, value));
                false
            }
            Poll::Pending => true,
        });
        if waiting.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, value)| value).collect()
}

#[test]
fn ten_thousand_items_in_one_command() {
    const ITEMS: usize = 10_000;
    on_both(async |store| {
        evening(store).await;
        let mut tx = store.store.turn(&city()).await.unwrap();
        let entries: Vec<Entry> = (0..ITEMS)
            .map(|n| Entry {
                worklist: Worklist::Clarify,
                subject: format!("person/X{n:05}"),
                division: "500103013006".parse().unwrap(),
                owner: Owner { party: Party::Division, name: "500103".to_owned() },
                opened_at: at(DAY, "12:00"),
                due_at: Some(at(DAY, "22:00")),
                closed: None,
                reason: "who is it".to_owned(),
            })
            .collect();
        tx.post(day_of(DAY), &entries).await.unwrap();
        tx.commit().await.unwrap();
        let keys: Vec<String> = (0..ITEMS).map(|n| format!("clarify:person/X{n:05}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let settle: &[(&str, &str)] = &[("outcome", "completed"), ("reason", "found")];
        for (name, given) in [
            ("items.assign", &[("assignee", "w1")][..]),
            ("items.escalate", &[("reason", "too many")]),
            ("items.settle", settle),
        ] {
            let report = district().under(store, Some(name), name, &keys, given).await.unwrap();
            let counts = report.counts();
            assert_eq!((counts.asked, counts.done), (ITEMS, ITEMS));
        }
        assert_eq!(
            store.number("select count(*) from items where outcome = 'completed' and reason = 'settled by d1'").await,
            10_000
        );
        crate::floor::signs_and_holds(store, DAY).await;
    });
}
