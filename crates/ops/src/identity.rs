//! Who is who: keys of people, pairs of them that may be one, and the parts in which a roster is compared. It may use the engine of linkage
//! and the store. It guarantees that what it writes follows from the rows alone and not from the order in which they came, that nothing
//! is merged or added by it, and that what a person decided is left as it is. What entries of other lists are taken for stands in
//! `entries`, people whom others name in `sharing`.

mod entries;
mod sharing;

pub(crate) use entries::listed_came;
pub(crate) use sharing::{Sharing, Told, same_by_key, sharing};

use crate::{
    OpsError,
    day::pack_for,
    line::open_day,
    minutes::{Day, Settings},
};
use dayclear_core::{protocol::Packs, roster::Linked, time::Instant};
use dayclear_engines::linkage::{self, Compared, Identity, Normal, compare};
use dayclear_store::{
    Scope, Scoped, Store,
    identity::{IdentityRow, PairRow},
};
use entries::{link, relink};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// People or entries looked at in one go.
pub const AT_ONCE: i64 = 5_000;
/// People who are compared with the roster in the run of a day at most: some seconds of it.
const IN_A_RUN: i64 = 20_000;
/// How the people of a roster get their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// So many people at a time, and each is found by them at once: beside the work of people.
    Beside(i64),
    /// So many people at a time. Those of a first roster are put in without indexes, which are built at the end: until then nobody is
    /// found by a key.
    InOneGo(i64),
}

impl Keys {
    fn at_once(self) -> i64 {
        match self {
            Keys::Beside(people) | Keys::InOneGo(people) => people,
        }
    }
}

fn identity_of(row: &IdentityRow) -> Identity {
    Identity {
        name: row.name.clone(),
        document: row.document.clone(),
        phone: row.phone.clone(),
        birth_date: row.birth_date,
        sex: row.sex,
        division: Some(row.division.clone()),
        address: Some(row.address.clone()),
    }
}

fn normal_of(row: &IdentityRow) -> Normal {
    identity_of(row).normal()
}

/// Hash of a key: what the store finds people by. The table of people holds the same in plain text, so a secret would hide
/// nothing; short hashes make the index small.
fn hash(key: &str) -> i64 {
    let mut half = [0; 8];
    half.copy_from_slice(&Sha256::digest(key)[..8]);
    i64::from_be_bytes(half)
}

fn hashes(normal: &Normal) -> Vec<i64> {
    normal.keys().iter().map(|(_, key)| hash(key)).collect()
}

/// A comparison as it is kept: field by field.
fn why(compared: &Compared) -> String {
    let parts: Vec<_> = compared
        .parts
        .iter()
        .map(|part| json!({"field": part.field.name(), "agreement": part.agreement.name(), "bits": part.weight}))
        .collect();
    json!({"fields": parts, "rule": compared.rule}).to_string()
}

/// The smallest division that holds both: whoever sees it may see both.
pub(crate) fn smallest(one: &str, other: &str) -> String {
    const LEVELS: [usize; 4] = [12, 9, 6, 2];
    let alike = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let length = LEVELS.into_iter().find(|length| *length <= alike).unwrap_or(0);
    one.get(..length).unwrap_or_default().to_owned()
}

/// Makes the keys of people.
async fn put_keys(tx: &mut Scoped, people: &[IdentityRow]) -> Result<(), OpsError> {
    let mut keys = Vec::with_capacity(people.len() * 5);
    for person in people {
        keys.extend(hashes(&normal_of(person)).into_iter().map(|key| (key, person.no, person.division.as_str())));
    }
    Ok(tx.put_keys(&keys).await?)
}

