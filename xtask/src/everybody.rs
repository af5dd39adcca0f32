//! `cargo xtask bench screen`: a day on which everybody in the city is sampled in tubes of ten, through the API of the served
//! program: tubes, who is in them, and results of tubes that came before, interleaved, in calls of many rows, while others look at
//! coverage and send single results. The baseline is a plain append of the same rows. Aim: four times the baseline, 2 GB of memory,
//! coverage in 30 ms, 20,000 results of people a second, a result and its recall list in 10 ms at the 99th percentile.

use crate::{
    arguments::{Arguments, BadUsage},
    city::{City, Wishes, text_of},
    epidemic::number,
    load::{Ask, Client, Times},
    measure,
    postgres::{self, Durability},
    programs, report,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    io::{BufWriter, Write},
    path::Path,
    process::{Command, ExitCode},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const TUBE: usize = 10;
/// Of a thousand tubes one is positive.
const POSITIVE: usize = 1_000;
const LABORATORIES: usize = 76;
/// Portions that are registered before the results of the first of them come.
const BEHIND: usize = 8;
/// Between two looks of one who looks on.
const PAUSE: Duration = Duration::from_millis(100);
const FIRST: usize = 1_000;

const TUBES: &str = "tube,division,purpose,size,site,collected_at,laboratory,sent_at,received_at\n";
const MEMBERS: &str = "tube,person\n";
const RESULTS: &str = "laboratory,tube,version,finding,run,reported_at\n";

/// What is sampled: tubes in the order in which they are filled, in portions.
struct Day {
    villages: Vec<String>,
    tubes: usize,
    /// Tubes of a portion.
    portion: usize,
}

impl Day {
    fn portions(&self) -> usize {
        self.tubes.div_ceil(self.portion)
    }

    fn of(&self, portion: usize) -> std::ops::Range<usize> {
        portion * self.portion..((portion + 1) * self.portion).min(self.tubes)
    }

    fn village(&self, n: usize) -> &str {
        &self.villages[n * self.villages.len() / self.tubes]
    }

    /// District that registers a portion.
    fn district(&self, portion: usize) -> &str {
        &self.village(portion * self.portion)[..6]
    }

    /// Neighbours share a tube, and tubes are filled from one end of the city to the other.
    fn tubes(&self, portion: usize, text: &mut String) {
        for n in self.of(portion) {
            let own = |village: &&str| village.starts_with(self.district(portion));
            let village = Some(self.village(n)).filter(own).unwrap_or(self.village(portion * self.portion));
            let (hour, minute, second) = (n / 3_600 % 10 + 8, n / 60 % 60, n % 60);
            let _ = writeln!(
                text,
                "E{n:09},{village},area_screening,{TUBE},S{},2022-11-20T{hour:02}:{minute:02}:{second:02}+08:00,{},,",
                &village[..9],
                laboratory(portion)
            );
        }
    }

    fn members(&self, portion: usize, text: &mut String) {
        for n in self.of(portion) {
            for person in n * TUBE + 1..=(n + 1) * TUBE {
                let _ = writeln!(text, "E{n:09},P{person:09}");
            }
        }
    }

    fn results(&self, portion: usize, text: &mut String) {
        for n in self.of(portion) {
            let finding = if n % POSITIVE == 0 { "positive" } else { "negative" };
            let (minute, second) = (n / 60 % 60, n % 60);
            let (laboratory, run) = (laboratory(portion), n / 94);
            let _ =
                writeln!(text, "{laboratory},E{n:09},F,{finding},R{run},2022-11-20T20:{minute:02}:{second:02}+08:00");
        }
    }

    fn positive(&self) -> usize {
        self.tubes.div_ceil(POSITIVE)
    }

    /// The same rows as files.
    fn write(&self, folder: &Path) -> Result<u64> {
        let mut rows = 0;
        for (name, header, of) in [
            ("tubes", TUBES, Day::tubes as fn(&Day, usize, &mut String)),
            ("members", MEMBERS, Day::members),
            ("results", RESULTS, Day::results),
        ] {
            let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(folder.join(format!("{name}.csv")))?);
            file.write_all(header.as_bytes())?;
            let mut text = String::new();
            for portion in 0..self.portions() {
                text.clear();
                of(self, portion, &mut text);
                rows += text.bytes().filter(|byte| *byte == b'\n').count() as u64;
                file.write_all(text.as_bytes())?;
            }
            file.flush()?;
        }
        Ok(rows)
    }
}

