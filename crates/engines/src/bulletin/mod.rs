//! Published bulletins: rows of a city's published figures become the same [`Bulletin`] that the books print, so that
//! both can be checked and shown side by side. Rows come in as values, no I/O. Nothing is filled in: a figure that was
//! not published stays unknown, and a sum that cannot be formed is unknown too.

#[cfg(test)]
mod tests;

use dayclear_core::{
    bulletin::{Bulletin, Check, Provenance, RouteLine, UnitLine},
    cases::Origin,
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A row of `schema::DAILY_CASES`; the serde names are its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyRow {
    /// Day the figures are about, 0-24 h.
    pub date: CivilDate,
    /// New local confirmed cases, converted ones included.
    #[serde(rename = "local_confirmed")]
    pub confirmed: Option<u64>,
    /// New local asymptomatic cases.
    #[serde(rename = "local_asymptomatic")]
    pub asymptomatic: Option<u64>,
    /// Of the confirmed, converted from asymptomatic.
    #[serde(rename = "converted_from_asymptomatic")]
    pub converted: Option<u64>,
    /// Confirmed and asymptomatic together.
    #[serde(rename = "total_reported")]
    pub total: Option<u64>,
    /// Total without the converted.
    #[serde(rename = "new_infections_excl_conversions")]
    pub new_infections: Option<u64>,
    /// New infections found in the community, whole city.
    #[serde(rename = "community_found_city")]
    pub community: Option<u64>,
    /// New infections in the central urban units.
    pub central11_new: Option<u64>,
    /// Of those, found in the community.
    pub central11_community: Option<u64>,
    /// Where it was published; several separated by ` ; `.
    #[serde(default)]
    pub source: String,
    /// What is derived or doubtful.
    #[serde(default)]
    pub note: String,
}

/// A row of `schema::DISCOVERY_CHANNELS`; the serde names are its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// Day the figure is about.
    pub date: CivilDate,
    /// Of which cases: [`CONFIRMED_SCOPE`], or another one, which the bulletin does not carry.
    pub scope: String,
    /// Route.
    pub channel: String,
    /// Route in the words of the bulletin.
    #[serde(default)]
    pub channel_zh: String,
    /// A count, or a share such as `62.65%`.
    #[serde(rename = "count_or_share")]
    pub figure: String,
    /// Where it was published.
    #[serde(default)]
    pub source: String,
}

/// A row of `schema::DISTRICT_CASES`; the serde names are its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistrictRow {
    /// Day the figures are about, 0-24 h.
    pub date: CivilDate,
    /// Code of the district or reporting unit.
    #[serde(rename = "district_code")]
    pub code: DivisionCode,
    /// Name in the city's language.
    pub name: String,
    /// New local confirmed cases, converted ones included.
    pub confirmed: Option<u64>,
    /// New local asymptomatic cases.
    pub asymptomatic: Option<u64>,
    /// Where it was published.
    #[serde(default)]
    pub source: String,
}

/// Scope of the channel rows that count the new confirmed cases of the whole city.
pub const CONFIRMED_SCOPE: &str = "city confirmed";

/// Keys of the checks, in the order in which they stand in a bulletin.
pub const CHECKS: [&str; 6] = [
    "sum-by-route-confirmed",
    "converted-by-route",
    "sum-by-unit-confirmed",
    "sum-by-unit-asymptomatic",
    "total-reported",
    "new-infections-without-converted",
];

/// Keys of the notes that [`published`] may add: which figures are missing, and that some were derived by whoever
/// collected them and not printed in the bulletin.
pub const NOTES: [&str; 6] = [
    "routes-not-published",
    "districts-not-published",
    "districts-confirmed-incomplete",
    "districts-asymptomatic-incomplete",
    "figures-incomplete",
    "figures-derived",
];

