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
        let mut beds: Vec<(u8, i32)> = Vec::new();
        for ask in riders.iter().map(|ask| &p.asks[*ask as usize]) {
            match beds.iter_mut().find(|(ward, _)| *ward == ask.ward) {
                Some((_, wanted)) => *wanted += ask.persons,
                None => beds.push((ask.ward, ask.persons)),
            }
        }
        self.touch(car);
        let mut best: Option<(i64, u16)> = None;
        for site in &p.open[p.asks[ask as usize].ward as usize] {
            let at = *site as usize;
            let room = |(ward, wanted): &(u8, i32)| p.room(&self.now.beds, at, *ward) >= *wanted;
            // all of its beds together are looked at by the row of all: the riders of every row count against it
            let takes = beds.iter().all(room) && p.room_of_all(&self.now.beds, at) >= trip.load;
            if *site == trip.site || !takes || !riders.iter().all(|ask| p.allows(*ask, at)) {
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
        for ask in riders.iter().map(|ask| &p.asks[*ask as usize]) {
            p.take(&mut self.now.beds, trip.site, ask, -1);
            p.take(&mut self.now.beds, site, ask, 1);
        }
        true
    }
}
