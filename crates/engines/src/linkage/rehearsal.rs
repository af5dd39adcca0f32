//! A rehearsal: made people as two lists know them, with the errors that lists have, so that precision and recall can be
//! measured against truth. Seeded; households with twins, siblings with one telephone, namesakes in the same community, people
//! who moved. Nothing here is used by the rest.

use super::{Identity, KeyKind, Linked, Normal, compare};
use crate::{
    city::{
        chance::{Dice, Draw},
        names,
    },
    linkage::numbers,
};
use dayclear_core::{roster::Sex, time::CivilDate};
use std::collections::{BTreeMap, BTreeSet};

/// What came out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Outcome {
    /// People of the roster.
    pub people: usize,
    /// Rows of the list, each of somebody on the roster.
    pub rows: usize,
    /// Rows of people who are not on the roster.
    pub strangers: usize,
    /// Pairs that a key brought together.
    pub pairs: usize,
    /// Rows whose person was among them.
    pub met: usize,
    /// Rows said to be the same as their own person.
    pub same_right: usize,
    /// Rows said to be the same as somebody else.
    pub same_wrong: usize,
    /// Rows of somebody on the roster of whom a person is asked, the right one among the candidates.
    pub asked_right: usize,
    /// Rows of whom a person is asked, the right one not among them or not on the roster.
    pub asked_wrong: usize,
    /// Rows of somebody on the roster that link nobody.
    pub missed: usize,
}

impl Outcome {
    /// Of rows linked by the program alone, the share linked rightly.
    pub fn precision(&self) -> f64 {
        self.same_right as f64 / (self.same_right + self.same_wrong).max(1) as f64
    }
    /// Of rows whose person is on the roster, the share linked by the program alone.
    pub fn recall_alone(&self) -> f64 {
        self.same_right as f64 / self.rows.max(1) as f64
    }
    /// The same with those that a person is asked about, the right one among the candidates.
    pub fn recall_asked(&self) -> f64 {
        (self.same_right + self.asked_right) as f64 / self.rows.max(1) as f64
    }
    /// Of rows whose person is on the roster, the share that a key brings together with them.
    pub fn recall_keys(&self) -> f64 {
        self.met as f64 / self.rows.max(1) as f64
    }
}

struct Made {
    identity: Identity,
    male: bool,
}

/// People of a city with households; `index` says which.
fn people(count: usize, seed: u64) -> Vec<Made> {
    let Some(day) = CivilDate::new(2022, 11, 20) else { return Vec::new() };
    let mut all: Vec<Made> = Vec::with_capacity(count);
    let mut household = 0u64;
    while all.len() < count {
        let mut dice = Dice::new(seed, Draw::Household, household);
        let community = format!("5001{:02}{:03}{:03}", dice.below(20), dice.below(8), dice.below(20));
        let address = format!(
            "{}栋{}单元{}{:02}室",
            dice.between(1, 30),
            dice.between(1, 4),
            dice.between(1, 28),
            dice.between(1, 8)
        );
        let family = names::surname(&mut dice);
        let size = dice.weighted(&[(1, 25), (2, 30), (3, 25), (4, 15), (5, 5)]);
        let twins = size >= 4 && dice.hits(8_000);
        // one telephone for everybody of the household, as where a parent registers all
        let one_phone = dice.hits(30_000);
        let first = all.len() as u32;
        let mut twin: Option<CivilDate> = None;
        for place in 0..size {
            let no = all.len() as u32;
            let male = dice.hits(50_000);
            let age = if place < 2 { dice.between(22, 80) } else { dice.between(0, 20) } as u8;
            let birth = match twin {
                Some(date) if twins && place == 3 => date,
                _ => names::birth(day, age, (u64::from(no) * 7 % 36_000_000) as u32),
            };
            if place == 2 {
                twin = Some(birth);
            }
            let surname = if place == 0 || place > 1 { family } else { names::surname(&mut dice) };
            let identity = Identity {
                name: Some(names::full(surname, male, &mut dice)),
                document: Some(names::document(no, birth, male)),
                phone: Some(names::phone(if one_phone { first } else { no })),
                birth_date: Some(birth),
                sex: Some(if male { Sex::Male } else { Sex::Female }),
                division: Some(community.clone()),
                address: Some(address.clone()),
            };
            all.push(Made { identity, male });
        }
        household += 1;
    }
    all.truncate(count);
    all
}

