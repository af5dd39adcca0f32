//! What laboratories reported, for whoever judges them, and what was seen in it. It guarantees that what is seen again keeps
//! the moment at which it was first seen.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::{
    screening::{Finding, Version},
    time::Instant,
};
use std::collections::HashMap;

/// A version of a result beside its tube and its run.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Laboratory.
    pub laboratory: String,
    /// Bar code.
    pub tube: String,
    /// Purpose, size and district of the tube: results are compared among alike.
    pub stratum: String,
    /// Run.
    pub run: Option<String>,
    /// Version.
    pub version: Version,
    /// Finding.
    pub finding: Finding,
    /// Ct of gene N and of gene ORF1ab.
    pub genes: (Option<f64>, Option<f64>),
    /// Ct of the internal control.
    pub control: Option<f64>,
    /// When the laboratory counted the tube in.
    pub received_at: Option<Instant>,
    /// When the result was released.
    pub reported_at: Instant,
}

/// A run of an instrument.
#[derive(Debug, Clone)]
pub struct Run {
    /// Laboratory.
    pub laboratory: String,
    /// Run.
    pub run: String,
    /// Lot of the reagents.
    pub lot: Option<String>,
    /// When it began and had ended.
    pub time: (Option<Instant>, Option<Instant>),
    /// Wells with samples of people.
    pub wells: Option<i64>,
    /// What the positive and the negative control showed.
    pub controls: (Option<Finding>, Option<Finding>),
}

/// Something that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Laboratory; empty for a lot that several use.
    pub laboratory: String,
    /// What was seen.
    pub kind: &'static str,
    /// `look` or `alarm`.
    pub level: &'static str,
    /// Run with most of it.
    pub run: Option<String>,
    /// Lot.
    pub lot: Option<String>,
    /// Figure, and limit that it passed.
    pub figure: (f64, f64),
    /// What they count.
    pub unit: &'static str,
    /// Results that were judged.
    pub judged: i64,
    /// Where the rule comes from.
    pub source: &'static str,
    /// Since when.
    pub since: Instant,
}

/// Results of a laboratory that were looked at last, and the positives among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedAt {
    /// Laboratory.
    pub laboratory: String,
    /// Results.
    pub results: i64,
    /// Positives.
    pub positives: i64,
}

impl Seen {
    /// Key: laboratory, kind and lot.
    pub fn key(&self) -> String {
        let parts = [self.laboratory.as_str(), self.kind, self.lot.as_deref().unwrap_or_default()];
        parts.join("|")
    }
}

