//! Where everybody lives: communities chosen from the real list in proportion to the residents of the districts, made-up
//! buildings near the seat of the district, and households behind their doors. It keeps only where each one begins, so a
//! city of a million people takes a few megabytes; the rest is drawn again from the seed whenever it is asked for.

use super::{
    Spec, SpecError,
    chance::{Dice, Draw},
    sources::Sources,
};
use std::{ops::Range, sync::Arc};

/// Households by size (1, 2, ... 10 and more) per 100,000: Chongqing 2020, `data/city/household_size.csv`, last column.
pub(crate) const HOUSEHOLD_SIZES: [(u32, u32); 10] =
    [(1, 28_765), (2, 30_990), (3, 20_199), (4, 11_681), (5, 5_044), (6, 2_350), (7, 595), (8, 200), (9, 92), (10, 85)];

/// Residents of a real community of Chongqing on average: 32,054,159 over 11,270.
const COMMUNITY_PEOPLE: u64 = 2_844;
/// Millionths of a degree in ten metres, north and east at 29.5 degrees north (111,320 m to a degree, cosine 0.870).
const TEN_METRES: (i32, i32) = (90, 103);

/// A place in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub lon: i32,
    pub lat: i32,
}

impl Spot {
    /// The spot so many metres to the east and north.
    pub fn moved(self, east: i32, north: i32) -> Spot {
        Spot { lon: self.lon + east * TEN_METRES.1 / 10, lat: self.lat + north * TEN_METRES.0 / 10 }
    }
    /// A spot at most so many metres away, drawn evenly.
    pub fn near(self, dice: &mut Dice, metres: i32) -> Spot {
        loop {
            let (x, y) = (dice.around(metres), dice.around(metres));
            let square = i64::from(x) * i64::from(x) + i64::from(y) * i64::from(y);
            if square <= i64::from(metres) * i64::from(metres) {
                return self.moved(x, y);
            }
        }
    }
}

/// A real community with made-up buildings.
#[derive(Clone, Debug)]
pub(crate) struct Community {
    /// Position in `Sources::villages`.
    pub village: usize,
    /// Position in `Sources::districts`.
    pub district: usize,
    /// A village of low houses rather than a community of tall ones.
    pub rural: bool,
    pub centre: Spot,
    pub households: Range<u32>,
    pub people: Range<u32>,
}

/// Who lives behind the doors of a building.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Housing {
    /// Families.
    Family,
    /// Students, in rooms of a dormitory.
    Students,
    /// Workers, in rooms of a site or a dormitory.
    Workers,
    /// People who are cared for, in rooms of a care home.
    Care,
}

/// Collective buildings by kind: of 1,000 people who live in one, and how many live in one building. Rooms, people per
/// room (mean 4.39 over all: 2,577,090 people in 587,434 collective households, `chongqing_margins_2020_official.csv`);
/// the split by kind and the size of a building are assumed.
const COLLECTIVE: [(Housing, u64, u32); 3] =
    [(Housing::Students, 400, 600), (Housing::Workers, 550, 300), (Housing::Care, 50, 80)];
/// One community in so many has collective buildings; they hold so many of 1,000 of its people, 80.4 of 1,000 over all
/// (`collective_household_population` over `resident_population`).
const COLLECTIVE_COMMUNITIES: (u64, u64) = (3, 241);
const STUDENT_ROOMS: [(u32, u32); 3] = [(4, 50), (6, 40), (8, 10)];
const WORKER_ROOMS: [(u32, u32); 6] = [(1, 10), (2, 15), (4, 35), (5, 20), (6, 15), (8, 5)];
const CARE_ROOMS: [(u32, u32); 3] = [(1, 20), (2, 50), (3, 30)];

/// Buildings of one compound (assumed).
pub(crate) const COMPOUND_BUILDINGS: u32 = 8;

/// A made-up building.
#[derive(Clone, Debug)]
pub(crate) struct Building {
    pub community: u32,
    /// Who lives in it.
    pub housing: Housing,
    /// Position in its community.
    pub number: u32,
    pub units: u32,
    pub floors: u32,
    pub doors: u32,
    pub households: Range<u32>,
}

