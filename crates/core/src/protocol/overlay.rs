//! Whether a lower division's overlay is lighter than the pack above it, or equal (R07). Plans are compared by what they
//! ask on each day, not by their clauses, so that central isolation may be turned into a longer time at home only where
//! no day of it is heavier than before.

use super::{
    Pack,
    clause::Clause,
    contacts::ContactFacts,
    errors::Violation,
    rules::{ReleaseRule, Rules},
    terms::*,
};
use crate::{cases::Severity, roster::Known, screening::Purpose, tracing::ContactTier};
use std::{collections::BTreeMap, fmt::Display};

#[derive(Default)]
struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, clause: &str, above: impl Display, overlay: impl Display) {
        let (above, overlay) = (above.to_string(), overlay.to_string());
        let violation = Violation { clause: clause.to_owned(), above, overlay };
        if !self.0.contains(&violation) {
            self.0.push(violation);
        }
    }
    /// The overlay's number may not be larger; a number that the pack above does not have is one too many.
    fn at_most<T: PartialOrd + Display>(&mut self, above: Option<&Clause<T>>, overlay: Option<&Clause<T>>) {
        match (above, overlay) {
            (Some(above), Some(overlay)) if overlay.value > above.value => {
                self.add(&overlay.path, &above.value, &overlay.value)
            }
            (None, Some(overlay)) => self.add(&overlay.path, "nothing", &overlay.value),
            _ => {}
        }
    }
    /// A relief that the pack above grants may not be taken away.
    fn keeps(&mut self, path: &str, above: bool, overlay: bool) {
        if above && !overlay {
            self.add(path, "this relief", "none");
        }
    }
    /// A demand that the pack above does not make may not be added.
    fn adds_none(&mut self, path: &str, above: bool, overlay: bool) {
        if overlay && !above {
            self.add(path, "nothing", "this demand");
        }
    }
}

pub(super) fn violations(above: &Pack, overlay: &Pack) -> Vec<Violation> {
    let mut found = Found::default();
    let (a, o) = (&above.rules, &overlay.rules);
    plans(&mut found, above, overlay);
    contacts(&mut found, a, o);
    cases(&mut found, a, o);
    areas(&mut found, a, o);
    for (group, clause) in &o.groups {
        let most = a.groups.get(group).map_or(0, |clause| clause.value.weekly_per_hundred());
        if clause.value.weekly_per_hundred() > most {
            found.add(&clause.path, format_args!("{most} tests a week per hundred"), clause.value.weekly_per_hundred());
        }
    }
    for purpose in Purpose::ALL {
        if let Some(size) = overlay.pool_sizes(*purpose).iter().find(|size| !above.pool_sizes(*purpose).contains(size))
        {
            found.add(&format!("pool.{purpose}"), format_args!("{:?}", above.pool_sizes(*purpose)), size);
        }
    }
    rounds(&mut found, a, o);
    free(&mut found, a, o);
    for (kind, clause) in &o.most_days {
        found.at_most(a.most_days.get(kind), Some(clause));
    }
    let kept = overlay.retention_days().value;
    if kept > above.retention_days().value {
        found.add("retention.tracing", above.retention_days().value, kept);
    }
    // What the authorities owe people and each other may be done sooner, never later.
    sooner(&mut found, &a.deadlines, &o.deadlines);
    sooner(&mut found, &a.answers, &o.answers);
    for (need, clause) in &a.treatments {
        match o.treatments.get(need) {
            Some(overlay) => found.at_most(Some(clause), Some(overlay)),
            None => found.keeps(&clause.path, true, false),
        }
    }
    found.0
}

/// More rounds, on more grounds, is stricter; so is a longer way or a longer wait.
fn rounds(found: &mut Found, a: &Rules, o: &Rules) {
    let Some(overlay) = &o.rounds else { return };
    let Some(above) = &a.rounds else { return found.add("round", "no rounds", "rounds") };
    for (above, overlay) in [
        (&above.a_day, &overlay.a_day),
        (&above.clean, &overlay.clean),
        (&above.after_pause, &overlay.after_pause),
        (&above.walk, &overlay.walk),
        (&above.queue, &overlay.queue),
    ] {
        found.at_most(Some(above), Some(overlay));
    }
    for (above, overlay) in [(&above.every, &overlay.every), (&above.pause, &overlay.pause)] {
        if overlay.value < above.value {
            found.add(&overlay.path, above.value, overlay.value);
        }
    }
    if let Some(ground) = overlay.widened.value.iter().find(|ground| !above.widened.value.contains(ground)) {
        found.add(&overlay.widened.path, format_args!("{:?}", above.widened.value), ground);
    }
}

/// A community may be free sooner than the pack above says, and never later.
fn free(found: &mut Found, a: &Rules, o: &Rules) {
    let Some((days, coverage)) = &a.free else { return };
    match &o.free {
        Some((other_days, other_coverage)) => {
            found.at_most(Some(days), Some(other_days));
            found.at_most(Some(coverage), Some(other_coverage));
        }
        None => found.keeps(&days.path, true, false),
    }
}

