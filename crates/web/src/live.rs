//! Live updates: `GET /live?topics=cases,beds` tells a page that something in its division changed, as server-sent events.
//! One task reads the chain of events for all; what it announces is a topic and a number and nothing else, and only to
//! those who may read that list in that division. A page asks again for what it shows.

use crate::{
    app::App,
    caller::{self, Caller},
    limits::Endless,
    problem::Problem,
    routing::get,
};
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use dayclear_core::{access::Role, divisions::DivisionCode, listing::Listing};
use dayclear_store::watch::Happened;
use futures_util::{FutureExt, Stream, stream};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, broadcast, watch};

/// Topics with the kinds of events that belong to them (the part before the dot), and the list that one must be able to
/// read to be told.
const TOPICS: &[(&str, &[&str], &str)] = &[
    (
        "items",
        &[
            "item",
            "case",
            "contact",
            "transfer",
            "order",
            "notice",
            "zone",
            "request",
            "result",
            "pool",
            "supply",
            "ticket",
            "treatment",
            "obligation",
            "letter",
        ],
        "items",
    ),
    ("cases", &["case", "result"], "cases"),
    ("contacts", &["contact", "exposure", "letter", "letters", "message", "sending"], "contacts"),
    ("orders", &["order", "notice"], "orders"),
    ("transfers", &["transfer", "trip"], "transfers"),
    // of vehicles on the road: nothing of them is in the chain, and it is told of by the clock
    ("positions", &["trip"], "trips"),
    ("beds", &["bed", "stay", "transfer"], "beds"),
    ("areas", &["zone", "area", "exemption"], "areas"),
    ("tubes", &["tube", "pool", "result", "file"], "tubes"),
    ("requests", &["request", "mediation"], "requests"),
    ("tickets", &["ticket"], "tickets"),
    ("treatments", &["treatment"], "treatments"),
    ("obligations", &["obligation", "report"], "obligations"),
    ("reports", &["report"], "reports"),
    ("gates", &["gate"], "gate_days"),
    ("supplies", &["supply", "parcel"], "supplies"),
    ("books", &["day", "book", "books"], "days"),
    ("bulletins", &["bulletin"], "days"),
    ("imports", &["file", "doubt", "import"], "files"),
];
/// Announcements that a slow stream may be behind before it is told to begin again.
const BATCHES_MAX: usize = 64;
/// While vehicles are on the road, pages that show them look again so often: a sign of life is news, and so is the lack of one.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// Events that are read at once.
const READ_ROWS_MAX: u32 = 5_000;

/// What changed since the last look: the last event of each topic and division.
#[derive(Debug)]
struct Batch {
    last: i64,
    /// Topic, division, and the number of the last event; of what no event tells, none.
    changed: Vec<(&'static str, String, Option<i64>)>,
}

impl Batch {
    fn of(happened: &[Happened], last: i64) -> Batch {
        let mut changed = BTreeMap::new();
        for event in happened {
            let station = event.kind.split('.').next().unwrap_or_default();
            for (topic, _, _) in TOPICS.iter().filter(|(_, kinds, _)| kinds.contains(&station)) {
                changed.insert((*topic, event.division.as_str()), event.seq);
            }
        }
        let changed = changed.into_iter().map(|((topic, division), seq)| (topic, division.to_owned(), Some(seq)));
        Batch { last, changed: changed.collect() }
    }
}

/// The hub.
pub struct Live {
    batches: broadcast::Sender<Arc<Batch>>,
    seen: AtomicI64,
    woken: Notify,
    streams: Mutex<HashMap<String, usize>>,
}

impl Default for Live {
    fn default() -> Self {
        Live {
            batches: broadcast::channel(BATCHES_MAX).0,
            seen: AtomicI64::new(0),
            woken: Notify::new(),
            streams: Mutex::default(),
        }
    }
}

/// A stream that is counted; it ends when this is dropped.
struct Counted {
    app: Arc<App>,
    account: String,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut streams = self.app.live.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = streams.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                streams.remove(&self.account);
            }
        }
    }
}

impl Live {
    /// Looks now instead of at the next turn: a command was done.
    pub fn nudge(&self) {
        self.woken.notify_one();
    }

