//! Appeals against orders and areas. It guarantees by constraints that whoever filed one does not decide it, that one appeal against a
//! thing is open at a time, and that what was decided stays.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::{AppealOn, AppealState, AppealWay},
    time::Instant,
};

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// What it is about, and a number.
    pub id: String,
    /// Against an order or an area.
    pub on: AppealOn,
    /// Id of that.
    pub subject: String,
    /// Whom the order binds; nobody in particular for an area.
    pub person: Option<(String, i64)>,
    /// Community.
    pub division: DivisionCode,
    /// How it came in.
    pub way: AppealWay,
    /// In the person's words.
    pub words: String,
    /// Who wrote it down.
    pub filed_by: String,
    /// When.
    pub filed_at: Instant,
    /// By when it is decided.
    pub due_at: Instant,
    /// How it stands.
    pub state: AppealState,
}

const COLUMNS: [&str; 12] = [
    "id",
    "against",
    "subject",
    "person",
    "person_no",
    "division",
    "way",
    "words",
    "filed_by",
    "filed_at",
    "due_at",
    "state",
];

fn appeal(row: &Record) -> Result<Appeal, StoreError> {
    let person: Option<String> = row.get(3)?;
    let number: Option<i64> = row.get(4)?;
    Ok(Appeal {
        id: row.get(0)?,
        on: row.term(1)?,
        subject: row.get(2)?,
        person: person.zip(number),
        division: row.term(5)?,
        way: row.term(6)?,
        words: row.get(7)?,
        filed_by: row.get(8)?,
        filed_at: row.get(9)?,
        due_at: row.get(10)?,
        state: row.term(11)?,
    })
}

impl Scoped {
    /// Writes an appeal down.
    pub async fn file_appeal(&mut self, a: &Appeal) -> Result<(), StoreError> {
        let (person, number) = (a.person.as_ref().map(|(id, _)| id.as_str()), a.person.as_ref().map(|(_, no)| *no));
        let values: [Value<'_>; 12] = [
            (&a.id).into(),
            a.on.name().into(),
            (&a.subject).into(),
            person.into(),
            number.into(),
            (&a.division).into(),
            a.way.name().into(),
            (&a.words).into(),
            (&a.filed_by).into(),
            a.filed_at.into(),
            a.due_at.into(),
            a.state.name().into(),
        ];
        self.append("appeals", &COLUMNS, &values).await
    }

    /// Records what was decided of an open appeal, by whom, when and why; `hours` are the whole ones that it waited.
    pub async fn decide_appeal(
        &mut self,
        id: &str,
        state: AppealState,
        by: &str,
        at: Instant,
        words: &str,
        hours: i64,
    ) -> Result<(), StoreError> {
        let sql = "update appeals set state = $2, decided_by = $3, decided_at = $4, decision = $5, hours = $6
            where id = $1 and state = 'open'";
        let values = [id.into(), state.name().into(), by.into(), at.into(), words.into(), hours.into()];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Appeals by id, in order of id.
    pub async fn appeals_by_id(&mut self, ids: &[&str]) -> Result<Vec<Appeal>, StoreError> {
        self.appeals_by("id", ids).await
    }

    /// Appeals against these orders or areas, in order of id.
    pub async fn appeals_against(&mut self, subjects: &[&str]) -> Result<Vec<Appeal>, StoreError> {
        self.appeals_by("subject", subjects).await
    }

    async fn appeals_by(&mut self, column: &str, keys: &[&str]) -> Result<Vec<Appeal>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql =
            format!("select {} from appeals where {column} in ({{keys}}) and {{scope:division}}", COLUMNS.join(", "));
        let found: Result<Vec<Appeal>, StoreError> =
            self.rows_for_keys(&sql, &keys).await?.iter().map(appeal).collect();
        let mut found = found?;
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }
}
