//! The results of the last day, judged laboratory by laboratory (I03, I04, I14 to I16). It may use the store and the engine of
//! quality. It guarantees that an alarm becomes an item of somebody, and that nothing else follows from it by itself: to
//! withhold results is a person's decision.

use crate::{
    OpsError,
    day::pack_for,
    line::open_day,
    minutes::{Day, Minutes, Settings, by_division},
};
use dayclear_core::{
    books::Worklist,
    protocol::Packs,
    screening::{Finding, Version},
    time::{HOUR, Instant},
};
use dayclear_engines::screening::quality::{self, Laboratory, Level, ResultRow, Role};
use dayclear_store::{
    Scope, Store,
    quality::{Judged, LookedAt, Run, Seen},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Results of so many hours are judged.
pub const HOURS: i64 = 24;

/// What a look at the results of the last day brought.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Results that were judged.
    pub results: usize,
    /// Laboratories that reported them.
    pub laboratories: usize,
    /// What was seen: alarms first.
    pub seen: Vec<Seen>,
    /// Laboratories and lots with an alarm that was not there before.
    pub alarmed: Vec<String>,
}

/// Looks, if nobody did for so many minutes; nothing otherwise. `scope` is the whole city.
pub async fn look(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
    every_min: i64,
) -> Result<Option<Looked>, OpsError> {
    let mut tx = store.look(scope).await?;
    if tx.last_look().await?.is_some_and(|at| now.minutes_since(at) < every_min) {
        return Ok(None);
    }
    let from = Instant::from_micros(now.micros() - HOURS * HOUR);
    let rows = tx.judged_between(from, now).await?;
    let runs = tx.runs_between(from, now).await?;
    let validated = tx.validated().await?;
    drop(tx);
    let mut counts: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in &rows {
        let (results, positives) = counts.entry(&row.laboratory).or_default();
        *results += 1;
        *positives += i64::from(row.finding == Finding::Positive);
    }
    let counts: Vec<LookedAt> = counts
        .into_iter()
        .map(|(laboratory, (results, positives))| LookedAt { laboratory: laboratory.to_owned(), results, positives })
        .collect();
    let (results, laboratories) = (rows.len(), counts.len());
    let judging = tokio::task::spawn_blocking(move || judge(&rows, &runs, &validated));
    let seen = judging.await.map_err(|error| OpsError::Inside(error.to_string()))?;

    let mut tx = store.turn(scope).await?;
    let (date, closed_before) = open_day(&mut tx, now, &settings.zone).await?;
    let day = Day::at(date, closed_before, now, pack_for(packs, pack, date)?, settings);
    let new = tx.note_signals(&seen, &counts, now).await?;
    let mut minutes = Minutes::of(&day);
    let mut alarmed: BTreeMap<String, Vec<&Seen>> = BTreeMap::new();
    for signal in new.iter().filter(|signal| signal.level == Level::Alarm.name()) {
        let subject = match (signal.laboratory.as_str(), &signal.lot) {
            ("", Some(lot)) => format!("lot/{lot}"),
            (laboratory, _) => format!("laboratory/{laboratory}"),
        };
        alarmed.entry(subject).or_default().push(signal);
    }
    let city = scope.division();
    for (subject, signals) in &alarmed {
        let kinds: BTreeSet<&str> = signals.iter().map(|signal| signal.kind).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let reason = format!(
            "results cannot be believed as they are ({}): look at the rows, and withhold them if nobody can explain it",
            kinds.join(", ")
        );
        // one item a day and laboratory, however many signals it has
        let subject = format!("{subject}/{date}");
        let body = json!({"signals": signals.iter().map(|signal| json!({
            "kind": signal.kind, "figure": signal.figure.0, "limit": signal.figure.1, "unit": signal.unit,
            "judged": signal.judged, "since": signal.since, "run": signal.run, "lot": signal.lot,
        })).collect::<Vec<_>>()});
        minutes.event(now, "laboratory.alarmed", &subject, city, &body, Some("review"))?;
        minutes.waits(Worklist::Review, subject, city, by_division(city), now, reason);
    }
    let alarmed = alarmed.into_keys().collect();
    minutes.hand_in(&mut tx).await?;
    tx.commit().await?;
    Ok(Some(Looked { results, laboratories, seen, alarmed }))
}

