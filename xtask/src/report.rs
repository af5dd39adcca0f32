//! What a benchmark found, three times over: a table for people, one line of JSON for programs, and its section of
//! docs/benchmarks.md, rewritten between two markers. Pure text, but for the machine's own description.

use crate::{city::City, measure::Cost, measure::median, programs};
use anyhow::{Context, Result};
use std::{fmt::Write, fs, path::Path};

/// Runs of one store: the baseline and the day, in the order in which they ran.
pub struct Series {
    /// `sqlite` or `postgres`.
    pub store: &'static str,
    /// The plain load of the same rows.
    pub plain: Vec<Cost>,
    /// The day, from files to signed books.
    pub day: Vec<Cost>,
}

impl Series {
    /// Median wall time of the day over that of the plain load.
    pub fn ratio(&self) -> f64 {
        median(self.day.iter().map(|cost| cost.wall_s)) / median(self.plain.iter().map(|cost| cost.wall_s))
    }
}

/// Everything that is reported of one benchmark.
pub struct Report {
    /// Name of the benchmark, also of its markers.
    pub name: &'static str,
    /// The command as typed.
    pub command: String,
    /// Sizes, by name.
    pub sizes: Vec<(&'static str, u64)>,
    /// The civil date that was played.
    pub date: String,
    /// What the baseline is.
    pub baseline: &'static str,
    /// Per store.
    pub series: Vec<Series>,
    /// The machine, in lines.
    pub machine: Vec<String>,
}

impl Report {
    /// The table, as Markdown and readable as it is.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| store | plain load, s | day, s | ratio | peak memory, plain load | peak memory, day | runs of the day, s |\n|---|---:|---:|---:|---:|---:|---|\n",
        );
        for series in &self.series {
            let middle = |costs: &[Cost], of: fn(&Cost) -> f64| median(costs.iter().map(of));
            let runs: Vec<String> = series.day.iter().map(|cost| format!("{:.1}", cost.wall_s)).collect();
            let _ = writeln!(
                text,
                "| {} | {:.1} | {:.1} | {:.2} | {:.0} MB | {:.0} MB | {} |",
                series.store,
                middle(&series.plain, |cost| cost.wall_s),
                middle(&series.day, |cost| cost.wall_s),
                series.ratio(),
                middle(&series.plain, |cost| cost.peak_mb),
                middle(&series.day, |cost| cost.peak_mb),
                runs.join(", "),
            );
        }
        text
    }

    /// One JSON object on one line.
    pub fn json(&self) -> String {
        let mut figures: Vec<String> = self.sizes.iter().map(|(name, size)| format!("\"{name}\":{size}")).collect();
        for Series { store, plain, day } in &self.series {
            for (what, costs) in [("plain", plain), ("day", day)] {
                let seconds = median(costs.iter().map(|cost| cost.wall_s));
                let peak = median(costs.iter().map(|cost| cost.peak_mb));
                figures.push(format!("\"{store}_{what}_wall_s\":{seconds:.3}"));
                figures.push(format!("\"{store}_{what}_peak_mb\":{peak:.1}"));
            }
        }
        let ratios: Vec<String> =
            self.series.iter().map(|series| format!("\"{}\":{:.3}", series.store, series.ratio())).collect();
        format!(
            "{{\"bench\":\"{}\",\"figures\":{{{}}},\"baseline\":\"{}\",\"ratio\":{{{}}}}}",
            self.name,
            figures.join(","),
            self.baseline,
            ratios.join(",")
        )
    }

    /// The section for the page of benchmarks.
    pub fn section(&self) -> String {
        let sizes: Vec<String> =
            self.sizes.iter().map(|(name, size)| format!("{} {}", grouped(*size), name.replace('_', " "))).collect();
        let mut text = format!("Command: `{}`\n\n", self.command);
        let _ = writeln!(text, "City: {}, date {}. Baseline: {}.\n", sizes.join(", "), self.date, self.baseline);
        for line in &self.machine {
            let _ = writeln!(text, "- {line}");
        }
        let _ = writeln!(text, "\n{}", self.table());
        text.push_str("Wall times and memory are medians. Memory is the client process alone: for PostgreSQL the server's own is not in it.\n");
        text
    }
}

/// Rewrites the section of a benchmark in docs/benchmarks.md.
pub fn record(name: &str, section: &str) -> Result<()> {
    let page = programs::workspace().join("docs/benchmarks.md");
    let text = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    let text = between_markers(&text, name, section).with_context(|| {
        format!("{} lacks the markers `<!-- bench:{name} -->` and `<!-- /bench:{name} -->`", page.display())
    })?;
    fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))
}

