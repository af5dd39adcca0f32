//! Coming in: what is refused, that a refusal tells nothing, that guessing is slowed down and nobody else is.

use super::{House, OPERATOR, PASSWORD, Person, SITE, account, at, code, in_both, seconds, secret_of, word};
use dayclear_core::{
    access::Role,
    accounts::{AccountState, Standing},
};
use dayclear_ops::access::{AccessError, Credentials, NewPassword, Subject};

#[test]
fn login_password_and_code_must_all_be_right_and_a_refusal_does_not_say_which_was_not() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let (right, old, other) = (wang.code(at(10)), wang.code(at(7)), code(&[7; 20], at(10)));
        let table: &[(&str, &str, Option<&str>)] = &[
            ("nobody", PASSWORD, Some(&right)),
            ("wang.li", "five plain words here", Some(&right)),
            ("wang.li", "", Some(&right)),
            ("wang.li", PASSWORD, None),
            ("wang.li", PASSWORD, Some("")),
            ("wang.li", PASSWORD, Some(&old)),
            ("wang.li", PASSWORD, Some(&other)),
            ("", "", None),
        ];
        for (n, (login, password, code)) in table.iter().enumerate() {
            let runs = house.settings.hasher.runs();
            let given = Credentials { login, password, code: *code };
            let answer = house.desk().sign_in(&given, &format!("site {n}"), at(10)).await;
            assert!(matches!(answer, Err(AccessError::Refused)), "{login} {password}: {}", word(&answer));
            // the same work, whoever was meant
            assert_eq!(house.settings.hasher.runs(), runs + 1, "{login} {password}");
        }
        let opened = wang.tries_from(house, SITE, PASSWORD, &right, at(10)).await.unwrap();
        assert_eq!(opened.session.standing, Standing::Full);
        assert_eq!(opened.session.duty(), Some(&wang.held.duty));
        let capital = Credentials { login: " Wang.Li ", password: PASSWORD, code: Some(&wang.code(at(11))) };
        assert!(house.desk().sign_in(&capital, SITE, at(11)).await.is_ok());
    });
}

#[test]
fn a_code_works_once() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let opened = wang.comes_in(house, at(10)).await;
        let used = wang.code(at(10));
        for (minutes, again) in [(10, &used), (10, &wang.code(at(9)))] {
            let answer = wang.tries_from(house, SITE, PASSWORD, again, at(minutes)).await;
            assert_eq!(word(&answer), "refused");
        }
        // nor as a step up, which is the same authenticator
        assert_eq!(word(&house.desk().step_up(&opened.session, &used, at(10)).await), "refused");
        let next = seconds(at(10), 30);
        assert_eq!(word(&house.desk().step_up(&opened.session, &wang.code(next), next).await), "done");
        // of two who use one code at once, one comes in
        let fresh = wang.code(at(20));
        let (one, two) = tokio::join!(
            wang.tries_from(house, SITE, PASSWORD, &fresh, at(20)),
            wang.tries_from(house, SITE, PASSWORD, &fresh, at(20)),
        );
        let mut words = [word(&one), word(&two)];
        words.sort_unstable();
        assert_eq!(words, ["done", "refused"]);
    });
}

