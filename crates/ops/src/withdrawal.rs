//! What a withdrawn case leaves behind: its contacts, its own items, its area. Whoever was exposed to no other case waits by name in one
//! review of each district, and is released when the time is over; whoever was exposed to another is bound no longer than that exposure
//! asks. It may use the orders and the areas; it guarantees that nobody stays bound by a case that never was, and that everybody who is
//! released is told.

use crate::{
    OpsError, agenda, areas,
    measures::{contact_end, ended, notices, post_release, release},
    minutes::{Close, Day, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    measures::OrderState,
    reason::{Mark, Reason},
    time::{CivilDate, Instant},
    withdrawal::{ReleaseState, due},
};
use dayclear_store::{Scoped, cases::Case, measures::Order, releases::Release, roster::Resident, tracing::Contact};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Subject of the review of a withdrawn case in a district.
fn review(case: &str, district: &str) -> String {
    format!("withdrawn/{case}/{district}")
}

/// People who were exposed, with what still stands against them.
struct Exposed {
    people: HashMap<i64, Resident>,
    /// Exposures to cases that were not withdrawn.
    standing: HashMap<i64, Vec<Contact>>,
    /// Active orders that rest on an exposure.
    orders: HashMap<i64, Vec<Order>>,
    /// Those with an open case of their own, which binds by itself.
    cases: BTreeSet<i64>,
}

impl Exposed {
    async fn of(tx: &mut Scoped, day: &Day<'_>, numbers: &[i64]) -> Result<Exposed, OpsError> {
        let contacts = tx.contacts_of_people(numbers).await?;
        let ids: BTreeSet<&str> = contacts.iter().map(|contact| contact.case_id.as_str()).collect();
        let withdrawn = tx.withdrawn_among(&ids.into_iter().collect::<Vec<_>>()).await?;
        let mut standing: HashMap<i64, Vec<Contact>> = HashMap::new();
        for contact in contacts.into_iter().filter(|contact| !withdrawn.contains(&contact.case_id)) {
            standing.entry(contact.person_no).or_default().push(contact);
        }
        let mut orders: HashMap<i64, Vec<Order>> = HashMap::new();
        let bind = |order: &Order| order.state == OrderState::Active && order.basis == "contact";
        for order in tx.orders_of(numbers, day.date).await?.into_iter().filter(bind) {
            orders.entry(order.person_no).or_default().push(order);
        }
        let own = tx.cases_of(numbers).await?;
        let cases = own.into_iter().filter(|case| case.closed_on.is_none()).map(|case| case.person_no).collect();
        let people = tx.people_by_no(numbers).await?.into_iter().map(|person| (person.no, person)).collect();
        Ok(Exposed { people, standing, orders, cases })
    }

    /// The last day that the exposures which still stand ask for; `None`: they ask nothing any more.
    fn end(&self, day: &Day<'_>, person: i64) -> Option<CivilDate> {
        contact_end(day, self.standing.get(&person)?, self.people.get(&person)?)
    }

    fn stands(&self, person: i64) -> bool {
        self.standing.contains_key(&person)
    }

    fn take(&mut self, person: i64) -> Vec<Order> {
        self.orders.remove(&person).unwrap_or_default()
    }
}

/// A case was withdrawn: what hangs on it ends or is reviewed. The case itself was recorded before.
pub(crate) async fn follows(tx: &mut Scoped, minutes: &mut Minutes<'_>, case: &Case) -> Result<usize, OpsError> {
    let day = minutes.day;
    let why = "the case was withdrawn";
    tx.look_again_at_links_to(case.person_no).await?;
    for worklist in [Worklist::Diagnose, Worklist::Reach, Worklist::Facts, Worklist::Investigate, Worklist::Move] {
        let owner = by_division(&case.division.district());
        minutes.waits(worklist, &case.id, &case.division, owner, case.found_at, "").cancelled(day.end, why);
    }
    if day.pack.area().is_some() && tx.area_decisions_of(&[&case.id]).await?.is_empty() {
        let reason = Reason::new(day.pack.label(), "case.withdrawn", Mark::ToConfirm).with("case", &case.id);
        tx.exempt(&[(case.id.clone(), case.division.clone(), json!([reason]).to_string())]).await?;
    }
    areas::without_case(tx, minutes, case).await?;
    let exposed = tx.contacts_of(&[&case.id]).await?;
    let numbers: Vec<i64> = exposed.iter().map(|contact| contact.person_no).collect();
    let mut known = Exposed::of(tx, day, &numbers).await?;
    let (mut waiting, mut names) = (Vec::new(), Vec::new());
    for contact in &exposed {
        names.push(contact.person.as_str());
        if known.cases.contains(&contact.person_no) {
            continue;
        }
        if known.stands(contact.person_no) {
            let end = known.end(day, contact.person_no);
            shorten(tx, minutes, known.take(contact.person_no), end, &case.id).await?;
            continue;
        }
        waiting.push(Release {
            id: format!("{}/{}", case.id, contact.person),
            case_id: case.id.clone(),
            person: contact.person.clone(),
            person_no: contact.person_no,
            division: contact.division.clone(),
            opened_at: day.end,
            due_at: due(day.end, ReleaseState::Waits),
            state: ReleaseState::Waits,
            objection: None,
            settled_at: None,
        });
    }
    tx.open_releases(&waiting).await?;
    reviewed(minutes, &waiting);
    agenda::decided(tx, &names).await?;
    Ok(waiting.len())
}

/// One item for each case and district whose releases wait: it ends with the last of them.
fn reviewed(minutes: &mut Minutes<'_>, releases: &[Release]) {
    let mut by_place: BTreeMap<(&str, String), Vec<&Release>> = BTreeMap::new();
    for r in releases {
        by_place.entry((&r.case_id, r.division.district().to_string())).or_default().push(r);
    }
    for ((case, district), group) in by_place {
        let open: Vec<&&Release> = group.iter().filter(|r| r.state.is_open()).collect();
        let count = |state| group.iter().filter(|r| r.state == state).count();
        let settled = group.iter().filter_map(|r| r.settled_at).max();
        let Some(first) = group.first() else { continue };
        let place = first.division.district();
        let item = minutes.waits(
            Worklist::Review,
            review(case, &district),
            &place,
            by_division(&place),
            first.opened_at,
            format!(
                "{case} was withdrawn: {} who were its contacts and no other case's wait to be released, each by name \
                 in the list of releases; {} of them later, because somebody objected",
                open.len(),
                count(ReleaseState::PutOff)
            ),
        );
        item.due_at = open.iter().map(|r| r.due_at).max().or(Some(first.due_at));
        if let (true, Some(at)) = (open.is_empty(), settled) {
            let (released, exposed) = (count(ReleaseState::Released), count(ReleaseState::Exposed));
            item.done(at, format!("{released} released, {exposed} exposed to another case"));
        }
    }
}

/// Releases whose time has come take effect.
pub(crate) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let due = tx.releases_due(minutes.day.end).await?;
    let why = "the case to which they were exposed was withdrawn, and nobody objected in time";
    let put_off = "the case to which they were exposed was withdrawn, and no other exposure was recorded within a day";
    let cases: BTreeSet<String> = due.iter().map(|r| r.case_id.clone()).collect();
    let (objected, others): (Vec<Release>, Vec<Release>) =
        due.into_iter().partition(|r| r.state == ReleaseState::PutOff);
    let_go(tx, minutes, others, why).await?;
    let_go(tx, minutes, objected, put_off).await?;
    review_again(tx, minutes, &cases).await
}

