//! The rules of a pack in typed form, read from its sheet. What is asked for here is what a pack may say; see
//! `docs/protocols.md` for the same list in prose. Checks that concern one file stand at the end.

use super::{clause::*, questions, rounds::RoundRule, sheet::Sheet, terms::*};
use crate::{books::Worklist, cases::Severity, measures::*, roster::*, screening::Purpose, tracing::*, welfare::*};
use std::collections::BTreeMap;

/// Rules of the window in which contacts are looked for.
#[derive(Clone, Debug)]
pub(super) struct WindowRule {
    pub before_onset: Clause<i64>,
    pub before_sampling: Clause<i64>,
    pub after_onset: Option<Clause<i64>>,
    pub from_last_negative: Option<Clause<bool>>,
}

/// One phase of a plan. The number of its days counts on from the phase before it.
#[derive(Clone, Debug)]
pub(super) struct PhaseRule {
    pub kind: OrderKind,
    pub days: Clause<i64>,
    pub tests: Option<Clause<Vec<i64>>>,
    pub checks: Option<Clause<i64>>,
    /// First day that binds, counted from the first exposure.
    pub start_day: Option<Clause<i64>>,
    /// Days instead, for somebody who had immunoglobulin.
    pub after_immunoglobulin: Option<Clause<i64>>,
}

/// What is asked of a group of people, phase after phase, each lighter than the one before.
#[derive(Clone, Debug)]
pub(super) struct PlanRule {
    pub susceptible_only: Option<Clause<bool>>,
    pub phases: Vec<PhaseRule>,
}

/// When somebody may leave a place of treatment.
#[derive(Clone, Debug)]
pub(super) struct ReleaseRule {
    pub path: String,
    pub symptoms_relieved: Option<Clause<bool>>,
    pub fever_free_more_than: Option<Clause<i64>>,
    pub lungs_improved: Option<Clause<bool>>,
    pub lesions_healed: Option<Clause<bool>>,
    pub negatives: Option<Clause<i64>>,
    pub apart: Option<Clause<i64>>,
    pub ct_at_least: Option<Clause<f64>>,
    pub first_test_day: Option<Clause<i64>>,
    pub through_day_after_onset: Option<Clause<i64>>,
}

/// Where a case goes.
#[derive(Clone, Debug)]
pub(super) struct PlacementRule {
    pub by_severity: BTreeMap<Severity, Clause<Vec<Destination>>>,
    pub high_risk: Option<Clause<Vec<Destination>>>,
    pub age_from: Option<Clause<i64>>,
    pub age_up_to: Option<Clause<i64>>,
    pub needs: Option<Clause<Vec<Need>>>,
}

/// Risk areas.
#[derive(Clone, Debug)]
pub(super) struct AreaRules {
    pub used: Clause<bool>,
    pub units: Clause<Vec<ZoneUnit>>,
    pub enlarged: Option<Clause<ZoneUnit>>,
    pub level: Clause<ZoneLevel>,
    pub stay_home: Clause<bool>,
    pub exempt: Option<Clause<Vec<Exemption>>>,
    pub exempt_ct: Option<Clause<f64>>,
    pub no_reset: Option<Clause<bool>>,
    pub days: Clause<i64>,
    pub all_tested: Clause<bool>,
    pub next_level: Clause<ZoneLevel>,
    pub then_days: Option<Clause<i64>>,
    pub test_days: Clause<Vec<i64>>,
}

