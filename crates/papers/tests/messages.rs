//! The message files: the same keys with the same values in every language, every key that the program asks for is
//! there, none lies unused, and every term of the vocabulary has its message.

#![allow(clippy::unwrap_used)] // the functions that tests share are tests too

use dayclear_core::{
    command::COMMANDS,
    listing::LISTINGS,
    measures::{AppealState, OrderKind},
    protocol::Packs,
    welfare::RequestKind,
};
use dayclear_papers::{
    Lang,
    keys::{CHECKS, DISEASES, HINDRANCES, HOPS, NEEDED, NOTES},
    shown::TERMS,
    words::{FILES, sources},
};
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser::parse,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

type Args = BTreeSet<String>;

/// Keys of a language with the values that each message uses, by file.
fn messages(lang: Lang) -> BTreeMap<(String, String), Args> {
    let mut out = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (file, source) in FILES.iter().zip(sources(lang)) {
        let resource = parse(source).unwrap_or_else(|(_, errors)| panic!("{lang}/{file}: {errors:?}"));
        for entry in resource.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Junk { content } => panic!("{lang}/{file}: {content}"),
                _ => continue,
            };
            let key = message.id.name.to_owned();
            assert!(seen.insert(key.clone()), "{lang}: {key} stands twice");
            assert!(message.attributes.is_empty(), "{lang}: {key} has attributes, which nothing reads");
            let mut args = Args::new();
            pattern(&message.value.unwrap_or_else(|| panic!("{lang}: {key} is empty")), &mut args);
            out.insert(((*file).to_owned(), key), args);
        }
    }
    out
}

fn pattern(pattern: &Pattern<&str>, args: &mut Args) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(part) => inline(part, args),
            Expression::Select { selector, variants } => {
                inline(selector, args);
                variants.iter().for_each(|variant| self::pattern(&variant.value, args));
            }
        }
    }
}

