//! Delays against simulation with known truth, and on real line lists.

use crate::epi::{
    EpiError,
    delays::{Family, Record, fit, fit_all},
    sampling::Chance,
};

/// Delays of an outbreak that grows until the cut-off: true gamma of mean 6 and sd 3.
fn simulated(seed: u64, n: usize, cutoff: f64) -> Vec<Record> {
    let mut chance = Chance::new(seed, 9);
    let mut out = Vec::new();
    while out.len() < n {
        // starts grow by 10 % a day up to the cut-off
        let start = cutoff + chance.uniform().ln() / 0.1;
        let end = start + chance.gamma(4.0) * 1.5;
        if start > 0.0 && end < cutoff {
            out.push(Record::days(start.floor() as i64, end.floor() as i64, Some(cutoff as i64 - 1)));
        }
    }
    out
}

#[test]
fn the_truth_is_found_and_covered_over_seeds_where_the_plain_mean_is_short() {
    let (mut covered, mut sum, mut plain) = (0, 0.0, 0.0);
    let runs = 40;
    for seed in 0..runs {
        let records = simulated(seed, 250, 60.0);
        let found = fit(&records, Family::Gamma).unwrap();
        sum += found.mean[0];
        covered += i32::from(found.mean[1] <= 6.0 && 6.0 <= found.mean[2]);
        plain += records.iter().map(|r| r.end.0 - r.start.0).sum::<f64>() / 250.0;
    }
    let (mean, plain) = (sum / runs as f64, plain / runs as f64);
    assert!((mean - 6.0).abs() < 0.35, "mean {mean}");
    assert!(plain < 5.4, "the plain mean {plain} would be short");
    assert!(covered >= 35, "{covered} of {runs} intervals hold the truth");
}

#[test]
fn each_family_finds_its_own_parameters_and_aic_chooses_it() {
    let draw = |family: Family, chance: &mut Chance| match family {
        Family::Gamma => 2.0 * chance.gamma(3.0),
        Family::Lognormal => (1.5 + 0.8 * chance.normal()).exp(),
        Family::Weibull => 8.0 * (-chance.uniform().ln()).powf(1.0 / 3.5),
    };
    let truth = [[3.0, 2.0], [1.5, 0.8], [3.5, 8.0]];
    for (family, truth) in Family::ALL.into_iter().zip(truth) {
        let mut chance = Chance::new(5, 11);
        let records: Vec<Record> = (0..1500)
            .map(|at| {
                let start = f64::from(at % 30) + chance.uniform();
                let end = start + draw(family, &mut chance);
                Record::days(start.floor() as i64, end.floor() as i64, None)
            })
            .collect();
        let fits = fit_all(&records).unwrap();
        assert_eq!(fits[0].family, family, "{fits:?}");
        for (at, truth) in truth.iter().enumerate() {
            let off = (fits[0].parameters[at] - truth).abs();
            assert!(off < 3.5 * fits[0].errors[at], "{family:?} {at}: {off} {:?}", fits[0]);
        }
    }
}

/// Days between two dates of a line list, as records without a cut-off.
fn list(text: &str, from: &str, to: &str) -> Vec<Record> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (from, to) = (column(from), column(to));
    reader
        .records()
        .filter_map(|row| {
            let row = row.unwrap();
            let day = |at: usize| row[at].parse::<dayclear_core::time::CivilDate>().ok();
            let origin: dayclear_core::time::CivilDate = "1860-01-01".parse().unwrap();
            let (a, b) = (day(from)?.days_since(origin), day(to)?.days_since(origin));
            (b >= a).then(|| Record::days(a, b, None))
        })
        .collect()
}

#[test]
fn real_line_lists_have_delays_of_a_believable_length() {
    let ebola = list(
        include_str!("../../../../../data/linelists/ebola_sierraleone_2014/linelist.csv"),
        "date_onset",
        "date_confirmed",
    );
    assert!(ebola.len() > 7000, "{}", ebola.len());
    let fits = fit_all(&ebola).unwrap();
    let plain = ebola.iter().map(|r| r.end.0 - r.start.0).sum::<f64>() / ebola.len() as f64;
    // without truncation the mean of the days is nearly right
    assert!((fits[0].mean[0] - plain).abs() < 1.0, "{fits:?} {plain}");
    let mers =
        list(include_str!("../../../../../data/linelists/mers_korea_2015/linelist.csv"), "date_onset", "date_report");
    let fits = fit_all(&mers).unwrap();
    assert!(fits[0].mean[0] > 2.0 && fits[0].mean[0] < 10.0, "{fits:?}");
}

#[test]
fn impossible_records_are_refused() {
    let good = Record::days(1, 3, None);
    let with = |record: Record| fit(&[good, good, good, good, record], Family::Gamma);
    assert_eq!(fit(&[good], Family::Gamma), Err(EpiError::Few { found: 1, needed: 5 }));
    assert!(matches!(with(Record::days(3, 1, None)), Err(EpiError::Record { row: 5, .. })));
    assert!(matches!(with(Record::days(1, 9, Some(5))), Err(EpiError::Record { row: 5, .. })));
}
