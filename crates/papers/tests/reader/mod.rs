//! Reads the text of papers back from their files, as somebody who searches or copies it would get it.

use flate2::read::ZlibDecoder;
use quick_xml::{Reader, events::Event};
use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

/// A line of text on a page; `y` from the upper edge.
#[derive(Debug, Clone)]
pub struct Shown {
    pub x: f32,
    pub y: f32,
    pub size: f32,
    pub text: String,
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|part| part == what).map(|at| at + from)
}

/// Objects of a file by the table at its end: what they say, and their stream.
fn objects(file: &[u8]) -> BTreeMap<usize, (String, Vec<u8>)> {
    let tail = String::from_utf8_lossy(&file[file.len() - 40..]).into_owned();
    let table: usize = tail.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    let table = String::from_utf8_lossy(&file[table..]).into_owned();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("xref"));
    let count: usize = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    assert!(lines.next().unwrap().starts_with("0000000000 65535 f"));
    let mut all = BTreeMap::new();
    for number in 1..count {
        let place: usize = lines.next().unwrap()[..10].parse().unwrap();
        let head = format!("{number} 0 obj\n");
        assert!(file[place..].starts_with(head.as_bytes()), "object {number} is not where the table says");
        let body = place + head.len();
        let end = find(file, b"\nendobj\n", body).unwrap();
        let (said, stream) = match find(file, b">>\nstream\n", body).filter(|at| *at < end) {
            None => (String::from_utf8_lossy(&file[body..end]).into_owned(), Vec::new()),
            Some(at) => {
                let said = String::from_utf8_lossy(&file[body..at]).into_owned();
                let length: usize = value(&said, "/Length ").parse().unwrap();
                let packed = &file[at + 10..at + 10 + length];
                let mut stream = Vec::new();
                ZlibDecoder::new(packed).read_to_end(&mut stream).unwrap();
                (said, stream)
            }
        };
        all.insert(number, (said, stream));
    }
    all
}

fn value<'s>(said: &'s str, key: &str) -> &'s str {
    let rest = said.split_once(key).unwrap_or_else(|| panic!("no {key} in {said}")).1;
    rest.split([' ', '>', ']']).next().unwrap()
}

/// What the numbers of a font stand for.
fn signs(table: &str) -> BTreeMap<u16, char> {
    let pairs = table.lines().filter(|line| line.starts_with('<') && line.matches('<').count() == 2);
    let pairs = pairs.filter_map(|line| {
        let parts: Vec<&str> = line.split(['<', '>', ' ']).filter(|part| !part.is_empty()).collect();
        let [number, sign] = parts[..] else { return None };
        let sign = char::from_u32(u32::from_str_radix(sign, 16).ok()?)?;
        Some((u16::from_str_radix(number, 16).ok()?, sign))
    });
    pairs.filter(|(_, sign)| *sign != '\u{ffff}').collect()
}

/// The lines of each page.
pub fn pages_of(file: &[u8]) -> Vec<Vec<Shown>> {
    let objects = objects(file);
    let page = |said: &str| {
        let contents: usize = value(said, "/Contents ").parse().unwrap();
        let mut fonts = BTreeMap::new();
        for name in ["F0", "F1"].into_iter().filter(|name| said.contains(&format!("/{name} "))) {
            let font: usize = value(said, &format!("/{name} ")).parse().unwrap();
            let table: usize = value(&objects[&font].0, "/ToUnicode ").parse().unwrap();
            fonts.insert(name, signs(&String::from_utf8_lossy(&objects[&table].1)));
        }
        let content = String::from_utf8_lossy(&objects[&contents].1).into_owned();
        let text = |line: &str| {
            let parts: Vec<&str> = line.split(' ').collect();
            let [.., font, size, "Tf", x, y, "Td", hex, "Tj", "ET"] = parts[..] else { panic!("{line}") };
            let font = &fonts[font.trim_start_matches('/')];
            let hex = hex.trim_matches(['<', '>']);
            let number = |at: usize| u16::from_str_radix(&hex[at..at + 4], 16).unwrap();
            let text = (0..hex.len()).step_by(4).map(|at| font[&number(at)]).collect();
            Shown { x: x.parse().unwrap(), y: 841.89 - y.parse::<f32>().unwrap(), size: size.parse().unwrap(), text }
        };
        content.lines().filter(|line| line.starts_with("BT ")).map(text).collect()
    };
    let pages = objects.values().filter(|(said, _)| said.contains("/Type /Page "));
    pages.map(|(said, _)| page(said)).collect()
}

/// What is drawn within frames on all pages, as operators.
pub fn drawings_of(file: &[u8]) -> Vec<String> {
    let objects = objects(file);
    let pages = objects.values().filter(|(said, _)| said.contains("/Type /Page "));
    let contents = pages.map(|(said, _)| value(said, "/Contents ").parse::<usize>().unwrap());
    let text: String = contents.map(|at| String::from_utf8_lossy(&objects[&at].1).into_owned()).collect();
    let drawings = text.split("q ").skip(1).filter_map(|rest| rest.split_once("\nQ\n"));
    drawings.map(|(drawing, _)| drawing.to_owned()).collect()
}

/// Pages as text: what stands on one line, from left to right.
pub fn shown(pages: &[Vec<Shown>]) -> String {
    let mut out = String::new();
    for (at, page) in pages.iter().enumerate() {
        out.push_str(&format!("=== {}\n", at + 1));
        let mut lines: Vec<Shown> = page.clone();
        lines.sort_by(|a, b| (a.y.round(), a.x).partial_cmp(&(b.y.round(), b.x)).unwrap());
        for same in lines.chunk_by(|a, b| a.y.round() == b.y.round()) {
            let texts: Vec<&str> = same.iter().map(|line| line.text.as_str()).collect();
            out.push_str(&texts.join(" | "));
            out.push('\n');
        }
    }
    out
}

/// The text of a file of a word processor: a line for each paragraph. Every part must be sound XML.
pub fn docx_text(file: &[u8]) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let names: Vec<String> = zip.file_names().map(str::to_owned).collect();
    let mut body = String::new();
    for name in names {
        let mut text = String::new();
        zip.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
        let said = paragraphs(&text);
        if name == "word/document.xml" {
            body = said;
        }
    }
    body
}

fn paragraphs(xml: &str) -> String {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut out, mut inside, mut cell) = (String::new(), false, false);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return out,
            Event::Start(tag) if tag.name().as_ref() == b"w:t" => inside = true,
            Event::End(tag) if tag.name().as_ref() == b"w:t" => inside = false,
            Event::Start(tag) if tag.name().as_ref() == b"w:tr" => cell = true,
            Event::End(tag) if tag.name().as_ref() == b"w:tr" => {
                cell = false;
                out.push('\n');
            }
            Event::End(tag) if tag.name().as_ref() == b"w:p" => out.push_str(if cell { " | " } else { "\n" }),
            Event::Empty(tag) if tag.name().as_ref() == b"w:br" => out.push(' '),
            Event::Text(text) if inside => out.push_str(&text.decode().unwrap()),
            Event::GeneralRef(entity) if inside => out.push_str(&format!("&{};", entity.decode().unwrap())),
            _ => {}
        }
    }
}
