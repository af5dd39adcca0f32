//! Warnings about areas: one message when an area is opened, one for each change, one when it ends. They follow from the events
//! of the chain and are kept nowhere else, so no message differs from what was decided. It may use the store; it guarantees that each
//! message but the first names the one before it, and that an area of few people is named no finer than its community.

use crate::OpsError;
use dayclear_core::time::{CivilDate, Instant};
use dayclear_store::{Scoped, public::PublicArea};
use std::collections::BTreeMap;

/// Days for which the end of an area is told.
const TOLD_D: i64 = 14;
/// Areas of one feed at most, those that were opened last.
const AREAS_MAX: i64 = 500;
/// Fewer people than these are not named by their building: cells of 1 to 10 are not shown (`safeguards.md`, privacy).
pub const PEOPLE_MIN: i64 = 11;

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The area was opened.
    Opened,
    /// Something in it changed: further infections.
    Extended,
    /// It binds nobody until an appeal is decided.
    Suspended,
    /// That was dismissed, and it binds again.
    TakenUp,
    /// It ended.
    Released,
}

/// A message about an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The area as it stands now.
    pub area: PublicArea,
    /// Number of the message, from 1.
    pub number: usize,
    /// What it tells.
    pub turn: Turn,
    /// When.
    pub at: Instant,
    /// When the message before it was.
    pub before: Option<Instant>,
}

impl Message {
    /// Whether so few people live there that the building would tell who they are.
    pub fn is_small(&self) -> bool {
        self.area.people < PEOPLE_MIN
    }
}

/// The messages about areas, by area, the first first.
async fn of(tx: &mut Scoped, areas: Vec<PublicArea>) -> Result<Vec<Vec<Message>>, OpsError> {
    let ids: Vec<&str> = areas.iter().map(|area| area.id.as_str()).collect();
    let mut told: BTreeMap<String, Vec<(Turn, Instant)>> = BTreeMap::new();
    for (area, kind, at) in tx.area_events(&ids).await? {
        let turn = match kind.as_str() {
            "zone.opened" => Turn::Opened,
            "zone.extended" => Turn::Extended,
            "zone.suspended" => Turn::Suspended,
            "zone.taken_up" => Turn::TakenUp,
            _ => Turn::Released,
        };
        told.entry(area).or_default().push((turn, at));
    }
    let messages = |area: PublicArea| {
        let told = told.remove(&area.id).unwrap_or_default();
        let before = |at: usize| at.checked_sub(1).map(|at| told[at].1);
        let one = |(at, (turn, moment)): (usize, &(Turn, Instant))| Message {
            area: area.clone(),
            number: at + 1,
            turn: *turn,
            at: *moment,
            before: before(at),
        };
        told.iter().enumerate().map(one).collect::<Vec<_>>()
    };
    Ok(areas.into_iter().map(messages).filter(|messages| !messages.is_empty()).collect())
}

/// The last message about each area that stands, or ended in the last fourteen days; the latest first.
pub async fn latest(tx: &mut Scoped, today: CivilDate) -> Result<Vec<Message>, OpsError> {
    let areas = tx.areas_since(today.plus_days(-TOLD_D), AREAS_MAX).await?;
    let mut latest: Vec<Message> = of(tx, areas).await?.into_iter().filter_map(|mut all| all.pop()).collect();
    latest.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.area.id.cmp(&b.area.id)));
    Ok(latest)
}

/// A message about an area by its number; the last one where none is named.
pub async fn message(tx: &mut Scoped, area: &str, number: Option<usize>) -> Result<Option<Message>, OpsError> {
    let Some(area) = tx.area_of(area).await? else { return Ok(None) };
    let mut all = of(tx, vec![area]).await?.pop().unwrap_or_default();
    Ok(match number {
        None => all.pop(),
        Some(number) => all.into_iter().find(|message| message.number == number),
    })
}
