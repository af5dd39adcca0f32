//! The tree of divisions: city, district, street or township, community or village, grid; reporting units sit beside
//! districts. A code begins with the code of the division above it, so scope is a prefix and nothing else.

use crate::terms;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

terms! {
    /// Level of a division.
    Level {
        City = "city", District = "district",
        /// A development zone that reports like a district but has no code of its own in GB/T 2260.
        ReportingUnit = "reporting_unit",
        Township = "township", Community = "community", Grid = "grid",
    }
}

/// Code of a division: GB/T 2260 and its extensions (city `50`, district 6 digits, township 9, community 12, grid longer);
/// a reporting unit is `50-` with letters. At most 24 characters of digits, capital letters and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode(Box<str>);

/// A text that is no division code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is not a division code (2 to 24 digits, capital letters or '-', for example 500103001002)")]
pub struct NotADivision(pub String);

impl DivisionCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether `other` lies in this division (a division lies in itself).
    pub fn contains(&self, other: &DivisionCode) -> bool {
        other.0.starts_with(&*self.0)
    }
    /// Code of the district or reporting unit this division lies in: six characters, or everything up to six for one above.
    pub fn district(&self) -> DivisionCode {
        DivisionCode(self.0.chars().take(6).collect::<String>().into())
    }
}

impl FromStr for DivisionCode {
    type Err = NotADivision;
    fn from_str(text: &str) -> Result<Self, NotADivision> {
        let good = (2..=24).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-');
        if good { Ok(DivisionCode(text.into())) } else { Err(NotADivision(text.to_owned())) }
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = NotADivision;
    fn try_from(text: String) -> Result<Self, NotADivision> {
        text.parse()
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> String {
        code.0.into()
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