    /// Number of the last event that is told of by now: whatever is read from here on shows it.
    pub fn seen(&self) -> i64 {
        self.seen.load(Ordering::SeqCst)
    }

    /// Streams at this moment.
    pub fn streams(&self) -> usize {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    fn count(app: &Arc<App>, account: &str) -> Result<Counted, Problem> {
        let limits = &app.config.live;
        let mut streams = app.live.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = streams.values().sum();
        let own = streams.entry(account.to_owned()).or_default();
        if *own >= limits.account_streams_max {
            let detail = format!("{} pages of this account are live already; close one", limits.account_streams_max);
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-streams", "Too many live pages", detail));
        }
        if all >= limits.streams_max {
            let mut problem = Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "Too much to do",
                "too many pages are live; this one does not change by itself until there is room",
            );
            problem.retry_after_s = Some(30 + u64::from(app.byte()) % 60);
            return Err(problem);
        }
        *own += 1;
        Ok(Counted { app: Arc::clone(app), account: account.to_owned() })
    }
}

/// Reads the chain for all streams until the server stops. It never ends by trouble of the store.
pub async fn run(app: Arc<App>) {
    let mut stop = app.stop.subscribe();
    let mut started = false;
    let mut looked = tokio::time::Instant::now();
    let pause = Duration::from_millis(app.config.live.poll_ms);
    loop {
        match read(&app, &mut started).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(target: "dayclear::live", told = error.told(), "no look"),
        }
        if looked.elapsed() >= LOOK_AGAIN {
            looked = tokio::time::Instant::now();
            if let Err(error) = read_road(&app).await {
                tracing::warn!(target: "dayclear::live", told = error.told(), "no look at the road");
            }
        }
        tokio::select! {
            () = stop.wait_for(|stopped| *stopped).map(drop) => return,
            () = tokio::time::sleep(pause) => {}
            () = app.live.woken.notified() => {}
        }
    }
}

/// Reads what is new; whether there may be more.
async fn read(app: &App, started: &mut bool) -> Result<bool, dayclear_store::StoreError> {
    let mut tx = app.store().glance(&app.own_scope()).await?;
    if !*started {
        app.live.seen.store(tx.chain_head().await?.0, Ordering::SeqCst);
        *started = true;
        return Ok(false);
    }
    let happened = tx.happened_after(app.live.seen.load(Ordering::SeqCst), READ_ROWS_MAX).await?;
    drop(tx);
    let Some(last) = happened.last().map(|event| event.seq) else { return Ok(false) };
    app.live.seen.store(last, Ordering::SeqCst);
    // nobody listens: nothing to tell
    let _ = app.live.batches.send(Arc::new(Batch::of(&happened, last)));
    Ok(happened.len() == READ_ROWS_MAX as usize)
}

/// Tells those who have people on the road to look again.
async fn read_road(app: &App) -> Result<(), dayclear_store::StoreError> {
    if app.live.batches.receiver_count() == 0 {
        return Ok(());
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    let divisions = tx.divisions_on_the_road().await?;
    drop(tx);
    if !divisions.is_empty() {
        let changed = divisions.into_iter().map(|division| ("positions", division, None)).collect();
        // it is told of by no number, so nobody has missed it who comes back
        let _ = app.live.batches.send(Arc::new(Batch { last: app.live.seen.load(Ordering::SeqCst), changed }));
    }
    Ok(())
}

/// Routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/live", get(open))
}

/// Topics that exist for a role.
pub fn topics(role: Role) -> impl Iterator<Item = &'static str> {
    TOPICS.iter().filter(move |(_, _, list)| readable(list, role)).map(|(topic, _, _)| *topic)
}

fn readable(list: &str, role: Role) -> bool {
    Listing::named(list).is_none_or(|listing| listing.readable_by(role))
}

/// One stream.
struct Open {
    topics: Vec<&'static str>,
    division: DivisionCode,
    batches: broadcast::Receiver<Arc<Batch>>,
    stop: watch::Receiver<bool>,
    /// Events up to here have been told.
    told: i64,
    ready: VecDeque<Event>,
    session: Option<String>,
    look: tokio::time::Interval,
    counted: Counted,
}

