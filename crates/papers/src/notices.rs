//! Papers that people are owed: that an order binds them, that it became lighter, that it has ended, what was decided of an appeal. One
//! template for all of them, in the language of whoever is to read it. It guarantees that a paper about a contact names no case, that one
//! which binds says why, until when, where help is and how to appeal, and that each is a page of its own.

use crate::{
    Lang, Office, PaperError, Words,
    code::{Code, code},
};
use askama::Template;
use dayclear_core::{
    measures::{AppealOn, AppealState, NoticeKind, OrderKind, ZoneLevel, ZoneUnit},
    reason::Reason,
    time::{CivilDate, Instant},
};

/// A paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Number of the paper.
    pub id: String,
    /// What it tells.
    pub kind: NoticeKind,
    /// When it was made.
    pub made_at: Instant,
    /// To whom, as far as whoever prints may see it.
    pub name: String,
    /// Building, unit and door, as far as whoever prints may see them.
    pub home: Vec<String>,
    /// Whether somebody is to read it out in another language.
    pub interpreter: bool,
    /// What it is about.
    pub about: About,
    /// Digits by which it is opened on the public page, and an appeal is made: for whoever has the paper.
    pub code: String,
}

/// What a paper is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// An order.
    Order(Order),
    /// An appeal.
    Appeal(Appeal),
    /// An area.
    Area(Area),
    /// A place outside the city.
    Outside(PlaceOutside),
}

/// A place outside the city for somebody who is to go there.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceOutside {
    /// Name of the place.
    pub place: String,
    /// Whether it is still confirmed.
    pub stands: bool,
    /// When the vehicle is planned at the door; nobody has planned it yet.
    pub pickup_at: Option<Instant>,
    /// Who of the receiving body said that they take the person, and when.
    pub said: Option<(String, Instant)>,
    /// Who goes there, where the paper is for the family.
    pub family_of: Option<String>,
}

/// An area as it stands. It tells of no case: whose it is is nobody's business.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Number.
    pub id: String,
    /// Level.
    pub level: ZoneLevel,
    /// Whether it is the whole building, one unit of it, or one household.
    pub extent: ZoneUnit,
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
    /// Day on which it ended.
    pub ended_on: Option<CivilDate>,
    /// Whether it binds nobody until an appeal against it is decided.
    pub suspended: bool,
    /// Whether it became part of another area, which has a paper of its own.
    pub replaced: bool,
    /// People whom it binds.
    pub people: u64,
    /// Statute.
    pub legal_basis: String,
    /// Body that issued it.
    pub body: String,
    /// Clauses, inputs and version behind it.
    pub reasons: Vec<Reason>,
}

/// An order as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Number.
    pub id: String,
    /// What it asks.
    pub kind: OrderKind,
    /// What it rests on: `case`, `contact`, `pool` or `discharge`.
    pub basis: String,
    /// Evidence; not told of contacts, because it is somebody else's case.
    pub evidence: String,
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
    /// Days on which a test is due.
    pub tests: Vec<CivilDate>,
    /// Day on which it ended.
    pub ended_on: Option<CivilDate>,
    /// Whether another order, which has a paper of its own, took its place.
    pub replaced: bool,
    /// For what it is set aside; it asks for nothing as long as it is.
    pub aside: Option<Aside>,
    /// Statute.
    pub legal_basis: String,
    /// Body that issued it.
    pub body: String,
    /// Clauses, inputs and version behind it.
    pub reasons: Vec<Reason>,
}

/// Why an order that has not ended binds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// An appeal against it is to be decided.
    Appeal,
    /// Another order binds the same person for longer.
    Other,
}

/// An appeal with what was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Appeal {
    /// Number.
    pub id: String,
    /// Against an order or an area.
    pub on: AppealOn,
    /// Number of that.
    pub subject: String,
    /// How it stands.
    pub state: AppealState,
    /// When it was filed.
    pub filed_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Why, in the words of whoever decided.
    pub decision: String,
}

/// Digits in groups of four.
pub fn grouped(code: &str) -> String {
    let digits: Vec<char> = code.chars().collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

struct Block<'a> {
    w: &'static Words,
    lang: Lang,
    notice: &'a Notice,
    office: Office<'a>,
    code: Option<Code>,
}

