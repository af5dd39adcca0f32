//! Hold: orders that bind people, each with its legal basis, evidence, milder options, end and reason. Orders lapse by
//! themselves; a change of pack only shortens or lightens them; a longer or heavier one waits for a person.

use crate::{
    OpsError, areas,
    minutes::{Close, Day, Minutes, by_division, by_site},
    screening,
};
use dayclear_core::{
    books::Worklist,
    measures::{OrderKind, OrderState},
    protocol::{
        Basis, Change, ContactFacts, Discharge, OpenOrder, Phase, Placement, PlacementFacts, StayFacts, TestPoint,
    },
    reason::{Decided, Mark, Reason},
    screening::Finding,
    time::{CivilDate, Instant},
    transfer::FacilityKind,
};
use dayclear_store::{
    Scoped, cases::Case, measures::Order, roster::Resident, screening::TubeResult, tracing::Contact,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Longest order where the pack names no longest, in days: a case is looked at again within two weeks (R).
const CASE_ORDER_DAYS_MAX: i64 = 14;

/// Gives, ends and reconsiders orders, then areas.
pub async fn run(tx: &mut Scoped, day: &Day<'_>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    let mut orders = tx.orders_since(day.date.plus_days(-30)).await?;
    let cases = tx.cases_since(day.date, day.look_back()).await?;
    let contacts = tx.contacts_since(day.look_back()).await?;
    lapse(tx, &mut minutes, &mut orders).await?;
    reconsider(tx, &mut minutes, &mut orders, &contacts).await?;
    let mut desk = Desk::open(tx, day, &cases, &contacts, orders).await?;
    let evidence = screening::evidence(tx, day).await?;
    desk.pools(tx, &mut minutes, &evidence.recalls).await?;
    desk.cases(tx, &mut minutes, &cases).await?;
    desk.discharges(&cases, &evidence.singles);
    desk.contacts(tx, &mut minutes, &contacts).await?;
    tx.issue_orders(&desk.fresh).await?;
    for order in &desk.fresh {
        minutes.event(
            order.starts_at,
            "order.issued",
            &order.id,
            &order.division,
            &json!({"person": order.person, "kind": order.kind, "from": order.from_day, "until": order.until_day,
                    "legal_basis": order.legal_basis, "evidence": order.evidence, "milder": order.milder,
                    "reason": serde_json::from_str::<serde_json::Value>(&order.reason).unwrap_or_default()}),
            Some("order-notice"),
        )?;
    }
    post_releases(&mut minutes, &desk);
    post_tests(tx, &mut minutes).await?;
    areas::run(tx, &mut minutes, &cases, &desk.all()).await?;
    minutes.hand_in(tx).await
}

fn ended(order: &mut Order, on: CivilDate, state: OrderState, why: &str) {
    order.state = state;
    // an order that is taken back before its first day never bound anybody
    order.ended_on = Some(on.max(order.from_day).min(order.until_day));
    order.ended_why = Some(why.to_owned());
}

/// R04: an order whose last day has passed has ended, whether or not anybody was there to end it.
async fn lapse(tx: &mut Scoped, minutes: &mut Minutes<'_>, orders: &mut [Order]) -> Result<(), OpsError> {
    let day = minutes.day;
    for order in orders.iter_mut().filter(|o| o.state == OrderState::Active && o.until_day < day.date) {
        let last = order.until_day;
        ended(order, last, OrderState::Ended, "its last day has passed");
        tx.end_or_shorten(order).await?;
        release(minutes, order)?;
    }
    Ok(())
}

/// R13: a release is an event that leaves through the outbox.
fn release(minutes: &mut Minutes<'_>, order: &Order) -> Result<(), OpsError> {
    let day = minutes.day;
    let at = order.ended_on.map_or(day.end, |on| day.zone.start_of(on.plus_days(1)).min(day.end)).max(order.starts_at);
    minutes.event(
        at,
        "order.ended",
        &order.id,
        &order.division,
        &json!({"person": order.person, "kind": order.kind, "on": order.ended_on, "why": order.ended_why}),
        Some("release"),
    )
}

/// Looks again at orders that another pack gave (F28).
async fn reconsider(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    orders: &mut Vec<Order>,
    contacts: &[Contact],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let label = day.pack.label();
    let old: Vec<usize> = (0..orders.len())
        .filter(|at| orders[*at].state == OrderState::Active && orders[*at].basis == "contact")
        .filter(|at| !orders[*at].reason.contains(&label))
        .collect();
    if old.is_empty() {
        return Ok(());
    }
    let names: BTreeSet<&str> = old.iter().map(|at| orders[*at].person.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let people: HashMap<String, Resident> =
        tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    let strongest = strongest_contacts(contacts);
    let mut lighter = Vec::new();
    for at in old {
        let (Some(contact), Some(person)) = (
            strongest.get(orders[at].person.as_str()),
            people.get(&orders[at].person),
        ) else {
            continue;
        };
        let followed_by = orders
            .iter()
            .filter(|o| o.person == orders[at].person && o.state == OrderState::Active)
            .filter(|o| o.from_day > orders[at].until_day)
            .map(|o| (o.kind, o.until_day))
            .max_by_key(|(_, until)| *until);
        let open = OpenOrder {
            kind: orders[at].kind,
            from: orders[at].from_day,
            until: orders[at].until_day,
            followed_by,
            basis: Basis::Contact(facts(day, contact, person)),
        };
        let decided = day.pack.reconsider(&open, day.date);
        let order = &mut orders[at];
        let was = (order.kind, order.until_day);
        match &decided.value {
            Change::Keep => continue,
            Change::Shorten { until } => order.until_day = *until,
            Change::Lighten { phases } => {
                let first = phases.first().map_or(day.date, |phase| phase.from);
                if first <= order.from_day.max(day.date) {
                    ended(order, day.date, OrderState::Replaced, "the rules in force are lighter");
                } else {
                    order.until_day = first.plus_days(-1);
                }
                for (n, phase) in phases.iter().enumerate() {
                    let mut next = order.clone();
                    next.id = format!("{}-L{}", order.id, n + 1);
                    next.kind = phase.kind;
                    next.from_day = phase.from;
                    next.starts_at = day.start.max(day.zone.start_of(phase.from));
                    next.until_day = phase.until;
                    next.test_days = phase.test_days.iter().copied().filter(|test| *test >= day.date).collect();
                    next.state = OrderState::Active;
                    (next.ended_on, next.ended_why) = (None, None);
                    next.reason = json!([decided.reason]).to_string();
                    lighter.push(next);
                }
            }
            Change::End => ended(order, day.date, OrderState::Ended, "the rules in force ask nothing more"),
            Change::NeedsPerson => {
                minutes.waits(
                    Worklist::Review,
                    format!("order/{}", order.id),
                    &order.division,
                    by_division(&order.division.district()),
                    day.start,
                    "the rules in force would be longer or heavier; it stands as it is until a person decides",
                );
                continue;
            }
        }
        order.test_days.retain(|test| *test <= order.until_day);
        tx.end_or_shorten(order).await?;
        minutes.event(
            day.start,
            "order.reconsidered",
            &order.id,
            &order.division,
            &json!({"was": was, "is": (order.kind, order.until_day), "reason": decided.reason}),
            Some("order-notice"),
        )?;
        if order.state != OrderState::Active {
            release(minutes, order)?;
        }
    }
    tx.issue_orders(&lighter).await?;
    orders.extend(lighter);
    Ok(())
}

/// The contact row from which a person's dates count: the last exposure, and of those the strongest tier.
fn strongest_contacts(contacts: &[Contact]) -> BTreeMap<&str, &Contact> {
    let mut by_person: BTreeMap<&str, &Contact> = BTreeMap::new();
    for contact in contacts {
        let known = by_person.entry(contact.person.as_str()).or_insert(contact);
        if (contact.last_exposure, known.tier) > (known.last_exposure, contact.tier) {
            *known = contact;
        }
    }
    by_person
}

fn facts(day: &Day<'_>, contact: &Contact, person: &Resident) -> ContactFacts {
    ContactFacts {
        first_exposure: Some(contact.first_exposure),
        home: person.home,
        special: day.pack.is_special(person.age_on(day.date), &person.needs).value,
        ..ContactFacts::new(contact.tier, contact.last_exposure)
    }
}

/// The measures desk on one day: who is who, what stands, what is new.
struct Desk<'a> {
    day: &'a Day<'a>,
    people: HashMap<String, Resident>,
    orders: Vec<Order>,
    /// Orders of a person, as positions in `orders`.
    of_person: HashMap<String, Vec<usize>>,
    /// Ids of all orders, old and fresh.
    ids: HashSet<String>,
    fresh: Vec<Order>,
    cases: HashSet<String>,
    /// Cases that meet the rule of discharge, and by which clause.
    may_leave: HashMap<String, String>,
}

impl<'a> Desk<'a> {
    async fn open(
        tx: &mut Scoped,
        day: &'a Day<'a>,
        cases: &[Case],
        contacts: &[Contact],
        orders: Vec<Order>,
    ) -> Result<Desk<'a>, OpsError> {
        let names: BTreeSet<&str> =
            cases.iter().map(|c| c.person.as_str()).chain(contacts.iter().map(|c| c.person.as_str())).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let people = tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
        let cases = cases.iter().filter(|c| c.closed_on.is_none()).map(|c| c.person.clone()).collect();
        let mut of_person: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, order) in orders.iter().enumerate() {
            of_person.entry(order.person.clone()).or_default().push(at);
        }
        let ids = orders.iter().map(|order| order.id.clone()).collect();
        Ok(Desk { day, people, orders, of_person, ids, fresh: Vec::new(), cases, may_leave: HashMap::new() })
    }

    fn all(&self) -> Vec<&Order> {
        self.orders.iter().chain(&self.fresh).collect()
    }

    /// Last day of the active orders of a person that rest on an exposure.
    fn held_until(&self, person: &str) -> Option<CivilDate> {
        let orders = self.of_person.get(person).into_iter().flatten().map(|at| &self.orders[*at]);
        orders.filter(|o| o.state == OrderState::Active && o.basis == "contact").map(|o| o.until_day).max()
    }

    /// Ends the active orders of a person that a heavier fact replaces.
    async fn replace(
        &mut self,
        tx: &mut Scoped,
        minutes: &mut Minutes<'_>,
        person: &str,
        bases: &[&str],
        why: &str,
    ) -> Result<(), OpsError> {
        let today = self.day.date;
        for at in self.of_person.get(person).into_iter().flatten() {
            let order = &mut self.orders[*at];
            if order.state == OrderState::Active && bases.contains(&order.basis.as_str()) {
                ended(order, today, OrderState::Replaced, why);
                tx.end_or_shorten(order).await?;
                release(minutes, order)?;
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn issue(
        &mut self,
        id: String,
        person: &Resident,
        basis: &str,
        subject: &str,
        since: Instant,
        phase: Decided<Phase>,
        first: bool,
        milder: &str,
    ) {
        if !self.ids.insert(id.clone()) {
            return;
        }
        let day = self.day;
        // an order binds from its notice, which for the first phase may be before day 1 of the count
        let notice = day.zone.day(since);
        let from = if first { notice } else { phase.value.from.max(notice) };
        self.fresh.push(Order {
            id,
            person: person.person.clone(),
            person_no: person.no,
            division: person.division.clone(),
            kind: phase.value.kind,
            basis: basis.to_owned(),
            subject: subject.to_owned(),
            starts_at: since.max(day.zone.start_of(from)),
            from_day: from,
            until_day: phase.value.until.max(from),
            test_days: phase.value.test_days.into_iter().filter(|test| *test >= day.date).collect(),
            place: None,
            state: OrderState::Active,
            ended_on: None,
            ended_why: None,
            legal_basis: day.settings.legal_basis.clone(),
            body: day.settings.body.clone(),
            purpose: "interrupt-transmission".to_owned(),
            evidence: subject.to_owned(),
            milder: milder.to_owned(),
            reason: json!([phase.reason]).to_string(),
        });
    }

    /// Members of pools stay put until resolved, at most 24 hours (R05).
    async fn pools(
        &mut self,
        tx: &mut Scoped,
        minutes: &mut Minutes<'_>,
        recalls: &[screening::Recall],
    ) -> Result<(), OpsError> {
        let day = self.day;
        let numbers: Vec<i64> = recalls.iter().map(|r| r.person_no).collect::<BTreeSet<_>>().into_iter().collect();
        let people: HashMap<i64, Resident> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p)).collect();
        for recall in recalls {
            let Some(person) = people.get(&recall.person_no) else { continue };
            let id = format!("O-pool-{}-{}", recall.tube, person.person);
            let from = day.zone.day(recall.since);
            if recall.resolved.is_none() && !self.cases.contains(&person.person) && from.plus_days(1) >= day.date {
                let reason = Reason::new(day.pack.label(), "pool.members", Mark::Verified)
                    .with("tube", &recall.tube)
                    .with("finding", recall.finding)
                    .with("since", recall.since);
                let phase = Phase {
                    kind: OrderKind::StayForRetest,
                    from,
                    until: from.plus_days(1),
                    test_days: Vec::new(),
                    checks_per_day: 0,
                };
                let milder = "none: the person may be infected; a single test within 24 hours ends it";
                self.issue(id, person, "pool", &recall.tube, recall.since, Decided::new(phase, reason), true, milder);
                continue;
            }
            let Some((at, finding, tube)) = &recall.resolved else { continue };
            let own = self.of_person.get(&person.person).into_iter().flatten().copied();
            let standing = own.into_iter().find(|at| self.orders[*at].id == id && self.orders[*at].state == OrderState::Active);
            if let Some(order) = standing.map(|at| &mut self.orders[at]) {
                let why = if *finding == Finding::Negative { "negative" } else { "positive: a case" };
                ended(order, day.zone.day(*at), OrderState::Ended, &format!("{why}, single tube {tube}"));
                tx.end_or_shorten(order).await?;
                release(minutes, order)?;
            }
        }
        Ok(())
    }

    async fn cases(&mut self, tx: &mut Scoped, minutes: &mut Minutes<'_>, cases: &[Case]) -> Result<(), OpsError> {
        let day = self.day;
        for case in cases {
            let Some(person) = self.people.get(&case.person).cloned() else { continue };
            if let Some(closed) = case.closed_on {
                self.replace(tx, minutes, &case.person, &["case"], "the case is closed").await?;
                let after = day.pack.after_discharge(closed).filter(|phase| phase.value.until >= day.date);
                if let (Some("recovered"), Some(phase)) = (case.outcome.as_deref(), after) {
                    let milder = "none: the rule asks for monitoring at home after discharge";
                    let since = day.zone.start_of(closed);
                    self.issue(format!("O-after-{}", case.id), &person, "discharge", &case.id, since, phase, true, milder);
                }
                continue;
            }
            self.replace(tx, minutes, &case.person, &["contact", "pool"], "became a case").await?;
            let placement = placement(day, case, &person);
            let kind = match &placement.value {
                Placement::Home => OrderKind::HomeIsolation,
                Placement::Facility(_) => OrderKind::Hospital,
            };
            let from = day.zone.day(case.found_at);
            let days = day.pack.most_days(kind).map_or(CASE_ORDER_DAYS_MAX, |most| most.value.min(CASE_ORDER_DAYS_MAX));
            let phase =
                Phase { kind, from, until: from.plus_days(days), test_days: Vec::new(), checks_per_day: 1 };
            let milder = match kind {
                OrderKind::HomeIsolation => "none: this is the mildest the pack allows for a case",
                _ => "home isolation: not allowed by the pack for this severity, age, need or home",
            };
            let phase = Decided::new(phase, placement.reason);
            self.issue(format!("O-case-{}", case.id), &person, "case", &case.id, case.found_at, phase, true, milder);
        }
        Ok(())
    }

    /// Which cases meet the rule of discharge by their tests. Leaving is a decision of the ward; the books say that it is
    /// due, so that nobody is kept longer than the rule asks.
    fn discharges(&mut self, cases: &[Case], singles: &[TubeResult]) {
        let day = self.day;
        let by_person = screening::singles_by_person(singles);
        for case in cases.iter().filter(|case| case.closed_on.is_none()) {
            let tests: Vec<TestPoint> = by_person
                .get(&case.person_no)
                .into_iter()
                .flatten()
                .filter(|tube| tube.collected_at > case.sampled_at)
                .map(|tube| TestPoint { at: tube.collected_at, ct_n: tube.genes.0, ct_orf: tube.genes.1 })
                .collect();
            let facts = StayFacts {
                onset: case.onset,
                ..StayFacts::new(day.zone.day(case.found_at), day.date, case.severity, &tests)
            };
            let decided = day.pack.discharge(&facts, day.zone);
            if decided.value == Discharge::Release {
                self.may_leave.insert(case.id.clone(), decided.reason.to_string());
            }
        }
    }

    async fn contacts(
        &mut self,
        tx: &mut Scoped,
        minutes: &mut Minutes<'_>,
        contacts: &[Contact],
    ) -> Result<(), OpsError> {
        let day = self.day;
        let strongest = strongest_contacts(contacts);
        // R12: whoever cares for somebody who stays at home stays there too, if the home is fit
        let carers: HashSet<&str> = strongest
            .keys()
            .filter_map(|name| self.people.get(*name))
            .filter(|person| day.pack.is_special(person.age_on(day.date), &person.needs).value)
            .filter_map(|person| person.carer.as_deref())
            .collect();
        let carers: HashSet<String> = carers.into_iter().map(str::to_owned).collect();
        for (name, contact) in strongest {
            if self.cases.contains(name) {
                continue;
            }
            let Some(person) = self.people.get(name).cloned() else { continue };
            let mut facts = facts(day, contact, &person);
            facts.special |= carers.contains(name);
            let phases: Vec<Decided<Phase>> =
                day.pack.contact_plan(&facts).into_iter().filter(|phase| phase.value.until >= day.date).collect();
            let Some(end) = phases.iter().map(|phase| phase.value.until).max() else { continue };
            let held_until = self.held_until(name);
            if held_until.is_some_and(|until| until >= end) {
                continue;
            }
            if held_until.is_some() {
                // not an extension: a new exposure is new evidence, and a new decision
                let why = format!("exposed again, to {}", contact.case_id);
                self.replace(tx, minutes, name, &["contact"], &why).await?;
            }
            for (n, phase) in phases.into_iter().enumerate() {
                if n == 0 && phase.value.kind != OrderKind::CentralIsolation {
                    let owner = by_division(&contact.division);
                    let subject = format!("M-{}-{name}", contact.case_id);
                    minutes
                        .waits(Worklist::Place, subject, &contact.division, owner, contact.listed_at, "")
                        .done(contact.listed_at, format!("stays at home: {}", phase.reason));
                }
                let id = format!("O-contact-{}-{}-{}", name, contact.last_exposure, n + 1);
                let milder = match phase.value.kind {
                    OrderKind::CentralIsolation => "home isolation: the pack asks for a site, or the home is not known to be fit",
                    OrderKind::HomeIsolation => "home monitoring: not enough while the person may become infectious",
                    _ => "nothing milder is left but to do nothing",
                };
                self.issue(id, &person, "contact", &contact.case_id, contact.listed_at, phase, n == 0, milder);
            }
        }
        Ok(())
    }
}

