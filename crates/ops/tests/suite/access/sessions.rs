//! Staying: fixation, replay, the limits of time to the second, revocation, machines; and a property over any order of acts.

use super::{House, OPERATOR, Person, at, in_both, seconds, word};
use crate::engines::{TestStore, runtime};
use dayclear_core::{
    access::Role,
    accounts::{AccountState, SessionKind},
    time::Instant,
};
use dayclear_ops::access::Opened;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn a_token_never_lives_on_where_more_becomes_allowed() {
    in_both(async |house| {
        let desk = house.desk();
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let second = house.grant(&wang.id, Role::Dispatcher, "500112", at(0)).await.unwrap();
        let mut seen = BTreeSet::new();
        let mut fresh = |opened: &Opened| {
            assert!(seen.insert(opened.token.clone()) && seen.insert(opened.session.csrf.clone()));
            assert_eq!(opened.token.len(), 43, "256 bits");
        };
        let first = wang.comes_in(house, at(10)).await;
        let other = wang.comes_in(house, at(11)).await;
        fresh(&first);
        fresh(&other);
        assert_eq!(first.session.held, None, "there are two duties to choose from");
        assert_eq!(desk.duties_to_choose(&first.session, at(11)).await.unwrap().len(), 2);
        let chosen = desk.choose_duty(&first.session, &second.id, at(12)).await.unwrap();
        fresh(&chosen);
        assert_eq!(chosen.session.duty().map(|duty| duty.role), Some(Role::Dispatcher));
        let stepped = desk.step_up(&chosen.session, &wang.code(at(13)), at(13)).await.unwrap();
        fresh(&stepped);
        for (opened, holds) in [(&first, false), (&chosen, false), (&stepped, true), (&other, true)] {
            assert_eq!(house.who(&opened.token, at(13)).await.is_some(), holds);
        }
        // a request that is still under way with the old token cannot turn it into a new one
        assert_eq!(word(&desk.choose_duty(&first.session, &second.id, at(13)).await), "refused");
        // its time goes on: a fresh token is not a fresh session
        assert_eq!(stepped.session.expires_at, first.session.expires_at);
        assert_eq!(stepped.session.created_at, at(10));
        // only hashes are stored
        let stored = house.store.texts("select token from sessions").await;
        assert!(stored.iter().all(|id| id.len() == 64) && !stored.contains(&stepped.token));
        for forged in ["", &stepped.session.id, &stepped.token.to_lowercase(), &"x".repeat(10_000)] {
            assert!(house.who(forged, at(13)).await.is_none());
        }
    });
}

#[test]
fn a_full_disk_keeps_nobody_from_reading_and_the_session_only_ends_sooner() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let opened = wang.comes_in(house, at(10)).await;
        let seen = opened.session.seen_at;
        house.store.store.fill_after(0);
        let there = house.who(&opened.token, at(15)).await;
        house.store.store.mend();
        assert!(there.is_some());
        assert_eq!(house.who(&opened.token, at(15)).await.map(|session| session.seen_at), Some(seen));
        assert_eq!(house.who(&opened.token, at(16)).await.map(|session| session.seen_at), Some(at(15)));
    });
}

#[test]
fn a_duty_of_somebody_else_cannot_be_chosen() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let li = house.hire("li.na", Role::CityCommand, "50", at(0)).await;
        let opened = wang.comes_in(house, at(10)).await;
        let later = house.desk().choose_duty(&opened.session, &li.held.id, at(10)).await;
        assert_eq!(word(&later), "unknown");
        house.desk().revoke(OPERATOR, &wang.held.id, at(11)).await.unwrap();
        let opened = wang.comes_in(house, at(12)).await;
        assert_eq!(opened.session.held, None);
        assert_eq!(word(&house.desk().choose_duty(&opened.session, &wang.held.id, at(12)).await), "unknown");
    });
}

