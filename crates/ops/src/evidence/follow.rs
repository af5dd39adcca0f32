//! What follows from evidence at once, in the transaction that takes it: results settle their tubes, members are recalled, a
//! positive becomes a case that waits to be moved; requests, parcels and reports are posted. The stations' own rules, on
//! those whom the rows name and on nobody else; the rest follows with the next run of the line.

use super::Named;
use crate::{
    OpsError,
    agenda::{self, Concerned},
    cases,
    desk::Room,
    followup, identity, investigation, letters,
    minutes::{Focus, Minutes},
    screening, transfer, welfare,
};
use dayclear_core::schema::Table;
use dayclear_store::{Scoped, landing::Numbered};
use std::collections::BTreeSet;

/// Bar codes of the tubes among them that say something of somebody.
pub(crate) async fn at_once(
    tx: &mut Scoped,
    room: &Room<'_>,
    table: &'static Table,
    named: &Named,
) -> Result<Vec<String>, OpsError> {
    match table.name {
        "tubes" | "members" | "results" => {
            let tubes = numbers(tx, Numbered::Tubes, &named.of("tube")).await?;
            settled(tx, room, tubes).await
        }
        "runs" => {
            let tubes = tx.tubes_of_runs(&named.of("run")).await?;
            tx.unsettle(&tubes).await?;
            settled(tx, room, tubes).await
        }
        _ => of_others(tx, room, table, named).await.map(|()| Vec::new()),
    }
}

/// What follows from rows of swabs that are all new, of tubes by number: as [`at_once`], without looking for what cannot be. A tube that is
/// new has nobody in it, no result and no box; who is in a tube does not move it.
pub(super) async fn swabs_came(
    tx: &mut Scoped,
    room: &Room<'_>,
    table: &'static Table,
    tubes: Vec<i64>,
) -> Result<Vec<String>, OpsError> {
    let came = match table.name {
        "tubes" => screening::Came::Filled,
        "members" => screening::Came::Joined,
        _ => screening::Came::Reported,
    };
    let focus = Focus { tubes, ..Focus::default() };
    screening::came(tx, &room.day, &focus, came).await?;
    match came {
        screening::Came::Filled => Ok(Vec::new()),
        screening::Came::Joined | screening::Came::Reported => concerned(tx, room, focus).await,
    }
}

/// What follows from rows that settle no tube.
async fn of_others(tx: &mut Scoped, room: &Room<'_>, table: &'static Table, named: &Named) -> Result<(), OpsError> {
    let day = &room.day;
    match table.name {
        "packings" | "box_moves" | "box_checks" => {
            let boxes: Vec<String> = named.of("box").into_iter().map(str::to_owned).collect();
            let mut tubes = numbers(tx, Numbered::Tubes, &named.of("tube")).await?;
            tubes.extend(tx.tubes_of_boxes(&named.of("box")).await?);
            tubes.sort_unstable();
            tubes.dedup();
            screening::run(tx, day, Some(&Focus { tubes, boxes, ..Focus::default() })).await
        }
        "assessments" => {
            let people = whoever(tx, named).await?;
            confirm(tx, room, &Focus { people, ..Focus::default() }).await
        }
        "follow_ups" => {
            let people = whoever(tx, named).await?;
            let mut minutes = Minutes::of(day);
            followup::run(tx, &mut minutes, Some(&people), false).await?;
            minutes.hand_in(tx).await
        }
        "requests" => {
            let mut minutes = Minutes::of(day);
            welfare::requested(tx, &mut minutes, &named.of("request")).await?;
            minutes.hand_in(tx).await
        }
        "assistance" => {
            let mut minutes = Minutes::of(day);
            letters::run(tx, &mut minutes).await?;
            minutes.hand_in(tx).await
        }
        "deliveries" => {
            let mut minutes = Minutes::of(day);
            welfare::delivered(tx, &mut minutes, &named.of("household")).await?;
            minutes.hand_in(tx).await
        }
        "handovers" => {
            let reports = tx.handovers_by_key(&named.keys()).await?;
            let mut minutes = Minutes::of(day);
            transfer::report(tx, &mut minutes, &reports).await?;
            minutes.hand_in(tx).await
        }
        "people" => {
            let people = numbers(tx, Numbered::People, &named.of("person")).await?;
            identity::people_changed(tx, day, &people).await
        }
        "listed" => identity::listed_came(tx, day, &named.keys()).await,
        _ => Ok(()),
    }
}

/// Settles tubes anew, with what follows for their people. Bar codes of those that say something of somebody.
pub(crate) async fn settled(tx: &mut Scoped, room: &Room<'_>, tubes: Vec<i64>) -> Result<Vec<String>, OpsError> {
    let focus = Focus { tubes, ..Focus::default() };
    screening::run(tx, &room.day, Some(&focus)).await?;
    concerned(tx, room, focus).await
}

/// What follows for the people of tubes. Bar codes of those that say something of somebody.
async fn concerned(tx: &mut Scoped, room: &Room<'_>, mut focus: Focus) -> Result<Vec<String>, OpsError> {
    let Concerned { people, unclear, telling } = agenda::concerned(tx, &room.day, &focus.tubes).await?;
    if !people.is_empty() || unclear {
        focus.people = people.into_iter().collect();
        confirm(tx, room, &focus).await?;
    }
    Ok(telling)
}

/// Cases of the people in focus; those that are new wait to be asked for contacts and to be moved.
async fn confirm(tx: &mut Scoped, room: &Room<'_>, focus: &Focus) -> Result<(), OpsError> {
    let fresh = cases::run(tx, &room.day, Some(focus)).await?;
    if fresh.is_empty() {
        return Ok(());
    }
    let mut minutes = Minutes::of(&room.day);
    for case in &fresh {
        investigation::opens(&mut minutes, case);
    }
    transfer::ask(tx, &mut minutes, &fresh).await?;
    // whoever is a case is followed as a contact no more
    let people: BTreeSet<i64> = fresh.iter().map(|case| case.person_no).collect();
    let people: Vec<i64> = agenda::with_the_same(tx, people).await?.into_iter().collect();
    followup::run(tx, &mut minutes, Some(&people), false).await?;
    minutes.hand_in(tx).await
}

/// The people whom rows name, under all their ids; in order.
async fn whoever(tx: &mut Scoped, named: &Named) -> Result<Vec<i64>, OpsError> {
    let people = numbers(tx, Numbered::People, &named.of("person")).await?;
    Ok(agenda::with_the_same(tx, people.into_iter().collect()).await?.into_iter().collect())
}

/// Dense numbers of people or tubes, in order.
async fn numbers(tx: &mut Scoped, table: Numbered, ids: &[&str]) -> Result<Vec<i64>, OpsError> {
    let mut numbers: Vec<i64> = tx.numbers_of(table, ids).await?.into_values().map(|(no, ..)| no).collect();
    numbers.sort_unstable();
    Ok(numbers)
}
