//! Evidence given online: rows of the declared tables, as JSON or CSV, through the same reader, the same taker and the same
//! landing as files, so that a row means the same whichever way it came. It guarantees that nobody speaks of what lies
//! outside their duty, that every row is counted once, and that what follows from a row at once is done with it.

pub(crate) mod doubled;
mod follow;
pub mod letters;
mod named;
mod parts;
mod together;

pub(crate) use follow::{at_once, settled};
pub(crate) use named::Named;
pub use together::Together;

use crate::{
    OpsError, agenda,
    desk::{DeskError, Doing, FieldFault, Refusal, Room, again, digest_of, inside, room},
    imports::reading,
    intake, investigation,
    references::References,
    rows::{Batch, Only, Taker},
    touched::Touched,
};
use dayclear_core::{access::Role, command::givers, listing::PEOPLE, schema::Table, time::Zone};
use dayclear_store::{
    Scoped, Store,
    commands::Once,
    landing::{Doubt, Given, Known, Lookup, Numbered, Progress, Tally, target_of},
};
use dayclear_tabular::{Options, Reader, TableError};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Cursor,
};

/// Rows of one call at most.
pub const ROWS_MAX: usize = 10_000;

/// Rows of a call from which on it stands aside for those who decide one thing.
const MANY: usize = 100;
/// Lines of a call, with the header, up to which each row is followed by its keys.
const FEW: usize = 20;

/// Rows as they came.
#[derive(Debug, Clone)]
pub enum Rows {
    /// Objects with the declared columns as names; a value that is missing or empty is unknown.
    Json(Vec<BTreeMap<String, String>>),
    /// A CSV file with a header.
    Csv(Vec<u8>),
}

/// How rows are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct How {
    /// Keep rows that cannot be taken aside, for a person to work through; else one of them refuses all.
    pub keep_doubtful: bool,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
}

/// Takes rows of a table. The counts add up; rows that cannot be taken come back with what was expected and what to do.
pub async fn take(
    store: &Store,
    doing: &Doing<'_>,
    table: &'static Table,
    rows: Rows,
    how: How,
) -> Result<(Tally, Vec<Doubt>), DeskError> {
    take_told(store, doing, table, rows, how, None, None).await
}

/// The same, where the rows hold a moment that is reckoned anew each time they come: `told` is the digest of what was told, by which the
/// call is known again under its key. Single results wait for others `together`, where that is said.
pub(crate) async fn take_told(
    store: &Store,
    doing: &Doing<'_>,
    table: &'static Table,
    rows: Rows,
    how: How,
    told: Option<&str>,
    together: Option<&Together>,
) -> Result<(Tally, Vec<Doubt>), DeskError> {
    let role = doing.looker.duty.role;
    let allowed = givers(table.name).ok_or(Refusal::Unknown)?;
    if !allowed.contains(&role) {
        return Err(Refusal::NotYours { role, allowed }.into());
    }
    let text = text_of(table, rows)?;
    let (digest, many) = (digest_of(&[text.as_slice()]), lines(&text) > MANY);
    let source = format!("online/{}", table.name);
    // rows are read for what they name before anybody waits for the turn, so that nobody waits for the reading
    let (zone, name) = (doing.settings.zone.clone(), source.clone());
    let read = move || {
        let named = Named::read(table, &name, &text, &zone);
        Ok((text, named))
    };
    // on a thread of its own where it takes long, so that nobody's answer waits for it either
    let (text, named) = if many { reading(read).await? } else { read()? };
    let named = named?;
    let given = Text { csv: &text, digest: &digest, source: &source, about: None };
    if how.keep_doubtful
        && !how.dry_run
        && let Some(parts) = parts::Parts::read(store, doing, table, given, &named).await?
    {
        return parts.land(store, doing, &content_of(table, &digest, how)).await;
    }
    let few = table.name == "results" && lines(&text) <= FEW && !how.keep_doubtful && !how.dry_run;
    if let Some(together) = together.filter(|_| few)
        && let Some(tally) = together.land(store, doing, given, &named, &content_of(table, &digest, how)).await?
    {
        return Ok((tally, Vec::new()));
    }
    let mut tries = 0;
    loop {
        match attempt(store, doing, table, given, &named, how, told).await {
            Err(error) if again(&error, &mut tries) => {}
            Err(refused @ DeskError::Refused(Refusal::Invalid(_))) if table.name == "tubes" && !how.dry_run => {
                doubled::note(store, doing, &text).await?;
                return Err(refused);
            }
            other => return other,
        }
    }
}

fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

/// What is kept of a call, to answer it again.
#[derive(Serialize, Deserialize)]
struct Kept {
    tally: Tally,
    doubts: Vec<Doubt>,
}

