//! Whom the cases of a day infect. Each case draws how many it would infect, and whom, whatever the measures are; whether that
//! happens is decided by whether the other can be infected and by the measures. Cases are taken in batches, and each thing that
//! must be read of memory is read for a whole batch, without a branch between: that is most of the time in a large city.

use super::{
    Outbreak,
    around::{Around, Met},
    curves,
    infected::Infections,
    layers::{Layer, takes_place, unit},
    measures::Measures,
};
use crate::city::{
    chance::{Dice, Draw},
    population::Row,
};
use std::thread;

/// Most people of a household beside one of them.
const OTHERS_MAX: f32 = 14.0;
/// Cases for which a second thread is not worth its start.
pub(super) const ALONE: usize = 10_000;
/// Cases that are looked at together: what is known of them fits into the cache next to the processor.
const BATCH: usize = 256;

/// A case that may infect somebody on a day.
#[derive(Clone, Debug)]
struct Case {
    person: u32,
    /// Mean infections of each other person of the household, and for each contact elsewhere.
    per_other: f32,
    per_contact: f32,
    /// The draw of their number, and what is drawn next.
    draw: f64,
    dice: Dice,
}

/// A case, how many it infects, and where it meets them.
struct Infecting {
    around: Around,
    /// Mean infections in the household, and in all.
    at_home: f32,
    whole: f32,
    count: u32,
    dice: Dice,
}

/// A contact in which somebody would be infected.
#[derive(Clone, Copy, Debug)]
struct Contact {
    person: u32,
    /// Who is met, or the slot of whoever it is.
    met: u32,
    layer: Layer,
    /// What decides whether it takes place.
    draw: f32,
    /// Whether the other can be infected and is not away.
    open: bool,
}

/// Room for the things of a batch, used again for the next.
#[derive(Default)]
struct Batch {
    cases: Vec<Case>,
    rows: Vec<(Row, bool)>,
    infecting: Vec<Infecting>,
    /// Contacts with a slot of a group, and with a person.
    slots: Vec<Contact>,
    met: Vec<Contact>,
}

impl Outbreak {
    /// Everybody who is hit today: person, layer and infector in one number.
    pub(super) fn spread(&self, measures: &Measures) -> Vec<u64> {
        let window = self.infectious_window();
        let lists = &self.infections[window.clone()];
        let total: usize = lists.iter().map(Infections::len).sum();
        let threads = if total < ALONE { 1 } else { self.threads };
        let part = |part: usize| {
            let (mut begin, end) = (total * part / threads, total * (part + 1) / threads);
            let (mut hits, mut passed, mut batch) = (Vec::new(), 0, Batch::default());
            for (days, list) in window.clone().map(|day| usize::from(self.day) - day).zip(lists) {
                let from = begin.max(passed) - passed;
                let to = end.min(passed + list.len()).saturating_sub(passed);
                for first in (from..to).step_by(BATCH) {
                    let people = list.between(first, to.min(first + BATCH));
                    self.infect(people, days, measures, &mut batch, &mut hits);
                }
                passed += list.len();
                begin = begin.max(passed);
            }
            hits
        };
        if threads == 1 {
            return part(0);
        }
        thread::scope(|scope| {
            let part = &part;
            let running: Vec<_> = (0..threads).map(|number| scope.spawn(move || part(number))).collect();
            running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        })
    }

    /// Whom a batch of cases, infected so many days ago, infects today.
    fn infect(
        &self,
        people: impl Iterator<Item = u32>,
        days: usize,
        measures: &Measures,
        batch: &mut Batch,
        hits: &mut Vec<u64>,
    ) {
        let Batch { cases, rows, infecting, slots, met } = batch;
        cases.clear();
        cases.extend(people.filter_map(|person| self.case(person, days, self.day)));
        rows.clear();
        rows.extend(cases.iter().map(|case| (self.city.row(case.person), measures.is_away(case.person))));
        infecting.clear();
        for (case, (row, away)) in cases.drain(..).zip(&*rows) {
            if !away {
                infecting.extend(self.infecting(case, *row));
            }
        }
        Around::places(&self.city, infecting, |case| &mut case.around);
        slots.clear();
        met.clear();
        for case in infecting.drain(..) {
            let person = case.around.person;
            self.draw_contacts(case, |who, layer, draw| {
                let contact = |met| Contact { person, met, layer, draw, open: false };
                match who {
                    Met::Person(other) => met.push(contact(other)),
                    Met::Slot(slot) => slots.push(contact(slot)),
                }
            });
        }
        let groups = self.city.places();
        met.extend(slots.iter().map(|contact| Contact { met: groups.in_slot(contact.met), ..*contact }));
        for contact in &mut *met {
            contact.open = self.is_susceptible(contact.met) & !measures.is_away(contact.met);
        }
        for Contact { person, met, layer, draw, .. } in met.iter().copied().filter(|contact| contact.open) {
            if met != person && draw < takes_place(measures, &self.city, person, met, layer) {
                hits.push(u64::from(met) << 32 | u64::from((layer as u32) << 28 | person));
            }
        }
    }

