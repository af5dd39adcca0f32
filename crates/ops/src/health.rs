//! How somebody in follow-up tells by themselves how they are: a code of digits that a telephone without anything can type, given once by
//! whoever follows them. What they tell is an entry of the log like that of a call, and symptoms open a test; it guarantees that a code
//! tells nobody whose it is, that it is good for the days of one follow-up, and that nothing binds anybody for what they tell.

use crate::{
    OpsError,
    desk::{DeskError, Doing, Refusal, again, digest_of, room},
    evidence::{Text, csv_of, within},
    listing::Looker,
    minutes::Minutes,
    public::Counter,
};
use dayclear_core::{
    access::{Duty, Role},
    command::givers,
    divisions::DivisionCode,
    followup::{FollowAnswer, FollowChannel},
    listing::{Cell, FOLLOWED},
    roster::Known,
    schema::FOLLOW_UPS,
    time::Instant,
};
use dayclear_store::{Scoped, Store, health_codes::Coded};
use serde_json::json;

/// Digits of a code: of 10^20 codes a million are good, so that a thousand guesses a second find one in three thousand years.
pub const CODE_DIGITS: usize = 20;
/// Bytes of chance in a code.
pub const CHANCE_BYTES: usize = 16;
/// Reports of one person on one day at most (R): more tell nothing more.
pub const REPORTS_A_DAY_MAX: i64 = 6;

/// What is kept of a code.
fn seal(code: &str) -> String {
    digest_of(&[b"dayclear health", code.as_bytes()])
}

/// A code as somebody typed it: its digits, if they are as many as a code has.
fn read(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter_map(|c| c.to_digit(10)).map(|d| d.to_string()).collect();
    let others = typed.chars().any(|c| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '－' | '　')));
    (digits.len() == CODE_DIGITS && !others).then_some(digits)
}

/// Makes a code for a follow-up, and gives it this once. `chance` is fresh randomness of the caller.
pub async fn issue(
    store: &Store,
    doing: &Doing<'_>,
    followed: &str,
    chance: [u8; CHANCE_BYTES],
) -> Result<String, DeskError> {
    let role = doing.looker.duty.role;
    let allowed = givers(FOLLOW_UPS.name).unwrap_or_default();
    if !allowed.contains(&role) {
        return Err(Refusal::NotYours { role, allowed }.into());
    }
    let code = format!("{:020}", u128::from_be_bytes(chance) % 10u128.pow(CODE_DIGITS as u32));
    let mut tries = 0;
    loop {
        match issued(store, doing, followed, &code).await {
            Ok(()) => return Ok(code),
            Err(error) if again(&error, &mut tries) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn issued(store: &Store, doing: &Doing<'_>, followed: &str, code: &str) -> Result<(), DeskError> {
    let mut tx = store.turn(&doing.looker.scope()).await?;
    let rows = tx.records(&FOLLOWED, &[followed]).await?;
    let row = rows.get(followed).ok_or(Refusal::Unknown)?;
    if *row.get(&FOLLOWED, "open") != Cell::Truth(true) {
        let remedy = "nobody is asked after them any more".to_owned();
        return Err(Refusal::State { is: "ended".to_owned(), remedy }.into());
    }
    let text = |name: &str| row.get(&FOLLOWED, name).as_str().unwrap_or_default().to_owned();
    let Cell::Day(until_day) = *row.get(&FOLLOWED, "until_day") else { return Err(Refusal::Unknown.into()) };
    let division = text("division").parse().map_err(crate::desk::inside)?;
    let coded = Coded { followed: followed.to_owned(), person: text("person"), division, until_day };
    let room = room(&mut tx, doing).await?;
    tx.widen(&room.city);
    let account = doing.looker.account.as_str();
    tx.keep_health_code(&coded, &seal(code), account, doing.now).await?;
    let mut minutes = Minutes::by(&room.day, account);
    let body = json!({"person": coded.person, "until": coded.until_day});
    minutes.event(doing.now, "follow.code", followed, &coded.division, &body, None)?;
    minutes.hand_in(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// What came of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is in the log.
    Taken,
    /// No follow-up that runs has this code.
    Unknown,
    /// Enough was told today.
    Enough,
}

/// Somebody tells how they are, now.
pub async fn tell(store: &Store, counter: &Counter<'_>, typed: &str, symptoms: Known) -> Result<Told, DeskError> {
    let Some(code) = read(typed) else { return Ok(Told::Unknown) };
    let mut tries = 0;
    loop {
        match told(store, counter, &seal(&code), symptoms).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn told(store: &Store, counter: &Counter<'_>, hash: &str, symptoms: Known) -> Result<Told, DeskError> {
    let zone = &counter.settings.zone;
    let mut tx = store.turn(counter.city).await?;
    let Some(coded) = tx.health_code(hash).await? else { return Ok(Told::Unknown) };
    let today = zone.day(counter.now);
    if today > coded.until_day {
        return Ok(Told::Unknown);
    }
    if tx.self_reports(&coded.person, zone.start_of(today)).await? >= REPORTS_A_DAY_MAX {
        return Ok(Told::Enough);
    }
    let Coded { person, division, .. } = &coded;
    enter(&mut tx, counter, (person.as_str(), division), FollowChannel::SelfReport, symptoms).await?;
    tx.commit().await?;
    Ok(Told::Taken)
}

/// Writes down what somebody in follow-up tells of themselves, now: an entry of the log, with what follows from it.
pub(crate) async fn enter(
    tx: &mut Scoped,
    counter: &Counter<'_>,
    (person, division): (&str, &DivisionCode),
    channel: FollowChannel,
    symptoms: Known,
) -> Result<(), DeskError> {
    let at = Instant::from_micros(counter.now.micros().div_euclid(1_000_000) * 1_000_000).to_string();
    let cells = [
        ("person", person),
        ("at", at.as_str()),
        ("channel", channel.name()),
        ("answer", FollowAnswer::Reached.name()),
        ("symptoms", symptoms.name()),
        ("said_by", "self"),
    ];
    let csv = csv_of(&FOLLOW_UPS, &[cells.map(|(name, text)| (name.to_owned(), text.to_owned())).into()]);
    // what the person says is taken as if whoever looks after their community had written it down
    let duty = Duty { role: Role::CommunityWorker, division: division.clone(), site: None };
    let looker = Looker { account: "self".to_owned(), duty, glass: Default::default() };
    let doing = Doing {
        looker: &looker,
        now: counter.now,
        stepped_up: false,
        packs: counter.packs,
        pack: counter.pack,
        settings: counter.settings,
        key: None,
        keys: None,
    };
    let digest = digest_of(&[FOLLOW_UPS.name.as_bytes(), &csv]);
    let about = json!({"by": "self"});
    tx.widen(&looker.scope());
    let text = Text { csv: &csv, digest: &digest, source: "self", about: Some(&about) };
    match within(tx, &doing, &FOLLOW_UPS, text, false).await {
        Ok(_) => Ok(()),
        Err(DeskError::Refused(refusal)) => Err(OpsError::Inside(refusal.to_string()).into()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_digits_however_they_are_grouped() {
        let code = "00010002000300040005";
        for (typed, expected) in [
            (code, Some(code)),
            ("0001 0002 0003 0004 0005", Some(code)),
            (" 0001-0002-0003-0004-0005", Some(code)),
            ("0001000200030004000", None),
            ("000100020003000400056", None),
            ("0001000200030004000x", None),
            ("", None),
        ] {
            assert_eq!(read(typed).as_deref(), expected, "{typed}");
        }
    }
}
