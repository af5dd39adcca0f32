//! Coverage of one round of a whole city, in memory: how long it takes to build, to take a swab, and to count a city, a district,
//! a community. Prints one line of JSON; `cargo xtask bench coverage` runs it. Counts of all communities must add up to the city.
#![allow(clippy::disallowed_methods)] // a benchmark reads the clock

use dayclear_core::roster::Presence;
use dayclear_engines::coverage::{Bits, PlacesBuilder, Presences, Sheet};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

/// People of a community, of a building and of a household.
const OF: [usize; 3] = [5_000, 100, 3];
/// Communities of a district.
const COMMUNITIES: usize = 160;

/// A draw that a seed gives again (xorshift; Marsaglia 2003).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn code(community: usize) -> String {
    format!("50{:04}{:06}", 100 + community / COMMUNITIES, community % COMMUNITIES)
}

/// Median of some runs.
fn median(mut runs: Vec<Duration>) -> f64 {
    runs.sort_unstable();
    runs[runs.len() / 2].as_secs_f64()
}

fn main() -> ExitCode {
    let people: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(32_000_000);
    let began = Instant::now();
    let mut builder = PlacesBuilder::default();
    let (mut building, mut division) = (String::new(), String::new());
    for at in 0..people {
        if at % OF[0] == 0 {
            division = code(at / OF[0]);
        }
        if at % OF[1] == 0 {
            building = format!("B{}", at / OF[1]);
        }
        // numbers were given in another order than that of place
        let no = (at as u64 * 7_919 % people as u64) as i64;
        if builder.push(no, &division, &building, (at % OF[1]).is_multiple_of(OF[2])).is_none() {
            eprintln!("{people} people have numbers beyond 32 bits");
            return ExitCode::FAILURE;
        }
    }
    let places = builder.build();
    let places_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let mut presences = Presences::unknown(people);
    let mut sheet = Sheet::new(people);
    for at in 0..people {
        sheet.belongs(at, true);
        match draw.below(100) {
            0..70 => presences.set(at, Presence::Present),
            70..90 => presences.set(at, Presence::ALL[draw.below(Presence::ALL.len() as u64) as usize]),
            _ => {}
        }
    }
    let presence_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    for _ in 0..people {
        let no = draw.below(people as u64) as i64;
        if let Some(at) = places.ordinal(no) {
            sheet.add(at, draw.below(3) > 0);
        }
    }
    let swabs_s = began.elapsed().as_secs_f64();
    let timed = |range: std::ops::Range<usize>| {
        let runs = (0..21).map(|_| {
            let began = Instant::now();
            let counts = std::hint::black_box(sheet.counts(&presences, std::hint::black_box(range.clone())));
            assert_eq!(counts.by.iter().sum::<u64>(), counts.people);
            began.elapsed()
        });
        median(runs.collect())
    };
    let city_s = timed(places.division("50"));
    let district_s = timed(places.division("500101"));
    let community_s = timed(places.division(&code(COMMUNITIES + 7)));
    let began = Instant::now();
    let whole = sheet.counts(&presences, 0..people);
    let mut sum = 0;
    let mut communities = 0u64;
    for (_, range) in places.communities() {
        sum += sheet.counts(&presences, range).sampled();
        communities += 1;
    }
    let board_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let (doors, unseen) = places.unseen(0..people, &[sheet.sampled()]);
    let unseen_s = began.elapsed().as_secs_f64();
    if sum != whole.sampled() || unseen > doors {
        eprintln!("the communities add up to {sum} sampled, the city says {}", whole.sampled());
        return ExitCode::FAILURE;
    }
    // places, ten sets of presence and four of the round
    let bits = Bits::none(people).bytes();
    let memory_mb = (places.bytes() + (Presence::ALL.len() + 4) * bits) as f64 / 1e6;
    println!(
        "{{\"people\":{people},\"communities\":{communities},\"places_s\":{places_s:.3},\"presence_s\":{presence_s:.3},\
         \"swabs_s\":{swabs_s:.3},\"city_s\":{city_s:.6},\"district_s\":{district_s:.6},\"community_s\":{community_s:.9},\
         \"board_s\":{board_s:.6},\"unseen_s\":{unseen_s:.6},\"memory_mb\":{memory_mb:.1}}}"
    );
    ExitCode::SUCCESS
}
