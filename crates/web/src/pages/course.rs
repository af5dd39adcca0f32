//! What is known of one person, read for the pages of a person and of a case: tubes and results that were observed, cases,
//! orders, transfers and areas that were decided, and the household around them.

use super::{
    frame::Frame,
    household::{self, Household, Member, Standing},
    lanes::{Entry, When, why},
    reading::{Reading, at, day, text},
    show::{self, part},
};
use crate::{app::App, problem::Problem};
use dayclear_core::listing::{
    AREAS, CASES, CONTACTS, Cell, Listing, MEMBERS, ORDERS, PEOPLE, RESULTS, Row, TRANSFERS, TUBES,
};
use dayclear_papers::shown::prefix_of;

/// Rows of one kind that a page reads of one person at most.
pub const ROWS_READ: usize = 100;

/// Rows of one person by list.
pub struct Course {
    /// Cases.
    pub cases: Vec<Row>,
    /// Contacts that the person is.
    pub contact_of: Vec<Row>,
    /// Orders.
    pub orders: Vec<Row>,
    /// Transfers.
    pub transfers: Vec<Row>,
    /// Tubes with a swab of the person.
    pub tubes: Vec<Row>,
    /// Versions of results of these tubes.
    pub results: Vec<Row>,
}

/// A term of a row in words.
pub fn term(frame: &Frame, listing: &Listing, row: &Row, field: &str) -> String {
    let term = text(listing, row, field);
    let terms = listing.position(field).map(|at| listing.fields[at].holds);
    match terms {
        Some(dayclear_core::listing::Holds::Term(terms)) if !term.is_empty() => {
            prefix_of(terms).map_or_else(|| term.to_owned(), |prefix| frame.w.given(prefix, term))
        }
        _ => term.to_owned(),
    }
}

impl Course {
    /// Reads the course of a person. `tube` is one that is known from elsewhere: the tube of a case.
    pub async fn read(reading: &mut Reading<'_>, person: &str, tube: &str) -> Result<Course, Problem> {
        let asked = [("person", person)];
        let mut rows = async |listing| Ok::<_, Problem>(reading.rows(listing, &asked, ROWS_READ).await?.rows);
        let cases = rows(&CASES).await?;
        let contact_of = rows(&CONTACTS).await?;
        let orders = rows(&ORDERS).await?;
        let transfers = rows(&TRANSFERS).await?;
        let members = rows(&MEMBERS).await?;
        let mut tubes: Vec<&str> = members.iter().map(|row| text(&MEMBERS, row, "tube")).collect();
        tubes.push(tube);
        tubes.retain(|tube| !tube.is_empty() && !tube.contains(','));
        tubes.sort_unstable();
        tubes.dedup();
        tubes.truncate(ROWS_READ);
        let named = tubes.join(",");
        let (tubes, results) = match named.is_empty() {
            true => (Vec::new(), Vec::new()),
            false => (
                reading.rows(&TUBES, &[("tube", &named)], ROWS_READ).await?.rows,
                reading.rows(&RESULTS, &[("tube", &named)], ROWS_READ).await?.rows,
            ),
        };
        Ok(Course { cases, contact_of, orders, transfers, tubes, results })
    }

    /// Everything as entries of the two lanes.
    pub fn entries(&self, app: &App, frame: &Frame) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.tubes.iter().for_each(|row| tube(app, frame, row, &mut entries));
        self.results.iter().for_each(|row| result(app, frame, row, &mut entries));
        self.cases.iter().for_each(|row| case(frame, row, &mut entries));
        self.contact_of.iter().for_each(|row| contact(frame, row, &mut entries));
        self.orders.iter().for_each(|row| order(frame, row, &mut entries));
        self.transfers.iter().for_each(|row| transfer(app, frame, row, &mut entries));
        entries
    }
}

fn tube(app: &App, frame: &Frame, row: &Row, entries: &mut Vec<Entry>) {
    let name = text(&TUBES, row, "tube");
    let link = format!("/tubes/{}", part(name));
    let members = super::reading::number(&TUBES, row, "members");
    if let Some(at) = at(&TUBES, row, "collected_at") {
        let said = [
            ("purpose", term(frame, &TUBES, row, "purpose").into()),
            ("members", u64::try_from(members).unwrap_or_default().into()),
        ];
        let title = frame.w.get("course-sampled", &[("tube", name.into())]);
        entries.push(Entry::seen(When::At(at), title).saying(frame.w.get("course-sampled-said", &said)).at(link));
    }
    if let Some(at) = at(&TUBES, row, "received_at") {
        let title =
            frame.w.get("course-counted", &[("laboratory", app.site_name(text(&TUBES, row, "laboratory")).into())]);
        entries.push(Entry::seen(When::At(at), title));
    }
}

