//! The sampling site: a tube with its people, filled where there was no network and sent later, from a phone or a sheet of paper. It
//! may use the clocks of core and the taking of evidence; it guarantees that a tube lands with all its people or not at all, that a
//! record is taken once for ever under the id it was given where it was made, whatever its replays compute of its time, and that
//! no time lies in the future.

use crate::{
    OpsError,
    day::pack_for,
    desk::{self, DeskError, Doing, FieldFault, Refusal, Room, again, digest_of, room},
    evidence::{Text, csv_of, doubled, within},
};
use dayclear_core::{
    command::givers,
    listing::Cell,
    rounds::RoundState,
    schema::{Column, Kind, MEMBERS, TUBES, Table},
    screening::Purpose,
    site::{
        PEOPLE_MAX, SHEET_HOURS_MAX, Who, Wrong, check,
        clock::{Anchor, How, Reading, Settled, settle},
    },
    time::{Instant, MINUTE, Zone},
};
use dayclear_store::{Scoped, Store, landing::Numbered, rounds::Round, site::SiteTube};
use dayclear_tabular::document_number;
use std::collections::{BTreeMap, BTreeSet};

/// When a tube was closed, as far as its record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// By the clocks of a phone.
    Device {
        /// What they said as it was closed.
        taken: Reading,
        /// The last moment before at which the phone knew the server's time.
        anchor: Option<Anchor>,
    },
    /// Written on paper.
    Written(Instant),
}

/// A tube with its people, as it comes from a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Id that it was given where it was made: one tube, one id, for ever.
    pub record: String,
    /// Bar code.
    pub tube: String,
    /// Where it was filled.
    pub division: String,
    /// Why.
    pub purpose: Purpose,
    /// Swabs that it is meant for.
    pub size: u8,
    /// Sampling site, in words.
    pub site: String,
    /// Round, if it is for one.
    pub round: Option<String>,
    /// Who is in it.
    pub people: Vec<Who>,
    /// When it was closed.
    pub when: When,
    /// Somebody looked again, and the tube does bear a code that another tube has.
    pub doubled: bool,
    /// Somebody looked again, and who has a tube in this round already was swabbed once more.
    pub once_more: bool,
}

/// A tube that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// When it was closed, as well as that is known.
    pub closed: Settled,
    /// Whether it was there before.
    pub same: bool,
}

/// Why a tube of a site was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// It is refused; it stays where it is until a person settles it.
    #[error("{}: {what}", .wrong.name())]
    Refused {
        /// Why.
        wrong: Wrong,
        /// What or who it is about.
        what: String,
    },
    /// The duty, or trouble.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<OpsError> for SiteError {
    fn from(error: OpsError) -> Self {
        SiteError::Desk(error.into())
    }
}
impl From<dayclear_store::StoreError> for SiteError {
    fn from(error: dayclear_store::StoreError) -> Self {
        SiteError::Desk(error.into())
    }
}

fn refused(wrong: Wrong, what: impl Into<String>) -> SiteError {
    SiteError::Refused { wrong, what: what.into() }
}

const PERSON: &[Column] = &[Column { name: "person", kind: Kind::Id, required: true, about: "id on the roster" }];

fn person_id(text: &str, zone: &Zone) -> Option<String> {
    let given = [("person".to_owned(), text.to_owned())].into();
    match desk::read(PERSON, &given, zone).ok()?.remove("person") {
        Some(Cell::Text(text)) => Some(text),
        _ => None,
    }
}

/// Who a line of a sheet names: an identity card by its form, else an id of the roster; `D:` before it says that it is the number
/// of another document. `None`: it is neither.
pub fn read_who(line: &str, zone: &Zone) -> Option<Who> {
    const CARD: usize = 18;
    let line = line.trim();
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    if let Some(number) = line.strip_prefix("D:") {
        return document_number(number.trim()).map(Who::Document);
    }
    // so many digits are a card that was read badly, and no id of anybody
    if line.len() == CARD && digits >= CARD - 1 || digits == line.len() && digits >= CARD - 3 {
        return document_number(line).map(Who::Document);
    }
    if line.starts_with("H:") { None } else { person_id(line, zone).map(Who::Person) }
}

/// What the duty may do at a site at all.
pub fn may(role: dayclear_core::access::Role) -> Result<(), Refusal> {
    let allowed = givers(TUBES.name).unwrap_or_default();
    let both = allowed.contains(&role) && givers(MEMBERS.name).unwrap_or_default().contains(&role);
    if both { Ok(()) } else { Err(Refusal::NotYours { role, allowed }) }
}

