//! Who is who: keys of people, pairs of them that may be one, and what entries of other lists are taken for. It may use the engine
//! of linkage and the store. It guarantees that what it writes follows from the rows alone and not from the order in which they
//! came, that nothing is merged or added by it, and that what a person decided is left as it is.

use crate::{
    OpsError,
    day::pack_for,
    line::open_day,
    minutes::{Close, Day, Minutes, Settings, by_division},
};
use dayclear_core::{books::Worklist, divisions::DivisionCode, protocol::Packs, roster::Linked, time::Instant};
use dayclear_engines::linkage::{self, Compared, Identity, KeyKind, Normal, compare};
use dayclear_store::{
    Scope, Scoped, Store,
    identity::{Entry, IdentityRow, LinkRow, PairRow},
};
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

/// Candidates that an entry names at most.
const CANDIDATES_MAX: usize = 5;

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

/// Somebody of the roster who has the document or the telephone of somebody whom others name.
pub(crate) struct Sharing {
    /// Number, id and division of whoever stands for them.
    pub no: i64,
    /// See above.
    pub person: String,
    /// See above.
    pub division: String,
    /// Whether the document is the same.
    pub document: bool,
    /// Whether the name is.
    pub name: bool,
}

/// Name, document and telephone as somebody told them.
pub(crate) type Told<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn told((name, document, phone): Told<'_>) -> Normal {
    let text = |value: Option<&str>| value.map(str::to_owned);
    Identity { name: text(name), document: text(document), phone: text(phone), ..Identity::default() }.normal()
}

fn same_document(one: &Normal, other: &Normal) -> bool {
    let number = |normal: &Normal| normal.document.as_ref().map(|document| document.number.clone());
    one.document.is_some() && number(one) == number(other)
}

fn same_name(one: &Normal, other: &Normal) -> bool {
    let letters = |normal: &Normal| normal.name.as_ref().map(|name| name.letters.clone());
    one.name.is_some() && letters(one) == letters(other)
}

/// People of the roster with this document or telephone, by the keys of the roster; one row for each who stands for somebody.
pub(crate) async fn sharing(tx: &mut Scoped, of: Told<'_>) -> Result<Vec<Sharing>, OpsError> {
    let told = told(of);
    let exact = |kind| matches!(kind, KeyKind::Document | KeyKind::Phone);
    let keys: Vec<i64> = told.keys().iter().filter(|(kind, _)| exact(*kind)).map(|(_, key)| hash(key)).collect();
    let numbers: BTreeSet<i64> = tx.people_with_keys(&keys).await?.into_iter().map(|(_, no)| no).collect();
    let rows = tx.identities(&numbers.into_iter().collect::<Vec<_>>()).await?;
    let stand: BTreeSet<i64> = rows.iter().filter_map(|row| row.merged_into).collect();
    let standing = tx.identities(&stand.into_iter().collect::<Vec<_>>()).await?;
    let mut found: BTreeMap<i64, Sharing> = BTreeMap::new();
    for row in &rows {
        let own = normal_of(row);
        let stands = row.merged_into.and_then(|no| standing.iter().find(|other| other.no == no)).unwrap_or(row);
        let one = found.entry(stands.no).or_insert_with(|| Sharing {
            no: stands.no,
            person: stands.id.clone(),
            division: stands.division.clone(),
            document: false,
            name: false,
        });
        one.document |= same_document(&told, &own);
        one.name |= same_name(&told, &own);
    }
    Ok(found.into_values().collect())
}