fn result(app: &App, frame: &Frame, row: &Row, entries: &mut Vec<Entry>) {
    let Some(at) = at(&RESULTS, row, "reported_at") else { return };
    let finding = term(frame, &RESULTS, row, "finding");
    let version = text(&RESULTS, row, "version");
    let title =
        frame.w.get("course-result", &[("finding", finding.into()), ("tube", text(&RESULTS, row, "tube").into())]);
    let ct: Vec<String> = ["ct_n", "ct_orf"]
        .iter()
        .filter(|field| matches!(row.get(&RESULTS, field), Cell::Real(_)))
        .map(|field| format!("{} {}", frame.say(&format!("field-{field}")), row.get(&RESULTS, field).text(app.zone())))
        .collect();
    let said = [
        ("laboratory", app.site_name(text(&RESULTS, row, "laboratory")).into()),
        ("version", term(frame, &RESULTS, row, "version").into()),
    ];
    let said = std::iter::once(frame.w.get("course-result-said", &said)).chain(ct).collect::<Vec<_>>();
    let said = frame.w.joined(&said);
    let link = format!("/results/{}", part(text(&RESULTS, row, "id")));
    let mut entry = Entry::seen(When::At(at), title).saying(said).at(link);
    if matches!(version, "C" | "W" | "D") {
        entry.mark = Some(("warn", term(frame, &RESULTS, row, "version")));
    }
    entries.push(entry);
}

fn case(frame: &Frame, row: &Row, entries: &mut Vec<Entry>) {
    let id = text(&CASES, row, "id");
    let link = format!("/cases/{}", part(id));
    if let Some(at) = at(&CASES, row, "found_at") {
        let title = frame.w.get("course-case", &[("case", id.into())]);
        let why = why(frame, row.get(&CASES, "reason"));
        entries.push(Entry::decided(When::At(at), title, why).saying(term(frame, &CASES, row, "origin")).at(link));
    }
    if let Some(day) = day(&CASES, row, "onset") {
        entries.push(Entry::seen(When::On(day), frame.say("course-onset")));
    }
    if let Some(day) = day(&CASES, row, "counted_on") {
        let title = frame.w.get("course-counts", &[("as", term(frame, &CASES, row, "classification").into())]);
        entries.push(Entry::decided(When::On(day), title, Vec::new()));
    }
    if let Some(day) = day(&CASES, row, "converted_on") {
        entries.push(Entry::decided(When::On(day), frame.say("course-converted"), Vec::new()));
    }
    if let Some(day) = day(&CASES, row, "closed_on") {
        entries.push(Entry::decided(When::On(day), frame.say("course-closed"), Vec::new()));
    }
}

fn contact(frame: &Frame, row: &Row, entries: &mut Vec<Entry>) {
    let case = text(&CONTACTS, row, "case_id");
    let class = term(frame, &CONTACTS, row, "class");
    if let Some(day) = day(&CONTACTS, row, "last_exposure") {
        let title = frame.w.get("course-exposed", &[("case", case.into())]);
        entries.push(Entry::seen(When::On(day), title).saying(class));
    }
    if let Some(at) = at(&CONTACTS, row, "listed_at") {
        let title = frame.w.get("course-listed", &[("tier", term(frame, &CONTACTS, row, "tier").into())]);
        let link = format!("/contacts/{}", part(text(&CONTACTS, row, "id")));
        entries.push(Entry::decided(When::At(at), title, Vec::new()).at(link));
    }
}

fn order(frame: &Frame, row: &Row, entries: &mut Vec<Entry>) {
    let kind = term(frame, &ORDERS, row, "kind");
    let link = format!("/orders/{}", part(text(&ORDERS, row, "id")));
    if let Some(from) = day(&ORDERS, row, "from_day") {
        let until = day(&ORDERS, row, "until_day").map(|day| day.to_string()).unwrap_or_default();
        let said = frame.w.get("course-order-said", &[("day", until.into())]);
        let title = frame.w.get("course-order", &[("kind", kind.clone().into())]);
        let why = why(frame, row.get(&ORDERS, "reason"));
        entries.push(Entry::decided(When::On(from), title, why).saying(said).at(link));
    }
    if let Some(day) = day(&ORDERS, row, "ended_on") {
        let title = frame.w.get("course-order-ended", &[("kind", kind.into())]);
        entries
            .push(Entry::decided(When::On(day), title, Vec::new()).saying(text(&ORDERS, row, "ended_why").to_owned()));
    }
}

