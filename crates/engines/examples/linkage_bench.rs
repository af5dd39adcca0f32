//! Measures linkage on made people and prints a line per seed: precision, recall and speed. Arguments: PEOPLE SEED...

use dayclear_engines::linkage::rehearsal::rehearse;
use std::{error::Error, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [people, seeds @ ..] = &words[..] else { return Err("usage: linkage_bench PEOPLE SEED...".into()) };
    for seed in seeds {
        let begin = Instant::now();
        let out = rehearse(people.parse()?, seed.parse()?);
        println!(
            "{{\"seed\":{seed},\"people\":{},\"rows\":{},\"strangers\":{},\"pairs\":{},\"precision\":{:.5},\
             \"recall_alone\":{:.4},\"recall_asked\":{:.4},\"recall_keys\":{:.4},\"same_wrong\":{},\"asked_right\":{},\
             \"asked_wrong\":{},\"missed\":{},\"seconds\":{:.2}}}",
            out.people,
            out.rows,
            out.strangers,
            out.pairs,
            out.precision(),
            out.recall_alone(),
            out.recall_asked(),
            out.recall_keys(),
            out.same_wrong,
            out.asked_right,
            out.asked_wrong,
            out.missed,
            begin.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
