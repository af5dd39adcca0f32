//! The log of what was told that coverage depends on: tubes, people, and communities whose people were placed anew, by the numbers and
//! codes that whoever keeps coverage has to look up. It may use the handle; it guarantees that entries are in the order in which they
//! became durable, and that each bears a mark by which one past is told from another.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::time::Instant;
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Communities that one entry names at most: of more of them it says that it was any.
pub const COMMUNITIES_MAX: usize = 2_000;

/// Kind of an entry about who lives where.
const ROSTER: &str = "roster";

/// What is noted by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// Tubes: their members, results or hours.
    Tubes,
    /// People: what is said of them, what they belong to, or that they came.
    People,
}

impl Touched {
    const fn name(self) -> &'static str {
        match self {
            Touched::Tubes => "tubes",
            Touched::People => "people",
        }
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Something was told of tubes.
    Tubes(Vec<RangeInclusive<i64>>),
    /// Something was told of people.
    People(Vec<RangeInclusive<i64>>),
    /// People were placed anew.
    Roster {
        /// Communities in which they lived before or live now; `None`: any.
        communities: Option<Vec<String>>,
        /// Those of whom it was said that they are one with another, or are not.
        people: Vec<RangeInclusive<i64>>,
    },
}

/// Ranges of numbers as text, such as `5-9,12`; numbers may come in any order.
pub fn ranges(numbers: &mut Vec<i64>) -> String {
    numbers.sort_unstable();
    numbers.dedup();
    let mut text = String::new();
    let mut at = 0;
    while at < numbers.len() {
        let from = numbers[at];
        while at + 1 < numbers.len() && numbers[at + 1] == numbers[at] + 1 {
            at += 1;
        }
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&from.to_string());
        if numbers[at] > from {
            text.push_str(&format!("-{}", numbers[at]));
        }
        at += 1;
    }
    text
}

/// The ranges of a text of [`ranges`].
fn read_ranges(text: &str) -> Option<Vec<RangeInclusive<i64>>> {
    let one = |part: &str| match part.split_once('-') {
        Some((from, to)) => Some(from.parse().ok()?..=to.parse().ok()?),
        None => part.parse().ok().map(|no: i64| no..=no),
    };
    text.split(',').filter(|part| !part.is_empty()).map(one).collect()
}

fn told(row: &Record) -> Result<Told, StoreError> {
    let (kind, text, divisions): (String, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let problem = "ranges of numbers are expected".to_owned();
    let numbers = read_ranges(&text).ok_or(StoreError::Meaning { value: text, problem })?;
    let codes = |text: String| text.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect();
    Ok(match kind.as_str() {
        "tubes" => Told::Tubes(numbers),
        "people" => Told::People(numbers),
        _ => Told::Roster { communities: divisions.map(codes), people: numbers },
    })
}

impl Scoped {
    /// Notes of which tubes or people something was told, in the transaction that tells it. Whoever notes waits for the turn of
    /// the chain, so that the order of the log is the order in which things become durable.
    pub async fn note_coverage(&mut self, kind: Touched, numbers: &mut Vec<i64>) -> Result<(), StoreError> {
        if numbers.is_empty() {
            return Ok(());
        }
        // who takes a result and who settles its tube say the same of it: nobody reads before both are durable
        let said = (kind.name().to_owned(), ranges(numbers));
        if self.noted.as_ref() == Some(&said) {
            return Ok(());
        }
        self.note_told(&said.0, said.1.clone(), None).await?;
        self.noted = Some(said);
        Ok(())
    }

    /// Notes that people were placed anew, as [`Scoped::note_coverage`] does: in which communities they lived before or live now, and of
    /// whom it was said that they are one with another, or are not.
    pub async fn note_roster(
        &mut self,
        communities: &BTreeSet<String>,
        people: &mut Vec<i64>,
    ) -> Result<(), StoreError> {
        if communities.is_empty() && people.is_empty() {
            return Ok(());
        }
        let named = communities.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        self.note_told(ROSTER, ranges(people), (communities.len() <= COMMUNITIES_MAX).then_some(named)).await
    }

    async fn note_told(&mut self, kind: &str, numbers: String, divisions: Option<String>) -> Result<(), StoreError> {
        self.line_up().await?;
        // the mark is by chance: a store that was restored and went on differently has others from there on
        let sql = "insert into coverage_log (seq, kind, numbers, divisions, mark)
                   select coalesce(max(seq), 0) + 1, $1, $2, $3, cast(random() as text) from coverage_log";
        self.run(sql, &[kind.into(), numbers.into(), Value::from(divisions)]).await?;
        Ok(())
    }

    /// The last entry of the log.
    pub async fn coverage_head(&mut self) -> Result<i64, StoreError> {
        self.row("select coalesce(max(seq), 0) from coverage_log", &[]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// The mark of an entry of the log, as long as it is there.
    pub async fn coverage_mark(&mut self, seq: i64) -> Result<Option<String>, StoreError> {
        let row = self.row("select mark from coverage_log where seq = $1", &[seq.into()]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }

    /// Cuts the log: what nobody needs any more, neither a board that is kept nor the recount of a round that was closed at or after a
    /// moment, becomes one entry that tells of the whole roster, so whoever stands before it reads everything anew. At least `kept`
    /// entries stay. How many went.
    pub async fn cut_coverage_log(&mut self, closed: Instant, kept: i64) -> Result<u64, StoreError> {
        let sql = "select min(log_seq) from rounds where state = 'closed' and closed_at >= $1";
        let needed: Option<i64> = self.row(sql, &[closed.into()]).await?.map_or(Ok(None), |row| row.get(0))?;
        let head = self.coverage_head().await?;
        let cut = needed.unwrap_or(head).min(head - kept);
        let gone = self.run("delete from coverage_log where seq < $1", &[cut.into()]).await?;
        if gone > 0 {
            let sql = "update coverage_log set kind = $2, numbers = '', divisions = null where seq = $1";
            self.run(sql, &[cut.into(), ROSTER.into()]).await?;
        }
        Ok(gone)
    }

    /// Entries of the log after one, in order.
    pub async fn coverage_log(&mut self, after: i64) -> Result<Vec<Told>, StoreError> {
        let sql = "select kind, numbers, divisions from coverage_log where seq > $1 order by seq";
        self.rows(sql, &[after.into()]).await?.iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_the_same_numbers() {
        for (numbers, text) in
            [(vec![], ""), (vec![5], "5"), (vec![7, 5, 6, 5], "5-7"), (vec![12, 9, 5, 8, 6, 7, 13], "5-9,12-13")]
        {
            let mut given = numbers.clone();
            assert_eq!(ranges(&mut given), text);
            let mut back: Vec<i64> = read_ranges(text).unwrap().into_iter().flatten().collect();
            back.dedup();
            assert_eq!(back, given);
        }
        assert_eq!(read_ranges("5-x"), None);
    }
}
