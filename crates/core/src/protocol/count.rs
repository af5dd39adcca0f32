//! The one place where days are counted: day 0 is the day of the event, day n is n days after it.

use crate::time::CivilDate;

/// Day `number` of a count whose day 0 is `event`.
pub fn day(event: CivilDate, number: i64) -> CivilDate {
    event.plus_days(number)
}

/// The number that `today` has in a count whose day 0 is `event`; negative before it.
pub fn number(event: CivilDate, today: CivilDate) -> i64 {
    today.days_since(event)
}
