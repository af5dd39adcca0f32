//! One text of a published list: its township and community by the lists of divisions, and what its body names.

use super::{
    body::{self, Extent, Part},
    gazetteer::{Gazetteer, Named},
};
use std::collections::BTreeSet;

/// What a text names.
#[derive(Clone, Debug)]
pub struct Written {
    /// Township or street.
    pub township: Option<Named>,
    /// Community or village.
    pub community: Option<Named>,
    /// The smallest places that it names; none where the community or township as a whole is meant.
    pub parts: BTreeSet<Part>,
    /// What it leaves out.
    pub but: BTreeSet<Part>,
    /// How fine it says what is enclosed.
    pub extent: Extent,
    /// Pieces with a number that was read as nothing.
    pub unread: Vec<String>,
}

/// Reads a text; `district` is the code of its district where it has one.
pub fn read(text: &str, district: &str, names: &Gazetteer) -> Written {
    let text = plain(text);
    let mut rest = text.as_str();
    let township = take(&mut rest, |rest| names.township(rest, district));
    let within = township.as_ref().and_then(|named| named.code.as_deref()).unwrap_or(district).to_owned();
    // a community that is said to lie elsewhere than in the street named is looked for in the district
    let community = take(&mut rest, |rest| {
        let near = names.community(rest, &within);
        near.filter(|(named, _)| named.code.is_some()).or_else(|| names.community(rest, district))
    });
    for named in township.iter().chain(&community) {
        while let Some(less) = rest.strip_prefix(named.name.as_str()) {
            rest = less;
        }
    }
    let (body, left_out) = without(rest);
    let read = body::read(&body);
    let but = body::read(&left_out).parts;
    let extent = extent(&body, &read.parts, community.is_some());
    Written { township, community, parts: read.parts, but, extent, unread: read.unread }
}

fn take(rest: &mut &str, find: impl Fn(&str) -> Option<(Named, usize)>) -> Option<Named> {
    let (named, bytes) = find(rest)?;
    *rest = &rest[bytes..];
    Some(named)
}

/// The text in one form of brackets, digits, commas and dashes, without spaces.
fn plain(text: &str) -> String {
    let one = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '〔' | '【' | '[' => '(',
        '〕' | '】' | ']' => ')',
        '―' => '-',
        c => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(one).collect()
}

/// The body without what stands in brackets or is left out, and what is left out. Brackets that say which buildings are meant
/// are read like the rest.
fn without(text: &str) -> (String, String) {
    let (mut body, mut out) = (String::new(), String::new());
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        body.push_str(&rest[..open]);
        let inside = &rest[open + 1..];
        let close = inside.find(')').unwrap_or(inside.len());
        let said = &inside[..close];
        let left_out = ["除", "不含", "不包括"].into_iter().find_map(|word| said.strip_prefix(word));
        match left_out {
            Some(left_out) => push(&mut out, left_out),
            None if ["双号", "单号", "双数", "单数"].contains(&said) => body.push_str(said),
            None if KINDS_SAID.iter().any(|kind| said.contains(kind)) => push(&mut body, said),
            None => {}
        }
        rest = inside.get(close + 1..).unwrap_or_default();
    }
    body.push_str(rest);
    // `社区除红岩电扇厂以外区域`, `新桥医院除外`
    if let Some((before, after)) = body.clone().split_once('除') {
        match after.strip_prefix('外') {
            Some(after) => {
                let comma = before.char_indices().rfind(|(_, c)| matches!(c, '、' | ','));
                let from = comma.map_or(0, |(at, c)| at + c.len_utf8());
                push(&mut out, &before[from..]);
                body = format!("{}{after}", &before[..from]);
            }
            None => {
                let end = ["以外", "之外", "外"].into_iter().find_map(|word| after.find(word).map(|at| (at, word)));
                if let Some((at, word)) = end {
                    push(&mut out, &after[..at]);
                    body = format!("{before}{}", &after[at + word.len()..]);
                }
            }
        }
    }
    let out = ["以外", "之外", "外"].into_iter().find_map(|word| out.strip_suffix(word)).unwrap_or(&out).to_owned();
    (body, out)
}

/// Words in brackets that say which buildings are meant.
const KINDS_SAID: [&str; 6] = ["栋", "幢", "号楼", "单元", "座", "号"];

fn push(to: &mut String, said: &str) {
    if !to.is_empty() && !to.ends_with('、') {
        to.push('、');
    }
    to.push_str(said);
    to.push('、');
}

fn extent(body: &str, parts: &BTreeSet<Part>, community: bool) -> Extent {
    let sides = ["以东", "以南", "以西", "以北"].iter().filter(|side| body.contains(*side)).count();
    if ["合围", "围合"].iter().any(|word| body.contains(word)) || sides >= 2 {
        return Extent::Bounded;
    }
    let of = |part: &Part| match (&part.building, &part.unit) {
        (_, Some(_)) => Extent::Unit,
        (Some(_), None) => Extent::Building,
        (None, None) => Extent::Place,
    };
    let whole = if community { Extent::Community } else { Extent::Township };
    parts.iter().map(of).max().unwrap_or(whole)
}
