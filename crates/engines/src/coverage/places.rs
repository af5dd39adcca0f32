//! People in the order of place: dense ordinals, so that a division or a building is a range of them, and doors as a set of those with
//! whom a household begins. Pure; some communities can be placed anew without a look at the others, and whoever stays takes along
//! what the sets say of them.

use super::bits::{Bits, Run, below, mask, words};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// A person without an ordinal.
const NOBODY: u32 = u32::MAX;

/// People on the roster in the order of place.
#[derive(Debug, Default)]
pub struct Places {
    by_no: Vec<u32>,
    numbers: Vec<u32>,
    doors: Bits,
    divisions: Vec<(Box<str>, usize)>,
    buildings: BTreeMap<Box<str>, Range<usize>>,
}

/// Builds [`Places`] from people in the order of division, building and door.
#[derive(Debug, Default)]
pub struct PlacesBuilder {
    numbers: Vec<u32>,
    doors: Vec<u32>,
    divisions: Vec<(Box<str>, usize)>,
    buildings: BTreeMap<Box<str>, Range<usize>>,
    last: String,
}

/// A city of which some communities were placed anew.
#[derive(Debug)]
pub struct Moved {
    /// Everybody in their place.
    pub places: Places,
    /// Those who were there before: what a set says of them goes along ([`Bits::moved`]).
    pub runs: Vec<Run>,
    /// Ordinals of those who were not.
    pub fresh: Vec<usize>,
}

impl PlacesBuilder {
    /// The next person: number (dense, at most 32 bits; a larger one is refused), division, building, and whether they are the first of
    /// their household. Gives the ordinal.
    pub fn push(&mut self, no: i64, division: &str, building: &str, door: bool) -> Option<usize> {
        let no = u32::try_from(no).ok()?;
        let at = self.numbers.len();
        if self.divisions.last().is_none_or(|(last, _)| **last != *division) {
            self.divisions.push((division.into(), at));
        }
        let entered = at == 0 || self.last != building;
        if entered {
            building.clone_into(&mut self.last);
            self.buildings.insert(building.into(), at..at);
        }
        if let Some(range) = self.buildings.get_mut(building) {
            range.end = at + 1;
        }
        if door || entered {
            self.doors.push(at as u32);
        }
        self.numbers.push(no);
        Some(at)
    }

    /// Everybody is there.
    pub fn build(self) -> Places {
        let mut doors = Bits::none(self.numbers.len());
        self.doors.iter().for_each(|at| doors.set(*at as usize, true));
        let by_no = by_number(&self.numbers);
        Places { by_no, numbers: self.numbers, doors, divisions: self.divisions, buildings: self.buildings }
    }
}

/// Ordinals by number.
fn by_number(numbers: &[u32]) -> Vec<u32> {
    let highest = numbers.iter().copied().max().map_or(0, |no| no as usize + 1);
    let mut by_no = vec![NOBODY; highest];
    for (at, no) in numbers.iter().enumerate() {
        by_no[*no as usize] = at as u32;
    }
    by_no
}

impl Places {
    /// Places that were written down before: numbers in the order of place, doors, communities and buildings with the ordinal at which
    /// each begins, and for buildings ends. `None`: they cannot be those of one city.
    pub fn of(
        numbers: Vec<u32>,
        doors: Bits,
        divisions: Vec<(Box<str>, usize)>,
        buildings: BTreeMap<Box<str>, Range<usize>>,
    ) -> Option<Places> {
        let people = numbers.len();
        let first = divisions.first().is_none_or(|(_, from)| *from == 0);
        let ordered = divisions.is_sorted_by(|one, next| one.0 < next.0 && one.1 < next.1);
        let within = divisions.last().map_or(0, |(_, from)| from + 1) <= people;
        let housed = buildings.values().all(|range| range.start < range.end && range.end <= people);
        let known =
            doors.as_words().len() == Bits::none(people).as_words().len() && numbers.iter().all(|no| *no != NOBODY);
        if !(first && ordered && within && housed && known && divisions.is_empty() == numbers.is_empty()) {
            return None;
        }
        let by_no = by_number(&numbers);
        // whoever stands twice has the ordinal of the second place only
        let once = numbers.iter().enumerate().all(|(at, no)| by_no[*no as usize] == at as u32);
        once.then_some(Places { by_no, numbers, doors, divisions, buildings })
    }