fn laboratory(n: usize) -> String {
    format!("L{:03}", n % LABORATORIES)
}

/// What was seen of one store.
struct Seen {
    plain_s: f64,
    day_s: f64,
    peak_mb: f64,
    calls: [Times; 3],
    coverage: Times,
    recall: Times,
    board_s: f64,
}

/// Runs it.
pub fn run(words: &[String], command: String) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let portion: usize = given.option("--portion", FIRST)?;
    let clients: usize = given.option("--clients", 3)?;
    let wishes = Wishes::take(&mut given, 32_000_000, FIRST as u64)?;
    given.finish()?;
    if !(1..=1_000).contains(&portion) || clients == 0 {
        return Err(BadUsage("--portion is 1 to 1,000 tubes, --clients at least 1".into()).into());
    }
    // the roster has a few hundred people less than asked for, whom rounding left out
    let tubes = (wishes.people as usize).saturating_sub(1_000) / TUBE;
    let day = Day { villages: villages()?, tubes, portion };
    let folder = postgres::fresh_folder(wishes.place())?;
    let files = folder.join("rows");
    fs::create_dir(&files)?;
    let rows = day.write(&files)?;
    let (mut text, mut figures, mut ratios) = (format!("Command: `{command}`\n\n"), Vec::new(), Vec::new());
    for (n, store) in wishes.stores.iter().enumerate() {
        let plain_s = plain(store, &files, &folder, wishes.place())?;
        let mut city = City::start(&wishes, store)?;
        if n == 0 {
            text.push_str(&report::city(&city));
            let _ = writeln!(text, "- {} rows: {} tubes", report::grouped(rows), report::grouped(tubes as u64));
        }
        text.push_str(&report::store(store, &city));
        let seen = play(&mut city, &day, clients, plain_s)?;
        text.push_str(&section(&seen, tubes));
        let ratio = seen.day_s / seen.plain_s;
        let p99 = |times: &Times| times.percentile(99.0);
        figures.push(format!(
            "\"{store}_day_s\":{:.1},\"{store}_plain_s\":{:.1},\"{store}_peak_mb\":{:.0},\"{store}_person_results_per_s\":{:.0},\"{store}_coverage_p99_ms\":{:.2},\"{store}_recall_p99_ms\":{:.2},\"{store}_board_s\":{:.1}",
            seen.day_s,
            seen.plain_s,
            seen.peak_mb,
            (tubes * TUBE) as f64 / seen.day_s,
            p99(&seen.coverage),
            p99(&seen.recall),
            seen.board_s,
        ));
        ratios.push(format!("\"{store}\":{ratio:.2}"));
    }
    fs::remove_dir_all(&folder)?;
    println!("{text}");
    if wishes.record {
        report::record("screen", &text)?;
    }
    println!(
        "{{\"bench\":\"screen\",\"figures\":{{\"people\":{},\"rows\":{rows},{}}},\"baseline\":\"plain append of the same rows\",\"ratio\":{{{}}}}}",
        wishes.people,
        figures.join(","),
        ratios.join(",")
    );
    Ok(ExitCode::SUCCESS)
}

fn villages() -> Result<Vec<String>> {
    let path = programs::workspace().join("data/chongqing/villages.csv");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.lines().skip(1).filter_map(|line| Some(line.split_once(',')?.0.to_owned())).collect())
}

