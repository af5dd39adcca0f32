//! The parts of a workbook (ECMA-376 part 1, 12 and 18) that say where the rows are and what they mean: the list of
//! sheets, which formats are dates, and the table of shared strings. Each is read once, as a stream, under a cap.

use crate::{
    package::{Cap, Package, PartError, damaged, hostile},
    xml::{Xml, attribute, character, utf8},
};
use quick_xml::events::Event;
use std::collections::BTreeMap;

const MIB: u64 = 1024 * 1024;
/// For parts that are small in every real workbook.
const SMALL: Cap = Cap { size: 16 * MIB, ratio: 200 };
/// The XML of the strings; a million rows with five columns of text have about 200 MiB.
const STRINGS: Cap = Cap { size: 512 * MIB, ratio: 100 };
/// The XML of a sheet; a full one with 20 columns has about 1 GiB.
pub(crate) const SHEET: Cap = Cap { size: 3 * 1024 * MIB, ratio: 200 };
/// Most bytes of shared text that are kept in memory.
const MAX_TEXT: usize = 128 * 1024 * 1024;
/// Most shared strings that are kept in memory.
const MAX_STRINGS: usize = 6_000_000;
const MAX_SHEETS: usize = 1_000;
const MAX_STYLES: usize = 70_000;

/// A sheet of the workbook.
#[derive(Clone, Debug)]
pub(crate) struct SheetEntry {
    pub name: String,
    pub visible: bool,
    pub part: String,
}

/// What the workbook says of itself.
#[derive(Debug)]
pub(crate) struct Workbook {
    pub sheets: Vec<SheetEntry>,
    pub from_1904: bool,
    strings_part: Option<String>,
    styles_part: Option<String>,
}

/// An error with the part it happened in.
pub(crate) type InPart<T> = Result<T, (String, PartError)>;

fn within<T>(part: &str, result: Result<T, PartError>) -> InPart<T> {
    result.map_err(|error| (part.to_owned(), error))
}

impl Workbook {
    pub fn read(package: &mut Package) -> InPart<Workbook> {
        let root = within("_rels/.rels", relations(package, "_rels/.rels", ""))?;
        let part = root.values().find(|(kind, _)| kind.ends_with("/officeDocument")).map(|(_, target)| target.clone());
        let part = part.unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", &part));
        let links_part = match folder {
            "" => format!("_rels/{name}.rels"),
            folder => format!("{folder}/_rels/{name}.rels"),
        };
        let links = within(&links_part, relations(package, &links_part, folder))?;
        let (listed, from_1904) = within(&part, sheets(package, &part))?;
        let mut found = Vec::new();
        for (name, visible, id) in listed {
            let Some((kind, target)) = links.get(&id) else {
                return within(&part, Err(damaged(format!("the sheet {name} leads nowhere")).into()));
            };
            // Charts and dialogues are sheets too, without rows.
            if kind.ends_with("/worksheet") {
                found.push(SheetEntry { name, visible, part: target.clone() });
            }
        }
        let by_kind = |ending: &str| links.values().find(|(kind, _)| kind.ends_with(ending)).map(|(_, t)| t.clone());
        Ok(Workbook {
            sheets: found,
            from_1904,
            strings_part: by_kind("/sharedStrings"),
            styles_part: by_kind("/styles"),
        })
    }

    /// For each cell format, whether it shows a date or time.
    pub fn date_styles(&self, package: &mut Package) -> InPart<Vec<bool>> {
        match &self.styles_part {
            Some(part) if package.has(part) => within(part, date_styles(package, part)),
            _ => Ok(Vec::new()),
        }
    }

    /// The shared strings.
    pub fn strings(&self, package: &mut Package) -> InPart<Strings> {
        match &self.strings_part {
            Some(part) if package.has(part) => within(part, Strings::read(package, part)),
            _ => Ok(Strings::default()),
        }
    }
}