/// Where a case goes by the pack.
pub fn placement(day: &Day<'_>, case: &Case, person: &Resident) -> Decided<Placement> {
    day.pack.case_placement(&PlacementFacts {
        severity: case.severity,
        age: person.age_on(day.date),
        needs: &person.needs,
        home: person.home,
    })
}

/// Kinds of facility for a placement; none when the person stays at home.
pub fn kinds(placement: &Placement) -> &[FacilityKind] {
    match placement {
        Placement::Home => &[],
        Placement::Facility(kinds) => kinds,
    }
}

/// Every order is an item until it ends; its last day is its deadline.
fn post_releases(minutes: &mut Minutes<'_>, desk: &Desk<'_>) {
    let day = desk.day;
    for order in desk.all() {
        if order.starts_at >= day.end {
            continue;
        }
        let item = minutes.waits(
            Worklist::Release,
            &order.id,
            &order.division,
            by_division(&order.division.district()),
            order.starts_at,
            format!("{} until the end of {}", order.kind, order.until_day),
        );
        item.due_at = Some(day.zone.start_of(order.until_day.plus_days(1)));
        if let Some(rule) = desk.may_leave.get(&order.subject).filter(|_| order.basis == "case") {
            item.due_at = Some(day.end);
            item.reason = format!("may leave: {rule}");
        }
        if order.state != OrderState::Active {
            let on = order.ended_on.unwrap_or(order.until_day);
            let at = day.zone.start_of(on.plus_days(1)).min(day.end).max(order.starts_at);
            item.done(at, order.ended_why.clone().unwrap_or_default());
        }
    }
}

/// Tests that are due today, and who took them.
async fn post_tests(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let day = minutes.day;
    let taken: HashSet<String> = tx.tested_of_due(day.start, day.end).await?.into_iter().collect();
    for (person, order, division, since) in tx.tests_due_on(day.date).await? {
        let item = minutes.waits(
            Worklist::Retest,
            format!("{}/{person}", day.date),
            &division,
            by_site(division.as_str()),
            since.max(day.start),
            format!("test due today by {order}"),
        );
        // whoever was bound only today has a whole day for it
        item.due_at = Some(if since > day.start { since.plus_hours(24) } else { day.end });
        if taken.contains(&person) {
            item.done(day.end, "sampled");
        }
    }
    Ok(())
}
