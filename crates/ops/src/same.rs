//! Who is read as whom. Records keep the person they came with; whoever decides asks here which ids are one person, so that a merge
//! moves nothing and a split brings everything back. It may use the store; it guarantees that two ids of one person give one answer.

use crate::{OpsError, minutes::Focus};
use dayclear_store::Scoped;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// People who are known under more than one id; everybody else is themselves.
#[derive(Debug, Clone, Default)]
pub struct Same {
    numbers: HashMap<i64, i64>,
    ids: HashMap<String, String>,
    /// All numbers, and all ids, of whoever stands for others.
    all: HashMap<i64, Vec<i64>>,
    names: BTreeMap<String, Vec<String>>,
}

impl Same {
    /// Of everybody, or of those of a focus.
    pub async fn of(tx: &mut Scoped, focus: Option<&Focus>) -> Result<Same, OpsError> {
        Same::read(tx, focus.map(|focus| focus.people.as_slice())).await
    }

    /// Of these people, by number.
    pub async fn among(tx: &mut Scoped, people: &[i64]) -> Result<Same, OpsError> {
        Same::read(tx, Some(people)).await
    }

    async fn read(tx: &mut Scoped, people: Option<&[i64]>) -> Result<Same, OpsError> {
        let mut same = Same::default();
        for row in tx.read_as(people).await? {
            same.all.entry(row.stands_no).or_insert_with(|| vec![row.stands_no]).push(row.no);
            same.names.entry(row.stands.clone()).or_insert_with(|| vec![row.stands.clone()]).push(row.person.clone());
            same.numbers.insert(row.no, row.stands_no);
            same.ids.insert(row.person, row.stands);
        }
        Ok(same)
    }

    /// Who stands for a person, by number.
    pub fn who(&self, no: i64) -> i64 {
        self.numbers.get(&no).copied().unwrap_or(no)
    }

    /// Who stands for a person, by id.
    pub fn id<'a>(&'a self, person: &'a str) -> &'a str {
        self.ids.get(person).map_or(person, String::as_str)
    }

    /// Whether somebody is read as another one.
    pub fn is_merged(&self, no: i64) -> bool {
        self.numbers.contains_key(&no)
    }

    /// Whether somebody is known under more than one id.
    pub fn is_known_twice(&self, person: &str) -> bool {
        self.names.contains_key(self.id(person))
    }

    /// These people, and all who are the same as one of them; in order.
    pub fn whole(&self, people: impl IntoIterator<Item = i64>) -> BTreeSet<i64> {
        let mut whole = BTreeSet::new();
        for no in people {
            whole.insert(no);
            whole.extend(self.all.get(&self.who(no)).into_iter().flatten());
        }
        whole
    }

    /// All ids of these people, in order.
    pub fn ids_of<'a>(&'a self, people: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut ids = BTreeSet::new();
        for person in people {
            ids.insert(person);
            ids.extend(self.names.get(self.id(person)).into_iter().flatten().map(String::as_str));
        }
        ids.into_iter().collect()
    }
}
