//! What papers say and leave out, in each language, and how some of them read as a whole.

use super::*;
use dayclear_core::reason::Mark;

const OFFICE: Office<'_> = Office { zone: "Asia/Shanghai", exercise: false };

fn order(kind: OrderKind, basis: &str) -> Order {
    Order {
        id: "O-1".to_owned(),
        kind,
        basis: basis.to_owned(),
        evidence: "C20221120-P001".to_owned(),
        from: "2022-11-20".parse().unwrap(),
        until: "2022-11-25".parse().unwrap(),
        tests: vec!["2022-11-23".parse().unwrap(), "2022-11-25".parse().unwrap()],
        ended_on: None,
        replaced: false,
        aside: None,
        legal_basis: "Law, art. 41".to_owned(),
        body: "District health office".to_owned(),
        reasons: vec![Reason::new("covid-19-cn-twenty 2022-11-11", "plan.close.home_isolation.days", Mark::Verified)],
    }
}

fn paper(kind: NoticeKind, about: About) -> Notice {
    Notice {
        id: "N-O-1".to_owned(),
        kind,
        made_at: "2022-11-20T12:30:00Z".parse().unwrap(),
        name: "<王小明>".to_owned(),
        home: vec!["3 号楼".to_owned(), "2".to_owned()],
        interpreter: false,
        about,
        code: "00000001234567890123".to_owned(),
    }
}

fn decided(state: AppealState) -> About {
    About::Appeal(Appeal {
        id: "O-1/a1".to_owned(),
        on: AppealOn::Order,
        subject: "O-1".to_owned(),
        state,
        filed_at: "2022-11-20T12:30:00Z".parse().unwrap(),
        decided_at: Some("2022-11-21T02:00:00Z".parse().unwrap()),
        decision: "looked at the roster".to_owned(),
    })
}

#[test]
fn a_paper_that_binds_says_why_until_when_where_help_is_and_how_to_appeal_in_each_language() {
    for lang in Lang::ALL {
        for kind in OrderKind::ALL {
            for basis in ["case", "contact", "pool", "discharge"] {
                let about = About::Order(order(*kind, basis));
                let html = blocks(&[(*lang, paper(NoticeKind::Order, about))], OFFICE).unwrap();
                assert!(
                    !["paper-", "asks-", "bound-", "milder-"].iter().any(|key| html.contains(key)),
                    "a key without a message: {html}"
                );
                for said in [
                    lang.date("2022-11-25".parse().unwrap()).as_str(),
                    "Law, art. 41",
                    "plan.close.home_isolation.days",
                    "12345",
                    "120",
                    "0000 0001 2345 6789 0123",
                    "&#60;王小明&#62;",
                ] {
                    assert!(html.contains(said), "{lang} {kind} {basis}: {said} in {html}");
                }
                // whose case a contact was exposed to is told to nobody
                assert_eq!(html.contains("C20221120-P001"), basis != "contact", "{lang} {basis}");
            }
        }
    }
}

fn area(ended_on: Option<&str>) -> Area {
    Area {
        id: "Z-1".to_owned(),
        level: ZoneLevel::High,
        extent: ZoneUnit::Unit,
        from: "2022-11-20".parse().unwrap(),
        until: "2022-11-25".parse().unwrap(),
        ended_on: ended_on.map(|day| day.parse().unwrap()),
        suspended: false,
        replaced: false,
        people: 96,
        legal_basis: "Law, art. 41".to_owned(),
        body: "District health office".to_owned(),
        reasons: vec![
            Reason::new("covid-19-cn-twenty 2022-11-11", "area.units", Mark::Verified).with("case", "C-1"),
            Reason::new("covid-19-cn-twenty 2022-11-11", "area.units", Mark::Verified).with("case", "C-2"),
        ],
    }
}