#[test]
fn a_login_is_blocked_after_some_attempts_and_released_by_time() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let wrong = async |login: &str, site: &str, now| {
            let given = Credentials { login, password: "five plain words here", code: None };
            house.desk().sign_in(&given, site, now).await
        };
        // an unknown login is blocked just as a known one, so that a block tells nothing
        for login in ["wang.li", "nobody"] {
            for n in 1..=5 {
                assert_eq!(word(&wrong(login, SITE, at(10)).await), "refused", "{login}, attempt {n}");
            }
            let runs = house.settings.hasher.runs();
            let Err(AccessError::Wait { until }) = wrong(login, SITE, at(10)).await else { panic!("{login}") };
            assert_eq!(until, seconds(at(10), 30), "{login}");
            assert_eq!(house.settings.hasher.runs(), runs, "nothing is compared while blocked");
        }
        assert_eq!(word(&wang.tries(house, PASSWORD, seconds(at(10), 29)).await), "wait");
        // another site is another door
        let there = wang.tries_from(house, "10.9.9.9", PASSWORD, &wang.code(at(10)), at(10)).await;
        assert_eq!(word(&there), "done");
        // that was right, and forgives nothing here before its time
        let later = seconds(at(10), 30);
        assert_eq!(word(&wrong("wang.li", SITE, later).await), "refused");
        let Err(AccessError::Wait { until }) = wrong("wang.li", SITE, later).await else { panic!("blocked again") };
        assert_eq!(until, seconds(later, 60), "twice as long");
        assert_eq!(word(&wang.tries(house, PASSWORD, seconds(later, 60)).await), "done");
        // and now everything is forgiven
        for _ in 1..=5 {
            assert_eq!(word(&wrong("wang.li", SITE, at(20)).await), "refused");
        }
        assert_eq!(word(&wrong("wang.li", SITE, at(20)).await), "wait");
        // a quiet day forgives as well
        assert_eq!(word(&wrong("wang.li", SITE, at(20 + 24 * 60 + 1)).await), "refused");
        assert_eq!(word(&wrong("wang.li", SITE, at(20 + 24 * 60 + 1)).await), "refused");
    });
}

#[test]
fn many_attempts_at_once_gain_nothing() {
    in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let (a, b, c, d, e, f, g) = tokio::join!(
            wang.tries(house, "wrong words one two", at(10)),
            wang.tries(house, "wrong words one two", at(10)),
            wang.tries(house, "wrong words one two", at(10)),
            wang.tries(house, "wrong words one two", at(10)),
            wang.tries(house, "wrong words one two", at(10)),
            wang.tries(house, "wrong words one two", at(10)),
            wang.tries(house, "wrong words one two", at(10)),
        );
        let mut words = [a, b, c, d, e, f, g].map(|answer| word(&answer));
        words.sort_unstable();
        assert_eq!(words, ["refused", "refused", "refused", "refused", "refused", "wait", "wait"]);
    });
}

#[test]
fn a_site_behind_one_address_is_never_shut_out_for_those_who_are_right() {
    in_both(async |house| {
        let here = "203.0.113.5";
        let (wang, li) = (
            house.hire("wang.li", Role::Tracer, "500103", at(0)).await,
            house.hire("li.na", Role::Facility, "500103", at(0)).await,
        );
        house.desk().create(OPERATOR, &account("new.one"), at(0)).await.unwrap();
        let first = async |password, now| {
            let given = Credentials { login: "new.one", password, code: None };
            house.desk().sign_in(&given, here, now).await
        };
        assert_eq!(word(&first(PASSWORD, at(9)).await), "done");
        // one person who goes on mistyping does not use up the attempts of all
        for _ in 0..60 {
            let given = Credentials { login: "mistyped", password: "five plain words here", code: None };
            let _ = house.desk().sign_in(&given, here, at(9)).await;
        }
        assert_eq!(word(&first(PASSWORD, at(9)).await), "done");
        assert_eq!(house.store.number("select max(failures) from attempts").await, 5);
        // somebody tries one password on many logins from there
        let mut words = Vec::new();
        for n in 0..40 {
            let login = format!("guess{n}");
            let given = Credentials { login: &login, password: "password12345", code: None };
            words.push(word(&house.desk().sign_in(&given, here, at(10)).await));
        }
        assert_eq!((words[24], words[25], words[39]), ("refused", "wait", "wait"));
        for person in [&wang, &li] {
            let right = person.tries_from(house, here, PASSWORD, &person.code(at(10)), at(10)).await;
            assert_eq!(word(&right), "done");
            let wrong = person.tries_from(house, here, PASSWORD, "000000", at(10)).await;
            assert_eq!(word(&wrong), "wait");
        }
        // a password alone is not enough from there for the moment, right or wrong
        assert_eq!(word(&first(PASSWORD, at(10)).await), "wait");
        assert_eq!(word(&first("five plain words here", at(10)).await), "wait");
        assert_eq!(word(&first(PASSWORD, at(16)).await), "done");
    });
}

