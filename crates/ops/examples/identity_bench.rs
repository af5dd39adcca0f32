//! Measures how fast somebody new is compared with a large roster: fills an empty store with made people, makes their keys and pairs,
//! then adds people one by one and prints the time of each step as JSON. Arguments: STORE PEOPLE NEW. With `kept` behind them the store is one
//! that has so many people already (as `big_store` makes it): they get their keys, and are compared with nobody but the new ones.

use dayclear_core::{protocol::Packs, time::Zone};
use dayclear_engines::linkage::{Identity, rehearsal};
use dayclear_ops::{
    identity::{self, Keys},
    minutes::{Day, Settings},
};
use dayclear_store::{Scope, Scoped, Store, landing::target_of, value::Value};
use std::{collections::BTreeMap, error::Error, time::Instant};

type Done = Result<(), Box<dyn Error>>;

/// Rows of places that are there already, each with its id.
#[derive(Default)]
struct Places {
    buildings: BTreeMap<(String, String), String>,
    households: BTreeMap<(String, String), String>,
}

fn text(text: Option<&str>) -> Value<'static> {
    text.map_or(Value::Text(None), |text| text.to_owned().into())
}

/// Lands people with their doors; their numbers begin with `first`.
async fn land(tx: &mut Scoped, places: &mut Places, people: &[Identity], first: usize) -> Done {
    let (mut buildings, mut households, mut rows): (Vec<Value<'static>>, Vec<Value<'static>>, Vec<Value<'static>>) =
        Default::default();
    for (n, person) in people.iter().enumerate() {
        let division = person.division.clone().unwrap_or_default();
        let address = person.address.clone().unwrap_or_default();
        let cut = address.find('栋').map_or(0, |at| at + '栋'.len_utf8());
        let (house, door) = address.split_at(cut);
        let next = places.buildings.len();
        let key = (division.clone(), house.to_owned());
        let building = match places.buildings.get(&key) {
            Some(id) => id.clone(),
            None => {
                let id = format!("KB{next}");
                buildings.extend([id.clone().into(), division.clone().into(), text(None), house.to_owned().into()]);
                buildings.extend([106.5.into(), 29.5.into(), Value::Moment(None), text(None), 0i64.into()]);
                places.buildings.insert(key, id.clone());
                id
            }
        };
        let next = places.households.len();
        let key = (building.clone(), door.to_owned());
        let household = match places.households.get(&key) {
            Some(id) => id.clone(),
            None => {
                let id = format!("KH{next}");
                households.extend([id.clone().into(), building.clone().into(), text(None), Value::Whole(None)]);
                households.extend([door.to_owned().into(), text(None), division.clone().into(), 0i64.into()]);
                places.households.insert(key, id.clone());
                id
            }
        };
        let no = (first + n) as i64;
        rows.extend([format!("KP{no}").into(), household.into(), text(person.name.as_deref())]);
        rows.extend([text(person.document.as_deref()), text(person.phone.as_deref())]);
        rows.extend([text(person.sex.map(|sex| sex.name())), Value::Day(person.birth_date), text(None)]);
        rows.extend([text(None), text(None), text(None), no.into(), true.into(), division.into(), 0i64.into()]);
    }
    for (table, values) in [("buildings", &buildings), ("households", &households), ("people", &rows)] {
        if let Some(target) = target_of(table).filter(|_| !values.is_empty()) {
            tx.land_new(target, values).await?;
        }
    }
    Ok(())
}

fn share(times: &mut [f64], of: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * of / 100).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() -> Done {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ([url, count, new], kept) = match &words[..] {
        [url, count, new] => ([url, count, new], false),
        [url, count, new, kept] if kept == "kept" => ([url, count, new], true),
        _ => return Err("usage: identity_bench STORE PEOPLE NEW [kept]".into()),
    };
    let (count, new): (usize, usize) = (count.parse()?, new.parse()?);
    let store = Store::open(url).await?;
    let scope = Scope::of("50".parse()?);
    let settings = Settings {
        zone: Zone::named("Asia/Shanghai")?,
        legal_basis: String::new(),
        body: String::new(),
        travel: Default::default(),
    };
    let packs = Packs::builtin()?;
    let pack = packs.named("covid-19-cn-twenty").ok_or("the pack is built in")?;
    let day = Day::whole("2022-11-20".parse()?, pack, &settings);
    let made = if kept { 0 } else { count };
    let people = rehearsal::roster(made + new, 5);
    let (mut places, begin) = (Places::default(), Instant::now());
    for (n, part) in people[..made].chunks(20_000).enumerate() {
        let mut tx = store.begin(&scope).await?;
        land(&mut tx, &mut places, part, 1 + n * 20_000).await?;
        tx.commit().await?;
    }
    let mut tx = store.begin(&scope).await?;
    if !kept {
        tx.index_roster().await?;
    }
    tx.commit().await?;
    let landed = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let keys = Keys::InOneGo(identity::AT_ONCE);
    if kept {
        while store.look(&scope).await?.identity_progress().await?.0 < count as i64 {
            identity::step(&store, &scope, &day, &mut |_, _| {}, keys).await?;
        }
        let mut tx = store.turn(&scope).await?;
        tx.index_identities().await?;
        tx.commit().await?;
    } else {
        while !identity::step(&store, &scope, &day, &mut |_, _| {}, keys).await? {}
    }
    let caught = begin.elapsed().as_secs_f64();
    let (mut look, mut whole) = (Vec::with_capacity(new), Vec::with_capacity(new));
    for (n, person) in people[made..].iter().enumerate() {
        let no = 1 + count + n;
        let begin = Instant::now();
        let mut tx = store.turn(&scope).await?;
        land(&mut tx, &mut places, std::slice::from_ref(person), no).await?;
        let looked = Instant::now();
        identity::people_changed(&mut tx, &day, &[no as i64]).await?;
        look.push(looked.elapsed().as_secs_f64() * 1e3);
        tx.commit().await?;
        whole.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    println!(
        "{{\"engine\":\"{}\",\"people\":{count},\"land_s\":{landed:.1},\"keys_s\":{caught:.1},\"new\":{new},\
         \"look_p50_ms\":{:.2},\"look_p99_ms\":{:.2},\"with_commit_p50_ms\":{:.2},\"with_commit_p99_ms\":{:.2}}}",
        store.engine(),
        share(&mut look, 50),
        share(&mut look, 99),
        share(&mut whole, 50),
        share(&mut whole, 99)
    );
    store.close().await;
    Ok(())
}
