//! The shape of most checks: a statement that counts what is looked at, and rules, each of which is a statement that
//! names what breaks it and a sentence that says what is wrong with it. The first rule that names something is reported.

use crate::{Finding, VerifyError, moment::Moment, source::Source};

/// What must never be: the statement gives the name of whatever breaks it (one text column, first in order first).
pub(crate) struct Rule {
    /// What is wrong with the thing that the statement names.
    pub wrong: &'static str,
    /// The statement; without `limit`.
    pub sql: &'static str,
}

/// Asks the rules in order; the first thing that breaks one, with what is wrong with it.
pub(crate) async fn first_broken(
    source: &mut Source,
    moment: &Moment,
    rules: &[Rule],
) -> Result<Option<String>, VerifyError> {
    for rule in rules {
        let sql = format!("{} order by 1 limit 1", moment.filled(rule.sql));
        if let Some(row) = source.row(&sql, &[]).await? {
            return Ok(Some(format!("{}: {}", row.text(0)?, rule.wrong)));
        }
    }
    Ok(None)
}

/// A check that is nothing but rules.
pub(crate) async fn finding(
    source: &mut Source,
    moment: &Moment,
    check: &'static str,
    looked_at: &str,
    rules: &[Rule],
) -> Result<Finding, VerifyError> {
    let looked_at = source.count(&moment.filled(looked_at)).await?;
    Ok(Finding::of(check, looked_at, first_broken(source, moment, rules).await?))
}