#[test]
fn without_an_authenticator_a_session_can_only_enrol_one() {
    in_both(async |house| {
        let desk = house.desk();
        let new = dayclear_ops::access::NewAccount { password: NewPassword::OneTime, ..account("wang.li") };
        let made = desk.create(OPERATOR, &new, at(0)).await.unwrap();
        house.grant(&made.id, Role::DistrictCommand, "500103", at(0)).await.unwrap();
        let one_time = made.one_time_password.unwrap();
        let given = Credentials { login: "wang.li", password: &one_time, code: None };
        let enrol = desk.sign_in(&given, SITE, at(1)).await.unwrap();
        assert_eq!((enrol.session.standing, enrol.session.duty()), (Standing::Enrol, None));
        assert!(!desk.fresh(&enrol.session, at(1)));
        assert_eq!(word(&desk.choose_duty(&enrol.session, "D1", at(1)).await), "not allowed");
        assert_eq!(
            word(&desk.change_password(&enrol.session, &one_time, "another four words", at(1)).await),
            "not allowed"
        );
        assert_eq!(
            word(&desk.break_glass(&enrol.session, "P1", "an emergency of some kind", at(1)).await),
            "not allowed"
        );
        assert_eq!(word(&desk.step_up(&enrol.session, "123456", at(1)).await), "not allowed");

        let enrolment = desk.begin_enrolment(&enrol.session, at(2)).await.unwrap();
        assert!(enrolment.uri.starts_with("otpauth://totp/"), "{}", enrolment.uri);
        assert!(enrolment.uri.contains("issuer=Dayclear") && enrolment.uri.contains("wang.li"), "{}", enrolment.uri);
        let secret = secret_of(&enrolment.secret);
        let stored = house.store.texts("select otp_pending from accounts where login = 'wang.li'").await;
        assert!(stored[0].starts_with("xchacha20poly1305:1:") && !stored[0].contains(&enrolment.secret), "{stored:?}");
        assert_eq!(word(&desk.confirm_enrolment(&enrol.session, "000000", at(2)).await), "refused");
        let must = desk.confirm_enrolment(&enrol.session, &code(&secret, at(3)), at(3)).await.unwrap();
        assert!(house.who(&enrol.token, at(3)).await.is_none(), "the token before is over");

        // the password was somebody else's making: it must be changed before anything else
        assert_eq!((must.session.standing, must.session.duty()), (Standing::Password, None));
        for (old, new, answer) in [
            (one_time.as_str(), "short", "invalid"),
            (&one_time, &one_time, "invalid"),
            (&one_time, "my wang.li words", "invalid"),
            ("wrong old password", "another four words", "refused"),
        ] {
            assert_eq!(word(&desk.change_password(&must.session, old, new, at(4)).await), answer, "{new}");
        }
        let full = desk.change_password(&must.session, &one_time, "another four words", at(4)).await.unwrap();
        assert_eq!(full.session.standing, Standing::Full);
        assert_eq!(full.session.duty().map(|duty| duty.role), Some(Role::DistrictCommand));
        let found = house.who(&full.token, at(5)).await.unwrap();
        assert_eq!(found, full.session);
        // from now on the code is asked for
        let given = Credentials { login: "wang.li", password: "another four words", code: None };
        assert_eq!(word(&desk.sign_in(&given, SITE, at(6)).await), "refused");
        let given = Credentials { code: Some(&code(&secret, at(6))), ..given };
        assert_eq!(word(&desk.sign_in(&given, SITE, at(6)).await), "done");
    });
}

