//! Administering: within one's division and never oneself, with a fresh code.

use super::{House, OPERATOR, PASSWORD, Person, account, at, duty, in_both, word};
use dayclear_core::{access::Role, accounts::AccountState};
use dayclear_ops::access::{By, NewAccount, NewPassword, Session};

async fn administrator(house: &House<'_>, login: &str, division: &str) -> (Person, Session) {
    let person = house.hire(login, Role::Administrator, division, at(0)).await;
    let session = person.comes_in(house, at(1)).await.session;
    (person, session)
}

#[test]
fn a_duty_is_granted_within_the_division_of_who_grants_it() {
    let table: &[(Role, &str, Option<&str>, &str)] = &[
        (Role::Tracer, "500103", None, "done"),
        (Role::Tracer, "500103", None, "double"),
        (Role::Tracer, "500103001002", None, "done"),
        (Role::Tracer, "500112", None, "not allowed"),
        (Role::CityCommand, "50", None, "not allowed"),
        (Role::Administrator, "500103", None, "done"),
        (Role::Laboratory, "500103", Some("L1"), "done"),
        (Role::Laboratory, "500103", None, "invalid"),
        (Role::Laboratory, "500103", Some(" "), "invalid"),
        (Role::Driver, "500103", None, "invalid"),
        (Role::Tracer, "500103", Some("L1"), "invalid"),
    ];
    in_both(async |house| {
        let (_, admin) = administrator(house, "admin", "500103").await;
        let by = By::Person(&admin);
        let new = NewAccount { division: "500103".parse().unwrap(), ..account("wang.li") };
        let made = house.desk().create(by, &new, at(2)).await.unwrap();
        for (role, division, site, answer) in table {
            let duty = dayclear_core::access::Duty { site: site.map(str::to_owned), ..duty(*role, division) };
            assert_eq!(word(&house.desk().grant(by, &made.id, duty, None, at(2)).await), *answer, "{role} {division}");
        }
        let past = house.desk().grant(by, &made.id, duty(Role::Hotline, "500103"), Some(at(2)), at(2)).await;
        assert_eq!(word(&past), "invalid");
    });
}

#[test]
fn an_administrator_reaches_neither_beyond_their_division_nor_themselves() {
    in_both(async |house| {
        let desk = house.desk();
        let (own, admin) = administrator(house, "admin", "500103").await;
        let by = By::Person(&admin);
        let near = house.hire("near", Role::Tracer, "500103", at(0)).await;
        let far = house.hire("far", Role::Tracer, "500112", at(0)).await;
        // belongs here and works for the whole city: who resets this account would have the city
        let both = house.hire("both", Role::Tracer, "500103", at(0)).await;
        let wide = house.grant(&both.id, Role::CityCommand, "50", at(0)).await.unwrap();
        for (who, id, answer) in [
            ("near", &near.id, "done"),
            ("far", &far.id, "unknown"),
            ("both", &both.id, "not allowed"),
            ("oneself", &own.id, "not allowed"),
            ("nobody", &"U0".to_owned(), "unknown"),
        ] {
            assert_eq!(word(&desk.set_state(by, id, AccountState::Disabled, at(2)).await), answer, "{who}");
            assert_eq!(word(&desk.set_state(by, id, AccountState::Active, at(2)).await), answer, "{who}");
            assert_eq!(word(&desk.reset(by, id, at(2)).await), answer, "{who}");
            assert_eq!(word(&desk.end_all_of(by, id, at(2)).await), answer, "{who}");
            assert_eq!(word(&desk.link(by, id, None, at(2)).await), answer, "{who}");
            let granted = desk.grant(by, id, duty(Role::Dispatcher, "500103"), None, at(2)).await;
            assert_eq!(word(&granted), answer, "{who}");
        }
        for (held, answer) in [(&near.held.id, "done"), (&far.held.id, "unknown"), (&wide.id, "unknown")] {
            assert_eq!(word(&desk.revoke(by, held, at(2)).await), answer);
            if answer == "done" {
                assert_eq!(word(&desk.make_token(by, held, 9, at(2)).await), "unknown", "it is over");
            }
        }
        assert_eq!(word(&desk.make_token(by, &wide.id, 9, at(2)).await), "not allowed");
        let list = desk.accounts(by, None, "", 100, at(2)).await.unwrap();
        let logins: Vec<&str> = list.iter().map(|summary| summary.login.as_str()).collect();
        assert_eq!(logins, ["admin", "both", "near"]);
        assert_eq!(word(&desk.accounts(by, Some(&"50".parse().unwrap()), "", 100, at(2)).await), "not allowed");
        assert_eq!(desk.accounts(OPERATOR, None, "b", 2, at(2)).await.unwrap().len(), 2);
        assert_eq!(word(&desk.account_of(by, "far", at(2)).await), "unknown");
        assert_eq!(desk.account_of(by, "near", at(2)).await.unwrap().duties.len(), 2);
    });
}

