//! The tubes of the day: singles of people under isolation, key persons and arrivals; pools of neighbours; and the
//! single tubes by which the members of a positive pool are resolved, except for the pools that stay open at midnight.
//! Every tube is drawn again in each pass, in one order, so nothing but the positive pools is kept in memory.

use super::{
    Spec, SpecError,
    chance::{Dice, Draw},
    infections::Infections,
    laboratories::Laboratories,
    layout::Layout,
    people::members,
};
use dayclear_core::screening::{Finding, Purpose, Version};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

/// Minutes of a day.
const DAY: u32 = 1_440;

/// A result as the laboratory reports it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    pub version: Version,
    pub finding: Finding,
    /// Ct of N and of ORF1ab in tenths.
    pub ct: Option<(u32, u32)>,
    /// Second of the day.
    pub at: u32,
}

/// A tube with everything that happens to it before midnight. Times are seconds of the day.
#[derive(Clone, Debug)]
pub(super) struct Tube {
    pub number: u64,
    pub community: u32,
    pub purpose: Purpose,
    pub size: u32,
    pub collected: u32,
    pub laboratory: Option<usize>,
    pub sent: Option<u32>,
    pub received: Option<u32>,
    pub reports: [Option<Report>; 2],
    /// The last member is somebody whom the roster does not know.
    pub stranger: bool,
}

/// How a positive pool stands at midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// Reported late; nobody has been swabbed again yet.
    NotRecalled,
    /// The members were swabbed again, and the laboratory is still at it.
    Waiting,
}

/// A positive pool: members, and how many of them are infected.
struct PositivePool {
    members: Vec<u32>,
    infected: u64,
}

/// A piece of the day's work.
enum Piece<'a> {
    Single { person: u32, purpose: Purpose },
    Pool(&'a [u32]),
}

/// The plan of the day's tubes.
pub(super) struct Screening<'a> {
    layout: &'a Layout,
    pub infections: Infections,
    /// Why the pools of each community are filled, fixed before the last infections are moved about.
    purposes: Vec<Purpose>,
    laboratories: &'a Laboratories,
    open: BTreeMap<u32, Open>,
    /// Pools without an infection that could be swabbed, and those that are.
    optional: u64,
    taken: u64,
    /// Negative singles (by their order) on which the laboratory errs first.
    corrected: BTreeSet<u64>,
    wrong: Option<u64>,
    /// Number of tubes.
    pub tubes: u64,
    /// Positive pools, those open at midnight, and the pending members of those.
    pub positive_pools: u64,
    pub open_pools: u64,
    pub pending_members: u64,
}

impl<'a> Screening<'a> {
    pub fn new(layout: &'a Layout, laboratories: &'a Laboratories, spec: &Spec) -> Result<Self, SpecError> {
        // One infection in twenty is still inside an open pool at midnight.
        let hidden = if spec.positives < 3 { 0 } else { (spec.positives / 20).max(1) };
        let infections = Infections::new(layout, spec.positives, hidden)?;
        let mut plan = Screening {
            layout,
            purposes: infections
                .by_community
                .iter()
                .enumerate()
                .map(|(at, count)| purpose(layout, at, *count))
                .collect(),
            infections,
            laboratories,
            open: BTreeMap::new(),
            optional: 0,
            taken: 0,
            corrected: BTreeSet::new(),
            wrong: None,
            tubes: 0,
            positive_pools: 0,
            open_pools: 0,
            pending_members: 0,
        };
        let (mut singles, mut negatives, mut optional) = (0, 0, 0);
        let mut positive: Vec<PositivePool> = Vec::new();
        let Ok(()) = plan.walk(|_, piece| -> Result<(), Infallible> {
            match piece {
                Piece::Single { person, .. } => {
                    singles += 1;
                    negatives += u64::from(!plan.infections.infected.has(person));
                }
                Piece::Pool(members) => {
                    let infected =
                        members.iter().filter(|person| plan.infections.infected.has(**person)).count() as u64;
                    match infected {
                        0 => optional += 1,
                        _ => positive.push(PositivePool { members: members.to_vec(), infected }),
                    }
                }
            }
            Ok(())
        });
        plan.optional = optional;
        plan.leave_open(&positive, hidden);
        let mut recalls = 0;
        for pool in &positive {
            let open = plan.open.get(&pool.members[0]).copied();
            if open != Some(Open::NotRecalled) {
                recalls += pool.members.iter().filter(|person| plan.recalled(**person)).count() as u64;
            }
            if open.is_some() {
                plan.pending_members += pool.members.len() as u64;
            }
        }
        plan.positive_pools = positive.len() as u64;
        plan.open_pools = plan.open.len() as u64;
        let least = singles + plan.positive_pools + recalls;
        plan.tubes = spec.tubes.unwrap_or(least + optional);
        if !(least..=least + optional).contains(&plan.tubes) {
            return Err(SpecError::Tubes { tubes: plan.tubes, least, most: least + optional });
        }
        plan.taken = plan.tubes - least;
        let errors = (2 + spec.positives / 500).min(negatives / 4);
        plan.corrected = (0..errors).map(|index| (2 * index + 1) * negatives / (2 * errors)).collect();
        plan.wrong = (0..negatives).find(|single| !plan.corrected.contains(single));
        Ok(plan)
    }

