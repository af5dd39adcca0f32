//! What a command did, record by record, in sums that add up; and as text that answers a repetition with the same words.

use super::{DeskError, FieldFault, Refusal, StaleField, inside};
use dayclear_core::time::{CivilDate, Instant};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How it went for one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Done.
    Done,
    /// It stood so already.
    Same,
    /// Refused.
    Refused(Refusal),
}

/// What a command did. `asked = done + same + refused`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Verdict for each record, in the order in which they were named.
    pub verdicts: Vec<(String, Verdict)>,
    /// Key of what was made, where something was.
    pub made: Option<String>,
}

/// The sums of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Records asked for.
    pub asked: usize,
    /// Done.
    pub done: usize,
    /// It stood so already.
    pub same: usize,
    /// Refused.
    pub refused: usize,
}

impl Report {
    /// Nothing yet.
    pub(super) fn of(verdicts: Vec<(String, Verdict)>) -> Report {
        Report { verdicts, made: None }
    }

    /// Something was made.
    pub(super) fn made(key: String) -> Report {
        Report { verdicts: Vec::new(), made: Some(key) }
    }

    /// The sums.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { asked: self.verdicts.len(), ..Counts::default() };
        for (_, verdict) in &self.verdicts {
            match verdict {
                Verdict::Done => counts.done += 1,
                Verdict::Same => counts.same += 1,
                Verdict::Refused(_) => counts.refused += 1,
            }
        }
        counts
    }

    /// Puts the verdicts in the order in which records were named; a record named twice was done once.
    pub(super) fn name_all(&mut self, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        let mut verdicts: HashMap<String, Verdict> = std::mem::take(&mut self.verdicts).into_iter().collect();
        for key in keys {
            let verdict = match verdicts.get_mut(key.as_str()) {
                Some(verdict) => {
                    let next = if *verdict == Verdict::Done { Verdict::Same } else { verdict.clone() };
                    std::mem::replace(verdict, next)
                }
                None => Verdict::Refused(Refusal::Unknown),
            };
            self.verdicts.push((key.clone(), verdict));
        }
    }

    /// The refusal, where the only record asked for was refused.
    pub(super) fn or_refused(self) -> Result<Report, DeskError> {
        match self.verdicts.as_slice() {
            [(_, Verdict::Refused(refusal))] => Err(refusal.clone().into()),
            _ => Ok(self),
        }
    }
}

/// A report as it is kept under the key of its command.
#[derive(Serialize, Deserialize)]
struct Kept {
    verdicts: Vec<(String, Word)>,
    made: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Done,
    Same,
    Unknown,
    Invalid(Vec<FieldFault>),
    Taken(String, String, Instant),
    State(String, String),
    Stale(Vec<StaleField>),
    Closed(CivilDate),
}

/// The text of a report.
pub(super) fn text(report: &Report) -> Result<String, DeskError> {
    let word = |verdict: &Verdict| {
        Ok::<Word, DeskError>(match verdict {
            Verdict::Done => Word::Done,
            Verdict::Same => Word::Same,
            Verdict::Refused(refusal) => match refusal.clone() {
                Refusal::Unknown => Word::Unknown,
                Refusal::Invalid(faults) => Word::Invalid(faults),
                Refusal::Taken { thing, holder, since } => Word::Taken(thing, holder, since),
                Refusal::State { is, remedy } => Word::State(is, remedy),
                Refusal::Stale(fields) => Word::Stale(fields),
                Refusal::Closed { day } => Word::Closed(day),
                // said of the command as a whole, before there is a report
                other @ (Refusal::NotYours { .. } | Refusal::StepUp | Refusal::OtherBody) => return Err(inside(other)),
            },
        })
    };
    let verdicts: Result<Vec<(String, Word)>, DeskError> =
        report.verdicts.iter().map(|(key, verdict)| Ok((key.clone(), word(verdict)?))).collect();
    serde_json::to_string(&Kept { verdicts: verdicts?, made: report.made.clone() }).map_err(inside)
}

/// The report of a text.
pub(super) fn told(text: &str) -> Result<Report, DeskError> {
    let kept: Kept = serde_json::from_str(text).map_err(inside)?;
    let verdict = |word: Word| match word {
        Word::Done => Verdict::Done,
        Word::Same => Verdict::Same,
        Word::Unknown => Verdict::Refused(Refusal::Unknown),
        Word::Invalid(faults) => Verdict::Refused(Refusal::Invalid(faults)),
        Word::Taken(thing, holder, since) => Verdict::Refused(Refusal::Taken { thing, holder, since }),
        Word::State(is, remedy) => Verdict::Refused(Refusal::State { is, remedy }),
        Word::Stale(fields) => Verdict::Refused(Refusal::Stale(fields)),
        Word::Closed(day) => Verdict::Refused(Refusal::Closed { day }),
    };
    let verdicts = kept.verdicts.into_iter().map(|(key, word)| (key, verdict(word))).collect();
    Ok(Report { verdicts, made: kept.made })
}
