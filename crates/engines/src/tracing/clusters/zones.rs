//! Which places make circles: for each centre, the sites with cases by their distance, with the cases of all of them so far.
//! Places at one position are one site; sites at one distance enter a circle together. Computed once for a scan, because
//! shuffling the days changes no place.

use super::{Position, ScanError};
use crate::tracing::sharing::by_blocks;

/// Mark of a member that is followed by another at the same distance, so that no circle ends with it.
const JOINED: u32 = 1 << 31;
/// Most circles; each takes eight bytes.
const CIRCLES_MAX: usize = 1 << 27;
/// Kilometres.
const EARTH_RADIUS: f64 = 6_371.0;

/// The circles of a scan.
#[derive(Debug)]
pub(super) struct Zones {
    positions: Vec<Option<Position>>,
    /// Site of each place.
    sites: Vec<u32>,
    /// First place of each site.
    places: Vec<u32>,
    starts: Vec<usize>,
    members: Vec<u32>,
    /// Cases of the members of a centre up to this one.
    cases: Vec<u32>,
}

/// One member of a circle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub site: u32,
    /// Whether a circle ends here.
    pub ends: bool,
    /// Cases of the circle on all days.
    pub cases: u32,
}

impl Zones {
    pub fn new(
        positions: &[Option<Position>],
        cases: &[u32],
        cases_max: u32,
        radius_max: Option<f64>,
        threads: usize,
    ) -> Result<Zones, ScanError> {
        if let Some((place, what)) =
            positions.iter().enumerate().find_map(|(at, position)| Some((at, fault(*position)?)))
        {
            return Err(ScanError::Position { place, what });
        }
        let mut zones = Zones {
            positions: positions.to_vec(),
            sites: vec![0; positions.len()],
            places: Vec::new(),
            starts: vec![0],
            members: Vec::new(),
            cases: Vec::new(),
        };
        zones.unite_places();
        let mut by_site = vec![0_u32; zones.places.len()];
        for (place, count) in cases.iter().enumerate() {
            by_site[zones.sites[place] as usize] += count;
        }
        let with_cases: Vec<u32> = (0..by_site.len() as u32).filter(|site| by_site[*site as usize] > 0).collect();

        let sites = zones.places.len();
        let blocks = sites.min(threads.max(1) * 32);
        let found = by_blocks(blocks, threads, |block| {
            let mut found = Vec::new();
            for centre in crate::tracing::sharing::part(sites, blocks, block) {
                let members = zones.around(centre, &with_cases, &by_site, cases_max, radius_max);
                found.push(members);
            }
            found
        });
        for (members, cases) in found.into_iter().flatten() {
            if zones.members.len() + members.len() > CIRCLES_MAX {
                return Err(ScanError::TooManyCircles { most: CIRCLES_MAX });
            }
            zones.members.extend(members);
            zones.cases.extend(cases);
            zones.starts.push(zones.members.len());
        }
        Ok(zones)
    }

    /// Places at one position become one site, in the order of places.
    fn unite_places(&mut self) {
        let key = |place: u32| match self.positions[place as usize] {
            // Adding zero makes one zero of two.
            Some(Position::Globe { lat, lon }) => (0, (lat + 0.0).to_bits(), (lon + 0.0).to_bits(), 0),
            Some(Position::Plane { x, y }) => (1, (x + 0.0).to_bits(), (y + 0.0).to_bits(), 0),
            None => (2, 0, 0, place),
        };
        let mut order: Vec<u32> = (0..self.positions.len() as u32).collect();
        order.sort_by_key(|place| (key(*place), *place));
        let mut first_of = vec![0_u32; order.len()];
        for group in order.chunk_by(|a, b| key(*a) == key(*b)) {
            group.iter().for_each(|place| first_of[*place as usize] = group[0]);
        }
        for (place, first) in first_of.iter().enumerate() {
            if *first as usize == place {
                self.sites[place] = self.places.len() as u32;
                self.places.push(place as u32);
            } else {
                self.sites[place] = self.sites[*first as usize];
            }
        }
    }