#[test]
fn a_session_ends_with_its_time_to_the_second() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let idle = wang.comes_in(house, at(10)).await;
        assert!(house.who(&idle.token, seconds(at(25), -1)).await.is_some());
        // that was written down, so another quarter of an hour begins
        assert!(house.who(&idle.token, seconds(at(40), -2)).await.is_some());
        assert!(house.who(&idle.token, seconds(at(55), -2)).await.is_none());

        let busy = wang.comes_in(house, at(60)).await;
        let end = at(60 + 12 * 60);
        let mut now = at(60);
        while now < seconds(end, -1) {
            assert!(house.who(&busy.token, now).await.is_some(), "{now}");
            now = now.plus_minutes(14).min(seconds(end, -1));
        }
        assert!(house.who(&busy.token, seconds(end, -1)).await.is_some());
        assert!(house.who(&busy.token, end).await.is_none());
    });
}

#[test]
fn looking_a_session_up_writes_at_most_once_a_minute() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let opened = wang.comes_in(house, at(10)).await;
        let mut written = BTreeSet::new();
        for second in 0..180 {
            assert!(house.who(&opened.token, seconds(at(10), second)).await.is_some());
            written.insert(house.store.texts("select cast(seen_at as text) from sessions").await);
        }
        assert_eq!(written.len(), 3, "at the beginning, after a minute, after two");
    });
}

#[test]
fn what_is_taken_away_is_gone_with_the_next_request() {
    let acts: &[(&str, bool)] = &[
        ("sign out", false),
        ("revoke the duty", false),
        ("disable the account", false),
        ("reset the account", false),
        ("end all", false),
        ("end the others", true),
        ("nothing", true),
    ];
    in_both(async |house| {
        let desk = house.desk();
        for (n, (act, holds)) in acts.iter().enumerate() {
            let login = format!("person{n}");
            let wang = house.hire(&login, Role::Tracer, "500103", at(0)).await;
            let (opened, other) = (wang.comes_in(house, at(10)).await, wang.comes_in(house, at(11)).await);
            match *act {
                "sign out" => desk.sign_out(&opened.session, at(11)).await.unwrap(),
                "revoke the duty" => desk.revoke(OPERATOR, &wang.held.id, at(11)).await.unwrap(),
                "disable the account" => {
                    desk.set_state(OPERATOR, &wang.id, AccountState::Disabled, at(11)).await.unwrap();
                }
                "reset the account" => drop(desk.reset(OPERATOR, &wang.id, at(11)).await.unwrap()),
                "end all" => assert_eq!(desk.end_all_of(OPERATOR, &wang.id, at(11)).await.unwrap(), 2),
                "end the others" => assert_eq!(desk.end_own(&opened.session, None, at(11)).await.unwrap(), 1),
                _ => {}
            }
            // a replayed token does not come back, not even when the account does
            for now in [at(11), at(12)] {
                assert_eq!(house.who(&opened.token, now).await.is_some(), *holds, "{act}");
                if now == at(11) && *act == "disable the account" {
                    desk.set_state(OPERATOR, &wang.id, AccountState::Active, at(11)).await.unwrap();
                }
            }
            let others = matches!(*act, "sign out" | "nothing");
            assert_eq!(house.who(&other.token, at(12)).await.is_some(), others, "{act}");
        }
    });
}

#[test]
fn another_password_or_authenticator_ends_every_other_session() {
    in_both(async |house| {
        let desk = house.desk();
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let other = wang.comes_in(house, at(1)).await;
        let own = wang.comes_in(house, at(2)).await;
        let wrong = desk.change_password(&own.session, "five plain words here", "another four words", at(3)).await;
        assert_eq!(word(&wrong), "refused");
        assert!(house.who(&other.token, at(3)).await.is_some());
        let own = desk.change_password(&own.session, super::PASSWORD, "another four words", at(3)).await.unwrap();
        assert!(house.who(&other.token, at(3)).await.is_none());

        let other = wang.tries(house, "another four words", at(4)).await.unwrap();
        assert_eq!(word(&desk.begin_enrolment(&own.session, at(12)).await), "step up");
        let own = desk.step_up(&own.session, &wang.code(at(12)), at(12)).await.unwrap();
        let new = super::secret_of(&desk.begin_enrolment(&own.session, at(13)).await.unwrap().secret);
        // until it is confirmed the old one counts
        assert_eq!(word(&wang.tries(house, "another four words", at(13)).await), "done");
        let own = desk.confirm_enrolment(&own.session, &super::code(&new, at(14)), at(14)).await.unwrap();
        assert!(house.who(&other.token, at(14)).await.is_none());
        assert!(house.who(&own.token, at(14)).await.is_some());
        assert_eq!(word(&wang.tries(house, "another four words", at(15)).await), "refused");
        let second = desk.confirm_enrolment(&own.session, &super::code(&new, at(16)), at(16)).await;
        assert_eq!(word(&second), "not allowed", "nothing is being enrolled");
    });
}

