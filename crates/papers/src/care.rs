//! The record of somebody's care as it is printed: to go along with them to a place outside the city, at the end of a stay, or while it
//! lasts. One template in three languages. It guarantees that what nobody recorded stands as not recorded, and that it says what it does
//! not hold.

use crate::{Lang, Office, PaperError, Words};
use askama::Template;
use dayclear_core::{
    cases::{Classification, Severity},
    measures::OrderKind,
    roster::Sex,
    screening::Finding,
    time::{CivilDate, Instant},
};

/// For what the record is.
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// It goes along to a place outside the city.
    HandOver {
        /// The place.
        to: String,
        /// Who there said that they take the person, and when.
        taken_by: Option<(String, Instant)>,
    },
    /// The stay has ended.
    Stay {
        /// When.
        left_at: Instant,
    },
    /// The stay goes on.
    SoFar,
}

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// For what it is.
    pub purpose: Purpose,
    /// Number of the transfer.
    pub number: String,
    /// As of when.
    pub at: Instant,
    /// Who writes: the body and the district.
    pub body: String,
    /// The disease, as packs name it.
    pub disease: String,
    /// Name, as far as whoever prints may see it.
    pub name: String,
    /// Id on the roster.
    pub person: String,
    /// Sex as registered.
    pub sex: Sex,
    /// Date of birth.
    pub born: Option<CivilDate>,
    /// Telephone.
    pub phone: String,
    /// Needs, in words of the language.
    pub needs: Vec<String>,
    /// The case, where the person is one.
    pub case: Option<Illness>,
    /// Places in which the person lay, in order of time.
    pub stays: Vec<Place>,
    /// Records of days, in order of time.
    pub days: Vec<Daily>,
    /// Tests, in order of time.
    pub tests: Vec<Test>,
    /// Orders that bind the person now.
    pub after: Vec<After>,
}

/// A case.
#[derive(Debug, Clone, PartialEq)]
pub struct Illness {
    /// When it was found.
    pub found_at: Instant,
    /// First day of symptoms.
    pub onset: Option<CivilDate>,
    /// How it counts.
    pub class: Classification,
    /// Severity, as it was recorded last.
    pub severity: Severity,
}

/// A stay.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Facility.
    pub name: String,
    /// Bed.
    pub bed: String,
    /// Since when.
    pub from: Instant,
    /// Until when; it goes on.
    pub until: Option<Instant>,
}

/// How somebody was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Daily {
    /// When.
    pub at: Instant,
    /// How ill.
    pub severity: Severity,
    /// Degrees Celsius.
    pub temperature: Option<f64>,
    /// Saturation at rest, percent.
    pub oxygen: Option<i64>,
    /// Symptoms, as codes.
    pub symptoms: Vec<String>,
}

/// A test.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// When the swab was taken.
    pub at: Instant,
    /// Swabs in the tube.
    pub size: i64,
    /// What was found.
    pub finding: Finding,
    /// Lower Ct of the two genes.
    pub ct: Option<f64>,
}

/// An order that binds.
#[derive(Debug, Clone, PartialEq)]
pub struct After {
    /// What it asks.
    pub kind: OrderKind,
    /// First and last day.
    pub days: (CivilDate, CivilDate),
    /// Days of tests.
    pub tests: Vec<CivilDate>,
}

/// What stands where nobody recorded anything.
const NOTHING: &str = "–";

#[derive(Template)]
#[template(path = "care.html")]
struct Page<'a> {
    w: &'static Words,
    lang: Lang,
    office: Office<'a>,
    record: &'a Record,
}

