//! A run of an outbreak under a built-in policy, without a service: tests, results, cases moved away, contacts traced and
//! held, buildings confined, each with its end. It gives a row for each day with the truth and with what was reported.
//! False positives, laboratories at their limit and full hospitals are not part of it; a drill against the service has them.

use super::{
    Mixing, Outbreak, Today,
    around::Around,
    asking::pooled,
    layers::{Layer, takes_place, unit},
    measures::{Hold, Measures},
    people::{Bits, People},
    policy::{Policy, Rules},
};
use crate::city::chance::{Dice, Draw};
use std::collections::BTreeMap;

/// Results that are looked at together: what is known of their people fits into the cache next to the processor.
const BATCH: usize = 64;

/// What a day brought, in truth and as reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Truth.
    pub truth: Today,
    /// Infections that were reported on the day.
    pub reported: u32,
    /// Of those, people who were not held when they were swabbed: found in the community.
    pub community: u32,
    /// People swabbed singly because they looked for a test, or because they are held.
    pub singles: u32,
    /// Tubes of the round of everybody.
    pub tubes: u32,
    /// People newly held as contacts.
    pub held: u32,
    /// Areas that are confined at the end of the day: buildings, or what the policy confines instead.
    pub confined: u32,
    /// People who live in them.
    pub confined_people: u32,
    /// People held as contacts at the end of the day, who are no case yet.
    pub holding: u32,
    /// Of those, who is held away from home.
    pub away: u32,
    /// Truth: people who are severely or critically ill at the end of the day.
    pub severe_now: u32,
}

/// A result that waits for its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    person: u32,
    community: bool,
}

/// A contact outside the household that tracing would find.
#[derive(Clone, Copy, Debug)]
struct Traced {
    case: u32,
    other: u32,
    layer: Layer,
    /// What decides whether it took place; none where it did for certain.
    draw: Option<f32>,
    /// Whether the other can be held.
    open: bool,
}

/// An outbreak, its measures, and what is under way. A copy goes on by itself, so that several policies can be played from one day.
#[derive(Clone)]
pub struct Run {
    /// The outbreak.
    pub outbreak: Outbreak,
    measures: Measures,
    policy: Policy,
    /// Day of the outbreak on which the policy's own days begin.
    since: u16,
    /// Weight of each district among those infected from outside; none: those of central districts, by who lives there.
    entry: Option<Vec<u64>>,
    seed: u64,
    found: Bits,
    /// Results by the day on which they act.
    results: Vec<Vec<Found>>,
    /// Contacts, cases and areas by the day on which their order ends.
    contact_ends: Vec<People>,
    case_ends: Vec<People>,
    area_ends: Vec<Vec<(u32, u32)>>,
    /// Last day of each confined area, by the first person in it and the one after the last, to know which end counts.
    confined: BTreeMap<(u32, u32), u16>,
    /// People held as contacts at this moment: in a large outbreak millions, so a bit for each.
    contacts: Bits,
    /// How many of them are held away from home.
    away: u32,
}

impl Run {
    /// A run whose chance beside the outbreak's comes from a seed of its own.
    pub fn new(outbreak: Outbreak, policy: Policy, seed: u64) -> Run {
        let measures = Measures::none(outbreak.city());
        let people = outbreak.city().people();
        Run {
            outbreak,
            measures,
            policy,
            since: 0,
            entry: None,
            seed,
            found: Bits::new(people),
            results: Vec::new(),
            contact_ends: Vec::new(),
            case_ends: Vec::new(),
            area_ends: Vec::new(),
            confined: BTreeMap::new(),
            contacts: Bits::new(people),
            away: 0,
        }
    }

    /// The run under another policy from the day on that comes next, which is the first of that policy's days. Orders that stand keep
    /// their end.
    pub fn under(mut self, policy: Policy) -> Run {
        (self.policy, self.since) = (policy, self.outbreak.day());
        self
    }

    /// Lets people who are infected from outside live in districts by these weights, one for each district in which people live.
    pub fn entering(mut self, weights: Vec<u64>) -> Run {
        self.entry = Some(weights);
        self
    }