impl Block<'_> {
    fn say(&self, key: &str) -> String {
        self.w.say(key)
    }

    /// A message that has a form for each term.
    fn of(&self, key: &str, term: &str) -> String {
        self.w.given(key, term)
    }

    fn moment(&self, at: Instant) -> String {
        self.lang.moment(at, Some(self.office.zone))
    }

    fn made(&self) -> String {
        self.moment(self.notice.made_at)
    }

    /// First day of the order or area.
    fn from(&self) -> String {
        match &self.notice.about {
            About::Order(order) => self.lang.date(order.from),
            About::Area(area) => self.lang.date(area.from),
            About::Appeal(_) | About::Outside(_) => String::new(),
        }
    }

    /// That the order or area has ended, and when.
    fn ended(&self) -> Option<String> {
        let (key, on) = match &self.notice.about {
            About::Order(order) => ("paper-ended", order.ended_on?),
            About::Area(area) => ("paper-area-ended", area.ended_on?),
            About::Appeal(_) | About::Outside(_) => return None,
        };
        Some(self.w.get(key, &[("day", self.lang.date(on).into())]))
    }

    /// When the appeal was filed, and decided.
    fn filed(&self) -> String {
        if let About::Appeal(appeal) = &self.notice.about { self.moment(appeal.filed_at) } else { String::new() }
    }

    fn decided(&self) -> Option<String> {
        let About::Appeal(appeal) = &self.notice.about else { return None };
        appeal.decided_at.map(|at| self.moment(at))
    }

    fn home(&self) -> String {
        self.w.joined(&self.notice.home)
    }

    fn title(&self) -> String {
        match (&self.notice.about, self.notice.kind) {
            (About::Order(order), NoticeKind::Release) if order.replaced => self.w.term(order.kind),
            (About::Order(order), NoticeKind::Release) => {
                self.w.get("paper-title-release", &[("kind", self.w.term(order.kind).into())])
            }
            (About::Order(Order { aside: Some(aside), .. }), NoticeKind::Order | NoticeKind::Change) => {
                self.say(match aside {
                    Aside::Appeal => "paper-title-suspended",
                    Aside::Other => "paper-title-aside",
                })
            }
            (About::Order(order), NoticeKind::Change) => {
                self.w.get("paper-title-change", &[("kind", self.w.term(order.kind).into())])
            }
            (About::Order(order), _) => self.w.get("paper-title-order", &[("kind", self.w.term(order.kind).into())]),
            (About::Appeal(_), _) => self.say("paper-title-decision"),
            (About::Area(area), NoticeKind::Release) if !area.replaced => self.say("paper-title-area-release"),
            (About::Area(area), NoticeKind::Order | NoticeKind::Change) if area.suspended => {
                self.say("paper-title-suspended")
            }
            (About::Area(_), NoticeKind::Change) => self.say("paper-title-area-change"),
            (About::Area(_), _) => self.say("paper-title-area"),
            (About::Outside(place), _) => self.say(match (place.stands, &place.family_of) {
                (false, _) => "paper-title-outside-not",
                (true, None) => "paper-title-outside",
                (true, Some(_)) => "paper-title-outside-family",
            }),
        }
    }

    /// Whether it tells somebody that they are bound.
    fn binds(&self) -> bool {
        matches!(self.notice.kind, NoticeKind::Order | NoticeKind::Change)
    }

    /// What is asked of the person; of an order that is set aside, that nothing is.
    fn order_asks(&self, order: &Order) -> String {
        match order.aside {
            None => self.of("asks", order.kind.name()),
            Some(Aside::Appeal) => self.say("paper-suspended"),
            Some(Aside::Other) => self.say("paper-aside"),
        }
    }

    /// Word and value of each fact of an order that binds.
    fn facts(&self, order: &Order) -> Vec<(String, String)> {
        let day = |day: CivilDate| self.lang.date(day);
        let mut facts = vec![
            (self.say("paper-from"), day(order.from)),
            (self.say("paper-until"), self.w.get("paper-until-said", &[("day", day(order.until).into())])),
        ];
        // no test is due under what asks for nothing
        if !order.tests.is_empty() && order.aside.is_none() {
            let days: Vec<String> = order.tests.iter().map(|test| day(*test)).collect();
            facts.push((self.say("paper-tests"), self.w.joined(&days)));
        }
        facts.push((self.say("paper-why"), self.of("bound", &order.basis)));
        if order.basis != "contact" {
            facts.push((self.say("paper-evidence"), order.evidence.clone()));
        }
        facts.push((self.say("paper-milder"), self.of("milder", order.kind.name())));
        self.rules(&mut facts, &order.reasons, &order.legal_basis, &order.body);
        facts
    }

    /// Word and value of each fact of an area that stands.
    fn area_facts(&self, area: &Area) -> Vec<(String, String)> {
        let day = |day: CivilDate| self.lang.date(day);
        let mut facts = vec![
            (self.say("paper-area-level"), self.w.term(area.level)),
            (self.say("paper-from"), day(area.from)),
            (self.say("paper-until"), self.w.get("paper-until-said", &[("day", day(area.until).into())])),
            (self.say("paper-why"), self.say("paper-area-why")),
            (self.say("paper-milder"), self.say("paper-area-milder")),
            (self.say("paper-area-people"), self.lang.number(area.people)),
        ];
        self.rules(&mut facts, &area.reasons, &area.legal_basis, &area.body);
        facts
    }

    /// What is asked of whoever lives there: to stay in the home, the unit or the building.
    fn area_asks(&self, area: &Area) -> String {
        self.say(match area.extent {
            _ if area.suspended => "paper-area-suspended",
            ZoneUnit::Household => "paper-area-asks-household",
            ZoneUnit::Floor | ZoneUnit::Unit => "paper-area-asks-unit",
            ZoneUnit::Building | ZoneUnit::Compound => "paper-area-asks-building",
        })
    }

    /// Where somebody is to go.
    fn outside_lead(&self, place: &PlaceOutside) -> String {
        let at = place.place.as_str();
        match &place.family_of {
            None => self.w.get("paper-outside-lead", &[("place", at.into())]),
            Some(name) => {
                self.w.get("paper-outside-family-lead", &[("place", at.into()), ("name", name.as_str().into())])
            }
        }
    }

    /// Word and value of each fact of a place outside the city.
    fn outside_facts(&self, place: &PlaceOutside) -> Vec<(String, String)> {
        let mut facts = vec![(self.say("paper-outside-place"), place.place.clone())];
        if let Some((who, at)) = &place.said {
            facts.push((self.say("paper-outside-by"), who.clone()));
            facts.push((self.say("paper-outside-at"), self.moment(*at)));
        }
        let pickup = place.pickup_at.map_or_else(|| self.say("paper-outside-pickup-open"), |at| self.moment(at));
        facts.push((self.say("paper-outside-pickup"), pickup));
        facts.push((self.say("paper-outside-until"), self.say("paper-outside-until-said")));
        facts
    }

    /// The rules behind it, each once, and in whose name.
    fn rules(&self, facts: &mut Vec<(String, String)>, reasons: &[Reason], law: &str, body: &str) {
        for reason in reasons {
            let said = [
                ("clause", reason.clause.clone().into()),
                ("pack", self.w.pack(&reason.pack).into()),
                ("mark", reason.mark.to_string().into()),
            ];
            let fact = (self.say("paper-rule"), self.w.get("paper-rule-said", &said));
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        facts.push((self.say("paper-law"), law.to_owned()));
        facts.push((self.say("paper-body"), body.to_owned()));
    }

    fn digits(&self) -> String {
        grouped(&self.notice.code)
    }
}

