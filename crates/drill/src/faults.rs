//! What goes wrong between the city and the service: rows that come twice, late, out of order or corrected, a district that
//! is offline for half a day, a service that dies. Each is drawn by the seed, so that a fault that is found comes back.

use crate::{
    DrillError,
    living::{Chance, Of},
    service::Service,
};
use dayclear_core::{
    schema::{RESULTS, Table},
    time::Instant,
};
use serde_json::Value;
use std::fmt;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Rows come twice (F09).
    Duplicate,
    /// Results come hours late.
    Late,
    /// Rows come in another order.
    Disorder,
    /// A laboratory corrects a result: negative first, then what is true.
    Correct,
    /// A district's rows are held back for twelve hours, and then come all at once.
    Offline,
    /// The service dies and starts again.
    Crash,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 6] =
        [Fault::Duplicate, Fault::Late, Fault::Disorder, Fault::Correct, Fault::Offline, Fault::Crash];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Duplicate => "duplicate",
            Fault::Late => "late",
            Fault::Disorder => "disorder",
            Fault::Correct => "correct",
            Fault::Offline => "offline",
            Fault::Crash => "crash",
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

    fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    pub(crate) fn start(&self, chance: Chance) -> Wire {
        Wire { faults: self.clone(), chance, sent: 0, held: Vec::new(), injected: 0 }
    }
}

/// The way from the city to the service.
pub(crate) struct Wire {
    faults: Faults,
    chance: Chance,
    sent: u64,
    held: Vec<(Instant, &'static Table, Value)>,
    /// Faults so far.
    pub injected: u64,
}

/// Hours for which a late result is held back, at most.
const LATE_HOURS: u64 = 10;
/// Hours for which a district is offline.
const OFFLINE_HOURS: i64 = 12;

impl Wire {
    /// What is said of faults.
    pub fn said(&self) -> String {
        self.faults.to_string()
    }

    /// Brings rows, as the faults let them through.
    pub async fn give(
        &mut self,
        service: &mut Service,
        table: &'static Table,
        rows: Vec<Value>,
    ) -> Result<(), DrillError> {
        let now = service.now();
        let (due, held) =
            std::mem::take(&mut self.held).into_iter().partition(|(at, held, _)| *at <= now && held.name == table.name);
        self.held = held;
        let due: Vec<(Instant, &'static Table, Value)> = due;
        let mut out: Vec<Value> = due.into_iter().map(|(_, _, row)| row).collect();
        for row in rows {
            self.sent += 1;
            let (n, hit) = (self.sent, |of: u64| self.chance.unit(Of::Fault, self.sent | of << 44));
            if self.faults.has(Fault::Correct) && table.name == RESULTS.name && hit(1) < 0.01 {
                let mut first = row.clone();
                first["finding"] = "negative".into();
                if let Some(first) = first.as_object_mut() {
                    first.remove("ct_n");
                }
                let mut then = row.clone();
                then["version"] = "C".into();
                self.injected += 1;
                out.push(first);
                self.held.push((now.plus_hours(2), table, then));
                continue;
            }
            if self.faults.has(Fault::Late) && table.name == RESULTS.name && hit(2) < 0.03 {
                self.injected += 1;
                let hours = 1 + self.chance.below(Of::Fault, n | 3 << 44, LATE_HOURS) as i64;
                self.held.push((now.plus_hours(hours), table, row));
                continue;
            }
            if self.faults.has(Fault::Offline) && self.is_offline(&row, now) {
                self.injected += 1;
                self.held.push((now.plus_hours(OFFLINE_HOURS), table, row));
                continue;
            }
            if self.faults.has(Fault::Duplicate) && hit(4) < 0.02 {
                self.injected += 1;
                out.push(row.clone());
            }
            out.push(row);
        }
        if self.faults.has(Fault::Disorder) {
            let (chance, sent) = (self.chance, self.sent);
            let mut keyed: Vec<(u64, Value)> = out
                .into_iter()
                .enumerate()
                .map(|(n, row)| (chance.below(Of::Fault, (sent + n as u64) | 5 << 44, u64::MAX), row))
                .collect();
            keyed.sort_by_key(|(key, _)| *key);
            out = keyed.into_iter().map(|(_, row)| row).collect();
        }
        service.give(table, &out).await?;
        Ok(())
    }

    /// Laboratories of a third are offline from the tenth to the fourteenth hour of the day: what they report comes later.
    fn is_offline(&self, row: &Value, now: Instant) -> bool {
        let hour = now.micros() / 3_600_000_000 % 24;
        let laboratory = row["laboratory"].as_str().unwrap_or_default();
        row.get("finding").is_some() && (2..6).contains(&hour) && laboratory.ends_with(['1', '4', '7'])
    }

    /// Whether the service dies in this hour.
    pub fn crashes(&mut self, hour: u64) -> bool {
        let dies = self.faults.has(Fault::Crash) && self.chance.unit(Of::Fault, hour | 6 << 44) < 0.15;
        self.injected += u64::from(dies);
        dies
    }

    /// Nothing is held back beyond the day for ever: what is due by now comes.
    pub async fn flush(&mut self, service: &mut Service) -> Result<(), DrillError> {
        self.give(service, &RESULTS, Vec::new()).await
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
