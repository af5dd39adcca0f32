//! A change of pack in mid-outbreak: golden cases of 11 November and 7 December 2022 (F28), and the properties that hold
//! for every order under every pack.
#![allow(clippy::unwrap_used)] // a test that fails says where

use dayclear_core::{
    cases::Severity, measures::OrderKind, protocol::*, roster::Known, time::CivilDate, tracing::ContactTier,
};
use proptest::prelude::*;
use std::sync::LazyLock;

static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::builtin().unwrap());

const IDS: [&str; 7] =
    ["covid-19-cn-ninth", "covid-19-cn-twenty", "covid-19-cn-ten", "ebola", "measles", "mpox", "mers"];

fn pack(id: &str) -> &'static Pack {
    PACKS.named(id).unwrap()
}

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

/// The orders that a plan becomes, each with what follows it.
fn orders(plan: &[Phase], basis: Basis<'static>) -> Vec<OpenOrder<'static>> {
    let order = |(at, phase): (usize, &Phase)| OpenOrder {
        kind: phase.kind,
        from: phase.from,
        until: phase.until,
        followed_by: plan.get(at + 1).map(|next| (next.kind, next.until)),
        basis,
    };
    plan.iter().enumerate().map(order).collect()
}

fn plan(pack: &Pack, facts: &ContactFacts) -> Vec<Phase> {
    pack.contact_plan(facts).into_iter().map(|phase| phase.value).collect()
}

fn said(change: &Change) -> String {
    let short = |day: &CivilDate| day.to_string()[5..].to_owned();
    match change {
        Change::Keep => "keep".to_owned(),
        Change::Shorten { until } => format!("shorten {}", short(until)),
        Change::Lighten { phases } => {
            let phase = |phase: &Phase| {
                let tests: String = phase.test_days.iter().map(|day| format!(" {}", short(day))).collect();
                format!("{} {}..{}{tests}", phase.kind, short(&phase.from), short(&phase.until))
            };
            phases.iter().map(phase).collect::<Vec<_>>().join("; ")
        }
        Change::End => "end".to_owned(),
        Change::NeedsPerson => "needs person".to_owned(),
    }
}

#[test]
fn orders_given_under_one_pack_are_judged_by_the_next() {
    // old pack | new pack | tier | last exposure | home | special | today | what becomes of each order
    let table = "
        covid-19-cn-ninth  | covid-19-cn-twenty | close     | 2022-11-06 | unknown | no  | 2022-11-11 | home_isolation 11-12..11-13 11-12 | shorten 11-14
        covid-19-cn-ninth  | covid-19-cn-twenty | close     | 2022-11-05 | unknown | no  | 2022-11-11 | home_isolation 11-11..11-12 11-11 | shorten 11-13
        covid-19-cn-ninth  | covid-19-cn-twenty | close     | 2022-11-02 | unknown | no  | 2022-11-11 | keep | end
        covid-19-cn-ninth  | covid-19-cn-twenty | close     | 2022-11-03 | unknown | no  | 2022-11-11 | keep | shorten 11-11
        covid-19-cn-ninth  | covid-19-cn-twenty | close     | 2022-11-06 | no      | no  | 2022-11-11 | needs person | shorten 11-14
        covid-19-cn-ninth  | covid-19-cn-twenty | close     | 2022-11-06 | yes     | yes | 2022-11-11 | needs person | shorten 11-14
        covid-19-cn-ninth  | covid-19-cn-twenty | secondary | 2022-11-09 | unknown | no  | 2022-11-11 | end
        covid-19-cn-ninth  | covid-19-cn-twenty | area_stay | 2022-11-08 | unknown | no  | 2022-11-11 | home_isolation 11-11..11-15 11-11 11-13 11-15
        covid-19-cn-ninth  | covid-19-cn-twenty | area_stay | 2022-11-08 | no      | no  | 2022-11-11 | keep
        covid-19-cn-twenty | covid-19-cn-ten    | close     | 2022-12-05 | yes     | no  | 2022-12-07 | home_isolation 12-07..12-10 12-10 | end
        covid-19-cn-twenty | covid-19-cn-ten    | close     | 2022-11-30 | yes     | no  | 2022-12-07 | keep | end
        covid-19-cn-twenty | covid-19-cn-ten    | close     | 2022-12-05 | no      | no  | 2022-12-07 | keep | end
        covid-19-cn-twenty | covid-19-cn-ten    | area_stay | 2022-12-05 | yes     | no  | 2022-12-07 | end
        covid-19-cn-twenty | covid-19-cn-ninth  | close     | 2022-11-10 | yes     | no  | 2022-11-12 | needs person | home_monitoring 11-18..11-18
        covid-19-cn-ten    | covid-19-cn-twenty | close     | 2022-12-10 | yes     | no  | 2022-12-12 | needs person";
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let row: Vec<&str> = line.split('|').map(str::trim).collect();
        let facts = ContactFacts {
            home: row[4].parse().unwrap(),
            special: row[5] == "yes",
            ..ContactFacts::new(row[2].parse().unwrap(), day(row[3]))
        };
        let orders = orders(&plan(pack(row[0]), &facts), Basis::Contact(facts));
        let changes: Vec<String> =
            orders.iter().map(|order| said(&pack(row[1]).reconsider(order, day(row[6])).value)).collect();
        assert_eq!(changes, row[7..], "{line}");
    }
}

