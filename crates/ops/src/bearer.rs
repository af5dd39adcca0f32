//! Whoever has a paper, or lives in an area, without an account: they read the paper on any telephone, appeal, and are told what became of
//! it. It may use the desk, whose commands it gives as whoever looks after their community would; it guarantees that a paper is opened by
//! its code alone, that opening it is a step of its course, and that an appeal has a number, a clock, and a secret or a code by which it
//! is followed.

use crate::{
    OpsError,
    desk::{self, DeskError, Doing, Given, Refusal, Report, again, appeals::SECRET, digest_of, room},
    listing::Looker,
    minutes::Minutes,
    public::{Counter, SECRET_BYTES},
    transfer::home,
};
use dayclear_core::{
    access::{Duty, Role},
    command::Command,
    divisions::DivisionCode,
    listing::Cell,
    measures::{AppealOn, AppealWay, NoticeState, NoticeWay},
    time::Instant,
    transfer::TransferState,
};
use dayclear_store::{
    Scoped, Store,
    appeals::AppealTold,
    events::hex,
    notices::{Notice, NoticeStep, Printed},
};
use serde_json::json;

/// Who acts where nobody has an account.
pub(crate) const PUBLIC: &str = "public";

pub(crate) fn looker(role: Role, division: &DivisionCode) -> Looker {
    let duty = Duty { role, division: division.clone(), site: None };
    Looker { account: PUBLIC.to_owned(), duty, glass: Default::default() }
}

pub(crate) fn doing<'a>(counter: &Counter<'a>, looker: &'a Looker) -> Doing<'a> {
    Doing {
        looker,
        now: counter.now,
        stepped_up: false,
        packs: counter.packs,
        pack: counter.pack,
        settings: counter.settings,
        key: None,
        keys: None,
    }
}