/// Whether two rows tell of one person: by the document, or by telephone and name together.
pub(crate) fn same_by_key(one: Told<'_>, other: Told<'_>) -> bool {
    let (one, other) = (told(one), told(other));
    same_document(&one, &other) || (one.phone.is_some() && one.phone == other.phone && same_name(&one, &other))
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

/// Looks again at entries of lists that may be these people.
async fn relink(tx: &mut Scoped, day: &Day<'_>, people: &[IdentityRow]) -> Result<BTreeSet<String>, OpsError> {
    let keys: Vec<i64> = people.iter().flat_map(|row| hashes(&normal_of(row))).collect();
    let numbers: Vec<i64> = people.iter().map(|row| row.no).collect();
    let entries = tx.listed_with_keys(&keys, &numbers).await?;
    link(tx, day, &entries).await
}

/// Entries of lists came: what each is taken for, and an item for whoever is not on the roster or may be several.
pub(crate) async fn listed_came(tx: &mut Scoped, day: &Day<'_>, keys: &[&str]) -> Result<(), OpsError> {
    // as long as most of the roster has no keys, "not on the roster" would be said of people who are on it: the entry waits
    if tx.uncompared().await? > IN_A_RUN {
        return Ok(());
    }
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let places = link(tx, day, &keys).await?;
    due(tx, &places).await
}

/// Figures have changed there; the next pass of the line counts them, so that a row does not wait for it.
async fn due(tx: &mut Scoped, places: &BTreeSet<String>) -> Result<(), OpsError> {
    Ok(tx.note_roster_due(&places.iter().map(String::as_str).collect::<Vec<_>>()).await?)
}

/// Counts the roster where figures have changed.
pub(crate) async fn count(tx: &mut Scoped, day: &Day<'_>) -> Result<(), OpsError> {
    Ok(tx.count_roster_due(day.end).await?)
}

/// Links entries by the keys of their rows; the divisions in which figures change.
async fn link(tx: &mut Scoped, day: &Day<'_>, keys: &[String]) -> Result<BTreeSet<String>, OpsError> {
    let named: Vec<&str> = keys.iter().map(String::as_str).collect();
    let rows = tx.listed_identities(&named).await?;
    let normals: Vec<(Normal, Vec<i64>)> = rows
        .iter()
        .map(|row| {
            let normal = normal_of(row);
            let keys = hashes(&normal);
            (normal, keys)
        })
        .collect();
    let mut listed_keys = Vec::new();
    for (row, (_, keys)) in rows.iter().zip(&normals) {
        listed_keys.extend(keys.iter().map(|key| (*key, row.id.as_str(), row.division.as_str())));
    }
    tx.put_listed_keys(&listed_keys).await?;
    let wanted: BTreeSet<i64> = normals.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
    let mut by_key: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (key, no) in tx.people_with_keys(&wanted.into_iter().collect::<Vec<_>>()).await? {
        by_key.entry(key).or_default().push(no);
    }
    let numbers: BTreeSet<i64> = by_key.values().flatten().copied().collect();
    let people = tx.identities(&numbers.into_iter().collect::<Vec<_>>()).await?;
    let people: BTreeMap<i64, (Normal, &IdentityRow)> =
        people.iter().map(|row| (row.no, (normal_of(row), row))).collect();
    let stand: BTreeSet<i64> = people.values().filter_map(|(_, row)| row.merged_into).collect();
    let names: BTreeMap<i64, (String, String)> = tx
        .identities(&stand.into_iter().collect::<Vec<_>>())
        .await?
        .into_iter()
        .map(|row| (row.no, (row.id, row.division)))
        .collect();
    let mut links = Vec::with_capacity(rows.len());
    let mut places = BTreeSet::new();
    for (row, (normal, keys)) in rows.iter().zip(&normals) {
        let found: BTreeSet<i64> = keys.iter().flat_map(|key| by_key.get(key).into_iter().flatten()).copied().collect();
        // whoever stands for somebody is found by what is known of both: the best of it counts
        let mut best: BTreeMap<i64, Compared> = BTreeMap::new();
        for no in found {
            let Some((other, person)) = people.get(&no) else { continue };
            let compared = compare(normal, other);
            if compared.linked == linkage::Linked::Different {
                continue;
            }
            let stands = person.merged_into.unwrap_or(no);
            let better = best
                .get(&stands)
                .is_none_or(|known| (compared.linked, -compared.weight) < (known.linked, -known.weight));
            if better {
                best.insert(stands, compared);
            }
        }
        let mut ranked: Vec<(i64, Compared)> = best.into_iter().collect();
        ranked.sort_by(|a, b| b.1.weight.total_cmp(&a.1.weight).then(a.0.cmp(&b.0)));
        let same: Vec<&(i64, Compared)> =
            ranked.iter().filter(|(_, compared)| compared.linked == linkage::Linked::Same).collect();
        let name = |no: i64| {
            let own = people.get(&no).map(|(_, row)| (row.id.clone(), row.division.clone()));
            own.or_else(|| names.get(&no).cloned()).unwrap_or_default()
        };
        let candidates: Vec<String> = ranked.iter().take(CANDIDATES_MAX).map(|(no, _)| name(*no).0).collect();
        let first = ranked.first();
        let (linked, person_no) = match (same.as_slice(), first) {
            ([one], _) => (Linked::Same, Some(one.0)),
            (_, Some(_)) => (Linked::Ask, None),
            (_, None) => (Linked::Nobody, None),
        };
        let told = same.first().copied().or(first);
        places.insert(row.division.clone());
        places.extend(person_no.map(|no| name(no).1));
        links.push(LinkRow {
            listed: row.id.clone(),
            division: row.division.clone(),
            linked,
            person_no,
            candidates: (linked == Linked::Ask).then(|| candidates.join(" ")),
            weight: told.map(|(_, compared)| compared.weight),
            why: told.map(|(_, compared)| why(compared)),
        });
    }
    tx.put_links(&links, day.end).await?;
    let entries: Vec<&str> = links.iter().map(|link| link.listed.as_str()).collect();
    tx.tell_places_of_entries(&entries).await?;
    wait(tx, day, &links).await?;
    Ok(places)
}

fn subject(entry: &Entry) -> String {
    format!("listed/{}/{}/{}", entry.source, entry.list, entry.entry)
}

/// An item for each entry whose person is not on the roster or may be several; it ends when that is known.
async fn wait(tx: &mut Scoped, day: &Day<'_>, links: &[LinkRow]) -> Result<(), OpsError> {
    let keys: Vec<&str> = links.iter().map(|link| link.listed.as_str()).collect();
    let entries = tx.entries(&keys).await?;
    let subjects: BTreeSet<String> = entries.values().map(subject).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let open: BTreeMap<String, _> =
        tx.open_of(Worklist::Clarify, &subjects).await?.into_iter().map(|item| (item.subject.clone(), item)).collect();
    let mut minutes = Minutes::of(day);
    // where a day comes as files it waits from its beginning
    let since = if day.end == day.until { day.start } else { day.end };
    for link in links {
        let Some(entry) = entries.get(&link.listed).filter(|entry| !entry.superseded) else { continue };
        let subject = subject(entry);
        let belongs = entry.until.is_none_or(|until| until >= day.date);
        match (link.linked, open.get(&subject)) {
            (Linked::Ask | Linked::Nobody, None) if belongs => {
                let division: DivisionCode =
                    link.division.parse().map_err(|error| OpsError::Inside(format!("{}: {error}", link.division)))?;
                let who = format!("known to {} {}, entry {}", entry.source, entry.list, entry.entry);
                let reason = match &link.candidates {
                    None => format!("{who}, and not on the roster"),
                    Some(people) => format!("{who}; on the roster may be: {people}"),
                };
                minutes.waits(Worklist::Clarify, subject, &division, by_division(&division), since, reason);
            }
            (Linked::Same, Some(item)) => {
                minutes.known(item.clone()).done(day.end, "the roster knows the person");
            }
            (_, Some(item)) if !belongs => {
                minutes.known(item.clone()).cancelled(day.end, "the person no longer belongs to the list");
            }
            _ => {}
        }
    }
    minutes.hand_in(tx).await
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
    count(&mut tx, day).await?;
    tx.commit().await?;
    Ok(true)
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
