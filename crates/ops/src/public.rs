//! The public part, without an account: make a request and follow it by a secret that only the person has, look up areas by
//! place, read published bulletins. It guarantees that nothing is found by a person, and that no answer tells of one.

use crate::{
    OpsError,
    desk::{DeskError, FieldFault, Refusal, again, digest_of},
    line::open_day,
    minutes::{Day, Minutes, Settings},
    welfare,
};
use dayclear_core::{
    divisions::DivisionCode,
    protocol::Packs,
    reason::Reason,
    schema::REQUESTS,
    time::{CivilDate, Instant},
    welfare::RequestKind,
};
use dayclear_store::{
    Scope, Scoped, Store,
    landing::{Lookup, target_of},
    public::{Followed, PublicArea, Published},
    value::Value,
};

/// Characters of the words of a request at most, as the table declares.
const TEXT_MAX: usize = 2_000;
/// Characters of a way to reach somebody at most.
const CONTACT_MAX: usize = 80;
/// Characters of a place that is looked up: at least, so that nobody asks for everything, and at most.
const PLACE_CHARS: std::ops::RangeInclusive<usize> = 2..=40;
/// Areas of one answer at most.
const AREAS_MAX: i64 = 50;
/// Bytes of chance in a secret: 128 bits.
pub const SECRET_BYTES: usize = 16;

/// Who answers: the rules and settings of the city, and its clock.
#[derive(Clone, Copy)]
pub struct Counter<'a> {
    /// Packs.
    pub packs: &'a Packs,
    /// Id of a pack, or name of a disease.
    pub pack: &'a str,
    /// Settings of the city.
    pub settings: &'a Settings,
    /// The whole city.
    pub city: &'a Scope,
    /// Now.
    pub now: Instant,
}

/// A request as somebody makes it.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Kind.
    pub kind: RequestKind,
    /// Where help is needed.
    pub division: &'a DivisionCode,
    /// In the person's words.
    pub text: &'a str,
    /// How to reach the person, if they say.
    pub contact: Option<&'a str>,
}

fn invalid(field: &str, expected: impl Into<String>, remedy: &str) -> DeskError {
    let (value, expected) = (String::new(), expected.into());
    Refusal::Invalid(vec![FieldFault { field: field.to_owned(), value, expected, remedy: remedy.to_owned() }]).into()
}

