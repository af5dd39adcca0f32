//! Exploration.
use dayclear_core::time::CivilDate;
use dayclear_engines::{city::{Population, Sources, Spec}, outbreak::*};
use std::{sync::Arc, time::Instant};
fn outer(run: &Run, day: u16) -> f64 { let c = run.outbreak.city(); let (mut o, mut n) = (0, 0); for p in run.outbreak.infected_on(day) { n += 1; o += u32::from(!c.is_central(c.district_of(p))); } f64::from(o)/f64::from(n.max(1)) }
fn main() {
    let people: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let start: CivilDate = "2022-11-01".parse().unwrap();
    let spec = Spec { people, positives: 0, tubes: None, date: start, seed: 1, turn: 0, districts: None, collective: true };
    let t = Instant::now();
    let city = Arc::new(Population::build(&spec, &Sources::chongqing().unwrap(), 2).unwrap());
    eprintln!("build {:.2} s", t.elapsed().as_secs_f64());
    let day = |t: &str| t.parse::<CivilDate>().unwrap().days_since(start) as u16;
    let observed: Vec<Observed> = std::fs::read_to_string("data/chongqing/daily_cases_2022.csv").unwrap().lines().skip(1)
        .filter_map(|l| { let c: Vec<&str> = l.split(',').collect(); Some(Observed { day: day(c[0]), cases: c[4].parse().ok()? }) }).collect();
    let policy = Policy::built_in("chongqing-2022", start).unwrap().unwrap();
    let begin = |seed: u64| { let city = city.clone(); move |policy: Policy| Run::new(Outbreak::new(city.clone(), Disease::built_in("omicron-ba52").unwrap().unwrap(), Contacts::chongqing().unwrap(), seed, 2).unwrap(), policy, seed) };
    let mut knobs = Vec::new();
    for word in std::env::args().skip(2) {
        let (k, v) = word.split_once('=').unwrap();
        let (k, d) = k.split_once('@').unwrap();
        knobs.push(Knob { name: k.into(), from: day(d), value: v.parse().unwrap() });
    }
    let tuned: Vec<Observed> = observed.iter().copied().filter(|o| (day("2022-11-12")..=day("2022-11-28")).contains(&o.day)).collect();
    let t = Instant::now();
    let found = fit(&policy, knobs, &tuned, begin(1), |k, m| eprintln!("{m:.4} {:?} {:.0}", k.iter().map(|k| k.value).collect::<Vec<_>>(), t.elapsed().as_secs_f64()));
    println!("{found:?}");
    for seed in [1, 2] {
        let mut policy = policy.clone();
        found.knobs.iter().for_each(|k| assert!(policy.set_from(k.from, &k.name, k.value)));
        let mut run = begin(seed)(policy);
        let rows: Vec<Row> = (0..38).map(|_| run.step()).collect();
        for o in &observed { if let Some(r) = rows.get(usize::from(o.day)) {
            println!("{} {} outer {:.2} inf {} rep {} obs {} ratio {:.2} comm {:.1}% held {} conf {} {:?}", seed, start.plus_days(o.day.into()), outer(&run, o.day), r.truth.infections, r.reported, o.cases, f64::from(r.reported)/f64::from(o.cases), 100.0*f64::from(r.community)/f64::from(r.reported.max(1)), r.held, r.confined, r.truth.by_layer); } }
    }
}
