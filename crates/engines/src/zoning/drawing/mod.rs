//! The smallest areas that the rules allow around the infections that open one: what each encloses, why, how many people it binds, and
//! what is left out and why. Drawn from nothing, or beside areas that stand: these are kept, put together or split as the evidence
//! changes. Pure: a pack decides, and it guarantees that no area of a drawing lies in another, that a standing area only grows by a new
//! infection, and that other rules alone make none wider or longer.

mod home;
#[cfg(test)]
mod tests;

pub use home::{Building, Enclosed, Residents};

use dayclear_core::{
    measures::{ZoneLevel, ZoneUnit},
    protocol::{AreaClock, AreaFacts, Pack, ResetFacts},
    reason::Reason,
    time::CivilDate,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An infection, and where the person lives.
#[derive(Clone, Debug)]
pub struct Found {
    /// Case.
    pub case: String,
    /// The home as far as the roster knows it; `None`: nobody knows where they live.
    pub home: Option<Enclosed>,
    /// Day of the sample.
    pub sampled_on: CivilDate,
    /// What decides whether it opens an area.
    pub facts: AreaFacts,
    /// What decides whether it starts the clock of an area again.
    pub resets: ResetFacts,
    /// Standing area that rests on it already.
    pub rests_in: Option<String>,
    /// First day of the area in which it rested first; what is split off counts from there.
    pub since: Option<CivilDate>,
}

/// An area that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Id.
    pub id: String,
    /// What it encloses.
    pub place: Enclosed,
    /// First day.
    pub opened_on: CivilDate,
    /// Day of the last infection that counts.
    pub last_new_on: CivilDate,
    /// Last day.
    pub ends_on: CivilDate,
    /// Whether it was drawn under other rules: what it rests on is decided anew.
    pub anew: bool,
    /// Whether a higher duty allowed it beyond the rule: it rests on no case, and ends by its own day.
    pub allowed: bool,
}

/// What is known of a city when areas are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Today.
    pub today: CivilDate,
    /// Finest kind that can be drawn, whatever the rules would allow.
    pub finest: ZoneUnit,
    /// Infections: new ones, and all on which the standing areas given here rest.
    pub found: &'a [Found],
    /// Areas that stand.
    pub standing: &'a [Standing],
    /// Homes of contacts, as far as they are known.
    pub contacts: &'a [Enclosed],
    /// Places at which cases were while they could pass it on: place and case.
    pub visits: &'a [(String, String)],
    /// Who lives where, at least in the buildings of the infections.
    pub residents: &'a Residents,
}

/// What became of the areas that stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// Nothing stood there.
    Opened,
    /// The area of this id goes on.
    Kept(String),
    /// Areas that stood in parts of it are one from now on.
    Merged(Vec<String>),
    /// It is a part of a wider one, for which nothing stands any more.
    Split(String),
}

/// An area of a drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// What it encloses.
    pub place: Enclosed,
    /// Risk.
    pub level: ZoneLevel,
    /// Cases that it rests on, by position in [`Scene::found`], with why each opens an area; those that rested in it before come without.
    pub cases: Vec<(usize, Option<Reason>)>,
    /// Why it is no smaller; `None` for a standing area of a kind that the rules in force do not name.
    pub unit: Option<Reason>,
    /// First day.
    pub opened_on: CivilDate,
    /// Day of the last infection that counts.
    pub last_new_on: CivilDate,
    /// Last day.
    pub ends_on: CivilDate,
    /// People it binds.
    pub people: u32,
    /// People of the same building whom it leaves free.
    pub spared: u32,
    /// What a higher duty could allow instead, and how many people that would bind in all.
    pub wider: Option<(ZoneUnit, u32)>,
    /// What became of the areas that stood there.
    pub course: Course,
    /// Further areas that stood in parts of it and are part of it from now on.
    pub absorbed: Vec<String>,
}

/// Why an infection opens no area.
#[derive(Clone, Debug, PartialEq)]
pub enum LeftOut {
    /// Nobody knows where the person lives.
    NoAddress,
    /// A kind of infection that opens none, or rules that know none.
    Exempt(Reason),
}

/// Why a standing area is not part of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Now part of this.
    Merged(Enclosed),
    /// Now these, which are smaller.
    Split(Vec<Enclosed>),
    /// No infection that opens an area stands for it.
    NoCase,
}

/// Areas, and what they leave out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Areas, in order of place.
    pub areas: Vec<Drawn>,
    /// Infections that open none, by position in [`Scene::found`].
    pub left_out: Vec<(usize, LeftOut)>,
    /// Standing areas that are not among them, in order of id.
    pub ended: Vec<(String, Ended)>,
    /// Buildings outside all areas in which contacts live, with their number: an order binds each of them, and no area.
    pub contacts_outside: BTreeMap<String, u32>,
    /// Places at which several of the cases that open an area were: the rules enclose homes, so a person looks at them.
    pub shared_places: BTreeMap<String, u32>,
}

