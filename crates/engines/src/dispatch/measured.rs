//! Measured travel times for an instance of a file: some pairs of locations, from a table that somebody kept beside it. Pure; what the
//! table leaves open stays as the instance says, and whatever is wrong with it is told with its line.

use super::{BadInstance, Fault, Instance, Travel};

/// Longest drive that is taken: a week.
const MIN_MOST: f64 = 10_080.0;

impl Instance {
    /// The instance with these times instead of its own: CSV with the columns `from`, `to` (numbers of locations from 0) and `minutes`. With
    /// it comes how many of all pairs were told.
    pub fn measured(self, text: &str) -> Result<(Instance, usize), BadInstance> {
        let count = self.locations_km.len();
        let mut rows: Vec<Vec<i32>> =
            (0..count).map(|from| (0..count).map(|to| self.travel_s(from, to)).collect()).collect();
        let mut told = vec![vec![false; count]; count];
        let mut faults = Vec::new();
        let mut wrong = |at: String, value: &str, expected: String| {
            faults.push(Fault { at, value: format!("\"{value}\""), expected });
        };
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let head = lines.next().unwrap_or_default().trim_end();
        if head != "from,to,minutes" {
            wrong("line 1".to_owned(), head, "the header from,to,minutes".to_owned());
        }
        for (n, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let at = |column: &str| format!("line {}, {column}", n + 2);
            let cells: Vec<&str> = line.trim_end().split(',').collect();
            let [from, to, minutes] = cells[..] else {
                wrong(format!("line {}", n + 2), line, "three cells".to_owned());
                continue;
            };
            let place = |text: &str| text.trim().parse::<usize>().ok().filter(|at| *at < count);
            let number = minutes.trim().parse::<f64>().ok().filter(|minutes| (0.0..=MIN_MOST).contains(minutes));
            if let (Some(from), Some(to), Some(number)) = (place(from), place(to), number) {
                if std::mem::replace(&mut told[from][to], true) {
                    wrong(at("from"), line, "each pair once".to_owned());
                }
                rows[from][to] = (number * 60.0).ceil() as i32;
                continue;
            }
            for (column, text) in [("from", from), ("to", to)] {
                if place(text).is_none() {
                    wrong(at(column), text, format!("the number of a location, from 0 to {}", count.saturating_sub(1)));
                }
            }
            if number.is_none() {
                wrong(at("minutes"), minutes, format!("minutes from 0 to {MIN_MOST}"));
            }
        }
        if !faults.is_empty() {
            return Err(BadInstance { faults });
        }
        let pairs = told.iter().flatten().filter(|told| **told).count();
        Ok((Instance { travel: Travel::Matrix(rows), ..self }, pairs))
    }
}