impl Open {
    /// Makes the announcements of a batch ready: one for each topic that changed in the division.
    fn take(&mut self, batch: &Batch) {
        let mut last = BTreeMap::new();
        for (topic, division, seq) in &batch.changed {
            let own = division.starts_with(self.division.as_str());
            if seq.is_none_or(|seq| seq > self.told) && own && self.topics.contains(topic) {
                let highest = last.entry(*topic).or_insert(*seq);
                *highest = (*highest).max(*seq);
            }
        }
        self.told = self.told.max(batch.last);
        self.ready.extend(last.into_iter().map(|(topic, seq)| event(topic, seq)));
    }
}

/// The number is the event's; a page that comes back says it, and is told what it missed.
fn event(topic: &str, seq: Option<i64>) -> Event {
    let Some(seq) = seq else {
        return Event::default().event(topic).data(format!("{{\"topic\":\"{topic}\"}}"));
    };
    let data = format!("{{\"topic\":\"{topic}\",\"seq\":{seq}}}");
    Event::default().event(topic).id(seq.to_string()).data(data)
}

async fn open(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
    session: caller::Token,
) -> Result<Response, Problem> {
    let role = caller.looker.duty.role;
    let wanted = parameters.get("topics").map(String::as_str).unwrap_or_default();
    let mut wanted_topics = Vec::new();
    for word in wanted.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let topic = topics(role).find(|topic| *topic == word).ok_or_else(|| no_topic(role))?;
        wanted_topics.push(topic);
    }
    if wanted_topics.is_empty() {
        return Err(no_topic(role));
    }
    let counted = Live::count(&app, &caller.looker.account)?;
    // listen first, then catch up: what happens in between is told once, by its number
    let batches = app.live.batches.subscribe();
    let seen = app.live.seen.load(Ordering::SeqCst);
    let mut look = tokio::time::interval(Duration::from_secs(app.config.live.keep_alive_s));
    look.tick().await;
    let mut open = Open {
        topics: wanted_topics,
        division: caller.looker.duty.division.clone(),
        batches,
        stop: app.stop.subscribe(),
        told: seen,
        ready: VecDeque::new(),
        session: session.0,
        look,
        counted,
    };
    // the browser says where it was when it comes back, and a page that comes first what it showed
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let last = last.or(parameters.get("after").map(String::as_str)).and_then(|last| last.parse::<i64>().ok());
    if let Some(last) = last {
        catch_up(&app, &mut open, last, seen).await?;
    }
    let alive = KeepAlive::new().interval(Duration::from_secs(app.config.live.keep_alive_s)).text("alive");
    let mut response = Sse::new(events(open)).keep_alive(alive).into_response();
    response.extensions_mut().insert(Endless);
    // proxies must not gather what is to arrive at once
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

async fn catch_up(app: &App, open: &mut Open, last: i64, seen: i64) -> Result<(), Problem> {
    let missed_max = i64::from(app.config.live.resume_events_max);
    if last < 0 || last > seen || seen - last > missed_max {
        open.ready.push_back(begin_again(seen));
        return Ok(());
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    let mut happened = tx.happened_after(last, app.config.live.resume_events_max).await?;
    happened.retain(|event| event.seq <= seen);
    open.told = last;
    open.take(&Batch::of(&happened, seen));
    Ok(())
}

/// The page was away too long, or is too slow: it asks for everything again.
fn begin_again(seen: i64) -> Event {
    Event::default().event("reset").id(seen.to_string()).data("{}")
}

fn events(open: Open) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(open, |mut open| async move {
        loop {
            if let Some(event) = open.ready.pop_front() {
                return Some((Ok(event), open));
            }
            tokio::select! {
                () = open.stop.wait_for(|stopped| *stopped).map(drop) => return None,
                batch = open.batches.recv() => match batch {
                    Ok(batch) => open.take(&batch),
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        open.told = open.counted.app.live.seen.load(Ordering::SeqCst);
                        open.ready.push_back(begin_again(open.told));
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                _ = open.look.tick() => {
                    if !caller::holds(&open.counted.app, open.session.as_deref()).await {
                        return None;
                    }
                }
            }
        }
    })
}

fn no_topic(role: Role) -> Problem {
    let known = topics(role).collect::<Vec<_>>().join(", ");
    Problem::new(StatusCode::BAD_REQUEST, "topics", "Which topics?", format!("write ?topics= with some of: {known}"))
}
