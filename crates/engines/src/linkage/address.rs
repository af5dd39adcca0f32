//! Normal form of an address: the community, and the numbers in the order in which they stand (compound, building, unit, room).
//! People write names of compounds and words between the numbers in many ways; the numbers they write alike. Pure.

use super::names::narrow;

/// An address in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Code of the community, or of what is known of it.
    pub division: String,
    /// Numbers and letters of buildings, units and rooms, the last ones three at most.
    pub numbers: Vec<String>,
}

/// Characters of the code of a community.
const COMMUNITY: usize = 12;
/// Numbers that tell a door apart within a community: building, unit, room.
const NUMBERS: usize = 3;

impl Address {
    /// Code of the community, if it is known.
    pub fn community(&self) -> Option<&str> {
        self.division.get(..COMMUNITY)
    }
    /// The door, if community, building and room are known.
    pub fn door(&self) -> Option<String> {
        let community = self.community()?;
        (self.numbers.len() >= 2).then(|| format!("{community}|{}", self.numbers.join("-")))
    }
}

/// The normal form; without a division there is none.
pub fn address(division: Option<&str>, text: Option<&str>) -> Option<Address> {
    let division = division.map(str::trim).filter(|code| !code.is_empty())?;
    let mut numbers = numbers_in(text.unwrap_or_default());
    let behind = numbers.len().saturating_sub(NUMBERS);
    numbers.drain(..behind);
    Some(Address { division: division.to_owned(), numbers })
}

/// Numbers of a text in order: digits without leading zeros, Chinese numerals, and a letter that names a building or a unit.
fn numbers_in(text: &str) -> Vec<String> {
    let text = narrow(text);
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let run = |of: fn(char) -> bool| chars[at..].iter().take_while(|c| of(**c)).count();
        let (digits, numerals, letters) =
            (run(|c| c.is_ascii_digit()), run(|c| numeral(c).is_some()), run(|c| c.is_ascii_alphabetic()));
        if digits > 0 {
            let number: String = chars[at..at + digits].iter().collect();
            let bare = number.trim_start_matches('0');
            found.push(if bare.is_empty() { "0".to_owned() } else { bare.to_owned() });
        } else if numerals > 0 {
            let next = chars.get(at + numerals).copied().unwrap_or(' ');
            // a numeral in the name of a place says nothing
            if "栋幢座号楼单室户门组期层".contains(next) {
                found.push(value(&chars[at..at + numerals]).to_string());
            }
        } else if letters == 1 {
            found.push(chars[at].to_ascii_uppercase().to_string());
        }
        at += digits.max(numerals).max(letters).max(1);
    }
    found
}

fn numeral(c: char) -> Option<u32> {
    "〇一二三四五六七八九十百".chars().position(|known| known == c).map(|at| at as u32)
}

/// Value of Chinese numerals below a thousand.
fn value(numerals: &[char]) -> u32 {
    let (mut sum, mut last) = (0, 0);
    for c in numerals {
        match numeral(*c) {
            Some(10) => (sum, last) = (sum + last.max(1) * 10, 0),
            Some(11) => (sum, last) = (sum + last.max(1) * 100, 0),
            Some(digit) => last = last * 10 + digit,
            None => {}
        }
    }
    sum + last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_door_is_written_in_many_ways() {
        let door = |text: &str| address(Some("500103013006"), Some(text)).and_then(|address| address.door());
        let expected = Some("500103013006|3-2-1502".to_owned());
        for text in
            ["江景苑1期3栋2单元1502室", "江景苑一期三栋二单元1502", "3幢2单元1502号", "江景苑 ３栋-2-1502", "3-02-1502"]
        {
            assert_eq!(door(text), expected, "{text}");
        }
        assert_eq!(door("江景苑"), None);
        assert_eq!(address(None, Some("3-2-1502")), None);
        assert_eq!(door("十二栋A单元101"), Some("500103013006|12-A-101".to_owned()));
    }
}
