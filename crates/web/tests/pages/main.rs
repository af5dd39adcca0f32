//! The console's pages, as people get them: every role walks from its first page along every link it is shown. What it
//! must not see it does not find, every form brings the word of its session, and nothing in a page is inline.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

mod audit;
mod forms;
mod house;
mod leaks;
mod menu;

use house::House;

/// What a page answered.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Where it leads.
    pub location: String,
    /// Content policy.
    pub policy: String,
    /// Body.
    pub body: String,
}

/// Values of an attribute in a page, unescaped.
pub fn attributes(html: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(&begin) {
        rest = &rest[at + begin.len()..];
        let Some(end) = rest.find('"') else { break };
        found.push(unescaped(&rest[..end]));
        rest = &rest[end..];
    }
    found
}

fn unescaped(text: &str) -> String {
    let pairs = [("&#38;", "&"), ("&amp;", "&"), ("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Walks along the links of the console, from the first page, and gives every page that was shown.
pub async fn walk(house: &House, who: &str, pages_max: usize) -> Vec<(String, Answer)> {
    let mut open = std::collections::VecDeque::from(["/".to_owned()]);
    let mut seen = std::collections::BTreeSet::from(["/".to_owned()]);
    let mut pages = Vec::new();
    while let Some(path) = open.pop_front() {
        if pages.len() >= pages_max {
            break;
        }
        let answer = house.get(who, &path).await;
        for link in attributes(&answer.body, "href") {
            let own = link.starts_with('/') && !link.starts_with("//");
            let page =
                own && !["/assets", "/api", "/language", "/logout", "/login"].iter().any(|b| link.starts_with(b));
            // one page of each kind is enough of those that differ by their place in a list
            if page && !link.contains("after=") && seen.insert(link.clone()) {
                open.push_back(link);
            }
        }
        pages.push((path, answer));
    }
    pages
}