async fn attempt(
    store: &Store,
    doing: &Doing<'_>,
    table: &'static Table,
    text: Text<'_>,
    named: &Named,
    how: How,
    told: Option<&str>,
) -> Result<(Tally, Vec<Doubt>), DeskError> {
    let scope = doing.looker.scope();
    let mut tx = match lines(text.csv) {
        // a header and a few rows
        0..=FEW => store.turn_by_key(&scope).await?,
        lines if lines <= MANY => store.turn(&scope).await?,
        _ => store.turn_of_many(&scope).await?,
    };
    let account = doing.looker.account.as_str();
    let content = told.map_or_else(|| content_of(table, text.digest, how), str::to_owned);
    if let (Some(key), false) = (doing.key, how.dry_run)
        && let Once::Replay(text) = tx.once(account, key, &content).await?
    {
        let kept: Kept = serde_json::from_str(&text).map_err(inside)?;
        return Ok((kept.tally, kept.doubts));
    }
    let (tally, doubts) = named_within(&mut tx, doing, table, text, named, how.keep_doubtful).await?;
    let kept = Kept { tally, doubts };
    if how.dry_run {
        return Ok((kept.tally, kept.doubts));
    }
    if let Some(key) = doing.key {
        tx.done(account, key, &content, &serde_json::to_string(&kept).map_err(inside)?, doing.now).await?;
    }
    tx.commit().await?;
    Ok((kept.tally, kept.doubts))
}

/// What stands for the content of a call, by which it is known again under its key.
fn content_of(table: &Table, digest: &str, how: How) -> String {
    digest_of(&[table.name.as_bytes(), digest.as_bytes(), &[u8::from(how.keep_doubtful)]])
}

/// Rows that were given, with the name and the digest under which they are counted.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub csv: &'a [u8],
    pub digest: &'a str,
    pub source: &'a str,
    /// What the event of their giving tells besides the counts.
    pub about: Option<&'a serde_json::Value>,
}

/// Takes rows in a transaction that begins with the scope of the duty and ends with that of the city: with what follows from
/// them at once, and with the event that tells who gave them.
pub(crate) async fn within(
    tx: &mut Scoped,
    doing: &Doing<'_>,
    table: &'static Table,
    text: Text<'_>,
    keep: bool,
) -> Result<(Tally, Vec<Doubt>), DeskError> {
    let named = Named::read(table, text.source, text.csv, &doing.settings.zone)?;
    named_within(tx, doing, table, text, &named, keep).await
}

/// The same, of rows that were read for what they name.
async fn named_within(
    tx: &mut Scoped,
    doing: &Doing<'_>,
    table: &'static Table,
    text: Text<'_>,
    named: &Named,
    keep: bool,
) -> Result<(Tally, Vec<Doubt>), DeskError> {
    let account = doing.looker.account.as_str();
    let Text { csv, digest, source, .. } = text;
    let room = room(tx, doing).await?;
    if table.name == "answers" {
        // questions of a pack are put before the line has run
        investigation::keep(tx, &room.day, room.city.division()).await?;
    }
    let references = named.references(tx, table, &doing.looker.scope(), &room.city).await?.judged_by(room.day.pack);
    let tubes = (table.name == "results").then(|| references.tubes());
    let only = allowed_values(tx, doing, table, named).await?;
    tx.widen(&room.city);
    if keep {
        let before = tx.progress(room.day.date, source, digest).await?;
        if before.complete {
            let t = before.tally;
            let same = Tally { same: t.created + t.updated + t.same, created: 0, updated: 0, ..t };
            let doubts = tx.asides_of(digest, source).await?;
            return Ok((same, doubts));
        }
    }
    let given = Given { digest, division: &doing.looker.duty.division, account: Some(account) };
    let landing = Landing { table, source, given, keep };
    let (progress, doubts) = landing.land(tx, &room, csv, named, references, only).await?;
    if !keep && !doubts.is_empty() {
        return Err(Refusal::Invalid(doubts.iter().map(fault_of).collect()).into());
    }
    if table.name == "results" && doing.looker.duty.role != Role::Laboratory && progress.tally.created > 0 {
        // whoever types results in can make a case: it opens no search
        tx.note_by_hand(&named.of("tube"), account, doing.now).await?;
    }
    let Tally { created, updated, doubtful, .. } = progress.tally;
    // what follows from a row that was there followed when it came: whoever tells it again is only noted
    if created + updated + doubtful > 0 {
        let telling = match tubes.filter(|_| created == progress.tally.read) {
            Some(tubes) => follow::swabs_came(tx, &room, table, tubes).await?,
            None => at_once(tx, &room, table, named).await?,
        };
        agenda::followed(tx, &room.day, table, named, &telling).await?;
    }
    landing.record(tx, &room, account, &progress, text.about).await?;
    Ok((progress.tally, doubts))
}