#[test]
fn administering_wants_the_role_and_a_code_of_the_last_minutes() {
    in_both(async |house| {
        let desk = house.desk();
        let (admin, old) = administrator(house, "admin", "50").await;
        let commander = house.hire("commander", Role::CityCommand, "50", at(0)).await;
        let commander = commander.comes_in(house, at(1)).await.session;
        let tries = async |session: &Session, login: &str, now| {
            let by = By::Person(session);
            word(&desk.create(by, &account(login), now).await)
        };
        assert_eq!(tries(&commander, "one", at(2)).await, "not allowed");
        assert_eq!(tries(&old, "two", super::seconds(at(11), -1)).await, "done");
        assert_eq!(tries(&old, "three", at(11)).await, "step up");
        let fresh = desk.step_up(&old, &admin.code(at(11)), at(11)).await.unwrap();
        assert_eq!(tries(&fresh.session, "three", at(11)).await, "done");
        assert_eq!(tries(&fresh.session, "Three ", at(11)).await, "double");
        for bad in ["", "x", "with space", "名字", "a|b", &"x".repeat(65)] {
            assert_eq!(tries(&fresh.session, bad, at(11)).await, "invalid", "{bad}");
        }
        let by = By::Person(&fresh.session);
        for new in [
            NewAccount { name: " ", ..account("four") },
            NewAccount { name: "line\nfeed", ..account("four") },
            NewAccount { language: "fr", ..account("four") },
            NewAccount { password: NewPassword::Given("short"), ..account("four") },
        ] {
            assert_eq!(word(&desk.create(by, &new, at(11)).await), "invalid");
        }
    });
}

#[test]
fn a_reset_is_the_only_way_back_and_leaves_nothing_of_before() {
    in_both(async |house| {
        let desk = house.desk();
        let wang = house.hire("wang.li", Role::Tracer, "500103", at(0)).await;
        let before = wang.comes_in(house, at(1)).await;
        let reset = desk.reset(OPERATOR, &wang.id, at(2)).await.unwrap();
        assert!(house.who(&before.token, at(2)).await.is_none());
        assert_eq!(word(&wang.tries(house, PASSWORD, at(3)).await), "refused");
        let password = reset.one_time_password.unwrap();
        let given = dayclear_ops::access::Credentials { login: "wang.li", password: &password, code: None };
        let opened = desk.sign_in(&given, super::SITE, at(4)).await.unwrap();
        assert_eq!(opened.session.standing, dayclear_core::accounts::Standing::Enrol);
    });
}

#[test]
fn the_table_of_roles_in_the_documents_is_the_one_of_the_program() {
    use dayclear_core::access::{Class, Sees, reveal};
    let document = include_str!("../../../../../docs/access.md");
    let settings = dayclear_ops::access::Settings::of(dayclear_core::time::Zone::named("Asia/Shanghai").unwrap());
    let rows: Vec<&str> = document.lines().filter(|line| line.ends_with("00 |") || line.ends_with(" 60 |")).collect();
    let expected: Vec<String> = Role::ALL
        .iter()
        .map(|role| {
            let shown = Class::ALL.iter().map(|class| reveal(*role, *class, Sees::OnDuty).name()).collect::<Vec<_>>();
            let glass = if role.may_break_glass() { "yes" } else { "no" };
            format!("| {role} | {} | {glass} | {} |", shown.join(" | "), settings.people_limit(*role))
        })
        .collect();
    assert_eq!(rows, expected);
}
