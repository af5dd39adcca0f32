//! What reaches people who stay at home, on both stores: how long a stock lasts, and a call to those of whom nobody hears.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{KEYS, Person, city_command, district, evening, holds, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    listing::{Cell, PARCELS, Query, SUPPLIES},
    schema::{self, GOODS},
    welfare::Supply,
};
use dayclear_ops::{
    bearer,
    imports::Keep,
    larder::{self, Answer, Wish},
    line,
    public::Counter,
};

const CATALOGUE: &str = "good,division,item,need,en,zh_hans,zh_hant,day_max,usual,above_percent
RICE,50,food_parcel,,Rice 5 kg,大米5公斤,大米5公斤,2,20,10
MILK,50,infant_parcel,infant,Infant milk powder,婴儿奶粉,嬰兒奶粉,1,,
WATER,50,water,,Water 5 l,饮用水5升,飲用水5升,3,4,
FAR,500112,water,,Water of the north,北区水,北區水,3,,
";

/// Households of the district that are bound in the evening and have not had their food.
async fn hungry(store: &TestStore) -> Vec<String> {
    let sql =
        "select household from parcels where item = 'food_parcel' and delivered_at is null and division like '500103%'
        and depot is not null order by household";
    store.texts(sql).await
}

fn hotline() -> Person {
    person("h1", Role::Hotline, "50", None)
}

async fn asks(store: &TestStore, who: &Person, household: &str, good: &str, units: &str) -> String {
    who.tries(store, "goods.ask", &[good], &[("household", household), ("units", units), ("way", "phone")]).await
}

/// What is promised of each stock is what went of it, and what parcels carry.
async fn stocks_agree(store: &TestStore) {
    let sql = "select s.key from supplies s where s.promised <> coalesce((select sum(l.units) from parcels l
        where l.depot = s.depot and l.item = s.item), 0)
        or s.promised <> coalesce((select sum(u.units) from supply_burn u where u.key = s.key), 0)";
    assert_eq!(store.texts(sql).await, Vec::<String>::new());
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

async fn signs(store: &TestStore, date: &str) {
    let word = city_command().at(at(date, "23:59")).tries(store, "days.sign", &[date], &[]).await;
    assert_eq!(word, "done", "{date}");
}

#[test]
fn a_household_of_which_nobody_hears_for_two_days_is_called() {
    on_both(async |store| {
        evening(store).await;
        let calls = "select subject from items where worklist = 'ask' and closed_at is null order by subject";
        assert_eq!(store.texts(calls).await, Vec::<String>::new(), "nobody has been bound for two days");
        signs(store, DAY).await;
        pass(store, "2022-11-21", "09:00").await;
        assert_eq!(store.texts(calls).await, Vec::<String>::new(), "one day is no silence");
        signs(store, "2022-11-21").await;
        pass(store, "2022-11-22", "09:00").await;
        let called = store.texts(calls).await;
        assert!(!called.is_empty());
        let heard = store.texts("select distinct household from requests where household is not null").await;
        assert!(
            heard.iter().all(|asked| !called.iter().any(|call| call.ends_with(asked.as_str()))),
            "{heard:?} {called:?}"
        );
        // everybody who is bound for two days and did not ask, and nobody else: all have had their parcels
        let free = called.iter().map(|call| call.split('/').nth(1).unwrap());
        for household in free {
            let owed = format!(
                "select count(*) from parcels where household = '{household}' and cast(day as text) like '2022-11-22%'"
            );
            assert!(store.number(&owed).await > 0, "{household} is bound no more");
        }
        // looked at again, nobody is called twice
        pass(store, "2022-11-22", "10:00").await;
        assert_eq!(store.texts(calls).await, called);
        // somebody calls, and says what came of it
        let division =
            store.texts("select division from items where worklist = 'ask' order by subject").await.remove(0);
        let worker = person("w1", Role::CommunityWorker, &division, None).at(at("2022-11-22", "11:00"));
        let key = format!("ask:{}", called[0]);
        let told = [("outcome", "completed"), ("reason", "milk powder runs out on Friday")];
        assert_eq!(worker.tries(store, "items.settle", &[&key], &told).await, "done");
        signs(store, "2022-11-22").await;
        pass(store, "2022-11-23", "09:00").await;
        // who was spoken to yesterday is left in peace
        let household = called[0].split('/').nth(1).unwrap();
        assert!(!store.texts(calls).await.iter().any(|call| call.ends_with(household)));
        holds(store).await;
    });
}

