use dayclear_engines::{
    city::{Population, Sources, Spec},
    outbreak::*,
};
use std::{sync::Arc, time::Instant};
fn main() {
    let arg = |n: usize, d: u64| std::env::args().nth(n).and_then(|t| t.parse().ok()).unwrap_or(d);
    let (people, days, threads) = (arg(1, 1_000_000), arg(2, 100), arg(3, 1) as usize);
    let spec = Spec {
        people,
        positives: 0,
        tubes: None,
        date: "2022-11-20".parse().unwrap(),
        seed: 1,
        turn: 0,
        districts: None,
        collective: true,
    };
    let t = Instant::now();
    let city = Arc::new(Population::build(&spec, &Sources::chongqing().unwrap(), threads).unwrap());
    eprintln!("build {:.2} s", t.elapsed().as_secs_f64());
    let t = Instant::now();
    let mut o = Outbreak::new(
        city.clone(),
        Disease::built_in("omicron-ba52").unwrap().unwrap(),
        Contacts::chongqing().unwrap(),
        1,
        threads,
    )
    .unwrap();
    eprintln!("new {:.2} s", t.elapsed().as_secs_f64());
    let m = Measures::none(&city);
    o.import_among(0..city.people(), 100);
    let t0 = Instant::now();
    for _ in 0..days {
        let t = Instant::now();
        let d = o.step(&m);
        if d.infectious > 1000 {
            eprintln!(
                "{} new {} infectious {} ms {:.1} ns/inf {:.0} layers {:?} sev {} dead {}",
                d.day,
                d.infections,
                d.infectious,
                t.elapsed().as_secs_f64() * 1e3,
                t.elapsed().as_secs_f64() * 1e9 / d.infectious as f64,
                d.by_layer,
                d.severe,
                d.deaths
            );
        }
    }
    eprintln!("days {:.2} s ever {:?} digest {:x}", t0.elapsed().as_secs_f64(), o.totals(), o.digest());
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    eprintln!("{}", s.lines().find(|l| l.starts_with("VmHWM")).unwrap());
}
