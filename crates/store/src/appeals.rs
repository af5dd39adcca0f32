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
    /// Hash of the secret by which whoever filed it follows it, where they have no paper.
    pub secret_hash: Option<String>,
}

/// An appeal as whoever filed it is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealTold {
    /// Number.
    pub id: String,
    /// Against an order or an area.
    pub on: AppealOn,
    /// Id of that.
    pub subject: String,
    /// How it stands.
    pub state: AppealState,
    /// When it was filed.
    pub filed_at: Instant,
    /// By when it is decided.
    pub due_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Why.
    pub decision: Option<String>,
    /// Since when what it is about is suspended.
    pub suspended_at: Option<Instant>,
}

const TOLD: &str =
    "select id, against, subject, state, filed_at, due_at, decided_at, decision, suspended_at from appeals";

fn told(row: &Record) -> Result<AppealTold, StoreError> {
    Ok(AppealTold {
        id: row.get(0)?,
        on: row.term(1)?,
        subject: row.get(2)?,
        state: row.term(3)?,
        filed_at: row.get(4)?,
        due_at: row.get(5)?,
        decided_at: row.get(6)?,
        decision: row.get(7)?,
        suspended_at: row.get(8)?,
    })
}

const COLUMNS: [&str; 13] = [
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
    "secret_hash",
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
        secret_hash: row.get(12)?,
    })
}

impl Scoped {
    /// Writes an appeal down.
    pub async fn file_appeal(&mut self, a: &Appeal) -> Result<(), StoreError> {
        let (person, number) = (a.person.as_ref().map(|(id, _)| id.as_str()), a.person.as_ref().map(|(_, no)| *no));
        let values: [Value<'_>; 13] = [
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
            a.secret_hash.as_deref().into(),
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

    /// What an appeal is about is suspended until it is decided: since when, by whom, and why.
    pub async fn suspend_for_appeal(&mut self, id: &str, by: &str, at: Instant, why: &str) -> Result<(), StoreError> {
        let sql =
            "update appeals set suspended_at = $2, suspended_by = $3, relief = $4 where id = $1 and state = 'open'";
        self.run(sql, &[id.into(), at.into(), by.into(), why.into()]).await?;
        Ok(())
    }

    /// Open appeals that were filed by a moment and have not gone to the reviewers from outside, which they have from now on.
    pub async fn appeals_to_outside(&mut self, filed_by: Instant, now: Instant) -> Result<Vec<Appeal>, StoreError> {
        let sql = "select id from appeals where state = 'open' and outside_at is null and filed_at <= $1 order by id";
        let late: Vec<String> =
            self.rows(sql, &[filed_by.into()]).await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let keys: Vec<Value<'_>> = late.iter().map(|id| id.as_str().into()).collect();
        self.run_for_keys("update appeals set outside_at = $1 where id in ({keys})", &[now.into()], &keys).await?;
        self.appeals_by_id(&late.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// When the first of the open appeals was filed that have not gone to the reviewers from outside.
    pub async fn oldest_appeal_inside(&mut self) -> Result<Option<Instant>, StoreError> {
        let sql = "select min(filed_at) from appeals where state = 'open' and outside_at is null";
        match self.row(sql, &[]).await? {
            Some(row) => row.get(0),
            None => Ok(None),
        }
    }

    /// Appeals by id, in order of id.
    pub async fn appeals_by_id(&mut self, ids: &[&str]) -> Result<Vec<Appeal>, StoreError> {
        self.appeals_by("id", ids).await
    }

    /// Appeals against these orders or areas, in order of id.
    pub async fn appeals_against(&mut self, subjects: &[&str]) -> Result<Vec<Appeal>, StoreError> {
        self.appeals_by("subject", subjects).await
    }

    /// Appeals against an order or an area as whoever filed them is told, the latest first.
    pub async fn appeals_told(&mut self, subject: &str) -> Result<Vec<AppealTold>, StoreError> {
        let sql = format!("{TOLD} where subject = $1 order by filed_at desc, id desc");
        self.rows_text(sql.into(), &[subject.into()]).await?.iter().map(told).collect()
    }

    /// The appeal of a secret, by its hash: an index finds it or not.
    pub async fn appeal_of_secret(&mut self, secret_hash: &str) -> Result<Option<AppealTold>, StoreError> {
        let sql = format!("{TOLD} where secret_hash = $1");
        self.rows_text(sql.into(), &[secret_hash.into()]).await?.first().map(told).transpose()
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