/// Everything a pack says.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub incubation: Option<(Clause<i64>, Clause<i64>)>,
    /// Mean and standard deviation.
    pub serial_interval: Option<(Clause<f64>, Clause<f64>)>,
    pub deadlines: BTreeMap<Worklist, Clause<Limit>>,
    pub answers: BTreeMap<RequestKind, Clause<Limit>>,
    /// Days between two regular treatments.
    pub treatments: BTreeMap<Need, Clause<i64>>,
    pub window: WindowRule,
    pub tiers: BTreeMap<ContactClass, Clause<ContactTier>>,
    pub secondary: Clause<bool>,
    pub secondary_index_negatives: Option<Clause<i64>>,
    pub plans: BTreeMap<PlanFor, PlanRule>,
    pub special_home: Option<Clause<OrderKind>>,
    pub special_age: Option<Clause<i64>>,
    pub special_needs: Option<Clause<Vec<Need>>>,
    pub unsuitable_home: Option<Clause<OrderKind>>,
    pub placement: PlacementRule,
    pub facility: ReleaseRule,
    pub home: Option<ReleaseRule>,
    pub after: Option<PhaseRule>,
    pub area_used: Clause<bool>,
    pub area: Option<AreaRules>,
    pub pools: BTreeMap<Purpose, Clause<Vec<u8>>>,
    pub household_tubes: Option<Clause<Vec<Purpose>>>,
    pub groups: BTreeMap<KeyGroup, Clause<Cadence>>,
    pub rounds: Option<RoundRule>,
    /// Cases of different households, and days.
    pub cluster: Option<(Clause<i64>, Clause<i64>)>,
    /// Clean days, and percent of a community that the last round reached.
    pub free: Option<(Clause<i64>, Clause<i64>)>,
    /// Hours of rest, hours of a shift, days at one site.
    pub staff: Option<[Clause<i64>; 3]>,
    pub most_days: BTreeMap<OrderKind, Clause<i64>>,
    pub prophylaxis: BTreeMap<Prophylaxis, Clause<Limit>>,
    pub outbreak_over: Option<Clause<i64>>,
    pub outbreak_watch: Option<Clause<i64>>,
    pub retention: Option<Clause<i64>>,
    pub questions: Vec<crate::interview::Question>,
}

impl Rules {
    /// Reads the rules; `None` when something that every pack needs is missing. Errors are in the sheet.
    pub(super) fn read(sheet: &mut Sheet) -> Option<Rules> {
        let shortest = sheet.days("incubation.shortest");
        let longest = sheet.days("incubation.longest");
        let serial_mean = sheet.span("serial_interval.mean");
        let serial_sd = sheet.span("serial_interval.sd");
        let deadlines = each(Worklist::ALL, "deadline", sheet, |sheet, path| sheet.limit(path));
        let answers = each(RequestKind::ALL, "answer", sheet, |sheet, path| sheet.limit(path));
        let treatments = each(Need::ALL, "treatment", sheet, |sheet, path| sheet.days(path));
        let window = window(sheet);
        let tiers = each(ContactClass::ALL, "contact.class", sheet, |sheet, path| sheet.term(path, ContactTier::NAMES));
        let secondary = sheet.flag("contact.trace_secondary");
        let secondary = sheet.need("contact.trace_secondary", secondary);
        let secondary_index_negatives = sheet.count("contact.secondary_index_negatives", 1, 10);
        let special_home = sheet.term("special.kind", OrderKind::NAMES);
        let special_age = sheet.count("special.age_up_to", 0, 120);
        let special_needs = sheet.terms("special.needs", Need::NAMES);
        let unsuitable_home = sheet.term("home.unsuitable", OrderKind::NAMES);
        let plans = PlanFor::ALL.iter().filter_map(|who| Some((*who, plan(sheet, *who)?))).collect();
        let placement = placement(sheet);
        let facility = release(sheet, "discharge.facility");
        if facility.is_none() {
            sheet.wrong_at("discharge.facility", "nothing", "at least one clause on release from a facility");
        }
        let home = release(sheet, "discharge.home");
        let after = phase(sheet, "after_discharge", OrderKind::HomeMonitoring);
        let area_used = sheet.flag("area.used");
        let area_used = sheet.need("area.used", area_used);
        let area = area(sheet, area_used.clone());
        let pools = each(Purpose::ALL, "pool", sheet, |sheet, path| sheet.pools(path));
        let household_tubes = sheet.terms("pool.household", Purpose::NAMES);
        let groups = each(KeyGroup::ALL, "group", sheet, |sheet, path| sheet.cadence(path));
        let rounds = RoundRule::read(sheet);
        let cluster_cases = sheet.count("cluster.cases", 2, 100);
        let cluster_days = sheet.days("cluster.days");
        let free_days = sheet.days("free.clean_days");
        let free_coverage = sheet.count("free.coverage", 1, 100);
        let staff = [sheet.hours("staff.rest"), sheet.hours("staff.shift"), sheet.days("staff.one_site")];
        let most_days = each(OrderKind::ALL, "limit", sheet, |sheet, path| sheet.days(path));
        let prophylaxis = each(Prophylaxis::ALL, "prophylaxis", sheet, |sheet, path| sheet.limit(path));
        let outbreak_over = sheet.days("outbreak.over");
        let outbreak_watch = sheet.days("outbreak.watch");
        let retention = sheet.days("retention.tracing");
        let questions = questions::read(sheet);
        let rules = Rules {
            incubation: shortest.zip(longest),
            serial_interval: serial_mean.zip(serial_sd),
            deadlines,
            answers,
            treatments,
            window: window?,
            tiers,
            secondary: secondary?,
            secondary_index_negatives,
            plans,
            special_home,
            special_age,
            special_needs,
            unsuitable_home,
            placement,
            facility: facility?,
            home,
            after,
            area: if area_used.as_ref()?.value { Some(area?) } else { None },
            area_used: area_used?,
            pools,
            household_tubes,
            groups,
            rounds,
            cluster: cluster_cases.zip(cluster_days),
            free: free_days.zip(free_coverage),
            staff: match staff {
                [Some(rest), Some(shift), Some(days)] => Some([rest, shift, days]),
                _ => None,
            },
            most_days,
            prophylaxis,
            outbreak_over,
            outbreak_watch,
            retention,
            questions,
        };
        rules.check(sheet);
        Some(rules)
    }

