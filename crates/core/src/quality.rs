//! What can be seen in the results of laboratories: kinds of signals, each with the incident that taught it and the source of
//! its rule. Pure vocabulary; `engines::screening::quality` finds them.

use crate::terms;

terms! {
    /// What was seen.
    SignalKind {
        /// Reported sooner after receipt than the assay takes.
        Turnaround = "turnaround",
        /// A run began before its tubes were received.
        RunBeforeReceipt = "run_before_receipt",
        /// Negatives released before the run ended.
        BeforeRunEnd = "before_run_end",
        /// Results without a run.
        NoRun = "no_run",
        /// The finding is not what the instrument's Ct says.
        Polarity = "polarity",
        /// Negatives without a valid internal control.
        InternalControl = "internal_control",
        /// Internal controls that repeat each other.
        InternalControlCopied = "internal_control_copied",
        /// Internal controls shifted against peers.
        InternalControlShift = "internal_control_shift",
        /// More tubes than wells.
        Wells = "wells",
        /// Positives weaker than those of peers, as when tubes are pooled again.
        CtShift = "ct_shift",
        /// Positives stronger than those of peers, as when weak ones are called negative.
        WeakMissing = "weak_missing",
        /// Fewer positives than peers find among comparable tubes.
        PositivityLow = "positivity_low",
        /// More of them.
        PositivityHigh = "positivity_high",
        /// Positives and their Ct together unlike those of peers, where neither alone may be.
        PositivesAndCt = "positives_and_ct",
        /// A fall or rise of positives in the course of time.
        PositivityChange = "positivity_change",
        /// A lot with more or fewer positives than other lots.
        LotPositivity = "lot_positivity",
        /// Runs reported although a control failed.
        ControlFailed = "control_failed",
        /// Positive controls that drift.
        ControlDrift = "control_drift",
        /// A negative laid over an open abnormal.
        Overwritten = "overwritten",
        /// More tubes than the laboratory is validated for.
        Throughput = "throughput",
    }
}

impl SignalKind {
    /// The incident that taught it (docs/screen.md) and where the rule or formula comes from.
    pub const fn source(self) -> &'static str {
        match self {
            SignalKind::Turnaround => "I14: turnaround below the run's time",
            SignalKind::RunBeforeReceipt | SignalKind::BeforeRunEnd | SignalKind::NoRun => {
                "I15: a result needs a run that began after receipt and has ended"
            }
            SignalKind::Polarity => "I04, I16: polarity of each row from the instrument's data",
            SignalKind::InternalControl => "I14: a negative needs its internal control",
            SignalKind::InternalControlCopied => {
                "I14: records made up or written twice; most frequent value against peers, equal pairs of a run against other runs"
            }
            SignalKind::InternalControlShift => {
                "I14: shift against peers with spread between laboratories (DerSimonian and Laird 1986)"
            }
            SignalKind::Wells => "I14: wells against tubes",
            SignalKind::CtShift => {
                "I14: log2(n) cycles when n tubes share a well; spread between laboratories (DerSimonian and Laird 1986)"
            }
            SignalKind::WeakMissing => "I04: weak positives missing (DerSimonian and Laird 1986)",
            SignalKind::PositivityLow | SignalKind::PositivityHigh => {
                "I03, I04: funnel with overdispersion (Spiegelhalter 2005)"
            }
            SignalKind::PositivesAndCt => "I03, I04, I14: both z together (Stouffer 1949)",
            SignalKind::PositivityChange => "I04: risk-adjusted CUSUM (Steiner et al. 2000)",
            SignalKind::LotPositivity => "I03: funnel by lot (Spiegelhalter 2005)",
            SignalKind::ControlFailed => "I03: controls of the run",
            SignalKind::ControlDrift => "I03: EWMA of the positive control (Lucas and Saccucci 1990)",
            SignalKind::Overwritten => "I16: an open abnormal is not made negative by a packet; hold both",
            SignalKind::Throughput => "I14: throughput above what is validated",
        }
    }
}

terms! {
    /// What a signal asks for.
    SignalLevel {
        /// Look at these rows; mistakes may explain them.
        Look = "look",
        /// More than mistakes or chance explain: hold the laboratory's results, or the lot, and look.
        Alarm = "alarm",
    }
}
