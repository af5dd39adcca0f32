//! The bulletin as it is printed: fixed samples against snapshots, and what must hold for any bulletin.

#![allow(clippy::unwrap_used)] // the functions that tests share are tests too

mod sample;

use dayclear_core::bulletin::{Bulletin, Check, Provenance, UnitLine};
use dayclear_papers::{
    Lang, bulletin_csv, bulletin_html, bulletin_json, day_summary, summary::LINES_MAX, table::width,
};

fn page(bulletin: &Bulletin, lang: Lang) -> String {
    bulletin_html(bulletin, lang).unwrap()
}

/// The page without its style, which would only fill the snapshots.
fn body(bulletin: &Bulletin, lang: Lang) -> String {
    let page = page(bulletin, lang);
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, tail) = rest.split_once("</style>").unwrap();
    format!("{head}<style></style>{tail}")
}

/// The words of a page, without marks.
fn text(page: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for char in page.split_once("</style>").unwrap().1.chars() {
        match char {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            char if !inside => out.push(char),
            _ => {}
        }
    }
    out
}

#[test]
fn pages() {
    for lang in Lang::ALL {
        insta::assert_snapshot!(format!("page_full_{lang}"), body(&sample::full(), *lang));
        insta::assert_snapshot!(format!("page_published_{lang}"), body(&sample::published(), *lang));
    }
    insta::assert_snapshot!("page_unknown_en", body(&sample::unknown(), Lang::En));
}

#[test]
fn files() {
    insta::assert_snapshot!("csv_full_en", bulletin_csv(&sample::full(), Lang::En));
    for lang in Lang::ALL {
        insta::assert_snapshot!(format!("csv_published_{lang}"), bulletin_csv(&sample::published(), *lang));
    }
    insta::assert_snapshot!("json_published", bulletin_json(&sample::published()).unwrap());
}

#[test]
fn summaries() {
    for lang in Lang::ALL {
        insta::assert_snapshot!(
            format!("summary_full_{lang}"),
            day_summary(&sample::full(), &sample::open_items(), *lang)
        );
    }
    insta::assert_snapshot!("summary_published_en", day_summary(&sample::published(), &[], Lang::En));
}

#[test]
fn the_published_figures_of_12_november_2022_stand_on_the_page() {
    let text = text(&page(&sample::published(), Lang::En));
    for figure in ["158", "1,662", "95", "12", "19", "29", "3", "✓ agrees", "? parts not known"] {
        assert!(text.split("  ").any(|part| part.trim() == figure), "{figure} in {text}");
    }
    assert!(!text.contains(" 0 "), "what is not known is never 0");
}

#[test]
fn json_reads_back_into_the_same_bulletin() {
    for bulletin in [sample::full(), sample::published(), sample::unknown()] {
        let text = bulletin_json(&bulletin).unwrap();
        assert_eq!(serde_json::from_str::<Bulletin>(&text).unwrap(), bulletin);
    }
}

#[test]
fn what_nobody_knows_is_never_a_zero() {
    for lang in Lang::ALL {
        let bulletin = sample::unknown();
        let text = text(&page(&bulletin, *lang));
        // The only zero of the page is in the sentence that says there is none.
        assert!(!text.split_whitespace().any(|word| word == "0"), "{text}");
        let known = bulletin_csv(&bulletin, *lang).lines().skip(1).filter(|line| line.ends_with(",0")).count();
        assert_eq!(known, 0);
        assert!(
            !day_summary(&bulletin, &[], *lang)
                .split_once('\n')
                .unwrap()
                .1
                .split('\n')
                .take(12)
                .any(|line| line.contains('0'))
        );
    }
}

