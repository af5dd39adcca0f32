//! Rows kept aside: kept for a place, read for the files of a day, and worked through one by one. It guarantees that a row is
//! kept once and resolved once.

use crate::{
    Scoped, StoreError,
    landing::{Doubt, DoubtKey, Given},
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};
use std::collections::BTreeMap;

/// A row kept aside, with the header of its file.
#[derive(Debug, Clone)]
pub struct Aside {
    /// Day under which its file was read.
    pub day: CivilDate,
    /// Digest of its file.
    pub digest: String,
    /// What is wrong with it.
    pub doubt: Doubt,
    /// Header of the file, as one line.
    pub header: Option<String>,
    /// When somebody worked through it.
    pub resolved_at: Option<Instant>,
}

fn aside(row: &Record) -> Result<Aside, StoreError> {
    Ok(Aside {
        day: row.get(0)?,
        digest: row.get(1)?,
        doubt: Doubt {
            source: row.get(2)?,
            row: row.get::<i64>(3)? as u64,
            column: row.get(4)?,
            value: row.get(5)?,
            expected: row.get(6)?,
            remedy: row.get(7)?,
            code: row.get(8)?,
            raw: row.get(9)?,
            division: row.get::<Option<String>>(12)?.and_then(|code| code.parse().ok()),
        },
        header: row.get(10)?,
        resolved_at: row.get(11)?,
    })
}

impl Scoped {
    /// Keeps rows aside, each for the place that it tells of, or for that of the giver; the same doubt is kept once.
    pub async fn keep_doubts(&mut self, day: CivilDate, given: &Given<'_>, doubts: &[Doubt]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(doubts.len() * 12);
        for doubt in doubts {
            let division = doubt.division.as_ref().unwrap_or(given.division);
            values.extend([division.as_str().into(), given.account.into()]);
            values.extend([day.into(), (&doubt.source).into(), given.digest.into(), doubt.row.into()]);
            values.extend(
                [&doubt.column, &doubt.value, &doubt.expected, &doubt.remedy, &doubt.code, &doubt.raw].map(Value::from),
            );
        }
        let columns = [
            "division", "account", "day", "source", "digest", "row", "column", "value", "expected", "remedy", "code",
            "raw",
        ];
        self.append_new("doubts", &columns, &values).await?;
        Ok(())
    }

    /// Doubtful rows of a day that nobody has worked through, in order of file, its versions, and row: the page behind
    /// `last`, which then names the last row of that page. An empty page is the end.
    pub async fn doubts_of(&mut self, day: CivilDate, last: &mut DoubtKey) -> Result<Vec<Doubt>, StoreError> {
        // a row is kept with up to 4,000 characters
        let sql = "select source, digest, row, \"column\", value, expected, remedy, code, raw, division from doubts
                   where day = $1 and resolved_at is null and (source, digest, row, \"column\") > ($2, $3, $4, $5)
                   order by source, digest, row, \"column\" limit 1000";
        let behind = [day.into(), (&last.source).into(), (&last.digest).into(), last.row.into(), (&last.column).into()];
        let rows = self.rows(sql, &behind).await?;
        if let Some(row) = rows.last() {
            *last = DoubtKey { source: row.get(0)?, digest: row.get(1)?, row: row.get(2)?, column: row.get(3)? };
        }
        rows.iter()
            .map(|row| {
                Ok(Doubt {
                    source: row.get(0)?,
                    row: row.get::<i64>(2)? as u64,
                    column: row.get(3)?,
                    value: row.get(4)?,
                    expected: row.get(5)?,
                    remedy: row.get(6)?,
                    code: row.get(7)?,
                    raw: row.get(8)?,
                    division: row.get::<Option<String>>(9)?.and_then(|code| code.parse().ok()),
                })
            })
            .collect()
    }

    /// A row kept aside, by digest and name of its file, row and column.
    pub async fn aside(
        &mut self,
        digest: &str,
        source: &str,
        row: i64,
        column: &str,
    ) -> Result<Option<Aside>, StoreError> {
        let sql =
            "select day, digest, source, row, \"column\", value, expected, remedy, code, raw, header, resolved_at,
                       division
                   from doubts where digest = $1 and source = $2 and row = $3 and \"column\" = $4";
        let row = self.row(sql, &[digest.into(), source.into(), row.into(), column.into()]).await?;
        row.as_ref().map(aside).transpose()
    }

    /// Marks every doubt about a row as worked through; the number of them.
    pub async fn resolve_aside(&mut self, aside: &Aside, at: Instant) -> Result<u64, StoreError> {
        let sql =
            "update doubts set resolved_at = $1 where source = $2 and digest = $3 and row = $4 and resolved_at is null";
        let row = aside.doubt.row.into();
        self.run(sql, &[at.into(), (&aside.doubt.source).into(), (&aside.digest).into(), row]).await
    }

    /// Rows of a file that were kept aside, in order.
    pub async fn asides_of(&mut self, digest: &str, source: &str) -> Result<Vec<Doubt>, StoreError> {
        let sql =
            "select day, digest, source, row, \"column\", value, expected, remedy, code, raw, header, resolved_at,
                       division
                   from doubts where source = $1 and digest = $2 order by row, \"column\"";
        let rows = self.rows(sql, &[source.into(), digest.into()]).await?;
        rows.iter().map(|row| aside(row).map(|aside| aside.doubt)).collect()
    }

    /// How many rows of a file nobody has worked through, by the place for which they are kept.
    pub async fn asides_open(&mut self, digest: &str, source: &str) -> Result<BTreeMap<DivisionCode, u64>, StoreError> {
        let sql = "select division, count(distinct row) from doubts
                   where source = $1 and digest = $2 and resolved_at is null and division is not null group by division";
        let rows = self.rows(sql, &[source.into(), digest.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.get::<i64>(1)? as u64))).collect()
    }

    /// Keeps the header of a file with the rows of it that were kept aside.
    pub async fn keep_header(&mut self, source: &str, digest: &str, header: &str) -> Result<(), StoreError> {
        let sql = "update doubts set header = $3 where source = $1 and digest = $2 and header is null";
        let values: [Value<'_>; 3] = [source.into(), digest.into(), header.into()];
        self.run(sql, &values).await?;
        Ok(())
    }
}
