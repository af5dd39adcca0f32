//! The body of a text: estates, roads, buildings, house numbers and units, with lists, ranges and what is left out. It knows no
//! divisions; it guarantees that a number is read as a building, a house, a unit or something finer, or is handed back unread.

use crate::zoning::body::Kind::{Building, Finer, House, Unit};
use std::collections::BTreeSet;

/// One smallest place: an estate or road, perhaps a building or house of it, perhaps a unit (an entrance) of that.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Estate, road, institution; empty where a number stands alone.
    pub place: String,
    /// Building (`12栋`) or house number (`18号`).
    pub building: Option<String>,
    /// Unit (`2单元`).
    pub unit: Option<String>,
}

/// How fine a text says what is enclosed; the coarsest of what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Units of buildings.
    Unit,
    /// Buildings or houses.
    Building,
    /// Estates, roads, institutions.
    Place,
    /// What roads bound.
    Bounded,
    /// A community or village.
    Community,
    /// A township or street, or nothing that is finer.
    Township,
}

/// What a body names.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub parts: BTreeSet<Part>,
    /// Pieces with a number that was read as nothing.
    pub unread: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Building,
    House,
    Unit,
    /// Floors, rooms, annexes: finer than anything that is enclosed.
    Finer,
}

/// Words of kinds; the longer of two with the same beginning comes first.
const KINDS: &[(&str, Kind)] = &[
    ("号线", Finer),
    ("号楼", Building),
    ("号栋", Building),
    ("栋楼", Building),
    ("幢楼", Building),
    ("栋", Building),
    ("幢", Building),
    ("座", Building),
    ("#楼", Building),
    ("#", Building),
    ("单元", Unit),
    ("号院", House),
    ("号", House),
    ("楼", Finer),
    ("层", Finer),
    ("室", Finer),
    ("时", Finer),
];
/// Words after a number that belong to a name: the second phase, the third group.
const NAMED: [&str; 18] =
    ["期", "组", "区", "社", "村", "队", "路", "街", "支路", "米", "公里", "中", "小", "院", "厂", "里", "年", "月"];
/// Words before a number of buildings.
const COUNTED: [&str; 3] = ["共", "合计", "总计"];
/// Most numbers that a range stands for.
const RANGE_MAX: u32 = 300;

#[derive(Debug)]
struct Token {
    labels: Vec<String>,
    kind: Option<Kind>,
    /// What stands between the token before and this one.
    before: String,
}

