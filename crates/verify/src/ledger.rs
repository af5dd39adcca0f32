//! Whether the books of every closed day balance: opening + received - completed - cancelled = closing on each line; each
//! opening is the closing of the day before; each flow is what was posted that day; each closing is what was carried over.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    source::{Given, Source},
};
use std::collections::BTreeMap;

const CHECK: &str = "ledger.balances";

/// Worklists in the order of the line of stations.
pub(crate) const WORKLISTS: [&str; 27] = [
    "deliver",
    "test",
    "recall",
    "clarify",
    "report",
    "diagnose",
    "reach",
    "facts",
    "investigate",
    "letters",
    "move",
    "place",
    "away",
    "call",
    "follow",
    "retest",
    "release",
    "reopen",
    "clean",
    "supply",
    "ask",
    "decide",
    "help",
    "treat",
    "answer",
    "fulfil",
    "review",
];

// places of the numbers of a line
const OPENING: usize = 0;
const RECEIVED: usize = 1;
const COMPLETED: usize = 2;
const CANCELLED: usize = 3;
const CLOSING: usize = 4;
const OVERDUE: usize = 5;

/// A line of a frozen ledger.
pub(crate) struct Line {
    pub worklist: String,
    pub division: String,
    /// Opening, received, completed, cancelled, closing, and of those past their deadline.
    pub numbers: [i64; 6],
}

impl Line {
    /// Place of its worklist in the line of stations; an unknown one comes last.
    pub fn place(&self) -> usize {
        WORKLISTS.iter().position(|name| *name == self.worklist).unwrap_or(WORKLISTS.len())
    }
}

/// The frozen ledger of a day.
pub(crate) async fn lines_of(source: &mut Source, day: &str) -> Result<Vec<Line>, VerifyError> {
    let sql = "select worklist, division, opening, received, completed, cancelled, closing, overdue from ledger
               where {iso:day} = $1";
    let rows = source.rows(sql, &[Given::Text(day)]).await?;
    rows.iter()
        .map(|row| {
            let mut numbers = [0; 6];
            for (at, number) in numbers.iter_mut().enumerate() {
                *number = row.whole(at + 2)?;
            }
            Ok(Line { worklist: row.text(0)?, division: row.text(1)?, numbers })
        })
        .collect()
}

/// Numbers by worklist and district.
type Counts = BTreeMap<(String, String), [i64; 6]>;

pub(crate) async fn check(source: &mut Source, _moment: &Moment) -> Result<Finding, VerifyError> {
    let days = source.rows("select {iso:day} from days where closed_at is not null order by day", &[]).await?;
    let mut looked_at = 0;
    let mut closing_before = Counts::new();
    for row in days {
        let day = row.text(0)?;
        let lines = lines_of(source, &day).await?;
        looked_at += lines.len() as u64;
        let mut frozen = Counts::new();
        let mut wrong = None;
        for line in lines {
            let n = line.numbers;
            if n[OPENING] + n[RECEIVED] - n[COMPLETED] - n[CANCELLED] != n[CLOSING] {
                wrong = wrong.or(Some(format!(
                    "{} in {}: {} + {} - {} - {} is not {}",
                    line.worklist, line.division, n[OPENING], n[RECEIVED], n[COMPLETED], n[CANCELLED], n[CLOSING]
                )));
            }
            frozen.insert((line.worklist, line.division), n);
        }
        let mut counted = counted(source, &day).await?;
        for (line, before) in &closing_before {
            counted.entry(line.clone()).or_default()[OPENING] = before[CLOSING];
        }
        let wrong = wrong.or_else(|| difference(&frozen, &counted));
        if let Some(wrong) = wrong {
            return Ok(Finding::of(CHECK, looked_at, Some(format!("{day}, {wrong}"))));
        }
        closing_before = frozen;
    }
    Ok(Finding::of(CHECK, looked_at, None))
}

/// What the postings of a day and the list of what it carried over add up to.
async fn counted(source: &mut Source, day: &str) -> Result<Counts, VerifyError> {
    let mut counts = Counts::new();
    let sql = "select worklist, substr(division, 1, 6), movement, count(*) from postings
               where day = (select day from days where {iso:day} = $1) group by 1, 2, 3";
    for row in source.rows(sql, &[Given::Text(day)]).await? {
        let line = counts.entry((row.text(0)?, row.text(1)?)).or_default();
        match row.text(2)?.as_str() {
            "received" => line[RECEIVED] = row.whole(3)?,
            "completed" => line[COMPLETED] = row.whole(3)?,
            "cancelled" => line[CANCELLED] = row.whole(3)?,
            other => return Err(VerifyError::Value { value: other.to_owned(), expected: "a movement" }),
        }
    }
    let sql = "select c.worklist, substr(c.division, 1, 6), count(*),
            cast(sum(case when c.due_at <= d.closed_at then 1 else 0 end) as bigint)
        from carried c join days d on d.day = c.day where {iso:d.day} = $1 group by 1, 2";
    for row in source.rows(sql, &[Given::Text(day)]).await? {
        let line = counts.entry((row.text(0)?, row.text(1)?)).or_default();
        (line[CLOSING], line[OVERDUE]) = (row.whole(2)?, row.whole(3)?);
    }
    Ok(counts)
}

/// The first line on which the ledger says something else than was counted.
fn difference(frozen: &Counts, counted: &Counts) -> Option<String> {
    const SAYS: [&str; 6] = [
        "open at the start (closing of the day before)",
        "received (postings)",
        "completed (postings)",
        "cancelled (postings)",
        "open at the end (carried over)",
        "past their deadline (carried over)",
    ];
    let zero = [0; 6];
    frozen.keys().chain(counted.keys()).find_map(|line| {
        let (said, is) = (frozen.get(line).unwrap_or(&zero), counted.get(line).unwrap_or(&zero));
        let at = (0..6).find(|at| said[*at] != is[*at])?;
        Some(format!("{} in {}: the ledger says {}, and {} were {}", line.0, line.1, said[at], is[at], SAYS[at]))
    })
}
