//! What nearly every decision wants to know first, read by one statement of a transaction: the day of the books, the city, the last event
//! and message, and what a city mostly has none of (is anything withheld, is anybody merged, are there gates), which is then not
//! looked for. It may use the handle; it guarantees that what the transaction itself brings in is seen: whoever writes it says so.

use crate::{Scoped, StoreError, value::Record};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};

/// Something of which there is mostly none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rare {
    /// A key place.
    Place,
    /// Somebody who landed at a gate.
    Landing,
    /// Somebody who is read as another one.
    Merged,
    /// A result that is withheld.
    Withheld,
    /// A tube that stands as missing or broken.
    Lost,
    /// A word of how a case counts.
    InCare,
    /// A laboratory, run or lot that is held.
    Hold,
    /// A lot that is held.
    Lot,
    /// A bar code that was given to two tubes.
    Doubled,
    /// A box in which a tube was packed or looked for.
    Box,
}

/// Each with where it is looked for; in the order of the enum.
const WHERE: [&str; 10] = [
    "places",
    "landings",
    "people where merged_into is not null",
    "settled where held_at is not null",
    "custody where state in ('missing', 'broken')",
    "in_care",
    "holds where lifted_at is null",
    "holds where lifted_at is null and lot is not null",
    "tubes_doubled",
    "(select box from packings union all select box from box_checks) b",
];

/// The rest of the reading, in the order of [`Opening`].
const FIRST: &str = "select (select min(day) from days where closed_at is null),
    (select closed_at from days where day < (select min(day) from days where closed_at is null) order by day desc limit 1),
    (select code from divisions where level = 'city' order by code limit 1),
    (select seq from chain where one = 1), (select hash from chain where one = 1), (select coalesce(max(seq), 0) from outbox),
    (select begun from passes where one = 1)";

/// The reading.
#[derive(Debug)]
pub(crate) struct Opening {
    /// The open day of the books, and when the one before it was closed.
    pub day: Option<(CivilDate, Option<Instant>)>,
    /// The city: the one division at that level.
    pub city: Option<DivisionCode>,
    /// Number and hash of the last event; theirs to follow who has the turn.
    pub head: (i64, String),
    /// Number of the last message; the same holds.
    pub told: i64,
    /// Passes of the line that have begun so far; the same holds.
    pub passes: i64,
    has: [bool; WHERE.len()],
}

impl Opening {
    fn read(row: &Record) -> Result<Opening, StoreError> {
        let closed: Option<Instant> = row.get(1)?;
        let mut has = [false; WHERE.len()];
        for (at, there) in has.iter_mut().enumerate() {
            *there = row.get::<i64>(7 + at)? == 1;
        }
        Ok(Opening {
            day: row.get::<Option<CivilDate>>(0)?.map(|day| (day, closed)),
            city: row.maybe_term(2)?,
            head: (row.get(3)?, row.get(4)?),
            told: row.get(5)?,
            passes: row.get::<Option<i64>>(6)?.unwrap_or(0),
            has,
        })
    }
}

impl Scoped {
    /// The reading, made at the first call.
    pub(crate) async fn opening(&mut self) -> Result<&mut Opening, StoreError> {
        let read = match self.opening.take() {
            Some(opening) => opening,
            None => {
                let rare = WHERE
                    .map(|of| format!(", cast(case when exists (select 1 from {of}) then 1 else 0 end as bigint)"));
                // no step of a drill: it is read where it is first needed, which may be sooner on one engine
                let rows = self.fetch(format!("{FIRST}{}", rare.concat()).into(), &[]).await?;
                Opening::read(rows.first().ok_or(StoreError::Null { position: 0 })?)?
            }
        };
        Ok(self.opening.insert(read))
    }

    /// Whether there is any. What went in this transaction may still be told of, which costs a question and nothing else.
    pub(crate) async fn has(&mut self, what: Rare) -> Result<bool, StoreError> {
        Ok(self.opening().await?.has[what as usize])
    }

    /// This transaction brings something in, so it is no longer among what there is none of.
    pub(crate) fn came(&mut self, what: Rare) {
        if let Some(opening) = &mut self.opening {
            opening.has[what as usize] = true;
        }
    }

    /// The open day of the books, and when the day before it was closed, as far as there are such.
    pub async fn open_day_of_books(&mut self) -> Result<Option<(CivilDate, Option<Instant>)>, StoreError> {
        Ok(self.opening().await?.day)
    }

    /// The city: the one division at that level.
    pub async fn city(&mut self) -> Result<Option<DivisionCode>, StoreError> {
        Ok(self.opening().await?.city.clone())
    }
}
