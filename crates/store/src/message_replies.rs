//! Answers that came by message, under the id that the gateway gave each. It guarantees that an id is taken once, and that an answer stays
//! as it came until its words are deleted.

use crate::{Scoped, StoreError, value::Record};
use dayclear_core::{
    divisions::DivisionCode,
    messages::ReplyState,
    time::{CivilDate, Instant},
};

/// Whom the last question to a number asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedThere {
    /// Follow-up.
    pub followed: String,
    /// Person.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// Last day of the follow-up as it stands; `None`: it has ended.
    pub until_day: Option<CivilDate>,
    /// Whether several people had the number as it was asked.
    pub shared: bool,
    /// Whether they still want messages.
    pub wanted: bool,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Number.
    pub id: &'a str,
    /// Id that the gateway gave it.
    pub given_id: &'a str,
    /// Digest of what came under that id.
    pub digest: &'a str,
    /// Telephone.
    pub number: &'a str,
    /// What it says.
    pub words: &'a str,
    /// When it was written, by the gateway.
    pub at: Instant,
    /// When it came.
    pub received_at: Instant,
    /// What became of it.
    pub state: ReplyState,
    /// Whose it is, if that is known.
    pub of: Option<&'a AskedThere>,
    /// Division.
    pub division: &'a DivisionCode,
    /// Day after which number and words are deleted.
    pub over_on: CivilDate,
}

impl Scoped {
    /// The digest of what came under an id before.
    pub async fn reply_given(&mut self, given_id: &str) -> Result<Option<String>, StoreError> {
        let row = self.row("select digest from message_replies where given_id = $1", &[given_id.into()]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Whom the last question to a number asked.
    pub async fn asked_at_number(&mut self, number: &str) -> Result<Option<AskedThere>, StoreError> {
        let sql = "select m.followed, m.person, m.person_no, m.division, (select w.until_day from followed w where w.id = m.followed
                    and w.ended_on is null), m.shared,
                exists (select 1 from message_choices c where c.followed = m.followed and c.wanted
                    and not exists (select 1 from message_choices x where x.followed = c.followed and x.no > c.no))
            from messages m where m.number = $1 and m.kind = 'ask' order by m.day desc, m.id desc limit 1";
        let row = self.row(sql, &[number.into()]).await?;
        row.map(|row: Record| {
            Ok(AskedThere {
                followed: row.get(0)?,
                person: row.get(1)?,
                person_no: row.get(2)?,
                division: row.term(3)?,
                until_day: row.get(4)?,
                shared: row.get(5)?,
                wanted: row.get(6)?,
            })
        })
        .transpose()
    }

    /// How many answers came from a number since a moment.
    pub async fn replies_from(&mut self, number: &str, since: Instant) -> Result<i64, StoreError> {
        let sql = "select count(*) from message_replies where received_at >= $2 and number = $1";
        self.row(sql, &[number.into(), since.into()]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Keeps an answer.
    pub async fn keep_reply(&mut self, r: &Reply<'_>) -> Result<(), StoreError> {
        let columns = [
            "id",
            "given_id",
            "digest",
            "number",
            "words",
            "at",
            "received_at",
            "state",
            "followed",
            "person",
            "person_no",
            "division",
            "over_on",
        ];
        let values = [
            r.id.into(),
            r.given_id.into(),
            r.digest.into(),
            r.number.into(),
            r.words.into(),
            r.at.into(),
            r.received_at.into(),
            r.state.name().into(),
            r.of.map(|of| of.followed.as_str()).into(),
            r.of.map(|of| of.person.as_str()).into(),
            r.of.map(|of| of.person_no).into(),
            r.division.into(),
            r.over_on.into(),
        ];
        self.append("message_replies", &columns, &values).await
    }

    /// Takes numbers and words of answers whose time is over, some at a time; how many.
    pub async fn forget_replies_before(&mut self, today: CivilDate, most: i64) -> Result<u64, StoreError> {
        let sql = "update message_replies set number = null, words = null, gone_on = $1 where id in
            (select r.id from message_replies r where r.gone_on is null and r.over_on < $1
                and not exists (select 1 from followed w where w.id = r.followed and w.ended_on is null)
             order by r.over_on limit $2)";
        self.run(sql, &[today.into(), most.into()]).await
    }
}
