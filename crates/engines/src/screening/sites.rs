//! Where sampling sites stand: every building goes to one site within reach, no site takes more people than it may, few take
//! fewer than they should, and people walk as little as can be. The city is split in halves by people until each part is a
//! site (a k-d tree), then improved by moving and exchanging buildings between neighbouring sites, by putting each site where
//! its people walk least, and by closing sites whose people others can take (a capacitated p-median with a limit on distance;
//! local search as in Mladenovic et al. 2007). The order of work is fixed, so the same city gives the same sites.

use super::chart::{Grid, Spot};

/// Sweeps over all buildings at most; the search ends earlier when nothing is gained.
const SWEEPS_MAX: usize = 24;
/// Buildings of a site up to which every one is tried as its place; beyond, those nearest to the middle.
const TRIED_MAX: usize = 48;
/// Gain below which a change is not made, metres times people: what rounding may hide.
const GAIN_LEAST: f32 = 1.0;

/// What a site may take and how far people may come, metres in a straight line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub least: u32,
    pub most: u32,
    pub reach: f32,
    /// Every building has sites of its own, however few its people: nobody walks.
    pub in_place: bool,
}

/// A site: the building at whose foot it stands, and whom it serves (building, people).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    pub at: u32,
    pub serves: Vec<(u32, u32)>,
    pub people: u32,
}

/// Places sites for buildings with people. `improve` = false stops after the splitting, to measure what the search is worth.
pub(super) fn place(spots: &[Spot], people: &[u32], rules: Rules, improve: bool) -> Vec<Placed> {
    let mut done = Vec::new();
    let mut items = Vec::new();
    for (at, count) in people.iter().enumerate() {
        let at = at as u32;
        if *count > rules.most || (rules.in_place && *count > 0) {
            // a building for sites of its own: they stand at its foot
            let parts = count.div_ceil(rules.most);
            done.extend((0..parts).map(|part| {
                let share = count / parts + u32::from(part < count % parts);
                Placed { at, serves: vec![(at, share)], people: share }
            }));
        } else if *count > 0 {
            items.push(at);
        }
    }
    let mut city = City {
        spots,
        people,
        rules,
        sites: Vec::new(),
        of: vec![u32::MAX; people.len()],
        grid: Grid::new(rules.reach / 2.0),
    };
    let mut groups = Vec::new();
    split(&city, &mut items, 0, &mut groups);
    for group in groups {
        city.open(group);
    }
    if improve {
        city.close_small();
        city.walk_less();
        city.close_small();
        city.fill_small();
        city.walk_less();
    }
    let placed = city.sites.into_iter().filter(|site| !site.members.is_empty()).map(|site| Placed {
        at: site.at,
        serves: site.members.iter().map(|at| (*at, people[*at as usize])).collect(),
        people: site.people,
    });
    done.extend(placed);
    done
}