impl Drawing {
    /// People whom the areas bind.
    pub fn people(&self) -> u64 {
        self.areas.iter().map(|area| u64::from(area.people)).sum()
    }
}

/// Cases of a place, with the reasons of those that are new to it.
type Resting = Vec<(usize, Option<Reason>)>;

/// Draws the areas.
pub fn draw(pack: &Pack, scene: &Scene<'_>) -> Drawing {
    let mut drawing = Drawing::default();
    let standing: HashMap<&str, &Standing> = scene.standing.iter().map(|area| (area.id.as_str(), area)).collect();
    let knows_areas = pack.area().is_some();
    let mut places: BTreeMap<Enclosed, Resting> = BTreeMap::new();
    for (at, found) in scene.found.iter().enumerate() {
        let rests = found.rests_in.as_deref().and_then(|id| standing.get(id).copied());
        let reason = match rests {
            // decided when it was found; other rules may only let it go
            Some(area) if !area.anew && knows_areas => None,
            _ => {
                let decided = pack.opens_area(&found.facts);
                if !decided.value {
                    drawing.left_out.push((at, LeftOut::Exempt(decided.reason)));
                    continue;
                }
                Some(decided.reason)
            }
        };
        let smallest = found.home.as_ref().and_then(|home| smallest(pack, scene.finest, home));
        let place = match (rests, smallest) {
            // never wider by itself, and nowhere else: not by other rules, and not because less is known of a home
            (Some(area), Some(place)) if !area.allowed && area.place.holds(&place) => place,
            (Some(area), _) => area.place.clone(),
            (None, Some(place)) => place,
            (None, None) => {
                drawing.left_out.push((at, LeftOut::NoAddress));
                continue;
            }
        };
        places.entry(place).or_default().push((at, reason));
    }
    let places = outermost(places);
    let mut stand_in: HashMap<&str, Vec<&Standing>> = HashMap::new();
    for area in scene.standing {
        stand_in.entry(area.place.building.as_str()).or_default().push(area);
    }
    for (place, cases) in &places {
        let here = stand_in.get(place.building.as_str()).map_or(&[][..], Vec::as_slice);
        drawing.areas.extend(area(pack, scene, here, &places, place, cases));
    }
    drawing.ended = ended(scene, &places);
    outside(scene, &mut drawing);
    drawing
}

/// The smallest place around a home that the rules allow and that can be drawn; `None`: they know no areas, or none of what is known of it.
pub fn smallest(pack: &Pack, finest: ZoneUnit, home: &Enclosed) -> Option<Enclosed> {
    let known: Vec<ZoneUnit> = home.kinds().filter(|kind| *kind >= finest).collect();
    home.up_to(pack.area_unit(&known)?.value)
}

/// Places within another one become part of it.
fn outermost(places: BTreeMap<Enclosed, Resting>) -> BTreeMap<Enclosed, Resting> {
    let mut outer: BTreeMap<Enclosed, Resting> = BTreeMap::new();
    // the wider of a building come first
    let mut order: Vec<(Enclosed, Resting)> = places.into_iter().collect();
    order.sort_by(|(a, _), (b, _)| (&a.building, b.kind(), a).cmp(&(&b.building, a.kind(), b)));
    for (place, cases) in order {
        let around = of_building(&outer, &place.building).find(|other| other.holds(&place)).cloned();
        let place = around.unwrap_or(place);
        outer.entry(place).or_default().extend(cases);
    }
    outer.values_mut().for_each(|cases| cases.sort_by_key(|(at, _)| *at));
    outer
}

/// Places of one building.
fn of_building<'p>(places: &'p BTreeMap<Enclosed, Resting>, building: &'p str) -> impl Iterator<Item = &'p Enclosed> {
    let from = places.range(Enclosed::building(building)..).map(|(place, _)| place);
    from.take_while(move |place| place.building == building)
}

