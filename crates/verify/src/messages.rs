//! Whether messages to people in follow-up went to those only who had agreed to them, once a day and not after the end; whether many at once
//! were let go by a second person; whether what stands in a message is what was made for its number; and whether each answer that was taken
//! is in the log.

use crate::{
    Finding, VerifyError,
    chain::hexadecimal,
    moment::Moment,
    rule::{Rule, first_broken},
    source::Source,
};
use sha2::{Digest, Sha256};

const RULES: &[Rule] = &[
    Rule {
        wrong: "somebody was asked by message twice on one day",
        sql: "select person from messages where kind = 'ask' group by person, day having count(*) > 1",
    },
    Rule {
        wrong: "message to somebody who had not agreed to messages, or wanted none any more",
        sql: "select m.id from messages m where not exists (select 1 from message_choices c where c.followed = m.followed and c.no = m.choice
                    and c.wanted and c.at <= m.queued_at)
                or (m.kind = 'ask' and exists (select 1 from message_choices x where x.followed = m.followed and x.no > m.choice
                    and x.at <= coalesce(m.sent_at, m.queued_at) and m.state in ('sent', 'delivered')))",
    },
    Rule {
        wrong: "question by message on a day that is none of the follow-up",
        sql: "select m.id from messages m join followed w on w.id = m.followed where m.kind = 'ask'
                and (m.day < w.from_day or m.day > m.until_day or m.day > w.until_day or m.day > coalesce(w.ended_on, m.day))",
    },
    Rule {
        wrong: "sending that is not as large as the messages in it",
        sql: "select s.id from sendings s left join (select sending, count(*) as n from messages group by sending) m on m.sending = s.id
              where s.people <> coalesce(m.n, 0)",
    },
    Rule {
        wrong: "messages to more than 100 people on a day, which no second person let go",
        sql: "select min(s.id) from sendings s where s.state = 'goes' group by s.day having sum(s.people) > 100",
    },
    Rule {
        wrong: "messages went of a sending that nobody let go",
        sql: "select m.id from messages m join sendings s on s.id = m.sending
              where (s.state = 'waits' and m.tries > 0) or (s.state = 'released' and s.decided_by = s.made_by)",
    },
    Rule {
        wrong: "sending that waits for a second person, and nobody is asked (worklist review)",
        sql: "select s.id from sendings s left join items i on i.worklist = 'review' and i.subject = 'sending/' || s.id
              where s.state = 'waits' and i.subject is null",
    },
    Rule {
        wrong: "message that is recalled by a notice, and stands otherwise",
        sql: "select m.id from messages n join messages m on m.id = n.recalls where m.state <> 'recalled'",
    },
    Rule {
        wrong: "answer by message that was taken, and is not in the log",
        sql: "select r.id from message_replies r where r.state = 'taken'
                and not exists (select 1 from follow_ups f where f.person = r.person and f.channel = 'message')",
    },
    Rule {
        wrong: "number or words are kept though they were deleted",
        sql: "select id from messages where gone_on is not null and (number is not null or text is not null)
              union all select id from message_replies where gone_on is not null and (number is not null or words is not null)",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from messages").await?;
    let wrong = match first_broken(source, moment, RULES).await? {
        Some(wrong) => Some(wrong),
        None => other_words(source).await?,
    };
    Ok(Finding::of("messages.lawful", looked_at, wrong))
}

/// A message whose number or words are not those that were made for it. What is hashed is laid out here a second time.
async fn other_words(source: &mut Source) -> Result<Option<String>, VerifyError> {
    let sql = "select id, followed, cast(choice as varchar(20)), {iso:day}, number, text, hash from messages
               where hash is not null and gone_on is null order by id";
    for row in source.rows(sql, &[]).await? {
        let mut hash = Sha256::new();
        for part in [
            "dayclear message",
            &row.text(0)?,
            &row.text(1)?,
            &row.text(2)?,
            &row.text(3)?,
            &row.text(4)?,
            &row.text(5)?,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        if hexadecimal(hash) != row.text(6)? {
            return Ok(Some(format!("{}: number or words are not those that were made for it", row.text(0)?)));
        }
    }
    Ok(None)
}