/// Splits buildings into groups of which each can be a site.
fn split(city: &City<'_>, items: &mut [u32], depth: u32, groups: &mut Vec<Vec<u32>>) {
    let total: u64 = items.iter().map(|at| u64::from(city.people[*at as usize])).sum();
    let (least, most) = (u64::from(city.rules.least), u64::from(city.rules.most));
    if items.is_empty() {
        return;
    }
    let fits = total <= most && (items.len() == 1 || city.best_place(items, None).1 <= city.rules.reach);
    if fits || items.len() == 1 {
        return groups.push(items.to_vec());
    }
    let parts = if total <= most { 2 } else { (2 * total).div_ceil(least + most).max(2) };
    let bounds = |value: fn(&Spot) -> f32| {
        let values = items.iter().map(|at| value(&city.spots[*at as usize]));
        values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((x0, x1), (y0, y1)) = (bounds(|spot| spot.x), bounds(|spot| spot.y));
    let wide = x1 - x0 >= y1 - y0;
    let value = |at: u32| {
        let spot = &city.spots[at as usize];
        if wide { spot.x } else { spot.y }
    };
    items.sort_unstable_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    let cut = if total <= most || depth > 64 {
        // too wide for one site: cut where nobody lives, in the middle half
        let gap = |at: usize| value(items[at]) - value(items[at - 1]);
        let (from, to) = ((items.len() / 4).max(1), (3 * items.len() / 4).max(1));
        (from..=to).max_by(|a, b| gap(*a).total_cmp(&gap(*b)).then(b.cmp(a))).unwrap_or(1)
    } else {
        let share = total * (parts / 2) / parts;
        let mut before = 0;
        let reached = |at: &u32| {
            before += u64::from(city.people[*at as usize]);
            before >= share
        };
        items.iter().position(reached).map_or(1, |at| (at + 1).clamp(1, items.len() - 1))
    };
    let (left, right) = items.split_at_mut(cut);
    split(city, left, depth + 1, groups);
    split(city, right, depth + 1, groups);
}

struct Site {
    at: u32,
    members: Vec<u32>,
    people: u32,
}

struct City<'a> {
    spots: &'a [Spot],
    people: &'a [u32],
    rules: Rules,
    sites: Vec<Site>,
    /// Site of a building.
    of: Vec<u32>,
    grid: Grid,
}

