//! Which laboratories report what cannot be: signals from the rows of results, each with laboratory, run or lot, since when, the
//! figure, its limit and the source. Some are facts of single rows (a negative before its run ended), of which a laboratory
//! may have as many as mistakes explain; others compare a laboratory with its peers or with itself over time. A signal is a
//! reason to look, and to hold results; it is no verdict.

mod contradictions;
mod copies;
mod peers;
pub mod rehearsal;
mod rows;
mod tails;
mod time;

pub use dayclear_core::quality::{SignalKind, SignalLevel as Level};
use dayclear_core::{
    screening::{Finding, Version},
    terms,
    time::Instant,
};
use serde::Serialize;
use std::collections::BTreeMap;

terms! {
    /// What is in a well.
    Role {
        /// A tube with swabs of people.
        Sample = "sample",
        /// A control that must be found positive.
        PositiveControl = "positive_control",
        /// A control that must stay negative.
        NegativeControl = "negative_control",
    }
}

/// A version of a result as a laboratory reported it, with what its instrument recorded. What is unknown stays none, and is
/// judged by no rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResultRow<'a> {
    /// Laboratory.
    pub laboratory: &'a str,
    /// Tube, or the control's name.
    pub tube: &'a str,
    /// What it is.
    pub role: Role,
    /// Comparable tubes: purpose and district, for example. Positivity is compared within.
    pub stratum: &'a str,
    /// Run of the instrument.
    pub run: Option<&'a str>,
    /// Lot of the reagents.
    pub lot: Option<&'a str>,
    /// Plate and well, as the instrument's file has them.
    pub well: Option<&'a str>,
    /// When the laboratory received the tube.
    pub received: Option<Instant>,
    /// Begin and end of the run.
    pub run_start: Option<Instant>,
    /// See above.
    pub run_end: Option<Instant>,
    /// When the result was released.
    pub reported: Instant,
    /// Ct of gene N.
    pub ct_n: Option<f64>,
    /// Ct of gene ORF1ab.
    pub ct_orf: Option<f64>,
    /// Ct of the internal control.
    pub ct_ic: Option<f64>,
    /// What the laboratory says.
    pub finding: Finding,
    /// Version of the result.
    pub version: Version,
}

/// What is known of a laboratory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laboratory<'a> {
    /// Its id.
    pub name: &'a str,
    /// Tubes it is validated for in 24 hours; none = unknown.
    pub validated_a_day: Option<u32>,
}

/// Limits that no protocol gives; they belong to assays and to what the city tolerates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Fewest minutes from receipt to result: extraction and amplification of the fastest validated assay.
    pub assay_min: i64,
    /// Ct below which a gene is found.
    pub cutoff_ct: f64,
    /// Probability with which mistakes alone may raise an alarm on a rule of rows.
    pub alpha: f64,
    /// z from which a laboratory stands outside the funnel and is worth a look: 3.09, the 99.8 % limits of Spiegelhalter (2005).
    pub funnel_z: f64,
    /// Share of false alarms that is accepted among alarms of comparison (Benjamini and Hochberg 1995).
    pub false_share: f64,
    /// Limit of the CUSUM, in units of the log likelihood ratio (Steiner et al. 2000).
    pub cusum_h: f64,
    /// Weight and limit of the EWMA of controls (Lucas and Saccucci 1990).
    pub ewma_weight: f64,
    /// See above.
    pub ewma_l: f64,
    /// Fewest cycles of a shift against peers: log2(3) = 1.6 for three tubes in one well, less what instruments differ by.
    pub ct_shift: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            assay_min: 75,
            cutoff_ct: 40.0,
            alpha: 1e-4,
            funnel_z: 3.09,
            false_share: 0.1,
            cusum_h: 8.0,
            ewma_weight: 0.2,
            ewma_l: 5.0,
            ct_shift: 1.0,
        }
    }
}

/// A signal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Signal {
    /// Alarm or look.
    pub level: Level,
    /// What was seen.
    pub kind: SignalKind,
    /// Laboratory; empty for a lot that several use.
    pub laboratory: String,
    /// Run with most of it.
    pub run: Option<String>,
    /// Lot.
    pub lot: Option<String>,
    /// When it was first reported; for an alarm that builds up, when it passed its limit.
    pub since_micros: i64,
    /// The figure and its limit, in `unit`.
    pub figure: f64,
    /// See above.
    pub limit: f64,
    /// What they count.
    pub unit: &'static str,
    /// Rows that were judged.
    pub of: u64,
    /// Where the rule comes from.
    pub source: &'static str,
}

impl Signal {
    /// When it was first seen.
    pub fn since(&self) -> Instant {
        Instant::from_micros(self.since_micros)
    }
}

/// Rows of one laboratory in the order in which they were reported.
struct Bench<'r, 'a> {
    name: &'a str,
    rows: Vec<&'r ResultRow<'a>>,
}

/// Every signal in these rows: alarms first, then by laboratory and kind. Rows may come in any order. Several looks at the same
/// growing set (every hour, say) raise more false alarms than one; the CUSUM alone is made for it.
pub fn signals(rows: &[ResultRow<'_>], laboratories: &[Laboratory<'_>], settings: &Settings) -> Vec<Signal> {
    let mut by_name: BTreeMap<&str, Vec<&ResultRow<'_>>> = BTreeMap::new();
    for row in rows {
        by_name.entry(row.laboratory).or_default().push(row);
    }
    let benches: Vec<Bench<'_, '_>> = by_name
        .into_iter()
        .map(|(name, mut rows)| {
            rows.sort_by(|a, b| (a.reported, a.tube, a.version, a.run).cmp(&(b.reported, b.tube, b.version, b.run)));
            Bench { name, rows }
        })
        .collect();
    let capacity: BTreeMap<&str, u32> =
        laboratories.iter().filter_map(|laboratory| Some((laboratory.name, laboratory.validated_a_day?))).collect();
    let mut found = Vec::new();
    for bench in &benches {
        rows::judge(bench, settings, &mut found);
        contradictions::judge(bench, settings, &mut found);
        time::throughput(bench, capacity.get(bench.name).copied(), &mut found);
        time::controls(bench, settings, &mut found);
    }
    copies::judge(&benches, settings, &mut found);
    peers::judge(&benches, settings, &mut found);
    found.sort_by(|a, b| {
        let key = |signal: &Signal| {
            (
                std::cmp::Reverse(signal.level),
                signal.laboratory.clone(),
                signal.kind,
                signal.lot.clone(),
                signal.since_micros,
            )
        };
        key(a).cmp(&key(b))
    });
    found
}

/// Laboratories with an alarm, by name.
pub fn alarmed(signals: &[Signal]) -> Vec<&str> {
    let mut names: Vec<&str> = signals
        .iter()
        .filter(|signal| signal.level == Level::Alarm && !signal.laboratory.is_empty())
        .map(|signal| signal.laboratory.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl ResultRow<'_> {
    fn is_sample(&self) -> bool {
        self.role == Role::Sample
    }

    /// Whether it says something of the tube (a withdrawal does not).
    fn speaks(&self) -> bool {
        !matches!(self.version, Version::Wrong | Version::Deleted)
    }

    /// The stronger of the two genes.
    fn ct(&self) -> Option<f64> {
        match (self.ct_n, self.ct_orf) {
            (Some(n), Some(orf)) => Some(n.min(orf)),
            (one, other) => one.or(other),
        }
    }
}
