//! Results that come one by one land together where they wait for the turn together. Each is read and looked up by itself, while nobody waits
//! for it; whoever has the turn first lands all that wait, in one transaction that asks about as many statements as one of them would. So
//! the more wait, the less each holds the others up, and whoever comes alone waits for nobody. It may use what a call of few uses; it
//! guarantees that each call keeps an event, a count and a key of its own, and that whatever cannot land with others goes its way
//! alone, where it is taken or told why not.

use super::{How, Kept, Named, Rows, Text, allowed_values, follow, inside, open, take_told};
use crate::{
    agenda,
    desk::{DeskError, Doing, city_scope, room},
    intake,
    rows::{Batch, Taker},
    touched::Touched,
};
use dayclear_core::{
    access::Role,
    schema::{RESULTS, Table},
    time::Instant,
};
use dayclear_store::{
    Scoped, Store,
    commands::Once,
    events::NewEvent,
    landing::{Doubt, Progress, Tally, Target, target_of},
};
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot::{self, error::RecvError};

/// Calls that land together at most: each adds some tenths of a millisecond to the turn.
const CALLS_MAX: usize = 32;

/// Where single results wait. A server has one.
#[derive(Default)]
pub struct Together {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    calls: Vec<(u64, Call, Taken)>,
    /// Number of the call that came last.
    last: u64,
}

/// Told when another call takes this one along, with where to hear whether it landed.
type Taken = oneshot::Sender<oneshot::Receiver<bool>>;

/// A call that was read and looked up: all in it is new, and names what is known.
struct Call {
    account: String,
    laboratory: String,
    digest: String,
    /// Its key, and what stands for its content.
    key: Option<(String, String)>,
    named: Named,
    tubes: Vec<i64>,
    batch: Batch,
    now: Instant,
}

impl Together {
    /// As [`super::take`], together with others where that can be.
    pub async fn take(
        &self,
        store: &Store,
        doing: &Doing<'_>,
        table: &'static Table,
        rows: Rows,
        how: How,
    ) -> Result<(Tally, Vec<Doubt>), DeskError> {
        take_told(store, doing, table, rows, how, None, Some(self)).await
    }

    /// Lands a call of results with all others that wait by the time one of them has the turn; `None`: it is to go alone, and nothing was done.
    pub(super) async fn land(
        &self,
        store: &Store,
        doing: &Doing<'_>,
        text: Text<'_>,
        named: &Named,
        content: &str,
    ) -> Result<Option<Tally>, DeskError> {
        let Some(call) = Call::read(store, doing, text, named, content).await? else { return Ok(None) };
        let tally = call.tally();
        let (taken, mut by_another) = oneshot::channel();
        let own = self.waits(call, taken);
        let scope = doing.looker.scope();
        let landed = tokio::select! {
            // who is taken along stops waiting for the turn, which is given back only after that
            biased;
            taken = &mut by_another => heard(taken).await,
            turn = store.turn_by_key(&scope) => match self.own(own) {
                Some(call) => self.take_along(turn?, doing, call).await,
                None => {
                    drop(turn);
                    heard(by_another.await).await
                }
            },
        };
        Ok(landed.then_some(tally))
    }

    /// How many calls wait for one of them to have the turn.
    pub fn waiting(&self) -> usize {
        self.lock().calls.len()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // what waits is whole at every moment, whoever died
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a call among those that wait; its number.
    fn waits(&self, call: Call, taken: Taken) -> u64 {
        let mut waiting = self.lock();
        waiting.last += 1;
        let number = waiting.last;
        waiting.calls.push((number, call, taken));
        number
    }

    /// Takes the own call back; `None`: another has taken it along.
    fn own(&self, number: u64) -> Option<Call> {
        let mut waiting = self.lock();
        let at = waiting.calls.iter().position(|(other, ..)| *other == number)?;
        Some(waiting.calls.remove(at).1)
    }

    /// Lands the own call and those that wait; whether the own one landed. Where that fails each goes alone, and is told why.
    async fn take_along(&self, tx: Scoped, doing: &Doing<'_>, own: Call) -> bool {
        let others: Vec<(u64, Call, Taken)> = {
            let mut waiting = self.lock();
            let most = waiting.calls.len().min(CALLS_MAX - 1);
            waiting.calls.drain(..most).collect()
        };
        let (mut calls, mut answers) = (vec![own], Vec::new());
        for (_, call, taken) in others {
            let (answer, hear) = oneshot::channel();
            // whoever went away before anything was done has nothing done
            if taken.send(hear).is_ok() {
                calls.push(call);
                answers.push(answer);
            }
        }
        let mut landed = land(tx, doing, &mut calls).await.unwrap_or_else(|_| vec![false; calls.len()]).into_iter();
        let own = landed.next().unwrap_or(false);
        for (answer, landed) in answers.into_iter().zip(landed) {
            // they may have gone away meanwhile; what has landed has landed
            let _ = answer.send(landed);
        }
        own
    }
}

/// Whether a call that was taken along has landed; whoever took it along may have been stopped.
async fn heard(taken: Result<oneshot::Receiver<bool>, RecvError>) -> bool {
    match taken {
        Ok(answer) => answer.await.unwrap_or(false),
        Err(_) => false,
    }
}

fn results() -> Result<&'static Target, DeskError> {
    target_of(RESULTS.name).ok_or_else(|| inside("results land nowhere"))
}

