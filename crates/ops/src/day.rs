//! The whole line, once: from a folder of one day's files to a signed day. Each station runs in one transaction under a
//! key made of the day, the station and the digests of the files, so a run that was cut off goes on where it stopped,
//! and a run of the same folder again changes nothing.

use crate::{
    OpsError, books, bulletin, cases,
    intake::{self, Folder, Read},
    investigation, line, measures,
    minutes::{BY_RULE, Day, Focus, Settings},
    obligations, screening, tracing, transfer, welfare,
};
use dayclear_core::{
    books::OpenItem,
    bulletin::Bulletin,
    protocol::{Pack, Packs},
    time::CivilDate,
};
use dayclear_store::{Scope, Scoped, Store, commands::Once, events::hex};
use sha2::{Digest, Sha256};

/// Stations in the order of the line.
pub const STATIONS: [&str; 7] = ["screening", "cases", "tracing", "measures", "transfer", "welfare", "obligations"];

/// How a day is to be run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The day; `None`: the latest day on which a tube of the folder was filled.
    pub date: Option<CivilDate>,
    /// Id of a pack, or name of a disease.
    pub pack: String,
    /// Refuse a file whole when a row of it cannot be taken.
    pub atomic: bool,
    /// Leave the day open: more files of it are to come.
    pub keep_open: bool,
    /// An exercise: the bulletin says on every page that people and figures are made up.
    pub exercise: bool,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct Report {
    /// The day.
    pub date: CivilDate,
    /// Files read, with their counts.
    pub files: Vec<Read>,
    /// Whether anything was done that had not been done before.
    pub changed: bool,
    /// Signature, once the day is closed.
    pub signature: Option<String>,
    /// The bulletin, once the day is closed.
    pub bulletin: Option<Bulletin>,
    /// What is open, by name.
    pub open: Vec<OpenItem>,
}

/// Says how far a run has come: a step, and its share done where that is known.
pub type Watch<'a> = &'a mut (dyn FnMut(&str, Option<f64>) + Send);

/// The pack of a name: an id, or a disease with a pack in force on the day.
pub fn pack_for<'p>(packs: &'p Packs, name: &str, day: CivilDate) -> Result<&'p Pack, OpsError> {
    packs.named(name).or_else(|| packs.in_force(name, day)).ok_or_else(|| OpsError::NoPack {
        name: name.to_owned(),
        day,
        known: packs.iter().map(|pack| pack.id.clone()).collect::<Vec<_>>().join(", "),
    })
}

/// Runs a day.
pub async fn run(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    folder: &Folder,
    plan: &Plan,
    watch: Watch<'_>,
) -> Result<Report, OpsError> {
    let date = match plan.date {
        Some(date) => date,
        None => intake::latest_day(folder, &settings.zone)?,
    };
    let pack = pack_for(packs, &plan.pack, date)?;
    let day = Day::whole(date, pack, settings);
    let scope = Scope::of(intake::city(folder, &settings.zone)?);
    let digests = folder.digests(watch)?;
    if let Some(closed) = refuse_if_closed(store, &scope, &day, &digests).await? {
        return Ok(closed);
    }
    keep_questions(store, &scope, &day).await?;
    let (files, landed) = intake::run(store, &scope, &day, folder, &digests, plan.atomic, watch).await?;
    let mut changed = landed;
    let evidence = digest_of(&digests, &day);
    let pass = begin(store, &scope, &day, &evidence).await?;
    for station in STATIONS {
        watch(station, None);
        let mut tx = store.turn_of_many(&scope).await?;
        let key = format!("day/{date}/{station}/{evidence}");
        if tx.once(BY_RULE, &key, &evidence).await? != Once::Fresh {
            continue;
        }
        station_of(station, &mut tx, &day, None).await?;
        tx.done(BY_RULE, &key, &evidence, "done", day.end).await?;
        tx.commit().await?;
        changed = true;
    }
    if plan.keep_open {
        let mut tx = store.begin(&scope).await?;
        let open = tx.open_items().await?;
        return Ok(Report { date, files, changed, signature: None, bulletin: None, open });
    }
    watch("books", None);
    let mut tx = store.turn_of_many(&scope).await?;
    let closed = books::close(&mut tx, &day).await?;
    let mut bulletin = bulletin::fill(&mut tx, &day, &closed).await?;
    if plan.exercise {
        bulletin.notes.insert(0, "made-up".to_owned());
    }
    tx.keep_bulletin(&bulletin, None).await?;
    let open = tx.carried(date).await?;
    // the first look of a server is then one at a new day
    tx.strike(pass, day.end, None).await?;
    line::looked(&mut tx, &day, pass).await?;
    tx.commit().await?;
    Ok(Report { date, files, changed: true, signature: closed.signature, bulletin: Some(bulletin), open })
}

