//! Whether what a row refers to is there, and whether its giver may speak of it. Table by table; it guarantees that the answer
//! says what was expected and what to do.

use super::{Taker, Wrong, write};
use crate::references::{References, minute_of};
use dayclear_core::{
    interview::{Choice, Question, Wording},
    letters,
    schema::Table,
    staffing::{Against, Shift},
    time::DAY,
};
use dayclear_store::questions::Kept;
use dayclear_tabular::{Cell, Row};

/// Characters of the code of a district.
const DISTRICT_CHARS: usize = 6;

/// What a column of a table refers to.
struct Refers {
    column: &'static str,
    known: fn(&References, &str) -> bool,
    expected: &'static str,
    remedy: &'static str,
}

const fn to(
    column: &'static str,
    known: fn(&References, &str) -> bool,
    expected: &'static str,
    remedy: &'static str,
) -> Refers {
    Refers { column, known, expected, remedy }
}

const fn person(column: &'static str) -> Refers {
    to(column, |r, id| r.people.contains_key(id), "a person of people", "add the person to people first")
}

const fn household(remedy: &'static str) -> Refers {
    to("household", |r, id| r.households.contains_key(id), "a household of households", remedy)
}

const fn tube(remedy: &'static str) -> Refers {
    to("tube", |r, id| r.tubes.contains_key(id), "a tube of tubes", remedy)
}

const DIVISION: Refers =
    to("division", References::knows_division, "a code of divisions", "add the division, or correct the code");
const BUILDING: Refers =
    to("building", |r, id| r.buildings.contains_key(id), "a building of buildings", "add the building first");
const FACILITY: Refers =
    to("facility", |r, id| r.facilities.contains_key(id), "a facility of facilities", "add the facility first");
const SITE: Refers =
    to("site", |r, id| r.sites.contains_key(id), "a place of places", "add the place first, or correct its id");
const GATE: Refers =
    to("gate", |r, id| r.gates.contains_key(id), "a gate of gates", "add the gate first, or correct its id");
const VEHICLE: Refers =
    to("vehicle", |r, id| r.vehicles.contains_key(id), "a vehicle of vehicles", "add the vehicle first");
const LABORATORY: Refers = to(
    "laboratory",
    |r, id| r.laboratories.contains_key(id),
    "a laboratory of laboratories",
    "add the laboratory, or correct the id",
);

/// What the rows of a table refer to, in the order in which it is looked up.
fn references_of(table: &str) -> &'static [Refers] {
    match table {
        "buildings" | "facilities" | "vehicles" | "supplies" | "goods" | "carriers" | "laboratories" | "listed"
        | "teams" | "places" | "gates" | "questions" | "assistance" => const { &[DIVISION] },
        "shifts" => const { &[SITE] },
        "arrivals" => const { &[GATE] },
        "households" => const { &[BUILDING] },
        "people" => const { &[household("add the household first")] },
        "beds" => const { &[FACILITY] },
        "crews" => const { &[VEHICLE] },
        "tubes" => const { &[DIVISION, LABORATORY] },
        "members" => const { &[tube("find the tube: the person was sampled and has no tube")] },
        "results" => {
            const { &[tube("ask the laboratory which tube this is: a result without a tube tells nobody"), LABORATORY] }
        }
        "runs" => const { &[LABORATORY] },
        "packings" => const { &[tube("add the tube to tubes first, or correct its bar code")] },
        "box_moves" => const { &[DIVISION, LABORATORY] },
        "box_checks" => const { &[tube("ask the site which tube this is, or correct its bar code"), LABORATORY] },
        "assessments" | "visits" | "handovers" | "statements" | "follow_ups" => const { &[person("person")] },
        "contacts" => const { &[person("case_person"), person("person")] },
        "answers" => const { &[person("case_person")] },
        "deliveries" => const { &[household("correct the household")] },
        _ => &[],
    }
}

/// Whether options and condition of a question can be read: else the column, and what was expected.
fn readable(kind: &str, options: &str, only_if: Option<&str>) -> Result<(), (&'static str, &'static str)> {
    let options = Choice::parse_all(options)
        .ok_or(("options", "code=English|simplified|traditional, separated by ';', each code once"))?;
    if matches!(kind, "choice" | "many") == options.is_empty() {
        return Err(("options", "options for choice and many, and none for another kind"));
    }
    match only_if.map(Question::condition) {
        Some(None) => Err(("only_if", "question=answer")),
        _ => Ok(()),
    }
}

