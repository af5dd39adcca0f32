//! Messages to people in follow-up: who wants them, what was made, how each stands. It guarantees that one is given out to be sent by one
//! program at a time, and only while it is wanted, its follow-up runs and its sending may go; and that its number and words never change.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    messages::{MessageKind, MessageState, SendingState},
    roster::Language,
    time::{CivilDate, Instant},
};
use std::collections::BTreeMap;

/// Somebody in follow-up who is asked by message today, and has not been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToAsk {
    /// Follow-up.
    pub followed: String,
    /// The choice that it rests on.
    pub choice: i64,
    /// Person.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// Last day of the follow-up.
    pub until_day: CivilDate,
    /// Telephone, as the roster has it.
    pub phone: String,
    /// Language, if it was learned.
    pub language: Option<Language>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Number, which says nothing of anybody.
    pub id: String,
    /// What it is for.
    pub kind: MessageKind,
    /// To whom, and in which follow-up.
    pub to: ToAsk,
    /// Day on which it may go.
    pub day: CivilDate,
    /// Whether several people in follow-up have the number.
    pub shared: bool,
    /// The text and the hash that binds it to what it is about; `None`: not written yet.
    pub written: Option<(String, String)>,
    /// The message that it recalls.
    pub recalls: Option<String>,
    /// How it stands.
    pub state: MessageState,
    /// How often it was given to the gateway.
    pub tries: i64,
}

/// Messages that are made together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Number.
    pub id: String,
    /// What the messages are for.
    pub kind: MessageKind,
    /// Day on which they may go.
    pub day: CivilDate,
    /// The city.
    pub division: DivisionCode,
    /// How many.
    pub people: i64,
    /// How it stands.
    pub state: SendingState,
    /// Who made it, and when.
    pub made: (String, Instant),
}

const MESSAGE: &str = "m.id, m.kind, m.followed, m.choice, m.person, m.person_no, m.division, m.until_day, coalesce(m.number, ''), \
     m.language, m.day, m.shared, m.text, m.hash, m.recalls, m.state, m.tries";

fn message(row: &Record) -> Result<Message, StoreError> {
    let (text, hash): (Option<String>, Option<String>) = (row.get(12)?, row.get(13)?);
    Ok(Message {
        id: row.get(0)?,
        kind: row.term(1)?,
        to: ToAsk {
            followed: row.get(2)?,
            choice: row.get(3)?,
            person: row.get(4)?,
            person_no: row.get(5)?,
            division: row.term(6)?,
            until_day: row.get(7)?,
            phone: row.get(8)?,
            language: row.maybe_term(9)?,
        },
        day: row.get(10)?,
        shared: row.get(11)?,
        written: text.zip(hash),
        recalls: row.get(14)?,
        state: row.term(15)?,
        tries: row.get(16)?,
    })
}

fn sending(row: &Record) -> Result<Sending, StoreError> {
    Ok(Sending {
        id: row.get(0)?,
        kind: row.term(1)?,
        day: row.get(2)?,
        division: row.term(3)?,
        people: row.get(4)?,
        state: row.term(5)?,
        made: (row.get(6)?, row.get(7)?),
    })
}

/// A choice that stands and says yes, of a row that bears follow-up and choice.
macro_rules! wanted {
    ($choice:literal) => {
        concat!(
            "exists (select 1 from message_choices c where c.followed = m.followed and c.wanted and c.no = ",
            $choice,
            " and not exists (select 1 from message_choices x where x.followed = c.followed and x.no > c.no))"
        )
    };
}

impl Scoped {
    /// How each follow-up was chosen last: the number of the choice, and what it says.
    pub async fn message_choices(&mut self, followed: &[&str]) -> Result<BTreeMap<String, (i64, bool)>, StoreError> {
        let keys: Vec<Value<'_>> = followed.iter().map(|id| (*id).into()).collect();
        let sql = "select c.followed, c.no, c.wanted from message_choices c where c.followed in ({keys})
                   and not exists (select 1 from message_choices x where x.followed = c.followed and x.no > c.no)";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).collect()
    }