/// Compares those who share a key with these people, and keeps the pairs. `earlier`: they are new, and are compared with whoever
/// came before them.
async fn pair(tx: &mut Scoped, day: &Day<'_>, numbers: &[i64], earlier: bool) -> Result<Vec<String>, OpsError> {
    let pairs = tx.candidates(numbers, earlier).await?;
    let all: BTreeSet<i64> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
    let rows = tx.identities(&all.into_iter().collect::<Vec<_>>()).await?;
    let people: BTreeMap<i64, (Normal, &str)> =
        rows.iter().map(|row| (row.no, (normal_of(row), row.division.as_str()))).collect();
    let mut kept = Vec::new();
    for (one, other) in pairs {
        let (Some(a), Some(b)) = (people.get(&one), people.get(&other)) else { continue };
        let compared = compare(&a.0, &b.0);
        let linked = match compared.linked {
            linkage::Linked::Same => Linked::Same,
            linkage::Linked::Ask => Linked::Ask,
            linkage::Linked::Different => continue,
        };
        let division = smallest(a.1, b.1);
        kept.push(PairRow { one, other, division, linked, weight: compared.weight, why: why(&compared) });
    }
    let mut places: Vec<String> = kept.iter().map(|pair| pair.division.clone()).collect();
    if !earlier {
        let found: BTreeSet<(i64, i64)> = kept.iter().map(|pair| (pair.one, pair.other)).collect();
        let mut gone = tx.pairs_undecided(numbers).await?;
        gone.retain(|pair| !found.contains(pair));
        if !gone.is_empty() {
            let people: Vec<i64> = gone.iter().flat_map(|(one, other)| [*one, *other]).collect();
            let rows = tx.identities(&people).await?;
            let of = |no| rows.iter().find(|row| row.no == no).map(|row| row.division.as_str()).unwrap_or_default();
            places.extend(gone.iter().map(|(one, other)| smallest(of(*one), of(*other))));
            tx.drop_pairs(&gone).await?;
        }
    }
    tx.put_pairs(&kept, day.end).await?;
    Ok(places)
}

/// What is new or has changed about people, in the transaction that tells of it: keys, pairs, and what lists say of them.
pub async fn people_changed(tx: &mut Scoped, day: &Day<'_>, numbers: &[i64]) -> Result<(), OpsError> {
    if numbers.is_empty() {
        return Ok(());
    }
    if !tx.identities_indexed().await? {
        // the keys of a first roster are being made: whoever has none yet gets them with the others, and the others wait for the index
        let (keyed, _) = tx.identity_progress().await?;
        if keyed > 0 {
            let known: Vec<i64> = numbers.iter().copied().filter(|no| *no <= keyed).collect();
            return Ok(tx.note_identity_due(&known).await?);
        }
        tx.index_identities().await?;
    }
    let rows = tx.identities(numbers).await?;
    tx.drop_keys(numbers).await?;
    put_keys(tx, &rows).await?;
    let mut places: BTreeSet<String> = pair(tx, day, numbers, false).await?.into_iter().collect();
    places.extend(rows.iter().map(|row| row.division.clone()));
    places.extend(relink(tx, day, &rows).await?);
    due(tx, &places).await
}

/// Figures have changed there; the next pass of the line counts them, so that a row does not wait for it.
async fn due(tx: &mut Scoped, places: &BTreeSet<String>) -> Result<(), OpsError> {
    Ok(tx.note_roster_due(&places.iter().map(String::as_str).collect::<Vec<_>>()).await?)
}

/// Counts the roster where figures have changed, some places at a time; whether there are more.
pub(crate) async fn count(tx: &mut Scoped, day: &Day<'_>) -> Result<bool, OpsError> {
    Ok(tx.count_roster_due(day.end).await?)
}

/// Compares what came by files, where it is little enough for the run of a day; a first roster is compared by the server beside
/// its work ([`go_on`]), or at once by `dayclear roster compare`.
pub async fn catch_up(
    store: &Store,
    scope: &Scope,
    day: &Day<'_>,
    watch: crate::day::Watch<'_>,
) -> Result<(), OpsError> {
    let mut tx = store.look(scope).await?;
    let left = tx.uncompared().await?;
    drop(tx);
    if left > IN_A_RUN {
        return Ok(());
    }
    while !step(store, scope, day, watch, Keys::Beside(AT_ONCE)).await? {}
    Ok(())
}

