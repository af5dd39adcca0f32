//! A change that taking apart and putting back finds badly because it must be made at once: a whole trip goes to another
//! facility.

use super::search::{NOBODY, Search};

impl Search<'_> {
    /// Sends a trip to the other facility that costs least. Whether the change is kept is for the caller to say; false if
    /// there is none.
    pub(super) fn change_site(&mut self) -> bool {
        let p = self.p;
        if self.members.is_empty() {
            return false;
        }
        let ask = self.members[self.luck.below(self.members.len())];
        let car = self.holder[ask as usize];
        if car == NOBODY {
            return false;
        }
        let index = self.now.cars[car as usize] as usize;
        let tour = &self.now.tours[car as usize];
        let Some(at) = tour.position(ask) else { return false };
        let k = tour.trip_of(at);
        let trip = tour.trips[k];
        let riders: Vec<u32> = tour.stops[trip.first as usize..trip.end as usize].iter().map(|stop| stop.ask).collect();
        self.touch(car);
        let mut best: Option<(i64, u16)> = None;
        for site in &p.open[p.asks[ask as usize].ward as usize] {
            if *site == trip.site || !self.takes_all(&riders, *site) {
                continue;
            }
            let tour = &mut self.now.tours[car as usize];
            tour.trips[k].site = *site;
            if tour.refresh(p, index).is_none() && best.is_none_or(|(least, _)| tour.cost < least) {
                best = Some((tour.cost, *site));
            }
        }
        let tour = &mut self.now.tours[car as usize];
        tour.trips[k].site = best.map_or(trip.site, |(_, site)| site);
        tour.refresh(p, index);
        let Some((_, site)) = best else { return false };
        self.share_beds(&riders, trip.site, -1);
        self.share_beds(&riders, site, 1);
        true
    }

    /// Whether a site has beds for all of these, and all of them may go there.
    pub(super) fn takes_all(&self, riders: &[u32], site: u16) -> bool {
        let p = self.p;
        let (mut beds, mut all): (Vec<(u8, i32)>, i32) = (Vec::new(), 0);
        for ask in riders.iter().map(|ask| &p.asks[*ask as usize]) {
            all += ask.persons;
            match beds.iter_mut().find(|(ward, _)| *ward == ask.ward) {
                Some((_, wanted)) => *wanted += ask.persons,
                None => beds.push((ask.ward, ask.persons)),
            }
        }
        // all of its beds together are looked at by the row of all: the riders of every row count against it
        beds.iter().all(|(ward, wanted)| p.room(&self.now.beds, site as usize, *ward) >= *wanted)
            && p.room_of_all(&self.now.beds, site as usize) >= all
            && riders.iter().all(|ask| p.allows(*ask, site as usize))
    }

    /// Takes a bed at a site for each of these; gives them back where fewer than none are taken.
    pub(super) fn share_beds(&mut self, riders: &[u32], site: u16, share: i32) {
        for ask in riders {
            self.p.take(&mut self.now.beds, site, &self.p.asks[*ask as usize], share);
        }
    }
}