    /// What must hold between the clauses of one pack.
    fn check(&self, sheet: &mut Sheet) {
        if let Some((mean, _)) = &self.serial_interval
            && mean.value <= 1.0
        {
            // it is discretised as a gamma distribution shifted by a day
            sheet.wrong_at(&mean.path, mean.value.to_string(), "more than 1 day");
        }
        if let Some((shortest, longest)) = &self.incubation
            && shortest.value > longest.value
        {
            sheet.wrong_at(
                &shortest.path,
                shortest.value.to_string(),
                format!("at most the longest, {}", longest.value),
            );
        }
        if !self.deadlines.contains_key(&Worklist::Report) {
            sheet.wrong_at("deadline.report", "nothing", "a time limit: a positive is always reported");
        }
        if let Some(clause) = self.deadlines.get(&Worklist::Answer) {
            sheet.wrong_at(&clause.path, "a limit", "a limit for each kind of request, in the section [answer]");
        }
        if self.secondary.value && !self.plans.contains_key(&PlanFor::Secondary) {
            sheet.wrong_at(&self.secondary.path, "true without a plan", "a section plan.secondary, or false");
        }
        if let Some(clause) = &self.special_home
            && clause.value.weight() > OrderKind::CentralIsolation.weight()
        {
            sheet.wrong_at(&clause.path, clause.value.name(), "a kind that binds no more than central_isolation");
        }
        for plan in self.plans.values() {
            let mut last = 0;
            for phase in &plan.phases {
                last += phase.days.value.max(phase.after_immunoglobulin.as_ref().map_or(0, |clause| clause.value));
                self.check_phase(sheet, phase, last);
            }
        }
        if let Some(after) = &self.after {
            self.check_phase(sheet, after, after.days.value);
        }
        for clause in self.placement.by_severity.values().chain(&self.placement.high_risk) {
            if clause.value == [Destination::Home]
                || clause.value.is_empty()
                || clause.value[1..].contains(&Destination::Home)
            {
                let expected = "home only in the first place, and at least one facility for unsuitable homes";
                sheet.wrong_at(&clause.path, format!("{:?}", names(&clause.value)), expected);
            }
        }
        for rule in std::iter::once(&self.facility).chain(&self.home) {
            if let Some(apart) = &rule.apart
                && rule.negatives.as_ref().is_none_or(|clause| clause.value < 2)
            {
                sheet.wrong_at(&apart.path, "hours between tests", format!("{}.negatives of at least 2", rule.path));
            }
        }
        if let Some(area) = &self.area {
            if area.units.value.is_empty() || area.units.value.windows(2).any(|pair| pair[0] >= pair[1]) {
                sheet.wrong_at(
                    &area.units.path,
                    format!("{:?}", names(&area.units.value)),
                    "units from the smallest to the largest",
                );
            }
            if area.all_tested.value && !area.test_days.value.contains(&area.days.value) {
                let expected =
                    format!("day {} among the test days, because everybody has to be negative then", area.days.value);
                sheet.wrong_at(&area.test_days.path, format!("{:?}", area.test_days.value), expected);
            }
            if area.then_days.is_none() && area.next_level.value != ZoneLevel::Low {
                sheet.wrong_at(
                    &area.next_level.path,
                    area.next_level.value.name(),
                    "low, or a clause area.release.then_days",
                );
            }
            let exempts_ct =
                area.exempt.as_ref().is_some_and(|clause| clause.value.contains(&Exemption::InboundHighCt));
            if exempts_ct && area.exempt_ct.is_none() {
                sheet.wrong_at("area.exempt_ct", "nothing", "the Ct from which an inbound case opens no area");
            }
        }
    }

