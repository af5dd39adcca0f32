//! ixa: SEIR of R0 2.8 among people who all meet each other, with one test of everybody in a hundred a day and isolation of
//! who is found. Prints one JSON object. Its times are CPU-seconds of the process.

use ixa::prelude::*;

define_entity!(Person);
define_rng!(Meetings);
define_property!(
    enum Disease {
        Susceptible,
        Exposed,
        Infectious,
        Over,
    },
    Person,
    default_const = Disease::Susceptible
);

/// Days from infection to infectiousness, and of infectiousness, in the mean.
const INCUBATION: f64 = 3.0;
const INFECTIOUS: f64 = 7.0;
/// Infections by one infectious person a day among people who are all susceptible.
const INFECTS: f64 = 0.4;
/// Tests of one person a day, and share of the infectious whom a test finds.
const TESTS: f64 = 0.01;
const FINDS: f64 = 0.85;

fn days(context: &Context, mean: f64) -> f64 {
    let chance: f64 = context.sample_range(Meetings, 0.0..1.0);
    -mean * (1.0 - chance).ln()
}

fn expose(context: &mut Context, person: PersonId) {
    context.set_property(person, Disease::Exposed);
    let at = context.get_current_time() + days(context, INCUBATION);
    context.add_plan(at, move |context| {
        context.set_property(person, Disease::Infectious);
        let now = context.get_current_time();
        // whoever is found meets nobody from then on
        let end = now + days(context, INFECTIOUS).min(days(context, 1.0 / (TESTS * FINDS)));
        context.add_plan(end, move |context| context.set_property(person, Disease::Over));
        meet(context, person);
    });
}

fn meet(context: &mut Context, person: PersonId) {
    let at = context.get_current_time() + days(context, 1.0 / INFECTS);
    context.add_plan(at, move |context| {
        let state: Disease = context.get_property(person);
        if state != Disease::Infectious {
            return;
        }
        if let Some(other) = context.sample_entity(Meetings, Person) {
            let state: Disease = context.get_property(other);
            if state == Disease::Susceptible {
                expose(context, other);
            }
        }
        meet(context, person);
    });
}

fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: f64 =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2).flat_map(str::parse::<f64>).sum();
    ticks / 100.0
}

fn main() {
    let given: Vec<u64> = std::env::args().skip(1).flat_map(|word| word.parse()).collect();
    let (people, until) = (given[0], given[1] as f64);
    let mut context = Context::new();
    context.init_random(1);
    let all: Vec<PersonId> =
        (0..people).map(|_| context.add_entity(Person).expect("somebody can be added")).collect();
    for person in all.iter().take(20) {
        expose(&mut context, *person);
    }
    drop(all);
    context.add_plan(until, |context| context.shutdown());
    context.execute();
    let left = context.query_entity_count(with!(Person, Disease::Susceptible));
    println!("{{\"cpu_s\":{},\"infections\":{}}}", cpu_s(), people - left as u64);
}