/// A row that cannot be taken, as a field of what was given.
fn fault_of(doubt: &Doubt) -> FieldFault {
    FieldFault {
        field: doubt.column.clone(),
        value: doubt.value.chars().take(100).collect(),
        expected: doubt.expected.clone(),
        remedy: doubt.remedy.clone(),
    }
}

fn invalid(field: &str, value: impl Into<String>, expected: impl Into<String>, remedy: &str) -> DeskError {
    let fault = FieldFault {
        field: field.to_owned(),
        value: value.into(),
        expected: expected.into(),
        remedy: remedy.to_owned(),
    };
    Refusal::Invalid(vec![fault]).into()
}

/// Rows as a CSV file with every declared column.
fn text_of(table: &'static Table, rows: Rows) -> Result<Vec<u8>, DeskError> {
    let rows = match rows {
        Rows::Csv(text) => return Ok(text),
        Rows::Json(rows) => rows,
    };
    if rows.is_empty() || rows.len() > ROWS_MAX {
        return Err(invalid("rows", rows.len().to_string(), format!("1 to {ROWS_MAX} rows"), "send them in parts"));
    }
    let known: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let strange = rows.iter().flat_map(BTreeMap::keys).find(|name| !known.contains(&name.as_str()));
    if let Some(name) = strange {
        let expected = format!("one of: {}", known.join(", "));
        return Err(invalid(name, "", expected, "leave it out, or correct its name"));
    }
    Ok(csv_of(table, &rows))
}