    /// Chooses the positive pools that stay open, with `hidden` infections in them together.
    fn leave_open(&mut self, positive: &[PositivePool], hidden: u64) {
        let seed = self.layout.day_seed;
        let mut order: Vec<&PositivePool> = positive.iter().collect();
        order.sort_by_key(|pool| Dice::new(seed, Draw::Unresolved, u64::from(pool.members[0])).next());
        let mut left = hidden;
        for pool in &order {
            if pool.infected <= left {
                left -= pool.infected;
                let open = if self.open.len().is_multiple_of(2) { Open::NotRecalled } else { Open::Waiting };
                self.open.insert(pool.members[0], open);
            }
        }
        // What is left over is less than any other pool holds: take it out of one of them.
        if let Some(pool) = order.iter().find(|pool| !self.open.contains_key(&pool.members[0])) {
            let infected: Vec<u32> =
                pool.members.iter().copied().filter(|person| self.infections.infected.has(*person)).collect();
            for person in infected.iter().take(left as usize) {
                self.infections.heal(self.layout, *person);
            }
        }
    }

    /// Whether a member of a positive pool is reached for the second swab; the infected always are.
    fn recalled(&self, person: u32) -> bool {
        self.infections.infected.has(person)
            || !Dice::new(self.layout.day_seed, Draw::Recall, u64::from(person)).hits(1_500)
    }

