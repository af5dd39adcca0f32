//! What people say of obligations: the city asks, whoever owes it shows evidence, and the city looks at it and ends the obligation, gives it back, or
//! drops it with a reason. Nothing is ended by who showed it, and what is ended by the fact itself is ended by nobody.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::{
    minutes::by_division,
    obligations::{self, Given, drop_obligation, ended, give},
};
use dayclear_core::{
    books::{Owner, Party},
    divisions::DivisionCode,
    listing::{Cell, OBLIGATIONS},
    obligations::{ObligationKind, ObligationState, ObligationStep},
};
use dayclear_store::obligations::Obligation;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn direct(at: &mut Sitting<'_, '_>) -> Result<Report, DeskError> {
    let codes: BTreeSet<&str> =
        at.text("districts").split(';').map(str::trim).filter(|code| !code.is_empty()).collect();
    let known: BTreeSet<String> = at
        .tx
        .divisions(&[dayclear_core::divisions::Level::District])
        .await?
        .into_iter()
        .map(|row| row.code.to_string())
        .collect();
    if let Some(other) = codes.iter().find(|code| !known.contains(**code)) {
        return Err(invalid(
            "districts",
            *other,
            "codes of districts, separated by ';'",
            "choose districts of the list",
        ));
    }
    if codes.is_empty() {
        return Err(invalid("districts", "", "at least one district", "name the districts that are asked"));
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
    let digest =
        super::digest_of(&[b"directive", at.account().as_bytes(), &now.micros().to_be_bytes(), what.as_bytes()]);
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
            kind: ObligationKind::Directive,
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
    let rows = at.tx.records(&OBLIGATIONS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found: BTreeMap<String, Obligation> = at
        .tx
        .obligations_by_id(&ids)
        .await?
        .into_iter()
        .map(|obligation| (obligation.id.clone(), obligation))
        .collect();
    let (account, now) = (at.account(), at.doing.now);
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(obligation) if !obligation.state.is_open() => {
                stands(obligation.state.name(), "what has ended stays ended")
            }
            Some(obligation) if obligation.kind.ends_by_itself() && verb != "drop" => {
                stands("ended by the fact itself", "sign the report, or have the people tested")
            }
            Some(obligation) => one(at, &mut minutes, obligation.clone(), verb, (account, now)).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

async fn one(
    at: &mut Sitting<'_, '_>,
    minutes: &mut crate::minutes::Minutes<'_>,
    mut obligation: Obligation,
    verb: &str,
    (account, now): (&str, dayclear_core::time::Instant),
) -> Result<Verdict, DeskError> {
    // nothing is said of it before it was given, whatever the clocks say
    let now = now.max(obligation.opened_at);
    match (verb, &obligation.evidence) {
        ("show", _) => {
            let words = at.text("shown").trim();
            if words.is_empty() {
                return Err(invalid("shown", "", "what shows that it was done", "say where it can be looked at"));
            }
            obligation.state = ObligationState::Shown;
            obligation.evidence = Some((words.to_owned(), (account.to_owned(), now)));
            at.tx.keep_obligation(&mut obligation, ObligationStep::Shown, (account, now), Some(words)).await?;
            obligations::item(minutes, &obligation);
            let body = json!({"evidence": words});
            minutes.event(now, "obligation.shown", &obligation.id, &obligation.division, &body, Some("obligation"))?;
        }
        ("end" | "return", None) => {
            return Ok(stands("without evidence", "whoever owes it shows what was done first"));
        }
        ("end", Some((_, (who, _)))) if who == account => {
            return Ok(stands("shown by yourself", "somebody else looks at the evidence"));
        }
        ("end", Some((words, _))) => {
            let words = words.clone();
            (obligation.state, obligation.ended) = (ObligationState::Done, Some((account.to_owned(), now)));
            ended(at.tx, minutes, obligation, ObligationStep::Ended, &words).await?;
        }
        ("return", Some(_)) => {
            let why = at.text("reason").trim();
            obligation.state = ObligationState::Open;
            at.tx.keep_obligation(&mut obligation, ObligationStep::Returned, (account, now), Some(why)).await?;
            obligations::item(minutes, &obligation);
            let body = json!({"reason": why});
            minutes.event(
                now,
                "obligation.returned",
                &obligation.id,
                &obligation.division,
                &body,
                Some("obligation"),
            )?;
        }
        _ => drop_obligation(at.tx, minutes, obligation, at.text("reason").trim(), (account, now)).await?,
    }
    Ok(Verdict::Done)
}