/// The whole city, by position.
pub(crate) struct Layout {
    pub seed: u64,
    /// Seed of what happens on the day.
    pub day_seed: u64,
    /// Days since the first day.
    pub turn: u32,
    pub sources: Arc<Sources>,
    /// Whether people also live in collective households.
    pub collective: bool,
    pub communities: Vec<Community>,
    pub buildings: Vec<Building>,
    /// First person of each household, and the number of people at the end.
    first: Vec<u32>,
}

impl Layout {
    pub fn new(spec: &Spec, sources: &Sources) -> Result<Self, SpecError> {
        let mut layout = Layout {
            seed: spec.seed,
            // the first day draws from the seed of the city itself
            day_seed: spec.seed.wrapping_add(u64::from(spec.turn) << 32),
            turn: spec.turn,
            sources: Arc::new(sources.clone()),
            collective: spec.collective,
            communities: Vec::new(),
            buildings: Vec::new(),
            first: Vec::new(),
        };
        for (village, people) in choose(spec, sources)? {
            layout.settle(village, people as u32);
        }
        layout.first.push(layout.communities.last().map_or(0, |last| last.people.end));
        Ok(layout)
    }

    /// Adds a community with so many people.
    fn settle(&mut self, village: usize, people: u32) {
        let source = &self.sources.villages[village];
        let district = &self.sources.districts[source.district];
        let villages = self.sources.villages.iter().filter(|other| other.district == source.district).count() as u64;
        let reach = 1_500 + 250 * villages.isqrt() as i32;
        let mut dice = Dice::new(self.seed, Draw::CommunityPlace, village as u64);
        let centre = Spot { lon: district.lon, lat: district.lat }.near(&mut dice, reach);
        let community = self.communities.len() as u32;
        let begin = self.communities.last().map_or(0, |last| last.people.end);
        let (first_building, first_household) = (self.buildings.len() as u32, self.first.len() as u32);
        let (rural, district) = (is_rural(&source.name), source.district);
        let end = begin + people;
        let shared = self.collective_people(village, people);
        let mut next = begin;
        while next < end - shared {
            let index = self.buildings.len() as u32;
            let mut dice = Dice::new(self.seed, Draw::Building, u64::from(index));
            let (units, floors, doors) = if rural {
                (1, dice.between(1, 3), dice.between(2, 4))
            } else {
                let floors = dice.weighted(&[(6, 20), (7, 20), (8, 15), (11, 15), (18, 15), (26, 10), (32, 5)]);
                (dice.between(1, 3), floors, if floors > 11 { 4 } else { 2 })
            };
            let number = index - first_building;
            let housing = Housing::Family;
            let building = Building { community, housing, number, units, floors, doors, households: 0..0 };
            next = self.raise(building, next, end - shared, u32::MAX, &HOUSEHOLD_SIZES);
        }
        while next < end {
            let index = self.buildings.len() as u32;
            let mut dice = Dice::new(self.seed, Draw::Collective, u64::from(index));
            let (housing, most) = dice.weighted(&COLLECTIVE.map(|(kind, share, most)| {
                // as many buildings of a kind as its people need
                ((kind, most), (share * 100 / u64::from(most)) as u32)
            }));
            let rooms = match housing {
                Housing::Students => &STUDENT_ROOMS[..],
                Housing::Workers => &WORKER_ROOMS,
                _ => &CARE_ROOMS,
            };
            let number = index - first_building;
            let building = Building { community, housing, number, units: 1, floors: 8, doors: 40, households: 0..0 };
            next = self.raise(building, next, end, most, rooms);
        }
        self.communities.push(Community {
            village,
            district,
            rural,
            centre,
            households: first_household..self.first.len() as u32,
            people: begin..end,
        });
    }

    /// Gives back memory that was reserved while the city grew.
    pub fn shrink(&mut self) {
        self.first.shrink_to_fit();
        self.buildings.shrink_to_fit();
    }