impl Page<'_> {
    fn say(&self, key: &str) -> String {
        self.w.say(key)
    }

    fn moment(&self, at: &Instant) -> String {
        self.lang.moment(*at, Some(self.office.zone))
    }

    fn title(&self) -> String {
        self.say(match self.record.purpose {
            Purpose::HandOver { .. } => "care-title-hand_over",
            Purpose::Stay { .. } => "care-title-stay",
            Purpose::SoFar => "care-title-so_far",
        })
    }

    /// What stands above everything: who takes the person, or that they have left.
    fn lead(&self) -> String {
        match &self.record.purpose {
            Purpose::HandOver { taken_by: Some((who, at)), .. } => {
                self.w.get("care-taken", &[("who", who.as_str().into()), ("at", self.moment(at).into())])
            }
            Purpose::HandOver { taken_by: None, .. } => self.say("care-not-taken"),
            Purpose::Stay { left_at } => self.w.get("care-left", &[("at", self.moment(left_at).into())]),
            Purpose::SoFar => self.w.get("care-goes-on", &[("at", self.moment(&self.record.at).into())]),
        }
    }

    fn to(&self) -> Option<&str> {
        match &self.record.purpose {
            Purpose::HandOver { to, .. } => Some(to),
            _ => None,
        }
    }

    /// Name and value of what is known of the person.
    fn person(&self) -> Vec<(String, String)> {
        let record = self.record;
        let mut lines = vec![
            (self.say("field-sex"), self.w.term(record.sex)),
            (self.say("field-birth_date"), record.born.map_or_else(|| NOTHING.to_owned(), |day| self.lang.date(day))),
        ];
        lines.extend((!record.phone.is_empty()).then(|| (self.say("field-phone"), record.phone.clone())));
        let needs = match record.needs.is_empty() {
            true => self.say("care-needs-none"),
            false => self.w.joined(&record.needs),
        };
        lines.push((self.say("field-needs"), needs));
        lines.push((self.say("care-disease"), self.w.given("disease", &record.disease)));
        match &record.case {
            Some(case) => {
                let onset = case.onset.map_or_else(|| NOTHING.to_owned(), |day| self.lang.date(day));
                lines.extend([
                    (self.say("field-found_at"), self.moment(&case.found_at)),
                    (self.say("field-onset"), onset),
                    (self.say("field-classification"), self.w.term(case.class)),
                    (self.say("field-severity"), self.w.term(case.severity)),
                ]);
            }
            None => lines.push((self.say("field-classification"), self.say("care-no-case"))),
        }
        lines
    }

    fn until(&self, place: &Place) -> String {
        place.until.as_ref().map_or_else(|| self.say("care-still"), |at| self.moment(at))
    }

    fn severity(&self, day: &Daily) -> String {
        self.w.term(day.severity)
    }

    fn temperature(&self, day: &Daily) -> String {
        day.temperature.map_or_else(|| NOTHING.to_owned(), |celsius| format!("{celsius:.1} °C"))
    }

    fn oxygen(&self, day: &Daily) -> String {
        day.oxygen.map_or_else(|| NOTHING.to_owned(), |percent| format!("{percent} %"))
    }

    fn symptoms(&self, day: &Daily) -> String {
        match day.symptoms.is_empty() {
            true => NOTHING.to_owned(),
            false => self.w.joined(&day.symptoms.iter().map(|code| self.w.given("symptom", code)).collect::<Vec<_>>()),
        }
    }

    fn finding(&self, test: &Test) -> String {
        let finding = self.w.term(test.finding);
        match test.size {
            ..=1 => finding,
            size => self.w.joined(&[finding, self.w.get("care-pool", &[("size", size.unsigned_abs().into())])]),
        }
    }

    fn ct(&self, test: &Test) -> String {
        test.ct.map_or_else(|| NOTHING.to_owned(), |ct| format!("{ct:.1}"))
    }

    fn after(&self, order: &After) -> String {
        let (from, until) = order.days;
        let said = [
            ("kind", self.w.term(order.kind).into()),
            ("from", self.lang.date(from).into()),
            ("until", self.lang.date(until).into()),
        ];
        let bound = self.w.get("care-after-said", &said);
        match order.tests.is_empty() {
            true => bound,
            false => {
                let days: Vec<String> = order.tests.iter().map(|day| self.lang.date(*day)).collect();
                self.w.joined(&[bound, self.w.get("care-after-tests", &[("days", self.w.joined(&days).into())])])
            }
        }
    }

    fn limits(&self) -> String {
        self.w.get("care-limits", &[("at", self.moment(&self.record.at).into())])
    }
}

