//! The measures desk on one day: who is who, which orders stand, which are new. Pools, cases and contacts come to it in
//! this order, so that a heavier fact replaces what a lighter one asked.

use super::{
    CASE_ORDER_DAYS_MAX,
    change::{facts, strongest_contacts},
    doubles, ended, notices, placement, release,
    stays::{Records, ToTest},
};
use crate::{
    OpsError,
    minutes::{Close, Day, Minutes, by_division},
    same::Same,
    screening,
};
use dayclear_core::{
    books::Worklist,
    measures::{OrderKind, OrderState},
    protocol::{Discharge, Phase, Placement, TestPoint},
    reason::{Decided, Mark, Reason},
    screening::Finding,
    time::{CivilDate, Instant},
};
use dayclear_store::{Scoped, cases::Case, measures::Order, roster::Resident, screening::TubeResult, tracing::Contact};
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Why an order of a case ends with it.
const CASE_CLOSED: &str = "the case is closed";

/// The measures desk on one day: who is who, what stands, what is new.
pub struct Desk<'a> {
    /// The day.
    pub day: &'a Day<'a>,
    people: HashMap<String, Resident>,
    orders: Vec<Order>,
    /// Orders of a person, whichever id they came with, as positions in `orders`; by who stands for the person.
    of_person: HashMap<String, Vec<usize>>,
    /// Ids of all orders, old and fresh.
    ids: HashSet<String>,
    /// Orders given today.
    pub fresh: Vec<Order>,
    /// Who stands for somebody with an open case.
    cases: HashSet<String>,
    same: Same,
    /// Cases that meet the rule of discharge, and by which clause.
    pub may_leave: HashMap<String, String>,
    /// Cases who lack nothing for a discharge but a test that is worth taking today.
    pub to_test: Vec<ToTest>,
}