/// The version of a question that a row puts; the row was checked.
pub(super) fn put(table: &Table, row: &Row<'_>) -> Option<Kept> {
    let text = |column: &str| table.position(column).and_then(|at| row.text(at)).unwrap_or_default();
    let term = |column: &str| {
        let mut said = String::new();
        let at = table.position(column)?;
        write(table.columns[at].kind, row.cell(at), &mut said);
        Some(said)
    };
    let version = match row.cell(table.position("version")?) {
        Cell::Whole(version) => version,
        _ => return None,
    };
    let question = Question {
        id: text("question").to_owned(),
        version,
        part: term("part")?.parse().ok()?,
        kind: term("kind")?.parse().ok()?,
        asked: term("asked")?.parse().ok()?,
        only_if: Question::condition(text("only_if")),
        options: Choice::parse_all(text("options"))?,
        said: Wording {
            en: text("en").to_owned(),
            zh_hans: text("zh_hans").to_owned(),
            zh_hant: text("zh_hant").to_owned(),
        },
    };
    let disease = Some(text("disease").to_owned()).filter(|disease| !disease.is_empty());
    Some(Kept { division: text("division").parse().ok()?, disease, question })
}

impl Taker {
    /// Fails when a row says what its giver may not speak of, or refers to something that nobody declared.
    pub(super) fn check_references(&self, row: &Row<'_>) -> Result<(), Wrong> {
        for only in &self.only {
            let Some(at) = self.table.position(only.column) else { continue };
            let mut said = String::new();
            write(self.table.columns[at].kind, row.cell(at), &mut said);
            if !said.is_empty() && !only.values.contains(&said) {
                return Err((only.column, said, only.expected, only.remedy));
            }
        }
        for refers in references_of(self.table.name) {
            if let Some(id) = self.text(row, refers.column).filter(|id| !(refers.known)(&self.references, id)) {
                return Err((refers.column, id.to_owned(), refers.expected, refers.remedy));
            }
        }
        match self.table.name {
            "results" => self.check_released(row),
            "shifts" => self.check_shift(row),
            "questions" => self.check_question(row),
            "answers" => self.check_answer(row),
            "assistance" => self.check_letter(row),
            _ => Ok(()),
        }
    }

    /// A version of a question is put by whoever put the one before: nobody takes a question of a wider division away from it.
    fn check_question(&self, row: &Row<'_>) -> Result<(), Wrong> {
        let text = |column| self.text(row, column).unwrap_or_default();
        let mut kind = String::new();
        if let Some(at) = self.table.position("kind") {
            write(self.table.columns[at].kind, row.cell(at), &mut kind);
        }
        if let Err((column, expected)) = readable(&kind, text("options"), self.text(row, "only_if")) {
            return Err((column, text(column).to_owned(), expected, "compare docs/trace.md, questions of one's own"));
        }
        let first = self.references.questions.iter().find(|kept| kept.question.id == text("question"));
        if let Some(kept) = first.filter(|kept| kept.division.as_str() != text("division")) {
            let remedy = "give the question an id of its own, or ask whoever put it first";
            let said = format!("{}, and not {}", text("division"), kept.division);
            return Err(("division", said, "the division that put the question first", remedy));
        }
        Ok(())
    }

    /// A letter to us has a number that is none of ours, a district that is asked, and an exposure that was over when it came.
    fn check_letter(&self, row: &Row<'_>) -> Result<(), Wrong> {
        let text = |column| self.text(row, column).unwrap_or_default();
        let day = |column: &str| match self.table.position(column).map(|at| row.cell(at)) {
            Some(Cell::Day(day)) => Some(day),
            _ => None,
        };
        let letter = text("letter");
        if letters::is_ours(letter) || letter.contains([':', '|']) || text("entry").contains(['|', '/']) {
            let expected = "a number of the other side's letter, without ':' and '|', and unlike the numbers of ours";
            return Err(("letter", letter.to_owned(), expected, "put the code of the other side before it"));
        }
        if text("division").len() < DISTRICT_CHARS {
            let remedy = "name the district that looks for them, in a row of its own for each person";
            return Err(("division", text("division").to_owned(), "a district or a place in one", remedy));
        }
        let received = self.table.position("received_at").and_then(|at| row.moment(at));
        let (Some(first), Some(last), Some(received)) = (day("first_exposure"), day("last_exposure"), received) else {
            return Ok(());
        };
        if first > last {
            let remedy = "correct the days of the exposure";
            return Err(("last_exposure", last.to_string(), "a day not before the first", remedy));
        }
        // whatever the zone, the day there is no later than the next one in UTC
        if last.day_number() > received.micros().div_euclid(DAY) + 1 {
            let remedy = "correct the day, or when the letter was received";
            return Err(("last_exposure", last.to_string(), "a day that was not ahead when the letter came", remedy));
        }
        Ok(())
    }

