//! Normal forms of identity documents and telephones. Pure; what cannot be one of them gives none, so that a damaged number
//! links nobody.

use super::names::narrow;
use crate::city::names::check_character;
use dayclear_core::{roster::Sex, time::CivilDate};

/// A document number in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// 18 characters of a resident, else capitals and digits of whatever it is.
    pub number: String,
    /// Whether it is a resident's number whose check character is right.
    pub checked: bool,
    /// Date of birth that stands in it.
    pub birth: Option<CivilDate>,
    /// Sex that stands in it: the 17th digit is odd for men (GB 11643-1999, 4.1.3).
    pub sex: Option<Sex>,
}

/// A document: 18 characters as GB 11643-1999 has them; the 15 digits before it get their century and check character
/// (its annex: born in the 1900s). A resident's number with a wrong check character or date is none. Passports and permits are
/// capitals and digits.
pub fn document(text: &str) -> Option<Document> {
    let plain: String =
        narrow(text).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    match plain.len() {
        15 if digits(&plain) => {
            let body = format!("{}19{}", &plain[..6], &plain[6..]);
            let check = check_character(&body);
            resident(body + check)
        }
        18 if digits(&plain[..17]) => resident(plain),
        4..=32 if plain.bytes().any(|b| b.is_ascii_digit()) => {
            Some(Document { number: plain, checked: false, birth: None, sex: None })
        }
        _ => None,
    }
}

fn resident(number: String) -> Option<Document> {
    if check_character(&number[..17]) != &number[17..] {
        return None;
    }
    let part = |from: usize, to: usize| number.get(from..to).and_then(|text| text.parse::<i16>().ok());
    let born = CivilDate::new(part(6, 10)?, part(10, 12)? as i8, part(12, 14)? as i8)?;
    let sex = if part(16, 17)? % 2 == 1 { Sex::Male } else { Sex::Female };
    Some(Document { number, checked: true, birth: Some(born), sex: Some(sex) })
}

/// A telephone: digits without the country's own code (`+86`, `0086`); of another country with its code. Shorter than seven
/// digits, or one digit over and over, is no telephone.
pub fn phone(text: &str) -> Option<String> {
    let narrow = narrow(text);
    let abroad = narrow.trim_start().starts_with('+');
    let all: String = narrow.chars().filter(char::is_ascii_digit).collect();
    let digits = all.strip_prefix("00").unwrap_or(&all);
    let coded = abroad || digits.len() < all.len();
    let own = match digits.strip_prefix("86") {
        Some(rest) if coded || rest.len() == 11 && rest.starts_with('1') => rest,
        _ if coded => return usable(digits).then(|| format!("+{digits}")),
        _ => &all,
    };
    usable(own).then(|| own.to_owned())
}

fn usable(digits: &str) -> bool {
    let mut bytes = digits.bytes();
    let first = bytes.next();
    (7..=15).contains(&digits.len()) && bytes.any(|b| Some(b) != first)
}

/// Whether two numbers of equal length differ in one digit, or in two neighbours that changed places.
pub(super) fn near(one: &str, other: &str) -> bool {
    if one.len() != other.len() || one == other {
        return false;
    }
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let differ: Vec<usize> = (0..one.len()).filter(|at| one[*at] != other[*at]).collect();
    match differ[..] {
        [_] => true,
        [a, b] => b == a + 1 && one[a] == other[b] && one[b] == other[a],
        _ => false,
    }
}

/// Whether two documents are near: the check character follows from the rest, so it is left out.
pub(super) fn near_documents(one: &Document, other: &Document) -> bool {
    match (one.checked, other.checked) {
        (true, true) => near(&one.number[..17], &other.number[..17]),
        _ => near(&one.number, &other.number),
    }
}