fn area(
    pack: &Pack,
    scene: &Scene<'_>,
    stand_in: &[&Standing],
    places: &BTreeMap<Enclosed, Resting>,
    place: &Enclosed,
    cases: &Resting,
) -> Option<Drawn> {
    let rule = pack.area()?;
    let of = |case: &(usize, Option<Reason>)| &scene.found[case.0];
    let ours = |area: &&Standing| !area.allowed || area.place == *place;
    let here: Vec<&Standing> = stand_in.iter().copied().filter(ours).filter(|area| place.holds(&area.place)).collect();
    let same = here.iter().find(|area| area.place == *place).copied();
    let parts: Vec<&Standing> = here.iter().filter(|area| area.place != *place).copied().collect();
    let around = stand_in.iter().copied().find(|area| {
        !area.allowed && area.place.holds(place) && area.place != *place && !places.contains_key(&area.place)
    });
    let sampled = |fresh: bool| {
        let cases = cases.iter().map(of).filter(move |found| !fresh || found.rests_in.is_none());
        cases.map(|found| found.sampled_on).max()
    };
    let clock = |opened: CivilDate, last: CivilDate| {
        let clock = AreaClock { opened, last_new_infection: last, today: scene.today, all_negative_on: &[] };
        pack.area_release(&clock).value.forecast
    };
    let parts_last = parts.iter().map(|area| area.last_new_on).max();
    let names = |areas: &[&Standing]| areas.iter().map(|area| area.id.clone()).collect::<Vec<_>>();
    let (course, absorbed, opened_on, last_new_on, ends_on) = match (same, around) {
        (Some(area), _) => {
            let resets = |found: &&Found| {
                found.rests_in.as_deref() != Some(area.id.as_str()) && pack.resets_clock(&found.resets).value
            };
            let last = cases.iter().map(of).filter(resets).map(|found| found.sampled_on).chain(parts_last).max();
            let last_new = area.last_new_on.max(last.unwrap_or(area.last_new_on));
            let ends = match last {
                Some(_) => area.ends_on.max(clock(area.opened_on, last_new)),
                // other rules only shorten it
                None if area.anew => area.ends_on.min(clock(area.opened_on, last_new)),
                None => area.ends_on,
            };
            (Course::Kept(area.id.clone()), names(&parts), area.opened_on, last_new, ends)
        }
        (None, Some(area)) if parts.is_empty() && sampled(true).is_none() => {
            let last = sampled(false).unwrap_or(area.last_new_on).min(area.last_new_on);
            let since = cases.iter().map(of).filter_map(|found| found.since).min();
            let opened = since.unwrap_or(area.opened_on).min(area.opened_on);
            let ends = clock(opened, last).min(area.ends_on);
            (Course::Split(area.id.clone()), Vec::new(), opened, last, ends)
        }
        _ => {
            let last = sampled(false).into_iter().chain(parts_last).max().unwrap_or(scene.today);
            let course = if parts.is_empty() { Course::Opened } else { Course::Merged(names(&parts)) };
            (course, Vec::new(), scene.today, last, clock(scene.today, last))
        }
    };
    let people = scene.residents.people(place);
    let building = scene.residents.people(&place.whole());
    let wider = pack.area_wider(place.kind()).map(|decided| decided.value);
    Some(Drawn {
        place: place.clone(),
        level: rule.level,
        cases: cases.clone(),
        unit: pack.area_unit(&[place.kind()]).map(|decided| decided.reason),
        opened_on,
        last_new_on,
        ends_on,
        people,
        spared: building.saturating_sub(people),
        wider: wider.and_then(|kind| Some((kind, scene.residents.around(place, kind)?))),
        course,
        absorbed,
    })
}

fn ended(scene: &Scene<'_>, places: &BTreeMap<Enclosed, Resting>) -> Vec<(String, Ended)> {
    let one = |area: &Standing| {
        if area.allowed || places.contains_key(&area.place) {
            return None;
        }
        let here = || of_building(places, &area.place.building);
        let around = here().find(|place| place.holds(&area.place));
        let parts: Vec<Enclosed> = here().filter(|place| area.place.holds(place)).cloned().collect();
        let how = match (around, parts.is_empty()) {
            (Some(place), _) => Ended::Merged(place.clone()),
            (None, false) => Ended::Split(parts),
            (None, true) => Ended::NoCase,
        };
        Some((area.id.clone(), how))
    };
    let mut ended: Vec<_> = scene.standing.iter().filter_map(one).collect();
    ended.sort_by(|a, b| a.0.cmp(&b.0));
    ended
}

/// What the areas leave out beside infections: contacts who live elsewhere, and places that several cases shared.
fn outside(scene: &Scene<'_>, drawing: &mut Drawing) {
    let mut by_building: HashMap<&str, Vec<&Enclosed>> = HashMap::new();
    for area in &drawing.areas {
        by_building.entry(area.place.building.as_str()).or_default().push(&area.place);
    }
    for home in scene.contacts {
        let inside = by_building.get(home.building.as_str()).is_some_and(|all| all.iter().any(|area| area.holds(home)));
        if !inside {
            *drawing.contacts_outside.entry(home.building.clone()).or_default() += 1;
        }
    }
    let resting = drawing.areas.iter().flat_map(|area| &area.cases);
    let opening: BTreeSet<&str> = resting.map(|(at, _)| scene.found[*at].case.as_str()).collect();
    let visits: BTreeSet<&(String, String)> = scene.visits.iter().collect();
    let mut shared: BTreeMap<&str, u32> = BTreeMap::new();
    for (place, _) in visits.iter().filter(|(_, case)| opening.contains(case.as_str())) {
        *shared.entry(place.as_str()).or_default() += 1;
    }
    drawing.shared_places =
        shared.into_iter().filter(|(_, cases)| *cases > 1).map(|(place, cases)| (place.to_owned(), cases)).collect();
}