impl Call {
    /// Reads a call and looks up what it names, as it stands now and without a turn; `None`: it is to go alone. What is known stays known, as
    /// [`super::parts`] says; what can change is asked again in the turn.
    async fn read(
        store: &Store,
        doing: &Doing<'_>,
        text: Text<'_>,
        named: &Named,
        content: &str,
    ) -> Result<Option<Call>, DeskError> {
        let duty = doing.looker.scope();
        let (Role::Laboratory, Some(laboratory)) = (doing.looker.duty.role, &doing.looker.duty.site) else {
            return Ok(None);
        };
        let mut tx = store.look(&duty).await?;
        if tx.open_day_of_books().await?.is_none() {
            return Ok(None);
        }
        let city = city_scope(&mut tx, doing).await?;
        let references = named.references(&mut tx, &RESULTS, &duty, &city).await?;
        let only = allowed_values(&mut tx, doing, &RESULTS, named).await?;
        let known = tx.digests_of(results()?, &named.keys()).await?;
        drop(tx);
        let tubes = references.tubes();
        let mut taker = Taker::new(&RESULTS, text.source, known, references, [0, 0], 0);
        taker.only(only);
        let mut rows = open(&RESULTS, text.source, text.csv, &doing.settings.zone)?;
        let Some(batch) = taker.next_batch(&mut rows)?.filter(Batch::is_new) else { return Ok(None) };
        Ok(Some(Call {
            account: doing.looker.account.clone(),
            laboratory: laboratory.clone(),
            digest: text.digest.to_owned(),
            key: doing.key.map(|key| (key.to_owned(), content.to_owned())),
            named: named.clone(),
            tubes,
            batch,
            now: doing.now,
        }))
    }

    fn tally(&self) -> Tally {
        Tally { read: self.batch.read, created: self.batch.read, ..Tally::default() }
    }
}

/// Lands calls in one transaction, with all that follows; which of them landed, the others are to go alone.
async fn land(mut tx: Scoped, doing: &Doing<'_>, calls: &mut [Call]) -> Result<Vec<bool>, DeskError> {
    let now = calls.iter().map(|call| call.now).fold(doing.now, Instant::max);
    let room = room(&mut tx, &Doing { now, ..*doing }).await?;
    tx.widen(&room.city);
    let fit = fitting(&mut tx, calls).await?;
    let (mut all, mut named, mut tubes) = (Batch::default(), Named::default(), Vec::new());
    let mut events = Vec::with_capacity(calls.len());
    for call in calls.iter_mut().zip(&fit).filter_map(|(call, fits)| fits.then_some(call)) {
        events.push(NewEvent {
            at: room.day.end,
            actor: call.account.clone().into(),
            kind: "evidence.given",
            subject: RESULTS.name.to_owned(),
            division: room.city.division().clone(),
            body: serde_json::json!({"sha256": call.digest, "tally": call.tally()}).to_string(),
            tells: None,
        });
        named.join(&call.named);
        tubes.append(&mut call.tubes);
        all.created.append(&mut call.batch.created);
        all.created_rows += call.batch.created_rows;
        all.read += call.batch.read;
        all.latest = all.latest.max(call.batch.latest);
    }
    if events.is_empty() {
        return Ok(fit);
    }
    tubes.sort_unstable();
    tubes.dedup();
    let (mut progress, mut touched) = (Progress::default(), Touched::default());
    let doubts = intake::take(&mut tx, room.day.date, &RESULTS, None, all, &mut progress, &mut touched, false).await?;
    if !doubts.is_empty() || !progress.tally.adds_up() {
        return Err(inside("a result that was new and named nothing unknown was kept aside"));
    }
    touched.note(&mut tx).await?;
    let telling = follow::swabs_came(&mut tx, &room, &RESULTS, tubes).await?;
    agenda::followed(&mut tx, &room.day, &RESULTS, &named, &telling).await?;
    tx.chain(room.day.date, room.day.end, &events).await?;
    for (call, _) in calls.iter().zip(&fit).filter(|(_, fits)| **fits) {
        if let Some((key, content)) = &call.key {
            let kept = Kept { tally: call.tally(), doubts: Vec::new() };
            let kept = serde_json::to_string(&kept).map_err(inside)?;
            tx.done(&call.account, key, content, &kept, call.now).await?;
        }
    }
    tx.commit().await?;
    Ok(fit)
}

/// Which calls are still what they were: fresh under a key of their own, of a laboratory that was sent the tube, with rows that nobody has
/// brought meanwhile, and that no other of the calls brings.
async fn fitting(tx: &mut Scoped, calls: &[Call]) -> Result<Vec<bool>, DeskError> {
    let tubes: Vec<&str> = calls.iter().flat_map(|call| call.named.of("tube")).collect();
    let keys: Vec<&str> = calls.iter().flat_map(|call| call.named.keys()).collect();
    let sent = tx.tubes_sent(&tubes).await?;
    let known = tx.digests_of(results()?, &keys).await?;
    let (mut fit, mut seen, mut under) = (Vec::with_capacity(calls.len()), HashSet::new(), HashSet::new());
    for call in calls {
        let sent_there = |tube: &str| sent.get(tube).is_some_and(|sent| sent.may_be_of(&call.laboratory));
        let mut fits = call.named.of("tube").into_iter().all(sent_there)
            && call.named.keys().into_iter().all(|key| known.get(key).is_none() && !seen.contains(key));
        if let (true, Some((key, content))) = (fits, &call.key) {
            fits = under.insert((&call.account, key))
                && matches!(tx.once(&call.account, key, content).await, Ok(Once::Fresh));
        }
        if fits {
            seen.extend(call.named.keys());
        }
        fit.push(fits);
    }
    Ok(fit)
}