    /// Writes down a choice of somebody in follow-up.
    pub async fn choose_messages(
        &mut self,
        (followed, no): (&str, i64),
        (person, division): (&str, &DivisionCode),
        wanted: bool,
        (by, at): (&str, Instant),
    ) -> Result<(), StoreError> {
        let columns = ["followed", "no", "person", "division", "wanted", "said_by", "at"];
        let values = [followed.into(), no.into(), person.into(), division.into(), wanted.into(), by.into(), at.into()];
        self.append("message_choices", &columns, &values).await
    }

    /// Who is asked by message on a day: they agreed, the day belongs to their follow-up, nobody has spoken to them since its start, and no
    /// message was made for them.
    pub async fn to_ask(&mut self, day: CivilDate, start: Instant) -> Result<Vec<ToAsk>, StoreError> {
        let sql = "select w.id, c.no, w.person, w.person_no, w.division, w.until_day, p.phone, p.language
            from message_choices c join followed w on w.id = c.followed join people p on p.no = w.person_no
            where c.wanted and not exists (select 1 from message_choices x where x.followed = c.followed and x.no > c.no)
              and w.ended_on is null and w.from_day <= $1 and w.until_day >= $1 and p.phone is not null and p.merged_into is null
              and not exists (select 1 from follow_ups f where f.person = w.person and f.at >= $2 and f.answer in ('reached', 'refused'))
              and not exists (select 1 from messages m where m.person = w.person and m.day = $1 and m.kind = 'ask')
            order by w.division, w.id";
        let rows = self.rows(sql, &[day.into(), start.into()]).await?;
        let ask = |row: &Record| {
            Ok(ToAsk {
                followed: row.get(0)?,
                choice: row.get(1)?,
                person: row.get(2)?,
                person_no: row.get(3)?,
                division: row.term(4)?,
                until_day: row.get(5)?,
                phone: row.get(6)?,
                language: row.maybe_term(7)?,
            })
        };
        rows.iter().map(ask).collect()
    }

