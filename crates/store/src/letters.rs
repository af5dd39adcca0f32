//! Letters of assistance between jurisdictions, each with its clock and its book. How a letter of ours went is never changed; guards see to
//! it. The people in it are beside it ([`crate::letter_people`]).

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    letters::{LetterBook, LetterKind, LetterState, LetterWay},
    time::Instant,
};
use std::collections::BTreeMap;

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Number.
    pub id: String,
    /// Who asks whom.
    pub kind: LetterKind,
    /// Who of ours answers for it.
    pub division: DivisionCode,
    /// Our case that it belongs to.
    pub case_id: Option<String>,
    /// The other jurisdiction, its code, and whom one can call there.
    pub side: String,
    /// See above.
    pub side_code: Option<String>,
    /// See above.
    pub side_phone: Option<String>,
    /// How it stands.
    pub state: LetterState,
    /// Who wrote it, or wrote it down.
    pub made_by: String,
    /// When.
    pub made_at: Instant,
    /// Since when the hours of the answer run.
    pub clock_at: Option<Instant>,
    /// Until when they do.
    pub due_at: Option<Instant>,
    /// How often rows came after it was answered, from 1.
    pub round: i64,
    /// How it went, or our answer: way, what shows it, when.
    pub sent: Option<(LetterWay, String, Instant)>,
    /// When everybody was answered for, or our answer went.
    pub ended_at: Option<Instant>,
    /// Why it was not sent.
    pub dropped_why: Option<String>,
    /// Its book.
    pub book: LetterBook,
}

const LETTER: [&str; 24] = [
    "id",
    "kind",
    "division",
    "case_id",
    "side",
    "side_code",
    "side_phone",
    "state",
    "made_by",
    "made_at",
    "clock_at",
    "due_at",
    "round",
    "way",
    "shown",
    "sent_at",
    "ended_at",
    "dropped_why",
    "people",
    "found",
    "not_found",
    "elsewhere",
    "refused",
    "unanswered",
];

fn letter(row: &Record) -> Result<Letter, StoreError> {
    let way: Option<String> = row.get(13)?;
    let sent = match (way, row.get::<Option<String>>(14)?, row.get::<Option<Instant>>(15)?) {
        (Some(_), Some(shown), Some(at)) => Some((row.term(13)?, shown, at)),
        _ => None,
    };
    Ok(Letter {
        id: row.get(0)?,
        kind: row.term(1)?,
        division: row.term(2)?,
        case_id: row.get(3)?,
        side: row.get(4)?,
        side_code: row.get(5)?,
        side_phone: row.get(6)?,
        state: row.term(7)?,
        made_by: row.get(8)?,
        made_at: row.get(9)?,
        clock_at: row.get(10)?,
        due_at: row.get(11)?,
        round: row.get(12)?,
        sent,
        ended_at: row.get(16)?,
        dropped_why: row.get(17)?,
        book: book(row, 18)?,
    })
}

/// A book whose columns begin at one of a row's.
fn book(row: &Record, from: usize) -> Result<LetterBook, StoreError> {
    let n = |at: usize| row.get(from + at);
    Ok(LetterBook { people: n(0)?, found: n(1)?, not_found: n(2)?, elsewhere: n(3)?, refused: n(4)?, open: n(5)? })
}

fn values(l: &Letter) -> [Value<'_>; 24] {
    let (way, shown, sent_at) = match &l.sent {
        Some((way, shown, at)) => (Some(way.name()), Some(shown.as_str()), Some(*at)),
        None => (None, None, None),
    };
    [
        (&l.id).into(),
        l.kind.name().into(),
        (&l.division).into(),
        l.case_id.as_deref().into(),
        (&l.side).into(),
        l.side_code.as_deref().into(),
        l.side_phone.as_deref().into(),
        l.state.name().into(),
        (&l.made_by).into(),
        l.made_at.into(),
        l.clock_at.into(),
        l.due_at.into(),
        l.round.into(),
        way.into(),
        shown.into(),
        sent_at.into(),
        l.ended_at.into(),
        l.dropped_why.as_deref().into(),
        l.book.people.into(),
        l.book.found.into(),
        l.book.not_found.into(),
        l.book.elsewhere.into(),
        l.book.refused.into(),
        l.book.open.into(),
    ]
}

impl Scoped {
    /// Letters by number, those of this handle's places.
    pub async fn letters_by_id(&mut self, ids: &[&str]) -> Result<Vec<Letter>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {} from letters where id in ({{keys}}) and {{scope:division}} order by id",
            LETTER.join(", ")
        );
        self.rows_for_keys(&sql, &keys).await?.iter().map(letter).collect()
    }

    /// Letters of a case, in order.
    pub async fn letters_of_case(&mut self, case: &str) -> Result<Vec<Letter>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {} from letters where case_id = $1 and division >= $2 and division < $3 order by made_at, id",
            LETTER.join(", ")
        );
        self.rows_text(sql.into(), &[case.into(), low.into(), high.into()]).await?.iter().map(letter).collect()
    }

    /// How many letters of ours were begun since a moment.
    pub async fn letters_begun_since(&mut self, since: Instant) -> Result<i64, StoreError> {
        let sql = "select count(*) from letters where made_at >= $1 and kind = 'out'";
        self.row(sql, &[since.into()]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Writes a letter down.
    pub async fn add_letter(&mut self, l: &Letter) -> Result<(), StoreError> {
        self.append("letters", &LETTER, &values(l)).await
    }

    /// Keeps how a letter stands.
    pub async fn update_letter(&mut self, l: &Letter) -> Result<(), StoreError> {
        let sql = "update letters set division = $2, state = $3, clock_at = $4, due_at = $5, round = $6, way = $7, shown = $8,
                sent_at = $9, ended_at = $10, dropped_why = $11, people = $12, found = $13, not_found = $14, elsewhere = $15,
                refused = $16, unanswered = $17 where id = $1";
        let [id, _, division, _, _, _, _, state, _, _, rest @ ..] = values(l);
        let values: Vec<Value<'_>> = [id, division, state].into_iter().chain(rest).collect();
        self.run(sql, &values).await?;
        Ok(())
    }

    /// The books of this handle's letters by who asks whom: those that were sent, and those that were received.
    pub async fn letter_books(&mut self) -> Result<BTreeMap<LetterKind, LetterBook>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select kind, cast(sum(people) as bigint), cast(sum(found) as bigint), cast(sum(not_found) as bigint),
                cast(sum(elsewhere) as bigint), cast(sum(refused) as bigint), cast(sum(unanswered) as bigint) from letters
            where division >= $1 and division < $2 and state not in ('draft', 'dropped') group by kind order by kind";
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, book(row, 1)?))).collect()
    }
}