fn inline(part: &InlineExpression<&str>, args: &mut Args) {
    match part {
        InlineExpression::VariableReference { id } => {
            args.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("only values and texts are used in messages, not {other:?}"),
    }
}

fn keys(lang: Lang) -> BTreeSet<String> {
    messages(lang).into_keys().map(|(_, key)| key).collect()
}

/// Keys that are put together from a prefix and a term or a name that comes with the data.
fn composed() -> BTreeSet<String> {
    let terms = TERMS.iter().flat_map(|(prefix, names)| names.iter().map(move |name| format!("{prefix}-{name}")));
    let given = [
        ("check", CHECKS),
        ("note", NOTES),
        ("hop", HOPS),
        ("needed", NEEDED),
        ("hindrance", HINDRANCES),
        ("disease", DISEASES),
    ];
    let given = given
        .into_iter()
        .flat_map(|(prefix, names)| names.iter().map(move |name| format!("{prefix}-{}", name.replace('.', "-"))));
    let flows = ["moved", "placed", "areas", "orders", "requests"];
    let flows = flows.iter().flat_map(|name| [format!("flow-{name}"), format!("summary-flow-{name}")]);
    // services of Open311 and what they may ask
    let services = RequestKind::NAMES.iter().map(|kind| format!("open311-{kind}"));
    let groups = ["life", "health", "supplies", "rights"].map(|group| format!("open311-group-{group}"));
    let asked = ["people", "diet", "age_months", "days_left"].map(|code| format!("open311-{code}"));
    let diets = ["halal", "vegetarian", "diabetic", "soft", "no_allergens"].map(|diet| format!("open311-diet-{diet}"));
    let open311 = services.chain(groups).chain(asked).chain(diets);
    // what a paper asks, of what it is the milder form, on what it rests, and what was decided
    let papers =
        ["asks", "milder"].into_iter().flat_map(|prefix| OrderKind::NAMES.iter().map(move |kind| (prefix, *kind)));
    let papers = papers.chain(["case", "contact", "pool", "discharge"].map(|basis| ("bound", basis)));
    let papers = papers.chain(AppealState::NAMES.iter().map(|state| ("ruling", *state)));
    let papers = papers.map(|(prefix, name)| format!("{prefix}-{name}"));
    // why a word of a dispatcher has no price
    let unpriced = ["settled", "too_many"].map(|why| format!("unpriced-{why}"));
    terms.chain(given).chain(flows).chain(declared()).chain(open311).chain(papers).chain(unpriced).collect()
}

/// Names of lists, their fields, commands and what they ask for, as core declares them.
fn declared() -> impl Iterator<Item = String> {
    let lists = LISTINGS.iter().flat_map(|listing| {
        let fields = listing.fields.iter().map(|field| format!("field-{}", field.name));
        std::iter::once(format!("list-{}", listing.name)).chain(fields)
    });
    let fields: BTreeSet<&str> = LISTINGS.iter().flat_map(|list| list.fields).map(|field| field.name).collect();
    let commands = COMMANDS.iter().flat_map(move |command| {
        let own =
            command.fields.iter().filter(|column| !fields.contains(column.name)).map(|c| format!("given-{}", c.name));
        std::iter::once(format!("verb-{}-{}", command.on, command.verb)).chain(own.collect::<Vec<_>>())
    });
    lists.chain(commands)
}

/// Texts in double quotes in a source, without its unit tests.
fn quoted(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| {
            // in a template a key may stand in quotes inside the quotes of an attribute
            let nested = path.extension().is_some_and(|ending| ending == "html");
            let parts = line.split('"').skip(usize::from(!nested)).step_by(if nested { 1 } else { 2 });
            parts.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

fn sources_of(crate_dir: &Path, out: &mut BTreeSet<String>) {
    // The lists of keys that come with the data are their own proof of use.
    files_of(crate_dir, &mut |path| out.extend(quoted(path).into_iter().filter(|_| !path.ends_with("keys.rs"))));
}

fn files_of(crate_dir: &Path, each: &mut impl FnMut(&Path)) {
    for folder in ["src", "templates"] {
        let mut open = vec![crate_dir.join(folder)];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten() {
                let path = entry.unwrap().path();
                match path.extension().and_then(|ending| ending.to_str()) {
                    _ if path.is_dir() => open.push(path),
                    Some("rs" | "html") => each(&path),
                    _ => {}
                }
            }
        }
    }
}

/// Every quoted text of the crates that may print messages.
fn texts() -> BTreeSet<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = BTreeSet::new();
    for name in ["papers", "ops", "web", "cli", "drill"] {
        sources_of(&here.join("..").join(name), &mut out);
    }
    out
}

#[test]
fn all_languages_have_the_same_keys_with_the_same_values() {
    let english = messages(Lang::En);
    assert!(english.len() > 300);
    for lang in [Lang::ZhHans, Lang::ZhHant] {
        let other = messages(lang);
        let missing: Vec<_> = english.keys().filter(|key| !other.contains_key(key)).collect();
        let extra: Vec<_> = other.keys().filter(|key| !english.contains_key(key)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{lang}: missing {missing:?}, extra {extra:?}");
        for (key, args) in &english {
            // A month is a word in English and a number in Chinese; a plural is a matter of English alone.
            assert_eq!(&other[key], args, "{lang}: values of {key:?}");
        }
    }
}

#[test]
fn every_term_of_the_vocabulary_and_every_key_of_the_data_has_its_message() {
    let keys = keys(Lang::En);
    let missing: Vec<_> = composed().into_iter().filter(|key| !keys.contains(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_list_of_terms_in_core_is_shown() {
    // A new `terms!` enum of core fails here until it is added to `shown.rs`, or named below with a reason.
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut declared = BTreeSet::new();
    let mut open = vec![core];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for block in text.split("\nterms! {").skip(1) {
                let name = block.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("//"));
                declared.insert(name.unwrap().split_whitespace().next().unwrap().to_owned());
            }
        }
    }
    let shown = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/shown.rs")).unwrap();
    let list = shown.split("\nshown! {").nth(1).unwrap();
    let shown: BTreeSet<String> =
        list.lines().filter_map(|line| line.trim().split_once(" \"")).map(|(name, _)| name.to_owned()).collect();
    assert!(declared.len() > 30);
    let missing: Vec<_> = declared.difference(&shown).collect();
    assert!(missing.is_empty(), "not in shown.rs: {missing:?}");
}

#[test]
fn every_key_that_is_asked_for_exists() {
    let keys = keys(Lang::En);
    let groups: BTreeSet<&str> = keys.iter().filter_map(|key| key.split_once('-')).map(|(group, _)| group).collect();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut asked = BTreeSet::new();
    sources_of(here, &mut asked);
    let prefixes: BTreeSet<&str> = TERMS.iter().map(|(prefix, _)| *prefix).collect();
    let looks_like_a_key = |text: &&String| {
        text.split_once('-').is_some_and(|(group, rest)| groups.contains(group) && !rest.is_empty())
            && text.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-_".contains(char))
            && !prefixes.contains(text.as_str())
    };
    let missing: Vec<_> = asked.iter().filter(looks_like_a_key).filter(|text| !keys.contains(*text)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What pages ask for by its key, whatever the key looks like.
#[test]
fn every_key_that_a_page_says_exists() {
    let keys = keys(Lang::En);
    let mut missing = BTreeSet::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["web", "drill"] {
        files_of(&here.join("..").join(name), &mut |path| {
            let text = fs::read_to_string(path).unwrap();
            let said = text.split("say(\"").skip(1).filter_map(|rest| rest.split_once("\")")).map(|(key, _)| key);
            missing.extend(said.filter(|key| !key.contains('"') && !keys.contains(*key)).map(str::to_owned));
        });
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_message_lies_unused() {
    let (texts, composed) = (texts(), composed());
    let unused: Vec<_> =
        keys(Lang::En).into_iter().filter(|key| !texts.contains(key) && !composed.contains(key)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// A half-width mark between Chinese characters looks like a slip of the keyboard, because it is one.
#[test]
fn chinese_messages_are_written_with_full_width_marks() {
    let chinese = |letter: Option<&char>| letter.is_some_and(|letter| ('\u{4e00}'..='\u{9fff}').contains(letter));
    let mut slips = Vec::new();
    for lang in [Lang::ZhHans, Lang::ZhHant] {
        for (file, source) in FILES.iter().zip(sources(lang)) {
            for line in source.lines() {
                let letters: Vec<char> = line.chars().collect();
                let slip = (1..letters.len()).any(|n| match letters[n] {
                    ',' | ';' | '?' | '!' | '(' => chinese(letters.get(n - 1)),
                    ':' => chinese(letters.get(n - 1)) && chinese(letters.get(n + 1)),
                    ')' => chinese(letters.get(n + 1)),
                    _ => false,
                });
                if slip {
                    slips.push(format!("{lang}/{file}: {line}"));
                }
            }
        }
    }
    assert!(slips.is_empty(), "{slips:#?}");
}

#[test]
fn every_pack_s_disease_has_a_word() {
    for pack in Packs::builtin().unwrap().iter() {
        assert!(DISEASES.contains(&pack.disease.as_str()), "{}: {}", pack.id, pack.disease);
    }
}
