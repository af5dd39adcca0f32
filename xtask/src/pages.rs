//! `cargo xtask bench pages`: what people wait for when they open a page of a large city, by duty and by store: every
//! worklist (first page, far down, narrowed, and what has ended), records, areas, transfers, requests, books. Two clients at
//! once; first the API's answer, then the page of the console where there is one. The goal is 100 ms at the 95th percentile.

use crate::{
    arguments::{Arguments, BadUsage},
    city::{City, Wishes, text_of},
    load::{self, Ask, Client, Times},
    report,
};
use anyhow::{Context, Result};
use std::{fmt::Write, process::ExitCode};

const GOAL_MS: f64 = 100.0;
const CLIENTS: usize = 2;
/// Accounts of a duty: one account that read so many people in an hour would be asked why.
const ACCOUNTS: usize = 12;

/// Title, role, division.
const DUTIES: [(&str, &str, &str); 4] = [
    ("city", "city_command", "50"),
    ("big district", "district_command", "500112"),
    ("small district", "district_command", "500229"),
    ("community", "community_worker", "500112002"),
];
const WORKLISTS: [&str; 25] = [
    "deliver",
    "test",
    "recall",
    "clarify",
    "report",
    "diagnose",
    "reach",
    "facts",
    "investigate",
    "move",
    "place",
    "call",
    "follow",
    "retest",
    "release",
    "reopen",
    "clean",
    "supply",
    "ask",
    "decide",
    "help",
    "treat",
    "answer",
    "fulfil",
    "review",
];
/// Lists beside the worklists: title, path.
const LISTS: [(&str, &str); 12] = [
    ("all that is open", "items?open=true"),
    ("all that is open, by age", "items?open=true&sort=opened"),
    ("cases", "cases"),
    ("open cases", "cases?open=true"),
    ("people", "people"),
    ("contacts", "contacts"),
    ("orders", "orders"),
    ("areas", "areas?open=true"),
    ("transfers", "transfers"),
    ("transfers that wait", "transfers?state=requested"),
    ("requests", "requests?open=true"),
    ("books", "ledger"),
];

/// Times of one kind of page, by duty; none where it does not exist for the duty.
struct Line {
    title: &'static str,
    by_duty: Vec<Option<Times>>,
}

/// Runs it.
pub fn run(words: &[String], command: String) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let requests: usize = given.option("--requests", 200)?;
    let wishes = Wishes::take(&mut given, 32_000_000, 1_000_000)?;
    given.finish()?;
    if requests == 0 {
        return Err(BadUsage("--requests is at least 1".into()).into());
    }
    let (mut text, mut figures, mut ratios) = (format!("Command: `{command}`\n\n"), Vec::new(), Vec::new());
    for (n, store) in wishes.stores.iter().enumerate() {
        let city = City::start(&wishes, store)?;
        city.settle();
        if n == 0 {
            text.push_str(&report::city(&city));
        }
        text.push_str(&report::store(store, &city));
        let mut worst: f64 = 0.0;
        let mut slow = Vec::new();
        let tokens = tokens(&city)?;
        let healthz = load::closed(&city.address, CLIENTS, requests * 5, |_| Ask::get("/healthz", ""));
        for (surface, root) in [("API", "/api/v1/"), ("console", "/")] {
            let lines = measure(&city, &tokens, surface, root, requests)?;
            if lines.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n{surface}, ms, p50 / p95 / p99:\n\n{}", table(&lines));
            for line in &lines {
                for (times, (duty, ..)) in
                    line.by_duty.iter().zip(DUTIES).filter_map(|(times, duty)| Some((times.as_ref()?, duty)))
                {
                    let p95 = times.percentile(95.0);
                    worst = worst.max(p95);
                    if p95 > GOAL_MS || times.failed > 0 {
                        let why = times.failure.as_deref().map(|why| format!(", {} failed: {why}", times.failed));
                        slow.push(format!(
                            "{surface}, {}, {duty}: p95 {p95:.0} ms{}",
                            line.title,
                            why.unwrap_or_default()
                        ));
                    }
                }
            }
        }
        let base = healthz.percentile(95.0);
        let _ = writeln!(
            text,
            "Baseline `/healthz` in the same run: p50 {:.2}, p95 {base:.2} ms. Slowest page: p95 {worst:.1} ms.",
            healthz.percentile(50.0)
        );
        let _ = match slow.is_empty() {
            true => writeln!(text, "Every page is within {GOAL_MS:.0} ms at p95."),
            false => writeln!(text, "Beyond {GOAL_MS:.0} ms at p95, or failed:\n\n- {}", slow.join("\n- ")),
        };
        figures.push(format!(
            "\"{store}_worst_p95_ms\":{worst:.2},\"{store}_beyond_goal\":{},\"{store}_healthz_p95_ms\":{base:.3}",
            slow.len()
        ));
        figures.extend(city.made_s.map(|s| format!("\"{store}_made_s\":{s:.0}")));
        ratios.push(format!("\"{store}\":{:.1}", worst / base));
    }
    println!("{text}");
    if wishes.record {
        report::record("pages", &text)?;
    }
    println!(
        "{{\"bench\":\"pages\",\"figures\":{{\"people\":{},\"cases\":{},{}}},\"baseline\":\"GET /healthz\",\"ratio\":{{{}}}}}",
        wishes.people,
        wishes.cases,
        figures.join(","),
        ratios.join(",")
    );
    Ok(ExitCode::SUCCESS)
}

