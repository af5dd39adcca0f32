//! R of many units with partial pooling: a small unit borrows from the city, a large one speaks for itself. Empirical Bayes:
//! each window's unit values are a gamma distribution around the city's, whose spread is found by moments (Marshall 1991,
//! as for disease rates) and whose weight never exceeds that of all the city's cases.

use super::{
    cori::{Curve, Estimate, Prior, Window, check_windows, levels, summary},
    error::EpiError,
    serial::Serial,
};

/// R of every unit and window. A unit without any case of its own gets the city's R with the spread between units; no unit is
/// refused for having few cases.
pub fn pooled(
    units: &[Curve<'_>],
    serial: &Serial,
    windows: &[Window],
    prior: Prior,
) -> Result<Vec<Vec<Estimate>>, EpiError> {
    let days = units.first().map_or(0, |unit| unit.total.len());
    for unit in units {
        if unit.total.len() != days {
            return Err(EpiError::Length { what: "a unit's series", found: unit.total.len(), expected: days });
        }
        match unit.check() {
            Ok(()) | Err(EpiError::NoCases { .. } | EpiError::OneCase { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    check_windows(windows, days)?;
    let (shape, scale) = prior.gamma()?;
    let lambda: Vec<Vec<f64>> = units.iter().map(|unit| serial.infectivity(unit.total)).collect();
    let mean = serial.mean();
    let levels = levels();
    let mut out: Vec<Vec<Estimate>> = vec![Vec::with_capacity(windows.len()); units.len()];
    for &window in windows {
        let days = window.start - 1..window.end;
        let sums: Vec<(f64, f64)> = units
            .iter()
            .zip(&lambda)
            .map(|(unit, l)| days.clone().fold((0.0, 0.0), |(i, sum), day| (i + unit.local_on(day), sum + l[day])))
            .collect();
        let (weight, middle) = between(&sums, shape, scale);
        for (out, &(cases, infectivity)) in out.iter_mut().zip(&sums) {
            let gamma = (weight + cases, 1.0 / (weight / middle + infectivity));
            let value = (window.end as f64 > mean).then(|| summary(gamma, &levels));
            out.push(Estimate { window, cases, value });
        }
    }
    Ok(out)
}

/// Weight (gamma shape) and mean of the distribution of R among units.
fn between(sums: &[(f64, f64)], shape: f64, scale: f64) -> (f64, f64) {
    let (cases, infectivity) = sums.iter().fold((0.0, 0.0), |(i, l), sum| (i + sum.0, l + sum.1));
    let (city_shape, city_scale) = (shape + cases, 1.0 / (1.0 / scale + infectivity));
    let middle = city_shape * city_scale;
    let seen: Vec<&(f64, f64)> = sums.iter().filter(|sum| sum.1 > 0.0).collect();
    let squares: f64 = seen.iter().map(|(_, l)| l * l).sum();
    let spare = infectivity - if infectivity > 0.0 { squares / infectivity } else { 0.0 };
    if seen.len() < 3 || spare <= 0.0 {
        // nothing is known of the spread among units: the prior's own
        return (shape, middle);
    }
    let off: f64 = seen.iter().map(|(i, l)| l * (i / l - middle).powi(2)).sum();
    let variance = (off - (seen.len() - 1) as f64 * middle) / spare;
    let weight = if variance > 0.0 { middle * middle / variance } else { f64::INFINITY };
    (weight.clamp(shape.min(city_shape), city_shape), middle)
}