/// Runs one station as of the end of a day, in the transaction given: on everybody, or on those of a focus.
pub(crate) async fn station_of(
    station: &str,
    tx: &mut Scoped,
    day: &Day<'_>,
    focus: Option<&Focus>,
) -> Result<(), OpsError> {
    match station {
        "screening" => screening::run(tx, day, focus).await,
        "cases" => cases::run(tx, day, focus).await.map(drop),
        "tracing" => tracing::run(tx, day, focus).await,
        "measures" => measures::run(tx, day, focus).await,
        "transfer" => transfer::run(tx, day, focus).await,
        "obligations" => obligations::run(tx, day, focus).await,
        _ => welfare::run(tx, day, focus).await,
    }
}

/// Answers that come with the first files are answers to the questions of the pack.
async fn keep_questions(store: &Store, scope: &Scope, day: &Day<'_>) -> Result<(), OpsError> {
    let mut tx = store.turn(scope).await?;
    investigation::keep(&mut tx, day, scope.division()).await?;
    tx.commit().await?;
    Ok(())
}

/// Begins the pass of the line that a run is; a run that was cut off goes on in the one it began.
async fn begin(store: &Store, scope: &Scope, day: &Day<'_>, evidence: &str) -> Result<i64, OpsError> {
    let mut tx = store.turn(scope).await?;
    let key = format!("day/{}/pass/{evidence}", day.date);
    if let Once::Replay(pass) = tx.once(BY_RULE, &key, evidence).await? {
        return pass.parse().map_err(|_| OpsError::Inside(format!("the pass of {} is no number: {pass}", day.date)));
    }
    let pass = tx.begin_pass().await?;
    tx.done(BY_RULE, &key, evidence, &pass.to_string(), day.end).await?;
    tx.commit().await?;
    Ok(pass)
}

/// Digest of everything that the decisions of a day rest on: its files and the rules in force.
fn digest_of(digests: &[(String, String)], day: &Day<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(day.pack.label());
    for (name, digest) in digests {
        hash.update([0]);
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(digest.as_bytes());
    }
    hex(&hash.finalize())
}

/// A closed day takes nothing more. The same folder again is answered from the books; another one is refused.
async fn refuse_if_closed(
    store: &Store,
    scope: &Scope,
    day: &Day<'_>,
    digests: &[(String, String)],
) -> Result<Option<Report>, OpsError> {
    let mut tx = store.begin(scope).await?;
    if let Some(before) = tx.day_before(day.date).await?.filter(|before| before.closed_at.is_none()) {
        return Err(OpsError::EarlierOpen { open: before.day, day: day.date });
    }
    let Some(row) = tx.day(day.date).await? else {
        return match tx.last_day().await? {
            Some(last) if last.day > day.date => Err(OpsError::Past { last: last.day, day: day.date }),
            _ => {
                tx.open_day(day.date, day.start).await?;
                tx.commit().await?;
                Ok(None)
            }
        };
    };
    if row.closed_at.is_none() {
        return Ok(None);
    }
    let taken = tx.files_of(day.date).await?;
    let other: Vec<&str> = digests
        .iter()
        .filter(|(name, digest)| !taken.iter().any(|(n, d, _)| n == name && d == digest))
        .map(|(name, _)| name.as_str())
        .collect();
    if !other.is_empty() {
        return Err(OpsError::ClosedDay {
            day: day.date,
            signature: row.signature.unwrap_or_default(),
            files: other.join(", "),
        });
    }
    let files = taken.into_iter().map(|(name, _, tally)| Read { name, tally }).collect();
    Ok(Some(Report {
        date: day.date,
        files,
        changed: false,
        signature: row.signature,
        bulletin: tx.bulletin(day.date).await?,
        open: tx.carried(day.date).await?,
    }))
}
