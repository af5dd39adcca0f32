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
        let class = trip.class as usize;
        let bed = |site: u16| site as usize * p.classes + class;
        self.touch(car);
        let mut best: Option<(i64, u16)> = None;
        for site in &p.open[class] {
            if *site == trip.site || self.now.beds[bed(*site)] < trip.load {
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
        self.now.beds[bed(trip.site)] += trip.load;
        self.now.beds[bed(site)] -= trip.load;
        true
    }
}
