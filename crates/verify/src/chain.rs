//! Whether the chain of events is whole: every event is hashed again and must follow from the one before it, and the last
//! one must be the one that the head names. The layout of what is hashed is written here a second time, on purpose.

use crate::{
    Finding, VerifyError,
    moment::day_number,
    source::{Given, Source},
};
use sha2::{Digest, Sha256};
use std::fmt::Write;

const CHECK: &str = "events.chain";
const PAGE_ROWS: i64 = 5_000;

/// Lower-case hexadecimal of a SHA-256.
pub(crate) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // writing to a string cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Event {
    seq: i64,
    day: String,
    at: i64,
    recorded_at: i64,
    /// Actor, kind, subject, division, body.
    texts: [String; 5],
    prev: String,
    hash: String,
}

impl Event {
    /// SHA-256 over the hash of the event before as text; the number, the day as days since 1970, the moment it happened
    /// and the moment it was recorded in microseconds since 1970, each as eight bytes, the highest first; then each text,
    /// after its length in bytes as eight bytes.
    fn hashed_again(&self) -> Result<String, VerifyError> {
        let mut hash = Sha256::new();
        hash.update(&self.prev);
        for number in [self.seq, day_number(&self.day)?, self.at, self.recorded_at] {
            hash.update(number.to_be_bytes());
        }
        for text in &self.texts {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        Ok(hexadecimal(hash))
    }

    fn name(&self) -> String {
        format!("event {} ({} {})", self.seq, self.texts[1], self.texts[2])
    }
}

pub(crate) async fn check(source: &mut Source) -> Result<Finding, VerifyError> {
    let (mut seq, mut head) = (0, "0".repeat(64));
    loop {
        let page = page(source, seq).await?;
        if page.is_empty() {
            break;
        }
        for event in page {
            let wrong = if event.seq != seq + 1 {
                Some(format!("event {} is missing; event {} follows event {seq}", seq + 1, event.seq))
            } else if event.prev != head {
                Some(format!("{} does not follow event {seq}: swapped, or one of the two was altered", event.name()))
            } else if event.hash != event.hashed_again()? {
                Some(format!("{} was altered: its hash is not the hash of what it says", event.name()))
            } else {
                None
            };
            if wrong.is_some() {
                return Ok(Finding::of(CHECK, seq as u64 + 1, wrong));
            }
            (seq, head) = (event.seq, event.hash);
        }
    }
    let wrong = against_the_head(source, seq, &head).await?;
    let holds = wrong.is_none();
    let detail = wrong.unwrap_or_else(|| format!("last event {seq}, {head}"));
    Ok(Finding { check: CHECK, holds, looked_at: seq as u64, detail })
}

async fn page(source: &mut Source, after: i64) -> Result<Vec<Event>, VerifyError> {
    let sql =
        "select seq, {iso:day}, {us:at}, {us:recorded_at}, actor, kind, subject, division, body, prev, hash from events
               where seq > $1 order by seq limit $2";
    let rows = source.rows(sql, &[Given::Whole(after), Given::Whole(PAGE_ROWS)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                seq: row.whole(0)?,
                day: row.text(1)?,
                at: row.whole(2)?,
                recorded_at: row.whole(3)?,
                texts: [row.text(4)?, row.text(5)?, row.text(6)?, row.text(7)?, row.text(8)?],
                prev: row.text(9)?,
                hash: row.text(10)?,
            })
        })
        .collect()
}

/// A tail that was cut off, or put on without the head knowing.
async fn against_the_head(source: &mut Source, seq: i64, head: &str) -> Result<Option<String>, VerifyError> {
    let Some(row) = source.row("select seq, hash from chain where one = 1", &[]).await? else {
        return Ok(Some("the head of the chain is missing".to_owned()));
    };
    let (said, hash) = (row.whole(0)?, row.text(1)?);
    Ok(match said - seq {
        0 if hash == head => None,
        0 => Some(format!("the head names another event {seq} than the one that stands there")),
        1 => Some(format!("event {said} is missing at the end")),
        2.. => Some(format!("events {} to {said} are missing at the end", seq + 1)),
        _ => Some(format!("event {} stands after the head of the chain, which names event {said}", said + 1)),
    })
}