    /// An answer is one to a version that was put, and has room in it.
    fn check_answer(&self, row: &Row<'_>) -> Result<(), Wrong> {
        let (question, answer) =
            (self.text(row, "question").unwrap_or_default(), self.text(row, "answer").unwrap_or_default());
        let version = self.table.position("version").map_or(Cell::Empty, |at| row.cell(at));
        let asked = self.references.questions.iter().map(|kept| &kept.question);
        let mut asked = asked.filter(|one| one.id == question);
        let Some(asked) = asked.find(|one| version == Cell::Whole(one.version)) else {
            let remedy = "correct the id or the version, or bring the question first";
            return Err(("question", question.to_owned(), "a version of a question that was put", remedy));
        };
        if !asked.takes(answer) {
            let remedy = "answer as the question asks: yes or no, a day, a number, words, or codes of its options";
            return Err(("answer", answer.to_owned(), "an answer that the question has room for", remedy));
        }
        Ok(())
    }

    /// The shift that a row tells of.
    pub(super) fn shift(&self, row: &Row<'_>) -> Option<Shift> {
        let moment = |name| self.table.position(name).and_then(|at| row.moment(at));
        let site = self.text(row, "site")?;
        let apart = self.references.sites.get(site).is_some_and(|(_, kind)| kind.one_site());
        Some(Shift { from: moment("from")?, to: moment("to")?, site: site.to_owned(), apart })
    }

    /// A shift leaves the rest that the rules ask for, and whoever works where people cannot protect themselves works at one site only.
    fn check_shift(&self, row: &Row<'_>) -> Result<(), Wrong> {
        let (Some(rule), Some(shift)) = (self.references.staff, self.shift(row)) else { return Ok(()) };
        let known = self.text(row, "worker").and_then(|worker| self.references.shifts.get(worker));
        let beside = |other: &Shift| format!("beside a shift at {} from {} to {}", other.site, other.from, other.to);
        match shift.against(known.map_or(&[], Vec::as_slice), rule) {
            None => Ok(()),
            Some(Against::Backwards) => {
                Err(("to", shift.to.to_string(), "a time after the beginning", "correct the end of the shift"))
            }
            Some(Against::Long) => {
                let expected = "a shift no longer than the rules allow (staff.shift)";
                Err(("to", shift.to.to_string(), expected, "divide it between two workers"))
            }
            Some(Against::Rest(other)) => {
                let expected = "the rest between two shifts that the rules ask for (staff.rest)";
                Err((
                    "from",
                    beside(other),
                    expected,
                    "give the shift to somebody who has rested, or let it begin later",
                ))
            }
            Some(Against::OneSite(other)) => {
                let expected =
                    "one hospital, care home or isolation site within the days of the rules (staff.one_site)";
                Err(("site", beside(other), expected, "give the shift to somebody who works at this site only"))
            }
        }
    }

    /// A result is released after its tube was closed. Else a clock is wrong, or it is the result of another tube: nobody is
    /// cleared or held by it until somebody has asked.
    fn check_released(&self, row: &Row<'_>) -> Result<(), Wrong> {
        let tube = self.text(row, "tube").and_then(|tube| self.references.tubes.get(tube));
        let at = self.table.position("reported_at");
        if let (Some(tube), Some(at)) = (tube, at)
            && row.moment(at).is_some_and(|released| minute_of(released) < tube.closed_min)
        {
            let mut said = String::new();
            write(self.table.columns[at].kind, row.cell(at), &mut said);
            let remedy = "look at the clocks of site and laboratory, and whether the result is of this tube";
            return Err(("reported_at", said, "a time at which the tube had been closed", remedy));
        }
        Ok(())
    }
}