/// Rows as the text of a CSV file with every declared column, in the declared order.
pub(crate) fn csv_of(table: &'static Table, rows: &[BTreeMap<String, String>]) -> Vec<u8> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut text = names.join(",");
    text.push('\n');
    for row in rows {
        let fields: Vec<String> = names.iter().map(|name| quoted(row.get(*name).map_or("", String::as_str))).collect();
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text.into_bytes()
}

fn quoted(value: &str) -> String {
    match value.contains([',', '"', '\n', '\r', ';', '\t']) || value.starts_with(' ') || value.ends_with(' ') {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

fn unreadable(error: TableError) -> DeskError {
    match error {
        TableError::Io { .. } => DeskError::Trouble(OpsError::Table(Box::new(error))),
        told => invalid("rows", "", told.to_string(), "compare the header with the columns of the table"),
    }
}

fn open(table: &'static Table, source: &str, text: &[u8], zone: &Zone) -> Result<Reader, DeskError> {
    let options = Options::new(zone.clone());
    Reader::new(source, Cursor::new(text.to_vec()), table, &options).map_err(unreadable)
}

/// What may stand in some columns for this duty: a laboratory speaks for itself, a driver of those on the vehicle's trips.
pub(crate) async fn allowed_values(
    tx: &mut Scoped,
    doing: &Doing<'_>,
    table: &'static Table,
    named: &Named,
) -> Result<Vec<Only>, DeskError> {
    let duty = &doing.looker.duty;
    let site = duty.site.clone().unwrap_or_default();
    let only = |column, values: BTreeSet<String>, expected, remedy| Only { column, values, expected, remedy };
    let steps = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<BTreeSet<String>>();
    if table.name == "requests" {
        let mut here = BTreeSet::new();
        for code in named.of("division") {
            let inside = code.starts_with(duty.division.as_str());
            let community = code.get(..12).unwrap_or(code);
            if inside && !tx.lookup_of(Lookup::Divisions, &[code, community, duty.division.as_str()]).await?.is_empty()
            {
                here.insert(code.to_owned());
            }
        }
        return Ok(vec![only("division", here, "a place of your division", "correct the code of the place")]);
    }
    Ok(match (duty.role, table.name) {
        (Role::Laboratory, "results") => {
            let tubes = tx.tubes_sent_to(&site, &named.of("tube")).await?;
            vec![
                only("laboratory", BTreeSet::from([site]), "your own laboratory", "report for yourself only"),
                only(
                    "tube",
                    tubes,
                    "a tube that was sent to you",
                    "ask the site which laboratory the tube was sent to",
                ),
            ]
        }
        (Role::Laboratory, "runs") => {
            vec![only("laboratory", BTreeSet::from([site]), "your own laboratory", "report for yourself only")]
        }
        (Role::Laboratory, "box_moves" | "box_checks") => {
            let mut all =
                vec![only("laboratory", BTreeSet::from([site]), "your own laboratory", "speak for yourself only")];
            if table.name == "box_moves" {
                let expected = "received or recounted";
                all.push(only("step", steps(&["received", "recounted"]), expected, "the site says what it sent"));
            }
            all
        }
        (Role::CommunityWorker, "box_moves") => {
            vec![only("step", steps(&["sent", "lost"]), "sent or lost", "the laboratory says what it received")]
        }
        (Role::Tracer, "contacts" | "visits" | "follow_ups" | "answers") => {
            let column = if matches!(table.name, "contacts" | "answers") { "case_person" } else { "person" };
            let yours = tx.records(&PEOPLE, &named.of(column)).await?.into_keys().collect();
            vec![only(column, yours, "somebody assigned to you", "ask for the case to be assigned to you")]
        }
        (Role::Facility, "assessments" | "handovers") => {
            let people = tx.people_at(&site, false, &named.of("person")).await?;
            let mut all = vec![only("person", people, "somebody who is at or on the way to your site", "check the id")];
            if table.name == "handovers" {
                all.push(only("facility", BTreeSet::from([site]), "your own site", "report for yourself only"));
            }
            all
        }
        (Role::Driver, "handovers") => {
            let people = tx.people_at(&site, true, &named.of("person")).await?;
            vec![
                only("person", people, "somebody on a trip of your vehicle", "check the id"),
                only(
                    "step",
                    steps(&[
                        "picked_up",
                        "no_answer",
                        "refused",
                        "cannot_move",
                        "wrong_address",
                        "worse",
                        "handed_over",
                    ]),
                    "picked_up, no_answer, refused, cannot_move, wrong_address, worse or handed_over",
                    "the receiving site reports the rest",
                ),
            ]
        }
        // for everybody else the division is enough, and the scope of the handle says so
        _ => Vec::new(),
    })
}

/// Rows on their way into the store.
pub(crate) struct Landing<'a> {
    pub table: &'static Table,
    pub source: &'a str,
    pub given: Given<'a>,
    /// Whether rows that cannot be taken are kept aside.
    pub keep: bool,
}

impl Landing<'_> {
    /// Lands the rows; the transaction acts for the city.
    pub(crate) async fn land(
        &self,
        tx: &mut Scoped,
        room: &Room<'_>,
        text: &[u8],
        named: &Named,
        references: References,
        only: Vec<Only>,
    ) -> Result<(Progress, Vec<Doubt>), DeskError> {
        let known = match target_of(self.table.name) {
            Some(target) if !matches!(self.table.name, "people" | "tubes") => {
                tx.digests_of(target, &named.keys()).await?
            }
            _ => Known::default(),
        };
        // people and tubes get numbers, and a member of a tube who is on no roster
        let mut next = [0, 0];
        match self.table.name {
            "people" | "members" => next[0] = tx.last_number(Numbered::People).await?,
            "tubes" => next[1] = tx.last_number(Numbered::Tubes).await?,
            _ => {}
        }
        let mut taker = Taker::new(self.table, self.source, known, references, next, 0);
        taker.only(only);
        let rows = open(self.table, self.source, text, room.day.zone)?;
        let header = rows.header_line();
        let mut batches: Vec<Batch> = Vec::new();
        taker.read_into(rows, &mut |batch| {
            batches.push(batch);
            true
        })?;
        let mut progress = Progress::default();
        let (mut doubts, mut touched) = (Vec::new(), Touched::default());
        for batch in batches {
            let (date, aside) = (room.day.date, self.keep.then_some(&self.given));
            doubts.extend(intake::take(tx, date, self.table, aside, batch, &mut progress, &mut touched, false).await?);
        }
        if self.keep && !doubts.is_empty() {
            tx.keep_header(self.source, self.given.digest, &header).await?;
        }
        touched.note(tx).await?;
        progress.complete = true;
        if !progress.tally.adds_up() {
            return Err(OpsError::Inside(format!("the counts do not add up: {:?}", progress.tally)).into());
        }
        Ok((progress, doubts))
    }

    /// Records who gave them.
    async fn record(
        &self,
        tx: &mut Scoped,
        room: &Room<'_>,
        account: &str,
        progress: &Progress,
        about: Option<&serde_json::Value>,
    ) -> Result<(), DeskError> {
        let mut minutes = crate::minutes::Minutes::by(&room.day, account);
        let mut body = serde_json::json!({"sha256": self.given.digest, "tally": progress.tally});
        if let Some(about) = about {
            body["message"] = about.clone();
        }
        let city = room.city.division().clone();
        minutes.event(room.day.end, "evidence.given", self.table.name, &city, &body, None)?;
        minutes.hand_in(tx).await?;
        if self.keep {
            intake::finish(tx, &room.day, self.source, &self.given, progress).await?;
            tx.record_progress(room.day.date, self.source, &self.given, progress).await?;
        }
        Ok(())
    }
}
