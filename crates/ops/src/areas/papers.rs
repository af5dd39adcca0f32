//! The papers of areas: a household in one is told that it stands, why and until when; that its last day has moved; and that it has ended.
//! It may use the roster and the papers of orders; it guarantees one paper for each household and thing told, to one grown person of it, and
//! that no end waits for a paper. An area that became part of another one ends with the paper of that one.

use crate::{OpsError, minutes::Minutes};
use dayclear_core::measures::{NOTICE_HOURS_MAX, NoticeKind};
use dayclear_store::{Scoped, measures::Zone, notices::NewNotice, roster::Resident};
use std::collections::BTreeMap;

const GROWN_YEARS: u8 = 18;

pub(super) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let mut all = Vec::new();
    for (zone, told) in tx.zones_untold().await? {
        match (zone.released_on, told) {
            (None, told) => {
                let kind = if told.is_none() { NoticeKind::Order } else { NoticeKind::Change };
                let letter = if told.is_none() { "N".to_owned() } else { format!("C{}", zone.ends_on) };
                for person in heads(tx, minutes, &zone).await? {
                    let household = person.household.as_deref().unwrap_or_default();
                    let paper = of_area(minutes, kind, format!("{letter}-{}-{household}", zone.id), &zone, &person);
                    let due_at = Some(paper.made_at.plus_hours(NOTICE_HOURS_MAX));
                    minutes.paper(NewNotice { binds_at: Some(paper.made_at), due_at, ..paper });
                }
            }
            // what became part of another area binds on, by the paper of that
            (Some(_), Some(_)) if zone.became.is_none() => {
                minutes.no_paper(&zone.id);
                for (person, no) in tx.told_of(&zone.id).await? {
                    let paper = NewNotice {
                        id: format!("R-{}-{person}", zone.id),
                        kind: NoticeKind::Release,
                        subject: zone.id.clone(),
                        person: Some((person, no)),
                        division: zone.division.clone(),
                        made_at: minutes.day.end,
                        binds_at: None,
                        due_at: None,
                    };
                    minutes.paper(paper);
                }
            }
            (Some(_), _) => minutes.no_paper(&zone.id),
        }
        all.push(zone);
    }
    Ok(tx.zones_told(&all).await?)
}

fn of_area(minutes: &Minutes<'_>, kind: NoticeKind, id: String, zone: &Zone, person: &Resident) -> NewNotice {
    NewNotice {
        id,
        kind,
        subject: zone.id.clone(),
        person: Some((person.person.clone(), person.no)),
        division: zone.division.clone(),
        made_at: minutes.day.end,
        binds_at: None,
        due_at: None,
    }
}

/// Of each household in the area the one to whom its paper is given: grown up where anybody is.
async fn heads(tx: &mut Scoped, minutes: &Minutes<'_>, zone: &Zone) -> Result<Vec<Resident>, OpsError> {
    let households = super::households(tx, std::slice::from_ref(zone)).await?;
    let households: Vec<&str> = households.iter().map(String::as_str).collect();
    let today = minutes.day.date;
    let grown = |person: &Resident| person.age_on(today).is_none_or(|years| years >= GROWN_YEARS);
    let mut heads: BTreeMap<String, Resident> = BTreeMap::new();
    for person in tx.people_of_households(&households).await? {
        let Some(household) = person.household.clone() else { continue };
        let better = heads.get(&household).is_none_or(|known| !grown(known) && grown(&person));
        if better {
            heads.insert(household, person);
        }
    }
    Ok(heads.into_values().collect())
}
