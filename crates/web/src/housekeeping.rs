//! What the server does by itself: it runs the line after evidence and at a steady beat, notices a new day, and forgets
//! keys of commands that are too old to be repeated. One task does it, so nothing runs twice at once; its failures are
//! logged, told to `/readyz` and the figures, and never stop the server.

use crate::app::{App, Setup};
use dayclear_core::{
    rounds::RoundState,
    time::{CivilDate, HOUR, Instant},
};
use dayclear_ops::{
    OpsError, allot, deliveries, dispatch,
    identity::{self, Keys},
    line::{self, AtOnce},
    minutes::BY_RULE,
    plans, quality, road, situation, yields,
};
use dayclear_store::StoreError;
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time};

/// Evidence that comes in one after the other is waited for so long before the line runs on all of it.
const GATHER: Duration = Duration::from_millis(200);
/// After a run the line rests so many times as long as it took: what people do comes between. Its turns are short, so that it need not
/// rest for long.
const REST: u32 = 2;
/// It rests no longer than that: somebody may wait for what it decides.
const REST_MAX: Duration = Duration::from_secs(5);
/// The results of laboratories are judged so often.
const LOOK_EVERY_MIN: i64 = 60;
/// What rounds find is counted so often.
const COUNT_EVERY_MIN: i64 = 60;
/// Where the outbreak stands is worked out so often.
const STAND_EVERY_MIN: i64 = 60;
/// A roster that came by files is compared, person by person, in turns so short that nobody waits long for one. None begins while
/// somebody asks for something, or has a moment ago: of a large city it takes hours, and under load people would wait for turns.
const COMPARED: Keys = Keys::Beside(100);
/// A moment.
const QUIET: Duration = Duration::from_millis(250);
/// So long at a time.
const COMPARE_FOR: Duration = Duration::from_millis(1_000);
/// The log of what coverage has to look at anew is kept for the recount of rounds that were closed so long ago at most, and never
/// shorter than so many entries, which a kept board may still have to read.
const COVERAGE_KEPT_D: i64 = 30;
/// See above.
const COVERAGE_KEPT: i64 = 20_000;
/// Keys of commands are forgotten so often.
const FORGET_EVERY: Duration = Duration::from_secs(3_600);

/// Runs the line as of now.
pub type Pass = Arc<dyn Fn(Arc<App>) -> BoxFuture<'static, Result<(), OpsError>> + Send + Sync>;

/// The stations of the city, run as of now.
pub fn stations() -> Pass {
    let beside = Arc::new(tokio::sync::Mutex::new(()));
    Arc::new(move |app: Arc<App>| {
        let beside = Arc::clone(&beside);
        async move {
            let Setup { packs, settings, pack, .. } = &app.setup;
            let at_once = AtOnce::BESIDE_PEOPLE;
            let done = line::pass_by(app.store(), packs, settings, pack, &app.own_scope(), app.now(), at_once).await?;
            let road = road::look(app.store(), packs, settings, pack, &app.own_scope(), app.now()).await?;
            if road != road::Looked::default() {
                let road::Looked { silent, ended, forgotten } = road;
                tracing::info!(target: "dayclear::road", silent, ended, forgotten, "the road was looked at");
            }
            if let Some(looked) =
                quality::look(app.store(), packs, settings, pack, &app.own_scope(), app.now(), LOOK_EVERY_MIN).await?
            {
                tracing::info!(
                    target: "dayclear::quality",
                    results = looked.results,
                    laboratories = looked.laboratories,
                    signals = looked.seen.len(),
                    alarms = looked.alarmed.len(),
                    "the results of the last day were judged"
                );
            }
            begin_beside(&app, &beside);
            let since = time::Instant::now();
            while since.elapsed() < COMPARE_FOR && app.gate.is_quiet_for(QUIET) {
                let (store, now) = (app.store(), app.now());
                if identity::go_on(store, packs, settings, pack, &app.own_scope(), now, COMPARED).await? {
                    break;
                }
                // more is left: the line comes back soon
                app.line.nudge();
            }
            if done.ran {
                tracing::info!(
                    target: "dayclear::line",
                    day = done.day.to_string(),
                    changed = done.changed,
                    escalated = done.escalated,
                    "the stations ran"
                );
            }
            Ok(())
        }
        .boxed()
    })
}

