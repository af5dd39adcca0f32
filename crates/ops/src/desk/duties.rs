//! What people say of duties: the city asks, whoever owes it shows evidence, and the city looks at it and ends the duty, gives it back, or
//! drops it with a reason. Nothing is ended by who showed it, and what is ended by the fact itself is ended by nobody.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::{
    duties::{self, Given, drop_duty, ended, give},
    minutes::by_division,
};
use dayclear_core::{
    books::{Owner, Party},
    divisions::DivisionCode,
    duties::{DutyKind, DutyState, DutyStep},
    listing::{Cell, DUTIES},
};
use dayclear_store::duties::Duty;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn direct(at: &mut Sitting<'_, '_>) -> Result<Report, DeskError> {
    let codes: BTreeSet<&str> = at.text("divisions").split(';').map(str::trim).filter(|code| !code.is_empty()).collect();
    let known: BTreeSet<String> =
        at.tx.divisions(&[dayclear_core::divisions::Level::District]).await?.into_iter().map(|row| row.code.to_string()).collect();
    if let Some(other) = codes.iter().find(|code| !known.contains(**code)) {
        return Err(invalid("divisions", *other, "codes of districts, separated by ';'", "choose districts of the list"));
    }
    if codes.is_empty() {
        return Err(invalid("divisions", "", "at least one district", "name the districts that are asked"));
    }
    let now = at.doing.now;
    let due_at = match at.input.get("until") {
        Some(Cell::Moment(until)) if *until <= now => {
            let said = at.doing.settings.zone.text(*until);
            return Err(invalid("until", said, "a time that lies ahead", "say until when it can be done"));
        }
        Some(Cell::Moment(until)) => Some(*until),
        _ => None,
    };
    let what = at.text("asked").trim();
    if what.is_empty() {
        return Err(invalid("asked", "", "what is asked", "say it in words that can be checked"));
    }
    let (party, owner) = (at.text("party"), at.text("owner").trim());
    let party: Party = if party.is_empty() { Party::Division } else { party.parse().map_err(super::inside)? };
    if (party == Party::Division) != owner.is_empty() {
        let expected = "a name with a department, site or individual, and none with the district itself";
        return Err(invalid("owner", owner, expected, "say who owes it there"));
    }
    let proof = Some(at.text("proof").trim()).filter(|proof| !proof.is_empty()).map(str::to_owned);
    // one number for what was asked at once: it says nothing of its words
    let digest = super::digest_of(&[b"directive", at.account().as_bytes(), &now.micros().to_be_bytes(), what.as_bytes()]);
    let number = digest.get(..8).unwrap_or_default().to_owned();
    let mut minutes = at.minutes();
    for code in &codes {
        let division: DivisionCode = code.parse().map_err(super::inside)?;
        let owner = match party {
            Party::Division => by_division(&division),
            party => Owner { party, name: owner.to_owned() },
        };
        let given = Given {
            id: format!("D-{number}-{code}"),
            kind: DutyKind::Directive,
            division,
            owner,
            subject: None,
            size: None,
            what: Some(what.to_owned()),
            proof: proof.clone(),
            due_at,
            by: at.account().to_owned(),
            reason: json!({"directive": number, "asked_by": at.account()}),
        };
        give(at.tx, &mut minutes, given, now).await?;
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::made(format!("D-{number}")))
}

pub(super) async fn say(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let rows = at.tx.records(&DUTIES, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found: BTreeMap<String, Duty> =
        at.tx.duties_by_id(&ids).await?.into_iter().map(|duty| (duty.id.clone(), duty)).collect();
    let (account, now) = (at.account(), at.doing.now);
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(duty) if !duty.state.is_open() => stands(duty.state.name(), "what has ended stays ended"),
            Some(duty) if duty.kind.ends_by_itself() && verb != "drop" => {
                stands("ended by the fact itself", "sign the report, or have the people tested")
            }
            Some(duty) => one(at, &mut minutes, duty.clone(), verb, (account, now)).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

async fn one(
    at: &mut Sitting<'_, '_>,
    minutes: &mut crate::minutes::Minutes<'_>,
    mut duty: Duty,
    verb: &str,
    (account, now): (&str, dayclear_core::time::Instant),
) -> Result<Verdict, DeskError> {
    match (verb, &duty.evidence) {
        ("show", _) => {
            let words = at.text("shown").trim();
            if words.is_empty() {
                return Err(invalid("shown", "", "what shows that it was done", "say where it can be looked at"));
            }
            duty.state = DutyState::Shown;
            duty.evidence = Some((words.to_owned(), (account.to_owned(), now)));
            at.tx.keep_duty(&mut duty, DutyStep::Shown, (account, now), Some(words)).await?;
            duties::item(minutes, &duty);
            let body = json!({"evidence": words});
            minutes.event(now, "duty.shown", &duty.id, &duty.division, &body, Some("duty"))?;
        }
        ("end" | "return", None) => {
            return Ok(stands("without evidence", "whoever owes it shows what was done first"));
        }
        ("end", Some((_, (who, _)))) if who == account => {
            return Ok(stands("shown by yourself", "somebody else looks at the evidence"));
        }
        ("end", Some((words, _))) => {
            let words = words.clone();
            (duty.state, duty.ended) = (DutyState::Done, Some((account.to_owned(), now)));
            ended(at.tx, minutes, duty, DutyStep::Ended, &words).await?;
        }
        ("return", Some(_)) => {
            let why = at.text("reason").trim();
            duty.state = DutyState::Open;
            at.tx.keep_duty(&mut duty, DutyStep::Returned, (account, now), Some(why)).await?;
            duties::item(minutes, &duty);
            let body = json!({"reason": why});
            minutes.event(now, "duty.returned", &duty.id, &duty.division, &body, Some("duty"))?;
        }
        _ => drop_duty(at.tx, minutes, duty, at.text("reason").trim(), (account, now)).await?,
    }
    Ok(Verdict::Done)
}