impl Scoped {
    /// Versions of results that were released in a time.
    pub async fn judged_between(&mut self, from: Instant, to: Instant) -> Result<Vec<Judged>, StoreError> {
        let sql = "select r.laboratory, t.tube, t.purpose || '/' || t.size || '/' || substr(t.division, 1, 6), r.run, r.version,
                r.finding, r.ct_n, r.ct_orf, coalesce(c.received_at, t.received_at), r.reported_at, r.ct_ic
            from results r join tubes t on t.no = r.tube_no left join custody c on c.tube_no = t.no where r.reported_at > $1 and r.reported_at <= $2
            order by r.reported_at, r.key";
        let rows = self.rows(sql, &[from.into(), to.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Judged {
                    laboratory: row.get(0)?,
                    tube: row.get(1)?,
                    stratum: row.get(2)?,
                    run: row.get(3)?,
                    version: row.term(4)?,
                    finding: row.term(5)?,
                    genes: (row.get(6)?, row.get(7)?),
                    received_at: row.get(8)?,
                    reported_at: row.get(9)?,
                    control: row.get(10)?,
                })
            })
            .collect()
    }

    /// Runs that results of a time name.
    pub async fn runs_between(&mut self, from: Instant, to: Instant) -> Result<Vec<Run>, StoreError> {
        let sql = "select u.laboratory, u.run, u.lot, u.started_at, u.ended_at, u.wells, u.positive_control, u.negative_control
            from runs u where exists (select 1 from results r where r.laboratory = u.laboratory and r.run = u.run
                                      and r.reported_at > $1 and r.reported_at <= $2) order by u.laboratory, u.run";
        let rows = self.rows(sql, &[from.into(), to.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Run {
                    laboratory: row.get(0)?,
                    run: row.get(1)?,
                    lot: row.get(2)?,
                    time: (row.get(3)?, row.get(4)?),
                    wells: row.get(5)?,
                    controls: (row.maybe_term(6)?, row.maybe_term(7)?),
                })
            })
            .collect()
    }

    /// Laboratories with the tubes a day for which they are validated, where that is known.
    pub async fn validated(&mut self) -> Result<Vec<(String, Option<i64>)>, StoreError> {
        let rows = self.rows("select laboratory, tubes_a_day from laboratories order by laboratory", &[]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// When results were looked at last.
    pub async fn last_look(&mut self) -> Result<Option<Instant>, StoreError> {
        self.row("select at from looks where one = 1", &[]).await?.map(|row| row.get(0)).transpose()
    }

    /// What was looked at last, laboratory by laboratory.
    pub async fn looked_at(&mut self) -> Result<Vec<LookedAt>, StoreError> {
        let sql = "select laboratory, results, positives from looked_laboratories order by laboratory";
        let rows = self.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| Ok(LookedAt { laboratory: row.get(0)?, results: row.get(1)?, positives: row.get(2)? }))
            .collect()
    }

    /// Notes what was seen at a moment, and in what; those signals that are new.
    pub async fn note_signals(
        &mut self,
        seen: &[Seen],
        looked: &[LookedAt],
        at: Instant,
    ) -> Result<Vec<Seen>, StoreError> {
        let keys: Vec<String> = seen.iter().map(Seen::key).collect();
        let values: Vec<Value<'_>> = keys.iter().map(|key| key.as_str().into()).collect();
        let mut before: HashMap<String, Instant> = HashMap::new();
        for row in
            self.rows_for_keys("select signal, first_seen from signals where signal in ({keys})", &values).await?
        {
            before.insert(row.get(0)?, row.get(1)?);
        }
        self.run_for_keys("delete from signals where signal in ({keys})", &[], &values).await?;
        let mut rows: Vec<Value<'_>> = Vec::with_capacity(seen.len() * 14);
        for (key, signal) in keys.iter().zip(seen) {
            rows.extend([
                key.as_str().into(),
                signal.laboratory.as_str().into(),
                signal.kind.into(),
                signal.level.into(),
                signal.run.as_deref().into(),
                signal.lot.as_deref().into(),
                signal.figure.0.into(),
                signal.figure.1.into(),
                signal.unit.into(),
                signal.judged.into(),
                signal.source.into(),
                signal.since.into(),
                before.get(key).copied().unwrap_or(at).into(),
                at.into(),
            ]);
        }
        let columns = [
            "signal",
            "laboratory",
            "kind",
            "level",
            "run",
            "lot",
            "figure",
            "limit",
            "unit",
            "judged",
            "source",
            "since",
            "first_seen",
            "last_seen",
        ];
        self.append("signals", &columns, &rows).await?;
        self.run("delete from looked_laboratories", &[]).await?;
        let mut rows: Vec<Value<'_>> = Vec::with_capacity(looked.len() * 3);
        for one in looked {
            rows.extend([one.laboratory.as_str().into(), one.results.into(), one.positives.into()]);
        }
        self.append("looked_laboratories", &["laboratory", "results", "positives"], &rows).await?;
        let results: i64 = looked.iter().map(|one| one.results).sum();
        let sql = "insert into looks (one, at, results) values (1, $1, $2)
                   on conflict (one) do update set at = excluded.at, results = excluded.results";
        self.run(sql, &[at.into(), results.into()]).await?;
        let new = keys.iter().zip(seen).filter(|(key, _)| !before.contains_key(*key));
        Ok(new.map(|(_, signal)| signal.clone()).collect())
    }
}