fn plain(store: &str, files: &Path, folder: &Path, place: &Path) -> Result<f64> {
    let loader = programs::build_release("dayclear-store", &["--example", "plain_load"], "examples/plain_load")?;
    let load = |url: &str| {
        measure::run(Command::new(&loader).arg(files).args(["--db", url]), folder).map(|(cost, _)| cost.wall_s)
    };
    if store == "sqlite" {
        let file = folder.join("plain.db");
        let seconds = load(&format!("sqlite://{}", file.display()))?;
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(folder.join(format!("plain.db{end}")));
        }
        return Ok(seconds);
    }
    let server = postgres::start(&postgres::find_or_install()?, place, Durability::Default)?;
    load(&server.url)
}

/// Who does what: the city looks on, districts register, laboratories report.
struct Tokens {
    city: String,
    districts: BTreeMap<String, String>,
    laboratories: Vec<String>,
}

impl Tokens {
    fn of(city: &City, day: &Day) -> Result<Tokens> {
        let mut districts = BTreeMap::new();
        for code in day.villages.iter().map(|village| &village[..6]).collect::<BTreeSet<_>>() {
            let token = city.token(&format!("bench-screen-{code}"), "district_command", code, None)?;
            districts.insert(code.to_owned(), token);
        }
        let laboratory = |n| {
            let name = laboratory(n);
            city.token(&format!("bench-screen-{name}"), "laboratory", "50", Some(&name))
        };
        Ok(Tokens {
            city: city.token("bench-screen", "city_command", "50", None)?,
            districts,
            laboratories: (0..LABORATORIES).map(laboratory).collect::<Result<_>>()?,
        })
    }
    fn registers(&self, day: &Day, portion: usize) -> &str {
        self.districts.get(day.district(portion)).map_or("", String::as_str)
    }
    fn reports(&self, portion: usize) -> &str {
        &self.laboratories[portion % LABORATORIES]
    }
}

fn play(city: &mut City, day: &Day, clients: usize, plain_s: f64) -> Result<Seen> {
    let tokens = Tokens::of(city, day)?;
    let token = tokens.city.clone();
    let round = round(city, &token)?;
    let coverage = format!("/api/v1/rounds/{round}/coverage");
    // the tubes of single results are there before the load begins
    let probes = Day { villages: day.villages.clone(), tubes: FIRST, portion: FIRST };
    let mut client = Client::new(&city.address);
    let rename = |text: String| text.replace("\nE", "\nQ").replace(",E", ",Q");
    for (table, header, of) in
        [("tubes", TUBES, Day::tubes as fn(&Day, usize, &mut String)), ("members", MEMBERS, Day::members)]
    {
        let mut text = header.to_owned();
        of(&probes, 0, &mut text);
        bring(&mut client, table, tokens.registers(&probes, 0), rename(text))?;
    }
    answer(&mut client, &Ask::get(&*coverage, &token))?;
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Vec<AtomicBool> = (0..day.portions()).map(|_| AtomicBool::new(false)).collect();
    let calls: [Mutex<Times>; 3] = Default::default();
    let failure: Mutex<Option<anyhow::Error>> = Mutex::default();
    let begin = Instant::now();
    let (seen_coverage, seen_recall) = thread::scope(|scope| {
        let looking = scope.spawn(|| look_on(&city.address, &token, &coverage, &day.villages, &over));
        let probing = scope.spawn(|| single_results(&city.address, &token, tokens.reports(0), &over));
        let workers: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| {
                    let work = || -> Result<()> {
                        let mut client = Client::new(&city.address);
                        loop {
                            let portion = next.fetch_add(1, Ordering::SeqCst);
                            if portion >= day.portions() + BEHIND {
                                return Ok(());
                            }
                            if portion < day.portions() {
                                let token = tokens.registers(day, portion);
                                send(&mut client, &calls, token, 0, TUBES, |text| day.tubes(portion, text))?;
                                send(&mut client, &calls, token, 1, MEMBERS, |text| day.members(portion, text))?;
                                done[portion].store(true, Ordering::SeqCst);
                            }
                            let Some(due) = portion.checked_sub(BEHIND) else { continue };
                            while !done[due].load(Ordering::SeqCst) {
                                thread::sleep(Duration::from_millis(1));
                                ensure!(failure.lock().is_ok_and(|failure| failure.is_none()), "another client failed");
                            }
                            let token = tokens.reports(due);
                            send(&mut client, &calls, token, 2, RESULTS, |text| day.results(due, text))?;
                            if portion.is_multiple_of(200) {
                                let share = portion * 100 / (day.portions() + BEHIND);
                                eprintln!("{share} % after {:.0} s", begin.elapsed().as_secs_f64());
                            }
                        }
                    };
                    if let Err(error) = work()
                        && let Ok(mut failure) = failure.lock()
                    {
                        failure.get_or_insert(error);
                    }
                })
            })
            .collect();
        for worker in workers {
            let _ = worker.join();
        }
        over.store(true, Ordering::SeqCst);
        (looking.join().unwrap_or_default(), probing.join().unwrap_or_default())
    });
    if let Some(error) = failure.into_inner().ok().flatten() {
        return Err(error);
    }
    // the day is over when coverage says so
    let counted = answer(&mut client, &Ask::get(&*coverage, &token))?;
    let day_s = begin.elapsed().as_secs_f64();
    let peak_mb = city.peak_mb();
    let resulted = number(&counted, "resulted").unwrap_or_default() as usize;
    ensure!(
        resulted >= day.tubes * TUBE,
        "coverage counts {resulted} people with a result, and {} were sampled",
        day.tubes * TUBE
    );
    let open = recalled(&mut client, &token)?;
    let wanted = day.positive() * TUBE;
    ensure!(open >= wanted, "{open} members are recalled, and {wanted} are in a positive tube");
    city.restart()?;
    let begin = Instant::now();
    answer(&mut Client::new(&city.address), &Ask::get(&*coverage, &token))?;
    let board_s = begin.elapsed().as_secs_f64();
    let calls = calls.map(|times| times.into_inner().unwrap_or_default());
    Ok(Seen { plain_s, day_s, peak_mb, calls, coverage: seen_coverage, recall: seen_recall, board_s })
}