    /// Plays a day.
    pub fn step(&mut self) -> Row {
        let day = self.outbreak.day();
        let own_day = day - self.since;
        let rules = *self.policy.on(own_day);
        for district in 0..self.outbreak.city().districts() {
            let place = usize::from(!self.outbreak.city().is_central(district));
            self.measures.set_activity(district, rules.activity[place]);
        }
        self.release(day);
        self.import(self.policy.imports_on(own_day));
        let mut row = Row { truth: self.outbreak.step(&self.measures), ..Row::default() };
        self.test(day, &rules, &mut row);
        let mut results = std::mem::take(at(&mut self.results, day));
        results.sort_unstable();
        for batch in results.chunks(BATCH) {
            let people = batch.iter().map(|found| found.person);
            let places = Around::all(self.outbreak.city(), self.outbreak.means(), people);
            let traced = self.trace(day, &rules, &places);
            let mut rest = traced.as_slice();
            for (found, around) in batch.iter().zip(&places) {
                row.reported += 1;
                row.community += u32::from(found.community);
                let own = rest.iter().take_while(|traced| traced.case == found.person).count();
                self.act(day, &rules, *found, (around, &rest[..own]), &mut row);
                rest = &rest[own..];
            }
        }
        row.confined = self.confined.len() as u32;
        row.confined_people = self.confined.keys().map(|(first, end)| end - first).sum();
        row.holding = self.contacts.count;
        row.away = self.away;
        row.severe_now = self.outbreak.severe_at(f32::from(day) + 1.0);
        row
    }

    /// Infects people from outside: in central districts in proportion to who lives there, or as [`Run::entering`] said.
    fn import(&mut self, count: u32) {
        let city = self.outbreak.city();
        let mut people: Vec<(std::ops::Range<u32>, u64)> = (0..city.districts())
            .map(|district| {
                let range = city.district(district);
                let weight = match &self.entry {
                    Some(weights) => weights.get(usize::from(district)).copied().unwrap_or(0),
                    None if city.is_central(district) => range.len() as u64,
                    None => 0,
                };
                (range, weight)
            })
            .collect();
        people.retain(|(_, weight)| *weight > 0);
        if people.is_empty() {
            people.push((0..city.people(), 1)); // a small city may have nobody in the centre
        }
        let whole: u64 = people.iter().map(|(_, weight)| weight).sum();
        let (mut passed, mut placed) = (0u64, 0u64);
        for (range, weight) in people.iter().filter(|_| count > 0) {
            passed += weight;
            let until = u64::from(count) * passed / whole.max(1);
            self.outbreak.import_among(range.clone(), (until - placed) as u32);
            placed = until;
        }
    }

    /// Ends the orders whose last day was yesterday.
    fn release(&mut self, day: u16) {
        std::mem::take(at(&mut self.contact_ends, day)).each(|person| {
            self.no_contact(person);
            if !self.is_found(person) {
                self.measures.hold(person, Hold::Free);
            }
        });
        std::mem::take(at(&mut self.case_ends, day)).each(|person| self.measures.hold(person, Hold::Free));
        for area in std::mem::take(at(&mut self.area_ends, day)) {
            if self.confined.get(&area).is_some_and(|until| *until <= day) {
                self.confined.remove(&area);
                self.measures.enclose(area.0..area.1, false);
            }
        }
    }

    fn is_found(&self, person: u32) -> bool {
        self.found.has(person)
    }

    /// Swabs of the day, taken at noon. Only those who shed virus can be found, so only they are looked at.
    fn test(&mut self, day: u16, rules: &Rules, row: &mut Row) {
        let noon = f32::from(day) + 0.5;
        let mut found = Vec::new();
        let city = self.outbreak.city();
        for person in self.outbreak.seekers(day, rules.seek_delay, rules.seek_share) {
            if self.is_found(person) {
                continue;
            }
            row.singles += 1;
            if self.outbreak.is_positive(self.outbreak.swab(person, noon)) {
                found.push(Found { person, community: self.is_free(person) });
            }
        }
        let rounds = rules.round_every.iter().any(|every| *every > 0);
        if rounds || rules.held_tests > 0.0 {
            for person in self.outbreak.shedding(day).filter(|person| !self.is_found(*person)) {
                let community = self.is_free(person);
                let index = u64::from(day) << 32 | u64::from(person);
                let draw = f64::from(unit(&mut Dice::new(self.seed, Draw::Policy, index)));
                let every = rules.round_every[usize::from(!city.is_central(city.district_of(person)))];
                let ct = if !community && draw < rules.held_tests {
                    self.outbreak.swab(person, noon)
                } else if community
                    && every > 0
                    && (city.community_of(person) + u32::from(day)).is_multiple_of(u32::from(every))
                    && draw < rules.round_coverage
                {
                    self.outbreak.swab(person, noon).map(|ct| ct + self.loss(rules))
                } else {
                    None
                };
                if self.outbreak.is_positive(ct) {
                    found.push(Found { person, community });
                }
            }
        }
        row.singles += (f64::from(self.contacts.count) * rules.held_tests) as u32;
        row.tubes = self.tubes(rules);
        found.sort_unstable();
        found.dedup_by_key(|found| found.person);
        for one in &found {
            self.found.set(one.person, true);
        }
        at(&mut self.results, day + rules.result_delay).extend(found);
    }

    /// Ct that a swab loses among others in its tube.
    fn loss(&self, rules: &Rules) -> f32 {
        let mut tube = vec![None; usize::from(rules.round_pool)];
        tube[0] = Some(0.0);
        pooled(&tube, Mixing::AtCollection).unwrap_or(0.0)
    }

