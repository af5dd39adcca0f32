//! Papers as set pages and as files of a word processor: fixed samples against snapshots of their text, read back from the files, and
//! what must hold for any paper. Set with a font that is made here, so that every machine breaks lines at the same places.

#![allow(clippy::unwrap_used)] // the functions that tests share are tests too

mod font;
mod reader;
mod sample;

use dayclear_core::bulletin::Bulletin;
use dayclear_papers::{
    FontError, FontFiles, Lang, PaperError, bulletin_document,
    document::*,
    docx,
    map::{Map, Region},
    pdf,
};
use font::made;
use reader::{docx_text, drawings_of, pages_of};

fn fonts() -> FontFiles {
    FontFiles { regular: made("Made-Regular", true), bold: Some(made("Made-Bold", true)) }
}

fn set(bulletin: &Bulletin, lang: Lang) -> Vec<u8> {
    pdf(&bulletin_document(bulletin, lang), &fonts()).unwrap()
}

#[test]
fn set_pages_say_what_the_page_says() {
    for lang in Lang::ALL {
        insta::assert_snapshot!(format!("pdf_full_{lang}"), reader::shown(&pages_of(&set(&sample::full(), *lang))));
        insta::assert_snapshot!(
            format!("docx_full_{lang}"),
            docx_text(&docx(&bulletin_document(&sample::full(), *lang)).unwrap())
        );
    }
    insta::assert_snapshot!("pdf_published_en", reader::shown(&pages_of(&set(&sample::published(), Lang::En))));
    insta::assert_snapshot!("pdf_unknown_en", reader::shown(&pages_of(&set(&sample::unknown(), Lang::En))));
}

#[test]
fn the_signature_of_the_books_stands_at_the_foot_of_every_page() {
    for lang in Lang::ALL {
        let pages = pages_of(&set(&sample::full(), *lang));
        assert!(pages.len() >= 2, "{lang}: the sample fills some pages");
        for page in &pages {
            let foot =
                page.iter().filter(|line| line.y > 780.0).map(|line| line.text.clone()).collect::<Vec<_>>().join("\n");
            assert!(foot.contains("9f2c4e1ab07d5538c6e2f4019b7ad3cc51e8843fd20b96a7e4f1c05d8a3b6e72"), "{foot}");
        }
    }
}

#[test]
fn nothing_stands_outside_a_page_or_on_its_foot() {
    for lang in Lang::ALL {
        for page in pages_of(&set(&sample::full(), *lang)) {
            for line in &page {
                // a sign of this font is half as wide as it is high, or as wide
                let width: f32 = line.text.chars().map(|sign| font::width(sign) as f32 * line.size / 1000.0).sum();
                assert!(line.x >= 41.0 && line.x + width <= 555.0, "{lang}: {line:?} of {width}");
                assert!(line.y > 40.0 && line.y < 835.0, "{lang}: {line:?}");
            }
        }
    }
}

#[test]
fn a_long_table_goes_on_under_its_head_and_a_long_word_is_broken() {
    let line = |at: usize| Line { name: format!("row {at}"), cells: vec![at.to_string()], bar: None };
    let document = Document {
        lang: Lang::En,
        kind: "kind".to_owned(),
        title: "title".to_owned(),
        facts: Vec::new(),
        blocks: vec![
            Block::Code("0123456789abcdef".repeat(40)),
            Block::Grid(Grid {
                caption: "caption".to_owned(),
                headers: vec!["Name".to_owned(), "Number".to_owned()],
                rows: (0..200).map(line).collect(),
                sums: vec![line(200)],
                words: false,
            }),
        ],
        foot: vec!["foot".to_owned()],
    };
    let bytes = pdf(&document, &fonts()).unwrap();
    assert_eq!(bytes, pdf(&document, &fonts()).unwrap(), "the same bytes");
    let pages = pages_of(&bytes);
    assert!(pages.len() > 3);
    let all: Vec<String> = pages.iter().flatten().map(|line| line.text.clone()).collect();
    for at in 0..=200 {
        assert_eq!(all.iter().filter(|text| **text == format!("row {at}")).count(), 1);
    }
    for page in &pages[..pages.len() - 1] {
        assert!(page.iter().any(|line| line.text == "Number"), "every page repeats the head");
    }
    let code: String = all.iter().filter(|text| text.contains("9abcdef")).map(String::as_str).collect();
    assert_eq!(code, "0123456789abcdef".repeat(40));
}

