//! Entry gates: whoever comes owes a test on landing, at once, until it is had or they do not want it; the list of those who owe one goes to
//! the district where they stay. The book of each gate and day is counted from those who are in it, and each change of it is an event, so
//! that the signature of a day covers it. It guarantees that nobody is bound: there is no order, and nothing follows from a refusal or
//! from where somebody comes from, which nobody asks.

use crate::{
    OpsError,
    minutes::{Close, Focus, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    gates::{Landing, settle},
    time::{CivilDate, Instant},
};
use dayclear_store::{
    Scoped,
    books::Entry,
    gates::{Arrival, LandingRow, Traveller},
    landing::Lookup,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Days of arrival that are looked at when a day begins: who was expected is missing then, and who owes is late.
const LOOK_BACK_D: i64 = 3;
/// Travellers of a gate and day that are looked at in one go.
const AT_ONCE: usize = 5_000;

/// Looks at travellers of whom something was told, or at all of the last days when a day begins.
pub(crate) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let day = minutes.day;
    let mut all: BTreeSet<Traveller> = tx.take_landings_told().await?.into_iter().collect();
    if focus.is_none_or(|focus| focus.day) {
        all.extend(tx.travellers_since(day.date.plus_days(-LOOK_BACK_D)).await?);
    }
    let mut by_gate: BTreeMap<(String, CivilDate), Vec<String>> = BTreeMap::new();
    for (gate, on, ticket) in all {
        by_gate.entry((gate, on)).or_default().push(ticket);
    }
    for ((gate, on), tickets) in by_gate {
        let mut division = None;
        for some in tickets.chunks(AT_ONCE) {
            let tickets: Vec<&str> = some.iter().map(String::as_str).collect();
            division = look(tx, minutes, (&gate, on), &tickets).await?.or(division);
        }
        let Some(division) = division else { continue };
        let (book, changed) = tx.count_gate_day(&gate, on, day.end).await?;
        if changed {
            let body = json!({"listed": book.listed, "arrived": book.arrived, "missing": book.missing,
                "expected": book.expected, "extra": book.extra, "tested": book.tested, "refused": book.refused,
                "owing": book.owing});
            minutes.event(day.end, "gate.counted", format!("{gate}:{on}"), &division, &body, None)?;
        }
    }
    Ok(())
}

/// Settles some travellers of a gate and day; the division of the gate, if there is one.
async fn look(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    (gate, on): (&str, CivilDate),
    tickets: &[&str],
) -> Result<Option<DivisionCode>, OpsError> {
    let day = minutes.day;
    let arrivals = tx.arrivals_of(gate, on, tickets).await?;
    let before = tx.landings_of(gate, on, tickets).await?;
    let tubes: Vec<&str> = arrivals.values().filter_map(|arrival| arrival.texts[1].as_deref()).collect();
    let people: Vec<&str> = arrivals.values().filter_map(|arrival| arrival.texts[0].as_deref()).collect();
    let (closed, swabs) = tx.swabs_on_landing(&tubes, &people).await?;
    let mut by_person: BTreeMap<&str, Vec<Instant>> = BTreeMap::new();
    swabs.iter().for_each(|(person, at)| by_person.entry(person.as_str()).or_default().push(*at));
    let codes: BTreeSet<&str> = arrivals
        .values()
        .filter_map(|arrival| arrival.texts[4].as_deref())
        .flat_map(|code| [code, code.get(..12).unwrap_or(code)])
        .collect();
    let known = tx.lookup_of(Lookup::Divisions, &codes.into_iter().collect::<Vec<_>>()).await?;
    let over = on < day.zone.day(day.end);
    let (mut rows, mut at_gate) = (Vec::with_capacity(arrivals.len()), None);
    for (ticket, arrival) in arrivals {
        let Arrival { said, texts, gate_division } = arrival;
        let [person, tube, name, phone, destination] = texts;
        let gate_division: DivisionCode =
            gate_division.parse().map_err(|error| OpsError::Inside(format!("{error}")))?;
        let swab = |from: Instant| {
            let of_tube = tube.as_deref().and_then(|tube| closed.get(tube)).copied();
            let own = person.as_deref().and_then(|person| by_person.get(person)).into_iter().flatten().copied();
            own.chain(of_tube).filter(|at| *at >= from && *at < day.end).min()
        };
        let stands = settle(&said, swab, over);
        // somebody of whom only a call or an absence is known is on no manifest and did not come
        if !stands.listed && stands.arrived_at.is_none() {
            continue;
        }
        // who was told of a place stays with it: an item does not move
        let division = match before.get(&ticket).map(|(_, division)| division.clone()) {
            Some(division) => division,
            // a destination that does not exist is nobody's to call: the gate's district answers
            None => destination
                .filter(|code| known.contains_key(code.get(..12).unwrap_or(code)))
                .and_then(|code| code.parse().ok())
                .unwrap_or_else(|| gate_division.clone()),
        };
        let due_at = stands.arrived_at.and_then(|at| day.due(Worklist::Retest, at));
        let row = LandingRow {
            traveller: person.unwrap_or_else(|| format!("{gate}:{on}:{ticket}")),
            of: (gate.to_owned(), on, ticket),
            division,
            texts: [tube, name, phone],
            state: stands.state,
            listed: stands.listed,
            times: [stands.arrived_at, due_at, stands.tested_at],
            calls: stands.calls,
            called_at: stands.called_at,
        };
        owe(minutes, &row);
        rows.push(row);
        at_gate = Some(gate_division);
    }
    tx.keep_landings(gate, on, &rows).await?;
    Ok(at_gate)
}

/// The item of whoever came: it tells nothing of who they are.
fn owe(minutes: &mut Minutes<'_>, row: &LandingRow) {
    let (gate, on, ticket) = &row.of;
    let [Some(arrived_at), due_at, tested_at] = row.times else { return };
    let end = minutes.day.end;
    let entry = minutes.known(Entry {
        worklist: Worklist::Retest,
        subject: format!("landing/{gate}/{on}/{ticket}"),
        division: row.division.clone(),
        owner: by_division(&row.division.district()),
        opened_at: arrived_at,
        due_at,
        closed: None,
        reason: match row.calls {
            0 => "came through a gate, and the test on landing was not had".to_owned(),
            calls => format!("came through a gate, and the test on landing was not had; calls: {calls}"),
        },
    });
    match (row.state, tested_at) {
        (Landing::Tested, Some(at)) => {
            entry.done(at.min(end), "the test on landing was had");
        }
        (Landing::Refused, _) => {
            entry.cancelled(end, "they do not want the test on landing; nothing follows");
        }
        _ => {}
    }
}