#[test]
fn a_stock_tells_for_how_many_days_it_lasts() {
    on_both(async |store| {
        evening(store).await;
        let burnt = "select count(*) from supplies s where s.promised <> coalesce((select sum(u.units) from supply_burn u where u.key = s.key), 0)";
        assert_eq!(store.number(burnt).await, 0);
        let mut tx = store.store.look(&city()).await.unwrap();
        let page = tx.list(&SUPPLIES, &Query::default()).await.unwrap();
        let mut used = 0;
        for row in &page.rows {
            let number = |name: &str| match row.get(&SUPPLIES, name) {
                Cell::Whole(number) => *number as f64,
                Cell::Real(number) => *number,
                _ => f64::NAN,
            };
            assert_eq!(number("left"), number("quantity") - number("promised"));
            let (pace, cover, state) = (number("a_day"), number("cover_days"), row.get(&SUPPLIES, "state").as_str());
            if pace.is_nan() {
                assert!(cover.is_nan() && state == Some("enough"), "what nobody asks for lasts");
                continue;
            }
            used += 1;
            assert!((cover - number("left") / pace).abs() < 1e-9);
            let expected = if number("left") == 0.0 {
                "out"
            } else if cover < 2.0 {
                "low"
            } else {
                "enough"
            };
            assert_eq!(state, Some(expected));
        }
        assert!(used > 1, "the example brings parcels");
    });
}

#[test]
fn a_household_that_is_bound_asks_for_goods_and_its_parcel_carries_them() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(bring(store, &city(), &GOODS, CATALOGUE, "", Keep::Together).await.created, 4);
        let home = hungry(store).await.remove(0);
        let h = hotline();
        // a pick within the parcel that is owed anyhow, then more than it held
        assert_eq!(asks(store, &h, &home, "RICE", "1").await, "done");
        stocks_agree(store).await;
        let units = format!("select units from parcels where household = '{home}' and item = 'food_parcel'");
        assert_eq!(store.number(&units).await, 1);
        assert_eq!(asks(store, &h, &home, "RICE", "1").await, "done");
        assert_eq!(store.number(&units).await, 2);
        assert_eq!(asks(store, &h, &home, "RICE", "1").await, "is asked for already");
        // something that nobody owed it makes a parcel, with its item in the books
        assert_eq!(asks(store, &h, &home, "WATER", "3").await, "done");
        stocks_agree(store).await;
        let item = format!(
            "select count(*) from items where worklist = 'supply' and subject = '{DAY}/{home}/water' and closed_at is null"
        );
        assert_eq!(store.number(&item).await, 1);
        assert_eq!(asks(store, &h, &home, "FAR", "1").await, "unknown", "another district's");
        assert_eq!(asks(store, &h, "H-none", "WATER", "1").await, "invalid: household");
        let free = store.texts("select household from households where household not in (select household from parcels) order by household").await.remove(0);
        assert_eq!(asks(store, &h, &free, "WATER", "1").await, "invalid: household", "nobody binds it");
        let afar = person("w3", Role::CommunityWorker, "500112", None);
        assert_eq!(asks(store, &afar, &home, "WATER", "1").await, "invalid: household", "of another district");
        // no more than there is
        store.sql("update supplies set quantity = promised + 1 where depot = 'D1' and item = 'water'").await.unwrap();
        let next = hungry(store).await.remove(1);
        assert_eq!(asks(store, &h, &next, "WATER", "1").await, "done");
        assert_eq!(asks(store, &h, &next, "WATER", "1").await, "is running out");
        stocks_agree(store).await;
        // the hotline sees what it wrote down and nothing else; somebody who asks is not silent
        let sight = hotline().looker.scope();
        let mut tx = store.store.look(&sight).await.unwrap();
        let seen = tx.list(&dayclear_core::listing::WANTED, &Query::default()).await.unwrap().rows.len();
        assert_eq!(seen, 4);
        let since = at(DAY, "00:00");
        assert_eq!(tx.asked_since(since, &[&home]).await.unwrap(), [home]);
        drop(tx);
        holds(store).await;
    });
}

