//! Where a command takes place: the open day of the books, the rules in force, the city that answers for it all. It also
//! says when a command that the engine gave up on is tried again.

use super::{DeskError, Doing};
use crate::{OpsError, day::pack_for, line::open_day, minutes::Day};
use dayclear_store::{Scope, Scoped, events::hex};
use sha2::{Digest, Sha256};

/// How often a command is tried that the engine gave up on because of others.
const TRIES_MAX: usize = 8;

/// The day and the city of a command.
pub(crate) struct Room<'d> {
    /// The open day, as of now.
    pub day: Day<'d>,
    /// The whole city.
    pub city: Scope,
}

/// Opens the room of a command; opens the next day of the books where the last one is closed.
pub(crate) async fn room<'d>(tx: &mut Scoped, doing: &Doing<'d>) -> Result<Room<'d>, DeskError> {
    let (date, closed_before) = open_day(tx, doing.now, &doing.settings.zone).await?;
    let pack = pack_for(doing.packs, doing.pack, date)?;
    let day = Day::at(date, closed_before, doing.now, pack, doing.settings);
    Ok(Room { day, city: city_scope(tx, doing).await? })
}

/// The scope of the whole city.
pub(crate) async fn city_scope(tx: &mut Scoped, doing: &Doing<'_>) -> Result<Scope, DeskError> {
    let city = match tx.city().await? {
        Some(city) => city,
        None => {
            let code: String = doing.looker.duty.division.as_str().chars().take(2).collect();
            code.parse().map_err(inside)?
        }
    };
    Ok(Scope::of(city))
}

/// Whether to try once more.
pub(crate) fn again(error: &DeskError, tries: &mut usize) -> bool {
    *tries += 1;
    let passing = matches!(error, DeskError::Trouble(OpsError::Store(error)) if error.is_passing());
    passing && *tries < TRIES_MAX
}

/// Something that should not happen.
pub(crate) fn inside(error: impl std::fmt::Display) -> DeskError {
    OpsError::Inside(error.to_string()).into()
}

/// SHA-256 over texts, each after its length, hexadecimal.
pub(crate) fn digest_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}
