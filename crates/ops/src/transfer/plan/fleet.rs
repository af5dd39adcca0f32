//! Vehicles with their crews as the trips leave them: where each stands, from when it is free, and how long its crew has driven (R09).

use crate::OpsError;
use dayclear_core::transfer::RideClass;
use dayclear_engines::dispatch::{self, Vehicle};
use dayclear_store::{
    Scoped,
    transfer::{Shift, Trip},
};
use std::collections::HashMap;

/// Where trips lead.
pub(crate) async fn lead(tx: &mut Scoped, trips: &[Trip]) -> Result<HashMap<String, (f64, f64)>, OpsError> {
    // of a ride home it is not known where it ends: its vehicle is taken to be back
    let ids: Vec<&str> =
        trips.iter().filter(|trip| trip.class != RideClass::Home).map(|trip| trip.id.as_str()).collect();
    let places: HashMap<String, (f64, f64)> =
        tx.facilities().await?.into_iter().map(|f| (f.facility, f.place)).collect();
    let lead = tx.trips_lead(&ids).await?.into_iter();
    Ok(lead.filter_map(|(trip, (_, to))| Some((trip, *places.get(&to?)?))).collect())
}

pub(crate) fn trip(id: String, planned: &dispatch::Trip, shift: &Shift, people: i64) -> Trip {
    Trip {
        id,
        vehicle: shift.vehicle.clone(),
        crew: shift.crew.clone(),
        class: planned.class,
        division: shift.division.clone(),
        departs_at: planned.departs,
        ends_at: planned.ends,
        people,
        km: (planned.km * 10.0).round() / 10.0,
        turned_at: None,
    }
}

/// Vehicles with their crews, as free as the trips leave them; `stands` says where a trip leads, if that is known.
pub(crate) fn fleet(shifts: &[Shift], busy: &[Trip], stands: &dyn Fn(&str) -> Option<(f64, f64)>) -> Vec<Vehicle> {
    let mut bodies: HashMap<&str, usize> = HashMap::new();
    // a trip whose seats were all given back before it set out takes nobody's time; one that turned has been driven (R09)
    let busy: Vec<&Trip> = busy.iter().filter(|trip| trip.people > 0 || trip.turned_at.is_some()).collect();
    shifts
        .iter()
        .map(|shift| {
            let next = bodies.len();
            let body = *bodies.entry(shift.vehicle.as_str()).or_insert(next);
            let last = busy.iter().filter(|trip| trip.vehicle == shift.vehicle).max_by_key(|trip| trip.ends_at);
            let free_from = last.map_or(shift.from, |trip| trip.ends_at);
            // between two shifts it is brought back
            let of_crew = last.filter(|trip| trip.crew == shift.crew && trip.turned_at.is_none());
            // minutes of trips planned earlier count as driven
            let driven: i64 = busy
                .iter()
                .filter(|trip| trip.crew == shift.crew)
                .map(|trip| trip.ends_at.minutes_since(trip.departs_at))
                .sum();
            Vehicle {
                seats: shift.seats,
                wheelchairs: shift.wheelchairs,
                stretchers: shift.stretchers,
                at: of_crew.and_then(|trip| stands(&trip.id)).unwrap_or(shift.depot),
                from: shift.from,
                to: shift.to,
                driven_24h_min: shift.driven_24h_min + driven,
                driven_7d_min: shift.driven_7d_min + driven,
                free_from,
                body,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::time::Instant;

    #[test]
    fn a_trip_that_turned_counts_for_its_crew_and_its_vehicle_and_one_that_never_set_out_does_not() {
        let at = |minutes| Instant::from_micros(0).plus_minutes(minutes);
        let shift = Shift {
            vehicle: "V1".to_owned(),
            division: "500103".parse().unwrap(),
            seats: 8,
            stretchers: 0,
            wheelchairs: 0,
            depot: (106.5, 29.5),
            crew: "C1".to_owned(),
            from: at(0),
            to: at(600),
            driven_24h_min: 30,
            driven_7d_min: 900,
        };
        let trip = |people, turned_at| Trip {
            id: "T".to_owned(),
            vehicle: "V1".to_owned(),
            crew: "C1".to_owned(),
            class: RideClass::Positive,
            division: "500103".parse().unwrap(),
            departs_at: at(100),
            ends_at: at(140),
            people,
            km: 1.0,
            turned_at,
        };
        for (trip, driven, free_from) in
            [(trip(2, None), 40, at(140)), (trip(0, Some(at(120))), 40, at(140)), (trip(0, None), 0, at(0))]
        {
            let found = fleet(std::slice::from_ref(&shift), std::slice::from_ref(&trip), &|_| None);
            let found = (found[0].driven_24h_min, found[0].driven_7d_min, found[0].free_from);
            assert_eq!(found, (30 + driven, 900 + driven, free_from), "{trip:?}");
        }
    }
}
