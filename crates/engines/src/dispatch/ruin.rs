//! What is taken out of a plan before it is put back better: strings of stops near one another in place and time (slack
//! induction by string removals, Christiaens and Vanden Berghe 2020), whole trips, related requests, those who wait or ride
//! longest.

use super::{
    search::{NOBODY, Search},
    tour::Tour,
};

/// Requests taken out on average by strings.
const STRINGS_MEAN: f64 = 10.0;
/// Longest string.
const STRING_MAX: f64 = 10.0;

/// One ruin in so many begins with somebody who has no place; one in so many with somebody who is late, if a sample finds any.
const ABSENT_ONE_IN: usize = 3;
const LATE_ONE_IN: usize = 3;
const LATE_SAMPLE: usize = 40;

impl Search<'_> {
    pub(super) fn ruin(&mut self) {
        if self.members.is_empty() {
            return;
        }
        self.epoch += 1;
        match self.luck.below(20) {
            0..=3 => self.ruin_strings(),
            4 => self.ruin_trips(),
            5..=18 => self.ruin_related(),
            _ => self.ruin_worst(),
        }
        self.take_marked();
    }

    fn any(&mut self) -> u32 {
        self.members[self.luck.below(self.members.len())]
    }

    /// Where to begin: mostly anywhere; now and then with somebody who has no place, or who is late.
    pub(super) fn seed(&mut self) -> u32 {
        if !self.now.absent.is_empty() && self.luck.below(ABSENT_ONE_IN) == 0 {
            return self.now.absent[self.luck.below(self.now.absent.len())];
        }
        if self.luck.below(LATE_ONE_IN) == 0 {
            for _ in 0..LATE_SAMPLE {
                let ask = self.any();
                let car = self.holder[ask as usize];
                if car == NOBODY {
                    continue;
                }
                let tour = &self.now.tours[car as usize];
                if tour.trips.iter().all(|trip| trip.late == 0) {
                    continue;
                }
                let due = self.p.asks[ask as usize].due;
                if tour.position(ask).is_some_and(|at| tour.stops[at].at > due) {
                    return ask;
                }
            }
        }
        self.any()
    }

    fn mark(&mut self, ask: u32) {
        self.mark[ask as usize] = self.epoch;
    }

    fn marked(&self, ask: u32) -> bool {
        self.mark[ask as usize] == self.epoch
    }

    /// Marks a request of a tour for removal.
    fn choose(&mut self, ask: u32) -> bool {
        let car = self.holder[ask as usize];
        if car == NOBODY || self.marked(ask) {
            return false;
        }
        let tour = &self.now.tours[car as usize];
        if tour.base.frozen > 0 && tour.stops[..tour.base.frozen as usize].iter().any(|stop| stop.ask == ask) {
            return false;
        }
        self.mark(ask);
        self.touch(car);
        self.removed.push(ask);
        true
    }

    /// Takes the marked requests out of the touched tours.
    fn take_marked(&mut self) {
        let p = self.p;
        let mut cars: Vec<u32> = self.removed.iter().map(|ask| self.holder[*ask as usize]).collect();
        cars.sort_unstable();
        cars.dedup();
        for car in cars {
            let index = self.now.cars[car as usize] as usize;
            let (mark, epoch) = (&self.mark, self.epoch);
            let tour = &mut self.now.tours[car as usize];
            let beds = &mut self.now.beds;
            let free = |tour: &Tour, beds: &mut Vec<i32>, gone: &dyn Fn(u32) -> bool| {
                for trip in &tour.trips {
                    for stop in &tour.stops[trip.first as usize..trip.end as usize] {
                        if gone(stop.ask) {
                            let ask = &p.asks[stop.ask as usize];
                            p.take(beds, trip.site, ask, -1);
                        }
                    }
                }
            };
            free(tour, beds, &|ask| mark[ask as usize] == epoch);
            tour.remove(|stop| mark[stop.ask as usize] == epoch);
            // an earlier start can make a ride longer, and who waits at a door where the vehicle stood needs a stop of their own once it
            // comes from elsewhere, past the end of its shift: then whoever is released last on that trip, or on the last one, goes too
            while let Some(k) = tour.refresh(p, index) {
                let k = k.min(tour.trips.len() - 1);
                let trip = tour.trips[k];
                let skip = if k == 0 { tour.base.frozen as usize } else { 0 };
                let last = tour.stops[trip.first as usize + skip..trip.end as usize]
                    .iter()
                    .map(|stop| stop.ask)
                    .max_by_key(|ask| (p.asks[*ask as usize].release, *ask));
                let Some(last) = last else { break };
                free(tour, beds, &|ask| ask == last);
                tour.remove(|stop| stop.ask == last);
                self.removed.push(last);
            }
        }
        for ask in &self.removed {
            self.holder[*ask as usize] = NOBODY;
        }
    }

    fn ruin_strings(&mut self) {
        let p = self.p;
        let stops: usize = self.members.len();
        let mean = stops as f64 / self.now.tours.len().max(1) as f64;
        let longest = STRING_MAX.min(mean.max(1.0));
        let most = (4.0 * STRINGS_MEAN / (1.0 + longest) - 1.0).max(1.0);
        let strings = (self.luck.unit() * most + 1.0) as usize;
        let seed = self.seed();
        let mut done: [u32; 64] = [NOBODY; 64];
        let mut count = 0;
        let near = p.near(seed as usize);
        for ask in std::iter::once(&seed).chain(near) {
            if count >= strings.min(done.len()) {
                break;
            }
            let car = self.holder[*ask as usize];
            if car == NOBODY || done[..count].contains(&car) {
                continue;
            }
            let tour = &self.now.tours[car as usize];
            let Some(at) = tour.position(*ask) else { continue };
            let size = tour.stops.len();
            let length = (self.luck.unit() * longest.min(size as f64) + 1.0) as usize;
            let length = length.min(size);
            // a string that holds the stop; half of them keep a piece in the middle
            let kept = if length > 1 && length < size && self.luck.below(2) == 0 {
                let mut kept = 1;
                while length + kept < size && self.luck.unit() > 0.01 && kept < 3 {
                    kept += 1;
                }
                kept
            } else {
                0
            };
            let whole = (length + kept).min(size);
            let low = at.saturating_sub(whole - 1);
            let high = at.min(size - whole);
            let from = low + self.luck.below(high - low + 1);
            let gap = if kept > 0 { from + 1 + self.luck.below(length.max(2) - 1) } else { usize::MAX };
            done[count] = car;
            count += 1;
            for i in from..from + whole {
                if kept > 0 && (gap..gap + kept).contains(&i) {
                    continue;
                }
                let ask = self.now.tours[car as usize].stops[i].ask;
                self.choose(ask);
            }
        }
    }

    /// Whole trips near a request.
    fn ruin_trips(&mut self) {
        let p = self.p;
        let seed = self.seed();
        let trips = 1 + self.luck.below(4);
        let mut taken = 0;
        for ask in std::iter::once(&seed).chain(p.near(seed as usize)) {
            if taken >= trips {
                break;
            }
            let car = self.holder[*ask as usize];
            if car == NOBODY || self.marked(*ask) || self.luck.below(4) == 0 {
                continue;
            }
            let tour = &self.now.tours[car as usize];
            let Some(at) = tour.position(*ask) else { continue };
            let trip = tour.trips[tour.trip_of(at)];
            taken += 1;
            for i in trip.first..trip.end {
                let ask = self.now.tours[car as usize].stops[i as usize].ask;
                self.choose(ask);
            }
        }
    }

    /// Single requests near one, more likely the nearer.
    fn ruin_related(&mut self) {
        let p = self.p;
        let seed = self.seed();
        let many = 4 + self.luck.below(12);
        self.choose(seed);
        let near = p.near(seed as usize);
        let mut taken = 1;
        for ask in near {
            if taken >= many {
                break;
            }
            if self.luck.below(3) > 0 && self.choose(*ask) {
                taken += 1;
            }
        }
    }

    /// Those who wait or ride longest beyond what they must, among a sample, with some of their trip.
    fn ruin_worst(&mut self) {
        let p = self.p;
        let many = 3 + self.luck.below(5);
        let ride = self.luck.below(2) == 0;
        for _ in 0..many {
            let mut worst: Option<(i64, u32)> = None;
            for _ in 0..12 {
                let ask = self.any();
                let car = self.holder[ask as usize];
                if car == NOBODY || self.marked(ask) {
                    continue;
                }
                let tour = &self.now.tours[car as usize];
                let Some(at) = tour.position(ask) else { continue };
                let (stop, trip) = (&tour.stops[at], &tour.trips[tour.trip_of(at)]);
                let a = &p.asks[ask as usize];
                let harm = if ride { trip.arrive - stop.dep - a.nearest } else { stop.at - a.release };
                let harm = a.weight * i64::from(harm);
                if worst.is_none_or(|(most, _)| harm > most) {
                    worst = Some((harm, ask));
                }
            }
            let Some((_, ask)) = worst else { continue };
            self.choose(ask);
            // somebody near makes room
            let near = p.near(ask as usize);
            if !near.is_empty() {
                let other = near[self.luck.below(near.len().min(10))];
                self.choose(other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{instance::Instance, luck::Luck, plan::*, problem::Problem, search::*, solve::bases};
    use serde_json::json;

    /// The vehicle brings somebody to a site and waits there for somebody at the same door, who is ready so late that it is home in the
    /// last second of its shift. Without the first ride it stops at that door for them: longer, and too late.
    #[test]
    fn who_waited_at_the_same_door_does_not_stay_past_the_shift() {
        let document = json!({
            "name": "door", "horizon_s": 40_000,
            "travel": {"detour": 1.0, "speed_kmh": 36.0, "asymmetry": 0.0},
            "locations_km": [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]],
            "requests": [
                {"id": 1, "location": 1, "persons": 1, "class": "P", "release_s": 0, "due_s": 40_000, "needs": []},
                {"id": 2, "location": 2, "persons": 1, "class": "P", "release_s": 20_000, "due_s": 40_000, "needs": []},
            ],
            "facilities": [{"id": 5, "location": 2, "beds": {"P": 9}, "unload_s": 300, "per_person_s": 30}],
            "vehicles": [{"id": 7, "depot": 0, "seats": 4, "equipment": []}],
            "stop_s": 300, "per_person_s": 60, "decontamination_s": 0, "ride_limit_s": 9_000,
        });
        let mut instance = Instance::parse(&document.to_string()).unwrap();
        let rides = [1, 2].iter().flat_map(|id| [Step::Pickup(*id), Step::Dropoff(5, None)]);
        let plan = Itinerary { routes: vec![Route { vehicle: 7, steps: rides.collect() }] };
        // ready, boarded, got off, home
        instance.trucks[0].shift_s = (0, 20_000 + 60 + 30 + 2_000);
        let p = Problem::new(&instance);
        let part = Part::of_plan(&p, &instance, &plan, &bases(&p)).unwrap();
        let mut search = Search::new(&p, part, Luck::new(1, 0));
        assert_eq!(search.now.tours[0].refresh(&p, 0), None, "it is a plan");
        search.epoch += 1;
        assert!(search.choose(0));
        search.take_marked();
        assert_eq!(search.now.tours[0].refresh(&p, 0), None, "it is still one");
        assert_eq!((search.now.tours[0].stops.len(), search.removed.len()), (0, 2), "both are placed anew");
        assert_eq!(search.now.beds, p.beds, "and nobody takes a bed");
    }
}