#[test]
fn cases_and_discharged_people_are_judged_too() {
    let order =
        |kind, basis| OpenOrder { kind, from: day("2022-12-03"), until: day("2022-12-17"), followed_by: None, basis };
    let mild = |home| Basis::Case(PlacementFacts { severity: Severity::Mild, age: Some(30), needs: &[], home });
    let today = day("2022-12-07");
    for (kind, basis, pack_id, expected) in [
        (OrderKind::Hospital, mild(Known::Yes), "covid-19-cn-ten", "home_isolation 12-07..12-17"),
        (OrderKind::Hospital, mild(Known::No), "covid-19-cn-ten", "keep"),
        (OrderKind::Hospital, mild(Known::Yes), "covid-19-cn-twenty", "keep"),
        (OrderKind::HomeIsolation, mild(Known::Yes), "covid-19-cn-twenty", "needs person"),
        (OrderKind::HomeIsolation, mild(Known::Yes), "covid-19-cn-ten", "keep"),
        (OrderKind::HomeMonitoring, Basis::AfterDischarge(day("2022-12-02")), "covid-19-cn-ten", "shorten 12-09"),
        (OrderKind::HomeMonitoring, Basis::AfterDischarge(day("2022-12-02")), "ebola", "end"),
        (OrderKind::StayForRetest, Basis::PoolResult, "covid-19-cn-ten", "keep"),
    ] {
        let change = pack(pack_id).reconsider(&order(kind, basis), today);
        assert_eq!(said(&change.value), expected, "{kind} {basis:?} {pack_id}");
    }
}

fn known() -> impl Strategy<Value = Known> {
    prop_oneof![Just(Known::Yes), Just(Known::No), Just(Known::Unknown)]
}

fn contact() -> impl Strategy<Value = ContactFacts> {
    let tier = prop_oneof![Just(ContactTier::Close), Just(ContactTier::Secondary), Just(ContactTier::Area)];
    let exposure = (-30i64..400, proptest::option::of(0i64..15));
    (tier, exposure, known(), any::<bool>(), known(), any::<bool>()).prop_map(
        |(tier, (last, first), home, special, immune, immunoglobulin)| {
            let last_exposure = day("2022-06-28").plus_days(last);
            let first_exposure = first.map(|days| last_exposure.plus_days(-days));
            ContactFacts { tier, first_exposure, last_exposure, home, special, immune, immunoglobulin }
        },
    )
}

