//! Areas wider or longer than the rule's: who asked on what evidence, how many more people it binds, and who decided. It guarantees by
//! constraints that the one who decides is another person, that one question of a kind waits for an area at a time, and that what was
//! decided stays.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::{ExtensionKind, ExtensionState},
    time::{CivilDate, Instant},
};

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Area and number.
    pub id: String,
    /// Area.
    pub zone: String,
    /// Community of the area.
    pub division: DivisionCode,
    /// In place or in time.
    pub kind: ExtensionKind,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// Case on which it rests.
    pub evidence: String,
    /// Why, in words.
    pub reason: String,
    /// Clause, inputs and version that allow it, as JSON.
    pub clause: String,
    /// Buildings that it encloses beside the area, in order.
    pub buildings: Vec<String>,
    /// People whom the area binds.
    pub people: i64,
    /// People whom it binds in addition; of one in time those who stay bound longer.
    pub extra: i64,
    /// Last day of the area when it was asked for.
    pub was_until: CivilDate,
    /// Last day that is asked for.
    pub until: CivilDate,
    /// How it stands.
    pub state: ExtensionState,
    /// Who decided, when, and in which words.
    pub decided: Option<(String, Instant, String)>,
}

const COLUMNS: [&str; 18] = [
    "id",
    "zone",
    "division",
    "kind",
    "asked_by",
    "asked_at",
    "evidence",
    "reason",
    "clause",
    "buildings",
    "people",
    "extra",
    "was_until",
    "until_day",
    "state",
    "decided_by",
    "decided_at",
    "decision",
];

fn extension(row: &Record) -> Result<Extension, StoreError> {
    let buildings: String = row.get(9)?;
    let by: Option<String> = row.get(15)?;
    let at: Option<Instant> = row.get(16)?;
    let words: Option<String> = row.get(17)?;
    Ok(Extension {
        id: row.get(0)?,
        zone: row.get(1)?,
        division: row.term(2)?,
        kind: row.term(3)?,
        asked_by: row.get(4)?,
        asked_at: row.get(5)?,
        evidence: row.get(6)?,
        reason: row.get(7)?,
        clause: row.get(8)?,
        buildings: buildings.split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        people: row.get(10)?,
        extra: row.get(11)?,
        was_until: row.get(12)?,
        until: row.get(13)?,
        state: row.term(14)?,
        decided: by.zip(at).map(|(by, at)| (by, at, words.unwrap_or_default())),
    })
}

impl Scoped {
    /// Writes down that an extension was asked for.
    pub async fn ask_extension(&mut self, e: &Extension) -> Result<(), StoreError> {
        let values: [Value<'_>; 15] = [
            (&e.id).into(),
            (&e.zone).into(),
            (&e.division).into(),
            e.kind.name().into(),
            (&e.asked_by).into(),
            e.asked_at.into(),
            (&e.evidence).into(),
            (&e.reason).into(),
            (&e.clause).into(),
            e.buildings.join(" ").into(),
            e.people.into(),
            e.extra.into(),
            e.was_until.into(),
            e.until.into(),
            e.state.name().into(),
        ];
        self.append("extensions", &COLUMNS[..15], &values).await
    }

    /// Records what was decided of an extension that waits, by whom and in which words.
    pub async fn decide_extension(
        &mut self,
        id: &str,
        state: ExtensionState,
        by: &str,
        at: Instant,
        words: &str,
    ) -> Result<(), StoreError> {
        let sql = "update extensions set state = $2, decided_by = $3, decided_at = $4, decision = $5
            where id = $1 and state = 'asked'";
        self.run(sql, &[id.into(), state.name().into(), by.into(), at.into(), words.into()]).await?;
        Ok(())
    }

    /// Extensions by id, in order of id.
    pub async fn extensions_by_id(&mut self, ids: &[&str]) -> Result<Vec<Extension>, StoreError> {
        self.extensions_by("id", ids).await
    }

    /// Extensions that were asked for of these areas, in order of id.
    pub async fn extensions_of(&mut self, zones: &[&str]) -> Result<Vec<Extension>, StoreError> {
        self.extensions_by("zone", zones).await
    }

    /// Extensions that rest on these cases, in order of id.
    pub async fn extensions_on(&mut self, cases: &[&str]) -> Result<Vec<Extension>, StoreError> {
        self.extensions_by("evidence", cases).await
    }

    async fn extensions_by(&mut self, column: &str, keys: &[&str]) -> Result<Vec<Extension>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = format!(
            "select {} from extensions where {column} in ({{keys}}) and {{scope:division}}",
            COLUMNS.join(", ")
        );
        let found: Result<Vec<Extension>, StoreError> =
            self.rows_for_keys(&sql, &keys).await?.iter().map(extension).collect();
        let mut found = found?;
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }
}