    /// How many of a community's people live in collective households.
    fn collective_people(&self, village: usize, people: u32) -> u32 {
        let (one_in, of_1000) = COLLECTIVE_COMMUNITIES;
        let chosen =
            self.collective && Dice::new(self.seed, Draw::Collective, 1 << 40 | village as u64).below(one_in) == 0;
        if chosen { (u64::from(people) * of_1000 / 1_000) as u32 } else { 0 }
    }

    /// Adds a building and lets people move in from `next` on, to `end` or `most` of them; gives who comes after them.
    fn raise(&mut self, mut building: Building, mut next: u32, end: u32, most: u32, sizes: &[(u32, u32)]) -> u32 {
        let index = self.buildings.len() as u32;
        let (from, full) = (self.first.len() as u32, next.saturating_add(most));
        for _ in self.occupied(index, &building) {
            if next == end || next >= full {
                break;
            }
            let household = self.first.len() as u64;
            let size = Dice::new(self.seed, Draw::Size, household).weighted(sizes);
            self.first.push(next);
            next = (next + size).min(end);
        }
        building.households = from..self.first.len() as u32;
        self.buildings.push(building);
        next
    }

    /// Who lives in the building of a household.
    pub fn housing_of(&self, household: u32) -> Housing {
        match self.collective {
            true => self.buildings[self.building_of(household) as usize].housing,
            false => Housing::Family,
        }
    }

    /// Doors of a building behind which somebody lives: (unit, floor, door), about 92 of 100, never none.
    fn occupied(&self, index: u32, building: &Building) -> impl Iterator<Item = (u32, u32, u32)> + use<> {
        let mut dice = Dice::new(self.seed, Draw::Door, u64::from(index));
        let (units, floors, doors) = (building.units, building.floors, building.doors);
        let places = (0..units * floors * doors).map(move |slot| {
            let (unit, rest) = (slot / (floors * doors), slot % (floors * doors));
            (unit + 1, rest / doors + 1, rest % doors + 1)
        });
        places.filter(move |place| dice.hits(92_000) || *place == (1, 1, 1))
    }

    /// The households of a building with their unit, floor and door.
    pub fn doors(&self, index: u32) -> impl Iterator<Item = (u32, (u32, u32, u32))> + use<> {
        let building = &self.buildings[index as usize];
        building.households.clone().zip(self.occupied(index, building))
    }

    /// Number of households.
    pub fn households(&self) -> u32 {
        self.first.len() as u32 - 1
    }

    /// The people of a household.
    pub fn members(&self, household: u32) -> Range<u32> {
        self.first[household as usize]..self.first[household as usize + 1]
    }

    /// Number of people.
    pub fn people(&self) -> u32 {
        self.first[self.first.len() - 1]
    }

    /// The household of a person.
    pub fn household_of(&self, person: u32) -> u32 {
        self.first.partition_point(|first| *first <= person) as u32 - 1
    }

    /// The building of a household.
    pub fn building_of(&self, household: u32) -> u32 {
        self.buildings.partition_point(|building| building.households.end <= household) as u32
    }

    /// The community of a household.
    pub fn community_of(&self, household: u32) -> u32 {
        self.buildings[self.building_of(household) as usize].community
    }

    /// Code of a community.
    pub fn community_code(&self, community: u32) -> &str {
        &self.sources.villages[self.communities[community as usize].village].code
    }

    /// Where a building stands: rows of ten, 60 m apart, round the middle of the community.
    pub fn spot(&self, building: u32) -> Spot {
        let (home, mut dice) =
            (&self.buildings[building as usize], Dice::new(self.seed, Draw::Place, u64::from(building)));
        let (column, row) = (home.number as i32 % 10, home.number as i32 / 10);
        let centre = self.communities[home.community as usize].centre;
        centre.moved(column * 60 - 300 + dice.around(12), row * 60 - 120 + dice.around(12))
    }
}