#[test]
fn a_parcel_is_at_the_door_by_proof_and_one_that_was_missed_is_owed_within_hours() {
    on_both(async |store| {
        evening(store).await;
        let homes = hungry(store).await;
        let (one, two) = (format!("{}:{DAY}:food_parcel", homes[0]), format!("{}:{DAY}:food_parcel", homes[1]));
        let worker = person("w2", Role::CommunityWorker, "500103", None);
        let deliver = async |who: &Person, key: &str, proof: &str, said: &str| {
            who.tries(store, "parcels.deliver", &[key], &[("door_proof", proof), ("word_said", said)]).await
        };
        assert_eq!(worker.tries(store, "parcels.deliver", &[&one], &[]).await, "invalid: door_proof word_said");
        assert_eq!(deliver(&hotline(), &one, "word", "ok").await, "not yours");
        assert_eq!(deliver(&person("w3", Role::CommunityWorker, "500112", None), &one, "word", "ok").await, "unknown");
        let digits = KEYS.door_code(&homes[0], DAY.parse().unwrap());
        let others = KEYS.door_code(&homes[1], DAY.parse().unwrap());
        assert_eq!(deliver(&worker, &one, "code", &others).await, "is shown by other digits");
        assert_eq!(deliver(&worker, &one, "code", &digits).await, "done");
        assert_eq!(deliver(&worker, &one, "code", &digits).await, "same");
        let stands = |key: &str| {
            let household = key.split(':').next().unwrap();
            format!("select coalesce(door_proof, 'none') || ' ' || coalesce(handed_by, 'nobody') || ' ' || misses || ' ' || again
                from parcels where household = '{household}' and item = 'food_parcel'")
        };
        assert_eq!(store.texts(&stands(&one)).await, ["code w2 0 0"]);
        // the digits are kept nowhere
        assert_eq!(store.number("select count(*) from door_steps where said is not null").await, 0);
        // nobody answers: within three hours, and then it is told to the district
        let due = |key: &str| {
            let household = key.split(':').next().unwrap();
            format!(
                "select subject from items where worklist = 'supply' and subject like '{DAY}/{household}/food_parcel%' and closed_at is null"
            )
        };
        let early = worker.at(at(DAY, "19:00"));
        assert_eq!(early.tries(store, "parcels.miss", &[&two], &[("reason", "nobody answered")]).await, "done");
        assert_eq!(store.texts(&stands(&two)).await, ["none nobody 1 0"]);
        let passed = format!(
            "select count(*) from items where subject = '{DAY}/{}/food_parcel' and escalated_at is not null",
            homes[1]
        );
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "21:30")).await.unwrap();
        assert_eq!(store.number(&passed).await, 0);
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "22:30")).await.unwrap();
        assert_eq!(store.number(&passed).await, 1, "passed up within hours, not days");
        assert_eq!(deliver(&worker, &two, "word", "thank you, grandmother").await, "done");
        assert_eq!(store.texts(&due(&two)).await, Vec::<String>::new());
        let word = "select said from door_steps where proof = 'word'";
        assert_eq!(store.texts(word).await, ["thank you, grandmother"]);
        // nothing is changed behind the program's back, and nothing is at a door by a bare word
        assert!(store.sql("update door_steps set said = 'x'").await.is_err());
        let bare = "insert into door_steps (household, day, item, no, step, at, account) select household, day, item, 99, 'delivered', at, account from door_steps";
        assert!(store.sql(bare).await.is_err());
        holds(store).await;
    });
}