/// Plans a round for the whole city, which begins at once; its id.
fn round(city: &City, token: &str) -> Result<String> {
    let body = "{\"name\":\"everybody\",\"purpose\":\"expanded_screening\",\"ground\":\"long_spread\",\"from\":\"2022-11-20T00:00:00+08:00\",\"to\":\"2022-11-20T23:59:00+08:00\",\"pool_size\":10,\"divisions\":\"50\"}";
    let said = answer(&mut Client::new(&city.address), &Ask::post("/api/v1/rounds/plan", token, body.to_owned()))?;
    ["made", "key", "id", "round"]
        .iter()
        .find_map(|name| text_of(&said, name))
        .with_context(|| format!("the round has no id: {said}"))
}

/// An answer that is no refusal; asked again while the board is read.
fn answer(client: &mut Client, ask: &Ask) -> Result<String> {
    const TRIES: usize = 600;
    for _ in 0..TRIES {
        let answer = client.ask(ask)?;
        match answer.status {
            200..=299 => return Ok(answer.body),
            503 => thread::sleep(Duration::from_millis(200)),
            status => bail!("{} {}: {status} {}", ask.method, ask.path, answer.body),
        }
    }
    bail!("{} {}: still not ready", ask.method, ask.path)
}

fn bring(client: &mut Client, table: &str, token: &str, body: String) -> Result<()> {
    let rows = body.bytes().filter(|byte| *byte == b'\n').count() - 1;
    let said = answer(client, &Ask::csv(format!("/api/v1/evidence/{table}"), token, body))?;
    let count = |name| number(&said, name).unwrap_or_default() as usize;
    ensure!(count("created") == rows, "{table}: {rows} rows were sent, and the answer is {said}");
    Ok(())
}