fn tokens(city: &City) -> Result<Vec<Vec<String>>> {
    let of = |(title, role, division): &(&str, &str, &str)| {
        let login = |n| format!("bench-{}-{n}", title.replace(' ', "-"));
        (0..ACCOUNTS).map(|n| city.token(&login(n), role, division, None)).collect()
    };
    DUTIES.iter().map(of).collect()
}

/// Every kind of page for every duty; nothing where this surface is not built.
fn measure(city: &City, tokens: &[Vec<String>], surface: &str, root: &str, requests: usize) -> Result<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    for (duty, tokens) in tokens.iter().enumerate() {
        eprintln!("{surface}, {}", DUTIES[duty].0);
        for (title, paths) in kinds(city, &tokens[0], root)? {
            let found = Client::new(&city.address).ask(&Ask::get(&*paths[0], &tokens[0]))?.status;
            let ask = |n: usize| Ask::get(&*paths[n % paths.len()], &tokens[n / paths.len() % tokens.len()]);
            let times = match found {
                403..=405 => None,
                _ => {
                    load::closed(&city.address, CLIENTS, requests / 10 + paths.len().min(requests), ask);
                    Some(load::closed(&city.address, CLIENTS, requests, ask))
                }
            };
            let at = match lines.iter().position(|line| line.title == title) {
                Some(at) => at,
                None => {
                    lines.push(Line { title, by_duty: DUTIES.iter().map(|_| None).collect() });
                    lines.len() - 1
                }
            };
            lines[at].by_duty[duty] = times;
        }
    }
    lines.retain(|line| line.by_duty.iter().any(Option::is_some));
    Ok(lines)
}

/// Kinds of pages with their paths, as this duty finds them.
fn kinds(city: &City, token: &str, root: &str) -> Result<Vec<(&'static str, Vec<String>)>> {
    let mut client = Client::new(&city.address);
    let each =
        |rest: &str| WORKLISTS.iter().map(|list| format!("{root}items?worklist={list}{rest}")).collect::<Vec<_>>();
    let mut kinds = vec![
        ("worklist", each("&open=true")),
        ("worklist, narrowed", each("&open=true&party=division&due_at.from=2022-11-19&due_at.to=2022-12-01")),
        ("worklist, by age", each("&open=true&sort=opened")),
        ("worklist, ended", each("&open=false")),
    ];
    for (title, rest, pages) in
        [("worklist, far down", "&open=true", 4), ("worklist, ended, far down", "&open=false&sort=opened", 12)]
    {
        let mut deep = Vec::new();
        for list in WORKLISTS {
            if let Some(next) = far_down(&mut client, token, &format!("items?worklist={list}{rest}"), pages)? {
                deep.push(format!("{root}items?worklist={list}{rest}&after={next}"));
            }
        }
        if !deep.is_empty() {
            kinds.push((title, deep));
        }
    }
    for (title, list, id) in [("case", "cases", "id"), ("person", "people", "person")] {
        let page = client.ask(&Ask::get(format!("/api/v1/{list}?limit=50"), token))?.body;
        let rows = page.split("{\"").filter_map(|row| text_of(&format!("{{\"{row}"), id));
        let paths: Vec<String> = rows.map(|id| format!("{root}{list}/{id}")).collect();
        if !paths.is_empty() {
            kinds.push((title, paths));
        }
    }
    kinds.extend(LISTS.iter().map(|(title, path)| (*title, vec![format!("{root}{path}")])));
    kinds.push(if root == "/" { ("today", vec!["/".to_owned()]) } else { ("today", vec![format!("{root}today")]) });
    Ok(kinds)
}

/// The place of a page some thousand rows down, or the last one there is.
fn far_down(client: &mut Client, token: &str, path: &str, pages: usize) -> Result<Option<String>> {
    let mut last = None;
    for _ in 0..pages {
        let after = last.as_ref().map(|next| format!("&after={next}")).unwrap_or_default();
        let page = client.ask(&Ask::get(format!("/api/v1/{path}&limit=500{after}"), token)).context("a page")?;
        match text_of(&page.body, "next") {
            Some(next) => last = Some(next),
            None => break,
        }
    }
    Ok(last)
}

fn table(lines: &[Line]) -> String {
    let titles: Vec<&str> = DUTIES.iter().map(|(title, ..)| *title).collect();
    let mut text = format!("| page | {} |\n|---|{}\n", titles.join(" | "), "---:|".repeat(titles.len()));
    for line in lines {
        let cells: Vec<String> = line
            .by_duty
            .iter()
            .map(|times| match times {
                Some(times) => {
                    [50.0, 95.0, 99.0].map(|percent| format!("{:.1}", times.percentile(percent))).join(" / ")
                }
                None => "-".to_owned(),
            })
            .collect();
        let _ = writeln!(text, "| {} | {} |", line.title, cells.join(" | "));
    }
    text
}