#[test]
fn a_password_made_by_somebody_else_has_an_end() {
    in_both(async |house| {
        let new = dayclear_ops::access::NewAccount { password: NewPassword::OneTime, ..account("wang.li") };
        let made = house.desk().create(OPERATOR, &new, at(0)).await.unwrap();
        let password = made.one_time_password.unwrap();
        let given = Credentials { login: "wang.li", password: &password, code: None };
        let end = at(72 * 60);
        assert_eq!(word(&house.desk().sign_in(&given, SITE, seconds(end, -1)).await), "done");
        assert_eq!(word(&house.desk().sign_in(&given, SITE, end).await), "refused");
    });
}

#[test]
fn an_identity_provider_names_a_linked_account_only() {
    in_both(async |house| {
        let desk = house.desk();
        let wang: Person = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let new = dayclear_ops::access::NewAccount { password: NewPassword::None, ..account("sso.only") };
        let only = desk.create(OPERATOR, &new, at(0)).await.unwrap();
        let issuer = "https://id.example.org";
        desk.link(OPERATOR, &wang.id, Some((issuer, "s1")), at(0)).await.unwrap();
        desk.link(OPERATOR, &only.id, Some((issuer, "s2")), at(0)).await.unwrap();
        assert_eq!(word(&desk.link(OPERATOR, &only.id, Some((issuer, "s1")), at(0)).await), "double");
        let table = [
            (issuer, "s1", true, Ok(Standing::Full)),
            (issuer, "s1", false, Ok(Standing::Code)),
            (issuer, "s2", true, Ok(Standing::Full)),
            (issuer, "s2", false, Ok(Standing::Enrol)),
            (issuer, "s3", true, Err("refused")),
            ("https://other.example.org", "s1", true, Err("refused")),
        ];
        for (issuer, subject, second_factor, expected) in table {
            let answer = desk.sign_in_by_subject(&Subject { issuer, subject, second_factor }, SITE, at(1)).await;
            let standing = answer.as_ref().map(|opened| opened.session.standing).map_err(|_| word(&answer));
            assert_eq!(standing, expected, "{issuer} {subject} {second_factor}");
        }
        let by_subject = Subject { issuer, subject: "s1", second_factor: false };
        let half = desk.sign_in_by_subject(&by_subject, SITE, at(2)).await.unwrap();
        assert_eq!(half.session.duty(), None);
        let full = desk.step_up(&half.session, &wang.code(at(2)), at(2)).await.unwrap();
        assert_eq!(full.session.duty(), Some(&wang.held.duty));
        // no password was ever set, so none comes in
        let given = Credentials { login: "sso.only", password: "", code: None };
        assert_eq!(word(&desk.sign_in(&given, SITE, at(2)).await), "refused");
        desk.set_state(OPERATOR, &wang.id, AccountState::Disabled, at(3)).await.unwrap();
        let vouched = Subject { second_factor: true, ..by_subject };
        assert_eq!(word(&desk.sign_in_by_subject(&vouched, SITE, at(3)).await), "refused");
        for (issuer, subject) in [("id.example.org", "s9"), (issuer, ""), (issuer, &"x".repeat(256)), (issuer, "王丽")]
        {
            assert_eq!(word(&desk.link(OPERATOR, &only.id, Some((issuer, subject)), at(3)).await), "invalid");
        }
    });
}

#[test]
fn unlinking_ends_the_sessions_that_came_by_the_link() {
    in_both(async |house| {
        let desk = house.desk();
        let wang: Person = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let subject = Subject { issuer: "https://id.example.org", subject: "s1", second_factor: true };
        desk.link(OPERATOR, &wang.id, Some((subject.issuer, subject.subject)), at(0)).await.unwrap();
        let opened = desk.sign_in_by_subject(&subject, SITE, at(1)).await.unwrap();
        assert!(desk.holds(&opened.token, at(1)).await.unwrap());
        desk.link(OPERATOR, &wang.id, None, at(1)).await.unwrap();
        assert!(!desk.holds(&opened.token, at(1)).await.unwrap());
        assert_eq!(word(&desk.sign_in_by_subject(&subject, SITE, at(1)).await), "refused");
    });
}