#[test]
fn a_household_by_itself_sees_what_it_is_owed_asks_and_says_what_it_has_not() {
    on_both(async |store| {
        evening(store).await;
        bring(store, &city(), &GOODS, CATALOGUE, "", Keep::Together).await;
        let sql = "select n.no || '' from notices n join people p on p.no = n.person_no join parcels l on l.household = p.household
            where n.kind = 'order' and l.item = 'food_parcel' and l.delivered_at is null and l.division like '500103%' order by n.no";
        let number: i64 = store.texts(sql).await.remove(0).parse().unwrap();
        let (scope, settings) = (city(), settings());
        let counter =
            Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &scope, now: at(DAY, "23:05") };
        let paper = bearer::open(&store.store, &counter, number).await.unwrap().unwrap();
        let asks = async |wish: Wish| larder::open(&store.store, &counter, &paper, &wish).await.unwrap().unwrap();
        let (seen, none) = asks(Wish::default()).await;
        assert!(none.is_empty() && seen.bound_at.is_some() && !seen.parcels.is_empty());
        let home = seen.household.clone();
        let infant = format!("select count(*) from people where household = '{home}' and needs like '%infant%'");
        let milk = seen.goods.iter().any(|good| good.good == "MILK");
        assert_eq!(milk, store.number(&infant).await > 0, "what is for a need is offered where there is one");
        assert!(!seen.goods.iter().any(|good| good.good == "FAR"));
        let goods = vec![("WATER".to_owned(), 2), ("FAR".to_owned(), 1), ("WATER".to_owned(), 9)];
        let (seen, answers) = asks(Wish { goods, parcel: None }).await;
        let today = DAY.parse().unwrap();
        let told: Vec<Answer> = answers.into_iter().map(|(_, answer)| answer).collect();
        assert_eq!(told, [Answer::Brought(today), Answer::Unknown, Answer::Most(3)]);
        assert_eq!(seen.wanted.len(), 1);
        stocks_agree(store).await;
        // somebody says that it was put down; the household has it not, and it is owed anew, within hours
        let key = format!("{home}:{DAY}:food_parcel");
        let given = [("door_proof", "word"), ("word_said", "yes, a neighbour")];
        assert_eq!(district().tries(store, "parcels.deliver", &[&key], &given).await, "done");
        let lacks = Wish { goods: Vec::new(), parcel: Some((today, Supply::Food, false)) };
        let (seen, answers) = asks(lacks.clone()).await;
        assert_eq!(answers[0].1, Answer::Noted);
        let food = seen.parcels.iter().find(|parcel| parcel.item == Supply::Food && parcel.day == today).unwrap();
        assert_eq!((food.delivered_at, food.again), (None, 1));
        let open = format!(
            "select subject from items where worklist = 'supply' and subject like '{DAY}/{home}/food%' and closed_at is null"
        );
        assert_eq!(store.texts(&open).await, [format!("{DAY}/{home}/food_parcel/2")]);
        asks(lacks).await;
        assert_eq!(store.texts(&open).await.len(), 1, "of what nobody says is there nothing more is said");
        line::pass(&store.store, packs(), &settings, "covid-19", &city(), at(DAY, "23:20")).await.unwrap();
        assert_eq!(store.texts(&open).await, [format!("{DAY}/{home}/food_parcel/2")]);
        holds(store).await;
        // now it comes, and the household says so itself
        let (_, answers) = asks(Wish { goods: Vec::new(), parcel: Some((today, Supply::Food, true)) }).await;
        assert_eq!(answers[0].1, Answer::Noted);
        assert_eq!(store.texts(&open).await, Vec::<String>::new());
        holds(store).await;
    });
}

#[test]
fn a_stock_that_will_not_last_is_an_item_of_its_depot_before_it_is_empty_and_a_dear_good_one_of_the_district() {
    on_both(async |store| {
        evening(store).await;
        bring(store, &city(), &GOODS, CATALOGUE, "", Keep::Together).await;
        let pass = async |clock: &str| {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
        };
        store
            .sql("update supplies set quantity = promised + 1 where depot = 'D1' and item = 'food_parcel'")
            .await
            .unwrap();
        let home = hungry(store).await.remove(0);
        assert_eq!(asks(store, &hotline(), &home, "WATER", "1").await, "done");
        pass("23:10").await;
        let low = "select subject || ' ' || owner from items where subject like 'stock/%' and closed_at is null order by subject";
        assert_eq!(store.texts(low).await, [format!("stock/D1|food_parcel/{DAY} D1")]);
        let rows = "depot,division,item,quantity\nD1,500103,food_parcel,9000\n";
        assert_eq!(bring(store, &city(), &schema::SUPPLIES, rows, "", Keep::Together).await.updated, 1);
        assert_eq!(asks(store, &hotline(), &home, "WATER", "1").await, "done");
        pass("23:20").await;
        assert_eq!(store.texts(low).await, Vec::<String>::new());
        // prices: judged against the usual one
        let price = async |good: &str, price: &str| {
            district().tries(store, "goods.price", &[good], &[("price_seen", price), ("shop", "corner shop")]).await
        };
        let dear = "select subject || ' ' || reason from items where subject like 'price/%' and closed_at is null";
        assert_eq!(price("RICE", "22").await, "done");
        assert_eq!(store.texts(dear).await, Vec::<String>::new(), "ten percent are allowed");
        assert_eq!(price("RICE", "30").await, "done");
        assert_eq!(
            store.texts(dear).await,
            [format!("price/500103/RICE/{DAY} costs 30, 50 percent above the usual 20")]
        );
        assert_eq!(price("MILK", "900").await, "done");
        assert_eq!(store.texts(dear).await.len(), 1, "nobody says what milk usually costs");
        assert_eq!(price("RICE", "21.5").await, "done");
        assert_eq!(store.texts(dear).await, Vec::<String>::new());
        assert!(store.sql("delete from prices").await.is_err());
        let mut tx = store.store.look(&city()).await.unwrap();
        let walk = PARCELS.orders.iter().position(|order| *order == "door").unwrap();
        let round = tx.list(&PARCELS, &Query { order: walk, ..Query::default() }).await.unwrap().rows;
        assert!(round.len() > 3);
        drop(tx);
        holds(store).await;
    });
}
