//! The independent checker (safeguard D10): it recomputes from a store everything that must hold, with SQL and rules of
//! its own. It may use sqlx and nothing of this workspace, so that a fault in a station cannot hide itself here. It only
//! reads, in one transaction, so that what it finds is true of one moment; and it names the first thing that is wrong.
//!
//! Read in this order: `source` (how a store is read), `moment` (as of when it is looked at), then the checks in the
//! order in which they run.

mod areas;
mod bulletin;
mod chain;
mod custody;
mod days;
mod decisions;
mod deliveries;
mod followup;
mod gates;
mod hops;
mod identity;
mod in_care;
mod intake;
mod investigations;
mod items;
mod ledger;
mod letters;
mod messages;
mod moment;
mod obligations;
mod orders;
mod planning;
mod pools;
mod positives;
mod results;
mod rounds;
mod rule;
mod site;
mod situation;
mod source;
mod transfers;
mod urgent;

use moment::Moment;
use serde::Serialize;
use source::Source;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the check.
    pub check: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// How many things were looked at.
    pub looked_at: u64,
    /// The first thing that is wrong, by name. Where the check holds: what it vouches for, if that has a name.
    pub detail: String,
}

impl Finding {
    fn of(check: &'static str, looked_at: u64, wrong: Option<String>) -> Finding {
        Finding { check, holds: wrong.is_none(), looked_at, detail: wrong.unwrap_or_default() }
    }
}

/// Why a store could not be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not there, or does not answer.
    #[error("the store {url} cannot be opened for reading: {source}; check that it is there and may be read")]
    Unreachable {
        /// Where it should be, without a password.
        url: String,
        /// What the engine says.
        source: sqlx::Error,
    },
    /// Something else is kept there.
    #[error("{url} is not a store of Dayclear: {missing}; name the file or database that `dayclear day` wrote")]
    NotAStore {
        /// Where it is, without a password.
        url: String,
        /// What it lacks.
        missing: String,
    },
    /// There is no zone of that name.
    #[error("'{zone}' is not a time zone; name one like Asia/Shanghai")]
    NoZone {
        /// As given.
        zone: String,
    },
    /// The engine gave up.
    #[error("the store could not be read to the end: {0}; run the check again, and restore a backup if it fails again")]
    Read(#[from] sqlx::Error),
    /// A value that the schema does not allow.
    #[error("the store holds '{value}' where {expected} belongs; the schema is not the one this program knows")]
    Value {
        /// As stored.
        value: String,
        /// What belongs there.
        expected: &'static str,
    },
}

/// Runs every check on a store: `sqlite:PATH` or a plain path names a file, `postgres://...` a database. `zone` is the
/// zone in which the city counts its days. The store is opened for reading only; it is neither made nor migrated.
pub async fn check(url: &str, zone: &str) -> Result<Vec<Finding>, VerifyError> {
    let mut source = Source::open(url).await?;
    let moment = Moment::of(&mut source, zone).await?;
    let mut findings = vec![
        chain::events(&mut source).await?,
        chain::audit(&mut source).await?,
        days::check(&mut source, &moment).await?,
        ledger::check(&mut source, &moment).await?,
    ];
    findings.extend(items::check(&mut source, &moment).await?);
    findings.push(hops::check(&mut source, &moment).await?);
    findings.push(decisions::check(&mut source, &moment).await?);
    findings.push(results::check(&mut source, &moment).await?);
    findings.push(positives::check(&mut source, &moment).await?);
    findings.push(pools::check(&mut source, &moment).await?);
    findings.push(orders::check(&mut source, &moment).await?);
    findings.push(areas::check(&mut source, &moment).await?);
    findings.extend(transfers::check(&mut source, &moment).await?);
    findings.extend(intake::check(&mut source, &moment).await?);
    findings.push(deliveries::check(&mut source, &moment).await?);
    findings.push(rounds::check(&mut source, &moment).await?);
    findings.push(planning::check(&mut source, &moment).await?);
    findings.push(custody::check(&mut source, &moment).await?);
    findings.push(site::check(&mut source, &moment).await?);
    findings.push(investigations::check(&mut source, &moment).await?);
    findings.push(followup::check(&mut source, &moment).await?);
    findings.push(messages::check(&mut source, &moment).await?);
    findings.extend(urgent::check(&mut source, &moment).await?);
    findings.push(gates::check(&mut source, &moment).await?);
    findings.push(letters::check(&mut source, &moment).await?);
    findings.extend(obligations::check(&mut source, &moment).await?);
    findings.extend(identity::check(&mut source, &moment).await?);
    findings.push(situation::check(&mut source, &moment).await?);
    findings.push(in_care::check(&mut source, &moment).await?);
    findings.push(bulletin::check(&mut source, &moment).await?);
    source.close().await?;
    Ok(findings)
}

/// Checks the two chains and nothing else: that of events and that of reads.
pub async fn check_chains(url: &str) -> Result<Vec<Finding>, VerifyError> {
    let mut source = Source::open(url).await?;
    let findings = vec![chain::events(&mut source).await?, chain::audit(&mut source).await?];
    source.close().await?;
    Ok(findings)
}
