//! Numbers of identity documents. An 18-character number is checked by its own check character (GB 11643-1999, ISO 7064
//! MOD 11-2) and its date of birth. A spreadsheet keeps 15 digits: what it did to a longer number cannot be undone, so
//! such a number is refused and never repaired.

use crate::fault::{Code, NoteCode, Wrong};
use dayclear_core::time::CivilDate;
use std::borrow::Cow;

/// Weights of the first 17 digits (GB 11643-1999, 4.2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check characters by remainder.
const CHECKS: &[u8; 11] = b"10X98765432";

const EXPECTED: &str =
    "an identity document number: 18 characters with a correct check digit, or a passport or permit number";
const ASK: &str = "compare it with the document";
const DAMAGED: &str = "a spreadsheet rounded it and the last digits are lost: take it from the source again, in a column \
                       that is formatted as text before the numbers are put in";

/// A document number in canonical form (`X` in capitals), or why it is none.
pub(crate) fn document(text: &str) -> Result<(Cow<'_, str>, Option<NoteCode>), Wrong> {
    if looks_scientific(text) {
        return Err(damaged(EXPECTED));
    }
    let bytes = text.as_bytes();
    if bytes.len() == 18 && bytes[..17].iter().all(u8::is_ascii_digit) && matches!(bytes[17], b'0'..=b'9' | b'X' | b'x')
    {
        return resident(text, bytes);
    }
    let digits = bytes.iter().all(u8::is_ascii_digit);
    if digits && bytes.len() == 17 {
        return Err(Wrong::new(Code::NotADocument, EXPECTED, "one character is missing; compare it with the document"));
    }
    if digits && bytes.len() > 18 {
        return Err(Wrong::new(Code::NotADocument, EXPECTED, "it has too many digits; compare it with the document"));
    }
    let good = (4..=32).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-/()".contains(b))
        && bytes[0].is_ascii_alphanumeric();
    if good { Ok((Cow::Borrowed(text), None)) } else { Err(Wrong::new(Code::NotADocument, EXPECTED, ASK)) }
}

/// A document number in canonical form, if the text is one: for values that come without a file.
pub fn document_number(text: &str) -> Option<String> {
    document(text).ok().map(|(number, _)| number.into_owned())
}

fn resident<'t>(text: &'t str, bytes: &[u8]) -> Result<(Cow<'t, str>, Option<NoteCode>), Wrong> {
    let zeros = bytes.ends_with(b"000");
    let check = check_character(bytes);
    if check != bytes[17].to_ascii_uppercase() {
        return Err(if zeros { damaged(EXPECTED) } else { Wrong::new(Code::WrongCheckDigit, EXPECTED, ASK) });
    }
    let part = |range: std::ops::Range<usize>| bytes[range].iter().fold(0i16, |sum, b| sum * 10 + i16::from(b - b'0'));
    let born = CivilDate::new(part(6..10), part(10..12) as i8, part(12..14) as i8);
    if born.is_none_or(|date| !(1800..=2199).contains(&date.parts().0)) {
        return Err(Wrong::new(Code::NotADocument, EXPECTED, "its date of birth is not in the calendar; compare it"));
    }
    let text = if bytes[17] == b'x' { Cow::Owned(text.to_ascii_uppercase()) } else { Cow::Borrowed(text) };
    Ok((text, zeros.then_some(NoteCode::EndsInZeros)))
}

fn check_character(bytes: &[u8]) -> u8 {
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS[sum as usize % 11]
}

/// Whether a text is what a spreadsheet shows of a long number: `5.00103E+17`.
pub(crate) fn looks_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let sign = exponent.starts_with('+');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // `1E5` may be somebody's id; `1E+05` and `1.5E17` are a spreadsheet's.
    digits(whole)
        && whole.len() == 1
        && digits(fraction)
        && digits(exponent.trim_start_matches('+'))
        && (sign || mantissa.contains('.'))
}

/// A long number that a spreadsheet rounded.
pub(crate) fn damaged(expected: &str) -> Wrong {
    Wrong::new(Code::DamagedNumber, expected, DAMAGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A made-up number with a correct check character.
    fn made(first: &str) -> String {
        format!("{first}{}", check_character(first.as_bytes()) as char)
    }

    #[test]
    fn numbers() {
        // The example of GB 11643-1999 itself, annex A.
        assert_eq!(document("11010519491231002X").unwrap(), ("11010519491231002X".into(), None));
        assert_eq!(document("11010519491231002x").unwrap(), ("11010519491231002X".into(), None));
        for good in
            ["440524188001010014", "E12345678", "A123456(7)", "H12345678", "1234567890123456", "500103491231002"]
        {
            assert_eq!(document(good).unwrap(), (good.into(), None), "{good}");
        }
        for (bad, code) in [
            ("110105194912310021", Code::WrongCheckDigit),
            ("500103199001011000", Code::DamagedNumber),
            ("5.00103E+17", Code::DamagedNumber),
            ("5.00103e17", Code::DamagedNumber),
            ("5E+17", Code::DamagedNumber),
            ("11010519491231002", Code::NotADocument),
            ("1101051949123100211", Code::NotADocument),
            ("=1+1", Code::NotADocument),
            ("abc", Code::NotADocument),
            ("重庆123456", Code::NotADocument),
        ] {
            assert_eq!(document(bad).unwrap_err().code, code, "{bad}");
        }
        let impossible = made("50010319901331001");
        assert_eq!(document(&impossible).unwrap_err().code, Code::NotADocument);
    }

    #[test]
    fn zeros_with_a_correct_check_digit_are_noted() {
        let zeros = (1..10).flat_map(|d| (10..29).map(move |day| made(&format!("500103199001{day}{d}00"))));
        let zeros: Vec<String> = zeros.filter(|number| number.ends_with("000")).collect();
        assert!(!zeros.is_empty());
        for number in zeros {
            assert_eq!(document(&number).unwrap().1, Some(NoteCode::EndsInZeros), "{number}");
        }
    }

    #[test]
    fn every_single_slip_is_found() {
        let good = "11010519491231002X";
        for at in 0..17 {
            for digit in b'0'..=b'9' {
                let mut slip = good.as_bytes().to_vec();
                if slip[at] != digit {
                    slip[at] = digit;
                    assert!(document(std::str::from_utf8(&slip).unwrap()).is_err());
                }
            }
        }
    }

    #[test]
    fn ids_are_not_taken_for_damage() {
        for id in ["1E5", "P1.5E+3", "E12", "12E", "A1E+5", "1.2.3E+4"] {
            assert!(!looks_scientific(id), "{id}");
        }
    }
}