impl City<'_> {
    fn apart(&self, a: u32, b: u32) -> f32 {
        self.spots[a as usize].metres(self.spots[b as usize])
    }

    /// The building among these from which their people have the shortest way, all within reach if that can be, and the
    /// farthest way to it. `now` is tried too.
    fn best_place(&self, members: &[u32], now: Option<u32>) -> (u32, f32) {
        let mut tried: Vec<u32> = members.to_vec();
        if tried.len() > TRIED_MAX {
            let (mut weight, mut x, mut y) = (0.0f64, 0.0f64, 0.0f64);
            for at in members {
                let (spot, people) = (&self.spots[*at as usize], f64::from(self.people[*at as usize]));
                weight += people;
                x += people * f64::from(spot.x);
                y += people * f64::from(spot.y);
            }
            let middle = Spot {
                x: (x / weight) as f32,
                y: (y / weight) as f32,
                squeeze: self.spots[members[0] as usize].squeeze,
            };
            let far = |at: &u32| self.spots[*at as usize].metres(middle);
            tried.sort_unstable_by(|a, b| far(a).total_cmp(&far(b)).then(a.cmp(b)));
            tried.truncate(TRIED_MAX);
        }
        tried.extend(now);
        let mut best = (u32::MAX, f32::INFINITY, f32::INFINITY, f64::INFINITY);
        for place in tried {
            let (mut farthest, mut walk) = (0.0f32, 0.0f64);
            for at in members {
                let way = self.apart(place, *at);
                farthest = farthest.max(way);
                walk += f64::from(way) * f64::from(self.people[*at as usize]);
            }
            let over = (farthest - self.rules.reach).max(0.0);
            if (over, walk, place) < (best.2, best.3, best.0) {
                best = (place, farthest, over, walk);
            }
        }
        (best.0, best.1)
    }

    fn open(&mut self, members: Vec<u32>) {
        let (at, _) = self.best_place(&members, None);
        let number = self.sites.len() as u32;
        let people = members.iter().map(|at| self.people[*at as usize]).sum();
        members.iter().for_each(|member| self.of[*member as usize] = number);
        self.grid.put(self.spots[at as usize], number);
        self.sites.push(Site { at, members, people });
    }

    fn shift(&mut self, building: u32, to: u32) {
        let from = self.of[building as usize] as usize;
        let people = self.people[building as usize];
        self.sites[from].members.retain(|other| *other != building);
        self.sites[from].people -= people;
        self.sites[to as usize].members.push(building);
        self.sites[to as usize].people += people;
        self.of[building as usize] = to;
    }

    /// Sites within a radius of a building, nearest first, with their distance; not its own.
    fn sites_near(&self, building: u32, radius: f32, into: &mut Vec<(f32, u32)>) {
        into.clear();
        let (spot, own) = (self.spots[building as usize], self.of[building as usize]);
        self.grid.near(spot, radius, |site| {
            if site != own {
                let way = spot.metres(self.spots[self.sites[site as usize].at as usize]);
                if way <= radius {
                    into.push((way, site));
                }
            }
        });
        into.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }

    /// Moves and exchanges buildings, and puts sites where their people walk least, until nothing is gained.
    fn walk_less(&mut self) {
        let mut near = Vec::new();
        let mut fresh = vec![true; self.sites.len()];
        for _ in 0..SWEEPS_MAX {
            let mut touched = vec![false; self.sites.len()];
            let mut any = false;
            for building in 0..self.of.len() as u32 {
                let own = self.of[building as usize];
                // a building whose neighbourhood did not change in the last sweep has nothing to gain in this one
                if own == u32::MAX {
                    continue;
                }
                let now = self.apart(building, self.sites[own as usize].at);
                if now == 0.0 {
                    continue;
                }
                self.sites_near(building, now.min(self.rules.reach), &mut near);
                for (way, site) in near.iter().copied() {
                    if !fresh[own as usize] && !fresh[site as usize] {
                        continue;
                    }
                    if self.try_move(building, site, now - way) || self.try_exchange(building, site, now - way) {
                        touched[own as usize] = true;
                        touched[site as usize] = true;
                        any = true;
                        break;
                    }
                }
            }
            for (number, _) in touched.iter().enumerate().filter(|(_, touched)| **touched) {
                self.recentre(number);
            }
            fresh = touched;
            if !any {
                break;
            }
        }
    }

    fn recentre(&mut self, number: usize) {
        let site = &self.sites[number];
        if site.members.is_empty() {
            return;
        }
        let (at, _) = self.best_place(&site.members, Some(site.at));
        if at != site.at {
            let old = self.spots[site.at as usize];
            self.grid.take(old, number as u32);
            self.grid.put(self.spots[at as usize], number as u32);
            self.sites[number].at = at;
        }
    }

    /// Whether a site of so many people may come to have so many fewer: none falls below the least, and none is emptied here.
    fn may_lose(&self, site: u32, people: u32) -> bool {
        self.sites[site as usize].people >= people + self.rules.least
    }

    fn try_move(&mut self, building: u32, to: u32, shorter: f32) -> bool {
        let people = self.people[building as usize];
        let fits = self.sites[to as usize].people + people <= self.rules.most;
        let gains = shorter * people as f32 > GAIN_LEAST;
        if fits && gains && self.may_lose(self.of[building as usize], people) {
            self.shift(building, to);
            return true;
        }
        false
    }

    /// Exchanges a building with the one of the other site with which most is gained.
    fn try_exchange(&mut self, building: u32, to: u32, shorter: f32) -> bool {
        let from = self.of[building as usize];
        let people = self.people[building as usize];
        let (here, there) = (&self.sites[from as usize], &self.sites[to as usize]);
        let mut best: Option<(f32, u32)> = None;
        for other in &there.members {
            let theirs = self.people[*other as usize];
            let (after_here, after_there) = (here.people - people + theirs, there.people - theirs + people);
            let keeps = |before: u32, after: u32| after <= self.rules.most && after >= self.rules.least.min(before);
            if !keeps(here.people, after_here) || !keeps(there.people, after_there) {
                continue;
            }
            let way = self.apart(*other, here.at);
            if way > self.rules.reach {
                continue;
            }
            let gain = shorter * people as f32 + (self.apart(*other, there.at) - way) * theirs as f32;
            if gain > GAIN_LEAST && best.is_none_or(|(most, _)| gain > most) {
                best = Some((gain, *other));
            }
        }
        let Some((_, other)) = best else { return false };
        self.shift(building, to);
        self.shift(other, from);
        true
    }

    /// Closes sites with fewer people than they should have: all their buildings go to others, or to one that moves.
    fn close_small(&mut self) {
        let small = |site: &Site, least: u32| !site.members.is_empty() && site.people < least;
        let mut order: Vec<u32> = (0..self.sites.len() as u32)
            .filter(|number| small(&self.sites[*number as usize], self.rules.least))
            .collect();
        order.sort_by_key(|number| (self.sites[*number as usize].people, *number));
        let mut near = Vec::new();
        for number in order {
            if !small(&self.sites[number as usize], self.rules.least) {
                continue;
            }
            if self.scatter(number, &mut near) || self.join(number, &mut near) {
                let at = self.sites[number as usize].at;
                self.grid.take(self.spots[at as usize], number);
            }
        }
    }

    /// Gives every building of a site to others within reach, or none.
    fn scatter(&mut self, number: u32, near: &mut Vec<(f32, u32)>) -> bool {
        let mut members = self.sites[number as usize].members.clone();
        members.sort_by_key(|at| (std::cmp::Reverse(self.people[*at as usize]), *at));
        let mut moved: Vec<u32> = Vec::new();
        for building in &members {
            self.sites_near(*building, self.rules.reach, near);
            let people = self.people[*building as usize];
            let taker = near.iter().find(|(_, site)| {
                let site = &self.sites[*site as usize];
                !site.members.is_empty() && site.people + people <= self.rules.most
            });
            let Some((_, taker)) = taker.copied() else {
                moved.iter().for_each(|building| self.shift(*building, number));
                return false;
            };
            self.shift(*building, taker);
            moved.push(*building);
        }
        true
    }

    /// Joins a site with the neighbour with which it has a place in everybody's reach.
    fn join(&mut self, number: u32, near: &mut Vec<(f32, u32)>) -> bool {
        let at = self.sites[number as usize].at;
        self.sites_near(at, 2.0 * self.rules.reach, near);
        for (_, other) in near.iter().take(12).copied() {
            let (a, b) = (&self.sites[number as usize], &self.sites[other as usize]);
            if b.members.is_empty() || a.people + b.people > self.rules.most {
                continue;
            }
            let all: Vec<u32> = a.members.iter().chain(&b.members).copied().collect();
            let (_, farthest) = self.best_place(&all, None);
            if farthest <= self.rules.reach {
                for building in self.sites[number as usize].members.clone() {
                    self.shift(building, other);
                }
                self.recentre(other as usize);
                return true;
            }
        }
        false
    }

    /// Gives sites with too few people the nearest buildings of neighbours that have more than they need, where that is
    /// enough to reach the least.
    fn fill_small(&mut self) {
        let mut near = Vec::new();
        for number in 0..self.sites.len() as u32 {
            let site = &self.sites[number as usize];
            if site.members.is_empty() || site.people >= self.rules.least {
                continue;
            }
            let (at, reach) = (site.at, self.rules.reach);
            self.sites_near(at, 2.0 * reach, &mut near);
            let mut offers: Vec<(f32, u32)> = Vec::new();
            for (_, other) in near.iter().take(12) {
                let members = self.sites[*other as usize].members.iter();
                offers.extend(
                    members.map(|building| (self.apart(*building, at), *building)).filter(|offer| offer.0 <= reach),
                );
            }
            offers.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut taken = Vec::new();
            for (_, building) in offers {
                let (from, people) = (self.of[building as usize], self.people[building as usize]);
                let now = self.sites[number as usize].people;
                if now >= self.rules.least {
                    break;
                }
                if now + people <= self.rules.most && self.may_lose(from, people) {
                    self.shift(building, number);
                    taken.push((building, from));
                }
            }
            if self.sites[number as usize].people < self.rules.least {
                taken.into_iter().rev().for_each(|(building, from)| self.shift(building, from));
            }
        }
    }
}

#[cfg(test)]
mod tests;
