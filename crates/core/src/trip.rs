//! A trip on the road: how long ago anybody heard of its vehicle, what of a place is kept, and why a report of a crew is not taken.
//! Pure. It guarantees nothing about arrivals, because nothing here can make one: only the receiving site admits (F12).

use crate::{terms, time::Instant};

/// Minutes without a sign of life after which a vehicle is marked (safeguards.md, F12).
pub const AMBER_MIN: i64 = 5;
/// Minutes without one after which the dispatch is told to call the crew (F12).
pub const CALL_MIN: i64 = 10;
/// Seconds between two signs of life of a vehicle: so many that one which is lost on its way marks nobody.
pub const BEAT_S: i64 = 30;
/// Hours for which the last place of a vehicle is kept at most, where its trip does not end before.
pub const KEPT_H: i64 = 24;

terms! {
    /// How a vehicle on the road stands by its last sign of life.
    Heard {
        /// Lately.
        Lately = "lately",
        /// For some minutes nothing was heard of it.
        Amber = "amber",
        /// For so long that somebody has to call its crew.
        Silent = "silent",
    }
}

/// How a vehicle stands of which one heard at a moment.
pub fn heard(last: Instant, now: Instant) -> Heard {
    match now.micros() - last.micros() {
        gone if gone >= Instant::from_micros(0).plus_minutes(CALL_MIN).micros() => Heard::Silent,
        gone if gone >= Instant::from_micros(0).plus_minutes(AMBER_MIN).micros() => Heard::Amber,
        _ => Heard::Lately,
    }
}

/// A place as it is kept: to a thousandth of a degree, about a hundred metres. `None`: no place on earth.
pub fn coarse(lon: f64, lat: f64) -> Option<(f64, f64)> {
    let round = |degrees: f64| (degrees * 1_000.0).round() / 1_000.0;
    ((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)).then(|| (round(lon), round(lat)))
}

terms! {
    /// Why a report of a crew is not taken.
    Untaken {
        /// The transfer is none of this vehicle's.
        Unknown = "unknown",
        /// It does not fit how the transfer stands; the dispatch is told.
        State = "state",
        /// The record was sent before with other content.
        Other = "other",
        /// Something in it cannot be read as what it should be.
        Row = "row",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vehicle_is_marked_at_five_minutes_and_called_at_ten() {
        let start = Instant::from_micros(0);
        let second = 1_000_000;
        for (gone_s, found) in [
            (0, Heard::Lately),
            (299, Heard::Lately),
            (300, Heard::Amber),
            (599, Heard::Amber),
            (600, Heard::Silent),
            (86_400, Heard::Silent),
            // the clock of the server was set back: nobody is called for that
            (-60, Heard::Lately),
        ] {
            assert_eq!(heard(start, Instant::from_micros(gone_s * second)), found, "{gone_s}");
        }
    }

    #[test]
    fn a_place_is_kept_to_a_hundred_metres_and_only_on_earth() {
        for (place, kept) in [
            ((106.512_345, 29.567_89), Some((106.512, 29.568))),
            ((-0.000_4, 90.0), Some((0.0, 90.0))),
            ((180.1, 0.0), None),
            ((0.0, -90.5), None),
            ((f64::NAN, 0.0), None),
        ] {
            assert_eq!(coarse(place.0, place.1), kept, "{place:?}");
        }
    }
}