/// People as a roster knows them, for measurements of a store.
pub fn roster(count: usize, seed: u64) -> Vec<Identity> {
    people(count, seed).into_iter().map(|made| made.identity).collect()
}

/// Characters that sound alike.
const HOMOPHONES: &[(char, char)] = &[
    ('伟', '玮'),
    ('杰', '洁'),
    ('丽', '莉'),
    ('静', '婧'),
    ('敏', '闽'),
    ('玲', '琳'),
    ('军', '君'),
    ('辉', '晖'),
    ('艳', '燕'),
    ('红', '虹'),
    ('梅', '玫'),
    ('英', '瑛'),
    ('平', '萍'),
    ('明', '鸣'),
    ('志', '智'),
    ('建', '健'),
    ('子', '紫'),
    ('晓', '小'),
    ('宇', '雨'),
    ('成', '诚'),
    ('佳', '嘉'),
    ('海', '孩'),
    ('华', '桦'),
    ('浩', '昊'),
    ('峰', '锋'),
    ('生', '声'),
    ('亮', '谅'),
    ('张', '章'),
    ('徐', '许'),
    ('于', '余'),
];
/// The traditional form of some characters.
const WRITTEN_OTHERWISE: &[(char, char)] = &[
    ('张', '張'),
    ('刘', '劉'),
    ('陈', '陳'),
    ('杨', '楊'),
    ('黄', '黃'),
    ('赵', '趙'),
    ('吴', '吳'),
    ('孙', '孫'),
    ('马', '馬'),
    ('罗', '羅'),
    ('郑', '鄭'),
    ('伟', '偉'),
    ('丽', '麗'),
    ('国', '國'),
    ('强', '強'),
    ('军', '軍'),
    ('华', '華'),
    ('龙', '龍'),
];

fn replaced(text: &str, table: &[(char, char)]) -> String {
    text.chars().map(|c| table.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)).collect()
}

fn swap_digits(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    if chars.len() > 3 {
        let at = 1 + dice.below(chars.len() as u64 - 3) as usize;
        chars.swap(at, at + 1);
    }
    chars.into_iter().collect()
}

fn typo(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = 3 + dice.below(chars.len().saturating_sub(4).max(1) as u64) as usize;
    if let Some(digit) = chars.get(at).and_then(|c| c.to_digit(10)) {
        chars[at] = char::from_digit((digit + 1 + dice.below(8) as u32) % 10, 10).unwrap_or('0');
    }
    chars.into_iter().collect()
}