/// Releases people: their orders end, and each is told. [`review_again`] comes after it.
pub(crate) async fn let_go(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    releases: Vec<Release>,
    why: &str,
) -> Result<(), OpsError> {
    if releases.is_empty() {
        return Ok(());
    }
    let day = minutes.day;
    let numbers: Vec<i64> = releases.iter().map(|r| r.person_no).collect();
    let mut known = Exposed::of(tx, day, &numbers).await?;
    for mut r in releases.iter().cloned() {
        let orders = known.take(r.person_no);
        r.settled_at = Some(day.end.max(r.opened_at));
        if known.stands(r.person_no) || known.cases.contains(&r.person_no) {
            r.state = ReleaseState::Exposed;
            let end = known.end(day, r.person_no);
            shorten(tx, minutes, orders, end, &r.case_id).await?;
        } else {
            r.state = ReleaseState::Released;
            // the end of an order tells whom it bound; who was only followed is told by this
            let tells = orders.is_empty().then_some("release");
            let body = json!({"person": r.person, "case": r.case_id, "why": why, "orders": orders.len()});
            minutes.event(day.end, "contact.released", &r.id, &r.division, &body, tells)?;
            end(tx, minutes, orders, why).await?;
        }
        tx.update_release(&r).await?;
    }
    let names: Vec<&str> = releases.iter().map(|r| r.person.as_str()).collect();
    agenda::decided(tx, &names).await
}

/// Somebody objects: the release is put off, once.
pub(crate) async fn put_off(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    mut r: Release,
    by: &str,
    why: &str,
) -> Result<(), OpsError> {
    r.state = ReleaseState::PutOff;
    r.due_at = due(r.opened_at, ReleaseState::PutOff).max(r.opened_at);
    r.objection = Some((by.to_owned(), why.to_owned()));
    tx.update_release(&r).await?;
    let body = json!({"person": r.person, "case": r.case_id, "until": r.due_at, "reason": why});
    minutes.event(minutes.day.end, "contact.objected", &r.id, &r.division, &body, Some("escalation"))
}

/// After releases and objections: the reviews say how many wait, and end with the last of them.
pub(crate) async fn review_again(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &BTreeSet<String>,
) -> Result<(), OpsError> {
    let all = tx.releases_of(&cases.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    reviewed(minutes, &all);
    Ok(())
}

async fn end(tx: &mut Scoped, minutes: &mut Minutes<'_>, orders: Vec<Order>, why: &str) -> Result<(), OpsError> {
    // a day that comes as files ends with the first instant of the next one
    let today = minutes.day.zone.day(Instant::from_micros(minutes.day.end.micros() - 1));
    for mut order in orders {
        ended(&mut order, today, OrderState::Ended, why);
        tx.end_or_shorten(&order).await?;
        release(minutes, &order)?;
        let at = minutes.day.end;
        post_release(minutes, &order).done(at, why);
    }
    Ok(())
}

/// Orders bind no longer than to a day; `None`: no day at all.
async fn shorten(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    orders: Vec<Order>,
    until: Option<CivilDate>,
    case: &str,
) -> Result<(), OpsError> {
    let why = format!("exposed to {case}, which was withdrawn; the other exposures ask nothing longer");
    let day = minutes.day;
    for mut order in orders {
        match until.filter(|until| *until >= order.from_day && *until >= day.date) {
            Some(until) if until >= order.until_day => {}
            Some(until) => {
                let was = order.until_day;
                order.until_day = until;
                order.test_days.retain(|test| *test <= until);
                tx.end_or_shorten(&order).await?;
                notices::changes(minutes, &order);
                let body = json!({"was": (order.kind, was), "is": (order.kind, until), "why": why});
                minutes.event(
                    day.end,
                    "order.reconsidered",
                    &order.id,
                    &order.division,
                    &body,
                    Some("order-notice"),
                )?;
            }
            None => end(tx, minutes, vec![order], &why).await?,
        }
    }
    Ok(())
}
