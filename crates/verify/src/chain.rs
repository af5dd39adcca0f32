//! Whether the two chains are whole, that of events and that of reads: every entry is hashed again and must follow from the
//! one before it, and the last one must be the one that the head names. The layout of what is hashed is written here a
//! second time, on purpose.

use crate::{
    Finding, VerifyError,
    moment::day_number,
    source::{Given, Row, Source},
};
use sha2::{Digest, Sha256};
use std::fmt::Write;

const PAGE_ROWS: i64 = 5_000;

/// Lower-case hexadecimal of a SHA-256.
pub(crate) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // writing to a string cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A chain: where its entries and its head stand, and how one is called.
struct Chain {
    check: &'static str,
    /// One entry, several, and the chain of them.
    words: [&'static str; 3],
    page: &'static str,
    head: &'static str,
    read: fn(&Row) -> Result<Entry, VerifyError>,
}

struct Entry {
    seq: i64,
    /// Numbers that are hashed after the number of the entry.
    numbers: Vec<i64>,
    /// Texts that are hashed after them.
    texts: Vec<String>,
    /// What it is about, for a person.
    about: String,
    prev: String,
    hash: String,
}

const EVENTS: Chain = Chain {
    check: "events.chain",
    words: ["event", "events", "the chain"],
    page:
        "select seq, {iso:day}, {us:at}, {us:recorded_at}, actor, kind, subject, division, body, prev, hash from events
           where seq > $1 order by seq limit $2",
    head: "select seq, hash from chain where one = 1",
    read: |row| {
        let texts = (4..9).map(|at| row.text(at)).collect::<Result<Vec<String>, _>>()?;
        Ok(Entry {
            seq: row.whole(0)?,
            // days since 1970; the moments it happened and was recorded
            numbers: vec![day_number(&row.text(1)?)?, row.whole(2)?, row.whole(3)?],
            about: format!("{} {}", texts[1], texts[2]),
            texts,
            prev: row.text(9)?,
            hash: row.text(10)?,
        })
    },
};

const AUDIT: Chain = Chain {
    check: "audit.chain",
    words: ["audit entry", "audit entries", "the audit chain"],
    page: "select seq, {us:at}, account, role, division, action, kind, object, purpose, outcome, detail, prev, hash
           from audit where seq > $1 order by seq limit $2",
    head: "select seq, hash from audit_head where one = 1",
    read: |row| {
        let texts = (2..11).map(|at| row.text(at)).collect::<Result<Vec<String>, _>>()?;
        let by = if texts[0].is_empty() { "nobody known" } else { &texts[0] };
        Ok(Entry {
            seq: row.whole(0)?,
            numbers: vec![row.whole(1)?],
            about: format!("{} by {by}", texts[3]),
            texts,
            prev: row.text(11)?,
            hash: row.text(12)?,
        })
    },
};

impl Entry {
    /// SHA-256 over the hash of the entry before as text; its number and its other numbers (moments in microseconds since
    /// 1970), each as eight bytes, the highest first; then each text, after its length in bytes as eight bytes.
    fn hashed_again(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.prev);
        for number in std::iter::once(&self.seq).chain(&self.numbers) {
            hash.update(number.to_be_bytes());
        }
        for text in &self.texts {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hexadecimal(hash)
    }
}

/// Checks the chain of events.
pub(crate) async fn events(source: &mut Source) -> Result<Finding, VerifyError> {
    walk(source, &EVENTS).await
}

/// Checks the chain of reads.
pub(crate) async fn audit(source: &mut Source) -> Result<Finding, VerifyError> {
    walk(source, &AUDIT).await
}

async fn walk(source: &mut Source, chain: &Chain) -> Result<Finding, VerifyError> {
    let (mut seq, mut head) = (0, "0".repeat(64));
    let [one, ..] = chain.words;
    loop {
        let page = source.rows(chain.page, &[Given::Whole(seq), Given::Whole(PAGE_ROWS)]).await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            let entry = (chain.read)(&row)?;
            let name = || format!("{one} {} ({})", entry.seq, entry.about);
            let wrong = if entry.seq != seq + 1 {
                Some(format!("{one} {} is missing; {one} {} follows {one} {seq}", seq + 1, entry.seq))
            } else if entry.prev != head {
                Some(format!("{} does not follow {one} {seq}: swapped, or one of the two was altered", name()))
            } else if entry.hash != entry.hashed_again() {
                Some(format!("{} was altered: its hash is not the hash of what it says", name()))
            } else {
                None
            };
            if wrong.is_some() {
                return Ok(Finding::of(chain.check, seq as u64 + 1, wrong));
            }
            (seq, head) = (entry.seq, entry.hash);
        }
    }
    let wrong = against_the_head(source, chain, seq, &head).await?;
    let holds = wrong.is_none();
    let detail = wrong.unwrap_or_else(|| format!("last {one} {seq}, {head}"));
    Ok(Finding { check: chain.check, holds, looked_at: seq as u64, detail })
}

/// A tail that was cut off, or put on without the head knowing.
async fn against_the_head(
    source: &mut Source,
    chain: &Chain,
    seq: i64,
    head: &str,
) -> Result<Option<String>, VerifyError> {
    let [one, several, whole] = chain.words;
    let Some(row) = source.row(chain.head, &[]).await? else {
        return Ok(Some(format!("the head of {whole} is missing")));
    };
    let (said, hash) = (row.whole(0)?, row.text(1)?);
    Ok(match said - seq {
        0 if hash == head => None,
        0 => Some(format!("the head names another {one} {seq} than the one that stands there")),
        1 => Some(format!("{one} {said} is missing at the end")),
        2.. => Some(format!("{several} {} to {said} are missing at the end", seq + 1)),
        _ => Some(format!("{one} {} stands after the head of {whole}, which names {one} {said}", said + 1)),
    })
}