/// Takes a tube. `sending` is what the phone's clocks say as it sends; a sheet has none.
pub async fn take(
    store: &Store,
    doing: &Doing<'_>,
    filled: &Filled,
    sending: Option<&Reading>,
) -> Result<Taken, SiteError> {
    may(doing.looker.duty.role).map_err(DeskError::from)?;
    let mut tries = 0;
    loop {
        match attempt(store, doing, filled, sending).await {
            Err(SiteError::Desk(error)) if again(&error, &mut tries) => {}
            Err(SiteError::Refused { wrong: Wrong::Used, what }) => {
                note_doubled(store, doing, filled, sending).await?;
                return Err(refused(Wrong::Used, what));
            }
            other => return other,
        }
    }
}

/// A digest over what a record says, and over nothing that changes from one sending to the next.
fn digest(filled: &Filled) -> String {
    let when = match &filled.when {
        When::Device { taken, .. } => format!("{}/{}/{}", taken.wall_ms, taken.page_ms, taken.page),
        When::Written(at) => at.micros().to_string(),
    };
    let people: Vec<String> = filled.people.iter().map(|who| format!("{who:?}")).collect();
    let size = filled.size.to_string();
    let mut parts: Vec<&[u8]> =
        vec![filled.tube.as_bytes(), filled.division.as_bytes(), filled.purpose.name().as_bytes()];
    parts.extend([size.as_bytes(), filled.site.as_bytes(), filled.round.as_deref().unwrap_or_default().as_bytes()]);
    parts.push(when.as_bytes());
    parts.extend(people.iter().map(String::as_bytes));
    digest_of(&parts)
}

/// When it was closed, to the second.
fn closed(filled: &Filled, sending: Option<&Reading>, now: Instant) -> Settled {
    let settled = match &filled.when {
        When::Device { taken, anchor } => settle(taken, anchor.as_ref(), sending.unwrap_or(taken), now),
        When::Written(at) => Settled { at: *at, within_s: 0, how: How::Written },
    };
    Settled { at: Instant::from_micros(settled.at.micros().div_euclid(1_000_000) * 1_000_000), ..settled }
}

/// The tube as the row that a file would bring.
fn tube_row(filled: &Filled, closed: Instant) -> Vec<u8> {
    let size = filled.size.to_string();
    let at = closed.to_string();
    let cells = [
        ("tube", filled.tube.as_str()),
        ("division", &filled.division),
        ("purpose", filled.purpose.name()),
        ("size", &size),
        ("site", &filled.site),
        ("collected_at", &at),
    ];
    csv_of(&TUBES, &[cells.map(|(name, text)| (name.to_owned(), text.to_owned())).into()])
}