/// Reads a body: its pieces stand between commas.
pub(super) fn read(body: &str) -> Body {
    let mut read = Body::default();
    let pieces: Vec<(Vec<Token>, String)> =
        body.split(['、', ',', ';', '。']).map(str::trim).filter(|piece| !piece.is_empty()).map(tokens).collect();
    let mut last = Part::default();
    let mut kind_before = None;
    for (at, (tokens, tail)) in pieces.iter().enumerate() {
        // a number without a word is of the kind of what follows it in the list, else of what stood before
        let ahead = || {
            let follows = pieces[at + 1..].iter().take_while(|(tokens, tail)| {
                tail.is_empty() && tokens.first().is_some_and(|token| token.before.is_empty())
            });
            follows.clone().flat_map(|(tokens, _)| tokens.first()).find_map(|token| token.kind)
        };
        let odd = parity(tail);
        let mut part = Part::default();
        let (mut buildings, mut units): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut house: Option<String> = None;
        let mut began_with = None;
        for (n, token) in tokens.iter().enumerate() {
            let road = ["路", "街", "巷", "道", "村", "里", "坡", "湾", "坪", "片区", "沟", "坎", "园"];
            // `石油路1号恒大名都2`: after a house number and another name it is a building of that
            let of_estate =
                (n > 0 && house.is_some() && !token.before.is_empty() && token.before != "附").then_some(Building);
            let letter = token.labels.iter().all(|label| label.bytes().all(|byte| byte.is_ascii_alphabetic()));
            let kind_before = kind_before.filter(|_| !letter);
            let kind = token.kind.or_else(&ahead).or(of_estate).or(kind_before).or_else(|| {
                let name = if token.before.is_empty() { &last.place } else { &token.before };
                road.iter().any(|road| name.ends_with(road)).then_some(House)
            });
            if n == 0 && !token.before.is_empty() {
                part.place.clone_from(&token.before);
            }
            let labels = || token.labels.iter().filter(|label| odd.is_none_or(|odd| is_odd(label) == Some(odd)));
            match kind {
                Some(House) => {
                    if !buildings.is_empty() && token.before == "附" {
                        let of = buildings.pop().unwrap_or_default();
                        buildings.extend(labels().map(|label| format!("{of}附{label}号")));
                    } else {
                        house = token.labels.first().cloned();
                        buildings = labels().map(|label| format!("{label}号")).collect();
                    }
                }
                Some(Building) => {
                    if n > 0 && !token.before.is_empty() && token.before != "附" {
                        // `景阳路20号康田漫城10栋`: the estate says more than the road it stands at
                        part.place.clone_from(&token.before);
                    } else if let Some(house) = house.take() {
                        part.place.push_str(&house);
                        part.place.push('号');
                    }
                    buildings = labels().map(|label| format!("{label}栋")).collect();
                }
                Some(Unit) => units.extend(labels().map(|label| format!("{label}单元"))),
                Some(Finer) => {}
                // a letter at the end of a name is a part of it
                None if letter => {
                    part.place = format!("{}{}", token.before, token.labels.join("-"));
                }
                None => read.unread.push(format!("{}{}", token.before, token.labels.join("-"))),
            }
            began_with = match (began_with, kind) {
                // a building after a house number is what the piece is about
                (None | Some(House), Some(kind @ (Building | House))) => Some(kind),
                (None, Some(Unit)) => Some(Unit),
                (before, _) => before,
            };
        }
        kind_before = began_with.or(kind_before);
        if tokens.is_empty() {
            part.place = named(tail);
            if part.place.is_empty() {
                continue;
            }
        }
        if part.place.is_empty() {
            part.place.clone_from(&last.place);
            if buildings.is_empty() && !units.is_empty() {
                buildings.extend(last.building.clone());
            }
        }
        let before = last.building.take().filter(|_| last.place == part.place);
        last = Part { building: buildings.last().cloned().or(before), ..part.clone() };
        spread(&mut read.parts, &part, &buildings, &units);
    }
    read
}

fn spread(parts: &mut BTreeSet<Part>, part: &Part, buildings: &[String], units: &[String]) {
    let or_none = |all: &[String]| -> Vec<Option<String>> {
        if all.is_empty() { vec![None] } else { all.iter().cloned().map(Some).collect() }
    };
    for building in or_none(buildings) {
        for unit in or_none(units) {
            let one = Part { building: building.clone(), unit, ..part.clone() };
            if one != Part::default() {
                parts.insert(one);
            }
        }
    }
    // `4栋1、2单元` is read from left to right: the building alone was not meant
    for unit in parts.clone().iter().filter(|one| one.unit.is_some()) {
        parts.remove(&Part { unit: None, ..unit.clone() });
    }
}

/// A name without the words that only say that all of it is meant.
fn named(text: &str) -> String {
    const ALL: [&str; 10] = ["全域", "全小区", "整个小区", "小区小区", "小区", "整体", "片区", "范围", "区域", "其他"];
    let mut name = text.trim();
    // `洋河社区2红黄路`: a number that has lost its words
    let less = name.trim_start_matches(|c: char| c.is_ascii_digit());
    if less.len() < name.len() && less.chars().count() > 2 && !less.is_ascii() {
        name = less;
    }
    while let Some(less) = ALL.into_iter().find_map(|word| name.strip_suffix(word)) {
        name = less;
    }
    name.to_owned()
}

/// Whether only odd (`Some(true)`) or even numbers of a range are meant.
fn parity(tail: &str) -> Option<bool> {
    match () {
        () if tail.contains("单号") || tail.contains("单数") => Some(true),
        () if tail.contains("双号") || tail.contains("双数") => Some(false),
        () => None,
    }
}

fn is_odd(label: &str) -> Option<bool> {
    label.parse::<u32>().ok().map(|n| n % 2 == 1)
}

