//! After any sequence of what people may do at their desks the books balance, the day signs, and the checker agrees.

use crate::{
    city::DAY,
    engines::{TestStore, runtime},
    floor::{Person, city_command, dispatcher, district, evening, person, signs_and_holds},
};
use dayclear_core::access::Role;
use proptest::prelude::*;

/// One thing that somebody does: what, on which of those there are, in which way.
type Step = (usize, usize, usize);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec((0usize..14, 0usize..40, 0usize..40), 1..30)
}

async fn one(store: &TestStore, ids: &Ids, (what, which, how): Step) {
    let pick = |list: &[String]| list[which % list.len()].clone();
    let (d, p, c): (Person, Person, Person) = (district(), dispatcher(), city_command());
    let post = person("d2", Role::DistrictCommand, "500112", None);
    let who = if how % 2 == 0 { &d } else { &post };
    let beds = pick(&ids.beds);
    let bed = ids.beds[how % ids.beds.len()].clone();
    let (item, transfer, request, order) =
        (pick(&ids.items), pick(&ids.transfers), pick(&ids.requests), pick(&ids.orders));
    let outcome = ["completed", "cancelled"][how % 2];
    let confirmed = ["yes", "no"][how % 2];
    let state = ["free", "blocked", "cleaning"][how % 3];
    let failed = ["no_answer", "refused"][how % 2];
    let (person, name, key, given): (&Person, &str, &str, Vec<(&str, &str)>) = match what {
        0 => (&c, "items.assign", &item, vec![("assignee", "w1")]),
        1 => (who, "items.escalate", &item, vec![("reason", "late")]),
        2 => (who, "items.settle", &item, vec![("outcome", outcome), ("reason", "looked into")]),
        3 | 4 => (&p, "transfers.claim", &transfer, vec![("bed", &bed)]),
        5 => (&p, "transfers.release", &transfer, vec![("reason", "another place")]),
        6 => (&p, "transfers.pick-up", &transfer, vec![]),
        7 => (who, "transfers.admit", &transfer, vec![]),
        8 => (&p, "transfers.fail", &transfer, vec![("step", failed), ("note", "no")]),
        9 => (who, "transfers.discharge", &transfer, vec![]),
        10 => (&p, "beds.set", &beds, vec![("state", state), ("reason", "as it goes")]),
        11 => (who, "requests.answer", &request, vec![("answer", "done"), ("confirmed", confirmed)]),
        12 => (who, "requests.reopen", &request, vec![("reason", "not done")]),
        _ => (who, "orders.end", &order, vec![("reason", "not needed any more")]),
    };
    // refused or done: a word comes of it, and never trouble
    let word = person.tries(store, name, &[key], &given).await;
    assert!(!word.is_empty());
}

struct Ids {
    items: Vec<String>,
    transfers: Vec<String>,
    requests: Vec<String>,
    orders: Vec<String>,
    beds: Vec<String>,
}

async fn play(steps: &[Step]) {
    let store = TestStore::file().await;
    evening(&store).await;
    let ids = Ids {
        items: store
            .texts("select worklist || ':' || subject from items where closed_at is null order by worklist, subject")
            .await,
        transfers: store.texts("select id from transfers order by id").await,
        requests: store.texts("select request from requests order by request").await,
        orders: store.texts("select id from orders order by id").await,
        beds: store.texts("select bed from beds order by bed").await,
    };
    for (n, step) in steps.iter().enumerate() {
        one(&store, &ids, *step).await;
        if n % 9 == 8 {
            let settings = crate::city::settings();
            let now = district().now;
            let (packs, city) = (crate::city::packs(), crate::city::city());
            dayclear_ops::line::pass(&store.store, packs, &settings, "covid-19", &city, now).await.unwrap();
        }
    }
    signs_and_holds(&store, DAY).await;
    store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_day_signs_after_whatever_people_did(steps in steps()) {
        runtime().block_on(play(&steps));
    }
}
