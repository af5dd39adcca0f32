//! Under which ids something may have been told of a case: its own, and those of the same person under which no case is open. Whoever
//! asks for declarations, visits or answers of a case asks by all of them. It may use the store; it guarantees that an id belongs to one
//! person of these cases at most, that a split gives it back, and that what another open case says of itself stays with that case.

use crate::{OpsError, same::Same};
use dayclear_store::{Scoped, cases::Case};
use std::collections::{BTreeMap, BTreeSet};

/// The ids of the people of some cases.
pub(crate) struct Called {
    own: BTreeSet<String>,
    /// Another id of the same person, and the id under which the case stands.
    others: BTreeMap<String, String>,
}

impl Called {
    /// Of these cases.
    pub(crate) async fn of(tx: &mut Scoped, cases: &[Case]) -> Result<Called, OpsError> {
        let numbers: Vec<i64> = cases.iter().map(|case| case.person_no).collect();
        let same = Same::among(tx, &numbers).await?;
        let own: BTreeSet<String> = cases.iter().map(|case| case.person.clone()).collect();
        let whole: Vec<i64> = same.whole(numbers.iter().copied()).into_iter().collect();
        let mut called = Called { own, others: BTreeMap::new() };
        if whole.len() == called.own.len() {
            return Ok(called);
        }
        let open: BTreeSet<String> = tx
            .cases_of(&whole)
            .await?
            .into_iter()
            .filter(|case| case.closed_on.is_none() && !case.is_withdrawn())
            .map(|case| case.person)
            .collect();
        // of two cases of one person the one that stands is asked for what came under an id without one
        let mut standing: Vec<&Case> = cases.iter().collect();
        standing.sort_by_key(|case| (case.aside.is_some(), case.closed_on.is_some(), case.found_at, &case.id));
        for case in standing {
            for id in same.ids_of([case.person.as_str()]) {
                if !called.own.contains(id) && !open.contains(id) {
                    called.others.entry(id.to_owned()).or_insert_with(|| case.person.clone());
                }
            }
        }
        Ok(called)
    }

    /// All of them, in order of the cases' own ids and of the others.
    pub(crate) fn ids(&self) -> Vec<&str> {
        self.own.iter().chain(self.others.keys()).map(String::as_str).collect()
    }

    /// The id under which the case of somebody stands; everybody else is themselves.
    pub(crate) fn stands<'a>(&'a self, person: &'a str) -> &'a str {
        self.others.get(person).map_or(person, String::as_str)
    }
}