/// The city of a bench, and the machine.
pub fn city(city: &City) -> String {
    let mut text = format!("City: {} people, {} cases.\n\n", grouped(city.sizes.0), grouped(city.sizes.1));
    for line in &city.machine {
        let _ = writeln!(text, "- {line}");
    }
    text
}

/// Heading of the figures of one store, with what is known of the store itself.
pub fn store(name: &str, city: &City) -> String {
    let mut text = format!("\n### {name}\n\n");
    match city.made_s {
        Some(seconds) => text.push_str(&format!("The store was made in {seconds:.0} s")),
        None => text.push_str("The store was kept from an earlier run"),
    }
    if let Some(bytes) = city.store_bytes {
        text.push_str(&format!(", {:.2} GB", bytes as f64 / 1e9));
    }
    text.push_str(".\n");
    text
}

/// The page with a new section between the markers of a benchmark; nothing if they are not there.
fn between_markers(page: &str, name: &str, section: &str) -> Option<String> {
    let (opening, closing) = (format!("<!-- bench:{name} -->"), format!("<!-- /bench:{name} -->"));
    let begin = page.find(&opening)? + opening.len();
    let end = begin + page.get(begin..)?.find(&closing)?;
    Some(format!("{}\n\n{}\n{}", &page[..begin], section.trim_end(), &page[end..]))
}

/// Digits in groups of three: 1,000,000.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Cores, memory, file system and versions: what a reader needs to judge the figures.
pub fn machine(folder: &Path) -> Vec<String> {
    let file = |path| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        text.lines()
            .find(|line| line.starts_with(key))
            .and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, |cores| cores.get());
    let processor = value(&file("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".into());
    let memory_kib: f64 = value(&file("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split(' ').next().and_then(|kib| kib.parse().ok()))
        .unwrap_or(0.0);
    let files = programs::output("stat", &["-f", "-c", "%T", &folder.to_string_lossy()]).unwrap_or_default();
    let mut lines =
        vec![format!("{cores} cores ({processor}), {:.1} GB memory, files on {files}", memory_kib * 1024.0 / 1e9)];
    lines.extend(programs::output("rustc", &["--version"]));
    let root = programs::workspace();
    if let Some(commit) = programs::output("git", &["-C", &root.to_string_lossy(), "rev-parse", "--short=10", "HEAD"]) {
        lines.push(format!("commit {commit}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let cost = |wall_s| Cost { wall_s, peak_mb: 100.0 };
        let series = Series {
            store: "sqlite",
            plain: vec![cost(2.0), cost(1.0), cost(9.0)],
            day: vec![cost(5.0), cost(4.0), cost(7.0)],
        };
        Report {
            name: "day",
            command: "cargo xtask bench day".into(),
            sizes: vec![("people", 1_000_000), ("runs", 3)],
            date: "2022-11-20".into(),
            baseline: "plain load",
            series: vec![series],
            machine: vec!["2 cores".into()],
        }
    }

    #[test]
    fn the_last_line_is_one_json_object() {
        assert_eq!(
            report().json(),
            "{\"bench\":\"day\",\"figures\":{\"people\":1000000,\"runs\":3,\"sqlite_plain_wall_s\":2.000,\"sqlite_plain_peak_mb\":100.0,\
             \"sqlite_day_wall_s\":5.000,\"sqlite_day_peak_mb\":100.0},\"baseline\":\"plain load\",\"ratio\":{\"sqlite\":2.500}}"
        );
    }

    #[test]
    fn the_section_stands_between_its_markers_however_often_it_is_written() {
        let page = "# Page\n<!-- bench:day -->\nold\n<!-- /bench:day -->\nend\n";
        let once = between_markers(page, "day", "new\n").unwrap();
        assert_eq!(once, "# Page\n<!-- bench:day -->\n\nnew\n<!-- /bench:day -->\nend\n");
        assert_eq!(between_markers(&once, "day", "new\n").unwrap(), once);
        assert!(between_markers(page, "night", "new").is_none());
        assert!(report().section().contains("1,000,000 people, 3 runs"));
    }

    #[test]
    fn the_table_tells_medians() {
        assert!(
            report().table().contains("| sqlite | 2.0 | 5.0 | 2.50 | 100 MB | 100 MB | 5.0, 4.0, 7.0 |"),
            "{}",
            report().table()
        );
    }
}