#[test]
fn a_font_that_cannot_write_the_language_is_refused_with_its_name() {
    let latin = FontFiles { regular: made("Latin-Regular", false), bold: None };
    let document = bulletin_document(&sample::full(), Lang::ZhHans);
    match pdf(&document, &latin).unwrap_err() {
        PaperError::Font(FontError::Lacks { name, sign }) => assert_eq!((name.as_str(), sign), ("Latin-Regular", '疫')),
        other => panic!("{other}"),
    }
    let none = FontFiles { regular: b"no font at all".to_vec(), bold: None };
    assert!(matches!(pdf(&document, &none), Err(PaperError::Font(FontError::Unreadable(_)))));
    assert!(pdf(&bulletin_document(&sample::full(), Lang::En), &latin).is_ok());
}

#[test]
fn a_map_is_drawn_within_its_frame_and_says_by_name_what_it_draws() {
    let square = |from: f64, to: f64| vec![vec![(from, from), (to, from), (to, to), (from, to)]];
    let map = Map {
        caption: "where".to_owned(),
        size: [640.0, 320.0],
        regions: vec![
            Region { rings: square(-500.0, 100.0), here: false },
            Region { rings: square(100.0, 300.0), here: true },
        ],
        dots: vec![[200.0, 200.0, 26.0], [220.0, 210.0, 0.0]],
        names: vec![(200.0, 150.0, "inside".to_owned()), (-40.0, 20.0, "outside".to_owned())],
        key: vec![([20.0, 290.0, 5.0], "1".to_owned()), ([80.0, 290.0, 26.0], "27".to_owned())],
        heads: ["Place".to_owned(), "Found".to_owned()],
        rows: vec![["Row one".to_owned(), "27".to_owned()], ["Row two".to_owned(), "3".to_owned()]],
        after: Some("and 4 more".to_owned()),
    };
    let document = Document {
        lang: Lang::En,
        kind: "kind".to_owned(),
        title: "title".to_owned(),
        facts: Vec::new(),
        blocks: vec![Block::Bars(Bars {
            caption: "bars".to_owned(),
            parts: ["one".to_owned(), "other".to_owned()],
            days: (0..28).map(|n| (format!("day {n}"), [n, 1])).collect(),
            map: Some(Box::new(map)),
        })],
        foot: vec!["foot".to_owned()],
    };
    let bytes = pdf(&document, &fonts()).unwrap();
    assert_eq!(bytes, pdf(&document, &fonts()).unwrap(), "the same bytes");
    let drawings = drawings_of(&bytes);
    // two outlines, the circle over them, and the two of its key; all cut off at the frame
    assert_eq!(drawings.len(), 1, "{drawings:?}");
    let drawing = drawings[0].as_str();
    assert!(drawing.contains(" re W n"), "{drawing}");
    let last = |what: &str| drawing.rfind(what).unwrap_or_else(|| panic!("{what} is not in {drawing}"));
    assert_eq!((drawing.matches("B*").count(), drawing.matches("h B\n").count()), (2, 1), "{drawing}");
    assert!(last("B*") < last("h B\n") && drawing.ends_with("\ns") && drawing.matches("\ns").count() == 2, "{drawing}");
    let text = reader::shown(&pages_of(&bytes));
    for said in ["where", "inside", "Row one: 27; Row two: 3; and 4 more"] {
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
    assert!(!text.contains("outside"));
    for line in pages_of(&bytes).concat() {
        assert!(line.x >= 41.0 && line.x < 555.0, "{line:?}");
    }
    let written = docx_text(&docx(&document).unwrap());
    assert!(written.contains("Row two | 3") && written.contains("and 4 more"), "{written}");
}