fn sooner<K: Ord>(
    found: &mut Found,
    above: &BTreeMap<K, Clause<super::Limit>>,
    overlay: &BTreeMap<K, Clause<super::Limit>>,
) {
    for (key, clause) in overlay {
        if let Some(limit) = above.get(key)
            && clause.value.longest() > limit.value.longest()
        {
            found.add(&clause.path, format_args!("{} minutes", limit.value.longest()), clause.value.longest());
        }
    }
}

fn plans(found: &mut Found, above: &Pack, overlay: &Pack) {
    let Some(event) = crate::time::CivilDate::new(2000, 1, 1) else { return };
    for who in PlanFor::ALL {
        let path = format!("plan.{who}");
        for (home, special, immune, immunoglobulin) in facts() {
            let facts =
                ContactFacts { home, special, immune, immunoglobulin, ..ContactFacts::new(ContactTier::Close, event) };
            let (a, o) = (above.plan(*who, &facts), overlay.plan(*who, &facts));
            for day in o.iter().flat_map(|phase| {
                (0..=phase.value.until.days_since(phase.value.from)).map(|n| phase.value.from.plus_days(n))
            }) {
                let on = |plan: &[crate::reason::Decided<super::Phase>]| {
                    plan.iter()
                        .map(|phase| &phase.value)
                        .find(|phase| phase.from <= day && day <= phase.until)
                        .map(|phase| phase.kind)
                };
                let (was, is) = (on(&a), on(&o));
                if is.map(|kind| kind.weight() + 1) > was.map(|kind| kind.weight() + 1) {
                    let name = |kind: Option<crate::measures::OrderKind>| kind.map_or("nothing", |kind| kind.name());
                    let number = super::count::number(event, day);
                    let asked = format!("{} on day {number}", name(is));
                    found.add(
                        &format!("{path}.{}.days", name(is)),
                        format_args!("{} on day {number}", name(was)),
                        asked,
                    );
                    break;
                }
            }
            let tests = |plan: &[crate::reason::Decided<super::Phase>]| {
                plan.iter().map(|phase| phase.value.test_days.len()).sum::<usize>()
            };
            if tests(&o) > tests(&a) {
                found.add(&path, format_args!("{} tests", tests(&a)), format_args!("{} tests", tests(&o)));
            }
            let checks = |plan: &[crate::reason::Decided<super::Phase>]| {
                plan.iter().map(|phase| phase.value.checks_per_day).max().unwrap_or(0)
            };
            if checks(&o) > checks(&a) {
                found.add(
                    &path,
                    format_args!("{} checks a day", checks(&a)),
                    format_args!("{} checks a day", checks(&o)),
                );
            }
        }
    }
    let on = |pack: &Pack| {
        pack.rules
            .plans
            .iter()
            .flat_map(|(who, plan)| {
                plan.phases.iter().map(move |phase| {
                    (format!("{who}.{}", phase.kind), phase.start_day.as_ref().map_or(1, |clause| clause.value))
                })
            })
            .collect::<BTreeMap<String, i64>>()
    };
    let before = on(above);
    for (phase, start) in on(overlay) {
        if before.get(&phase).is_some_and(|was| start < *was) {
            found.add(
                &format!("plan.{phase}.start_day"),
                format_args!("a start on day {}", before[&phase]),
                format_args!("day {start}"),
            );
        }
    }
}

fn facts() -> impl Iterator<Item = (Known, bool, Known, bool)> {
    Known::ALL.iter().flat_map(|home| {
        [
            (false, Known::Unknown, false),
            (true, Known::Unknown, false),
            (false, Known::Yes, false),
            (false, Known::Unknown, true),
        ]
        .map(|(special, immune, immunoglobulin)| (*home, special, immune, immunoglobulin))
    })
}

fn contacts(found: &mut Found, a: &Rules, o: &Rules) {
    found.at_most(Some(&a.window.before_onset), Some(&o.window.before_onset));
    found.at_most(Some(&a.window.before_sampling), Some(&o.window.before_sampling));
    if let Some(above) = &a.window.after_onset {
        found.keeps(&above.path, true, o.window.after_onset.as_ref().is_some_and(|clause| clause.value <= above.value));
    }
    let looks = |rules: &Rules| rules.window.from_last_negative.as_ref().is_some_and(|clause| clause.value);
    found.adds_none("window.from_last_negative", looks(a), looks(o));
    for (class, clause) in &o.tiers {
        let was = a.tiers.get(class).map(|clause| clause.value);
        if was != Some(clause.value) && was != Some(ContactTier::Close) {
            found.add(&clause.path, was.map_or("no contact", |tier| tier.name()), clause.value);
        }
    }
    found.adds_none(&o.secondary.path, a.secondary.value, o.secondary.value);
    found.keeps("special.kind", a.special_home.is_some(), o.special_home.is_some());
    if let (Some(above), Some(overlay)) = (&a.special_age, &o.special_age) {
        found.keeps(&overlay.path, true, overlay.value >= above.value);
    }
    if let Some(above) = &a.special_needs {
        let kept =
            o.special_needs.as_ref().is_some_and(|overlay| above.value.iter().all(|need| overlay.value.contains(need)));
        found.keeps(&above.path, true, kept);
    }
}