    /// Goes through the day's work, community by community: singles household by household, then pools of neighbours.
    fn walk<E>(&self, mut visit: impl FnMut(u32, Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut pool: Vec<u32> = Vec::with_capacity(20);
        for (index, community) in self.layout.communities.iter().enumerate() {
            let index = index as u32;
            let size = self.pool_size(index);
            for household in community.households.clone() {
                for member in members(self.layout, household).iter().filter(|member| member.comes()) {
                    let person = member.person;
                    match self.infections.purpose(self.layout, household, member) {
                        Some(purpose) => visit(index, Piece::Single { person, purpose })?,
                        None => pool.push(person),
                    }
                    if pool.len() == size as usize {
                        visit(index, Piece::Pool(&pool))?;
                        pool.clear();
                    }
                }
            }
            if !pool.is_empty() {
                visit(index, Piece::Pool(&pool))?;
                pool.clear();
            }
        }
        Ok(())
    }

    /// Swabs in a pool of a community. Twenty are for regular rounds only, where little is expected (pool sizes by risk).
    fn pool_size(&self, community: u32) -> u32 {
        let twenty = if self.purposes[community as usize] == Purpose::Community { 10 } else { 0 };
        Dice::new(self.layout.day_seed, Draw::Screening, u64::from(community)).weighted(&[
            (10, 92),
            (5, 5),
            (20, twenty),
        ])
    }

    /// Calls `visit` for every tube with its members, in the order of their numbers.
    pub fn each<E>(&self, mut visit: impl FnMut(&Tube, &[u32]) -> Result<(), E>) -> Result<(), E> {
        let (mut number, mut optional, mut negatives) = (0u64, 0u64, 0u64);
        self.walk(|community, piece| {
            match piece {
                Piece::Single { person, purpose } => {
                    number += 1;
                    let infected = self.infections.infected.has(person);
                    visit(&self.single(number, community, purpose, infected, person, negatives), &[person])?;
                    negatives += u64::from(!infected);
                }
                Piece::Pool(members) if members.iter().any(|person| self.infections.infected.has(*person)) => {
                    number += 1;
                    let open = self.open.get(&members[0]).copied();
                    let (pool, known) = self.positive_pool(number, community, members, open);
                    visit(&pool, members)?;
                    if open != Some(Open::NotRecalled) {
                        for person in members.iter().filter(|person| self.recalled(**person)) {
                            number += 1;
                            visit(&self.recall(number, community, *person, known, open.is_some()), &[*person])?;
                        }
                    }
                }
                Piece::Pool(members) => {
                    // The pools that fit are spread evenly over the city.
                    let before = u128::from(optional) * u128::from(self.taken) / u128::from(self.optional);
                    optional += 1;
                    let after = u128::from(optional) * u128::from(self.taken) / u128::from(self.optional);
                    if after > before {
                        number += 1;
                        let mut tube = self.negative_pool(number, community);
                        tube.stranger = after % 20_000 == 17;
                        visit(&tube, members)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// A tube on its way: closed at a minute, then so many minutes to the laboratory's door. What would come after
    /// midnight has not happened yet.
    fn journey(&self, dice: &mut Dice, number: u64, community: u32, collected: u32, door: u32, urgent: bool) -> Tube {
        let district = self.layout.communities[community as usize].district;
        let clock = |minute: u32, dice: &mut Dice| minute * 60 + dice.between(0, 59);
        let collected_at = clock(collected, dice);
        let sent = collected + dice.between(20, 75);
        let (sent_at, received_at) = (clock(sent, dice), clock(collected + door, dice));
        Tube {
            number,
            community,
            purpose: Purpose::Recall,
            size: 1,
            collected: collected_at,
            laboratory: Some(self.laboratories.choose(district, community, urgent, dice)),
            sent: Some(sent_at),
            received: (received_at < DAY * 60).then_some(received_at),
            reports: [None, None],
            stranger: false,
        }
    }

    fn single(
        &self,
        number: u64,
        community: u32,
        purpose: Purpose,
        infected: bool,
        person: u32,
        negatives: u64,
    ) -> Tube {
        let mut dice = Dice::new(self.layout.day_seed, Draw::Tube, number);
        let corrected = !infected && self.corrected.contains(&negatives);
        let wrong = !infected && self.wrong == Some(negatives);
        let early = infected || corrected || wrong;
        let collected = if early { dice.between(360, 600) } else { dice.between(360, 960) };
        let door = dice.between(120, if early { 180 } else { 235 });
        let mut tube = self.journey(&mut dice, number, community, collected, door, early);
        tube.purpose = purpose;
        let at = collected + door + dice.between(180, 290);
        if infected {
            tube.reports = self.positive(&mut dice, at, self.ct(person));
        } else if corrected {
            let later = at + dice.between(90, 200);
            tube.reports = [
                report(Version::Final, Finding::Positive, Some((375, 383)), at),
                report(Version::Corrected, Finding::Negative, None, later),
            ];
        } else if wrong {
            tube.reports = [
                report(Version::Final, Finding::Negative, None, at),
                report(Version::Wrong, Finding::Negative, None, at + 75),
            ];
        } else {
            negative(&mut tube, &mut dice, at);
        }
        tube
    }

    fn negative_pool(&self, number: u64, community: u32) -> Tube {
        let mut dice = Dice::new(self.layout.day_seed, Draw::Tube, number);
        // Where somebody was found before, the round begins first.
        let begin = match self.infections.by_community[community as usize] {
            0 => {
                Dice::new(self.layout.seed, Draw::CommunityPlace, u64::from(community)).pick(&[360, 420, 540, 660, 900])
            }
            _ => 360,
        };
        // One pool in sixteen is filled in the evening, when people come home; its result comes after midnight.
        let evening = dice.hits(6_000);
        let collected = if evening { dice.between(1_020, 1_195) } else { begin + dice.between(0, 240) };
        let door = dice.between(120, 239);
        let mut tube = self.journey(&mut dice, number, community, collected, door, false);
        (tube.purpose, tube.size) = (self.purposes[community as usize], self.pool_size(community));
        let longer = if tube.laboratory.is_some_and(|at| !self.laboratories.in_city(at)) { 120 } else { 0 };
        let at = collected + door + longer + dice.between(180, 420);
        negative(&mut tube, &mut dice, at);
        tube
    }

    /// A positive pool, and the minute at which it is known.
    fn positive_pool(&self, number: u64, community: u32, members: &[u32], open: Option<Open>) -> (Tube, u32) {
        let mut dice = Dice::new(self.layout.day_seed, Draw::Tube, number);
        let (collected, wait) = match open {
            None => (dice.between(360, 480), dice.between(180, 240)),
            Some(Open::Waiting) => (dice.between(570, 630), dice.between(290, 330)),
            Some(Open::NotRecalled) => (dice.between(840, 900), dice.between(270, 380)),
        };
        let door = dice.between(120, 150);
        let mut tube = self.journey(&mut dice, number, community, collected, door, true);
        (tube.purpose, tube.size) = (self.purposes[community as usize], self.pool_size(community));
        let lowest =
            members.iter().filter(|person| self.infections.infected.has(**person)).map(|person| self.ct(*person));
        // Neighbours' swabs in one tube weaken the signal by up to log2 of their number.
        let ct = (lowest.min().unwrap_or(300) + dice.between(10, 33)).min(395);
        let known = collected + door + wait;
        tube.reports = self.positive(&mut dice, known, ct);
        (tube, known)
    }

    fn recall(&self, number: u64, community: u32, person: u32, known: u32, waiting: bool) -> Tube {
        let mut dice = Dice::new(self.layout.day_seed, Draw::Tube, number);
        let (collected, door) = (known + dice.between(45, 90), dice.between(120, 150));
        let mut tube = self.journey(&mut dice, number, community, collected, door, true);
        let at = collected + door + dice.between(180, 240);
        if waiting {
            return tube;
        }
        if self.infections.infected.has(person) {
            tube.reports = self.positive(&mut dice, at, self.ct(person));
        } else {
            let finding = if dice.hits(300) { Finding::Invalid } else { Finding::Negative };
            tube.reports[0] = report(Version::Final, finding, None, at);
        }
        tube
    }

    /// Ct of a person in tenths.
    fn ct(&self, person: u32) -> u32 {
        let mut dice = Dice::new(self.layout.day_seed, Draw::Assessment, u64::from(person));
        (dice.between(160, 340) + dice.between(160, 340)) / 2
    }

    /// A positive result; one in twenty was announced before it was final.
    fn positive(&self, dice: &mut Dice, at: u32, ct: u32) -> [Option<Report>; 2] {
        let ct = Some((ct, ct + dice.between(0, 14)));
        let last = report(Version::Final, Finding::Positive, ct, at);
        if dice.hits(5_000) {
            [report(Version::Preliminary, Finding::Positive, ct, at - 40), last]
        } else {
            [last, None]
        }
    }
}

/// Why the pools of a community are filled: mostly as area screening where somebody is infected.
fn purpose(layout: &Layout, community: usize, infected: u32) -> Purpose {
    let shares = match infected {
        0 => [10, 50, 40],
        _ => [60, 30, 10],
    };
    Dice::new(layout.seed, Draw::Place, community as u64).weighted(&[
        (Purpose::AreaScreening, shares[0]),
        (Purpose::ExpandedScreening, shares[1]),
        (Purpose::Community, shares[2]),
    ])
}

/// A report at a minute of the day, unless that is after midnight.
fn report(version: Version, finding: Finding, ct: Option<(u32, u32)>, minute: u32) -> Option<Report> {
    (minute < DAY).then_some(Report { version, finding, ct, at: minute * 60 })
}

/// An ordinary tube, with what can go wrong with it.
fn negative(tube: &mut Tube, dice: &mut Dice, at: u32) {
    match dice.below(100_000) {
        0..50 => (tube.laboratory, tube.sent, tube.received) = (None, None, None),
        50..150 => tube.received = None,
        150..250 => tube.reports[0] = report(Version::Final, Finding::Invalid, None, at),
        250..300 => tube.reports[0] = report(Version::Final, Finding::Inconclusive, Some((388, 394)), at),
        300..500 => {
            tube.reports[0] = report(Version::Preliminary, Finding::Negative, None, at);
            tube.reports[1] = report(Version::Final, Finding::Negative, None, at + 60);
        }
        _ => tube.reports[0] = report(Version::Final, Finding::Negative, None, at),
    }
}
