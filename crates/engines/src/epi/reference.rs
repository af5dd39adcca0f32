//! The reference tables of `data/rt`, read for tests: three epidemics with what R's EpiEstim returned for them.

use super::Serial;

/// An epidemic with its expected tables.
#[derive(Clone, Copy)]
pub struct Set {
    pub name: &'static str,
    pub incidence: &'static str,
    pub si: &'static str,
    pub lambda: &'static str,
    pub moments: (f64, f64),
    pub nonparametric: &'static str,
    pub parametric: &'static str,
    pub daily: &'static str,
    pub cohort: &'static str,
}

macro_rules! set {
    ($name:literal, $mean:literal, $sd:literal) => {
        Set {
            name: $name,
            incidence: include_str!(concat!("../../../../data/rt/", $name, "_incidence.csv")),
            si: include_str!(concat!("../../../../data/rt/", $name, "_si.csv")),
            lambda: include_str!(concat!("../../../../data/rt/", $name, "_expected_lambda.csv")),
            moments: ($mean, $sd),
            nonparametric: include_str!(concat!("../../../../data/rt/", $name, "_expected_R_nonparametric_weekly.csv")),
            parametric: include_str!(concat!("../../../../data/rt/", $name, "_expected_R_parametric_weekly.csv")),
            daily: include_str!(concat!("../../../../data/rt/", $name, "_expected_R_parametric_daily.csv")),
            cohort: include_str!(concat!("../../../../data/rt/", $name, "_expected_cohort_R_wt_weekly.csv")),
        }
    };
}

pub const SETS: [Set; 3] = [set!("flu1918", 2.6, 1.5), set!("flu2009", 2.6, 1.5), set!("measles1861", 14.9, 3.9)];

/// The numbers of a table without its header; `NA` is NaN, and so is a date.
pub fn numbers(text: &str) -> Vec<Vec<f64>> {
    text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()).collect()
}

/// Incidence by day.
pub fn incidence(set: Set) -> Vec<f64> {
    numbers(set.incidence).iter().map(|row| row[row.len() - 1]).collect()
}

/// Serial interval of the data.
pub fn serial(set: Set) -> Serial {
    Serial::from_weights(numbers(set.si).iter().map(|row| row[1]).collect()).unwrap()
}