fn readable(text: &str, most: usize) -> bool {
    text.chars().count() <= most && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

/// Takes a request: its number, and the secret by which it is followed. The secret is told this once; its hash is kept.
/// `chance` is fresh randomness of the caller.
pub async fn request(
    store: &Store,
    counter: &Counter<'_>,
    asked: &Asked<'_>,
    chance: [u8; SECRET_BYTES],
) -> Result<(String, String), DeskError> {
    if !readable(asked.text, TEXT_MAX) {
        return Err(invalid("text", format!("at most {TEXT_MAX} characters"), "say it shorter"));
    }
    if !asked.contact.is_none_or(|contact| readable(contact, CONTACT_MAX)) {
        return Err(invalid("contact", format!("at most {CONTACT_MAX} characters"), "say it shorter"));
    }
    let secret = dayclear_store::events::hex(&chance);
    let sealed = seal(&secret);
    // the number says nothing about the secret, and cannot be guessed from the number before
    let number = format!("Q-{}", digest_of(&[b"number", &chance]).get(..12).unwrap_or_default());
    let mut tries = 0;
    loop {
        match attempt(store, counter, asked, &number, &sealed).await {
            Ok(()) => return Ok((number, secret)),
            Err(error) if again(&error, &mut tries) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn attempt(
    store: &Store,
    counter: &Counter<'_>,
    asked: &Asked<'_>,
    number: &str,
    sealed: &str,
) -> Result<(), DeskError> {
    let mut tx = store.turn(counter.city).await?;
    let code = asked.division.as_str();
    let codes = [code, code.get(..12).unwrap_or(code)];
    if tx.lookup_of(Lookup::Divisions, &codes).await?.is_empty() {
        return Err(invalid("division", "a division of this city", "choose the place from the list"));
    }
    let (date, closed_before) = open_day(&mut tx, counter.now, &counter.settings.zone).await?;
    let pack = crate::day::pack_for(counter.packs, counter.pack, date)?;
    let day = Day::at(date, closed_before, counter.now, pack, counter.settings);
    let target = target_of(REQUESTS.name).ok_or_else(|| OpsError::Inside("requests have no table".to_owned()))?;
    let nothing = || Value::Text(None);
    let values = [
        number.into(),
        asked.kind.name().into(),
        nothing(),
        asked.division.into(),
        counter.now.into(),
        Value::Moment(None),
        nothing(),
        Some(asked.text).filter(|text| !text.is_empty()).into(),
        0i64.into(),
    ];
    tx.land_new(target, &values).await?;
    tx.note_source(REQUESTS.name, Some(counter.now), 1).await?;
    tx.seal_request(number, sealed, asked.contact).await?;
    let mut minutes = Minutes::by(&day, "public");
    let body = serde_json::json!({"kind": asked.kind});
    minutes.event(counter.now, "request.made", number, asked.division, &body, Some("request"))?;
    welfare::requested(&mut tx, &mut minutes, &[number]).await?;
    minutes.hand_in(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Days for which the public finds an area that has ended (R).
pub const HISTORY_D: i64 = 90;
/// Areas of one answer to a program.
const HISTORY_MAX: i64 = 500;

/// What is kept of a secret.
fn seal(secret: &str) -> String {
    digest_of(&[b"dayclear request", secret.as_bytes()])
}

/// How the request of a secret stands; `None`: there is no such secret. The secret is hashed and looked up, so the time of
/// an answer tells nothing about how near a guess was.
pub async fn follow(tx: &mut Scoped, secret: &str) -> Result<Option<Followed>, OpsError> {
    let hexadecimal = secret.len() == SECRET_BYTES * 2 && secret.bytes().all(|b| b.is_ascii_hexdigit());
    if !hexadecimal {
        return Ok(None);
    }
    Ok(tx.request_of_secret(&seal(&secret.to_ascii_lowercase())).await?)
}

/// Standing areas whose division, compound or building bears a name; nothing for a text that is too short or too long.
pub async fn areas(tx: &mut Scoped, place: &str) -> Result<Vec<PublicArea>, OpsError> {
    let place = place.trim();
    if !PLACE_CHARS.contains(&place.chars().count()) || place.chars().any(char::is_control) {
        return Ok(Vec::new());
    }
    Ok(tx.areas_named(place, AREAS_MAX).await?)
}

/// Areas that were here in the last ninety days and have ended, the last first; nothing for a text that is too short or too long.
pub async fn past_areas(tx: &mut Scoped, place: &str, today: CivilDate) -> Result<Vec<PublicArea>, OpsError> {
    let place = place.trim();
    if !PLACE_CHARS.contains(&place.chars().count()) || place.chars().any(char::is_control) {
        return Ok(Vec::new());
    }
    Ok(tx.areas_ended_named(place, today.plus_days(-HISTORY_D), AREAS_MAX).await?)
}

/// Areas that stand or ended since a day, not longer ago than ninety: all of the city, those that were opened last first.
pub async fn area_history(tx: &mut Scoped, since: CivilDate, today: CivilDate) -> Result<Vec<PublicArea>, OpsError> {
    Ok(tx.areas_since(since.max(today.plus_days(-HISTORY_D)), HISTORY_MAX).await?)
}

/// The pack and version by whose rule an area was drawn; nothing else of its reasons is for the public.
pub fn rule_of(area: &PublicArea) -> Option<String> {
    let reasons: Vec<Reason> = serde_json::from_str(&area.reason).unwrap_or_default();
    reasons.into_iter().next().map(|reason| reason.pack)
}

/// Published editions, the latest first.
pub async fn bulletins(tx: &mut Scoped, most: i64) -> Result<Vec<Published>, OpsError> {
    Ok(tx.editions(most).await?)
}

/// A published edition; the latest of the day where none is named.
pub async fn bulletin(tx: &mut Scoped, day: CivilDate, edition: Option<i64>) -> Result<Option<Published>, OpsError> {
    Ok(tx.edition(day, edition).await?)
}