    /// What a case draws for a day; none where it infects nobody, whoever it is.
    #[inline]
    fn case(&self, person: u32, days: usize, day: u16) -> Option<Case> {
        let (mut weight, symptomatic, sociability) = self.courses.spread(person, days);
        if weight == 0.0 {
            return None;
        }
        if !symptomatic {
            weight *= self.disease.asymptomatic_infectiousness as f32;
        }
        let mut dice = Dice::new(self.seed, Draw::Infecting, u64::from(day) << 32 | u64::from(person));
        let (draw, per_contact) = (even(&mut dice), self.contact_rate * weight * sociability);
        let per_other = self.household_rate * weight;
        // Most days of most cases bring nothing. Where that is so even for somebody with the largest household and the most
        // contacts, nothing needs to be known of the person.
        if draw < f64::from(1.0 - 1.001 * (per_other * OTHERS_MAX + per_contact * self.contacts_max)) {
            return None;
        }
        Some(Case { person, per_other, per_contact, draw, dice })
    }

    /// How many a case infects; none where it is nobody.
    #[inline]
    fn infecting(&self, case: Case, row: Row) -> Option<Infecting> {
        let outside = self.means.of(row);
        let others = row.household(case.person).len() as u32 - 1;
        let at_home = case.per_other * others as f32;
        let whole = at_home + case.per_contact * outside.sum();
        let count = poisson(whole, case.draw);
        let around = || Around::new(case.person, row, outside);
        (count > 0).then(|| Infecting { around: around(), at_home, whole, count, dice: case.dice })
    }

    /// Draws the contacts of a case in which it would infect somebody: whom, where, and the draw that decides whether the
    /// contact takes place.
    #[inline]
    fn draw_contacts(&self, case: Infecting, mut each: impl FnMut(Met, Layer, f32)) {
        let Infecting { around, at_home, whole, count, mut dice } = case;
        let home = &around.household;
        for _ in 0..count {
            if unit(&mut dice) * whole < at_home {
                let place = home.start + dice.below(u64::from(home.end - home.start - 1)) as u32;
                let met = if place >= around.person { place + 1 } else { place };
                each(Met::Person(met), Layer::Household, unit(&mut dice));
            } else {
                let met = around.meet(&self.means, &self.city, &mut dice);
                let draw = unit(&mut dice);
                if let Some((met, layer)) = met {
                    each(met, layer, draw);
                }
            }
        }
    }

    /// The contacts in which a case would infect somebody on a day so many days after its infection. They do not depend on the
    /// measures.
    pub(super) fn infectious_contacts(
        &self,
        around: &Around,
        days: usize,
        day: u16,
        mut each: impl FnMut(u32, Layer, f32),
    ) {
        let case = self.case(around.person, days, day);
        let Some(case) = case.and_then(|case| self.infecting(case, self.city.row(around.person))) else { return };
        self.draw_contacts(Infecting { around: around.clone(), ..case }, |met, layer, draw| {
            if let Some(met) = self.who(around.person, met) {
                each(met, layer, draw);
            }
        });
    }

    /// Whom a contact of a person is with; nobody, where the slot is the person's own.
    #[inline]
    pub(super) fn who(&self, person: u32, met: Met) -> Option<u32> {
        match met {
            Met::Person(met) => Some(met),
            Met::Slot(slot) => Some(self.city.places().in_slot(slot)).filter(|met| *met != person),
        }
    }
}

/// An even draw from 0 up to 1, to 53 bits.
#[inline]
pub(super) fn even(dice: &mut Dice) -> f64 {
    (dice.next() >> 11) as f64 / 9_007_199_254_740_992.0
}

/// A Poisson number by inversion of an even draw. Means are small: a case has a handful of such contacts a day at most.
#[inline]
pub(super) fn poisson(mean: f32, draw: f64) -> u32 {
    // exp(-x) is never less than 1 - x, and most days bring nothing
    if draw < 1.0 - f64::from(mean) {
        return 0;
    }
    let mut probability = curves::exp(-f64::from(mean.min(20.0)));
    let (mut sum, mut count) = (probability, 0);
    while draw >= sum && count < 100 {
        count += 1;
        probability *= f64::from(mean) / f64::from(count);
        sum += probability;
    }
    count
}