/// What is worked out beside the line begins, unless the one before is still at it: the next run of the line does not wait for it.
fn begin_beside(app: &Arc<App>, one_at_a_time: &Arc<tokio::sync::Mutex<()>>) {
    let Ok(held) = Arc::clone(one_at_a_time).try_lock_owned() else { return };
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let _held = held;
        match plan_and_count(&app).await {
            Ok(()) => app.live.nudge(),
            Err(error) => {
                let (kind, told) = crate::logs::trouble(&error);
                tracing::error!(target: "dayclear::beside", kind, told, "what is worked out beside the line failed");
            }
        }
    });
}

/// Rounds without a plan are planned, boxes are given to laboratories, transfers are planned together, parcels that wait get onto runs, what
/// rounds find is counted, and where the outbreak stands is worked out: beside the line, because nobody's decision waits for it.
async fn plan_and_count(app: &Arc<App>) -> Result<(), OpsError> {
    let Setup { packs, settings, pack, .. } = &app.setup;
    let (store, scope) = (app.store(), app.own_scope());
    if plans::go_on(store, packs, settings, pack, &scope, app.now()).await? > 0 {
        // there may be more than are planned at a time
        app.line.nudge();
        tracing::info!(target: "dayclear::rounds", "rounds were planned");
    }
    if let Some(allotted) = allot::look(store, packs, settings, pack, &scope, app.now()).await? {
        let (boxes, changed, without) = (allotted.boxes, allotted.changed, allotted.without);
        tracing::info!(target: "dayclear::boxes", boxes, changed, without, "boxes were given to laboratories");
    }
    if let Some(done) = dispatch::look(store, packs, settings, pack, &scope, app.now()).await? {
        let dispatch::Looked { people, changed, waiting, saved_min } = done;
        tracing::info!(target: "dayclear::dispatch", people, changed, waiting, saved_min, "transfers were planned together");
    }
    let repaired = deliveries::repair::look(store, packs, settings, pack, &scope, app.now()).await?;
    if repaired.depots > 0 {
        let deliveries::repair::Repaired { depots, runs, left } = repaired;
        tracing::info!(target: "dayclear::deliveries", depots, runs, left, "parcels that waited got onto runs");
    }
    if dispatch::capacity::look(store, packs, settings, pack, &scope, app.now()).await? {
        tracing::debug!(target: "dayclear::dispatch", "demand and capacity were set beside each other");
    }
    yields::look(store, &scope, app.now(), COUNT_EVERY_MIN).await?;
    if let Some(needs) = &app.needs
        && let Some(looked) =
            situation::look(store, packs, settings, needs, pack, &scope, app.now(), STAND_EVERY_MIN).await?
    {
        let situation::Looked { days, units, kept } = looked;
        tracing::info!(target: "dayclear::situation", days, units, kept, "the situation was worked out");
    }
    Ok(())
}

/// How the line stands.
pub struct Line {
    good: Mutex<Option<time::Instant>>,
    evidence: Notify,
}

impl Default for Line {
    fn default() -> Self {
        Line { good: Mutex::new(None), evidence: Notify::new() }
    }
}

impl Line {
    /// Since the last good run; nothing where no line runs.
    pub fn age(&self) -> Option<Duration> {
        self.good.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }
    /// Evidence came in: the line runs soon.
    pub fn nudge(&self) {
        self.evidence.notify_one();
    }
    fn went_well(&self) {
        *self.good.lock().unwrap_or_else(PoisonError::into_inner) = Some(time::Instant::now());
    }
}