/// Relations of a part by their ids: type and target.
fn relations(package: &mut Package, part: &str, folder: &str) -> Result<BTreeMap<String, (String, String)>, PartError> {
    let mut found = BTreeMap::new();
    let mut xml = Xml::new(package.part(part, SMALL)?);
    loop {
        match xml.next()? {
            Event::Start(element) if element.local_name().as_ref() == b"Relationship" => {
                if attribute(&element, b"TargetMode")?.is_some_and(|mode| mode == "External") {
                    continue; // links to elsewhere are never followed
                }
                if let (Some(id), Some(kind), Some(target)) =
                    (attribute(&element, b"Id")?, attribute(&element, b"Type")?, attribute(&element, b"Target")?)
                {
                    found.insert(id, (kind, resolve(folder, &target)));
                }
                if found.len() > MAX_SHEETS * 4 {
                    return Err(hostile("it has too many relations").into());
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// A target relative to a folder as a name in the package.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

type Listed = Vec<(String, bool, String)>;

fn sheets(package: &mut Package, part: &str) -> Result<(Listed, bool), PartError> {
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    let mut xml = Xml::new(package.part(part, SMALL)?);
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                b"workbookPr" => {
                    from_1904 = attribute(&element, b"date1904")?.is_some_and(|value| value == "1" || value == "true");
                }
                b"sheet" => {
                    let name = attribute(&element, b"name")?.unwrap_or_default();
                    let visible = attribute(&element, b"state")?.is_none_or(|state| state == "visible");
                    // `r:id`; the sheet's own number is `sheetId`.
                    let id = attribute(&element, b"id")?.ok_or_else(|| damaged("a sheet has no relation"))?;
                    sheets.push((name, visible, id));
                    if sheets.len() > MAX_SHEETS {
                        return Err(hostile("it has too many sheets").into());
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok((sheets, from_1904)),
            _ => {}
        }
    }
}

fn date_styles(package: &mut Package, part: &str) -> Result<Vec<bool>, PartError> {
    let mut formats: BTreeMap<u32, bool> = BTreeMap::new();
    let mut styles = Vec::new();
    let mut in_cell_formats = false;
    let mut xml = Xml::new(package.part(part, SMALL)?);
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                b"numFmt" => {
                    let id = number(attribute(&element, b"numFmtId")?);
                    let code = attribute(&element, b"formatCode")?.unwrap_or_default();
                    formats.insert(id, shows_date(&code));
                }
                b"cellXfs" => in_cell_formats = true,
                b"xf" if in_cell_formats => {
                    let id = number(attribute(&element, b"numFmtId")?);
                    // Formats without a code of their own: 18.8.30, with those of East Asian versions.
                    let built_in = matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58);
                    styles.push(formats.get(&id).copied().unwrap_or(built_in));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == b"cellXfs" => in_cell_formats = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
        if formats.len() > MAX_STYLES || styles.len() > MAX_STYLES {
            return Err(hostile("it has too many formats").into());
        }
    }
}

/// Whether a number format shows a date or time: it has a letter of one outside quotes, brackets and escapes.
fn shows_date(code: &str) -> bool {
    let first = code.split(';').next().unwrap_or_default();
    let mut letters = first.chars();
    while let Some(c) = letters.next() {
        match c {
            '"' => while !matches!(letters.next(), None | Some('"')) {},
            '\\' | '_' | '*' => {
                letters.next();
            }
            '[' => {
                let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                // [h], [mm], [ss] count elapsed time; [Red] and [$-804] do not.
                let unit = inside.to_ascii_lowercase();
                if !unit.is_empty() && ["h", "m", "s"].iter().any(|u| unit.chars().all(|c| u.starts_with(c))) {
                    return true;
                }
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => return true,
            _ => {}
        }
    }
    false
}

/// Shared strings in one block of memory.
#[derive(Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        self.text.get(start..end)
    }

    fn read(package: &mut Package, part: &str) -> Result<Strings, PartError> {
        let mut strings = Strings::default();
        let mut xml = Xml::new(package.part(part, STRINGS)?);
        let mut texts = Texts::default();
        loop {
            match xml.next()? {
                Event::Start(element) => texts.start(element.local_name().as_ref()),
                Event::End(element) => {
                    let name = element.local_name();
                    texts.end(name.as_ref());
                    if name.as_ref() == b"si" {
                        let start = strings.ends.last().map_or(0, |end| *end as usize);
                        unescape_tail(&mut strings.text, start);
                        strings.ends.push(strings.text.len() as u32);
                    }
                }
                Event::Eof => return Ok(strings),
                event => texts.add(&event, &mut strings.text)?,
            }
            if strings.text.len() > MAX_TEXT || strings.ends.len() > MAX_STRINGS {
                return Err(hostile("its shared texts are more than can be held in memory").into());
            }
        }
    }
}

/// Which text of a string counts: that in `t`, but not the phonetic readings in `rPh`.
#[derive(Default)]
pub(crate) struct Texts {
    inside: bool,
    phonetic: bool,
}

impl Texts {
    pub fn start(&mut self, name: &[u8]) {
        match name {
            b"t" => self.inside = true,
            b"rPh" => self.phonetic = true,
            _ => {}
        }
    }
    pub fn end(&mut self, name: &[u8]) {
        match name {
            b"t" => self.inside = false,
            b"rPh" => self.phonetic = false,
            _ => {}
        }
    }
    pub fn add(&self, event: &Event<'_>, out: &mut String) -> Result<(), PartError> {
        if self.inside && !self.phonetic { add_text(event, out) } else { Ok(()) }
    }
}

/// Adds the text of an event, if it has any.
pub(crate) fn add_text(event: &Event<'_>, out: &mut String) -> Result<(), PartError> {
    match event {
        Event::Text(text) => out.push_str(utf8(text)?),
        Event::CData(text) => out.push_str(utf8(text)?),
        Event::GeneralRef(reference) => out.push(character(reference)?),
        _ => {}
    }
    Ok(())
}

/// Resolves `_x000D_` and the like (22.9.2.19, ST_Xstring) in the text from `start` on.
pub(crate) fn unescape_tail(text: &mut String, start: usize) {
    let Some(tail) = text.get(start..) else { return };
    if !tail.contains("_x") {
        return;
    }
    let mut out = String::with_capacity(tail.len());
    let mut rest = tail;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let code = escape.get(..7).filter(|e| e.ends_with('_') && e.is_ascii()).map(|e| &e[2..6]);
        let unit = code.filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        match unit.and_then(|unit| u32::from_str_radix(unit, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = &escape[7..];
            }
            None => {
                out.push_str("_x");
                rest = &escape[2..];
            }
        }
    }
    out.push_str(rest);
    text.truncate(start);
    text.push_str(&out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_show_dates() {
        for code in ["yyyy-mm-dd", "d/m/yy", "h:mm", "[$-804]yyyy\"年\"m\"月\"", "[h]:mm", "[ss].00", "mmm"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["General", "0.00", "#,##0", "[Red]0", "\"days\" 0", "0\\d", "@", "000000", "0;yyyy"] {
            assert!(!shows_date(code), "{code}");
        }
    }

    #[test]
    fn escapes_are_resolved() {
        for (text, wanted) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x", "_x"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("_xD800_", "_xD800_"),
            ("_x00重_", "_x00重_"),
        ] {
            let mut out = format!("kept{text}");
            unescape_tail(&mut out, 4);
            assert_eq!(out, format!("kept{wanted}"));
        }
    }

    #[test]
    fn targets_resolve_within_the_package() {
        assert_eq!(resolve("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "../../../etc/passwd"), "etc/passwd");
    }
}
