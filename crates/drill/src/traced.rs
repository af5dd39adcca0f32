//! How tracing did beside the truth: whether everybody who was infected by somebody was a contact before being found, and where not, why not
//! and in which setting. It may use the lists of the service and the truth of the city, and changes neither.

use crate::{
    DrillError,
    living::Living,
    score::share,
    service::{Row, Service, at, text},
    tracers::ASKED_DAYS,
};
use dayclear_core::{
    access::Role,
    time::{CivilDate, Instant},
};
use dayclear_engines::outbreak::{Hold, Layer};
use serde::{Serialize, Serializer};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::RangeInclusive,
};

/// Share of a case's infectiousness that may be over when it is held, for it to have been held before it was infectious.
const EARLY: f64 = 0.05;

/// How tracing met an infection of one person by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Listed as a contact of whoever infected them, before they were found.
    Named,
    /// Listed as a contact of another case, before they were found.
    Another,
    /// Found before whoever infected them.
    FoundFirst,
    /// Listed as a contact of whoever infected them, after they were found.
    Late,
    /// Nobody found whoever infected them, so that nobody could be asked.
    InfectorUnknown,
    /// Whoever infected them is still being asked.
    Asking,
    /// Infected before the days about which the case was asked.
    Earlier,
    /// Infected after the swab of the case: on days about which nobody asks any more.
    Later,
    /// On a day about which the case was asked, and it did not name them.
    NotNamed,
}

impl Way {
    /// Whether tracing missed the infection.
    pub const fn missed(self) -> bool {
        !matches!(self, Way::Named | Way::Another | Way::FoundFirst)
    }
    /// Key of the word.
    pub const fn key(self) -> &'static str {
        match self {
            Way::Named => "drill-way-named",
            Way::Another => "drill-way-another",
            Way::FoundFirst => "drill-way-found_first",
            Way::Late => "drill-way-late",
            Way::InfectorUnknown => "drill-way-infector_unknown",
            Way::Asking => "drill-way-asking",
            Way::Earlier => "drill-way-earlier",
            Way::Later => "drill-way-later",
            Way::NotNamed => "drill-way-not_named",
        }
    }
}

/// An infection that tracing missed. People are made up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missed {
    /// Who was infected.
    pub person: String,
    /// By whom.
    pub by: String,
    /// Where.
    #[serde(serialize_with = "name")]
    pub setting: Layer,
    /// On which day.
    pub on: CivilDate,
    /// Why it was missed.
    pub why: Way,
}

/// Infections of one person by another in a setting, by how tracing met them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// Where.
    #[serde(serialize_with = "name")]
    pub setting: Layer,
    /// How many were met how.
    pub ways: BTreeMap<Way, u64>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde asks for
fn name<S: Serializer>(setting: &Layer, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(setting.name())
}

/// Key of the word for a setting.
pub(crate) const fn key_of(setting: Layer) -> &'static str {
    match setting {
        Layer::Household => "drill-setting-household",
        Layer::Building => "drill-setting-building",
        Layer::School => "drill-setting-school",
        Layer::Work => "drill-setting-work",
        Layer::Care => "drill-setting-care",
        Layer::Market => "drill-setting-market",
        Layer::Transport => "drill-setting-transport",
        Layer::City => "drill-setting-city",
        Layer::Import => "drill-setting-import",
    }
}

/// Tracing beside the truth.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Traced {
    /// Infections of one person by another, setting by setting.
    pub settings: Vec<Setting>,
    /// Those that were missed, by day and person.
    pub missed: Vec<Missed>,
    /// Of those infected by somebody, the share held before a twentieth of their infectiousness was over. Whoever is not held and
    /// has not come so far is not counted.
    pub held_before_infectious: Option<f64>,
    /// Mean share of the infectiousness of the same people that was over when they were held, or at the end.
    pub infectious_while_free: Option<f64>,
}

impl Traced {
    /// Share of the infections that tracing did not miss; none where nobody infected anybody.
    pub fn share(&self) -> Option<f64> {
        let all: u64 = self.settings.iter().flat_map(|setting| setting.ways.values()).sum();
        share(all as usize - self.missed.len(), all as usize)
    }
    /// Infections that were missed, by why.
    pub fn reasons(&self) -> BTreeMap<Way, u64> {
        let mut reasons = BTreeMap::new();
        self.missed.iter().for_each(|missed| *reasons.entry(missed.why).or_default() += 1);
        reasons
    }
}

/// The case of whoever infected somebody.
struct Infector {
    found: Instant,
    /// Days of the outbreak about which it was asked.
    asked: RangeInclusive<u16>,
    /// Whether the interview is over.
    over: bool,
}

/// What is known of an infection.
struct Facts<'a> {
    /// Day of the outbreak.
    on: u16,
    /// When the person was found.
    found: Option<Instant>,
    /// When they were listed as a contact of whoever infected them.
    named: Option<Instant>,
    /// When they were first listed as a contact of another case.
    another: Option<Instant>,
    infector: Option<&'a Infector>,
}

fn way(facts: &Facts<'_>) -> Way {
    let before_found = |listed: Instant| facts.found.is_none_or(|found| listed <= found);
    if facts.named.is_some_and(before_found) {
        return Way::Named;
    }
    if facts.another.is_some_and(before_found) {
        return Way::Another;
    }
    let Some(infector) = facts.infector else { return Way::InfectorUnknown };
    if facts.found.is_some_and(|found| found <= infector.found) {
        Way::FoundFirst
    } else if facts.named.is_some() {
        Way::Late
    } else if !infector.over {
        Way::Asking
    } else if facts.on < *infector.asked.start() {
        Way::Earlier
    } else if facts.on > *infector.asked.end() {
        Way::Later
    } else {
        Way::NotNamed
    }
}

