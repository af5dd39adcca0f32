//! The names of townships and communities, as texts write them. A text says `余家镇` or `千银村`, a register `千银村民委员会`; a
//! district is known or not, for new areas report like districts and lie in several. It guarantees that a code is given only
//! where one division alone can be meant.

use std::collections::BTreeMap;

/// A township or street, as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Township {
    /// Code of nine digits.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A community or village, as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// Code of twelve digits.
    pub code: String,
    /// Name, with or without `居民委员会`, `村民委员会`.
    pub name: String,
}

/// A division that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Name as texts write it.
    pub name: String,
    /// Code, where one division alone can be meant.
    pub code: Option<String>,
}

/// Names to codes.
#[derive(Debug, Default)]
pub struct Gazetteer {
    townships: BTreeMap<String, Vec<String>>,
    /// By stem: `千银` of `千银村`.
    communities: BTreeMap<String, Vec<String>>,
}

/// What follows the stem of a community in a text, longest first.
const KINDS: [&str; 6] = ["社区居委会", "村委会", "居委会", "社区", "居委", "村"];
/// What a community is called by its register.
const BODIES: [&str; 5] = ["居民委员会", "村民委员会", "民委员会", "村委会", "居委会"];
/// Characters of the longest name that is looked for.
const NAME_MAX: usize = 12;

impl Gazetteer {
    /// Of these divisions.
    pub fn new(
        townships: impl IntoIterator<Item = Township>,
        communities: impl IntoIterator<Item = Community>,
    ) -> Gazetteer {
        let mut all = Gazetteer::default();
        for Township { code, name } in townships {
            all.townships.entry(name).or_default().push(code);
        }
        for Community { code, name } in communities {
            all.communities.entry(stem(&name).to_owned()).or_default().push(code);
        }
        all
    }

    /// The township with whose name a text begins, and the bytes of it; `within` a district, where one is known. A street or town
    /// that no list has is named without a code.
    pub fn township(&self, text: &str, within: &str) -> Option<(Named, usize)> {
        let listed = prefixes(text).find_map(|name| {
            let codes = self.townships.get(name)?;
            let mut own = codes.iter().filter(|code| code.starts_with(within));
            let code = own.next()?;
            let code = own.next().is_none().then(|| code.clone());
            Some((Named { name: name.to_owned(), code }, name.len()))
        });
        listed.or_else(|| {
            let name = prefixes(text).filter(|name| name.chars().count() <= 6).find(|name| {
                let stem = ["街道", "镇", "乡"].into_iter().find_map(|kind| name.strip_suffix(kind));
                stem.is_some_and(|stem| stem.chars().count() >= 2 && !stem.contains("街道") && !stem.contains("社区"))
            })?;
            // `金科阳光小镇` is an estate
            let estate = name.ends_with("小镇") || name.ends_with("水乡");
            (!estate).then(|| (Named { name: name.to_owned(), code: None }, name.len()))
        })
    }

    /// The community with whose name a text begins, and the bytes of it; `within` the township or district that is known. One that
    /// no list has is named without a code.
    pub fn community(&self, text: &str, within: &str) -> Option<(Named, usize)> {
        let listed = prefixes(text).find_map(|stem| {
            let mut own = self.communities.get(stem)?.iter().filter(|code| code.starts_with(within));
            let code = own.next()?;
            let kind = KINDS.into_iter().find(|kind| text[stem.len()..].starts_with(kind))?;
            let code = own.next().is_none().then(|| code.clone());
            let kind_said = if kind.starts_with('村') { "村" } else { "社区" };
            Some((Named { name: format!("{stem}{kind_said}"), code }, stem.len() + kind.len()))
        });
        listed.or_else(|| {
            let name = prefixes(text).filter(|name| name.chars().count() <= 8).last_of("社区")?;
            Some((Named { name: name.to_owned(), code: None }, name.len()))
        })
    }
}

/// The stem of a registered name.
fn stem(name: &str) -> &str {
    let name = BODIES.into_iter().find_map(|body| name.strip_suffix(body)).unwrap_or(name);
    let kinds = ["社区", "村"];
    kinds.into_iter().find_map(|kind| name.strip_suffix(kind)).filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// The beginnings of a text, longest first.
fn prefixes(text: &str) -> impl Iterator<Item = &str> {
    let mut ends: Vec<usize> = text.char_indices().skip(1).map(|(at, _)| at).take(NAME_MAX - 1).collect();
    if ends.len() < NAME_MAX - 1 {
        ends.push(text.len());
    }
    ends.into_iter().rev().map(move |end| &text[..end])
}

trait Shortest<'a>: Iterator<Item = &'a str> + Sized {
    /// The shortest that ends with a word and has at least two characters before it.
    fn last_of(self, word: &str) -> Option<&'a str> {
        self.filter(|name| name.strip_suffix(word).is_some_and(|stem| stem.chars().count() >= 2)).last()
    }
}

impl<'a, I: Iterator<Item = &'a str>> Shortest<'a> for I {}