/// The numbers of a piece with their kinds, and what follows the last.
fn tokens(piece: &str) -> (Vec<Token>, String) {
    let mut found: Vec<Token> = Vec::new();
    let (mut rest, mut before) = (piece, String::new());
    while let Some(first) = rest.chars().next() {
        let starts = before.chars().next_back().is_none_or(|last| !last.is_ascii_alphanumeric());
        let number = if starts { number(rest) } else { None };
        if let Some((labels, kind, bytes)) = number {
            rest = &rest[bytes..];
            // `共2栋`: how many there are, and not which
            if let Some(less) = COUNTED.into_iter().find_map(|word| before.strip_suffix(word)) {
                before = named(less);
                continue;
            }
            let between = std::mem::take(&mut before);
            let between = if found.is_empty() { named(&between) } else { between };
            found.push(Token { labels, kind, before: between });
        } else {
            before.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (found, before)
}

/// The number with which a text begins, if it is one of a building, a house or a unit: labels, kind, bytes.
fn number(text: &str) -> Option<(Vec<String>, Option<Kind>, usize)> {
    let mut labels: Vec<String> = Vec::new();
    let mut at = 0;
    let kind = loop {
        let (label, bytes) = label(&text[at..])?;
        at += bytes;
        let kind = KINDS.iter().find(|(word, _)| text[at..].starts_with(word));
        // `1号至59号`: the first word of the kind is that of the range
        let after = at + kind.map_or(0, |(word, _)| word.len());
        match range_sign(&text[after..]) {
            Some(sign) if label_of_digits(&text[after + sign..]) => {
                labels.push(label);
                at = after + sign;
                let (end, bytes) = self::label(&text[at..])?;
                at += bytes;
                let end_kind = KINDS.iter().find(|(word, _)| text[at..].starts_with(word)).or(kind);
                let start = labels.pop()?;
                labels.extend(between(&start, &end));
                at += end_kind.filter(|(word, _)| text[at..].starts_with(word)).map_or(0, |(word, _)| word.len());
                break end_kind.map(|(_, kind)| *kind);
            }
            _ => {
                labels.push(label);
                match kind {
                    Some((word, kind)) => {
                        at += word.len();
                        break Some(*kind);
                    }
                    None if text[at..].starts_with('/') && label_of_digits(&text[at + 1..]) => at += 1,
                    None => break None,
                }
            }
        }
    };
    if kind.is_none() {
        // a number at the end of a piece may be one of a list; within a name it belongs to the name
        let digits = labels.iter().all(|label| label.bytes().any(|byte| byte.is_ascii_digit()));
        let ends = text[at..].is_empty() && !NAMED.iter().any(|word| text[at..].starts_with(word));
        let letter = labels.iter().all(|label| label.len() == 1);
        if !(ends && (digits || letter)) {
            return None;
        }
    }
    Some((labels, kind, at))
}

fn range_sign(text: &str) -> Option<usize> {
    let signs = ["--", "——", "-", "—", "–", "~", "至", "到"];
    signs.into_iter().find(|sign| text.starts_with(sign)).map(str::len)
}

fn label_of_digits(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

/// A label: letters and digits (`A1`, `12`, `3A`), or a Chinese number before a word of its kind.
fn label(text: &str) -> Option<(String, usize)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let ascii = &text[..end];
    if !ascii.is_empty() {
        let letters = ascii.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = ascii.len() - letters;
        return (letters <= 2 && digits <= 4).then(|| (ascii.to_ascii_uppercase(), end));
    }
    let end = text.find(|c: char| !"零一二三四五六七八九十百".contains(c)).unwrap_or(text.len());
    let spoken = &text[..end];
    let kind = KINDS.iter().find(|(word, _)| text[end..].starts_with(word));
    let number = chinese(spoken)?;
    matches!(kind, Some((_, Building | Unit))).then(|| (number.to_string(), end))
}

fn chinese(text: &str) -> Option<u32> {
    let (mut all, mut digit) = (0, None);
    for c in text.chars() {
        match c {
            '百' => all += digit.take().unwrap_or(1) * 100,
            '十' => all += digit.take().unwrap_or(1) * 10,
            '零' => {}
            _ => digit = Some("一二三四五六七八九".chars().position(|d| d == c)? as u32 + 1),
        }
    }
    let all = all + digit.unwrap_or(0);
    (all > 0).then_some(all)
}

/// What a range stands for; labels that are no ascending numbers are one label (`30-1`).
fn between(start: &str, end: &str) -> Vec<String> {
    match (start.parse::<u32>(), end.parse::<u32>()) {
        (Ok(first), Ok(last)) if first < last && last - first <= RANGE_MAX => {
            (first..=last).map(|n| n.to_string()).collect()
        }
        _ => vec![format!("{start}-{end}")],
    }
}