/// Judges tracing by the cases and contacts of the service.
pub(crate) async fn judge(
    service: &mut Service<'_>,
    living: &Living,
    cases: &[Row],
    contacts: &[Row],
) -> Result<Traced, DrillError> {
    let asking = service.rows(Role::DistrictCommand, "items", "worklist=investigate&open=true").await?;
    let asking: BTreeSet<&str> = asking.iter().map(|row| text(row, "subject")).collect();
    let mut infectors: HashMap<u32, Infector> = HashMap::new();
    let mut case_of: HashMap<&str, u32> = HashMap::new();
    for case in cases {
        let Some((person, found)) = living.person(text(case, "person")).zip(at(case, "found_at")) else { continue };
        let sampled = living.days(at(case, "sampled_at").unwrap_or(found)).max(0.0) as u16;
        let asked = sampled.saturating_sub(ASKED_DAYS)..=sampled;
        case_of.insert(text(case, "id"), person);
        infectors.insert(person, Infector { found, asked, over: !asking.contains(text(case, "id")) });
    }
    let mut listed: BTreeMap<u32, Vec<(u32, Instant)>> = BTreeMap::new();
    for row in contacts {
        let pair = living.person(text(row, "person")).zip(case_of.get(text(row, "case_id")));
        if let Some(((person, case), at)) = pair.zip(at(row, "listed_at")) {
            listed.entry(person).or_default().push((*case, at));
        }
    }
    let outbreak = &living.outbreak;
    let mut traced = Traced::default();
    let mut settings: BTreeMap<Layer, BTreeMap<Way, u64>> = BTreeMap::new();
    let (mut judged, mut early, mut free) = (0, 0, 0.0);
    for (on, person) in (0..outbreak.day()).flat_map(|day| outbreak.infected_on(day).map(move |person| (day, person))) {
        let Some((Some(by), layer)) = outbreak.infector(person) else { continue };
        let lists = listed.get(&person).map_or(&[][..], Vec::as_slice);
        let first =
            |of_infector: bool| lists.iter().filter(|(case, _)| (*case == by) == of_infector).map(|(_, at)| *at).min();
        let facts = Facts {
            on,
            found: infectors.get(&person).map(|case| case.found),
            named: first(true),
            another: first(false),
            infector: infectors.get(&by),
        };
        let why = way(&facts);
        *settings.entry(layer).or_default().entry(why).or_default() += 1;
        if why.missed() {
            traced.missed.push(Missed {
                person: living.city.person_id(person),
                by: living.city.person_id(by),
                setting: layer,
                on: living.outbreak_date(on),
                why,
            });
        }
        let held = (on..outbreak.day())
            .find(|day| living.past.get(usize::from(*day)).is_some_and(|past| past.hold_of(person) != Hold::Free));
        let spent = outbreak.infectiousness_before(person, held.unwrap_or(outbreak.day())).unwrap_or_default();
        if held.is_some() || spent > EARLY {
            judged += 1;
            early += usize::from(spent <= EARLY);
            free += spent;
        }
    }
    traced.settings = settings.into_iter().map(|(setting, ways)| Setting { setting, ways }).collect();
    traced.held_before_infectious = share(early, judged);
    traced.infectious_while_free = (judged > 0).then(|| (free / judged as f64 * 1_000.0).round() / 1_000.0);
    Ok(traced)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a case, the way, the day of infection, hours of being found, named and named by another, and the infector.
    type Case<'a> = (&'a str, Way, u16, Option<i64>, Option<i64>, Option<i64>, Option<&'a Infector>);

    #[test]
    fn each_infection_is_met_in_one_way() {
        let at = |hour: i64| Instant::from_micros(hour * 3_600_000_000);
        let infector = |over| Infector { found: at(100), asked: 2..=4, over };
        let (asked, asking) = (infector(true), infector(false));
        let cases: [Case<'_>; 12] = [
            ("listed and never found", Way::Named, 3, None, Some(101), None, Some(&asked)),
            ("listed in the hour in which found", Way::Named, 3, Some(101), Some(101), None, Some(&asked)),
            ("listed by the infector and by another", Way::Named, 3, Some(120), Some(110), Some(90), Some(&asked)),
            ("listed by another alone", Way::Another, 9, Some(120), None, Some(90), None),
            (
                "listed late by the infector, in time by another",
                Way::Another,
                3,
                Some(95),
                Some(101),
                Some(90),
                Some(&asked),
            ),
            ("found before the infector", Way::FoundFirst, 3, Some(100), Some(101), None, Some(&asked)),
            ("listed after being found", Way::Late, 3, Some(101), Some(102), None, Some(&asked)),
            ("nobody knows the infector", Way::InfectorUnknown, 3, Some(101), None, Some(102), None),
            ("the interview is not over", Way::Asking, 1, Some(101), None, None, Some(&asking)),
            ("the day before those asked about", Way::Earlier, 1, Some(101), None, None, Some(&asked)),
            ("the day after the swab", Way::Later, 5, None, None, None, Some(&asked)),
            ("the first day asked about", Way::NotNamed, 2, None, None, None, Some(&asked)),
        ];
        for (said, expected, on, found, named, another, infector) in cases {
            let facts = Facts { on, found: found.map(at), named: named.map(at), another: another.map(at), infector };
            assert_eq!(way(&facts), expected, "{said}");
        }
    }
}