async fn attempt(
    store: &Store,
    doing: &Doing<'_>,
    filled: &Filled,
    sending: Option<&Reading>,
) -> Result<Taken, SiteError> {
    let digest = digest(filled);
    let duty = doing.looker.scope();
    let mut tx = store.turn_by_key(&duty).await?;
    if let Some(before) = tx.site_tube(&filled.record).await? {
        let same = before.digest == digest && before.account == doing.looker.account;
        return match same {
            true => Ok(Taken { closed: before.closed, same: true }),
            false => Err(refused(Wrong::Other, filled.record.clone())),
        };
    }
    let room = room(&mut tx, doing).await?;
    let closed = closed(filled, sending, doing.now);
    tx.widen(&room.city);
    let round = match &filled.round {
        Some(round) => tx.rounds_by_id(&[round]).await?.into_iter().next(),
        None => None,
    };
    if let When::Written(at) = filled.when {
        entered_in_time(at, filled, round.as_ref(), doing.now)?;
    }
    if filled.people.len() > PEOPLE_MAX {
        return Err(refused(Wrong::TooMany, filled.people.len().to_string()));
    }
    let sizes = sizes(doing, filled.purpose, round.as_ref(), closed.at)?;
    let found = |people: &[Who]| check(filled.size, &sizes, people).map(|(wrong, what)| refused(wrong, what));
    if let Some(wrong) = found(&filled.people) {
        return Err(wrong);
    }
    // in canonical form, so that one number is one person however it was written
    let unread =
        filled.people.iter().filter_map(document).find(|number| document_number(number).as_deref() != Some(*number));
    if let Some(number) = unread {
        return Err(refused(Wrong::Row, number));
    }
    let (people, strangers) = people_of(&mut tx, filled).await?;
    // a number and an id may be those of one person
    let by_id: Vec<Who> = people.iter().map(|person| Who::Person(person.clone())).collect();
    if found(&by_id).is_some() {
        let twice = people.iter().enumerate().find(|(at, person)| people[..*at].contains(person));
        return Err(refused(Wrong::Twice, twice.map_or("", |(at, _)| filled.people[at].text())));
    }
    let used = !tx.numbers_of(Numbered::Tubes, &[&filled.tube]).await?.is_empty();
    if used && !filled.doubled {
        return Err(refused(Wrong::Used, filled.tube.clone()));
    }
    if let (When::Written(_), Some(round), false) = (&filled.when, &round, filled.once_more) {
        let ids: Vec<&str> = people.iter().map(String::as_str).collect();
        let already = tx.sampled_between(&ids, round.plan.from, round.plan.to).await?;
        if let Some((person, tube)) = already.into_iter().find(|(_, tube)| *tube != filled.tube) {
            return Err(refused(Wrong::TwiceInRound, format!("{person} ({tube})")));
        }
    }
    let rows = Rows { doing, room: &room, record: &filled.record };
    if used {
        second_tube(&mut tx, &rows, filled, closed.at).await?;
    } else {
        rows.land(&mut tx, &TUBES, &tube_row(filled, closed.at)).await?;
    }
    let members: Vec<BTreeMap<String, String>> = people
        .iter()
        .map(|person| [("tube", &filled.tube), ("person", person)].map(|(n, t)| (n.to_owned(), t.clone())).into())
        .collect();
    rows.land(&mut tx, &MEMBERS, &csv_of(&MEMBERS, &members)).await?;
    for (person, document) in &strangers {
        tx.name_stranger(person, document).await?;
    }
    let division =
        filled.division.parse().map_err(|_| refused(Wrong::Row, format!("division: {}", filled.division)))?;
    let kept = SiteTube {
        record: filled.record.clone(),
        tube: filled.tube.clone(),
        division,
        account: doing.looker.account.clone(),
        round: filled.round.clone(),
        people: people.len() as i64,
        closed,
        received_at: doing.now,
        digest,
    };
    tx.keep_site_tube(&kept).await?;
    tx.commit().await?;
    Ok(Taken { closed, same: false })
}

/// Bounds of a time that was written on paper.
fn entered_in_time(at: Instant, filled: &Filled, round: Option<&Round>, now: Instant) -> Result<(), SiteError> {
    if at > now {
        return Err(refused(Wrong::Future, at.to_string()));
    }
    if at < now.plus_hours(-SHEET_HOURS_MAX) {
        return Err(refused(Wrong::TooOld, SHEET_HOURS_MAX.to_string()));
    }
    match (&filled.round, round) {
        (None, _) => Ok(()),
        (Some(id), None) => Err(refused(Wrong::Round, id.clone())),
        (Some(id), Some(round)) => {
            let runs = matches!(round.state, RoundState::Open | RoundState::Closed);
            if !runs || round.plan.purpose != filled.purpose {
                return Err(refused(Wrong::Round, id.clone()));
            }
            let inside = at >= round.plan.from && at < round.plan.to;
            if inside { Ok(()) } else { Err(refused(Wrong::Hours, id.clone())) }
        }
    }
}

/// Sizes of tubes that the rules of that day allow for a purpose, and a round for its people.
fn sizes(doing: &Doing<'_>, purpose: Purpose, round: Option<&Round>, at: Instant) -> Result<Vec<u8>, SiteError> {
    let pack = pack_for(doing.packs, doing.pack, doing.settings.zone.day(at))?;
    let most = round.map_or(u8::MAX, |round| round.plan.pool_size);
    Ok(pack.pool_sizes(purpose).iter().copied().filter(|size| *size <= most).collect())
}