/// The person as an employer or a landlord writes them down.
fn written_down(made: &Made, other_name: &str, dice: &mut Dice) -> Identity {
    let mut row = made.identity.clone();
    // in 1 of 100,000: each of these is an assumption about lists, and none was measured on one
    if let Some(name) = &row.name {
        row.name = Some(match dice.below(100) {
            0..=3 => replaced(name, HOMOPHONES),
            4..=6 => replaced(name, WRITTEN_OTHERWISE),
            7..=8 => other_name.chars().last().map_or(name.clone(), |last| {
                let mut chars: Vec<char> = name.chars().collect();
                if let Some(end) = chars.last_mut() {
                    *end = last;
                }
                chars.into_iter().collect()
            }),
            9 => super::names::name(name).map_or(name.clone(), |name| name.syllables.join(" ").to_uppercase()),
            _ => name.clone(),
        });
    }
    row.document = match (row.document, dice.below(100)) {
        (_, 0..=34) => None,
        (Some(number), 35..=37) => Some(swap_digits(&number, dice)),
        (Some(number), 38..=39) => Some(typo(&number, dice)),
        (number, _) => number,
    };
    row.phone = match (row.phone, dice.below(100)) {
        (_, 0..=14) => None,
        (Some(_), 15..=22) => Some(names::phone(50_000_000 + dice.below(40_000_000) as u32)),
        (Some(number), 23..=25) => Some(typo(&number, dice)),
        (Some(number), 26..=35) => Some(format!("+86 {} {}", &number[..3], &number[3..])),
        (number, _) => number,
    };
    row.birth_date = match (row.birth_date, dice.below(100)) {
        (_, 0..=24) => None,
        (Some(date), 25..=27) => {
            let (y, m, d) = date.parts();
            CivilDate::new(y, d, m).or(Some(date))
        }
        (Some(date), 28..=29) => Some(date.plus_days(if dice.hits(50_000) { 1 } else { -365 })),
        (date, _) => date,
    };
    if dice.hits(20_000) {
        // moved, or the list has the address of the work
        row.division = Some(format!("5001{:02}{:03}{:03}", dice.below(20), dice.below(8), dice.below(20)));
        row.address = Some(format!("{}栋{}室", dice.between(1, 30), dice.between(101, 2804)));
    } else if dice.hits(30_000) {
        row.address = None;
    }
    if dice.hits(30_000) {
        row.sex = None;
    }
    row
}

/// Plays it: `count` people on a roster, a list of a fifth of them and of strangers beside.
pub fn rehearse(count: usize, seed: u64) -> Outcome {
    let all = people(count + count / 40, seed);
    let (roster, strangers) = all.split_at(count);
    let normal: Vec<Normal> = roster.iter().map(|made| made.identity.normal()).collect();
    let mut index: BTreeMap<(KeyKind, String), Vec<usize>> = BTreeMap::new();
    for (at, one) in normal.iter().enumerate() {
        for key in one.keys() {
            index.entry(key).or_default().push(at);
        }
    }
    let mut outcome = Outcome { people: count, strangers: strangers.len(), ..Outcome::default() };
    let mut take = |made: &Made, own: Option<usize>, serial: u64| {
        let mut dice = Dice::beside(seed, serial);
        let namesake = names::full(names::surname(&mut dice), made.male, &mut dice);
        let row = written_down(made, &namesake, &mut dice).normal();
        let found: BTreeSet<usize> =
            row.keys().iter().flat_map(|key| index.get(key).into_iter().flatten()).copied().collect();
        outcome.pairs += found.len();
        outcome.rows += usize::from(own.is_some());
        outcome.met += usize::from(own.is_some_and(|own| found.contains(&own)));
        let compared: Vec<(usize, Linked)> = found.iter().map(|at| (*at, compare(&row, &normal[*at]).linked)).collect();
        let of =
            |linked| compared.iter().filter(move |(_, said)| *said == linked).map(|(at, _)| *at).collect::<Vec<_>>();
        let (same, ask) = (of(Linked::Same), of(Linked::Ask));
        match (same[..].len(), ask.is_empty()) {
            (1, _) if own == Some(same[0]) => outcome.same_right += 1,
            (1, _) => outcome.same_wrong += 1,
            (0, true) => outcome.missed += usize::from(own.is_some()),
            _ if own.is_some_and(|own| same.contains(&own) || ask.contains(&own)) => outcome.asked_right += 1,
            _ => outcome.asked_wrong += 1,
        }
    };
    for (at, made) in roster.iter().enumerate().step_by(5) {
        take(made, Some(at), at as u64);
    }
    for (at, made) in strangers.iter().enumerate() {
        take(made, None, (count + at) as u64);
    }
    outcome
}

/// Whether a document of the rehearsal is well formed: the made numbers pass the check of the standard.
pub fn is_document(text: &str) -> bool {
    numbers::document(text).is_some_and(|document| document.checked)
}
