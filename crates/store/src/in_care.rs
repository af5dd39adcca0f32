//! Who was told of as in care: a case counts as one thing from a day of the books on until it becomes another or goes. Written
//! when a day closes; what was told of a closed day is never changed.

use crate::{Scoped, StoreError, opening::Rare, value::Value};
use dayclear_core::{cases::Classification, divisions::DivisionCode, time::CivilDate};
use std::collections::BTreeMap;

/// How a case came to count as what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It was found.
    Found,
    /// It counted as something else until then.
    Reclassified,
    /// It was not one any more, and is one again: two people were taken for one.
    StandsAgain,
    /// Nobody had told of it when this began to be kept.
    TakenOver,
}

/// How a case ceased to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// It counts as something else.
    Reclassified,
    /// Its person recovered.
    Recovered,
    /// Its person died.
    Died,
    /// It never was one.
    Withdrawn,
    /// Another one of the same person stands for it.
    SetAside,
}

impl Came {
    const ALL: [(Came, &str); 4] = [
        (Came::Found, "found"),
        (Came::Reclassified, "reclassified"),
        (Came::StandsAgain, "stands_again"),
        (Came::TakenOver, "taken_over"),
    ];

    fn name(self) -> &'static str {
        Came::ALL.into_iter().find(|(came, _)| *came == self).map_or("", |(_, name)| name)
    }
}

impl Went {
    const ALL: [(Went, &str); 5] = [
        (Went::Reclassified, "reclassified"),
        (Went::Recovered, "recovered"),
        (Went::Died, "died"),
        (Went::Withdrawn, "withdrawn"),
        (Went::SetAside, "set_aside"),
    ];

    fn name(self) -> &'static str {
        Went::ALL.into_iter().find(|(went, _)| *went == self).map_or("", |(_, name)| name)
    }
}

/// A case that begins to count as something.
#[derive(Debug, Clone)]
pub struct Begins<'c> {
    /// Case.
    pub case_id: &'c str,
    /// Its community.
    pub division: &'c DivisionCode,
    /// As what it counts.
    pub class: Classification,
    /// Why.
    pub came: Came,
    /// Why it ceases to on the same day; `None`: it goes on.
    pub went: Option<Went>,
}

/// What changed on a day: by class, how many came and went, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Came.
    pub came: BTreeMap<Classification, Vec<(Came, u64)>>,
    /// Went.
    pub went: BTreeMap<Classification, Vec<(Went, u64)>>,
}

impl Scoped {
    /// What each case counts as that was told of and has not gone.
    pub async fn in_care(&mut self) -> Result<BTreeMap<String, Classification>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select case_id, class from in_care where until_day is null and division >= $1 and division < $2";
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?))).collect()
    }

    /// Whether anything was ever told of.
    pub async fn any_in_care(&mut self) -> Result<bool, StoreError> {
        self.has(Rare::InCare).await
    }

    /// Of these cases those that were told of once.
    pub async fn told_in_care(&mut self, cases: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        let sql = "select distinct case_id from in_care where case_id in ({keys}) and {scope:division}";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Cases that ended on a day or later, each with its outcome, of which nobody ever told.
    pub async fn ended_untold(&mut self, since: CivilDate) -> Result<Vec<String>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select c.id from cases c where c.closed_on >= $1 and c.division >= $2 and c.division < $3 and c.aside is null
                and coalesce(c.outcome, '') <> 'withdrawn'
                and not exists (select 1 from in_care i where i.case_id = c.id) order by c.id";
        let rows = self.rows(sql, &[since.into(), low.into(), high.into()]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Cases that cease to count as what they did, on the day that closes.
    pub async fn end_in_care(&mut self, cases: &[(&str, Went)], day: CivilDate) -> Result<(), StoreError> {
        for (went, name) in Went::ALL {
            let keys: Vec<Value<'_>> =
                cases.iter().filter(|(_, how)| *how == went).map(|(id, _)| (*id).into()).collect();
            if keys.is_empty() {
                continue;
            }
            let sql = "update in_care set until_day = $1, went = $2 where until_day is null and case_id in ({keys})";
            self.run_for_keys(sql, &[day.into(), name.into()], &keys).await?;
        }
        Ok(())
    }

    /// Cases that begin to count as something, on the day that closes.
    pub async fn begin_in_care(&mut self, cases: &[Begins<'_>], day: CivilDate) -> Result<(), StoreError> {
        let mut flat: Vec<Value<'_>> = Vec::with_capacity(cases.len() * 7);
        for case in cases {
            flat.extend([
                case.case_id.into(),
                day.into(),
                case.class.name().into(),
                case.division.into(),
                case.came.name().into(),
                case.went.map(|_| day).into(),
                case.went.map(Went::name).into(),
            ]);
        }
        if !flat.is_empty() {
            self.came(Rare::InCare);
        }
        let columns = ["case_id", "from_day", "class", "division", "came", "until_day", "went"];
        self.append("in_care", &columns, &flat).await
    }

    /// What changed on a day, by class.
    pub async fn in_care_changes(&mut self, day: CivilDate) -> Result<Changes, StoreError> {
        let (low, high) = self.scope.range();
        let given = [day.into(), low.into(), high.into()];
        let mut changes = Changes::default();
        let sql = "select class, came, count(*) from in_care where from_day = $1 and division >= $2 and division < $3
                   group by class, came order by class, came";
        for row in self.rows(sql, &given).await? {
            let (name, n) = (row.get::<String>(1)?, row.get::<i64>(2)?);
            let came = Came::ALL.into_iter().find(|(_, known)| *known == name).map(|(came, _)| came);
            let came = came.ok_or_else(|| unknown(&name))?;
            changes.came.entry(row.term(0)?).or_default().push((came, n.unsigned_abs()));
        }
        let sql = "select class, went, count(*) from in_care where until_day = $1 and division >= $2 and division < $3
                   group by class, went order by class, went";
        for row in self.rows(sql, &given).await? {
            let (name, n) = (row.get::<String>(1)?, row.get::<i64>(2)?);
            let went = Went::ALL.into_iter().find(|(_, known)| *known == name).map(|(went, _)| went);
            let went = went.ok_or_else(|| unknown(&name))?;
            changes.went.entry(row.term(0)?).or_default().push((went, n.unsigned_abs()));
        }
        Ok(changes)
    }
}

fn unknown(name: &str) -> StoreError {
    StoreError::Meaning { value: name.to_owned(), problem: "no way in which a case comes or goes".to_owned() }
}
