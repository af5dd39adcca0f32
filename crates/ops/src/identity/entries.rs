//! Entries of other lists: which person of the roster each is taken for, and an item for whoever is not on it or may be several. It
//! guarantees that the best of what is known of somebody and of those whom they stand for decides, and that the item ends by itself
//! when the roster knows the person.

use super::{IN_A_RUN, due, hashes, normal_of, why};
use crate::{
    OpsError,
    minutes::{Close, Day, Minutes, by_division},
};
use dayclear_core::{books::Worklist, divisions::DivisionCode, roster::Linked};
use dayclear_engines::linkage::{self, Compared, Normal, compare};
use dayclear_store::{
    Scoped,
    identity::{Entry, IdentityRow, LinkRow},
};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates that an entry names at most.
const CANDIDATES_MAX: usize = 5;

/// Looks again at entries of lists that may be these people.
pub(super) async fn relink(
    tx: &mut Scoped,
    day: &Day<'_>,
    people: &[IdentityRow],
) -> Result<BTreeSet<String>, OpsError> {
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

/// Links entries by the keys of their rows; the divisions in which figures change.
pub(super) async fn link(tx: &mut Scoped, day: &Day<'_>, keys: &[String]) -> Result<BTreeSet<String>, OpsError> {
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
