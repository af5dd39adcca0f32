//! Whether every closed day is the one that was signed: its ledger is digested again, its signature made again over the
//! events up to its close and the signature of the day before. A day is closed once, in order, and takes nothing more.

use crate::{
    Finding, VerifyError,
    chain::hexadecimal,
    ledger::{Line, lines_of},
    moment::{Moment, instant},
    rule::{Rule, first_broken},
    source::{Given, Source},
};
use sha2::{Digest, Sha256};

const CHECK: &str = "days.signed";

const RULES: &[Rule] = &[
    Rule {
        wrong: "has frozen books but was never closed",
        sql: "select distinct {iso:x.day} from (select day from ledger union select day from hops union select day from carried
                union select day from bulletins) x left join days d on d.day = x.day where d.closed_at is null",
    },
    Rule {
        wrong: "is still open, and a later day is closed",
        sql: "select {iso:day} from days where closed_at is null and day < (select max(day) from days where closed_at is not null)",
    },
    Rule {
        // imported line lists and published bulletins are recorded under the day on which somebody brought them in, and
        // the glass is broken at any hour: neither is part of the day's books
        wrong: "was recorded for a day that had been closed before",
        sql: "select 'event ' || e.seq || ' (' || e.kind || ' ' || e.subject || ')' from events e join days d on d.day = e.day
              where d.closed_at is not null and e.seq > d.events_upto and e.kind <> 'file.imported'
                and e.kind not like 'glass.%'",
    },
];

struct Day {
    day: String,
    opened_at: i64,
    closed_at: i64,
    events_upto: i64,
    digest: String,
    previous: String,
    signature: String,
    /// Hash of its last event; none if that event is gone.
    head: Option<String>,
}

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let (mut before, mut signature, mut looked_at) = (String::new(), String::new(), 0);
    while let Some(day) = next(source, &before).await? {
        looked_at += 1;
        let lines = lines_of(source, &day.day).await?;
        let wrong = if day.opened_at != moment.start_of(&day.day)? {
            Some(format!(
                "was opened at {}, which is not the start of that day in the zone given",
                instant(day.opened_at)
            ))
        } else if day.closed_at <= day.opened_at || day.closed_at > moment.end_of(&day.day)? {
            Some(format!("was closed at {}, which is not within that day", instant(day.closed_at)))
        } else if day.digest != digest(lines) {
            Some("its ledger is not the one that was signed".to_owned())
        } else if day.previous != signature {
            Some(format!(
                "its signature does not follow from the day before ({before}): a day is missing or was altered"
            ))
        } else if let Some(head) = &day.head {
            (day.signature != signed(&day, head)).then(|| {
                format!("its signature is not the one over its events up to {} and its ledger", day.events_upto)
            })
        } else {
            Some(format!("its last event, {}, is missing", day.events_upto))
        };
        if let Some(wrong) = wrong {
            return Ok(Finding::of(CHECK, looked_at, Some(format!("{}: {wrong}", day.day))));
        }
        (before, signature) = (day.day, day.signature);
    }
    let wrong = first_broken(source, moment, RULES).await?;
    let holds = wrong.is_none();
    let last =
        if looked_at == 0 { "no day is closed yet".to_owned() } else { format!("last day {before}, {signature}") };
    Ok(Finding { check: CHECK, holds, looked_at, detail: wrong.unwrap_or(last) })
}

/// The closed day after a day.
async fn next(source: &mut Source, after: &str) -> Result<Option<Day>, VerifyError> {
    let sql = "select {iso:d.day}, {us:d.opened_at}, {us:d.closed_at}, coalesce(d.events_upto, 0), coalesce(d.ledger_digest, ''),
            coalesce(d.previous, ''), coalesce(d.signature, ''), case when d.events_upto = 0 then $2 else e.hash end
        from days d left join events e on e.seq = d.events_upto
        where d.closed_at is not null and {iso:d.day} > $1 order by d.day limit 1";
    // the chain before its first event
    let nothing = "0".repeat(64);
    let row = source.row(sql, &[Given::Text(after), Given::Text(&nothing)]).await?;
    row.map(|row| {
        Ok(Day {
            day: row.text(0)?,
            opened_at: row.whole(1)?,
            closed_at: row.whole(2)?,
            events_upto: row.whole(3)?,
            digest: row.text(4)?,
            previous: row.text(5)?,
            signature: row.text(6)?,
            head: row.maybe_text(7)?,
        })
    })
    .transpose()
}

/// SHA-256 over the lines in the order of the line of stations, then of the divisions: `worklist|division|[opening,
/// received, completed, cancelled, closing, overdue]`, each ended by a line feed.
fn digest(mut lines: Vec<Line>) -> String {
    lines.sort_by(|a, b| (a.place(), &a.division).cmp(&(b.place(), &b.division)));
    let mut hash = Sha256::new();
    for line in &lines {
        let numbers: Vec<String> = line.numbers.iter().map(i64::to_string).collect();
        hash.update(format!("{}|{}|[{}]\n", line.worklist, line.division, numbers.join(", ")));
    }
    hexadecimal(hash)
}

/// SHA-256 over five texts, each after its length in bytes as eight bytes, the highest first: what it is, the day, the
/// signature of the day before, the hash of its last event, the digest of its ledger.
fn signed(day: &Day, head: &str) -> String {
    let mut hash = Sha256::new();
    for text in ["dayclear close of day", &day.day, &day.previous, head, &day.digest] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hexadecimal(hash)
}