    fn check_phase(&self, sheet: &mut Sheet, phase: &PhaseRule, last: i64) {
        let days = phase.days.value;
        if let Some(tests) = &phase.tests
            && tests.value.iter().any(|day| *day > days)
        {
            sheet.wrong_at(
                &tests.path,
                format!("{:?}", tests.value),
                format!("test days from 1 to {days}, inside the phase"),
            );
        }
        // A phase may be carried out as another kind (a special group at home, an unsuitable home): that kind has a limit too.
        let turned = match phase.kind {
            OrderKind::CentralIsolation => &self.special_home,
            OrderKind::HomeIsolation => &self.unsuitable_home,
            _ => &None,
        };
        for kind in std::iter::once(phase.kind).chain(turned.as_ref().map(|clause| clause.value)) {
            match self.most_days.get(&kind) {
                None => sheet.wrong_at(
                    &format!("limit.{kind}"),
                    "nothing",
                    format!("the last day that {kind} may reach, because {} uses it", phase.days.path),
                ),
                Some(most) if last > most.value => {
                    sheet.wrong_at(
                        &phase.days.path,
                        format!("last day {last}"),
                        format!("at most {} ({})", most.value, most.path),
                    );
                }
                Some(_) => {}
            }
        }
    }
}

fn names<T: std::fmt::Display>(list: &[T]) -> Vec<String> {
    list.iter().map(T::to_string).collect()
}

fn each<K: Ord + Copy + std::fmt::Display, T>(
    keys: &[K],
    section: &str,
    sheet: &mut Sheet,
    mut read: impl FnMut(&mut Sheet, &str) -> Option<Clause<T>>,
) -> BTreeMap<K, Clause<T>> {
    keys.iter().filter_map(|key| Some((*key, read(sheet, &format!("{section}.{key}"))?))).collect()
}

fn window(sheet: &mut Sheet) -> Option<WindowRule> {
    let before_onset = sheet.days("window.before_onset");
    let before_onset = sheet.need("window.before_onset", before_onset);
    let before_sampling = sheet.days("window.before_sampling");
    let before_sampling = sheet.need("window.before_sampling", before_sampling);
    let after_onset = sheet.days("window.after_onset");
    let from_last_negative = sheet.flag("window.from_last_negative");
    Some(WindowRule { before_onset: before_onset?, before_sampling: before_sampling?, after_onset, from_last_negative })
}

fn phase(sheet: &mut Sheet, path: &str, kind: OrderKind) -> Option<PhaseRule> {
    let tests = sheet.day_list(&format!("{path}.tests"));
    let checks = sheet.count(&format!("{path}.checks"), 1, 4);
    let start_day = sheet.days(&format!("{path}.start_day"));
    let after_immunoglobulin = sheet.days(&format!("{path}.days_after_immunoglobulin"));
    let days = sheet.days(&format!("{path}.days"));
    let others = tests.is_some() || checks.is_some() || start_day.is_some() || after_immunoglobulin.is_some();
    let days = if others { sheet.need(&format!("{path}.days"), days) } else { days };
    Some(PhaseRule { kind, days: days?, tests, checks, start_day, after_immunoglobulin })
}