    /// Tubes of an average day of rounds.
    fn tubes(&self, rules: &Rules) -> u32 {
        let city = self.outbreak.city();
        let people = |place: usize| -> u32 {
            let districts = (0..city.districts()).filter(|district| usize::from(!city.is_central(*district)) == place);
            districts.map(|district| city.district(district).len() as u32).sum()
        };
        let part = |place: usize| match rules.round_every[place] {
            0 => 0.0,
            every => f64::from(people(place)) / f64::from(every) * rules.round_coverage / f64::from(rules.round_pool),
        };
        (part(0) + part(1)) as u32
    }

    fn is_free(&self, person: u32) -> bool {
        self.measures.hold_of(person) == Hold::Free && !self.measures.is_enclosed(person)
    }

    /// Somebody is held as a contact no longer, if they were; their order still stands.
    fn no_contact(&mut self, person: u32) {
        if self.contacts.has(person) {
            self.contacts.set(person, false);
            self.away -= u32::from(self.measures.hold_of(person) == Hold::Away);
        }
    }

    /// A result acts: the case is moved, its contacts are held, what lies around it is confined.
    fn act(&mut self, day: u16, rules: &Rules, found: Found, (around, traced): (&Around, &[Traced]), row: &mut Row) {
        let (person, people) = (found.person, self.outbreak.city().people());
        let mut contacts = Vec::new();
        if rules.hold_days > 0 && self.measures.hold_of(person) != Hold::Away {
            if rules.hold_household {
                contacts.extend(around.household.clone().filter(|other| *other != person));
            }
            let city = self.outbreak.city();
            let took_place = |traced: &&Traced| {
                let chance = || takes_place(&self.measures, city, person, traced.other, traced.layer);
                traced.draw.is_none_or(|draw| draw < chance())
            };
            contacts.extend(traced.iter().filter(took_place).map(|traced| traced.other));
        }
        self.no_contact(person);
        self.measures.hold(person, Hold::Away);
        at(&mut self.case_ends, day + 1 + rules.case_days).add(person, people);
        contacts.sort_unstable();
        contacts.dedup();
        for other in contacts {
            if self.measures.hold_of(other) != Hold::Free || self.is_found(other) {
                continue;
            }
            let draw = || f64::from(unit(&mut Dice::new(self.seed, Draw::Holding, u64::from(other))));
            let away = rules.hold_away > 0.0 && draw() < rules.hold_away;
            self.measures.hold(other, if away { Hold::Away } else { Hold::Home });
            at(&mut self.contact_ends, day + 1 + rules.hold_days).add(other, people);
            self.contacts.set(other, true);
            self.away += u32::from(away);
            row.held += 1;
        }
        if rules.building_days > 0 && (found.community || !rules.area_spares_held) {
            let city = self.outbreak.city();
            let people = match rules.area_extent {
                0 => city.unit(person),
                1 => city.building(city.building_of(person)),
                _ => city.compound(person),
            };
            let (area, until) = ((people.start, people.end), day + 1 + rules.building_days);
            self.measures.enclose(people, true);
            self.confined.insert(area, until);
            at(&mut self.area_ends, until).push(area);
        }
    }

    /// Whom tracing would find of those whom some cases met outside the household, case by case: people who are free and were
    /// never found. Nobody becomes either while results act, so they are left out for all of these cases at once; whether
    /// a contact took place depends on who was held by then.
    fn trace(&self, day: u16, rules: &Rules, cases: &[Around]) -> Vec<Traced> {
        let mut met = Vec::new();
        if rules.trace_share == 0.0 || rules.hold_days == 0 {
            return met;
        }
        for around in cases.iter().filter(|around| !self.measures.is_away(around.person)) {
            let case = around.person;
            for back in 0..=rules.trace_days.min(day) {
                self.outbreak.contacts_on(around, day - back, |other, layer, draw| {
                    let index = u64::from(case) << 32 | u64::from(other);
                    let finds = || f64::from(unit(&mut Dice::new(self.seed, Draw::Tracing, index)));
                    if !around.household.contains(&other) && finds() < rules.trace_share {
                        met.push(Traced { case, other, layer, draw, open: false });
                    }
                });
            }
        }
        for one in &mut met {
            one.open = !self.is_found(one.other) & self.measures.is_free(one.other);
        }
        met.retain(|one| one.open);
        met
    }
}

/// The entry of a day in a list by day, which grows as far as needed.
fn at<T: Clone + Default>(list: &mut Vec<T>, day: u16) -> &mut T {
    if list.len() <= usize::from(day) {
        list.resize(usize::from(day) + 1, T::default());
    }
    &mut list[usize::from(day)]
}
