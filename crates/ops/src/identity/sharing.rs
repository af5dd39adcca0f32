//! Somebody whom others name: who of the roster has their document or telephone, and whether two rows tell of one person. Nothing is
//! written here.

use super::{hash, normal_of};
use crate::OpsError;
use dayclear_engines::linkage::{Identity, KeyKind, Normal};
use dayclear_store::Scoped;
use std::collections::{BTreeMap, BTreeSet};

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