fn cases(found: &mut Found, a: &Rules, o: &Rules) {
    let home = |rules: &Rules, severity: &Severity| {
        rules.placement.by_severity.get(severity).is_some_and(|clause| clause.value.first() == Some(&Destination::Home))
    };
    for severity in Severity::ALL {
        found.keeps(&format!("placement.{severity}"), home(a, severity), home(o, severity));
    }
    release(found, Some(&a.facility), Some(&o.facility));
    release(found, a.home.as_ref().or(Some(&a.facility)), o.home.as_ref());
    let days = |rules: &Rules| rules.after.as_ref().map_or(0, |after| after.days.value);
    if days(o) > days(a) {
        found.add("after_discharge.days", days(a), days(o));
    }
    let tests = |rules: &Rules| {
        rules.after.as_ref().and_then(|after| after.tests.as_ref()).map_or(0, |clause| clause.value.len())
    };
    if tests(o) > tests(a) {
        found.add("after_discharge.tests", format_args!("{} tests", tests(a)), tests(o));
    }
}

fn release(found: &mut Found, above: Option<&ReleaseRule>, overlay: Option<&ReleaseRule>) {
    let (Some(above), Some(overlay)) = (above, overlay) else { return };
    found.at_most(above.fever_free_more_than.as_ref(), overlay.fever_free_more_than.as_ref());
    found.at_most(above.negatives.as_ref(), overlay.negatives.as_ref());
    found.at_most(above.apart.as_ref(), overlay.apart.as_ref());
    found.at_most(above.first_test_day.as_ref(), overlay.first_test_day.as_ref());
    found.at_most(above.through_day_after_onset.as_ref(), overlay.through_day_after_onset.as_ref());
    if let Some(ct) = &above.ct_at_least {
        let kept =
            overlay.negatives.is_none() || overlay.ct_at_least.as_ref().is_some_and(|clause| clause.value <= ct.value);
        found.keeps(&ct.path.replace(&above.path, &overlay.path), true, kept);
    }
    let on = |clause: &Option<Clause<bool>>| clause.as_ref().is_some_and(|clause| clause.value);
    for (name, was, is) in [
        ("symptoms_relieved", &above.symptoms_relieved, &overlay.symptoms_relieved),
        ("lungs_improved", &above.lungs_improved, &overlay.lungs_improved),
        ("lesions_healed", &above.lesions_healed, &overlay.lesions_healed),
    ] {
        found.adds_none(&format!("{}.{name}", overlay.path), on(was), on(is));
    }
}

fn areas(found: &mut Found, a: &Rules, o: &Rules) {
    found.adds_none(&o.area_used.path, a.area.is_some(), o.area.is_some());
    let (Some(a), Some(o)) = (&a.area, &o.area) else { return };
    if o.units.value.first() > a.units.value.first() || o.units.value.last() > a.units.value.last() {
        found.add(&o.units.path, format_args!("{:?}", a.units.value), format_args!("{:?}", o.units.value));
    }
    let largest = a.enlarged.as_ref().map(|clause| clause.value).max(a.units.value.last().copied());
    if let Some(overlay) = &o.enlarged
        && Some(overlay.value) > largest
    {
        found.add(&overlay.path, largest.map_or("nothing".to_owned(), |unit| unit.to_string()), overlay.value);
    }
    found.adds_none(&o.stay_home.path, a.stay_home.value, o.stay_home.value);
    // Levels are declared from high to low.
    if o.level.value < a.level.value {
        found.add(&o.level.path, a.level.value, o.level.value);
    }
    if o.next_level.value < a.next_level.value {
        found.add(&o.next_level.path, a.next_level.value, o.next_level.value);
    }
    let total =
        |rules: &super::rules::AreaRules| rules.days.value + rules.then_days.as_ref().map_or(0, |clause| clause.value);
    found.at_most(Some(&a.days), Some(&o.days));
    if total(o) > total(a) {
        found.add("area.release.then_days", format_args!("{} days in all", total(a)), total(o));
    }
    found.adds_none(&o.all_tested.path, a.all_tested.value, o.all_tested.value);
    if o.test_days.value.len() > a.test_days.value.len() {
        found.add(&o.test_days.path, format_args!("{} tests", a.test_days.value.len()), o.test_days.value.len());
    }
    if let Some(above) = &a.exempt {
        let kept = o.exempt.as_ref().is_some_and(|overlay| above.value.iter().all(|kind| overlay.value.contains(kind)));
        found.keeps(&above.path, true, kept);
    }
    if let (Some(above), Some(overlay)) = (&a.exempt_ct, &o.exempt_ct) {
        found.at_most(Some(above), Some(overlay));
    }
    let relief = |rules: &super::rules::AreaRules| rules.no_reset.as_ref().is_some_and(|clause| clause.value);
    found.keeps("area.isolated_do_not_reset", relief(a), relief(o));
}
