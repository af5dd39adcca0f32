//! Facilities over days: nobody gets a bed of a ward before it opens, nor once it is emptied or closed; whoever was to go there is planned
//! for anew, and whoever rides is taken in where a place is only emptied; the staff of a place look after so many and no more. On both
//! stores.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{city_command, dispatcher, district, evening, holds, person},
};
use dayclear_core::access::Role;
use dayclear_ops::{
    dispatch::capacity::{self, Outlook},
    line,
};
use dayclear_store::StoreError;

const BECAUSE: (&str, &str) = ("reason", "as agreed with the health authority");

async fn pass(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

async fn count(store: &TestStore, what: &str) -> i64 {
    store.number(&format!("select count(*) from transfers where {what}")).await
}

async fn free_bed(store: &TestStore, facility: &str) -> String {
    let sql = format!(
        "select b.bed from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
         where s.bed is null and b.facility = '{facility}' and coalesce(b.state, 'free') = 'free'
           and coalesce(b.rule, 'any') = 'any' order by b.bed"
    );
    store.texts(&sql).await.first().unwrap_or_else(|| panic!("no bed is free in {facility}")).clone()
}

/// What the store itself says to a claim, without anything that looks at it before.
async fn claims(store: &TestStore, bed: &str, clock: &str) -> Result<(), StoreError> {
    let mut tx = store.store.turn(&city()).await.unwrap();
    tx.claim_bed(bed, "M-nobody", at(DAY, clock)).await
}

fn moment(clock: &str) -> String {
    format!("{DAY}T{clock}:00+08:00")
}

async fn outlook(store: &TestStore, clock: &str) -> Outlook {
    let now = at(DAY, clock);
    assert!(capacity::look(&store.store, packs(), &settings(), "covid-19", &city(), now).await.unwrap());
    let mut tx = store.store.look(&city()).await.unwrap();
    capacity::last(&mut tx).await.unwrap().unwrap().1
}

fn free_at(outlook: &Outlook, facility: &str, hour: usize) -> i64 {
    outlook.ahead.places.iter().find(|place| place.facility == facility).map_or(0, |place| place.free[hour])
}

#[test]
fn nobody_gets_a_bed_of_a_ward_before_it_opens() {
    on_both(async |store| {
        evening(store).await;
        let who = city_command();
        let booked = count(store, "state = 'booked' and facility = 'IS1'").await;
        assert!(booked > 1, "the example books people into IS1");
        let bed = free_bed(store, "IS1").await;
        assert!(claims(store, &bed, "23:00").await.is_ok());

        // who may say it, and what can be said
        let opens = [("phase", "open"), ("from", &moment("23:30")), BECAUSE];
        assert_eq!(dispatcher().tries(store, "facilities.phase", &["IS1"], &opens).await, "not yours");
        let site = person("s2", Role::Facility, "500112", Some("IS2"));
        assert_eq!(site.tries(store, "facilities.phase", &["IS1"], &opens).await, "unknown", "a site speaks of itself");
        let past = [("phase", "open"), ("from", &moment("09:00")), BECAUSE];
        assert_eq!(who.tries(store, "facilities.phase", &["IS1"], &past).await, "invalid: from");
        let elsewhere = [("phase", "open"), ("ward", "W99"), BECAUSE];
        assert_eq!(who.tries(store, "facilities.phase", &["IS1"], &elsewhere).await, "invalid: ward");

        assert_eq!(who.tries(store, "facilities.phase", &["IS1"], &opens).await, "done");
        assert_eq!(who.tries(store, "facilities.phase", &["IS1"], &opens).await, "same");
        let built_after = [("phase", "building"), ("from", &moment("23:40")), BECAUSE];
        let refused = who.tries(store, "facilities.phase", &["IS1"], &built_after).await;
        assert!(refused.starts_with("is to be building right after it was open"), "{refused}");

        // by hand: held for the hour at which it opens, and given back; by the store: the constraint, whoever asks
        let somebody = store.texts("select id from transfers where class = 'contact' and state = 'booked' and facility = 'IS2' order by id").await;
        let claim = dispatcher().tries(store, "transfers.claim", &[&somebody[0]], &[("bed", &bed)]).await;
        assert_eq!(claim, "done");
        let held = format!("state = 'requested' and bed_from is not null and id = '{}'", somebody[0]);
        assert_eq!(count(store, &held).await, 1);
        assert_eq!(dispatcher().tries(store, "transfers.release", &[&somebody[0]], &[BECAUSE]).await, "done");
        let refused = claims(store, &bed, "23:29").await.unwrap_err().to_string();
        assert!(refused.contains("takes nobody at that moment"), "{refused}");
        assert!(claims(store, &bed, "23:30").await.is_ok(), "from its hour on it takes people");

        // by the plan: whoever was to go there is planned for anew, and to another place
        pass(store, "23:05").await;
        assert_eq!(count(store, "state in ('booked', 'underway') and facility = 'IS1'").await, 0);
        let taken_back = store.number("select count(*) from events where kind = 'transfer.taken_back'").await;
        assert_eq!(taken_back, booked, "each of them is told of");
        holds(store).await;
        let ahead = outlook(store, "23:06").await;
        assert_eq!(free_at(&ahead, "IS1", 0), 0);
        assert!(free_at(&ahead, "IS1", 1) > 0, "{:?}", ahead.ahead.places);

        // a date that slipped is another word, and the old one stands in the words
        let later = [("phase", "open"), ("from", &moment("23:50")), BECAUSE];
        assert_eq!(who.tries(store, "facilities.phase", &["IS1"], &later).await, "done");
        assert!(claims(store, &bed, "23:40").await.is_err());
        let back = [("phase", "open"), ("taken_back", "yes"), BECAUSE];
        assert_eq!(who.tries(store, "facilities.phase", &["IS1"], &back).await, "done");
        assert!(claims(store, &bed, "23:05").await.is_ok(), "nothing is said of it any more");
        assert!(store.sql("update phases set phase = 'open'").await.is_err(), "a word is never changed");
        assert!(store.sql("delete from phases").await.is_err());
        pass(store, "23:08").await;
        holds(store).await;
        store.texts("select ward || ' ' || phase || ' ' || no from phases order by no").await
    });
}

#[test]
fn a_place_that_is_emptied_still_takes_in_whoever_is_on_the_way_and_nobody_else() {
    on_both(async |store| {
        evening(store).await;
        let going = store.texts("select id from transfers where state = 'booked' and facility = 'IS1' and id not like '%-with-%' order by id").await;
        let rider = going[0].as_str();
        let who = dispatcher().at(at(DAY, "23:01"));
        assert_eq!(who.tries(store, "transfers.pick-up", &[rider], &[]).await, "done");
        let drains = [("phase", "draining"), BECAUSE];
        let site = person("s1", Role::Facility, "500103", Some("IS1")).at(at(DAY, "23:02"));
        assert_eq!(site.tries(store, "facilities.phase", &["IS1"], &drains).await, "done");
        pass(store, "23:04").await;
        assert_eq!(count(store, "state = 'booked' and facility = 'IS1'").await, 0);
        assert_eq!(count(store, &format!("id = '{rider}' and state = 'underway' and facility = 'IS1'")).await, 1);
        assert_eq!(site.at(at(DAY, "23:10")).tries(store, "transfers.admit", &[rider], &[]).await, "done");
        holds(store).await;
    });
}

#[test]
fn whoever_is_on_the_way_to_a_place_that_closes_is_turned_to_another_with_the_reason() {
    on_both(async |store| {
        evening(store).await;
        let going = store
            .texts("select id from transfers where state = 'booked' and facility = 'IS2' and id not like '%-with-%' order by id")
            .await;
        let rider = going.first().expect("somebody goes to the other site").as_str();
        assert_eq!(dispatcher().at(at(DAY, "23:01")).tries(store, "transfers.pick-up", &[rider], &[]).await, "done");
        let closed = [("phase", "closed"), BECAUSE];
        assert_eq!(
            city_command().at(at(DAY, "23:02")).tries(store, "facilities.phase", &["IS2"], &closed).await,
            "done"
        );
        pass(store, "23:03").await;
        assert_eq!(count(store, &format!("id = '{rider}' and state = 'underway' and facility = 'IS1'")).await, 1);
        let told =
            "select count(*) from events where kind = 'transfer.turned' and body like '%its facility has closed%'";
        assert_eq!(store.number(told).await, 1);
        holds(store).await;
    });
}

#[test]
fn the_staff_of_a_place_look_after_so_many_and_no_more_by_hand_and_by_plan_alike() {
    on_both(async |store| {
        evening(store).await;
        // while crews are still on shift
        let early = at(DAY, "18:20");
        let there = store
            .number("select count(*) from bed_stays s join beds b on b.bed = s.bed where b.facility = 'IS2' and s.released_at is null")
            .await;
        let somebody = store.texts("select id from transfers where class = 'contact' and state = 'booked' and facility = 'IS1' order by id").await;
        let somebody = somebody[0].as_str();
        let ward = [("ward", "0300"), ("wards", "1"), ("from", &moment("18:20")), BECAUSE];
        assert_eq!(city_command().at(early).tries(store, "facilities.ward", &["IS2"], &ward).await, "done");
        let bed = free_bed(store, "IS2").await;
        let hands = |n: i64| n.to_string();
        let said = [("staff", &*hands(there)), ("people_each", "1"), BECAUSE];
        assert_eq!(
            district().at(early).tries(store, "facilities.staff", &["IS2"], &said).await,
            "unknown",
            "of another district"
        );
        let fewer = [("staff", "-1"), ("people_each", "1"), BECAUSE];
        assert_eq!(city_command().at(early).tries(store, "facilities.staff", &["IS2"], &fewer).await, "invalid: staff");
        assert_eq!(city_command().at(early).tries(store, "facilities.staff", &["IS2"], &said).await, "done");
        let refused = dispatcher().at(early).tries(store, "transfers.claim", &[somebody], &[("bed", &bed)]).await;
        assert_eq!(refused, "is in IS2, whose staff look after as many as they can");
        let refused = claims(store, &bed, "18:20").await.unwrap_err().to_string();
        assert!(refused.contains("staff"), "{refused}");
        // whoever was to go to the other site finds no bed here
        let closed = [("phase", "closed"), BECAUSE];
        assert_eq!(city_command().at(early).tries(store, "facilities.phase", &["IS1"], &closed).await, "done");
        pass(store, "18:22").await;
        let now = store
            .number("select count(*) from bed_stays s join beds b on b.bed = s.bed where b.facility = 'IS2' and s.released_at is null")
            .await;
        assert_eq!(now, there);
        assert!(count(store, "class = 'contact' and state = 'requested'").await > 0, "they wait, and are told so");
        assert!(
            outlook(store, "18:24")
                .await
                .ahead
                .places
                .iter()
                .any(|place| place.facility == "IS2" && place.short_of_staff > 0)
        );
        holds(store).await;

        // more hands: one more is taken in
        let said = [("staff", &*hands(there + 1)), ("people_each", "1"), BECAUSE];
        assert_eq!(city_command().at(at(DAY, "18:25")).tries(store, "facilities.staff", &["IS2"], &said).await, "done");
        pass(store, "18:26").await;
        let now = store
            .number("select count(*) from bed_stays s join beds b on b.bed = s.bed where b.facility = 'IS2' and s.released_at is null")
            .await;
        assert_eq!(now, there + 1);
        holds(store).await;
    });
}

#[test]
fn wards_of_twenty_beds_are_added_and_take_people_from_their_hour_on() {
    on_both(async |store| {
        evening(store).await;
        let who = city_command();
        let beds = store.number("select count(*) from beds where facility = 'TH1'").await;
        let planned = [("ward", "W8"), ("wards", "2"), BECAUSE];
        assert_eq!(who.tries(store, "facilities.ward", &["TH1"], &planned).await, "done");
        assert_eq!(store.number("select count(*) from beds where facility = 'TH1'").await, beds + 40);
        assert_eq!(who.tries(store, "facilities.ward", &["TH1"], &planned).await, "is W8-1, which is there already");
        let refused = claims(store, "TH1-W8-1-01", "23:40").await.unwrap_err().to_string();
        assert!(refused.contains("takes nobody at that moment"), "{refused}");
        let before = outlook(store, "23:01").await;
        let opens = [("phase", "open"), ("ward", "W8-1; W8-2"), ("from", &moment("23:40")), BECAUSE];
        assert_eq!(who.at(at(DAY, "23:02")).tries(store, "facilities.phase", &["TH1"], &opens).await, "done");
        assert!(claims(store, "TH1-W8-1-01", "23:40").await.is_ok());
        let after = outlook(store, "23:10").await;
        assert_eq!(free_at(&after, "TH1", 0), free_at(&before, "TH1", 0));
        assert_eq!(free_at(&after, "TH1", 1), free_at(&before, "TH1", 1) + 40);
        assert_eq!(after.ahead.opening.iter().sum::<i64>(), 40);
        holds(store).await;
    });
}

#[test]
fn whoever_lies_where_a_place_closes_is_brought_to_another_bed_that_is_held_first() {
    on_both(async |store| {
        evening(store).await;
        let going = store
            .texts(
                "select t.id from transfers t join people p on p.no = t.person_no where t.state = 'booked' and t.facility = 'IS1'
                 and t.id not like '%-with-%' and p.birth_date < '2000-01-01' order by t.id",
            )
            .await;
        let (first, who) = (going[0].as_str(), dispatcher());
        assert_eq!(who.at(at(DAY, "23:01")).tries(store, "transfers.pick-up", &[first], &[]).await, "done");
        let site = person("s1", Role::Facility, "500103", Some("IS1"));
        assert_eq!(site.at(at(DAY, "23:02")).tries(store, "transfers.admit", &[first], &[]).await, "done");
        let later = [("phase", "closed"), ("from", "2022-12-20T00:00:00+08:00"), BECAUSE];
        assert_eq!(
            site.at(at(DAY, "23:03"))
                .tries(store, "facilities.phase", &["IS1"], &[("phase", "draining"), BECAUSE])
                .await,
            "done"
        );
        assert_eq!(site.at(at(DAY, "23:03")).tries(store, "facilities.phase", &["IS1"], &later).await, "done");
        pass(store, "23:04").await;
        assert_eq!(
            count(store, &format!("id = '{first}' and state = 'admitted'")).await,
            1,
            "leaves before it closes, and stays"
        );
        holds(store).await;

        // no place elsewhere: they stay, and a person is told
        let none = [("staff", "0"), ("people_each", "1"), BECAUSE];
        assert_eq!(city_command().at(at(DAY, "23:05")).tries(store, "facilities.staff", &["IS2"], &none).await, "done");
        let now = [("phase", "closed"), BECAUSE];
        assert_eq!(site.at(at(DAY, "23:05")).tries(store, "facilities.phase", &["IS1"], &now).await, "done");
        pass(store, "23:06").await;
        let told = format!(
            "select count(*) from items where worklist = 'clarify' and subject = 'out/{first}' and closed_at is null"
        );
        assert_eq!(store.number(&told).await, 1);
        assert_eq!(
            count(store, &format!("id = '{first}' and state = 'admitted'")).await,
            1,
            "nobody loses a bed for none"
        );
        holds(store).await;

        // a ward opens elsewhere: a bed is held there, and only then the stay ends here
        let many = [("staff", "40"), ("people_each", "1"), BECAUSE];
        let city = city_command().at(at(DAY, "23:07"));
        assert_eq!(city.tries(store, "facilities.staff", &["IS2"], &many).await, "done");
        let ward = [("ward", "0300"), ("wards", "1"), ("from", &moment("23:07")), BECAUSE];
        assert_eq!(city.tries(store, "facilities.ward", &["IS2"], &ward).await, "done");
        pass(store, "23:08").await;
        let next = format!("N1-{first}");
        assert_eq!(count(store, &format!("id = '{next}' and facility = 'IS2' and bed is not null")).await, 1);
        assert_eq!(count(store, &format!("id = '{first}' and state = 'cancelled' and ended_at is not null")).await, 1);
        holds(store).await;
        // and is admitted there by that site alone
        pass(store, "23:09").await;
        assert_eq!(site.at(at(DAY, "23:30")).tries(store, "transfers.admit", &[&next], &[]).await, "unknown");
        let other = person("s2", Role::Facility, "50", Some("IS2"));
        assert_eq!(other.at(at(DAY, "23:30")).tries(store, "transfers.admit", &[&next], &[]).await, "done");
        holds(store).await;
    });
}