/// Judges results by their rows, their runs and what laboratories are validated for.
fn judge(rows: &[Judged], runs: &[Run], validated: &[(String, Option<i64>)]) -> Vec<Seen> {
    let by_name: HashMap<(&str, &str), &Run> =
        runs.iter().map(|run| ((run.laboratory.as_str(), run.run.as_str()), run)).collect();
    let run_of = |row: &Judged| by_name.get(&(row.laboratory.as_str(), row.run.as_deref()?)).copied();
    let wells = wells(rows, &run_of);
    let mut judged: Vec<ResultRow<'_>> = Vec::with_capacity(rows.len() + runs.len());
    for (row, well) in rows.iter().zip(&wells) {
        let run = run_of(row);
        judged.push(ResultRow {
            laboratory: &row.laboratory,
            tube: &row.tube,
            role: Role::Sample,
            stratum: &row.stratum,
            run: row.run.as_deref(),
            lot: run.and_then(|run| run.lot.as_deref()),
            well: well.as_deref(),
            received: row.received_at,
            run_start: run.and_then(|run| run.time.0),
            run_end: run.and_then(|run| run.time.1),
            reported: row.reported_at,
            ct_n: row.genes.0,
            ct_orf: row.genes.1,
            ct_ic: row.control,
            finding: row.finding,
            version: row.version,
        });
    }
    for run in runs {
        // a control stands at the end of its run; without one nobody knows when, and it is judged by nobody
        let Some(at) = run.time.1.or(run.time.0) else { continue };
        let controls = [(run.controls.0, Role::PositiveControl, "PC"), (run.controls.1, Role::NegativeControl, "NC")];
        for (finding, role, tube) in controls {
            let Some(finding) = finding else { continue };
            judged.push(control(run, at, finding, role, tube));
        }
    }
    let laboratories: Vec<Laboratory<'_>> = validated
        .iter()
        .map(|(name, tubes)| Laboratory { name, validated_a_day: tubes.and_then(|tubes| u32::try_from(tubes).ok()) })
        .collect();
    let signals = quality::signals(&judged, &laboratories, &quality::Settings::default());
    signals.into_iter().map(told).collect()
}

fn control<'a>(run: &'a Run, at: Instant, finding: Finding, role: Role, tube: &'a str) -> ResultRow<'a> {
    ResultRow {
        laboratory: &run.laboratory,
        tube,
        role,
        stratum: "",
        run: Some(&run.run),
        lot: run.lot.as_deref(),
        well: None,
        received: None,
        run_start: run.time.0,
        run_end: run.time.1,
        reported: at,
        ct_n: None,
        ct_orf: None,
        ct_ic: None,
        finding,
        version: Version::Final,
    }
}

/// Wells of tubes. Of a run only their number is told, so tubes take them in turn, and those beyond share one.
fn wells<'a>(rows: &'a [Judged], run_of: &impl Fn(&'a Judged) -> Option<&'a Run>) -> Vec<Option<String>> {
    let mut taken: HashMap<(&str, &str), HashMap<&str, usize>> = HashMap::new();
    rows.iter()
        .map(|row| {
            let count = usize::try_from(run_of(row)?.wells?).ok().filter(|count| *count > 0)?;
            let tubes = taken.entry((row.laboratory.as_str(), row.run.as_deref()?)).or_default();
            let next = tubes.len();
            let place = *tubes.entry(row.tube.as_str()).or_insert(next);
            Some((place % count).to_string())
        })
        .collect()
}

fn told(signal: quality::Signal) -> Seen {
    Seen {
        since: signal.since(),
        kind: signal.kind.name(),
        level: signal.level.name(),
        run: signal.run,
        lot: signal.lot,
        figure: (signal.figure, signal.limit),
        unit: signal.unit,
        judged: i64::try_from(signal.of).unwrap_or(i64::MAX),
        source: signal.source,
        laboratory: signal.laboratory,
    }
}