/// Sends a portion of a table; the time goes to its calls.
fn send(
    client: &mut Client,
    calls: &[Mutex<Times>; 3],
    token: &str,
    table: usize,
    header: &str,
    rows: impl FnOnce(&mut String),
) -> Result<()> {
    let mut text = header.to_owned();
    rows(&mut text);
    let begin = Instant::now();
    bring(client, ["tubes", "members", "results"][table], token, text)?;
    if let Ok(mut times) = calls[table].lock() {
        times.ms.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Looks at the coverage of one place after the other.
fn look_on(address: &str, token: &str, path: &str, villages: &[String], over: &AtomicBool) -> Times {
    let (mut client, mut times) = (Client::new(address), Times::default());
    for n in 0.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        thread::sleep(PAUSE);
        let village = &villages[n * 7_919 % villages.len()];
        let division = [&village[..2], &village[..6], &village[..9], village][n % 4];
        let begin = Instant::now();
        let answer = client.ask(&Ask::get(format!("{path}?division={division}"), token));
        times.note(answer, begin.elapsed().as_secs_f64() * 1e3);
    }
    times
}

/// Sends positive results one by one, and reads the recall list of the tube: the time until it is there.
fn single_results(address: &str, token: &str, reports: &str, over: &AtomicBool) -> Times {
    let (mut client, mut times) = (Client::new(address), Times::default());
    for n in 0..FIRST {
        if over.load(Ordering::SeqCst) {
            break;
        }
        thread::sleep(PAUSE);
        let body = format!(
            "{{\"laboratory\":\"{}\",\"tube\":\"Q{n:09}\",\"version\":\"F\",\"finding\":\"positive\",\"run\":\"RQ\",\"reported_at\":\"2022-11-20T21:00:00+08:00\"}}",
            laboratory(0)
        );
        let begin = Instant::now();
        let told = client.ask(&Ask::post("/api/v1/evidence/results", reports, body));
        let good = told.as_ref().is_ok_and(|told| told.status < 300);
        if !good {
            times.note(told, 0.0);
            continue;
        }
        let list = client.ask(&Ask::get(format!("/api/v1/items?worklist=recall&open=true&subject=Q{n:09}/"), token));
        times.note(list, begin.elapsed().as_secs_f64() * 1e3);
    }
    times
}

/// How many members wait to be sampled singly.
fn recalled(client: &mut Client, token: &str) -> Result<usize> {
    let list = answer(client, &Ask::get("/api/v1/items.csv?worklist=recall&open=true", token))?;
    Ok(list.lines().count().saturating_sub(1))
}

fn section(seen: &Seen, tubes: usize) -> String {
    let mut text = String::from("\n| | |\n|---|---:|\n");
    let mut line = |what: &str, figure: String| {
        let _ = writeln!(text, "| {what} | {figure} |");
    };
    line("plain append of the same rows", format!("{:.1} s", seen.plain_s));
    line("the day, all consequences and coverage included", format!("{:.1} s", seen.day_s));
    line("ratio (aim 4)", format!("{:.2}", seen.day_s / seen.plain_s));
    line("results of people a second, sustained (aim 20,000)", format!("{:.0}", (tubes * TUBE) as f64 / seen.day_s));
    line("peak memory of the server (aim 2,000 MB)", format!("{:.0} MB", seen.peak_mb));
    for (times, table) in seen.calls.iter().zip(["1,000 tubes", "10,000 members", "1,000 results"]) {
        line(&format!("a call with up to {table}, p50 / p99"), spread(times));
    }
    line("coverage of a place while the load runs, p50 / p99 (aim 30 ms)", spread(&seen.coverage));
    line("a positive result and its recall list while the load runs, p50 / p99 (aim 10 ms)", spread(&seen.recall));
    line("coverage after a start, from its file or from the store (aim 10 s)", format!("{:.1} s", seen.board_s));
    for (times, what) in [(&seen.coverage, "coverage"), (&seen.recall, "single results")] {
        if let Some(why) = &times.failure {
            let _ = writeln!(text, "\n{} looks at {what} failed: {why}", times.failed);
        }
    }
    text
}

fn spread(times: &Times) -> String {
    format!("{:.1} / {:.1} ms", times.percentile(50.0), times.percentile(99.0))
}
