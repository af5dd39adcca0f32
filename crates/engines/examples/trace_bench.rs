//! The tracing engines on made-up visits and cases, for `cargo xtask bench trace`. `make` writes the files that other
//! engines read; `search` times the search over the same visits in memory, and questions about single cases by the index;
//! `scan` times the scan statistic. Prints one line of JSON. Only the clock is taken from the machine.

use dayclear_engines::{
    city::Dice,
    tracing::{
        clusters::{self, DayCount, Position},
        exposures::{Index, Search, Visits, Window, exposures},
    },
};
use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    time::Instant,
};

/// 2022-11-19T16:00:00Z: midnight in Chongqing.
const START: i64 = 1_668_873_600;
const DAYS: u64 = 4;
const DAY: u64 = 86_400;

/// Made-up visits: by the day, of people and places at random, popular places more often; one venue takes 0.8 % of all,
/// which are 200,000 a day at 100 million. One visit in a hundred overlaps the one before it; one in a thousand is not over.
#[derive(Clone, Copy)]
struct Made {
    people: u64,
    visits: u64,
    cases: u64,
    seed: u64,
}

impl Made {
    fn places(self) -> u64 {
        (self.visits / 100).max(2)
    }
    fn visit(self, at: u64) -> (u32, u32, i64, Option<i64>) {
        let mut dice = Dice::beside(self.seed, at);
        let kind = dice.below(1_000);
        if kind < 10 && at > 0 {
            let (person, place, from, _) = self.plain(at - 1);
            return (person, place, from + 600, Some(from + 4_200));
        }
        let (person, place, from, to) = self.plain(at);
        (person, place, from, (kind < 999).then_some(to))
    }
    fn plain(self, at: u64) -> (u32, u32, i64, i64) {
        let mut dice = Dice::beside(self.seed ^ 0xA5A5, at);
        let person = dice.below(self.people) as u32;
        let place = match dice.below(1_000) {
            0..8 => 0,
            _ => 1 + dice.below(dice.clone().below(self.places() - 1) + 1) as u32,
        };
        let day = at * DAYS / self.visits;
        let from = START + (day * DAY + 21_600 + dice.below(57_600)) as i64;
        let most = 1_800 + dice.below(14_400);
        (person, place, from, from + 60 + dice.below(most) as i64)
    }
    /// Each case has one window of two days or more.
    fn window(self, case: u64) -> Window {
        let mut dice = Dice::beside(self.seed ^ 0x5A5A, case);
        let person = dice.below(self.people) as u32;
        let from = START + (dice.below(2) * DAY) as i64;
        let to = START + (DAYS * DAY) as i64 - dice.below(DAY) as i64;
        Window { case: case as u32, person, from, to }
    }
    fn windows(self) -> Vec<Window> {
        (0..self.cases).map(|case| self.window(case)).collect()
    }
}

/// A moment in the city's time.
struct Moment(i64);

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // All moments lie in November 2022.
        let local = self.0 + 28_800 - (START + 28_800 - 20 * DAY as i64);
        let (day, second) = (local / DAY as i64, local % DAY as i64);
        write!(f, "2022-11-{day:02}T{:02}:{:02}:{:02}+08:00", second / 3_600, second / 60 % 60, second % 60)
    }
}

fn make(made: Made, visits: &str, cases: &str) -> Result<String, Box<dyn Error>> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(visits)?);
    writeln!(file, "person,place,from,to")?;
    let threads = std::thread::available_parallelism().map_or(2, usize::from) as u64;
    let step = 200_000;
    let mut at = 0;
    while at < made.visits {
        // Each thread writes the text of some rows; they go out in order.
        let texts = std::thread::scope(|scope| {
            let parts: Vec<_> = (0..threads)
                .map(|thread| {
                    let range = (at + thread * step).min(made.visits)..(at + (thread + 1) * step).min(made.visits);
                    scope.spawn(move || {
                        let mut text = Vec::with_capacity(step as usize * 72);
                        for row in range {
                            let (person, place, from, to) = made.visit(row);
                            let from = Moment(from);
                            let _ = match to.map(Moment) {
                                Some(to) => writeln!(text, "{person},{place},{from},{to}"),
                                None => writeln!(text, "{person},{place},{from},"),
                            };
                        }
                        text
                    })
                })
                .collect();
            parts.into_iter().map(|part| part.join().unwrap_or_default()).collect::<Vec<_>>()
        });
        for text in texts {
            file.write_all(&text)?;
        }
        at += threads * step;
    }
    file.flush()?;
    let mut file = BufWriter::new(File::create(cases)?);
    writeln!(file, "case,person,from,to")?;
    for window in made.windows() {
        writeln!(file, "{},{},{},{}", window.case, window.person, Moment(window.from), Moment(window.to))?;
    }
    file.flush()?;
    Ok(format!("{{\"visits\":{},\"cases\":{}}}", made.visits, made.cases))
}

/// CPU-seconds of this process so far, in hundredths.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(11) + ticks(12)) / 100.0
}

/// Runs three times: the median of the seconds, and the mean of the CPU-seconds.
fn timed<T>(mut run: impl FnMut() -> Result<T, Box<dyn Error>>) -> Result<(T, f64, f64), Box<dyn Error>> {
    let (mut times, cpu) = (Vec::new(), cpu_s());
    loop {
        let since = Instant::now();
        let result = run()?;
        times.push(since.elapsed().as_secs_f64());
        if times.len() == 3 {
            times.sort_by(f64::total_cmp);
            return Ok((result, times[1], (cpu_s() - cpu) / 3.0));
        }
    }
}

