//! Papers as they leave the house: what the store knows of one, turned into what is printed, with the code by which its owner opens it. It
//! may use the papers and the keys; it guarantees that an order that has ended or is set aside is never printed as one that binds, and that names stand on a
//! paper only for whoever may see them.

use crate::app::App;
use dayclear_core::{
    measures::{NoticeKind, OrderState, ZoneUnit, is_appeal_against},
    reason::Reason,
    roster::Language,
};
use dayclear_papers::{
    Lang,
    notices::{About, Appeal, Area, Aside, Notice, Order, PlaceOutside},
};
use dayclear_store::notices::{OrderSaid, Printed};

/// In which language a paper is written: that of the person, else the one given.
pub(crate) fn lang_of(printed: &Printed, otherwise: Lang) -> Lang {
    match printed.language {
        None => otherwise,
        Some(Language::ZhHans) => Lang::ZhHans,
        Some(Language::ZhHant) => Lang::ZhHant,
        Some(Language::En) => Lang::En,
    }
}

/// A paper as it is printed; `named`: whether whoever prints may see who somebody is and where they live. `None`: what it was about is not
/// there any more.
pub(crate) fn paper(app: &App, printed: &Printed, named: bool) -> Option<Notice> {
    let notice = &printed.notice;
    let about = match (&printed.order, &printed.appeal) {
        (None, None) if printed.outside.is_some() => About::Outside(outside(printed, named)?),
        (None, None) => About::Area(area(app, printed)?),
        (Some(order), _) => About::Order(said(order, &notice.subject)),
        (None, Some(appeal)) => About::Appeal(Appeal {
            id: notice.subject.clone(),
            on: appeal.on,
            subject: appeal.subject.clone(),
            state: appeal.state,
            filed_at: appeal.filed_at,
            decided_at: appeal.decided_at,
            decision: appeal.decision.clone().unwrap_or_default(),
        }),
    };
    let over = printed.order.as_ref().is_some_and(|order| !stands(order.state))
        || printed.area.as_ref().is_some_and(|area| area.released_on.is_some());
    let kind = if over { NoticeKind::Release } else { notice.kind };
    Some(Notice {
        id: notice.id.clone(),
        kind,
        made_at: notice.made_at,
        name: printed.name.clone().filter(|_| named).unwrap_or_default(),
        home: if named { printed.home.clone() } else { Vec::new() },
        interpreter: printed.interpreter && named,
        about,
        code: app.setup.keys.notice_code(notice.no),
    })
}

/// A place outside the city as it stands: for whoever goes there, or for their family.
fn outside(printed: &Printed, named: bool) -> Option<PlaceOutside> {
    let place = printed.outside.as_ref()?;
    let to_family = printed.notice.person.as_ref().is_some_and(|(_, no)| *no != place.person_no);
    let name = place.name.clone().filter(|_| named).unwrap_or_else(|| "…".to_owned());
    Some(PlaceOutside {
        place: place.place.clone().unwrap_or_default(),
        stands: place.stands,
        pickup_at: place.pickup_at,
        said: place.said.clone(),
        family_of: to_family.then_some(name),
    })
}

/// An area as it stands, in whose name it was opened.
fn area(app: &App, printed: &Printed) -> Option<Area> {
    let area = printed.area.as_ref()?;
    Some(Area {
        id: printed.notice.subject.clone(),
        level: area.level,
        extent: match (area.household, &area.unit) {
            (true, _) => ZoneUnit::Household,
            (false, Some(_)) => ZoneUnit::Unit,
            (false, None) => ZoneUnit::Building,
        },
        from: area.opened_on,
        until: area.ends_on,
        ended_on: area.released_on,
        suspended: area.suspended,
        replaced: area.became,
        people: u64::try_from(area.people).unwrap_or_default(),
        legal_basis: app.setup.settings.legal_basis.clone(),
        body: app.setup.settings.body.clone(),
        reasons: serde_json::from_str::<Vec<Reason>>(&area.reason).unwrap_or_default(),
    })
}

const fn stands(state: OrderState) -> bool {
    matches!(state, OrderState::Active | OrderState::Aside)
}

fn said(order: &OrderSaid, id: &str) -> Order {
    Order {
        kind: order.kind,
        basis: order.basis.clone(),
        evidence: order.evidence.clone(),
        from: order.from_day,
        until: order.until_day,
        tests: order.test_days.split(' ').filter_map(|day| day.parse().ok()).collect(),
        ended_on: order.ended_on.filter(|_| !stands(order.state)),
        replaced: order.state == OrderState::Replaced,
        legal_basis: order.legal_basis.clone(),
        body: order.body.clone(),
        reasons: serde_json::from_str::<Vec<Reason>>(&order.reason).unwrap_or_default(),
        id: id.to_owned(),
        aside: order
            .aside
            .as_deref()
            .filter(|_| order.state == OrderState::Aside)
            .map(|by| if is_appeal_against(by, id) { Aside::Appeal } else { Aside::Other }),
    }
}
