//! Scores the forecast on every real wave of `data/`, each past day knowing only what came before it, for pairs of damping and
//! drift; the table of `docs/analytics.md`. Words: DRAWS, then pairs as DAMPING,DRIFT (the default and 0.9,0.1 if none is given).

use dayclear_engines::epi::{
    Serial,
    forecast::{ForecastOptions, replay},
    scores::Score,
};
use std::{collections::BTreeMap, error::Error, path::PathBuf};

type Wave = (String, Vec<f64>, Serial);

fn table(file: &str) -> Result<Vec<BTreeMap<String, String>>, Box<dyn Error>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file);
    let mut rows = csv::Reader::from_path(path)?;
    Ok(rows.deserialize().collect::<Result<_, _>>()?)
}

fn numbers(rows: &[BTreeMap<String, String>], column: &str) -> Result<Vec<f64>, Box<dyn Error>> {
    Ok(rows.iter().map(|row| row[column].parse()).collect::<Result<_, _>>()?)
}

/// Days since some day long ago, of an ISO day.
fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (year, month) = if month > 2 { (year, month) } else { (year - 1, month + 12) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day)
}

fn waves() -> Result<Vec<Wave>, Box<dyn Error>> {
    let mut city = table("chongqing/daily_cases_2022.csv")?;
    city.retain(|row| ("2022-11-12"..="2022-12-08").contains(&row["date"].as_str()));
    let mut waves =
        vec![("chongqing".to_owned(), numbers(&city, "total_reported")?, Serial::from_moments(2.4, 1.2, 60)?)];
    for name in ["flu1918", "flu2009", "measles1861"] {
        let serial = Serial::from_weights(numbers(&table(&format!("rt/{name}_si.csv"))?, "w")?)?;
        let cases = numbers(&table(&format!("rt/{name}_incidence.csv"))?, "incidence")?;
        waves.push((name.to_owned(), cases, serial));
    }
    for (name, column, mean, sd) in [
        ("covid_singapore_2020", "date_confirmed", 4.05, 3.39),
        ("covid_singapore_2020", "date_onset", 4.05, 3.39),
        ("mers_korea_2015", "date_onset", 14.5, 5.2),
        ("mers_korea_2015", "date_report", 14.5, 5.2),
        ("ebola_sierraleone_2014", "date_confirmed", 15.3, 9.3),
    ] {
        let days: Vec<i64> =
            table(&format!("linelists/{name}/linelist.csv"))?.iter().filter_map(|row| day(&row[column])).collect();
        let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { continue };
        let mut cases = vec![0.0; (last - first + 1) as usize];
        days.iter().for_each(|day| cases[(day - first) as usize] += 1.0);
        waves.push((format!("{name}, {column}"), cases, Serial::from_moments(mean, sd, 120)?));
    }
    Ok(waves)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let draws = words.first().map_or(Ok(200), |word| word.parse())?;
    let usual = ForecastOptions { draws, ..ForecastOptions::default() };
    let mut pairs = vec![(0.9, 0.1), (usual.damping, usual.drift)];
    if words.len() > 1 {
        let pair = |word: &String| word.split_once(',').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        pairs = words[1..].iter().map(|word| pair(word).ok_or("give pairs as 0.8,0.2")).collect::<Result<_, _>>()?;
    }
    println!(
        "| wave | damping, drift | forecasts | WIS | naive | ratio | in 50 % | in 90 % | in 95 % | bias | above 97.5 % |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (name, cases, serial) in waves()? {
        let peak = (0..cases.len()).max_by(|a, b| cases[*a].total_cmp(&cases[*b])).unwrap_or(0);
        for &(damping, drift) in &pairs {
            let past = replay(&cases, &serial, ForecastOptions { damping, drift, ..usual })?;
            let own = Score::of(past.iter().map(|past| (past.own.as_slice(), past.truth)));
            let naive = Score::of(past.iter().map(|past| (past.naive.as_slice(), past.truth)));
            // forecasts made before the peak that were too low: what costs beds
            let rising: Vec<_> = past.iter().filter(|past| past.origin < peak).collect();
            let above = rising.iter().filter(|past| past.truth > past.quantiles[6]).count() as f64;
            let above = above / rising.len().max(1) as f64;
            println!(
                "| {name} | {damping}, {drift} | {} | {:.2} | {:.2} | {:.3} | {:.2} | {:.2} | {:.2} | {:.1} | {above:.3} |",
                own.n,
                own.wis,
                naive.wis,
                own.wis / naive.wis,
                own.coverage[0],
                own.coverage[1],
                own.coverage[2],
                own.bias
            );
        }
    }
    Ok(())
}
