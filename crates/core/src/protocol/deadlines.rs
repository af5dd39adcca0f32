//! By when each kind of item must be done. Hours run on the clock, days on the calendar of the city.

use super::{Pack, clause::*, terms::Prophylaxis};
use crate::{
    books::Worklist, measures::OrderKind, reason::Decided, roster::Need, searches::KEPT_DAYS, time::*,
    welfare::RequestKind,
};

impl Pack {
    /// The last instant at which an item of a worklist, opened at `opened`, is still in time; `None` where the pack sets no
    /// limit. For requests see [`Pack::answer_deadline`].
    pub fn deadline(&self, worklist: Worklist, opened: Instant, zone: &Zone) -> Option<Decided<Instant>> {
        self.rules.deadlines.get(&worklist).map(|clause| self.due(clause, opened, zone))
    }

    /// Minutes that a worklist's limit leaves at most, a civil day counted whole; `None` where the pack has no limit.
    pub fn deadline_minutes(&self, worklist: Worklist) -> Option<Decided<i64>> {
        let clause = self.rules.deadlines.get(&worklist)?;
        Some(Decided::new(clause.value.longest(), self.because(clause)))
    }

    /// The last instant at which a request is still answered in time. Emergencies are never looked up against a test, a
    /// status or a debt: there is nothing here to look them up with (R08).
    pub fn answer_deadline(&self, kind: RequestKind, opened: Instant, zone: &Zone) -> Option<Decided<Instant>> {
        self.rules.answers.get(&kind).map(|clause| self.due(clause, opened, zone))
    }

    /// Days from one regular treatment of a need to the next; `None`: nothing is arranged ahead for it.
    pub fn treatment_days(&self, need: Need) -> Option<Decided<i64>> {
        self.rules.treatments.get(&need).map(|clause| Decided::new(clause.value, self.because(clause)))
    }

    /// The last instant at which protection after an exposure may still be given.
    pub fn prophylaxis(&self, kind: Prophylaxis, first_exposure: Instant, zone: &Zone) -> Option<Decided<Instant>> {
        self.rules.prophylaxis.get(&kind).map(|clause| self.due(clause, first_exposure, zone))
    }

    /// The last day of its count that an order of this kind may reach without an extension (R04); `None` = the pack does not
    /// use the kind.
    pub fn most_days(&self, kind: OrderKind) -> Option<Decided<i64>> {
        self.rules.most_days.get(&kind).map(|clause| Decided::new(clause.value, self.because(clause)))
    }

    /// Shortest and longest incubation, in days.
    pub fn incubation(&self) -> Option<Decided<(i64, i64)>> {
        let (shortest, longest) = self.rules.incubation.as_ref()?;
        Some(Decided::new((shortest.value, longest.value), self.because(longest)))
    }

    /// Mean and standard deviation of the serial interval, in days: from the onset of one case to that of whom it infects.
    pub fn serial_interval(&self) -> Option<Decided<(f64, f64)>> {
        let (mean, sd) = self.rules.serial_interval.as_ref()?;
        let reason = self.because(mean).with("mean_days", mean.value).with("sd_days", sd.value);
        Some(Decided::new((mean.value, sd.value), reason))
    }

    /// Days for which visits, contacts and what was found among them name people (R14); [`KEPT_DAYS`] where the pack is silent.
    pub fn retention_days(&self) -> Decided<i64> {
        match &self.rules.retention {
            Some(clause) => Decided::new(clause.value, self.because(clause)),
            None => Decided::new(KEPT_DAYS, self.silent("retention.tracing").with("days", KEPT_DAYS)),
        }
    }

    /// The day on which an outbreak is over, counted from the last event (the last case's second negative test, burial or
    /// onset, as the clause notes).
    pub fn outbreak_over(&self, last_event: CivilDate) -> Option<Decided<CivilDate>> {
        let clause = self.rules.outbreak_over.as_ref()?;
        let reason = self.because(clause).with("last_event", last_event).with("days", clause.value);
        Some(Decided::new(super::count::day(last_event, clause.value), reason))
    }

    /// The last day of heightened surveillance after the end of an outbreak.
    pub fn outbreak_watch(&self, over: CivilDate) -> Option<Decided<CivilDate>> {
        let clause = self.rules.outbreak_watch.as_ref()?;
        let reason = self.because(clause).with("over", over).with("days", clause.value);
        Some(Decided::new(super::count::day(over, clause.value), reason))
    }

    fn due(&self, clause: &Clause<Limit>, opened: Instant, zone: &Zone) -> Decided<Instant> {
        let reason = self.because(clause).with("opened", zone.text(opened));
        let reason = match clause.value {
            Limit::Minutes(minutes) => reason.with("minutes", minutes),
            Limit::CivilDays(days) => reason.with("civil_days", days),
        };
        Decided::new(clause.value.due(opened, zone), reason)
    }
}