#[test]
fn an_account_or_duty_that_ended_by_any_way_ends_its_sessions() {
    in_both(async |house| {
        for (n, sql) in
            ["update accounts set state = 'disabled'", "update duties set until = \"from\"", "delete from duties"]
                .into_iter()
                .enumerate()
        {
            let wang = house.hire(&format!("person{n}"), Role::Tracer, "500103", at(0)).await;
            let opened = wang.comes_in(house, at(1)).await;
            assert!(house.who(&opened.token, at(2)).await.is_some());
            house.store.sql(sql).await.unwrap();
            assert!(house.who(&opened.token, at(2)).await.is_none(), "{sql}");
        }
    });
}

#[test]
fn a_duty_that_runs_out_takes_its_sessions_along() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        house.desk().revoke(OPERATOR, &wang.held.id, at(1)).await.unwrap();
        let duty = wang.held.duty.clone();
        house.desk().grant(OPERATOR, &wang.id, duty, Some(at(20)), at(2)).await.unwrap();
        let opened = wang.comes_in(house, at(10)).await;
        assert!(house.who(&opened.token, seconds(at(20), -1)).await.is_some());
        assert!(house.who(&opened.token, at(20)).await.is_none());
    });
}

#[test]
fn a_machine_has_a_session_of_its_own_kind() {
    in_both(async |house| {
        let desk = house.desk();
        let lab = house.hire("lab.system", Role::Laboratory, "500103", at(0)).await;
        for days in [0, 91, -1] {
            assert_eq!(word(&desk.make_token(OPERATOR, &lab.held.id, days, at(0)).await), "invalid");
        }
        let opened = desk.make_token(OPERATOR, &lab.held.id, 90, at(0)).await.unwrap();
        let end = at(90 * 24 * 60);
        // nobody works in it for weeks, and it holds until its end
        for (now, holds) in [(at(1), true), (at(60 * 24 * 60), true), (seconds(end, -1), true), (end, false)] {
            assert_eq!(house.who(&opened.token, now).await.is_some(), holds, "{now}");
        }
        let session = house.who(&opened.token, at(2)).await.unwrap();
        assert_eq!((session.kind, session.duty()), (SessionKind::Api, Some(&lab.held.duty)));
        assert!(!desk.fresh(&session, at(2)));
        assert_eq!(word(&desk.step_up(&session, &lab.code(at(2)), at(2)).await), "not allowed");
        assert_eq!(word(&desk.choose_duty(&session, &lab.held.id, at(2)).await), "not allowed");
        assert_eq!(
            word(&desk.change_password(&session, super::PASSWORD, "another four words", at(2)).await),
            "not allowed"
        );
        desk.revoke(OPERATOR, &lab.held.id, at(3)).await.unwrap();
        assert!(house.who(&opened.token, at(3)).await.is_none());
        assert_eq!(word(&desk.make_token(OPERATOR, &lab.held.id, 9, at(3)).await), "unknown");
    });
}

/// What may happen to the sessions of one account.
#[derive(Debug, Clone)]
enum Act {
    Pass(i64),
    ComeIn,
    Use(usize),
    StepUp(usize),
    SignOut(usize),
    Disable,
    Enable,
    Revoke,
    Grant,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (1i64..=16).prop_map(Act::Pass),
        1 => (100i64..=400).prop_map(Act::Pass),
        4 => Just(Act::ComeIn),
        6 => (0usize..8).prop_map(Act::Use),
        2 => (0usize..8).prop_map(Act::StepUp),
        1 => (0usize..8).prop_map(Act::SignOut),
        1 => Just(Act::Disable),
        2 => Just(Act::Enable),
        1 => Just(Act::Revoke),
        2 => Just(Act::Grant),
    ]
}