#[derive(Template)]
#[template(path = "notices.html")]
struct Blocks<'a> {
    blocks: Vec<Block<'a>>,
}

#[derive(Template)]
#[template(path = "notices-head.html")]
struct Head<'a> {
    lang: Lang,
    title: &'a str,
}

/// The pages of papers, each in its language.
pub fn blocks(papers: &[(Lang, Notice)], office: Office<'_>) -> Result<String, PaperError> {
    let blocks: Result<Vec<Block<'_>>, PaperError> = papers
        .iter()
        .map(|(lang, notice)| {
            let code = Some(code(&notice.id)?);
            Ok(Block { w: Words::of(*lang), lang: *lang, notice, office, code })
        })
        .collect();
    Ok(Blocks { blocks: blocks? }.render()?)
}

/// What a paper says, without the code for a scanner: for the telephone of whoever has it.
pub fn told(lang: Lang, notice: &Notice, office: Office<'_>) -> Result<String, PaperError> {
    let block = Block { w: Words::of(lang), lang, notice, office, code: None };
    Ok(Blocks { blocks: vec![block] }.render()?)
}

/// The beginning of a file of papers; [`blocks`] follow, as many as there are, and [`END`].
pub fn begin(lang: Lang, title: &str) -> Result<String, PaperError> {
    Ok(Head { lang, title }.render()?)
}

/// The end of a file of papers.
pub const END: &str = "</body></html>\n";

#[cfg(test)]
mod tests;