/// Why no bulletin could be made from the rows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PublishedError {
    /// No row for the day.
    #[error("there are no published figures for {date}; the rows tell of {}", range(*.first, *.last))]
    NoSuchDay {
        /// Day asked for.
        date: CivilDate,
        /// First day with figures.
        first: Option<CivilDate>,
        /// Last day with figures.
        last: Option<CivilDate>,
    },
    /// Two rows tell of the same thing, and nobody knows which is right.
    #[error("{what} stands twice for {date}; keep one row")]
    Twice {
        /// Day.
        date: CivilDate,
        /// The thing.
        what: String,
    },
    /// A route that the vocabulary does not have.
    #[error("'{channel}' on {date} is not a known route; use one of: {}", CHANNELS.map(|c| c.0).join(", "))]
    UnknownChannel {
        /// Day.
        date: CivilDate,
        /// The route as written.
        channel: String,
    },
    /// A figure that is not a count.
    #[error("'{figure}' for route '{channel}' on {date} is not a count; write a whole number such as 95")]
    NotACount {
        /// Day.
        date: CivilDate,
        /// Route.
        channel: String,
        /// The figure as written.
        figure: String,
    },
}

fn range(first: Option<CivilDate>, last: Option<CivilDate>) -> String {
    first.zip(last).map_or_else(|| "no day at all".to_owned(), |(first, last)| format!("{first} to {last}"))
}

/// Names of routes in the channel rows; `None` = converted from asymptomatic.
const CHANNELS: [(&str, Option<Origin>); 7] = [
    ("already_isolated", Some(Origin::AlreadyIsolated)),
    ("key_person_screening", Some(Origin::KeyPerson)),
    ("area_screening", Some(Origin::AreaScreening)),
    ("expanded_screening", Some(Origin::ExpandedScreening)),
    ("community_screening", Some(Origin::Community)),
    ("entry", Some(Origin::Entry)),
    ("converted_from_asymptomatic", None),
];

/// Makes the bulletin of `date` from published rows of any days. `city` is the city's name, `cutoff` the end of the day
/// in its zone. Routes stand in the order of [`Origin`], the converted last; districts in the order of their codes.
pub fn published(
    date: CivilDate,
    city: &str,
    cutoff: Option<Instant>,
    daily: &[DailyRow],
    channels: &[ChannelRow],
    districts: &[DistrictRow],
) -> Result<Bulletin, PublishedError> {
    let mut days = daily.iter().filter(|row| row.date == date);
    let row = days.next().ok_or_else(|| PublishedError::NoSuchDay {
        date,
        first: daily.iter().map(|row| row.date).min(),
        last: daily.iter().map(|row| row.date).max(),
    })?;
    if days.next().is_some() {
        return Err(PublishedError::Twice { date, what: "the day".to_owned() });
    }
    let mut sources = Vec::new();
    sources_of(&row.source, &mut sources);
    let routes = routes(date, channels, &mut sources)?;
    let units = units(date, districts, &mut sources)?;

    let checks = checks(row, &routes, &units);
    let mut notes = Vec::new();
    let mut note = |applies: bool, key: usize| {
        if applies {
            notes.push(NOTES[key].to_owned());
        }
    };
    note(routes.is_empty(), 0);
    note(units.is_empty(), 1);
    note(units.iter().any(|unit| unit.confirmed.is_none()), 2);
    note(units.iter().any(|unit| unit.asymptomatic.is_none()), 3);
    note(row.confirmed.is_none() || row.asymptomatic.is_none(), 4);
    note(row.note.contains("derived"), 5);
    notes.insert(0, "published".to_owned());
    Ok(Bulletin {
        city_en: None,
        zone: None,
        date,
        city: city.to_owned(),
        cutoff,
        pack: None,
        provenance: Provenance::Published { sources },
        confirmed: row.confirmed,
        asymptomatic: row.asymptomatic,
        converted: row.converted,
        awaiting: None,
        community: row.community,
        routes,
        units,
        in_care: None,
        severe: None,
        critical: None,
        recovered: None,
        died: None,
        stock: Vec::new(),
        beds: Vec::new(),
        tubes: None,
        sampled: None,
        resulted: None,
        positive_tubes: None,
        turnaround_min: None,
        moved: None,
        placed: None,
        areas: None,
        orders: None,
        requests: None,
        corrections: None,
        books: Vec::new(),
        checks,
        notes,
    })
}