/// The page of a record.
pub fn page(lang: Lang, record: &Record, office: Office<'_>) -> Result<String, PaperError> {
    Ok(Page { w: Words::of(lang), lang, office, record }.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    /// Stays that have ended are made up here, and all else is not.
    fn office(purpose: &Purpose) -> Office<'static> {
        Office { zone: "Asia/Shanghai", exercise: matches!(purpose, Purpose::Stay { .. }) }
    }

    fn record(purpose: Purpose) -> Record {
        let ended = matches!(purpose, Purpose::Stay { .. });
        Record {
            purpose,
            number: "M20221120-P001".to_owned(),
            at: at("2022-11-27T08:00:00Z"),
            body: "District health office".to_owned(),
            disease: "covid-19".to_owned(),
            name: "<周海>".to_owned(),
            person: "P001".to_owned(),
            sex: Sex::Female,
            born: Some("1951-03-02".parse().unwrap()),
            phone: "13900001111".to_owned(),
            needs: vec!["X".to_owned()],
            case: Some(Illness {
                found_at: at("2022-11-20T12:00:00Z"),
                onset: None,
                class: Classification::Confirmed,
                severity: Severity::Ordinary,
            }),
            stays: vec![Place {
                name: "Hospital 1".to_owned(),
                bed: "H1-7".to_owned(),
                from: at("2022-11-20T15:00:00Z"),
                until: ended.then(|| at("2022-11-27T07:00:00Z")),
            }],
            days: vec![
                Daily {
                    at: at("2022-11-21T01:00:00Z"),
                    severity: Severity::Ordinary,
                    temperature: Some(38.25),
                    oxygen: Some(94),
                    symptoms: vec!["fever".to_owned(), "cough".to_owned()],
                },
                Daily {
                    at: at("2022-11-26T01:00:00Z"),
                    severity: Severity::Mild,
                    temperature: None,
                    oxygen: None,
                    symptoms: Vec::new(),
                },
            ],
            tests: vec![
                Test { at: at("2022-11-20T04:00:00Z"), size: 10, finding: Finding::Positive, ct: Some(22.04) },
                Test { at: at("2022-11-26T02:00:00Z"), size: 1, finding: Finding::Negative, ct: None },
            ],
            after: match ended {
                true => vec![After {
                    kind: OrderKind::HomeMonitoring,
                    days: ("2022-11-27".parse().unwrap(), "2022-12-03".parse().unwrap()),
                    tests: vec!["2022-11-29".parse().unwrap(), "2022-12-03".parse().unwrap()],
                }],
                false => Vec::new(),
            },
        }
    }

    #[test]
    fn a_record_reads_as_it_should_in_each_language() {
        let mut told = String::new();
        let taken_by = Some(("Dr Li".to_owned(), at("2022-11-27T06:00:00Z")));
        for purpose in [
            Purpose::HandOver { to: "Hospital of Chengdu".to_owned(), taken_by },
            Purpose::Stay { left_at: at("2022-11-27T07:00:00Z") },
            Purpose::SoFar,
        ] {
            for lang in Lang::ALL {
                let html = page(*lang, &record(purpose.clone()), office(&purpose)).unwrap();
                let body = html.split_once("<body>").unwrap().1;
                told.push_str(&format!("== {}\n{body}", lang.tag()));
                let marked = body.contains(&Words::of(*lang).say("exercise-said"));
                assert_eq!(
                    marked,
                    matches!(purpose, Purpose::Stay { .. }),
                    "an exercise says so, and nothing else does"
                );
                assert!(!body.contains("care-"), "a key without a message: {body}");
                assert!(html.contains("&#60;周海&#62;") && html.contains("38.2 °C") && html.contains("22.0"), "{html}");
            }
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn what_nobody_recorded_stands_as_not_recorded() {
        let bare = Record {
            case: None,
            born: None,
            sex: Sex::Unknown,
            needs: Vec::new(),
            days: Vec::new(),
            tests: Vec::new(),
            ..record(Purpose::HandOver { to: "there".to_owned(), taken_by: None })
        };
        let html = page(Lang::En, &bare, office(&bare.purpose)).unwrap();
        for said in ["Nobody there has confirmed", "No daily record", "No test", "No order binds"] {
            assert!(html.contains(said), "{said}: {html}");
        }
    }
}