    /// People.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }
    /// Whether nobody is on the roster.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
    /// Ordinal of a person by number.
    pub fn ordinal(&self, no: i64) -> Option<usize> {
        let at = *self.by_no.get(usize::try_from(no).ok()?)?;
        (at != NOBODY).then_some(at as usize)
    }
    /// Number of the person at an ordinal.
    pub fn number(&self, at: usize) -> Option<i64> {
        self.numbers.get(at).map(|no| i64::from(*no))
    }
    /// Numbers of everybody, by ordinal.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }
    /// Those with whom a household begins.
    pub fn doors(&self) -> &Bits {
        &self.doors
    }
    /// Ordinals of everybody in a division: codes of what lies in it begin with its code, and people stand in their order.
    pub fn division(&self, code: &str) -> Range<usize> {
        let start = self.divisions.partition_point(|(of, _)| **of < *code);
        let inside = self.divisions[start..].partition_point(|(of, _)| of.starts_with(code));
        let at = |index: usize| self.divisions.get(index).map_or(self.numbers.len(), |(_, at)| *at);
        at(start)..at(start + inside)
    }
    /// Ordinals of everybody in a building.
    pub fn building(&self, id: &str) -> Range<usize> {
        self.buildings.get(id).cloned().unwrap_or(0..0)
    }
    /// Divisions in which people live (communities), with their ordinals.
    pub fn communities(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.divisions.iter().enumerate().map(|(at, (code, from))| {
            (&**code, *from..self.divisions.get(at + 1).map_or(self.numbers.len(), |(_, to)| *to))
        })
    }
    /// Buildings in which people live, in the order of their ids.
    pub fn buildings(&self) -> impl ExactSizeIterator<Item = (&str, Range<usize>)> {
        self.buildings.iter().map(|(id, of)| (&**id, of.clone()))
    }
    /// Buildings whose people stand in a range, in the order of the walk.
    pub fn buildings_in(&self, range: &Range<usize>) -> Vec<(&str, Range<usize>)> {
        let inside = self.buildings().filter(|(_, of)| range.start <= of.start && of.end <= range.end);
        let mut inside: Vec<(&str, Range<usize>)> = inside.collect();
        inside.sort_by_key(|(_, of)| of.start);
        inside
    }
    /// Doors (households) in a range, and those of them behind which nobody is in any of the sets.
    pub fn unseen(&self, range: Range<usize>, seen: &[&Bits]) -> (u64, u64) {
        let (mut doors, mut unseen, mut found) = (0, 0, true);
        for at in words(&range) {
            let inside = mask(at, &range);
            let here = seen.iter().fold(0, |all, bits| all | bits.word(at)) & inside;
            let mut begin = self.doors.word(at) & inside;
            doors += u64::from(begin.count_ones());
            // a household ends where the next one begins
            let mut from = 0;
            while begin != 0 {
                let next = begin.trailing_zeros() as usize;
                found |= here & below(next) & !below(from) != 0;
                unseen += u64::from(!found);
                (found, from) = (false, next);
                begin &= begin - 1;
            }
            found |= here & !below(from) != 0;
        }
        (doors, unseen + u64::from(!found))
    }
    /// Bytes it takes, but for names.
    pub fn bytes(&self) -> usize {
        (self.by_no.len() + self.numbers.len()) * 4 + self.doors.bytes()
    }