/// The same, told without a database: a session is a token with three clocks and a duty.
#[derive(Debug)]
struct Model {
    token: String,
    born: Instant,
    used: Instant,
    duty: Option<String>,
    over: bool,
}

impl Model {
    fn holds(&self, now: Instant, active: bool, duty: &Option<String>) -> bool {
        let in_time = now < self.born.plus_hours(12) && now < self.used.plus_minutes(15);
        !self.over && in_time && active && (self.duty.is_none() || self.duty == *duty)
    }
}

async fn plays(house: &House<'_>, acts: &[Act]) {
    let desk = house.desk();
    let wang: Person = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
    let (mut now, mut active, mut duty) = (at(1), true, Some(wang.held.id.clone()));
    let mut models: Vec<Model> = Vec::new();
    for act in acts {
        match act {
            Act::Pass(minutes) => now = now.plus_minutes(*minutes),
            Act::ComeIn => {
                now = now.plus_minutes(2); // codes work once
                let answer = wang.tries(house, super::PASSWORD, now).await;
                assert_eq!(answer.is_ok(), active, "{}", word(&answer));
                let Ok(opened) = answer else {
                    now = now.plus_minutes(15); // the block passes
                    continue;
                };
                assert_eq!(opened.session.held.as_ref().map(|held| &held.id), duty.as_ref());
                models.push(Model { token: opened.token, born: now, used: now, duty: duty.clone(), over: false });
            }
            Act::Use(n) | Act::StepUp(n) | Act::SignOut(n) => {
                let Some(at) = (!models.is_empty()).then(|| n % models.len()) else { continue };
                now = now.plus_minutes(2);
                let model = &mut models[at];
                let found = house.who(&model.token, now).await;
                assert_eq!(found.is_some(), model.holds(now, active, &duty), "{act:?} {model:?} {now}");
                let Some(session) = found else { continue };
                model.used = now;
                match act {
                    Act::StepUp(_) => {
                        let fresh = desk.step_up(&session, &wang.code(now), now).await.unwrap();
                        model.over = true;
                        let (born, duty) = (model.born, model.duty.clone());
                        models.push(Model { token: fresh.token, born, used: now, duty, over: false });
                    }
                    Act::SignOut(_) => {
                        desk.sign_out(&session, now).await.unwrap();
                        model.over = true;
                    }
                    _ => {}
                }
            }
            Act::Disable => {
                desk.set_state(OPERATOR, &wang.id, AccountState::Disabled, now).await.unwrap();
                active = false;
                models.iter_mut().for_each(|model| model.over = true);
            }
            Act::Enable => {
                desk.set_state(OPERATOR, &wang.id, AccountState::Active, now).await.unwrap();
                active = true;
            }
            Act::Revoke => {
                if let Some(id) = duty.take() {
                    desk.revoke(OPERATOR, &id, now).await.unwrap();
                    models.iter_mut().filter(|model| model.duty.as_ref() == Some(&id)).for_each(|m| m.over = true);
                }
            }
            Act::Grant if duty.is_none() => {
                duty = Some(house.grant(&wang.id, Role::Tracer, "500103", now).await.unwrap().id);
            }
            Act::Grant => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_a_token_holds_exactly_while_everything_it_rests_on_does(
        acts in proptest::collection::vec(act(), 1..40)
    ) {
        runtime().block_on(async {
            let store = TestStore::file().await;
            plays(&House::of(&store), &acts).await;
            store.close().await;
        });
    }
}

#[test]
fn the_same_on_both_stores_for_one_long_play() {
    use Act::*;
    let acts = [
        ComeIn,
        Use(0),
        ComeIn,
        StepUp(0),
        Use(0),
        Use(2),
        Pass(14),
        Use(1),
        Use(2),
        Revoke,
        Use(1),
        ComeIn,
        Use(3),
        Grant,
        Use(3),
        Disable,
        ComeIn,
        Enable,
        ComeIn,
        Use(4),
        SignOut(4),
        Use(4),
        ComeIn,
        Pass(16),
        Use(5),
    ];
    in_both(async |house| plays(house, &acts).await);
}