fn sources_of(cell: &str, sources: &mut Vec<String>) {
    for source in cell.split(" ; ").map(str::trim).filter(|source| !source.is_empty()) {
        if !sources.iter().any(|known| known == source) {
            sources.push(source.to_owned());
        }
    }
}

fn routes(
    date: CivilDate,
    channels: &[ChannelRow],
    sources: &mut Vec<String>,
) -> Result<Vec<RouteLine>, PublishedError> {
    let mut routes: Vec<RouteLine> = Vec::new();
    for row in channels.iter().filter(|row| row.date == date && row.scope == CONFIRMED_SCOPE) {
        let channel = || row.channel.clone();
        let known = CHANNELS.iter().find(|(name, _)| *name == row.channel);
        let route = known.ok_or_else(|| PublishedError::UnknownChannel { date, channel: channel() })?.1;
        let wrong = |_| PublishedError::NotACount { date, channel: channel(), figure: row.figure.clone() };
        let count: u64 = row.figure.trim().parse().map_err(wrong)?;
        if routes.iter().any(|line| line.route == route) {
            return Err(PublishedError::Twice { date, what: format!("route '{}'", row.channel) });
        }
        routes.push(RouteLine { route, confirmed: Some(count), asymptomatic: None });
        sources_of(&row.source, sources);
    }
    routes.sort_by_key(|line| (line.route.is_none(), line.route));
    Ok(routes)
}

fn units(
    date: CivilDate,
    districts: &[DistrictRow],
    sources: &mut Vec<String>,
) -> Result<Vec<UnitLine>, PublishedError> {
    let mut units: Vec<UnitLine> = Vec::new();
    for row in districts.iter().filter(|row| row.date == date) {
        units.push(UnitLine {
            community: None,
            community_withheld: false,
            code: row.code.clone(),
            name: row.name.clone(),
            name_en: None,
            confirmed: row.confirmed,
            asymptomatic: row.asymptomatic,
            awaiting: None,
        });
        sources_of(&row.source, sources);
    }
    units.sort_by(|a, b| a.code.cmp(&b.code));
    match units.windows(2).find(|pair| pair[0].code == pair[1].code) {
        Some(pair) => Err(PublishedError::Twice { date, what: format!("district {}", pair[0].code) }),
        None => Ok(units),
    }
}

/// Sum of parts, unknown as soon as one is unknown or there are none.
fn sum(parts: impl Iterator<Item = Option<u64>>) -> Option<i64> {
    let mut parts = parts.peekable();
    parts.peek()?;
    parts.try_fold(0i64, |sum, part| sum.checked_add(i64::try_from(part?).ok()?))
}

/// The sums, in the order of [`CHECKS`]. A check whose total was not published is left out.
fn checks(row: &DailyRow, routes: &[RouteLine], units: &[UnitLine]) -> Vec<Check> {
    let converted: Vec<_> = routes.iter().filter(|line| line.route.is_none()).collect();
    let signed = |value: Option<u64>| value.and_then(|value| i64::try_from(value).ok());
    let difference = signed(row.total).zip(signed(row.converted)).map(|(total, converted)| total - converted);
    let all: [(Option<u64>, Option<i64>); 6] = [
        (row.confirmed, sum(routes.iter().map(|line| line.confirmed))),
        (row.converted, sum(converted.iter().map(|line| line.confirmed))),
        (row.confirmed, sum(units.iter().map(|unit| unit.confirmed))),
        (row.asymptomatic, sum(units.iter().map(|unit| unit.asymptomatic))),
        (row.total, sum([row.confirmed, row.asymptomatic].into_iter())),
        (row.new_infections, difference),
    ];
    let named = CHECKS.into_iter().zip(all);
    named
        .filter_map(|(name, (total, parts))| Some(Check { name: name.to_owned(), total: signed(total)?, parts }))
        .collect()
}