    /// The same city with some communities placed anew, as `part` has them; one that is named and not there has nobody any more. `None`:
    /// somebody or a building would stand in two communities, so more of them were touched than are named.
    pub fn placed_anew(&self, named: &BTreeSet<String>, part: &Places) -> Option<Moved> {
        let stays = |code: &str| !named.contains(code);
        let mut stretches: Vec<(&str, bool, Range<usize>)> =
            self.communities().filter(|(code, _)| stays(code)).map(|(code, range)| (code, true, range)).collect();
        let people: usize = stretches.iter().map(|(.., range)| range.len()).sum::<usize>() + part.len();
        if part.communities().any(|(code, _)| stays(code)) || people >= NOBODY as usize {
            return None;
        }
        stretches.extend(part.communities().map(|(code, range)| (code, false, range)));
        stretches.sort_by_key(|(code, ..)| *code);
        let mut by_no = self.by_no.clone();
        for (_, range) in self.communities().filter(|(code, _)| !stays(code)) {
            self.numbers[range].iter().for_each(|no| by_no[*no as usize] = NOBODY);
        }
        let mut numbers: Vec<u32> = Vec::with_capacity(people);
        let (mut runs, mut fresh): (Vec<Run>, Vec<usize>) = (Vec::new(), Vec::new());
        let (mut doors, mut divisions) = (Bits::none(people), Vec::with_capacity(stretches.len()));
        // where the people of a community stood, by whether it stays, and where they stand
        let mut shifts: [Vec<(Range<usize>, usize)>; 2] = Default::default();
        for (code, stayed, range) in stretches {
            let to = numbers.len();
            let of = if stayed { self } else { part };
            divisions.push((Box::from(code), to));
            doors.copy(&of.doors, range.start, to, range.len());
            shifts[usize::from(stayed)].push((range.clone(), to));
            let theirs = &of.numbers[range.clone()];
            numbers.extend_from_slice(theirs);
            if stayed {
                if range.start != to {
                    theirs.iter().zip(to..).for_each(|(no, at)| by_no[*no as usize] = at as u32);
                }
                follow_on(&mut runs, range.start, to, range.len());
                continue;
            }
            for (no, at) in theirs.iter().zip(to..) {
                let no = *no as usize;
                if by_no.len() <= no {
                    by_no.resize(no + 1, NOBODY);
                }
                // whoever lives where nothing was touched cannot have come here
                if by_no[no] != NOBODY {
                    return None;
                }
                by_no[no] = at as u32;
                match self.by_no.get(no).filter(|before| **before != NOBODY) {
                    Some(before) => follow_on(&mut runs, *before as usize, at, 1),
                    None => fresh.push(at),
                }
            }
        }
        let mut buildings = BTreeMap::new();
        for (of, shifts) in [part, self].into_iter().zip(&mut shifts) {
            shifts.sort_by_key(|(range, _)| range.start);
            for (id, range) in of.buildings() {
                let after = shifts.partition_point(|(stretch, _)| stretch.start <= range.start);
                let Some((stretch, to)) = after.checked_sub(1).and_then(|at| shifts.get(at)) else { continue };
                if range.start >= stretch.end {
                    continue;
                }
                let from = to + range.start - stretch.start;
                if buildings.insert(Box::from(id), from..from + range.len()).is_some() {
                    return None;
                }
            }
        }
        Some(Moved { places: Places { by_no, numbers, doors, divisions, buildings }, runs, fresh })
    }
}

