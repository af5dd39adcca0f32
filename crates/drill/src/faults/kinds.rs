//! The kinds of faults, and the choice of them for a drill. The names are those of the command line.

use std::fmt;

/// A kind of fault; the numbers are those of the list of faults that the system must withstand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Rows come twice (F07).
    Duplicate,
    /// Results come hours late (F09).
    Late,
    /// Rows come in another order (F08).
    Disorder,
    /// A laboratory corrects a result: negative first, then what is true (F10).
    Correct,
    /// A third of the laboratories are offline, and what they report comes twelve hours later (F20).
    Offline,
    /// The service dies between two requests and starts again on the same store (F01).
    Crash,
    /// The service dies in the middle of a request or of a run of the line, at any statement or just after the commit, and
    /// whoever asked asks again (F01).
    Kill,
    /// The same, but it is the database that goes away in the middle and comes back: a restart, a full disk (F02, F18).
    Database,
    /// The disk of the store is full in the middle of something: nothing can be written until there is room again, and what is
    /// asked is answered (F03).
    Full,
    /// Commands and rows are sent twice under one key: the second answer must be the first (F05).
    Double,
    /// The clock of a laboratory is wrong by half an hour, either way (F11).
    Skew,
    /// A vehicle breaks down, with people waiting for it (F12).
    Vehicle,
    /// A facility closes while people are on the way to it (F13).
    Facility,
    /// A courier loses a box, of which a half turn up again hours later; a laboratory counts one in twice.
    Box,
    /// Tubes break; of a tube the people are told and it is not, or it is and they are not, until it is put right (F25).
    Tube,
    /// A phone at a site has no network for half a day and a wrong clock, and sends everything twice in the evening (F11, F20).
    Phone,
    /// A place is cut off for half a day: what its sites did comes in the evening, after the results (F20).
    District,
    /// A laboratory tests nothing and reports negatives (F26).
    Liar,
    /// Vehicles give signs of life, and a third of them stop for hours, with people in them (F12).
    Silent,
    /// A vehicle breaks down with people in it, who reach their beds an hour and a half later by another one (F12).
    Lost,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 20] = [
        Fault::Duplicate,
        Fault::Late,
        Fault::Disorder,
        Fault::Correct,
        Fault::Offline,
        Fault::Crash,
        Fault::Kill,
        Fault::Database,
        Fault::Full,
        Fault::Double,
        Fault::Skew,
        Fault::Vehicle,
        Fault::Facility,
        Fault::Box,
        Fault::Tube,
        Fault::Phone,
        Fault::District,
        Fault::Liar,
        Fault::Silent,
        Fault::Lost,
    ];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Duplicate => "duplicate",
            Fault::Late => "late",
            Fault::Disorder => "disorder",
            Fault::Correct => "correct",
            Fault::Offline => "offline",
            Fault::Crash => "crash",
            Fault::Kill => "kill",
            Fault::Database => "database",
            Fault::Full => "full",
            Fault::Double => "double",
            Fault::Skew => "skew",
            Fault::Vehicle => "vehicle",
            Fault::Facility => "facility",
            Fault::Box => "box",
            Fault::Tube => "tube",
            Fault::Phone => "phone",
            Fault::District => "district",
            Fault::Liar => "liar",
            Fault::Silent => "silent",
            Fault::Lost => "lost",
        }
    }
}

/// Faults of a drill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|fault| fault.name()).collect();
        f.write_str(&names.join(","))
    }
}

impl Faults {
    /// All there are.
    pub fn all() -> Faults {
        Faults(Fault::ALL.to_vec())
    }

    /// Reads names with commas between; `all` for all.
    pub fn read(text: &str) -> Result<Faults, String> {
        let mut found = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if name == "all" {
                return Ok(Self::all());
            }
            match Fault::ALL.iter().find(|fault| fault.name() == name) {
                Some(fault) => found.push(*fault),
                None => {
                    let known: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
                    return Err(format!("there is no fault '{name}'; there are: {}, all", known.join(", ")));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(Faults(found))
    }

    /// Whether none of them wants a service of its own: one elsewhere is not killed, and its drivers are not ours.
    pub(crate) fn fit_elsewhere(&self) -> Result<(), String> {
        const OWN: [Fault; 5] = [Fault::Crash, Fault::Kill, Fault::Database, Fault::Full, Fault::Silent];
        let own: Vec<&str> = self.0.iter().filter(|fault| OWN.contains(fault)).map(|fault| fault.name()).collect();
        if own.is_empty() {
            return Ok(());
        }
        Err(format!(
            "these faults want a service of the drill's own: {}; leave them out with --service",
            own.join(", ")
        ))
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// A share that a fault has, where it is played.
    pub(crate) fn share(&self, fault: Fault, share: f64) -> f64 {
        if self.has(fault) { share } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_by_name() {
        assert_eq!(Faults::read("late, crash").unwrap().to_string(), "late,crash");
        assert_eq!(Faults::read("all").unwrap(), Faults::all());
        assert_eq!(Faults::read("").unwrap(), Faults::default());
        assert!(Faults::read("lat").unwrap_err().contains("duplicate"));
    }
}