#[test]
fn a_site_that_brings_strangers_waits_and_lets_those_in_whom_the_provider_vouches_for() {
    in_both(async |house| {
        let desk = house.desk();
        let wang: Person = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let issuer = "https://id.example.org";
        desk.link(OPERATOR, &wang.id, Some((issuer, "s1")), at(0)).await.unwrap();
        for _ in 0..15 {
            let stranger = Subject { issuer, subject: "s9", second_factor: true };
            assert_eq!(word(&desk.sign_in_by_subject(&stranger, SITE, at(1)).await), "refused");
            desk.refuse_answer(issuer, SITE, at(1)).await.unwrap();
        }
        let stranger = Subject { issuer, subject: "s9", second_factor: true };
        assert_eq!(word(&desk.sign_in_by_subject(&stranger, SITE, at(1)).await), "wait");
        let known = Subject { issuer, subject: "s1", second_factor: true };
        assert_eq!(word(&desk.sign_in_by_subject(&known, SITE, at(1)).await), "done");
    });
}

#[test]
fn what_a_stranger_keeps_opens_for_its_purpose_alone() {
    in_both(async |house| {
        let desk = house.desk();
        let sealed = desk.seal_for_stranger("a way back", b"text").unwrap();
        assert_eq!(desk.open_from_stranger("a way back", &sealed).as_deref(), Some(&b"text"[..]));
        assert_eq!(desk.open_from_stranger("another", &sealed), None);
        assert_eq!(desk.open_from_stranger("a way back", "x"), None);
    });
}

#[test]
fn attempts_are_in_the_chain_of_reads_and_no_login_or_address_is() {
    let acts = in_both(async |house| {
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let _ = wang.tries(house, "five plain words here", at(1)).await;
        let given = Credentials { login: "my secret words", password: "", code: None };
        let _ = house.desk().sign_in(&given, SITE, at(1)).await;
        let opened = wang.comes_in(house, at(2)).await;
        house.desk().sign_out(&opened.session, at(3)).await.unwrap();
        let everything = house.store.dump().await;
        let leaks =
            |text: &str| everything["audit"].iter().chain(&everything["attempts"]).any(|row| row.contains(text));
        for text in ["wang.li", "my secret words", SITE, PASSWORD, "five plain", "王丽"] {
            assert!(!leaks(text), "{text}");
        }
        assert!(!everything.values().flatten().any(|row| row.contains(PASSWORD) || row.contains(&opened.token)));
        let mut tx = house.store.store.begin(&dayclear_store::Scope::nobody()).await.unwrap();
        let state = tx.check_audit().await.unwrap();
        assert!(matches!(state, dayclear_store::events::ChainState::Whole { events: 6, .. }), "{state:?}");
        house.store.texts("select action || ' ' || outcome from audit order by seq").await
    });
    assert_eq!(
        acts,
        [
            "create_account done",
            "grant_duty done",
            "sign_in refused",
            "sign_in refused",
            "sign_in done",
            "sign_out done"
        ]
    );
}

#[test]
fn another_file_of_keys_is_refused() {
    in_both(async |house: &House<'_>| {
        house.desk().require_keys(at(0)).await.unwrap();
        house.desk().require_keys(at(1)).await.unwrap();
        assert_eq!(house.store.number("select count(*) from keys").await, 3);
        let other = dayclear_ops::access::Keys::new(&super::Count(900.into())).unwrap();
        let desk = dayclear_ops::access::Access { keys: &other, ..house.desk() };
        let refused = desk.require_keys(at(2)).await.unwrap_err();
        assert!(refused.to_string().contains("is not the one that this store was used with"), "{refused}");
    });
}
