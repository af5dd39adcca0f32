//! Planted values: a name, a telephone number and words of a request that a role is not shown are on none of the pages that
//! it can reach, in none of their attributes and nowhere in an address.

use crate::{
    attributes,
    house::{House, NAME, PHONE, WORDS},
    walk,
};
use dayclear_core::access::{Class, Role, Sees, Sight, reveal};

const PAGES_MAX: usize = 250;

#[tokio::test]
async fn what_a_role_is_not_shown_is_on_no_page_it_can_reach() {
    let house = House::open().await;
    let mut seen_by_somebody = [false; 3];
    for role in Role::ALL {
        let pages = walk(&house, role.name(), PAGES_MAX).await;
        assert!(pages.len() > 3, "{role}");
        let planted = [(NAME, Class::Personal), (PHONE, Class::Personal), (WORDS, Class::Sensitive)];
        for (path, answer) in &pages {
            assert!(answer.status < 500, "{role} at {path}: {} {}", answer.status, answer.body);
            for (at, (value, class)) in planted.iter().enumerate() {
                let shown = answer.body.contains(value);
                seen_by_somebody[at] |= shown;
                let may = reveal(*role, *class, Sees::OnDuty) == Sight::Plain;
                assert!(may || !shown, "{role} at {path} sees {value}");
            }
            for link in attributes(&answer.body, "href") {
                // a telephone is called from its link; everything else would stand in logs
                let personal =
                    !link.starts_with("tel:") && [NAME, PHONE, WORDS].iter().any(|value| link.contains(value));
                assert!(!personal && !link.contains("name="), "{role} at {path}: {link}");
            }
        }
    }
    assert_eq!(seen_by_somebody, [true; 3], "the planted values are on no page at all");
}

#[tokio::test]
async fn nothing_in_a_page_is_inline_and_every_page_has_its_policy() {
    let house = House::open().await;
    for role in Role::ALL {
        for (path, answer) in walk(&house, role.name(), PAGES_MAX).await {
            assert!(!answer.policy.is_empty(), "{role} at {path}");
            // the bulletin brings its own style, under a policy of its own
            if path.contains("/paper") {
                assert!(answer.policy.contains("default-src 'none'"), "{path}");
                continue;
            }
            let body = answer.body.to_ascii_lowercase();
            for inline in [" style=\"", "<style", " onclick", " onload", " onerror", " onsubmit", "javascript:"] {
                assert!(!body.contains(inline), "{role} at {path}: {inline}");
            }
            let scripts = body.matches("<script").count();
            assert_eq!(scripts, body.matches("<script type=\"module\" src=\"/assets/").count(), "{role} at {path}");
            assert!(!answer.policy.contains("unsafe-inline"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_key_is_text_and_never_markup() {
    let house = House::open().await;
    let mark = "%3Cb%20id%3Dx%3E%22%27";
    for path in [format!("/items?subject={mark}"), format!("/cases?person={mark}"), format!("/audit?account={mark}")] {
        let role = if path.starts_with("/audit") { "auditor" } else { "district_command" };
        let answer = house.get(role, &path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains("<b id=x>"), "{path}");
        assert!(answer.body.contains("&#60;b id=x&#62;") || answer.body.contains("&lt;b id=x&gt;"), "{path}");
    }
}