#[test]
fn a_single_unknown_unit_makes_the_sum_unknown() {
    let mut bulletin = sample::full();
    bulletin.units[2].confirmed = None;
    let page = page(&bulletin, Lang::En);
    let sums = page.split("<tfoot").nth(2).unwrap().split("</tfoot>").next().unwrap();
    assert!(sums.contains("Sum of the lines") && sums.contains("not known"), "{sums}");
    assert!(sums.contains("Reported total") && sums.contains("293"), "{sums}");
}

#[test]
fn a_sum_that_does_not_agree_is_said_in_words_before_the_figures() {
    let mut bulletin = sample::published();
    assert!(!page(&bulletin, Lang::En).contains("Not all sums agree."));
    bulletin.checks.push(Check { name: "hops-reconcile".into(), total: 10, parts: Some(7) });
    let page = page(&bulletin, Lang::En);
    assert!(page.contains("✗ differs by \u{2212}3"));
    assert!(page.find("Not all sums agree.").unwrap() < page.find("New confirmed cases").unwrap());
}

#[test]
fn nothing_in_the_data_becomes_markup_or_a_script() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=y>";
    let mut bulletin = sample::full();
    bulletin.city = evil.into();
    bulletin.city_en = None;
    bulletin.pack = Some(format!("{evil}@{evil}"));
    bulletin.notes.push(evil.into());
    bulletin.checks.push(Check { name: evil.into(), total: 1, parts: None });
    bulletin.units.push(UnitLine { name: evil.into(), name_en: Some(evil.into()), ..bulletin.units[2].clone() });
    bulletin.provenance =
        Provenance::Published { sources: vec![evil.into(), "javascript:alert(1) http://a/\"x".into()] };
    for lang in Lang::ALL {
        let page = page(&bulletin, *lang);
        assert!(!page.contains("<script") && !page.contains("<img"));
        assert!(!page.contains("href=\"javascript") && !page.contains("a/\"x"));
    }
}

#[test]
fn a_page_is_whole_and_says_its_language() {
    for lang in Lang::ALL {
        for bulletin in [sample::full(), sample::published(), sample::unknown()] {
            let page = page(&bulletin, *lang);
            assert!(page.contains(&format!("<html lang=\"{lang}\">")));
            assert_eq!(page.matches("<h1").count(), 1);
            for mark in ["table", "thead", "tbody", "section", "svg", "dl", "ul", "p", "h2", "td", "th", "tr"] {
                let opened = page.matches(&format!("<{mark}>")).count() + page.matches(&format!("<{mark} ")).count();
                assert_eq!(opened, page.matches(&format!("</{mark}>")).count(), "{mark}");
            }
            assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
            let headers = page.matches("<th ").count();
            assert_eq!(headers, page.matches("scope=\"row\"").count() + page.matches("scope=\"col\"").count());
            // Nothing is fetched from elsewhere, and nothing runs.
            assert!(
                !page.contains("<script")
                    && !page.contains("<link")
                    && !page.contains("src=")
                    && !page.contains("url(")
            );
        }
    }
}

#[test]
fn a_summary_fits_a_screen() {
    let mut bulletin = sample::full();
    bulletin.checks.iter_mut().for_each(|check| check.parts = Some(0));
    for lang in Lang::ALL {
        let summary = day_summary(&bulletin, &sample::open_items(), *lang);
        assert!(summary.lines().count() <= LINES_MAX, "{}", summary.lines().count());
        let open: Vec<&str> = summary.lines().filter(|line| width(line) > 120).collect();
        // Only the list of what differs may be longer than a screen is wide; it is cut by nobody.
        assert!(open.len() <= 1, "{open:?}");
    }
}

#[test]
fn no_open_item_is_dropped_from_a_summary() {
    let items = sample::open_items();
    let summary = day_summary(&sample::full(), &items, Lang::En);
    let counted: u64 = summary
        .lines()
        .skip_while(|line| !line.starts_with('─') || line.starts_with("────────────────────────────────────────"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).nth(1)?.parse::<u64>().ok())
        .sum();
    assert_eq!(counted, items.len() as u64, "{summary}");
}