fn plan(sheet: &mut Sheet, who: PlanFor) -> Option<PlanRule> {
    let susceptible_only = sheet.flag(&format!("plan.{who}.susceptible_only"));
    let mut kinds: Vec<OrderKind> = OrderKind::ALL.to_vec();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.weight()));
    let phases: Vec<PhaseRule> =
        kinds.into_iter().filter_map(|kind| phase(sheet, &format!("plan.{who}.{kind}"), kind)).collect();
    (!phases.is_empty()).then_some(PlanRule { susceptible_only, phases })
}

fn placement(sheet: &mut Sheet) -> PlacementRule {
    let mut by_severity = BTreeMap::new();
    for severity in Severity::ALL {
        let path = format!("placement.{severity}");
        let found = sheet.terms(&path, Destination::NAMES);
        if let Some(clause) = sheet.need(&path, found) {
            by_severity.insert(*severity, clause);
        }
    }
    PlacementRule {
        by_severity,
        high_risk: sheet.terms("placement.high_risk", Destination::NAMES),
        age_from: sheet.count("placement.high_risk_age_from", 0, 120),
        age_up_to: sheet.count("placement.high_risk_age_up_to", 0, 120),
        needs: sheet.terms("placement.high_risk_needs", Need::NAMES),
    }
}

fn release(sheet: &mut Sheet, path: &str) -> Option<ReleaseRule> {
    let key = |name: &str| format!("{path}.{name}");
    let rule = ReleaseRule {
        path: path.to_owned(),
        symptoms_relieved: sheet.flag(&key("symptoms_relieved")),
        fever_free_more_than: sheet.days(&key("fever_free_more_than")),
        lungs_improved: sheet.flag(&key("lungs_improved")),
        lesions_healed: sheet.flag(&key("lesions_healed")),
        negatives: sheet.count(&key("negatives"), 1, 10),
        apart: sheet.hours(&key("apart")),
        ct_at_least: sheet.cycles(&key("ct_at_least")),
        first_test_day: sheet.days(&key("first_test_day")),
        through_day_after_onset: sheet.days(&key("through_day_after_onset")),
    };
    let any = rule.symptoms_relieved.is_some()
        || rule.lesions_healed.is_some()
        || rule.negatives.is_some()
        || rule.through_day_after_onset.is_some();
    any.then_some(rule)
}

fn area(sheet: &mut Sheet, used: Option<Clause<bool>>) -> Option<AreaRules> {
    let on = used.as_ref().is_some_and(|clause| clause.value);
    let units = sheet.terms("area.units", ZoneUnit::NAMES);
    let level = sheet.term("area.level", ZoneLevel::NAMES);
    let stay_home = sheet.flag("area.stay_home");
    let days = sheet.days("area.release.days");
    let all_tested = sheet.flag("area.release.all_tested");
    let next_level = sheet.term("area.release.level", ZoneLevel::NAMES);
    let test_days = sheet.day_list("area.test_days");
    let enlarged = sheet.term("area.enlarged", ZoneUnit::NAMES);
    let exempt = sheet.terms("area.exempt", Exemption::NAMES);
    let exempt_ct = sheet.cycles("area.exempt_ct");
    let no_reset = sheet.flag("area.isolated_do_not_reset");
    let then_days = sheet.days("area.release.then_days");
    if !on {
        return None;
    }
    let units = sheet.need("area.units", units);
    let level = sheet.need("area.level", level);
    let stay_home = sheet.need("area.stay_home", stay_home);
    let days = sheet.need("area.release.days", days);
    let all_tested = sheet.need("area.release.all_tested", all_tested);
    let next_level = sheet.need("area.release.level", next_level);
    let test_days = sheet.need("area.test_days", test_days);
    Some(AreaRules {
        used: used?,
        units: units?,
        enlarged,
        level: level?,
        stay_home: stay_home?,
        exempt,
        exempt_ct,
        no_reset,
        days: days?,
        all_tested: all_tested?,
        next_level: next_level?,
        then_days,
        test_days: test_days?,
    })
}
