//! The page of one transfer: where it stands, why, what happened and what is planned; beds that suit, and what can be done.

use super::{Planned, care, needs, path, planned};
use crate::{
    app::App,
    pages::{
        acts::{self, Act},
        field::rows::{self, Of},
        form,
        frame::{Frame, Visit, moment, render},
        record::{self, Fact},
        show,
    },
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{command::Command, listing::TRANSFERS};
use dayclear_ops::desk::{Offer, offers};
use dayclear_store::outside::SaidOutside;
use std::{collections::BTreeMap, sync::Arc};

/// Beds offered at most.
const OFFERS_MAX: usize = 12;

/// A bed that can be claimed.
struct Choice {
    bed: String,
    room: Option<String>,
    facility: String,
    facility_path: String,
    kind: String,
    near: String,
    rule: String,
}

#[derive(Clone)]
struct Step {
    decided: bool,
    /// The decision that it is needed: no plan, and nobody's report.
    asked: bool,
    at: Option<(String, String)>,
    word: String,
    said: String,
}

#[derive(Template)]
#[template(path = "transfer.html")]
struct TransferPage {
    frame: Frame,
    path: String,
    state: show::Shown,
    clock: Option<show::Shown>,
    planned: Option<Planned>,
    needs: Vec<String>,
    facts: Vec<Fact>,
    reasons: Vec<(String, String)>,
    steps: Vec<Step>,
    /// Whether this duty claims beds for somebody who still waits.
    claims: bool,
    choices: Vec<Choice>,
    acts: Vec<Act>,
    /// The record of care to be printed, for whoever may read it.
    record: Option<String>,
    /// Whether this duty directs somebody who still waits, and may ask what that would cost.
    priced: bool,
    /// A bed that could not be claimed, and why.
    lost: Option<(String, String)>,
}

fn choice(app: &App, frame: &Frame, offer: &Offer) -> Choice {
    let mut near = match offer.ride {
        Some((km, minutes)) => frame.w.get(
            "transfers-ride-said",
            &[("km", format!("{km:.1}").into()), ("span", show::span(frame, minutes).into())],
        ),
        None => frame.say("transfers-ride-unknown"),
    };
    if let Some(from) = offer.bed_from {
        let opens = frame.w.get("transfers-bed-from", &[("at", moment(app, frame.lang, from).into())]);
        near = frame.w.joined(&[near, opens]);
    }
    Choice {
        bed: offer.bed.bed.clone(),
        room: offer.bed.room.clone(),
        facility: offer.facility.name.clone(),
        facility_path: format!("/facilities/{}", show::part(&offer.facility.facility)),
        kind: frame.w.term(offer.facility.kind),
        near,
        rule: frame.w.term(offer.bed.rule),
    }
}

/// What the reason of a plan says, as pairs of words.
fn said(frame: &Frame, transfer: Of<'_>) -> Vec<(String, String)> {
    let dayclear_core::listing::Cell::Data(reason) = transfer.cell("reason") else { return Vec::new() };
    let text = |name: &str| match &reason[name] {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Array(all) if name == "kinds" => {
            let kinds = all.iter().filter_map(|kind| kind.as_str()).map(|kind| frame.w.given("facility", kind));
            Some(frame.w.joined(&kinds.collect::<Vec<_>>()))
        }
        other => Some(other.to_string()),
    };
    [
        ("bed", "transfers-why-bed"),
        ("kinds", "transfers-why-kinds"),
        ("km", "field-km"),
        ("vehicle", "transfers-why-vehicle"),
        ("waits_for", "transfers-why-waits"),
        ("turn", "transfers-why-turn"),
        ("why", "why"),
        ("report", "transfers-why-report"),
        ("note", "given-note"),
        ("accompanies", "transfers-why-accompanies"),
        ("ended", "transfers-why-ended"),
        ("by", "transfers-why-by"),
        ("released_by", "transfers-why-by"),
    ]
    .into_iter()
    .filter_map(|(name, key)| {
        let value = text(name)?;
        let known = match (name, value.as_str()) {
            ("turn", turn) => return Some((frame.say(key), frame.w.given("turn", turn))),
            ("report", step) => return Some((frame.say(key), frame.w.given("handover", step))),
            (_, "nearest suitable facility with a free bed") => "transfers-because-nearest",
            (_, "first on shift at the door") => "transfers-because-first",
            (_, "chosen with vehicle and hour, among all who wait") => "transfers-because-together",
            (_, "everybody together waits and rides least like this") => "transfers-because-least",
            (_, "no suitable bed is free within the limit of a ride") => "transfers-because-no-bed",
            (_, "no address known") => "transfers-because-no-address",
            (_, "found at another door than the roster's") => "transfers-because-elsewhere",
            (_, "held by hand") => "transfers-because-by-hand",
            (_, "the next run of the line looks for one") => "transfers-because-next-run",
            (_, "nobody of the receiving body has confirmed the place yet") => "transfers-because-not-confirmed",
            (_, "confirmed outside the city") => "transfers-because-confirmed",
            (_, "confirmation") => "transfers-waits-confirmation",
            (_, "opening") => "transfers-waits-opening",
            (_, "its ward is not open yet: the ride is planned so that nobody arrives before") => {
                "transfers-because-not-open"
            }
            (_, "bed") => "field-bed",
            (_, "vehicle") => "field-vehicle",
            // other reasons are words of people, or of the rules
            _ => return Some((frame.say(key), value)),
        };
        Some((frame.say(key), frame.say(known)))
    })
    .chain(others(frame, reason))
    .collect()
}

/// What else was possible, as pairs of words.
fn others(frame: &Frame, reason: &serde_json::Value) -> Vec<(String, String)> {
    let one = |other: &serde_json::Value| {
        let what = other["what"].as_str()?.to_owned();
        Some(match (other["later_min"].as_i64(), other["cannot"].as_str()) {
            (Some(min), _) => {
                let key = if min < 0 { "transfers-other-sooner" } else { "transfers-other-later" };
                frame.w.get(key, &[("what", what.into()), ("min", min.unsigned_abs().into())])
            }
            (None, Some(why)) => {
                let why = frame.w.given("hindrance", why);
                frame.w.get("transfers-other-cannot", &[("what", what.into()), ("why", why.into())])
            }
            (None, None) => return None,
        })
    };
    let mut found = Vec::new();
    if reason["directed"] == true {
        found.push((frame.say("transfers-why-directed"), frame.say("yes")));
    }
    for kind in ["facilities", "vehicles"] {
        let all = reason["others"][kind].as_array().into_iter().flatten();
        found.extend(all.filter_map(one).map(|told| (frame.say("transfers-why-others"), told)));
    }
    found
}

fn steps(app: &App, visit: &Visit, transfer: Of<'_>, names: &BTreeMap<String, String>) -> Vec<Step> {
    let frame = &visit.frame;
    let place = transfer.text("facility").unwrap_or_default();
    let place = names.get(place).map_or(place, String::as_str);
    let mut steps: Vec<(dayclear_core::time::Instant, Step)> = Vec::new();
    for (field, key, decided) in [
        ("requested_at", "transfers-step-needed", true),
        ("pickup_at", "transfers-step-door", true),
        ("picked_up_at", "handover-picked_up", false),
        ("arrive_at", "transfers-step-there", true),
        ("admitted_at", "handover-admitted", false),
        ("ended_at", "transfers-step-ended", false),
    ] {
        let Some(at) = transfer.moment(field) else { continue };
        let said = match field {
            "pickup_at" => {
                transfer.text("vehicle").map(|v| frame.w.get("transfers-vehicle-said", &[("vehicle", v.into())]))
            }
            "arrive_at" | "admitted_at" => Some(place.to_owned()),
            _ => None,
        };
        let step = Step {
            decided,
            asked: field == "requested_at",
            at: Some((moment(app, frame.lang, at), app.zone().text(at))),
            word: frame.say(key),
            said: said.unwrap_or_default(),
        };
        steps.push((at, step));
    }
    steps.sort_by_key(|(at, _)| *at);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// What was heard from the body that receives outside the city; who said it, for whoever writes such words down.
fn heard_outside(app: &App, visit: &Visit, heard: &[SaidOutside]) -> Vec<Step> {
    let frame = &visit.frame;
    let role = visit.caller.looker.duty.role;
    let writes = ["confirm", "received"].iter().filter_map(|verb| Command::named("transfers", verb));
    let named = writes.into_iter().any(|command| command.roles.contains(&role));
    let step = |word: &SaidOutside| Step {
        decided: false,
        asked: false,
        at: Some((moment(app, frame.lang, word.at), app.zone().text(word.at))),
        word: frame.w.term(word.word),
        said: if named { frame.w.joined(&[word.who.clone(), word.note.clone()]) } else { String::new() },
    };
    heard.iter().map(step).collect()
}

/// `GET /transfers/KEY`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    shown(&app, visit, &key, None).await
}

/// The page, with what came of a claim that was lost.
pub(super) async fn shown(
    app: &App,
    visit: Visit,
    key: &str,
    lost: Option<(String, String)>,
) -> Result<Response, Problem> {
    let mut tx = rows::look(app, &visit).await?;
    let row = tx.one(&TRANSFERS, key).await?;
    let of = Of { listing: &TRANSFERS, row: &row };
    let names = super::names(&mut tx).await?;
    let subjects: Vec<&str> = [of.text("id"), of.text("subject")].into_iter().flatten().collect();
    let due = tx.transfers_due(&subjects).await?.into_iter().map(|(_, due)| due).min();
    let heard = tx.said_outside(&[key]).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let role = visit.caller.looker.duty.role;
    let waits = matches!(of.text("state"), Some("requested" | "booked"));
    let claims = waits && Command::named("transfers", "claim").is_some_and(|command| command.roles.contains(&role));
    let choices = match claims {
        true => {
            let doing = form::doing(app, &visit.caller, None);
            let offers = offers(app.store(), &doing, &app.own_scope(), key, OFFERS_MAX).await?;
            offers.iter().map(|offer| choice(app, frame, offer)).collect()
        }
        false => Vec::new(),
    };
    let state = TRANSFERS.fields.iter().find(|field| field.name == "state");
    let mut facts = record::facts(app, frame, &TRANSFERS, &row);
    // the reason stands apart, in words; what is empty says nothing here
    facts.retain(|fact| fact.data.is_none() && !fact.value.is("unknown"));
    for fact in &mut facts {
        if let Some(name) = names.get(&fact.value.text) {
            fact.value.text = format!("{name} ({})", fact.value.text);
        }
    }
    let allowed: &[&str] = match of.text("state") {
        Some("requested") => &["release", "pin", "forbid", "first", "free", "address"],
        Some("booked") => &["release", "pin", "forbid", "first", "free", "address", "pick-up", "admit", "fail"],
        Some("underway") => &["admit", "fail", "discharge"],
        Some("admitted") => &["ward", "discharge"],
        _ => &[],
    };
    let mut acts = acts::acts(&visit, &TRANSFERS);
    let outside = of.text("outside").is_some();
    acts.retain(|act| match act.verb {
        "confirm" => outside && matches!(of.text("state"), Some("requested" | "booked" | "underway")),
        "received" => outside && matches!(of.text("state"), Some("requested" | "booked" | "underway")),
        "release" => allowed.contains(&act.verb) && of.text("bed").is_some(),
        verb => allowed.contains(&verb),
    });
    let name = of.shown("name").or(of.shown("person")).unwrap_or(key).to_owned();
    let above = frame.say("nav-transfers");
    let failed = lost.is_some();
    let with_place = of.text("facility").is_some() && !matches!(of.text("state"), Some("refused" | "cancelled"));
    let record = with_place && care::readable(&visit, of.text("person").unwrap_or_default());
    let page = TransferPage {
        path: path(key),
        record: record.then(|| care::path(key)),
        state: state.map(|field| show::value(app, frame, &TRANSFERS, field, &row)).unwrap_or_default(),
        clock: due.map(|due| show::clock(app, frame, due, of.moment("admitted_at"))),
        planned: planned(app, &visit, of),
        needs: needs(&visit, of),
        reasons: said(frame, of),
        steps: [steps(app, &visit, of, &names), heard_outside(app, &visit, &heard)].concat(),
        claims,
        choices,
        facts,
        priced: acts.iter().any(|act| act.verb == "pin"),
        acts,
        lost,
        frame: visit.frame.titled(name, &[(above, "/transfers")]),
    };
    let page = render(&page)?;
    Ok(if failed { (StatusCode::CONFLICT, page).into_response() } else { page })
}