/// Whether the name is that of a village committee.
fn is_rural(name: &str) -> bool {
    name.ends_with("村民委员会") || name.ends_with("村委会")
}

/// Villages with their number of people, in the order of their codes.
fn choose(spec: &Spec, sources: &Sources) -> Result<Vec<(usize, u64)>, SpecError> {
    let mut order: Vec<usize> = (0..sources.districts.len()).collect();
    order.sort_by_key(|index| {
        let district = &sources.districts[*index];
        (district.group, u64::MAX - district.population)
    });
    order.truncate(spec.districts.unwrap_or(usize::MAX));
    order.sort_unstable();
    if spec.people == 0 || spec.people > u64::from(u32::MAX) || order.is_empty() {
        return Err(SpecError::NoPeople { people: spec.people });
    }
    let size = (spec.people / 60).clamp(250, COMMUNITY_PEOPLE);
    let mut villages: Vec<Vec<usize>> = vec![Vec::new(); sources.districts.len()];
    for (index, village) in sources.villages.iter().enumerate() {
        villages[village.district].push(index);
    }
    let residents: Vec<u64> = order.iter().map(|district| sources.districts[*district].population).collect();
    let communities = apportion(spec.people.div_ceil(size), &residents);
    let mut chosen = Vec::new();
    let mut settled = Vec::new();
    for (district, wanted) in order.iter().zip(communities) {
        let all = &mut villages[*district];
        // Communities of the town come first: that is where an outbreak with this machinery is fought.
        all.sort_by_key(|village| {
            let rank = Dice::new(spec.seed, Draw::Community, *village as u64).next() >> 16;
            (if is_rural(&sources.villages[*village].name) { rank.saturating_mul(4) } else { rank }, *village)
        });
        all.truncate(wanted as usize);
        all.sort_unstable();
        if !all.is_empty() {
            settled.push((*district, sources.districts[*district].population));
        }
    }
    let quotas = apportion(spec.people, &settled.iter().map(|(_, population)| *population).collect::<Vec<_>>());
    for ((district, _), quota) in settled.iter().zip(quotas) {
        let weights: Vec<u64> = villages[*district]
            .iter()
            .map(|village| u64::from(Dice::new(spec.seed, Draw::CommunityWeight, *village as u64).between(70, 130)))
            .collect();
        let parts = apportion(quota, &weights);
        chosen.extend(villages[*district].iter().copied().zip(parts).filter(|(_, people)| *people > 0));
    }
    Ok(chosen)
}

/// Splits a whole in proportion to weights by largest remainders, so that the parts add up to it exactly.
pub(crate) fn apportion(whole: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let share = |weight: u64| u128::from(whole) * u128::from(weight);
    let mut parts: Vec<u64> = weights.iter().map(|weight| (share(*weight) / sum) as u64).collect();
    let mut rest: Vec<usize> = (0..weights.len()).collect();
    rest.sort_by_key(|index| (u128::MAX - share(weights[*index]) % sum, *index));
    let missing = whole - parts.iter().sum::<u64>();
    for index in rest.into_iter().take(missing as usize) {
        parts[index] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole() {
        let cases: [(u64, &[u64], &[u64]); 5] = [
            (10, &[1, 1, 1], &[4, 3, 3]),
            (7, &[5, 0, 2], &[5, 0, 2]),
            (1, &[10, 90], &[0, 1]),
            (0, &[3, 4], &[0, 0]),
            (5, &[0, 0], &[0, 0]),
        ];
        for (whole, weights, parts) in cases {
            assert_eq!(apportion(whole, weights), parts, "{whole} over {weights:?}");
        }
    }

    #[test]
    fn household_sizes_are_the_published_ones() {
        let text = include_str!("../../../../data/city/household_size.csv");
        for (line, (size, weight)) in text.lines().skip(1).zip(HOUSEHOLD_SIZES) {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells[0].trim_end_matches('+'), size.to_string());
            assert_eq!(cells[4].parse::<f64>().unwrap() * 1_000.0, f64::from(weight), "size {size}");
        }
    }
}