    /// Telephones of everybody in follow-up, as the roster has them.
    pub async fn phones_followed(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "select p.phone from followed w join people p on p.no = w.person_no
                   where w.ended_on is null and p.phone is not null and p.merged_into is null";
        self.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Numbers that were sent a question today.
    pub async fn numbers_asked(&mut self, day: CivilDate) -> Result<Vec<String>, StoreError> {
        let sql = "select number from messages where day = $1 and kind = 'ask' and number is not null";
        self.rows(sql, &[day.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Of a day: sendings, messages, answers received since its start, and people to whom messages go that no second person let go.
    pub async fn message_counts(&mut self, day: CivilDate, start: Instant) -> Result<[i64; 4], StoreError> {
        // PostgreSQL adds whole numbers up to decimal ones
        let sql =
            "select (select count(*) from sendings where day = $1), (select count(*) from messages where day = $1),
            (select count(*) from message_replies where received_at >= $2),
            (select cast(coalesce(sum(people), 0) as bigint) from sendings where day = $1 and state = 'goes')";
        match self.row(sql, &[day.into(), start.into()]).await? {
            Some(row) => Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
            None => Ok([0; 4]),
        }
    }

    /// Makes messages.
    pub async fn make_messages(&mut self, s: &Sending, messages: &[Message]) -> Result<(), StoreError> {
        let columns = ["id", "kind", "day", "division", "people", "state", "made_by", "made_at"];
        let values = [
            (&s.id).into(),
            s.kind.name().into(),
            s.day.into(),
            (&s.division).into(),
            s.people.into(),
            s.state.name().into(),
            (&s.made.0).into(),
            s.made.1.into(),
        ];
        self.append("sendings", &columns, &values).await?;
        let columns = [
            "id",
            "sending",
            "kind",
            "followed",
            "choice",
            "person",
            "person_no",
            "division",
            "day",
            "until_day",
            "number",
            "shared",
            "language",
            "text",
            "hash",
            "recalls",
            "state",
            "queued_at",
            "next_at",
        ];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(columns.len() * messages.len());
        for m in messages {
            values.extend([
                (&m.id).into(),
                (&s.id).into(),
                m.kind.name().into(),
                (&m.to.followed).into(),
                m.to.choice.into(),
                (&m.to.person).into(),
                m.to.person_no.into(),
                (&m.to.division).into(),
                m.day.into(),
                m.to.until_day.into(),
                (&m.to.phone).into(),
                m.shared.into(),
                m.to.language.map(Language::name).into(),
                m.written.as_ref().map(|(text, _)| text.as_str()).into(),
                m.written.as_ref().map(|(_, hash)| hash.as_str()).into(),
                m.recalls.as_deref().into(),
                MessageState::Queued.name().into(),
                s.made.1.into(),
                s.made.1.into(),
            ]);
        }
        self.append("messages", &columns, &values).await
    }

    /// Sendings by number.
    pub async fn sendings_by_id(&mut self, ids: &[&str]) -> Result<Vec<Sending>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select s.id, s.kind, s.day, s.division, s.people, s.state, s.made_by, s.made_at from sendings s
                   where s.id in ({keys}) and {scope:s.division} order by s.id";
        self.rows_for_keys(sql, &keys).await?.iter().map(sending).collect()
    }

    /// Sendings of days before this one of which something is still to go.
    pub async fn sendings_over(&mut self, day: CivilDate) -> Result<Vec<Sending>, StoreError> {
        let sql = "select s.id, s.kind, s.day, s.division, s.people, s.state, s.made_by, s.made_at from sendings s
            where s.day < $1 and s.state <> 'stopped' and exists (select 1 from messages m where m.sending = s.id and m.state = 'queued')
            order by s.id";
        self.rows(sql, &[day.into()]).await?.iter().map(sending).collect()
    }

    /// Records what was decided of a sending.
    pub async fn decide_sending(
        &mut self,
        id: &str,
        state: SendingState,
        (by, at): (&str, Instant),
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "update sendings set state = $2, decided_by = $3, decided_at = $4, reason = $5 where id = $1";
        self.run(sql, &[id.into(), state.name().into(), by.into(), at.into(), reason.into()]).await?;
        Ok(())
    }

    /// Messages by number.
    pub async fn messages_by_id(&mut self, ids: &[&str]) -> Result<Vec<Message>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql =
            format!("select {MESSAGE} from messages m where m.id in ({{keys}}) and {{scope:m.division}} order by m.id");
        self.rows_for_keys(&sql, &keys).await?.iter().map(message).collect()
    }

    /// Messages of a sending.
    pub async fn messages_of_sending(&mut self, id: &str) -> Result<Vec<Message>, StoreError> {
        let sql = format!("select {MESSAGE} from messages m where m.sending = $1 order by m.id");
        self.rows_text(sql.into(), &[id.into()]).await?.iter().map(message).collect()
    }

    /// Notices of a day that have no words yet.
    pub async fn messages_unwritten(&mut self, day: CivilDate) -> Result<Vec<Message>, StoreError> {
        let sql = format!(
            "select {MESSAGE} from messages m where m.day = $1 and m.state = 'queued' and m.hash is null and m.kind = 'recall' order by m.id"
        );
        self.rows_text(sql.into(), &[day.into()]).await?.iter().map(message).collect()
    }

    /// Writes the words of a message, once.
    pub async fn write_message(&mut self, id: &str, text: &str, hash: &str) -> Result<(), StoreError> {
        let sql = "update messages set text = $2, hash = $3 where id = $1 and hash is null";
        self.run(sql, &[id.into(), text.into(), hash.into()]).await?;
        Ok(())
    }

    /// Ends messages that have not gone: questions that nobody wants any more or whose follow-up has ended, and whatever was for a day that is
    /// over; how many.
    pub async fn end_stale_messages(&mut self, day: CivilDate, at: Instant) -> Result<u64, StoreError> {
        let late = "update messages set state = 'failed', ended_at = $2, why = 'its day is over' where state = 'queued' and day < $1";
        let late = self.run(late, &[day.into(), at.into()]).await?;
        let unwanted = concat!(
            "update messages as m set state = 'recalled', ended_at = $1, why = 'nobody is to be asked by message any more'
             where m.state = 'queued' and m.kind = 'ask' and (not ",
            wanted!("m.choice"),
            " or not exists (select 1 from followed w where w.id = m.followed and w.ended_on is null))"
        );
        Ok(late + self.run(unwanted, &[at.into()]).await?)
    }

    /// Withdraws what has not gone of a follow-up.
    pub async fn withdraw_messages(&mut self, followed: &str, at: Instant, why: &str) -> Result<u64, StoreError> {
        let sql = "update messages set state = 'recalled', ended_at = $2, why = $3
                   where followed = $1 and state = 'queued' and kind = 'ask'";
        self.run(sql, &[followed.into(), at.into(), why.into()]).await
    }

    /// Recalls a message, whether it has gone or not; whether it could be.
    pub async fn recall_message(&mut self, id: &str, at: Instant, why: &str) -> Result<bool, StoreError> {
        let sql = "update messages set state = 'recalled', ended_at = $2, why = $3
                   where id = $1 and state in ('queued', 'sent', 'delivered')";
        Ok(self.run(sql, &[id.into(), at.into(), why.into()]).await? == 1)
    }

    /// Takes messages that may go now, at most so many: each counts as tried, and is not given out again before `next_at` says of its tries.
    pub async fn take_messages(
        &mut self,
        day: CivilDate,
        now: Instant,
        most: i64,
        next_at: impl Fn(i64) -> Instant,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = format!(
            "select {MESSAGE} from messages m join sendings s on s.id = m.sending
             where m.state = 'queued' and m.next_at <= $2 and m.day = $1 and m.hash is not null and s.state in ('goes', 'released')
               and (m.kind = 'recall' or ({} and exists (select 1 from followed w where w.id = m.followed and w.ended_on is null
                    and w.until_day >= $1)
                and not exists (select 1 from follow_ups f where f.person = m.person and f.at >= m.queued_at and f.answer in ('reached', 'refused'))))
             order by m.next_at, m.id limit $3",
            wanted!("m.choice")
        );
        let rows = self.rows_text(sql.into(), &[day.into(), now.into(), most.into()]).await?;
        let found: Vec<Message> = rows.iter().map(message).collect::<Result<_, _>>()?;
        let mut taken = Vec::with_capacity(found.len());
        for mut one in found {
            one.tries += 1;
            let sql =
                "update messages set tries = $2, next_at = $3 where id = $1 and state = 'queued' and tries = $2 - 1";
            let values = [(&one.id).into(), one.tries.into(), next_at(one.tries).into()];
            if self.run(sql, &values).await? == 1 {
                taken.push(one);
            }
        }
        Ok(taken)
    }

    /// The gateway has a message.
    pub async fn message_sent(&mut self, id: &str, at: Instant) -> Result<bool, StoreError> {
        let sql = "update messages set state = 'sent', sent_at = $2 where id = $1 and state = 'queued'";
        Ok(self.run(sql, &[id.into(), at.into()]).await? == 1)
    }

    /// A message does not go, or did not arrive.
    pub async fn message_failed(&mut self, id: &str, at: Instant, why: &str) -> Result<bool, StoreError> {
        let sql = "update messages set state = 'failed', ended_at = $2, why = $3 where id = $1 and state in ('queued', 'sent')";
        Ok(self.run(sql, &[id.into(), at.into(), why.into()]).await? == 1)
    }

    /// A message is on the telephone. One that was given out and of which no word came back had gone.
    pub async fn message_delivered(&mut self, id: &str, at: Instant) -> Result<bool, StoreError> {
        let gone = "update messages set state = 'sent', sent_at = $2 where id = $1 and state = 'queued' and tries > 0";
        self.run(gone, &[id.into(), at.into()]).await?;
        let sql = "update messages set state = 'delivered', ended_at = $2 where id = $1 and state = 'sent'";
        Ok(self.run(sql, &[id.into(), at.into()]).await? == 1)
    }

    /// Takes numbers and words of messages whose follow-up is over, some at a time; how many.
    pub async fn forget_messages_before(&mut self, today: CivilDate, most: i64) -> Result<u64, StoreError> {
        let sql = "update messages set number = null, text = null, language = null, gone_on = $1 where id in
            (select m.id from messages m where m.gone_on is null and m.until_day < $1 and m.day < $1 and m.state <> 'queued'
                and not exists (select 1 from followed w where w.id = m.followed and w.ended_on is null)
             order by m.until_day limit $2)";
        self.run(sql, &[today.into(), most.into()]).await
    }
}