#[test]
fn a_paper_of_an_area_says_until_when_where_help_is_and_how_to_appeal_and_names_no_case() {
    for lang in Lang::ALL {
        for (kind, ended) in
            [(NoticeKind::Order, None), (NoticeKind::Change, None), (NoticeKind::Release, Some("2022-11-24"))]
        {
            let html = blocks(&[(*lang, paper(kind, About::Area(area(ended))))], OFFICE).unwrap();
            assert!(!html.contains("paper-"), "a key without a message: {html}");
            assert!(!html.contains("C-1") && html.matches("area.units").count() <= 1, "{html}");
            let said = match ended {
                None => vec![lang.date("2022-11-25".parse().unwrap()), "120".to_owned(), "96".to_owned()],
                Some(day) => vec![lang.date(day.parse().unwrap())],
            };
            for said in said.iter().map(String::as_str).chain(["Law, art. 41", "12345", "0000 0001 2345 6789 0123"]) {
                assert!(html.contains(said), "{lang} {kind}: {said} in {html}");
            }
        }
    }
}

#[test]
fn the_paper_of_an_area_that_is_suspended_asks_for_nothing() {
    for lang in Lang::ALL {
        let asked = Words::of(*lang).say("paper-area-asks-unit");
        for suspended in [false, true] {
            let mut area = area(None);
            area.suspended = suspended;
            let html = blocks(&[(*lang, paper(NoticeKind::Change, About::Area(area)))], OFFICE).unwrap();
            assert!(!html.contains("paper-"), "a key without a message: {html}");
            assert_eq!(html.contains(&asked), !suspended, "{html}");
            assert_eq!(html.contains(&Words::of(*lang).say("paper-area-suspended")), suspended, "{html}");
        }
    }
}

#[test]
fn the_paper_of_an_order_that_is_set_aside_asks_for_nothing() {
    for lang in Lang::ALL {
        let words = Words::of(*lang);
        let asked = words.given("asks", OrderKind::HomeIsolation.name());
        for (aside, said) in [(Aside::Appeal, "paper-suspended"), (Aside::Other, "paper-aside")] {
            for kind in [NoticeKind::Order, NoticeKind::Change] {
                let mut order = order(OrderKind::HomeIsolation, "contact");
                let day = lang.date(order.tests[0]);
                let html =
                    |order: &Order| blocks(&[(*lang, paper(kind, About::Order(order.clone())))], OFFICE).unwrap();
                assert!(html(&order).contains(&asked) && html(&order).contains(&day));
                order.aside = Some(aside);
                let html = html(&order);
                assert!(!html.contains("paper-"), "a key without a message: {html}");
                assert!(!html.contains(&asked) && !html.contains(&day), "{html}");
                assert!(html.contains(&words.say(said)), "{html}");
            }
        }
    }
}

#[test]
fn the_papers_of_an_order_and_an_appeal_read_as_they_should() {
    let mut ended = order(OrderKind::HomeIsolation, "contact");
    ended.ended_on = Some("2022-11-23".parse().unwrap());
    let papers = [
        (Lang::En, paper(NoticeKind::Order, About::Order(order(OrderKind::HomeIsolation, "contact")))),
        (Lang::ZhHans, paper(NoticeKind::Change, About::Order(order(OrderKind::CentralIsolation, "contact")))),
        (Lang::ZhHant, paper(NoticeKind::Release, About::Order(ended))),
        (Lang::En, paper(NoticeKind::Decision, decided(AppealState::Upheld))),
        (Lang::ZhHans, paper(NoticeKind::Decision, decided(AppealState::Dismissed))),
    ];
    let html = blocks(&papers, OFFICE).unwrap();
    assert_eq!(html.matches("<section class=\"notice\"").count(), papers.len());
    // the picture of the code is no text
    let text: Vec<&str> = html.lines().filter(|line| !line.contains("<svg")).collect();
    insta::assert_snapshot!(text.join("\n"));
    let made_up = blocks(&papers, Office { exercise: true, ..OFFICE }).unwrap();
    let marks: usize =
        Lang::ALL.iter().map(|lang| made_up.matches(&Words::of(*lang).say("exercise-said")).count()).sum();
    assert_eq!(marks, papers.len(), "every paper of an exercise says so");
    let told = told(Lang::En, &papers[0].1, OFFICE).unwrap();
    assert!(!told.contains("<svg"), "{told}");
    let file = format!("{}{html}{END}", begin(Lang::En, "Papers").unwrap());
    assert!(file.contains("break-after: page") && file.ends_with("</html>\n"));
    assert!(!html.contains(" style="), "{html}");
}