/// Opens the paper of a number whose code was given: what stands on it. Whoever opens it has it and has read it. `None`: there is none.
pub async fn open(store: &Store, counter: &Counter<'_>, number: i64) -> Result<Option<Printed>, DeskError> {
    let mut tries = 0;
    loop {
        match opened(store, counter, number).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn opened(store: &Store, counter: &Counter<'_>, number: i64) -> Result<Option<Printed>, DeskError> {
    let mut tx = store.look(counter.city).await?;
    let Some(paper) = tx.notice_of_number(number).await? else { return Ok(None) };
    if matches!(paper.state, NoticeState::Read | NoticeState::Void) {
        return Ok(tx.printed(&[&paper.id]).await?.pop());
    }
    drop(tx);
    let mut tx = store.turn(counter.city).await?;
    let who = looker(Role::CommunityWorker, &paper.division);
    let doing = doing(counter, &who);
    let room = room(&mut tx, &doing).await?;
    // as it stands now that it is our turn
    let Some(paper) = tx.notice_of_number(number).await? else { return Ok(None) };
    if !matches!(paper.state, NoticeState::Read | NoticeState::Void) {
        let step = |step| NoticeStep {
            step,
            at: counter.now,
            recorded_at: counter.now,
            account: PUBLIC.to_owned(),
            way: Some(NoticeWay::Page),
            who: None,
            reason: None,
        };
        let mut steps: Vec<(&Notice, NoticeStep)> = Vec::new();
        if paper.handed_at.is_none() {
            steps.push((&paper, step(NoticeState::Handed)));
        }
        steps.push((&paper, step(NoticeState::Read)));
        tx.add_notice_steps(&steps).await?;
        let mut minutes = Minutes::by(&room.day, PUBLIC);
        let body = json!({"kind": paper.kind, "subject": paper.subject, "way": NoticeWay::Page, "at": counter.now});
        minutes.event(counter.now, "notice.read", &paper.id, &paper.division, &body, None)?;
        minutes.hand_in(&mut tx).await?;
    }
    let printed = tx.printed(&[&paper.id]).await?.pop();
    tx.commit().await?;
    Ok(printed)
}

/// What may be appealed against by whoever has a paper: the order, or what an appeal that was decided was about.
fn against(paper: &Printed) -> (AppealOn, String) {
    match (&paper.appeal, &paper.area) {
        (Some(appeal), _) => (appeal.on, appeal.subject.clone()),
        (None, Some(_)) => (AppealOn::Area, paper.notice.subject.clone()),
        (None, None) => (AppealOn::Order, paper.notice.subject.clone()),
    }
}

/// Appeals against what a paper is about, the latest first.
pub async fn appeals(tx: &mut Scoped, paper: &Printed) -> Result<Vec<AppealTold>, OpsError> {
    Ok(tx.appeals_told(&against(paper).1).await?)
}

/// The ride or the stay of whoever has a paper, as they are told of it: before, on the way, at arrival, and on the way home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ride {
    /// How it stands: `requested`, `booked`, `underway`, `admitted`; for the way home with `home-` before it, and `home-now` of whoever is
    /// on the way when the order has ended.
    pub stands: &'static str,
    /// Name of the place where to, or from which the way home leads.
    pub place: Option<String>,
    /// Planned at the door.
    pub pickup_at: Option<Instant>,
    /// Planned at the place.
    pub arrive_at: Option<Instant>,
    /// Since when they are there.
    pub admitted_at: Option<Instant>,
}

/// The ride of whoever a paper is for; `None`: there is none, or it is over. No bed, vehicle or other person is told.
pub async fn ride(tx: &mut Scoped, paper: &Printed) -> Result<Option<Ride>, OpsError> {
    let Some((_, number)) = &paper.notice.person else { return Ok(None) };
    let Some(one) = tx.live_transfers_of(&[*number]).await?.pop() else { return Ok(None) };
    let stands = match (home::leads_home(&one), one.state) {
        _ if home::is_going(&one) && !home::leads_home(&one) => "home-now",
        (false, TransferState::Requested) => "requested",
        (false, TransferState::Booked) => "booked",
        (false, TransferState::Underway) => "underway",
        (false, TransferState::Admitted) => "admitted",
        (true, TransferState::Requested) => "home-requested",
        (true, TransferState::Booked) => "home-booked",
        (true, TransferState::Underway) => "home-underway",
        _ => return Ok(None),
    };
    let facilities = tx.facilities().await?;
    let place = facilities.into_iter().find(|place| Some(&place.facility) == one.facility.as_ref());
    Ok(Some(Ride {
        stands,
        place: place.map(|place| place.name),
        pickup_at: one.pickup_at,
        arrive_at: one.arrive_at,
        admitted_at: one.admitted_at,
    }))
}

/// Appeals against what a paper is about: the number of the appeal. The code of the paper finds it again.
pub async fn appeal(store: &Store, counter: &Counter<'_>, paper: &Printed, words: &str) -> Result<String, DeskError> {
    let (on, subject) = against(paper);
    file(store, counter, on, &subject, &paper.notice.division, words, None).await
}

/// Appeals against an area that stands: the number of the appeal, and the secret by which it is followed, this once. `chance` is fresh
/// randomness of the caller. `None`: there is no such area.
pub async fn appeal_against_area(
    store: &Store,
    counter: &Counter<'_>,
    area: &str,
    words: &str,
    chance: [u8; SECRET_BYTES],
) -> Result<Option<(String, String)>, DeskError> {
    let mut tx = store.look(counter.city).await?;
    let Some(zone) = tx.zones_by_id(&[area]).await?.pop() else { return Ok(None) };
    drop(tx);
    let secret = hex(&chance);
    let number = file(store, counter, AppealOn::Area, area, &zone.division, words, Some(&seal(&secret))).await?;
    Ok(Some((number, secret)))
}

/// What is kept of a secret.
fn seal(secret: &str) -> String {
    digest_of(&[b"dayclear appeal", secret.as_bytes()])
}

/// How the appeal of a secret stands; `None`: there is no such secret.
pub async fn follow(tx: &mut Scoped, secret: &str) -> Result<Option<AppealTold>, OpsError> {
    let hexadecimal = secret.len() == SECRET_BYTES * 2 && secret.bytes().all(|b| b.is_ascii_hexdigit());
    if !hexadecimal {
        return Ok(None);
    }
    Ok(tx.appeal_of_secret(&seal(&secret.to_ascii_lowercase())).await?)
}

async fn file(
    store: &Store,
    counter: &Counter<'_>,
    on: AppealOn,
    subject: &str,
    division: &DivisionCode,
    words: &str,
    secret_hash: Option<&str>,
) -> Result<String, DeskError> {
    let list = match on {
        AppealOn::Order => "orders",
        AppealOn::Area => "areas",
    };
    let command =
        Command::named(list, "appeal").ok_or_else(|| OpsError::Inside(format!("no command {list}.appeal")))?;
    let given: Given =
        [("way".to_owned(), AppealWay::Page.name().to_owned()), ("words".to_owned(), words.to_owned())].into();
    let mut input = desk::read(command.fields, &given, &counter.settings.zone)?;
    if let Some(hash) = secret_hash {
        input.insert(SECRET, Cell::Text(hash.to_owned()));
    }
    let who = looker(Role::CommunityWorker, division);
    let Report { .. } = desk::perform(store, &doing(counter, &who), command, &[subject.to_owned()], &input).await?;
    let mut tx = store.look(counter.city).await?;
    let latest = tx.appeals_told(subject).await?.into_iter().next();
    Ok(latest.ok_or(Refusal::Unknown)?.id)
}