fn transfer(app: &App, frame: &Frame, row: &Row, entries: &mut Vec<Entry>) {
    let facility = app.site_name(text(&TRANSFERS, row, "facility"));
    let link = format!("/transfers/{}", part(text(&TRANSFERS, row, "id")));
    let to = |key: &str| frame.w.get(key, &[("facility", facility.as_str().into())]);
    if let Some(at) = at(&TRANSFERS, row, "requested_at") {
        let why = why(frame, row.get(&TRANSFERS, "reason"));
        entries.push(Entry::decided(When::At(at), to("course-transfer"), why).at(link));
    }
    if let Some(at) = at(&TRANSFERS, row, "picked_up_at") {
        let vehicle = frame.w.get("course-picked-up", &[("vehicle", text(&TRANSFERS, row, "vehicle").into())]);
        entries.push(Entry::seen(When::At(at), vehicle));
    }
    if let Some(at) = at(&TRANSFERS, row, "admitted_at") {
        entries.push(Entry::seen(When::At(at), to("course-admitted")));
    }
    if let Some(at) = at(&TRANSFERS, row, "ended_at") {
        entries.push(Entry::seen(When::At(at), frame.say("course-left")));
    }
}

/// Areas that rest on a case, as entries.
pub async fn areas(
    frame: &Frame,
    reading: &mut Reading<'_>,
    case: &str,
    division: &str,
) -> Result<Vec<Entry>, Problem> {
    if division.is_empty() {
        return Ok(Vec::new());
    }
    let rows = reading.rows(&AREAS, &[("division", division)], ROWS_READ).await?.rows;
    let mut entries = Vec::new();
    for row in rows {
        let mut why = why(frame, row.get(&AREAS, "reason"));
        why.retain(|why| why.inputs.iter().any(|(name, value)| name == "case" && value == case));
        let (Some(on), false) = (day(&AREAS, &row, "opened_on"), why.is_empty()) else { continue };
        let title = frame.w.get("course-area", &[("level", term(frame, &AREAS, &row, "level").into())]);
        let until = day(&AREAS, &row, "ends_on").map(|day| day.to_string()).unwrap_or_default();
        let said = frame.w.get("course-area-said", &[("day", until.into())]);
        let link = format!("/areas/{}", part(text(&AREAS, &row, "id")));
        entries.push(Entry::decided(When::On(on), title, why).saying(said).at(link));
    }
    Ok(entries)
}

/// The household of a person, where the duty may see who lives together.
pub async fn household(
    app: &App,
    frame: &Frame,
    reading: &mut Reading<'_>,
    person: &Row,
) -> Result<Option<Household>, Problem> {
    let id = text(&PEOPLE, person, "household").to_owned();
    if id.is_empty() || id.contains(',') || !reading.can_ask(&PEOPLE, "household") {
        return Ok(None);
    }
    let people = reading.rows(&PEOPLE, &[("household", &id)], ROWS_READ).await?.rows;
    let named: Vec<&str> = people.iter().map(|row| text(&PEOPLE, row, "person")).collect();
    let named = named.join(",");
    let cases = reading.rows(&CASES, &[("person", &named), ("open", "true")], ROWS_READ).await?.rows;
    let contacts = reading.rows(&CONTACTS, &[("person", &named)], ROWS_READ).await?.rows;
    let member = |row: &Row| {
        let person = text(&PEOPLE, row, "person");
        let name = PEOPLE.position("name").map(|at| show::value(app, frame, &PEOPLE, &PEOPLE.fields[at], row).text);
        let case = cases.iter().find(|case| text(&CASES, case, "person") == person);
        let contact = contacts.iter().find(|contact| text(&CONTACTS, contact, "person") == person);
        let (standing, said) = match (case, contact) {
            (Some(case), _) => (Standing::Case, term(frame, &CASES, case, "classification")),
            (None, Some(contact)) => (Standing::Contact, term(frame, &CONTACTS, contact, "tier")),
            (None, None) => (Standing::Other, String::new()),
        };
        Member { name: name.unwrap_or_default(), said, path: format!("/people/{}", part(person)), standing }
    };
    Ok(household::draw(&id, people.iter().map(member).collect()))
}