/// Keeps house until the server stops.
pub async fn run(app: Arc<App>, pass: Option<Pass>) {
    let mut stop = app.stop.subscribe();
    let beat = Duration::from_secs(app.config.housekeeping.line_every_s);
    let mut forgot: Option<time::Instant> = None;
    let mut day: Option<CivilDate> = None;
    if pass.is_some() {
        // counted from the start, so that a line that never runs shows
        app.line.went_well();
    }
    loop {
        day = new_day(&app, day);
        let mut rest = GATHER;
        if let Some(pass) = &pass {
            rest = rest.max(run_line(&app, pass).await * REST).min(REST_MAX);
        }
        if forgot.is_none_or(|at| at.elapsed() >= FORGET_EVERY) {
            forget(&app).await;
            forgot = Some(time::Instant::now());
        }
        tokio::select! {
            () = stop.wait_for(|stopped| *stopped).map(drop) => return,
            () = time::sleep(beat) => {}
            () = app.line.evidence.notified() => time::sleep(rest).await,
        }
    }
}

/// Runs the line once; how long that took. A panic in it is a failure like any other.
async fn run_line(app: &Arc<App>, pass: &Pass) -> Duration {
    let since = time::Instant::now();
    let outcome = AssertUnwindSafe(pass(Arc::clone(app))).catch_unwind().await;
    let took = since.elapsed();
    let good = matches!(outcome, Ok(Ok(())));
    app.metrics.line(took, good);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Ok(Ok(())) => {
            app.line.went_well();
            app.live.nudge();
            keep_board(app).await;
            // beside the line: a file of hundreds of megabytes is no reason for it to wait
            tokio::spawn(crate::coverage::keep_now_and_then(Arc::clone(app)));
            tracing::debug!(target: "dayclear::line", ms, "the line ran");
        }
        Ok(Err(error)) => {
            let (kind, told) = crate::logs::trouble(&error);
            tracing::error!(target: "dayclear::line", ms, kind, told, "the line failed");
        }
        Err(_) => tracing::error!(target: "dayclear::line", ms, kind = "panic", "the line failed"),
    }
    took
}

/// While a round is open its board follows what comes in, so that nobody waits for it at a page. Nobody waits for it here
/// either, and whoever asks for it is told of its trouble.
async fn keep_board(app: &Arc<App>) {
    let Ok(mut tx) = app.store().look(&app.own_scope()).await else { return };
    let open = tx.rounds_in(RoundState::Open).await;
    drop(tx);
    if open.is_ok_and(|open| !open.is_empty()) {
        let _ = app.board_by_now(Some(Duration::ZERO)).await;
    }
}

fn new_day(app: &App, known: Option<CivilDate>) -> Option<CivilDate> {
    let today = app.zone().day(app.now());
    if known.is_some_and(|known| known != today) {
        tracing::info!(target: "dayclear::day", day = today.to_string(), "a new day has begun");
        app.live.nudge();
    }
    Some(today)
}

async fn forget(app: &App) {
    let kept_h =
        i64::try_from(app.config.housekeeping.command_keys_kept_d).unwrap_or(i64::MAX / 100).saturating_mul(24);
    let before = Instant::from_micros(app.now().micros().saturating_sub(kept_h.saturating_mul(HOUR)));
    match forget_before(app, before).await {
        Ok(0) => {}
        Ok(keys) => tracing::info!(target: "dayclear::keys", keys, "old keys of commands were forgotten"),
        Err(error) => {
            tracing::warn!(target: "dayclear::keys", told = error.told(), "keys are kept");
        }
    }
}

async fn forget_before(app: &App, before: Instant) -> Result<u64, StoreError> {
    let mut tx = app.store().begin(&app.own_scope()).await?;
    let keys = tx.forget_commands(before, BY_RULE).await?;
    tx.cut_coverage_log(app.now().plus_hours(-24 * COVERAGE_KEPT_D), COVERAGE_KEPT).await?;
    tx.commit().await?;
    Ok(keys)
}
