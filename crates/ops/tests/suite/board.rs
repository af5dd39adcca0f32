//! The board of coverage on both stores: whatever changes on the roster, in swabs, in what is said and in who is one with whom, a board that
//! follows says what one says that is read whole, and it never has to be read whole for it; so does one that was kept in a file. A file
//! that is damaged, or of another past, is not believed.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, person},
    imports::bring,
    rounds::{Dice, board, gives, object, round},
};
use dayclear_core::{access::Role, evidence::Evidence, rounds::Cover, schema, time::Instant};
use dayclear_ops::{
    coverage::{Board, Part, Unkept, beside},
    imports::Keep,
    line,
};
use dayclear_store::Scope;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

const PLACES: [&str; 3] = ["500103013006", "500112016001", "500112016002"];

/// A city with a community in which nobody lives yet, and three open rounds: of two districts, and of the couriers of one.
async fn begin(store: &TestStore) {
    let mut quiet = plan(DAY);
    quiet.keep_open = true;
    let files = Files::quiet(DAY).rows("divisions", "500112016002,新社区居民委员会,,community,,,");
    run(&store.store, &files.write(store, "quiet"), &quiet).await.unwrap();
    let c = city_command().at(at(DAY, "05:00"));
    for divisions in ["500103", "500112"] {
        c.does(store, "rounds.plan", &[], &round("r", divisions, "10")).await.unwrap();
    }
    let both = ["R20221120-1", "R20221120-2"];
    assert_eq!(c.tries(store, "rounds.start", &both, &[]).await, "done done");
    // a second round for some of the same people, which somebody else approves
    let mut couriers = round("couriers", "500112", "10");
    couriers.iter_mut().filter(|(name, _)| *name == "purpose").for_each(|(_, purpose)| *purpose = "key_person");
    couriers.iter_mut().filter(|(name, _)| *name == "pool_size").for_each(|(_, size)| *size = "1");
    couriers.retain(|(name, _)| *name != "ground");
    couriers.push(("key_groups", "courier"));
    couriers.push(("despite", "they meet many people"));
    c.does(store, "rounds.plan", &[], &couriers).await.unwrap();
    let other = person("c2", Role::CityCommand, "50", None).at(at(DAY, "06:10"));
    other.tries(store, "rounds.approve", &["R20221120-3"], &[("reason", "they meet many people")]).await;
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "22:58")).await.unwrap();
    let open = "select round from rounds where state = 'open' order by round";
    assert_eq!(store.texts(open).await, ["R20221120-1", "R20221120-2", "R20221120-3"]);
}