/// One part, in its own transaction: keys, then pairs, then who changed, then entries that wait. What was cut off goes on where it
/// stopped. True when nothing is left.
pub async fn step(
    store: &Store,
    scope: &Scope,
    day: &Day<'_>,
    watch: crate::day::Watch<'_>,
    keys: Keys,
) -> Result<bool, OpsError> {
    let at_once = keys.at_once();
    let mut tx = store.turn(scope).await?;
    let (keyed, paired) = tx.identity_progress().await?;
    let people = tx.identities_after(keyed, at_once).await?;
    if let Some(last) = people.last().map(|person| person.no) {
        watch("identities", None);
        match keys {
            Keys::InOneGo(_) if keyed == 0 => tx.unindex_identities().await?,
            Keys::InOneGo(_) => {}
            Keys::Beside(_) => tx.index_identities().await?,
        }
        if tx.identities_indexed().await? {
            tx.drop_keys(&people.iter().map(|person| person.no).collect::<Vec<_>>()).await?;
        }
        put_keys(&mut tx, &people).await?;
        // where figures change is noted with what changes them, so that a run that is cut off leaves nothing uncounted
        due(&mut tx, &people.iter().map(|person| person.division.clone()).collect()).await?;
        tx.note_identity_progress(last, paired).await?;
        tx.commit().await?;
        return Ok(false);
    }
    tx.index_identities().await?;
    let people = if paired < keyed { tx.identities_after(paired, at_once).await? } else { Vec::new() };
    if let Some(last) = people.last().map(|person| person.no) {
        watch("pairs", None);
        let numbers: Vec<i64> = people.iter().map(|person| person.no).collect();
        let mut places: BTreeSet<String> = pair(&mut tx, day, &numbers, true).await?.into_iter().collect();
        places.extend(relink(&mut tx, day, &people).await?);
        due(&mut tx, &places).await?;
        tx.note_identity_progress(keyed, last).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let changed = tx.take_identity_due(at_once).await?;
    if !changed.is_empty() {
        people_changed(&mut tx, day, &changed).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let waiting = tx.listed_waiting(at_once).await?;
    if !waiting.is_empty() {
        watch("lists", None);
        let places = link(&mut tx, day, &waiting).await?;
        due(&mut tx, &places).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let uncounted = count(&mut tx, day).await?;
    tx.commit().await?;
    Ok(!uncounted)
}

/// Goes on with comparing a roster that came by files, one small part at a time: beside the work of people. True when nothing is
/// left. `scope` is the whole city.
pub async fn go_on(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
    keys: Keys,
) -> Result<bool, OpsError> {
    let mut tx = store.look(scope).await?;
    if tx.city().await?.is_none() || (tx.uncompared().await? == 0 && tx.listed_waiting(1).await?.is_empty()) {
        return Ok(true);
    }
    drop(tx);
    let mut tx = store.turn(scope).await?;
    let (date, closed_before) = open_day(&mut tx, now, &settings.zone).await?;
    tx.commit().await?;
    let day = Day::at(date, closed_before, now, pack_for(packs, pack, date)?, settings);
    step(store, scope, &day, &mut |_, _| {}, keys).await
}

#[cfg(test)]
mod tests {
    use super::smallest;

    #[test]
    fn the_smallest_division_holds_both() {
        for (one, other, both) in [
            ("500103013006", "500103013006", "500103013006"),
            ("500103013006", "500103013007", "500103013"),
            ("500103013006", "500103014006", "500103"),
            ("500103013006", "500112016001", "50"),
            ("500103", "500103013006", "500103"),
            ("31", "500112016001", ""),
        ] {
            assert_eq!(smallest(one, other), both);
            assert_eq!(smallest(other, one), both);
        }
    }
}