/// Ids of the people of a tube, in its order; of those whose number nobody knows, an id that says nothing, with the number.
async fn people_of(tx: &mut Scoped, filled: &Filled) -> Result<(Vec<String>, Vec<(String, String)>), SiteError> {
    let documents: BTreeSet<&str> = filled.people.iter().filter_map(document).collect();
    let documents: Vec<&str> = documents.into_iter().collect();
    let known = tx.people_of_documents(&documents).await?;
    let mut strangers = Vec::new();
    let people = filled.people.iter().enumerate().map(|(at, who)| match who {
        Who::Person(person) => person.clone(),
        Who::Document(number) => known.get(number).cloned().unwrap_or_else(|| {
            let digest = digest_of(&[filled.record.as_bytes(), at.to_string().as_bytes()]);
            let person = format!("S-{}", &digest[..16]);
            strangers.push((person.clone(), number.clone()));
            person
        }),
    });
    Ok((people.collect(), strangers))
}

fn document(who: &Who) -> Option<&str> {
    match who {
        Who::Document(number) => Some(number),
        Who::Person(_) => None,
    }
}

/// How the rows of one record land.
struct Rows<'r, 'd> {
    doing: &'r Doing<'d>,
    room: &'r Room<'d>,
    record: &'r str,
}

impl Rows<'_, '_> {
    /// Rows of a table, all or none, in the scope of the duty.
    async fn land(&self, tx: &mut Scoped, table: &'static Table, csv: &[u8]) -> Result<(), SiteError> {
        tx.widen(&self.doing.looker.scope());
        let digest = digest_of(&[table.name.as_bytes(), csv]);
        let about = serde_json::json!({"site": self.record});
        let text = Text { csv, digest: &digest, source: "site", about: Some(&about) };
        let landed = within(tx, self.doing, table, text, false).await;
        tx.widen(&self.room.city);
        match landed {
            Ok(_) => Ok(()),
            Err(DeskError::Refused(Refusal::Invalid(faults))) => Err(refused(Wrong::Row, said(&faults))),
            Err(other) => Err(other.into()),
        }
    }
}

fn said(faults: &[FieldFault]) -> String {
    faults.iter().map(|fault| format!("{}: {}", fault.field, fault.expected)).collect::<Vec<_>>().join("; ")
}

/// A second tube under a code, which somebody looked at again: from now on it is known of the first, so that no result of the code
/// tells anybody anything, and its people are sampled anew with those of the first.
async fn second_tube(tx: &mut Scoped, rows: &Rows<'_, '_>, filled: &Filled, at: Instant) -> Result<(), SiteError> {
    let duty = rows.doing.looker.duty.division.as_str();
    let known = tx.lookup_of(dayclear_store::landing::Lookup::Divisions, &[&filled.division]).await?;
    if !filled.division.starts_with(duty) || known.is_empty() {
        return Err(refused(Wrong::Row, format!("division: {}", filled.division)));
    }
    let division = filled.division.parse().map_err(|_| refused(Wrong::Row, "division"))?;
    if !tx.doubled_in(&filled.tube, &division).await? {
        tx.note_doubled(filled.tube.as_str().into(), (&division).into(), at.into()).await?;
    }
    Ok(())
}

/// Another tube has the code: that is noted at once, as with every tube that comes in, and outlives the refusal. Once for a place:
/// the time of the same record may come out a moment different the next time it is sent.
async fn note_doubled(
    store: &Store,
    doing: &Doing<'_>,
    filled: &Filled,
    sending: Option<&Reading>,
) -> Result<(), SiteError> {
    let Ok(division) = filled.division.parse() else { return Ok(()) };
    if store.look(&doing.looker.scope()).await?.doubled_in(&filled.tube, &division).await? {
        return Ok(());
    }
    let closed = closed(filled, sending, doing.now);
    doubled::note(store, doing, &tube_row(filled, closed.at)).await?;
    Ok(())
}

/// Minutes within which a time is known, rounded up: for people.
pub fn within_min(closed: &Settled) -> i64 {
    let minute_s = MINUTE / 1_000_000;
    (closed.within_s + minute_s - 1) / minute_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_sheet_is_a_card_another_document_or_an_id() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let card = Who::Document("50040119770608003X".to_owned());
        for (line, expected) in [
            ("P001", Some(Who::Person("P001".to_owned()))),
            ("50040119770608003x", Some(card.clone())),
            (" 50040119770608003X ", Some(card)),
            ("500401197706080031", None),
            ("50040119770608003", None),
            ("D:E1234567", Some(Who::Document("E1234567".to_owned()))),
            ("H:H01", None),
            ("P 1", None),
        ] {
            assert_eq!(read_who(line, &zone), expected, "{line}");
        }
    }
}