/// What binds on a day after a change: the order itself, or a lighter phase.
fn binds(order: &OpenOrder<'_>, change: &Change, today: CivilDate, on: CivilDate) -> Option<OrderKind> {
    let still = (order.from <= on && on <= order.until).then_some(order.kind);
    match change {
        Change::Keep | Change::NeedsPerson => still,
        Change::Shorten { until } => still.filter(|_| on <= *until),
        Change::End => still.filter(|_| on < today),
        Change::Lighten { phases } if on < phases[0].from => still,
        Change::Lighten { phases } => {
            phases.iter().find(|phase| phase.from <= on && on <= phase.until).map(|phase| phase.kind)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_change_never_lengthens_and_never_makes_heavier(
        facts in contact(), old in 0usize..7, new in 0usize..7, passed in -2i64..30, stretch in -3i64..4,
    ) {
        let today = facts.last_exposure.plus_days(passed);
        for order in orders(&plan(pack(IDS[old]), &facts), Basis::Contact(facts)) {
            // Also orders that a person has lengthened or shortened.
            let until = order.until.plus_days(stretch).max(order.from);
            let order = OpenOrder { until, ..order };
            let change = pack(IDS[new]).reconsider(&order, today).value;
            for offset in -3..60 {
                let on = order.from.plus_days(offset);
                let weight = |kind: Option<OrderKind>| kind.map_or(-1, |kind| i16::from(kind.weight()));
                let before = weight((order.from <= on && on <= order.until).then_some(order.kind));
                let after = weight(binds(&order, &change, today, on));
                prop_assert!(after <= before, "{order:?} {change:?} on {on}");
                if on < today {
                    prop_assert_eq!(after, before, "a day that has passed was changed");
                }
            }
            match &change {
                Change::Shorten { until } => prop_assert!(*until < order.until && *until >= today.max(order.from)),
                Change::Lighten { phases } => {
                    prop_assert!(!phases.is_empty() && phases[0].from >= today);
                    prop_assert!(phases.windows(2).all(|pair| pair[0].until.plus_days(1) == pair[1].from));
                    prop_assert!(phases.iter().all(|phase| phase.test_days.iter().all(|day| phase.from <= *day && *day <= phase.until)));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_pack_keeps_the_orders_it_has_given(facts in contact(), which in 0usize..7, passed in -2i64..30) {
        let today = facts.last_exposure.plus_days(passed);
        for order in orders(&plan(pack(IDS[which]), &facts), Basis::Contact(facts)) {
            prop_assert_eq!(pack(IDS[which]).reconsider(&order, today).value, Change::Keep);
        }
    }

    #[test]
    fn no_phase_outlives_the_maximum_and_phases_follow_each_other(facts in contact(), which in 0usize..7) {
        let pack = pack(IDS[which]);
        let plan = plan(pack, &facts);
        for phase in &plan {
            let most = pack.most_days(phase.kind).unwrap().value;
            prop_assert!(phase.until.days_since(facts.last_exposure) <= most, "{phase:?}");
            prop_assert!(phase.from <= phase.until);
            prop_assert!(phase.test_days.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(phase.test_days.iter().all(|day| phase.from <= *day && *day <= phase.until));
        }
        for pair in plan.windows(2) {
            prop_assert_eq!(pair[0].until.plus_days(1), pair[1].from);
            prop_assert!(pair[0].kind.weight() >= pair[1].kind.weight());
        }
    }

    #[test]
    fn an_area_is_never_released_before_its_time(
        opened in 0i64..300, infection in -5i64..20, passed in 0i64..40, tested in proptest::collection::vec(0i64..40, 0..5), which in 0usize..3,
    ) {
        let opened = day("2022-06-28").plus_days(opened);
        let last_new_infection = opened.plus_days(infection);
        let mut all: Vec<CivilDate> = tested.iter().map(|days| opened.plus_days(*days)).collect();
        all.sort();
        let today = opened.plus_days(passed);
        let clock = AreaClock { opened, last_new_infection, today, all_negative_on: &all };
        let release = pack(IDS[which]).area_release(&clock).value;
        let days = [10, 5, 5][which];
        prop_assert!(release.forecast >= last_new_infection.plus_days(days) && release.forecast >= opened.plus_days(days));
        prop_assert!(!release.met || release.forecast <= today);
        prop_assert!(release.met || release.forecast >= today);
    }
}