impl<'a> Desk<'a> {
    pub async fn open(
        tx: &mut Scoped,
        day: &'a Day<'a>,
        cases: &[Case],
        contacts: &[Contact],
        orders: Vec<Order>,
        same: Same,
    ) -> Result<Desk<'a>, OpsError> {
        let names: BTreeSet<&str> =
            cases.iter().map(|c| c.person.as_str()).chain(contacts.iter().map(|c| c.person.as_str())).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let people = tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
        let ill = |case: &&Case| case.closed_on.is_none();
        let cases = cases.iter().filter(ill).map(|case| same.id(&case.person).to_owned()).collect();
        let mut of_person: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, order) in orders.iter().enumerate() {
            of_person.entry(same.id(&order.person).to_owned()).or_default().push(at);
        }
        let ids = orders.iter().map(|order| order.id.clone()).collect();
        Ok(Desk {
            day,
            people,
            orders,
            of_person,
            ids,
            fresh: Vec::new(),
            cases,
            same,
            may_leave: HashMap::new(),
            to_test: Vec::new(),
        })
    }

    pub fn all(&self) -> Vec<&Order> {
        self.orders.iter().chain(&self.fresh).collect()
    }

    /// Last day of the active orders of a person that rest on an exposure.
    fn held_until(&self, person: &str) -> Option<CivilDate> {
        let orders = self.of_person.get(self.same.id(person)).into_iter().flatten().map(|at| &self.orders[*at]);
        orders.filter(|o| o.state == OrderState::Active && o.basis == "contact").map(|o| o.until_day).max()
    }

    /// Ends the active orders of a person that a heavier fact replaces. Those that came with another id of theirs are set aside for
    /// `by`, where there is such an order.
    async fn replace(
        &mut self,
        tx: &mut Scoped,
        minutes: &mut Minutes<'_>,
        person: &str,
        bases: &[&str],
        why: &str,
        by: Option<&str>,
    ) -> Result<(), OpsError> {
        let today = self.day.date;
        for at in self.of_person.get(self.same.id(person)).into_iter().flatten() {
            let order = &mut self.orders[*at];
            if order.state == OrderState::Active && bases.contains(&order.basis.as_str()) {
                if order.person != person {
                    if let Some(by) = by {
                        doubles::set_aside(tx, minutes, order, by).await?;
                    }
                    continue;
                }
                // whoever is bound by nothing in its place is owed the paper of the end (R13)
                let state = if why == CASE_CLOSED { OrderState::Ended } else { OrderState::Replaced };
                ended(order, today, state, why);
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
            aside: None,
        });
    }

    /// Members of pools stay put until resolved, at most 24 hours (R05).
    pub async fn pools(
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
            let ill = self.cases.contains(self.same.id(&person.person));
            if recall.resolved.is_none() && !ill && from.plus_days(1) >= day.date {
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
            let own = self.of_person.get(self.same.id(&person.person)).into_iter().flatten().copied();
            let standing =
                own.into_iter().find(|at| self.orders[*at].id == id && self.orders[*at].state == OrderState::Active);
            if let Some(order) = standing.map(|at| &mut self.orders[at]) {
                let why = if *finding == Finding::Negative { "negative" } else { "positive: a case" };
                ended(order, day.zone.day(*at), OrderState::Ended, &format!("{why}, single tube {tube}"));
                tx.end_or_shorten(order).await?;
                release(minutes, order)?;
            }
        }
        Ok(())
    }

    pub async fn cases(&mut self, tx: &mut Scoped, minutes: &mut Minutes<'_>, cases: &[Case]) -> Result<(), OpsError> {
        let day = self.day;
        for case in cases {
            let Some(person) = self.people.get(&case.person).cloned() else { continue };
            if let Some(closed) = case.closed_on {
                let died = case.outcome.as_deref() == Some("died");
                let why = if died { "the person has died" } else { CASE_CLOSED };
                self.replace(tx, minutes, &case.person, &["case"], why, None).await?;
                let after = day.pack.after_discharge(closed).filter(|phase| phase.value.until >= day.date);
                if let (Some("recovered"), Some(phase)) = (case.outcome.as_deref(), after) {
                    let milder = "none: the rule asks for monitoring at home after discharge";
                    let since = day.zone.start_of(closed);
                    self.issue(
                        format!("O-after-{}", case.id),
                        &person,
                        "discharge",
                        &case.id,
                        since,
                        phase,
                        true,
                        milder,
                    );
                }
                continue;
            }
            let id = format!("O-case-{}", case.id);
            if let Some(stands) = &case.aside {
                // who is held by the case that stands is held once
                self.set_aside(tx, minutes, &id, &format!("O-case-{stands}")).await?;
                continue;
            }
            self.replace(tx, minutes, &case.person, &["contact", "pool"], "became a case", Some(&id)).await?;
            let placement = placement(day, case, &person);
            let kind = match &placement.value {
                Placement::Home => OrderKind::HomeIsolation,
                Placement::Facility(_) => OrderKind::Hospital,
            };
            self.lighten(tx, minutes, case, kind, &placement.reason).await?;
            let from = day.zone.day(case.found_at);
            let days = day.pack.most_days(kind).map_or(CASE_ORDER_DAYS_MAX, |most| most.value.min(CASE_ORDER_DAYS_MAX));
            let phase = Phase { kind, from, until: from.plus_days(days), test_days: Vec::new(), checks_per_day: 1 };
            let milder = match kind {
                OrderKind::HomeIsolation => "none: this is the mildest the pack allows for a case",
                _ => "home isolation: not allowed by the pack for this severity, age, need or home",
            };
            let phase = Decided::new(phase, placement.reason);
            self.issue(id, &person, "case", &case.id, case.found_at, phase, true, milder);
        }
        Ok(())
    }

    /// Sets an order aside for another one of the same person.
    async fn set_aside(
        &mut self,
        tx: &mut Scoped,
        minutes: &mut Minutes<'_>,
        id: &str,
        by: &str,
    ) -> Result<(), OpsError> {
        for order in self.orders.iter_mut().filter(|order| order.id == id && order.state == OrderState::Active) {
            doubles::set_aside(tx, minutes, order, by).await?;
        }
        Ok(())
    }

    /// A case that the rules in force leave at home is not held elsewhere by an order of older rules (F28): the order
    /// becomes lighter, and keeps its end.
    async fn lighten(
        &mut self,
        tx: &mut Scoped,
        minutes: &mut Minutes<'_>,
        case: &Case,
        kind: OrderKind,
        reason: &Reason,
    ) -> Result<(), OpsError> {
        let id = format!("O-case-{}", case.id);
        for at in self.of_person.get(self.same.id(&case.person)).into_iter().flatten() {
            let order = &mut self.orders[*at];
            if order.id == id && order.state == OrderState::Active && kind.weight() < order.kind.weight() {
                let was = order.kind;
                order.kind = kind;
                tx.end_or_shorten(order).await?;
                notices::changes(minutes, order);
                let body = json!({"was": was, "is": kind, "reason": reason});
                minutes.event(
                    self.day.start,
                    "order.reconsidered",
                    &id,
                    &order.division,
                    &body,
                    Some("order-notice"),
                )?;
            }
        }
        Ok(())
    }

    /// Which cases meet the rule of discharge by their tests and records, and of whom nothing but a test is missing. Leaving is a
    /// decision of the ward; the books say that it is due, so that nobody is kept longer than the rule asks.
    pub fn discharges(&mut self, cases: &[Case], singles: &[TubeResult], records: &Records) {
        let day = self.day;
        let by_person = screening::singles_by_person(singles, &self.same);
        for case in cases.iter().filter(|case| case.closed_on.is_none()) {
            let tests: Vec<TestPoint> = by_person
                .get(&self.same.who(case.person_no))
                .into_iter()
                .flatten()
                .filter(|tube| tube.collected_at > case.sampled_at)
                .map(|tube| TestPoint { at: tube.collected_at, ct_n: tube.genes.0, ct_orf: tube.genes.1 })
                .collect();
            let facts = records.facts(day, case, self.same.id(&case.person), &tests);
            let decided = day.pack.discharge(&facts, day.zone);
            if decided.value == Discharge::Release {
                self.may_leave.insert(case.id.clone(), decided.reason.to_string());
            } else if let Some(test) = day.pack.discharge_test(&facts, day.zone)
                && test.value <= day.date
            {
                let last = tests.last().map(|test| test.at);
                self.to_test.push(ToTest { case: case.clone(), last, why: test.reason.to_string() });
            }
        }
    }

    pub async fn contacts(
        &mut self,
        tx: &mut Scoped,
        minutes: &mut Minutes<'_>,
        contacts: &[Contact],
    ) -> Result<(), OpsError> {
        let day = self.day;
        let same = self.same.clone();
        let strongest = strongest_contacts(contacts, &same);
        // R12: whoever cares for somebody who stays at home stays there too, if the home is fit
        let carers: HashSet<&str> = strongest
            .values()
            .filter_map(|contact| self.people.get(&contact.person))
            .filter(|person| day.pack.is_special(person.age_on(day.date), &person.needs).value)
            .filter_map(|person| person.carer.as_deref())
            .collect();
        let carers: HashSet<String> = carers.into_iter().map(str::to_owned).collect();
        for (stands, contact) in strongest {
            if self.cases.contains(stands) {
                continue;
            }
            // the decision rests on the exposure and goes by its id
            let name = contact.person.as_str();
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
                let last = format!("O-contact-{name}-{}-{}", contact.last_exposure, phases.len());
                self.replace(tx, minutes, name, &["contact"], &why, Some(&last)).await?;
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
                    OrderKind::CentralIsolation => {
                        "home isolation: the pack asks for a site, or the home is not known to be fit"
                    }
                    OrderKind::HomeIsolation => "home monitoring: not enough while the person may become infectious",
                    _ => "nothing milder is left but to do nothing",
                };
                self.issue(id, &person, "contact", &contact.case_id, contact.listed_at, phase, n == 0, milder);
            }
        }
        Ok(())
    }
}