/// Something that happens, by chance: to the roster more often than not.
async fn something(store: &TestStore, who: &Person, dice: &mut Dice, n: usize) {
    let everything = Scope::of("50".parse().unwrap());
    let import = async |table: &str, text: String| {
        bring(store, &everything, Evidence::named(table).unwrap().table, &text, "", Keep::Together).await;
    };
    let anybody = |dice: &mut Dice| match dice.below(4) {
        0 => format!("N{:02}", dice.below(8)),
        // who is sampled before the roster knows them
        1 => format!("S{:02}", dice.below(5)),
        _ => format!("P{:03}", 1 + dice.below(80)),
    };
    let home = |dice: &mut Dice| match dice.below(3) {
        0 => format!("M{:02}", dice.below(4)),
        _ => format!("H{:02}", 1 + dice.below(43)),
    };
    let coordinate = |dice: &mut Dice| 106.5 + dice.below(2_000) as f64 / 10_000.0;
    match dice.below(10) {
        0 | 1 => {
            // somebody comes, moves, or is somebody else by now
            let (who, home) = (anybody(dice), home(dice));
            let group = ["", "school", "courier"][dice.below(3)];
            let presence = ["", "present", "away"][dice.below(3)];
            import("people", format!("person,household,key_group,presence\n{who},{home},{group},{presence}\n")).await;
        }
        2 => {
            let (home, unit, door) = (home(dice), 1 + dice.below(3), 100 + dice.below(9));
            let building = ["B1", "B2", "B3", "B4", "B5", "B6", "B7"][dice.below(7)];
            import("households", format!("household,building,unit,floor,door\n{home},{building},{unit},1,{door}\n"))
                .await;
        }
        3 => {
            let building = ["B1", "B2", "B3", "B4", "B5", "B6", "B7"][dice.below(7)];
            let (place, lon) = (PLACES[dice.below(3)], coordinate(dice));
            import("buildings", format!("building,division,name,lon,lat\n{building},{place},{building},{lon},29.7\n"))
                .await;
        }
        4 => {
            let into = anybody(dice);
            who.tries(store, "people.merge", &[&anybody(dice)], &[("into", &into), ("reason", "one person")]).await;
        }
        5 => {
            let merged = store.texts("select person from people where merged_into is not null order by person").await;
            if !merged.is_empty() {
                let one = merged[dice.below(merged.len())].as_str();
                who.tries(store, "people.split", &[one], &[("reason", "two people")]).await;
            }
        }
        6 | 7 => {
            let (tube, hour) = (format!("X{n}"), 3 + dice.below(19));
            let row = object(&[
                ("tube", &tube),
                ("division", PLACES[dice.below(2)]),
                ("purpose", "community"),
                ("size", "10"),
                ("collected_at", &format!("2022-11-20T{hour:02}:30:00+08:00")),
                ("laboratory", "L1"),
            ]);
            gives(who, store, &schema::TUBES, vec![row]).await.unwrap();
            let members: Vec<String> = (0..1 + dice.below(6)).map(|_| anybody(dice)).collect();
            let member = |person: &String| object(&[("tube", &tube), ("person", person)]);
            gives(who, store, &schema::MEMBERS, members.iter().map(member).collect()).await.unwrap();
        }
        8 => {
            let tubes = store.texts("select tube from tubes order by tube").await;
            if !tubes.is_empty() {
                let row = object(&[
                    ("laboratory", "L1"),
                    ("tube", tubes[dice.below(tubes.len())].as_str()),
                    ("version", ["P", "F", "C", "W"][dice.below(4)]),
                    ("finding", ["negative", "negative", "invalid", "inconclusive"][dice.below(4)]),
                    ("reported_at", &format!("2022-11-20T22:{:02}:{:02}+08:00", dice.below(50), dice.below(60))),
                ]);
                gives(who, store, &schema::RESULTS, vec![row]).await.unwrap();
            }
        }
        _ => {
            let hour = dice.below(22);
            let row = object(&[
                ("person", &format!("P{:03}", 1 + dice.below(80))),
                ("presence", ["present", "away", "refused", "unreachable"][dice.below(4)]),
                ("said_at", &format!("2022-11-20T{hour:02}:10:00+08:00")),
                ("said_by", &format!("w{n}")),
                ("until", &format!("2022-11-20T{:02}:15:00+08:00", hour + 1)),
                ("reason", "said"),
            ]);
            gives(who, store, &schema::STATEMENTS, vec![row]).await.unwrap();
        }
    }
}

async fn write(store: &TestStore, board: &Board, path: &Path) {
    let mut tx = store.store.look(&city()).await.unwrap();
    let tie = board.tie(&mut tx).await.unwrap().unwrap();
    board.write(&tie, path).unwrap();
}

async fn read(store: &TestStore, path: &Path, now: Instant) -> Result<Board, Unkept> {
    let mut tx = store.store.look(&city()).await.unwrap();
    Board::kept(path, &mut tx, now).await.unwrap().map(|(board, _)| board)
}

#[test]
fn whatever_happens_a_board_that_follows_says_what_is_there() {
    for seed in 1..=4 {
        on_both(async |store| {
            begin(store).await;
            let who = person("d50", Role::DistrictCommand, "50", None).at(at(DAY, "22:59"));
            let file = store.folder().join("board");
            let (mut dice, mut moment) = (Dice(seed), at(DAY, "06:30"));
            let mut followed = board(store, moment).await;
            write(store, &followed, &file).await;
            for n in 0..60 {
                something(store, &who, &mut dice, n).await;
                if dice.below(3) > 0 {
                    continue;
                }
                moment = moment.plus_minutes(20);
                let mut tx = store.store.look(&city()).await.unwrap();
                assert!(followed.look(&mut tx, moment).await.unwrap(), "seed {seed}, step {n}: it was read whole");
                drop(tx);
                let whole = board(store, moment).await;
                assert_eq!(followed.difference(&whole), None, "seed {seed}, step {n}");
                if dice.below(3) == 0 {
                    let kept = read(store, &file, moment).await.unwrap();
                    assert_eq!(kept.difference(&whole), None, "seed {seed}, step {n}: from the file");
                    write(store, &kept, &file).await;
                }
            }
            let moved = "select count(*) from coverage_log where kind = 'roster' and divisions is not null";
            assert!(store.number(moved).await > 5, "the roster changed");
            // what is told after the closing is passed over by the checker, where it was told, and nowhere else
            let ids = ["R20221120-1", "R20221120-2", "R20221120-3"];
            let c = city_command().at(at(DAY, "23:30"));
            assert_eq!(c.tries(store, "rounds.close", &ids, &[]).await, "done done done");
            bring(
                store,
                &Scope::of("50".parse().unwrap()),
                Evidence::named("people").unwrap().table,
                "person,household\nP001,H30\n",
                "",
                Keep::Together,
            )
            .await;
            let told = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
            let rounds: Vec<_> = told.iter().filter(|finding| finding.check.starts_with("rounds.")).collect();
            assert!(!rounds.is_empty() && rounds.iter().all(|finding| finding.holds), "seed {seed}: {rounds:#?}");
            let counts: Vec<String> = ids
                .iter()
                .map(|id| {
                    let counts = followed.counts(id, &Part::Division("50")).unwrap();
                    Cover::ALL.iter().map(|cover| counts.of(*cover).to_string()).collect::<Vec<_>>().join(" ")
                })
                .collect();
            counts
        });
    }
}

