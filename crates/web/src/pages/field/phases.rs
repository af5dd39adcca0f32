//! A facility over the days, as its page shows it: how it and its wards stand, what comes then, what was said by whom, and how many people
//! its staff can look after.

use super::{
    frame::{Frame, moment},
    rows::Look,
};
use crate::{app::App, problem::Problem};
use dayclear_core::{phases, time::Instant};
use dayclear_store::phases::{PhaseWord, StaffWord};
use std::collections::BTreeSet;

/// Words that are shown, the last ones.
const WORDS_MAX: usize = 12;

/// A ward, how it stands and what comes then.
pub struct WardPhase {
    /// Name.
    pub ward: String,
    /// How it stands.
    pub stands: String,
    /// Whether it takes people.
    pub open: bool,
    /// What comes then.
    pub then: Vec<String>,
}

/// What was read of one facility.
pub struct OverDays {
    wards: BTreeSet<String>,
    steps: Vec<phases::PhaseStep>,
    words: Vec<PhaseWord>,
    staff: Option<StaffWord>,
    there: i64,
}

/// Reads it.
pub async fn read(tx: &mut Look<'_>, facility: &str) -> Result<OverDays, Problem> {
    Ok(OverDays {
        wards: tx.wards_of(facility).await?,
        steps: tx.phase_steps_of(facility).await?,
        words: tx.phase_words(facility).await?,
        staff: tx.staffing().await?.remove(facility),
        there: tx.stays_at(&[facility]).await?.remove(facility).unwrap_or_default(),
    })
}

impl OverDays {
    /// The whole, and those wards of which something was said.
    pub fn wards(&self, app: &App, frame: &Frame) -> Vec<WardPhase> {
        let now = app.now();
        let said = |at: Instant| moment(app, frame.lang, at);
        let one = |ward: &str, name: String| {
            let stands = phases::stands(&self.steps, Some(ward), now);
            let coming = self.steps.iter().filter(|step| step.ward == ward && step.from > now);
            let then = coming.map(|step| {
                let phase = frame.w.term(step.phase);
                frame.w.get("facility-from", &[("phase", phase.into()), ("at", said(step.from).into())])
            });
            let open = phases::takes(&self.steps, Some(ward), now);
            WardPhase { ward: name, stands: frame.w.term(stands), open, then: then.collect() }
        };
        let of_wards = self.wards.iter().filter(|ward| self.steps.iter().any(|step| step.ward == **ward));
        std::iter::once(one("", frame.say("facility-whole")))
            .chain(of_wards.map(|ward| one(ward, ward.clone())))
            .collect()
    }

    /// What was said last, in words.
    pub fn said(&self, app: &App, frame: &Frame) -> Vec<String> {
        let one = |word: &PhaseWord| {
            let phase = frame.w.term(word.phase);
            let reason = &word.reason;
            let text = match word.from {
                Some(from) => {
                    let from = moment(app, frame.lang, from);
                    let given = [("phase", phase.into()), ("from", from.into()), ("reason", reason.as_str().into())];
                    frame.w.get("facility-word", &given)
                }
                None => {
                    frame.w.get("facility-word-back", &[("phase", phase.into()), ("reason", reason.as_str().into())])
                }
            };
            let ward = (!word.ward.is_empty()).then(|| word.ward.clone());
            let who = format!("{} {}", moment(app, frame.lang, word.at), word.account);
            frame.w.joined(&ward.into_iter().chain([text, who]).collect::<Vec<_>>())
        };
        self.words.iter().take(WORDS_MAX).map(one).collect()
    }

    /// How many people the staff can look after, and how many there are.
    pub fn staff(&self, frame: &Frame) -> Option<String> {
        let word = self.staff.as_ref()?;
        let count = |n: i64| frame.lang.signed(n);
        Some(frame.w.get(
            "facility-staff-said",
            &[
                ("staff", count(word.staff).into()),
                ("each", count(word.people_each).into()),
                ("limit", count(word.staff * word.people_each).into()),
                ("there", count(self.there).into()),
            ],
        ))
    }
}
