//! One contact at the desk: every exposure with its class and tier, what the rules ask and by which clause, order after order, where
//! they stay and who depends on them, and what was done. It decides nothing: the orders are those of the measures desk.

use super::super::{
    frame::{Frame, Visit, render},
    rows::{self, Of},
    show,
};
use crate::{
    app::App,
    pages::{lanes, record::Why},
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    listing::{CASES, CONTACTS, Cell, FOLLOWED, ORDERS, PEOPLE, TRANSFERS},
    measures::OrderKind,
    reason::Reason,
    time::CivilDate,
};
use dayclear_ops::{contact::sheet, day::pack_for, minutes::Day};
use serde_json::json;
use std::sync::Arc;

/// An exposure.
struct Exposed {
    case: String,
    /// Page of the case, where the duty sees it.
    path: Option<String>,
    class: String,
    days: String,
    setting: Option<String>,
    tier: String,
    why: Vec<Why>,
    withdrawn: bool,
    counts: bool,
}

/// A phase of what is asked.
struct Asked {
    kind: String,
    /// To a site, or at home.
    place: String,
    days: String,
    tests: String,
    why: Vec<Why>,
}

/// A line of what was done: what, how it stands, from when to when, page.
struct Done {
    what: String,
    state: String,
    days: String,
    path: String,
}

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactPage {
    frame: Frame,
    person: String,
    exposures: Vec<Exposed>,
    plan: Vec<Asked>,
    home: String,
    special: bool,
    special_why: Vec<Why>,
    carer: Option<String>,
    cares_for: Vec<String>,
    stays_for: Option<String>,
    /// Their own case: number, page of its contacts.
    case: Option<(String, String)>,
    done: Vec<Done>,
}

fn why(frame: &Frame, reason: &Reason) -> Vec<Why> {
    lanes::why(frame, &Cell::Data(json!([reason])))
}

fn span(first: CivilDate, last: CivilDate) -> String {
    if first == last { first.to_string() } else { format!("{first} – {last}") }
}

/// `GET /contacts/people/PERSON`.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let role = visit.caller.looker.duty.role;
    if !CONTACTS.readable_by(role) || !PEOPLE.readable_by(role) {
        return Err(Problem::unknown());
    }
    let now = app.now();
    let pack = pack_for(&app.setup.packs, &app.setup.pack, app.zone().day(now))?;
    let day = Day::at(app.zone().day(now), None, now, pack, &app.setup.settings);
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&PEOPLE, &key).await?;
    let sheet = sheet(&mut tx, &day, &key).await.map_err(Problem::inside)?.ok_or_else(Problem::unknown)?;
    let of_person = [("person", key.as_str()), ("limit", "100")];
    let orders = tx.all(&ORDERS, &of_person).await?;
    let rides = tx.all(&TRANSFERS, &of_person).await?;
    let followed = tx.all(&FOLLOWED, &of_person).await?;
    let ids: Vec<&str> = sheet.exposures.iter().map(|one| one.contact.case_id.as_str()).collect();
    let seen = tx.by_key(&CASES, &ids).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let exposures = sheet.exposures.iter().map(|one| {
        let c = &one.contact;
        let path = seen.contains_key(&c.case_id).then(|| format!("/contacts/cases/{}", show::part(&c.case_id)));
        Exposed {
            case: c.case_id.clone(),
            path,
            class: frame.w.term(c.class),
            days: span(c.first_exposure, c.last_exposure),
            setting: c.setting.clone(),
            tier: one.tier.as_ref().map_or_else(|| frame.say("contact-desk-no-tier"), |tier| frame.w.term(tier.value)),
            why: one.tier.as_ref().map(|tier| why(frame, &tier.reason)).unwrap_or_default(),
            withdrawn: one.withdrawn,
            counts: one.counts,
        }
    });
    let plan = sheet.plan.iter().map(|phase| {
        let p = &phase.value;
        let site = p.kind == OrderKind::CentralIsolation;
        Asked {
            kind: frame.w.term(p.kind),
            place: frame.say(if site { "contact-desk-to-site" } else { "contact-desk-at-home" }),
            days: span(p.from, p.until),
            tests: p.test_days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            why: why(frame, &phase.reason),
        }
    });
    let days = |of: Of<'_>, from: &str, to: &str| {
        let text = |name: &str| of.day(name).map(|day| day.to_string()).unwrap_or_default();
        format!("{} – {}", text(from), text(to))
    };
    let mut done: Vec<Done> = Vec::new();
    for row in &orders {
        let of = Of { listing: &ORDERS, row };
        done.push(Done {
            what: frame.w.given("order", of.text("kind").unwrap_or_default()),
            state: frame.w.given("order-state", of.text("state").unwrap_or_default()),
            days: days(of, "from_day", "until_day"),
            path: format!("/orders/{}", show::part(of.text("id").unwrap_or_default())),
        });
    }
    for row in &rides {
        let of = Of { listing: &TRANSFERS, row };
        done.push(Done {
            what: frame.say("nav-transfers"),
            state: frame.w.given("transfer", of.text("state").unwrap_or_default()),
            days: of.text("facility").map(|site| app.site_name(site)).unwrap_or_default(),
            path: format!("/transfers/{}", show::part(of.text("id").unwrap_or_default())),
        });
    }
    for row in &followed {
        let of = Of { listing: &FOLLOWED, row };
        done.push(Done {
            what: frame.say("follow-title"),
            state: frame.w.given("follow-state", of.text("state").unwrap_or_default()),
            days: days(of, "from_day", "until_day"),
            path: format!("/followed/{}", show::part(of.text("id").unwrap_or_default())),
        });
    }
    let name = Of { listing: &PEOPLE, row: &row }.shown("name").unwrap_or(&key).to_owned();
    let title = frame.w.get("contact-desk-title", &[("name", name.into())]);
    let page = ContactPage {
        exposures: exposures.collect(),
        plan: plan.collect(),
        home: frame.w.term(sheet.home),
        special: sheet.special.value,
        special_why: why(frame, &sheet.special.reason),
        carer: sheet.carer,
        cares_for: sheet.cares_for,
        stays_for: sheet.stays_for,
        case: sheet.case.map(|case| {
            let path = format!("/contacts/cases/{}", show::part(&case.id));
            (case.id, path)
        }),
        done,
        person: key,
        frame: {
            let above = (frame.say("nav-contacts"), "/contacts");
            visit.frame.titled(title, &[above])
        },
    };
    render(&page)
}