#[test]
fn a_file_of_another_past_or_with_a_turned_bit_is_not_believed() {
    on_both(async |store| {
        begin(store).await;
        let who = person("d50", Role::DistrictCommand, "50", None).at(at(DAY, "22:59"));
        let mut dice = Dice(9);
        for n in 0..20 {
            something(store, &who, &mut dice, n).await;
        }
        let now = at(DAY, "22:59");
        let whole = board(store, now).await;
        let file = store.folder().join("board");
        assert_eq!(read(store, &file, now).await.unwrap_err(), Unkept::Missing);
        write(store, &whole, &file).await;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!store.folder().join("board.new").exists());
        assert_eq!(read(store, &file, now).await.unwrap().difference(&whole), None);
        // it names nobody
        let good = fs::read(&file).unwrap();
        let named = |word: &str| good.windows(word.len()).any(|some| some == word.as_bytes());
        assert!(named("B1") && !named("P001") && !named("H01") && !named("李建国"));
        // cut, longer, and bit by bit
        let whole_at = |read: Result<Board, Unkept>| read.map(|_| ()).unwrap_err();
        for cut in [0, 1, 15, 16, 40, 200, good.len() / 2, good.len() - 1] {
            fs::write(&file, &good[..cut]).unwrap();
            assert_ne!(whole_at(read(store, &file, now).await), Unkept::Missing, "cut at {cut}");
        }
        for step in 0..60 {
            let mut bad = good.clone();
            let at = step * (good.len() - 1) / 59;
            bad[at] ^= 1 << (step % 8);
            fs::write(&file, &bad).unwrap();
            assert!(read(store, &file, now).await.is_err(), "bit {} of byte {at}", step % 8);
        }
        fs::write(&file, &good).unwrap();
        // what somebody wrote there by hand is no file of ours, and is not written over
        let (other, letter) = (store.folder().join("letter"), "do not lose me; ".repeat(10));
        fs::write(&other, &letter).unwrap();
        let tie = {
            let mut tx = store.store.look(&city()).await.unwrap();
            whole.tie(&mut tx).await.unwrap().unwrap()
        };
        assert!(whole.write(&tie, &other).is_err());
        assert_eq!(fs::read_to_string(&other).unwrap(), letter);
        assert_eq!(whole_at(read(store, &other, now).await), Unkept::OtherFormat);
        // the clock was put back: that cannot be followed
        assert_eq!(whole_at(read(store, &file, at(DAY, "05:00")).await), Unkept::Behind);
        // a store that was restored and went on differently
        let head = store.number("select max(seq) from coverage_log").await;
        let mark = store.texts("select mark from coverage_log order by seq desc limit 1").await.remove(0);
        store.sql(&format!("update coverage_log set mark = '0.5' where seq = {head}")).await.unwrap();
        assert_eq!(whole_at(read(store, &file, now).await), Unkept::Foreign);
        store.sql(&format!("update coverage_log set mark = '{mark}' where seq = {head}")).await.unwrap();
        assert!(read(store, &file, now).await.is_ok());
        // one that does not reach as far
        store.sql(&format!("update coverage_log set seq = {head} + 1 where seq = {head}")).await.unwrap();
        assert_eq!(whole_at(read(store, &file, now).await), Unkept::Foreign);
        store.sql(&format!("update coverage_log set seq = {head} where seq = {head} + 1")).await.unwrap();
        // an entry of before the log told which communities were touched means all of them
        something_of_everything(store).await;
        assert_eq!(whole_at(read(store, &file, now).await), Unkept::Behind);
        // one with another event in its chain
        store.drop_guards().await;
        let event = store.number("select max(seq) from events").await;
        store.sql(&format!("update events set hash = 'x' || substr(hash, 2) where seq = {event}")).await.unwrap();
        assert_eq!(whole_at(read(store, &file, now).await), Unkept::Foreign);
        let beside = beside(&store.store).map(|path| path.extension().is_some_and(|end| end == "coverage"));
        assert_eq!(beside, (store.store.engine() == "sqlite").then_some(true));
    });
}

/// What older versions noted of any change of the roster.
async fn something_of_everything(store: &TestStore) {
    let sql = "insert into coverage_log (seq, kind, numbers) select max(seq) + 1, 'roster', '' from coverage_log";
    store.sql(sql).await.unwrap();
}