    /// Members and cases of the circles around a centre.
    fn around(
        &self,
        centre: usize,
        with_cases: &[u32],
        by_site: &[u32],
        cases_max: u32,
        radius_max: Option<f64>,
    ) -> (Vec<u32>, Vec<u32>) {
        let mut near: Vec<(f64, u32)> = with_cases
            .iter()
            .filter_map(|site| Some((self.distance(centre, *site as usize)?, *site)))
            .filter(|(distance, _)| radius_max.is_none_or(|most| *distance <= most))
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut members, mut cases, mut sum) = (Vec::new(), Vec::new(), 0);
        for ring in near.chunk_by(|a, b| a.0 == b.0) {
            let more: u32 = ring.iter().map(|(_, site)| by_site[*site as usize]).sum();
            if sum + more > cases_max {
                break;
            }
            sum += more;
            for (at, (_, site)) in ring.iter().enumerate() {
                members.push(if at + 1 < ring.len() { site | JOINED } else { *site });
                cases.push(sum);
            }
        }
        (members, cases)
    }

    /// Distance of two sites; none between places whose position nobody knows.
    fn distance(&self, a: usize, b: usize) -> Option<f64> {
        if a == b {
            return Some(0.0);
        }
        match (self.positions[self.places[a] as usize]?, self.positions[self.places[b] as usize]?) {
            (Position::Plane { x, y }, Position::Plane { x: u, y: v }) => Some((x - u).hypot(y - v)),
            (Position::Globe { lat, lon }, Position::Globe { lat: north, lon: east }) => {
                let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
                let square = half(lat, north) + lat.to_radians().cos() * north.to_radians().cos() * half(lon, east);
                Some(2.0 * EARTH_RADIUS * square.sqrt().min(1.0).asin())
            }
            _ => None,
        }
    }

    pub fn site(&self, place: u32) -> u32 {
        self.sites[place as usize]
    }
    pub fn sites(&self) -> usize {
        self.places.len()
    }
    /// Every site is a centre, also one without cases.
    pub fn centres(&self) -> usize {
        self.places.len()
    }
    pub fn place_of(&self, site: usize) -> u32 {
        self.places[site]
    }
    /// Most cases that a circle holds.
    pub fn cases_max(&self) -> u32 {
        self.cases.iter().copied().max().unwrap_or(0)
    }
    pub fn circles(&self) -> usize {
        self.members.iter().filter(|member| **member & JOINED == 0).count()
    }
    /// Members around a centre, from near to far.
    #[inline]
    pub fn members(&self, centre: usize) -> impl Iterator<Item = Member> {
        let range = self.starts[centre]..self.starts[centre + 1];
        let members = self.members[range.clone()].iter().zip(&self.cases[range]);
        members.map(|(member, cases)| Member { site: member & !JOINED, ends: member & JOINED == 0, cases: *cases })
    }
    /// Radius, sites and all places of the circle that ends with a member; places without cases are in it too.
    pub fn circle(&self, centre: usize, last: usize) -> (f64, Vec<u32>, Vec<u32>) {
        let sites: Vec<u32> = self.members(centre).take(last + 1).map(|member| member.site).collect();
        let radius = sites.last().and_then(|site| self.distance(centre, *site as usize)).unwrap_or(0.0);
        let inside = |site: u32| self.distance(centre, site as usize).is_some_and(|distance| distance <= radius);
        let places = (0..self.sites.len() as u32).filter(|place| inside(self.site(*place))).collect();
        (radius, sites, places)
    }
}

/// What a position is not on.
fn fault(position: Option<Position>) -> Option<&'static str> {
    match position {
        Some(Position::Globe { lat, lon }) if !(lat.abs() <= 90.0 && lon.abs() <= 180.0) => Some("the globe"),
        Some(Position::Plane { x, y }) if !(x.is_finite() && y.is_finite()) => Some("the plane"),
        _ => None,
    }
}
