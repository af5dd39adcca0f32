//! The real divisions of a city, read from three published tables. Lines without quotes, a header first; a line that
//! does not fit is an error with its table and number. Guarantees that every village has its township and district.

use std::collections::BTreeMap;
use thiserror::Error;

/// A source text that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{table}.csv, line {line}: {what}")]
pub struct SourceError {
    /// Table of the line.
    pub table: &'static str,
    /// Line, the header being 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub what: String,
}

/// A district with its census residents and its seat.
#[derive(Clone, Debug)]
pub(super) struct District {
    pub code: String,
    pub name: String,
    pub name_en: String,
    /// Rank of the group: 0 central, 1 new districts of the main city, 2 northeast, 3 southeast.
    pub group: u8,
    pub population: u64,
    /// Seat in millionths of a degree, WGS-84.
    pub lon: i32,
    pub lat: i32,
}

/// A street or township.
#[derive(Clone, Debug)]
pub(super) struct Township {
    pub code: String,
    pub name: String,
}

/// A community or village, with its township and district by position.
#[derive(Clone, Debug)]
pub(super) struct Village {
    pub code: String,
    pub name: String,
    pub township: usize,
    pub district: usize,
}

/// The divisions of a city.
#[derive(Clone, Debug)]
pub struct Sources {
    pub(super) districts: Vec<District>,
    pub(super) townships: Vec<Township>,
    pub(super) villages: Vec<Village>,
}

impl Sources {
    /// From the texts of `districts.csv`, `townships.csv` and `villages.csv` in the columns of `data/chongqing`.
    pub fn parse(districts: &str, townships: &str, villages: &str) -> Result<Self, SourceError> {
        let mut sources = Sources { districts: Vec::new(), townships: Vec::new(), villages: Vec::new() };
        let columns = ["code", "name", "name_en", "group", "population_2020", "seat_lat", "seat_lon"];
        let mut district_at = BTreeMap::new();
        each("districts", districts, columns, |[code, name, name_en, group, population, lat, lon]| {
            let group = ["central", "main_city_new", "northeast", "southeast"].iter().position(|known| *known == group);
            let district = District {
                code: code.to_owned(),
                name: name.to_owned(),
                name_en: name_en.to_owned(),
                group: group.ok_or("group is not central, main_city_new, northeast or southeast")? as u8,
                population: population.parse().map_err(|_| "population_2020 is not a whole number")?,
                lon: micro_degrees(lon).ok_or("seat_lon is not a number of degrees")?,
                lat: micro_degrees(lat).ok_or("seat_lat is not a number of degrees")?,
            };
            district_at.insert(code.to_owned(), sources.districts.len());
            sources.districts.push(district);
            Ok(())
        })?;
        let mut township_at = BTreeMap::new();
        each("townships", townships, ["code", "name", "district_code"], |[code, name, district]| {
            district_at.get(district).ok_or("district_code is not in districts.csv")?;
            township_at.insert(code.to_owned(), sources.townships.len());
            sources.townships.push(Township { code: code.to_owned(), name: name.to_owned() });
            Ok(())
        })?;
        let columns = ["code", "name", "township_code", "district_code"];
        each("villages", villages, columns, |[code, name, township, district]| {
            let township = *township_at.get(township).ok_or("township_code is not in townships.csv")?;
            let district = *district_at.get(district).ok_or("district_code is not in districts.csv")?;
            sources.villages.push(Village { code: code.to_owned(), name: name.to_owned(), township, district });
            Ok(())
        })?;
        Ok(sources)
    }

    /// The divisions of Chongqing that come with the program (`data/chongqing`).
    pub fn chongqing() -> Result<Self, SourceError> {
        Sources::parse(
            include_str!("../../../../data/chongqing/districts.csv"),
            include_str!("../../../../data/chongqing/townships.csv"),
            include_str!("../../../../data/chongqing/villages.csv"),
        )
    }

    /// The same divisions with so many residents by district code; districts that are not named have none. Gives the codes that are
    /// no district here, if there are any.
    pub fn with_residents(mut self, residents: &BTreeMap<String, u64>) -> Result<Self, Vec<String>> {
        let known = |code: &&String| self.districts.iter().any(|district| district.code == **code);
        let strange: Vec<String> = residents.keys().filter(|code| !known(code)).cloned().collect();
        if !strange.is_empty() {
            return Err(strange);
        }
        for district in &mut self.districts {
            district.population = residents.get(&district.code).copied().unwrap_or(0);
        }
        Ok(self)
    }
}

/// Degrees with a decimal point, in millionths. Coordinates are whole numbers from here on, so nothing depends on rounding.
fn micro_degrees(text: &str) -> Option<i32> {
    let degrees: f64 = text.parse().ok()?;
    (degrees.abs() <= 180.0).then(|| (degrees * 1e6).round() as i32)
}

/// Calls `line` with the named columns of every line.
fn each<const N: usize>(
    table: &'static str,
    text: &str,
    columns: [&'static str; N],
    mut line: impl FnMut([&str; N]) -> Result<(), &'static str>,
) -> Result<(), SourceError> {
    let wrong = |number: usize, what: String| SourceError { table, line: number, what };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        let found = header.iter().position(|name| *name == column);
        *place = found.ok_or_else(|| wrong(1, format!("there is no column '{column}'")))?;
    }
    for (index, row) in lines.enumerate() {
        let cells: Vec<&str> = row.split(',').collect();
        if cells.len() != header.len() {
            return Err(wrong(index + 2, format!("{} cells, expected {}", cells.len(), header.len())));
        }
        line(places.map(|place| cells[place])).map_err(|what| wrong(index + 2, what.to_owned()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divisions_of_chongqing_are_complete() {
        let sources = Sources::chongqing().unwrap();
        let counts = (sources.districts.len(), sources.townships.len(), sources.villages.len());
        assert_eq!(counts, (38, 1_031, 11_270));
        assert_eq!(sources.districts.iter().map(|district| district.population).sum::<u64>(), 32_054_159);
        for village in &sources.villages {
            assert!(village.code.starts_with(&sources.townships[village.township].code), "{}", village.code);
            assert!(village.code.starts_with(&sources.districts[village.district].code), "{}", village.code);
        }
    }

    #[test]
    fn residents_may_be_those_of_a_roster() {
        let roster = |code: &str| BTreeMap::from([(code.to_owned(), 700)]);
        let sources = Sources::chongqing().unwrap().with_residents(&roster("500103")).unwrap();
        assert_eq!(sources.districts.iter().map(|district| district.population).sum::<u64>(), 700);
        assert_eq!(Sources::chongqing().unwrap().with_residents(&roster("110101")).unwrap_err(), ["110101"]);
    }

    #[test]
    fn a_line_that_does_not_fit_is_named() {
        let good = "code,name,name_en,group,population_2020,seat_lat,seat_lon\n500101,a,A,central,5,30.0,108.0\n";
        let cases = [
            ("code,name\n", "", "", "districts.csv, line 1: there is no column 'name_en'"),
            (good, "code,name,district_code\nx,y\n", "", "townships.csv, line 2: 2 cells, expected 3"),
            (
                good,
                "code,name,district_code\n500101001,t,500101\n",
                "code,name,township_code,district_code\n1,v,9,500101\n",
                "villages.csv, line 2: township_code is not in townships.csv",
            ),
        ];
        for (districts, townships, villages, expected) in cases {
            assert_eq!(Sources::parse(districts, townships, villages).unwrap_err().to_string(), expected);
        }
    }
}
