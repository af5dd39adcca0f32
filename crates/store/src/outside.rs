//! What was heard from bodies that receive people outside the city. Words are added and never changed; that nobody departs to a place which
//! is not confirmed is decided by the guards of `transfers`, which read the same rows.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{divisions::DivisionCode, time::Instant, transfer::OutsideWord};

/// A word of the body that receives somebody outside the city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidOutside {
    /// Transfer.
    pub transfer: String,
    /// Which word on it, from 1.
    pub no: i64,
    /// Community of the person.
    pub division: DivisionCode,
    /// Place outside the city.
    pub facility: String,
    /// What was said.
    pub word: OutsideWord,
    /// Who of the receiving body said it, or took the person over.
    pub who: String,
    /// How it can be found again: telephone, number of the letter, signature.
    pub note: String,
    /// When it was said.
    pub at: Instant,
    /// Who wrote it down.
    pub account: String,
    /// When.
    pub said_at: Instant,
}

fn said(row: &Record) -> Result<SaidOutside, StoreError> {
    Ok(SaidOutside {
        transfer: row.get(0)?,
        no: row.get(1)?,
        division: row.term(2)?,
        facility: row.get(3)?,
        word: row.term(4)?,
        who: row.get(5)?,
        note: row.get(6)?,
        at: row.get(7)?,
        account: row.get(8)?,
        said_at: row.get(9)?,
    })
}

impl Scoped {
    /// What was heard of these transfers, in order of transfer and number.
    pub async fn said_outside(&mut self, transfers: &[&str]) -> Result<Vec<SaidOutside>, StoreError> {
        let keys: Vec<Value<'_>> = transfers.iter().map(|id| (*id).into()).collect();
        let sql = "select transfer, no, division, facility, word, who, note, at, account, said_at from outside_words
            where transfer in ({keys}) and {scope:division}";
        let words: Result<Vec<SaidOutside>, StoreError> =
            self.rows_for_keys(sql, &keys).await?.iter().map(said).collect();
        let mut words = words?;
        words.sort_by(|a, b| (&a.transfer, a.no).cmp(&(&b.transfer, b.no)));
        Ok(words)
    }

    /// Keeps a word.
    pub async fn keep_said_outside(&mut self, word: &SaidOutside) -> Result<(), StoreError> {
        let columns =
            ["id", "transfer", "no", "division", "facility", "word", "who", "note", "at", "account", "said_at"];
        let id = format!("{}/{}", word.transfer, word.no);
        let values: [Value<'_>; 11] = [
            id.as_str().into(),
            word.transfer.as_str().into(),
            word.no.into(),
            (&word.division).into(),
            word.facility.as_str().into(),
            word.word.name().into(),
            word.who.as_str().into(),
            word.note.as_str().into(),
            word.at.into(),
            word.account.as_str().into(),
            word.said_at.into(),
        ];
        self.append("outside_words", &columns, &values).await
    }
}