/// Adds some to the last run where they follow on it.
fn follow_on(runs: &mut Vec<Run>, from: usize, to: usize, len: usize) {
    let (from, to, len) = (from as u32, to as u32, len as u32);
    match runs.last_mut().filter(|last| last.from + last.len == from && last.to + last.len == to) {
        Some(last) => last.len += len,
        None => runs.push(Run { from, to, len }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn city() -> Places {
        let mut builder = PlacesBuilder::default();
        for (no, division, building, door) in [
            (7, "500103001001", "B1", true),
            (3, "500103001001", "B1", false),
            (1, "500103001001", "B2", true),
            (9, "500103001002", "B3", true),
            (2, "500104001001", "B4", true),
        ] {
            builder.push(no, division, building, door).unwrap();
        }
        builder.build()
    }

    #[test]
    fn a_division_or_a_building_is_a_range() {
        let places = city();
        for (code, range) in
            [("50", 0..5), ("500103", 0..4), ("500103001001", 0..3), ("500104", 4..5), ("500105", 5..5), ("4", 0..0)]
        {
            assert_eq!(places.division(code), range, "{code}");
        }
        assert_eq!((places.building("B1"), places.building("B4"), places.building("B9")), (0..2, 4..5, 0..0));
        assert_eq!((places.ordinal(9), places.ordinal(8), places.number(4)), (Some(3), None, Some(2)));
        let mut seen = Bits::none(5);
        seen.set(1, true);
        assert_eq!(places.unseen(0..5, &[&seen]), (4, 3));
        assert_eq!(places.unseen(0..2, &[&seen]), (1, 0));
    }

    #[test]
    fn whoever_would_stand_twice_is_found() {
        let places = city();
        let part = |rows: &[(i64, &str, &str)]| {
            let mut builder = PlacesBuilder::default();
            rows.iter().for_each(|(no, division, building)| {
                builder.push(*no, division, building, true).unwrap();
            });
            builder.build()
        };
        let named = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>();
        let moved = part(&[(7, "500103001002", "B3")]);
        assert!(
            places.placed_anew(&named(&["500103001002"]), &moved).is_none(),
            "7 lives in a community that is not named"
        );
        assert!(places.placed_anew(&named(&["500104001001"]), &moved).is_none(), "its community is not named");
        let taken = part(&[(20, "500103001002", "B4")]);
        assert!(places.placed_anew(&named(&["500103001002"]), &taken).is_none(), "B4 stands in another community");
        assert!(places.placed_anew(&named(&["500103001001", "500103001002"]), &moved).is_some());
        let written = |places: &Places| {
            let divisions = places.communities().map(|(code, range)| (Box::from(code), range.start)).collect();
            let buildings = places.buildings().map(|(id, range)| (Box::from(id), range)).collect();
            (places.numbers().to_vec(), places.doors().clone(), divisions, buildings)
        };
        let (numbers, doors, divisions, buildings) = written(&places);
        assert!(Places::of(numbers.clone(), doors.clone(), divisions, buildings).is_some());
        let (.., divisions, buildings) = written(&places);
        assert!(Places::of(vec![7, 3, 1, 9, 7], doors.clone(), divisions, buildings).is_none(), "7 stands twice");
        let (.., mut divisions, buildings): (_, _, Vec<(Box<str>, usize)>, _) = written(&places);
        divisions.swap(0, 1);
        assert!(Places::of(numbers, doors, divisions, buildings).is_none(), "communities are in no order");
    }

    /// A city from rows of community, building of it, household of it and number.
    fn built(rows: &BTreeMap<u32, (u8, u8, u8)>) -> Places {
        let mut order: Vec<(u8, u8, u8, u32)> = rows.iter().map(|(no, (c, b, h))| (*c, *b, *h, *no)).collect();
        order.sort_unstable();
        let (mut builder, mut last) = (PlacesBuilder::default(), None);
        for (c, b, h, no) in order {
            let door = last.replace((c, b, h)) != Some((c, b, h));
            builder.push(i64::from(no), &format!("5001030010{c:02}"), &format!("B{c}-{b}"), door).unwrap();
        }
        builder.build()
    }

    proptest! {
        #[test]
        fn doors_are_counted_as_one_by_one(
            people in proptest::collection::vec((0u8..4, any::<bool>(), any::<bool>()), 1..300), a in 0usize..310, b in 0usize..310,
        ) {
            let mut builder = PlacesBuilder::default();
            let (mut one, mut two) = (Bits::none(people.len()), Bits::none(people.len()));
            for (at, (door, first, second)) in people.iter().enumerate() {
                builder.push(at as i64, "500103001001", "B", at == 0 || *door == 0).unwrap();
                one.set(at, *first && *door == 1);
                two.set(at, *second && *door == 2);
            }
            let places = builder.build();
            let range = a.min(b).min(people.len())..a.max(b).min(people.len());
            let (mut doors, mut unseen, mut found) = (0, 0, true);
            for at in range.clone() {
                if places.doors.get(at) {
                    unseen += u64::from(!found);
                    doors += 1;
                    found = false;
                }
                found |= one.get(at) || two.get(at);
            }
            prop_assert_eq!(places.unseen(range, &[&one, &two]), (doors, unseen + u64::from(!found)));
        }

        #[test]
        fn a_city_placed_anew_in_parts_is_the_city_built_anew(
            before in proptest::collection::btree_map(0u32..200, (0u8..6, 0u8..3, 0u8..3), 0..120),
            changes in proptest::collection::btree_map(0u32..220, proptest::option::of((0u8..7, 0u8..3, 0u8..3)), 0..20),
        ) {
            let old = built(&before);
            let mut after = before.clone();
            let mut touched = BTreeSet::new();
            for (no, change) in &changes {
                let was = match change {
                    Some(place) => after.insert(*no, *place),
                    None => after.remove(no),
                };
                touched.extend(was.map(|place| place.0).into_iter().chain(change.map(|place| place.0)));
            }
            let part = built(&after.iter().filter(|(_, place)| touched.contains(&place.0)).map(|(no, place)| (*no, *place)).collect());
            let named: BTreeSet<String> = touched.iter().map(|c| format!("5001030010{c:02}")).collect();
            let moved = old.placed_anew(&named, &part).unwrap();
            let whole = built(&after);
            prop_assert_eq!(&moved.places.numbers, &whole.numbers);
            prop_assert_eq!(&moved.places.doors, &whole.doors);
            prop_assert_eq!(&moved.places.divisions, &whole.divisions);
            prop_assert_eq!(&moved.places.buildings, &whole.buildings);
            for no in 0..220 {
                prop_assert_eq!(moved.places.ordinal(no), whole.ordinal(no));
            }
            // a set goes along with the people, and says nothing of whoever is new
            let mut odd = Bits::none(old.len());
            (0..old.len()).for_each(|at| odd.set(at, old.numbers[at] % 2 == 1));
            let odd = odd.moved(&moved.runs, whole.len());
            for (at, no) in whole.numbers.iter().enumerate() {
                let there = old.ordinal(i64::from(*no)).is_some();
                prop_assert_eq!(odd.get(at), there && no % 2 == 1);
                prop_assert_eq!(moved.fresh.contains(&at), !there);
            }
        }
    }
}
