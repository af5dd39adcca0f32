//! Figures for those who watch the server, as Prometheus reads them. It guarantees that a label is one of a closed list of
//! words of this program (`&'static str`), so that nothing about a person can become one.

use dayclear_core::command::Load;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Upper ends of the classes of duration, in seconds.
const BUCKETS_S: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

#[derive(Clone, Default)]
struct Durations {
    counts: [u64; BUCKETS_S.len()],
    all: u64,
    sum_s: f64,
}

impl Durations {
    fn add(&mut self, seconds: f64) {
        for (count, end) in self.counts.iter_mut().zip(BUCKETS_S) {
            *count += u64::from(seconds <= end);
        }
        self.all += 1;
        self.sum_s += seconds;
    }
}

#[derive(Default)]
struct Figures {
    requests: BTreeMap<(&'static str, &'static str, u16), u64>,
    durations: BTreeMap<(&'static str, Load), Durations>,
    shed: BTreeMap<(Load, &'static str), u64>,
    limited: BTreeMap<&'static str, u64>,
    commands: BTreeMap<(&'static str, &'static str, &'static str), u64>,
    policy_reports: BTreeMap<&'static str, u64>,
    line: Durations,
    line_failures: u64,
    panics: u64,
}

/// Everything that is counted.
#[derive(Default)]
pub struct Metrics {
    figures: Mutex<Figures>,
}

/// What is measured at the moment of asking.
#[derive(Default)]
pub struct Gauges {
    lines: String,
}

impl Gauges {
    /// Adds a figure. `labels` are pairs of name and word.
    pub fn set(&mut self, name: &'static str, about: &'static str, labels: &[(&str, &'static str)], value: f64) {
        if !self.lines.contains(&format!("# TYPE {name} ")) {
            let _ = writeln!(self.lines, "# HELP {name} {about}\n# TYPE {name} gauge");
        }
        let _ = writeln!(self.lines, "{name}{} {value}", labelled(labels));
    }
}

fn labelled(labels: &[(&str, &'static str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{{{}}}", pairs.join(","))
}

/// A pattern of a route as a word that lasts: patterns are a closed list, written in this program.
pub fn word(pattern: &str) -> &'static str {
    static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = words.get(pattern) {
        return known;
    }
    let fresh: &'static str = Box::leak(pattern.to_owned().into_boxed_str());
    words.insert(fresh);
    fresh
}

impl Metrics {
    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// A request was answered.
    pub fn request(&self, route: &'static str, method: &'static str, status: u16, load: Option<Load>, took: Duration) {
        let mut figures = self.figures();
        *figures.requests.entry((route, method, status)).or_default() += 1;
        figures.durations.entry((route, load.unwrap_or(Load::Work))).or_default().add(took.as_secs_f64());
    }
    /// A request was turned away under load.
    pub fn shed(&self, load: Load, why: &'static str) {
        *self.figures().shed.entry((load, why)).or_default() += 1;
    }
    /// A request was turned away because its sender asks too often.
    pub fn limited(&self, whose: &'static str) {
        *self.figures().limited.entry(whose).or_default() += 1;
    }
    /// A command ended.
    pub fn command(&self, on: &'static str, verb: &'static str, outcome: &'static str) {
        *self.figures().commands.entry((on, verb, outcome)).or_default() += 1;
    }
    /// A browser reported that a page broke the content policy.
    pub fn policy_report(&self, directive: &'static str) {
        *self.figures().policy_reports.entry(directive).or_default() += 1;
    }
    /// The line ran.
    pub fn line(&self, took: Duration, good: bool) {
        let mut figures = self.figures();
        figures.line.add(took.as_secs_f64());
        figures.line_failures += u64::from(!good);
    }
    /// A request panicked.
    pub fn panicked(&self) {
        self.figures().panics += 1;
    }
    /// Panics so far.
    pub fn panics(&self) -> u64 {
        self.figures().panics
    }
    /// Requests of a class that were turned away under load.
    pub fn shed_of(&self, load: Load) -> u64 {
        self.figures().shed.iter().filter(|((of, _), _)| *of == load).map(|(_, count)| count).sum()
    }

    /// The text that Prometheus reads.
    pub fn text(&self, gauges: Gauges) -> String {
        let figures = self.figures();
        let mut out = String::with_capacity(16 << 10);
        let head = |out: &mut String, name: &str, kind: &str, about: &str| {
            let _ = writeln!(out, "# HELP {name} {about}\n# TYPE {name} {kind}");
        };
        head(&mut out, "dayclear_requests_total", "counter", "Requests answered.");
        for ((route, method, status), count) in &figures.requests {
            let _ = writeln!(
                out,
                "dayclear_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} {count}"
            );
        }
        head(&mut out, "dayclear_request_seconds", "histogram", "Time to the head of the answer.");
        for ((route, load), durations) in &figures.durations {
            let labels = format!("route=\"{route}\",load=\"{load}\"");
            histogram(&mut out, "dayclear_request_seconds", &labels, durations);
        }
        head(&mut out, "dayclear_shed_total", "counter", "Requests turned away under load.");
        for ((load, why), count) in &figures.shed {
            let _ = writeln!(out, "dayclear_shed_total{{load=\"{load}\",why=\"{why}\"}} {count}");
        }
        head(&mut out, "dayclear_rate_limited_total", "counter", "Requests of senders that ask too often.");
        for (whose, count) in &figures.limited {
            let _ = writeln!(out, "dayclear_rate_limited_total{{whose=\"{whose}\"}} {count}");
        }
        head(&mut out, "dayclear_commands_total", "counter", "Commands by outcome.");
        for ((on, verb, outcome), count) in &figures.commands {
            let _ = writeln!(out, "dayclear_commands_total{{command=\"{on}.{verb}\",outcome=\"{outcome}\"}} {count}");
        }
        head(&mut out, "dayclear_policy_reports_total", "counter", "Reports of pages that broke the content policy.");
        for (directive, count) in &figures.policy_reports {
            let _ = writeln!(out, "dayclear_policy_reports_total{{directive=\"{directive}\"}} {count}");
        }
        head(&mut out, "dayclear_line_seconds", "histogram", "Duration of a run of the line.");
        histogram(&mut out, "dayclear_line_seconds", "", &figures.line);
        head(&mut out, "dayclear_line_failures_total", "counter", "Runs of the line that failed.");
        let _ = writeln!(out, "dayclear_line_failures_total {}", figures.line_failures);
        head(&mut out, "dayclear_panics_total", "counter", "Requests that panicked.");
        let _ = writeln!(out, "dayclear_panics_total {}", figures.panics);
        out.push_str(&gauges.lines);
        out
    }
}

fn histogram(out: &mut String, name: &str, labels: &str, durations: &Durations) {
    let comma = if labels.is_empty() { "" } else { "," };
    for (count, end) in durations.counts.iter().zip(BUCKETS_S) {
        let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"{end}\"}} {count}");
    }
    let braces = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {}", durations.all);
    let _ = writeln!(out, "{name}_sum{braces} {}\n{name}_count{braces} {}", durations.sum_s, durations.all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told_in_the_form_that_prometheus_reads() {
        let metrics = Metrics::default();
        for millis in [3, 30, 300] {
            let took = Duration::from_millis(millis);
            metrics.request(word("/api/v1/{list}"), "GET", 200, Some(Load::Work), took);
        }
        metrics.shed(Load::Board, "full");
        metrics.command("transfers", "claim", "refused");
        metrics.line(Duration::from_millis(40), false);
        let mut gauges = Gauges::default();
        gauges.set("dayclear_in_flight", "Requests in work.", &[("load", "work")], 2.0);
        gauges.set("dayclear_in_flight", "Requests in work.", &[("load", "board")], 1.0);
        let text = metrics.text(gauges);
        for line in [
            "dayclear_requests_total{route=\"/api/v1/{list}\",method=\"GET\",status=\"200\"} 3",
            "dayclear_request_seconds_bucket{route=\"/api/v1/{list}\",load=\"work\",le=\"0.05\"} 2",
            "dayclear_request_seconds_bucket{route=\"/api/v1/{list}\",load=\"work\",le=\"+Inf\"} 3",
            "dayclear_request_seconds_count{route=\"/api/v1/{list}\",load=\"work\"} 3",
            "dayclear_shed_total{load=\"board\",why=\"full\"} 1",
            "dayclear_commands_total{command=\"transfers.claim\",outcome=\"refused\"} 1",
            "dayclear_line_seconds_bucket{le=\"0.05\"} 1",
            "dayclear_line_failures_total 1",
            "dayclear_in_flight{load=\"work\"} 2",
            "dayclear_in_flight{load=\"board\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert_eq!(text.matches("# TYPE dayclear_in_flight gauge").count(), 1);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