/// Peak memory of this process in megabytes.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) * 1_024.0 / 1e6
}

fn search(made: Made, seconds_min: u32, threads: usize) -> Result<String, Box<dyn Error>> {
    let mut visits = Visits::with_capacity(START, made.visits as usize);
    for at in 0..made.visits {
        let (person, place, from, to) = made.visit(at);
        visits.push(person, place, from, to);
    }
    let windows = made.windows();
    let asked = Search { seconds_min, threads };
    let (found, columns_s, columns_cpu_s) = timed(|| Ok(exposures(&visits, &windows, asked)?))?;
    let columns_mb = peak_mb();
    let since = Instant::now();
    let index = Index::new(visits, threads)?;
    let build_s = since.elapsed().as_secs_f64();
    let (again, index_s, index_cpu_s) = timed(|| Ok(index.contacts(&windows, asked)?))?;
    if again != found {
        return Err("the index gives other contacts than the columns".into());
    }
    // Single cases, on one thread: the first thousand.
    let mut one: Vec<f64> = Vec::new();
    for window in windows.iter().take(1_000) {
        let since = Instant::now();
        std::hint::black_box(index.contacts(&[*window], Search { seconds_min, threads: 1 })?);
        one.push(since.elapsed().as_secs_f64() * 1e3);
    }
    one.sort_by(f64::total_cmp);
    let at = |share: f64| one[((one.len() - 1) as f64 * share) as usize];
    let seconds: u64 = found.iter().map(|contact| u64::from(contact.seconds)).sum();
    Ok(format!(
        "{{\"visits\":{},\"contacts\":{},\"seconds\":{seconds},\"columns_s\":{columns_s:.4},\"columns_cpu_s\":{columns_cpu_s:.3},\"index_build_s\":{build_s:.3},\"index_s\":{index_s:.4},\"index_cpu_s\":{index_cpu_s:.3},\"one_p50_ms\":{:.3},\"one_p95_ms\":{:.3},\"one_max_ms\":{:.3},\"columns_mb\":{columns_mb:.0},\"index_mb\":{:.0},\"peak_mb\":{:.0}}}",
        made.visits,
        found.len(),
        at(0.5),
        at(0.95),
        at(1.0),
        index.bytes() as f64 / 1e6,
        peak_mb()
    ))
}

fn scan(
    cases: u64,
    places: u64,
    days: u64,
    days_max: u16,
    replicates: u32,
    threads: usize,
) -> Result<String, Box<dyn Error>> {
    let mut dice = Dice::beside(1, 0);
    let degrees = |dice: &mut Dice, low: f64| low + dice.below(1_000_000) as f64 / 1e6;
    let positions: Vec<Option<Position>> = (0..places)
        .map(|_| Some(Position::Globe { lat: degrees(&mut dice, 29.0), lon: degrees(&mut dice, 106.0) }))
        .collect();
    let mut rows: Vec<DayCount> = Vec::new();
    for at in 0..cases {
        // One case in two hundred belongs to a cluster of the last three days around one place.
        let planted = at % 200 == 0;
        let day = if planted { days - 1 - dice.below(3) } else { dice.below(days) };
        let place = if planted { 0 } else { dice.below(places) };
        rows.push(DayCount { place: place as u32, day: day as i64, count: 1 });
    }
    let settings = clusters::Settings {
        today: days as i64 - 1,
        days_max,
        share_max: 0.5,
        radius_max: None,
        cases_min: 2,
        replicates,
        seed: 1,
        threads,
        clusters_max: 5,
    };
    let (since, cpu) = (Instant::now(), cpu_s());
    let found = clusters::scan(&positions, &rows, &settings)?;
    let cpu = cpu_s() - cpu;
    let seconds = since.elapsed().as_secs_f64();
    let best = found.clusters.first().ok_or("no cluster was found")?;
    Ok(format!(
        "{{\"cases\":{cases},\"places\":{places},\"circles\":{},\"days_max\":{days_max},\"replicates\":{replicates},\"scan_s\":{seconds:.3},\"scan_cpu_s\":{cpu:.2},\"p\":{},\"centre\":{},\"peak_mb\":{:.0}}}",
        found.circles,
        best.p.unwrap_or(f64::NAN),
        best.centre,
        peak_mb()
    ))
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| -> Result<u64, Box<dyn Error>> {
        Ok(words.get(at).ok_or_else(|| format!("word {at} is missing"))?.parse()?)
    };
    let made = || -> Result<Made, Box<dyn Error>> {
        Ok(Made { people: number(1)?, visits: number(2)?.max(1), cases: number(3)?, seed: number(4)? })
    };
    let printed = match words.first().map(String::as_str) {
        Some("make") => make(made()?, words.get(5).ok_or("a file of visits")?, words.get(6).ok_or("a file of cases")?)?,
        Some("search") => search(made()?, number(5)? as u32, number(6)? as usize)?,
        Some("scan") => {
            scan(number(1)?, number(2)?, number(3)?, number(4)? as u16, number(5)? as u32, number(6)? as usize)?
        }
        _ => return Err("make PEOPLE VISITS CASES SEED VISITS_FILE CASES_FILE | search PEOPLE VISITS CASES SEED SECONDS THREADS | scan CASES PLACES DAYS DAYS_MAX REPLICATES THREADS".into()),
    };
    println!("{printed}");
    Ok(())
}
