//! Hours filled from their end, box by box: a box may go wherever the hours that are left begin after it arrives.

use super::{CLOSE_MIN, Search};

/// Shares of the most time to spare beside which a laboratory is looked at, the cheapest way first.
const SPARED: [f64; 6] = [0.0, 0.2, 0.4, 0.6, 0.8, 0.95];

impl<'a> Search<'a> {
    /// Box by box from the end of the round, so that hours are filled from the time of the last result back: a box may go wherever
    /// the hours that are left begin after it arrives. Of these it goes to the cheapest among those with most time to spare. The
    /// earliest time at which this finds room for every box, by halving, with the cheapest such assignment; none that is sooner
    /// than the later of two times that are known.
    pub(super) fn filled_from_the_end(
        &self,
        fixed: &[Option<u32>],
        left: &[u32],
        known: (f64, f64),
    ) -> Option<(Vec<Option<u32>>, f64)> {
        let mut order: Vec<u32> = self.groups.iter().flat_map(|group| group.boxes.iter().copied()).collect();
        order.extend((0..fixed.len() as u32).filter(|at| fixed[*at as usize].is_some()));
        order.sort_by(|a, b| {
            let ready = |at: &u32| self.boxes[*at as usize].ready_min;
            ready(b).total_cmp(&ready(a)).then(a.cmp(b))
        });
        let (mut low, mut high) = known;
        let mut best = None;
        while high - low > 0.5 * CLOSE_MIN && high.is_finite() {
            let time = 0.5 * (low + high);
            match self.filled(time, &order, fixed, left, 1.0) {
                Some(found) => (best, high) = (Some(found), time),
                None => low = time,
            }
        }
        let best = best?;
        let cheaper = SPARED.iter().find_map(|spared| self.filled(high, &order, fixed, left, *spared));
        let best = cheaper.unwrap_or(best);
        let last = self.last(&best);
        Some((best, last))
    }

    /// Every box at a laboratory whose hours before a time are filled from their end, or none if one finds no room. A laboratory is
    /// looked at if it has at least this share of the time to spare that the one with most of it has.
    fn filled(
        &self,
        time: f64,
        order: &[u32],
        fixed: &[Option<u32>],
        left: &[u32],
        share: f64,
    ) -> Option<Vec<Option<u32>>> {
        let mut ends: Vec<f64> = self.clocks.iter().map(|clock| time - clock.turnaround()).collect();
        let (mut to, mut left) = (fixed.to_vec(), left.to_vec());
        let mut fits: Vec<(f64, f64, usize)> = Vec::with_capacity(ends.len());
        for at in order {
            let (tubes, given) = (self.boxes[*at as usize].tubes, fixed[*at as usize]);
            fits.clear();
            for (laboratory, clock) in self.clocks.iter().enumerate() {
                let open = given.map_or(left[laboratory] >= tubes, |given| given as usize == laboratory);
                let begin = if open { clock.begun(ends[laboratory], tubes.into()) } else { f64::NEG_INFINITY };
                let spare = begin - self.arrival(*at, laboratory);
                if spare >= 0.0 {
                    fits.push((spare, begin, laboratory));
                }
            }
            let most = fits.iter().map(|fit| fit.0).fold(0.0, f64::max);
            let cost = |fit: &(f64, f64, usize)| self.cost(*at, fit.2);
            let looked = fits.iter().filter(|fit| fit.0 >= share * most);
            let (_, begin, laboratory) =
                looked.min_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.2.cmp(&b.2))).copied()?;
            ends[laboratory] = begin;
            if given.is_none() {
                left[laboratory] -= tubes;
            }
            to[*at as usize] = Some(laboratory as u32);
        }
        Some(to)
    }
}
