//! Facilities, beds, vehicles and crews, near the seats of real districts and sized so that the day can just be done:
//! about 1.3 free beds for each positive, six isolation rooms for each, and seats for them and their contacts.

use super::{
    Out, Sink,
    chance::{Dice, Draw},
    infections::Infections,
    layout::{Layout, Spot},
    names,
};
use dayclear_core::{
    schema,
    transfer::{BedRule, BedState, FacilityKind},
};

/// Designated hospitals of November 2022 and their districts (`data/chongqing/capacity_facts.csv`).
const HOSPITALS: [(&str, &str); 6] = [
    ("重庆市公共卫生医疗救治中心", "500106"),
    ("渝北区人民医院", "500112"),
    ("巴南区人民医院", "500113"),
    ("重庆大学附属三峡医院", "500101"),
    ("重庆医科大学附属永川医院", "500118"),
    ("黔江中心医院", "500114"),
];
/// Temporary hospitals of the same days. Yuelai reports through Liangjiang.
const TEMPORARY: [(&str, &str); 11] = [
    ("南坪方舱医院", "500108"),
    ("悦来方舱医院", "500112"),
    ("江北石子山方舱医院", "500105"),
    ("九龙坡方舱医院", "500107"),
    ("南彭方舱医院", "500113"),
    ("北碚方舱医院", "500109"),
    ("綦江方舱医院", "500110"),
    ("梁平方舱医院", "500155"),
    ("垫江方舱医院", "500231"),
    ("巫溪方舱医院", "500238"),
    ("迎龙方舱医院", "500108"),
];
/// Rooms of an isolation site at most.
const ROOMS: u64 = 300;

struct Facility {
    id: String,
    kind: FacilityKind,
    name: String,
    district: usize,
    division: String,
    spot: Spot,
    /// Free beds, or rooms of an isolation site.
    places: u64,
}

pub(super) fn write<S: Sink + ?Sized>(
    layout: &Layout,
    infections: &Infections,
    out: &mut Out<'_, S>,
) -> Result<(), S::Error> {
    let mut infected = vec![0u64; layout.sources.districts.len()];
    for (community, count) in layout.communities.iter().zip(&infections.by_community) {
        infected[community.district] += u64::from(*count);
    }
    let facilities = facilities(layout, &infected);
    out.table(&schema::FACILITIES)?;
    for facility in &facilities {
        let district = &layout.sources.districts[facility.district].name;
        out.cell(&facility.id).cell(facility.kind).cell(&facility.name).cell(&facility.division).spot(facility.spot);
        out.day(-3).empty().cell(format_args!("{district}卫生健康委员会")).row()?;
    }
    out.table(&schema::BEDS)?;
    for facility in &facilities {
        beds(layout, facility, out)?;
    }
    vehicles(layout, &infected, out)
}

/// Where the infected of each district go: to the nearest of the listed places, of which only the busiest open.
fn facilities(layout: &Layout, infected: &[u64]) -> Vec<Facility> {
    let total: u64 = infected.iter().sum();
    let mut all = Vec::new();
    // Children, people of 60 and more and people with some needs go to a hospital whatever their severity: more than one in four.
    let listed = [
        (FacilityKind::DesignatedHospital, &HOSPITALS[..], "DH", 40, 36),
        (FacilityKind::TemporaryHospital, &TEMPORARY[..], "TH", 60, 90),
    ];
    for (kind, list, letters, per_place, percent) in listed {
        let count = (total / per_place).clamp(1, list.len() as u64) as usize;
        for (index, (name, code, load)) in nearest(layout, infected, list, count).into_iter().enumerate() {
            let beds = (load * percent).div_ceil(100) + 4;
            let places = if kind == FacilityKind::TemporaryHospital { beds.div_ceil(20) * 20 } else { beds };
            let mut facility = place(layout, format!("{letters}{:02}", index + 1), kind, name.to_owned(), code, places);
            if name.starts_with("悦来") {
                facility.division = "50-LJ".to_owned();
            }
            all.push(facility);
        }
    }
    for (district, count) in infected.iter().enumerate().filter(|(_, count)| **count > 0) {
        let mut left = count * 6 + 4;
        for number in 1.. {
            let rooms = left.min(ROOMS);
            let source = &layout.sources.districts[district];
            let id = format!("IS{}{number:02}", &source.code[2..]);
            let name = format!("{}第{number}集中隔离点", source.name);
            all.push(place(layout, id, FacilityKind::IsolationSite, name, &source.code, rooms));
            left -= rooms;
            if left == 0 {
                break;
            }
        }
    }
    all
}

/// The `count` busiest of a list, when every district goes to the nearest of those that are open: name, district, load.
fn nearest<'l>(
    layout: &Layout,
    infected: &[u64],
    list: &[(&'l str, &'l str)],
    count: usize,
) -> Vec<(&'l str, &'l str, u64)> {
    let districts = &layout.sources.districts;
    let seat = |code: &str| districts.iter().find(|district| district.code == code).map(|at| (at.lon, at.lat));
    let mut open: Vec<(&str, &str, u64)> = list.iter().map(|(name, code)| (*name, *code, 0)).collect();
    for round in 0..2 {
        for place in &mut open {
            place.2 = 0;
        }
        for (district, load) in districts.iter().zip(infected).filter(|(_, load)| **load > 0) {
            let distance = |place: &&mut (&str, &str, u64)| {
                let (lon, lat) = seat(place.1).unwrap_or_default();
                let (x, y) = (i64::from(lon - district.lon), i64::from(lat - district.lat));
                x * x + y * y
            };
            if let Some(place) = open.iter_mut().min_by_key(distance) {
                place.2 += load;
            }
        }
        if round == 0 {
            open.sort_by_key(|place| u64::MAX - place.2);
            open.truncate(count);
        }
    }
    open
}

fn place(layout: &Layout, id: String, kind: FacilityKind, name: String, code: &str, places: u64) -> Facility {
    let district = layout.sources.districts.iter().position(|district| district.code == code).unwrap_or_default();
    let source = &layout.sources.districts[district];
    let mut dice = Dice::new(layout.seed, Draw::Bed, id.bytes().fold(0, |sum, byte| sum * 257 + u64::from(byte)));
    let spot = Spot { lon: source.lon, lat: source.lat }.near(&mut dice, 5_000);
    Facility { id, kind, name, district, division: source.code.clone(), spot, places }
}

/// Beds of a facility: first those that are free, then an eighth as many that are not.
fn beds<S: Sink + ?Sized>(layout: &Layout, facility: &Facility, out: &mut Out<'_, S>) -> Result<(), S::Error> {
    const WARDS: [BedRule; 4] = [BedRule::Any, BedRule::Family, BedRule::Female, BedRule::Male];
    let taken = facility.places / 8;
    for index in 0..facility.places + taken {
        let mut dice = Dice::new(layout.seed, Draw::Bed, index | u64::from(facility.spot.lon.unsigned_abs()) << 20);
        let state = match index < facility.places {
            true => BedState::Free,
            false => dice.weighted(&[(BedState::Occupied, 80), (BedState::Cleaning, 13), (BedState::Blocked, 7)]),
        };
        let severe = if dice.hits(15_000) { "yes" } else { "no" };
        let mut bed = |room: String, number: u64, rule: BedRule, severe: &str| {
            out.cell(format_args!("{}-{room}-{number}", facility.id)).cell(&facility.id).cell(room);
            out.cell(rule).cell(severe).cell(state).row()
        };
        match facility.kind {
            // Nursing units of twenty beds (design guide for temporary hospitals, August 2022).
            FacilityKind::TemporaryHospital => {
                let ward = index / 20;
                bed(format!("W{:02}", ward + 1), index % 20 + 1, WARDS[ward as usize % WARDS.len()], "no")?;
            }
            FacilityKind::DesignatedHospital => {
                bed(format!("R{:03}", index / 3 + 1), index % 3 + 1, BedRule::Any, severe)?;
            }
            // Single rooms mainly; every sixth is a family room with a second bed.
            _ => {
                let rule = if index % 6 == 5 { BedRule::Family } else { BedRule::Any };
                let room = format!("{:04}", index + 1);
                bed(room.clone(), 1, rule, "no")?;
                if rule == BedRule::Family {
                    bed(room, 2, rule, "no")?;
                }
            }
        }
    }
    Ok(())
}

/// Seats, stretchers and wheelchairs of a vehicle.
const KINDS: [(u32, u32, u32); 8] =
    [(14, 0, 0), (3, 1, 1), (14, 0, 0), (32, 0, 0), (14, 0, 0), (8, 0, 3), (14, 0, 0), (3, 1, 1)];

/// Shifts of a crew on its vehicle, hours of the day. Nobody drives more than eight hours a day (R09), and only a few
/// vehicles run at night.
const SHIFTS: [(u32, u32); 3] = [(7, 15), (15, 23), (0, 7)];

fn vehicles<S: Sink + ?Sized>(layout: &Layout, infected: &[u64], out: &mut Out<'_, S>) -> Result<(), S::Error> {
    let mut fleet = Vec::new();
    for (district, count) in infected.iter().enumerate().filter(|(_, count)| **count > 0) {
        // A positive and about six contacts to move; a vehicle moves some sixty people in a day.
        for number in 0..(count * 7).div_ceil(60) + 2 {
            fleet.push((district, number));
        }
    }
    out.table(&schema::VEHICLES)?;
    for (index, (district, number)) in fleet.iter().enumerate() {
        let source = &layout.sources.districts[*district];
        let mut dice = Dice::new(layout.seed, Draw::Vehicle, index as u64);
        let (seats, stretchers, wheelchairs) = KINDS[*number as usize % KINDS.len()];
        // The first vehicles of a district always run, so that nobody is left without one.
        let out_of_service = if *number > 2 && dice.hits(4_000) { "yes" } else { "no" };
        out.cell(vehicle_id(index)).cell(&source.code).cell(seats).cell(stretchers).cell(wheelchairs);
        out.spot(Spot { lon: source.lon, lat: source.lat }.near(&mut dice, 2_500)).cell(out_of_service).row()?;
    }
    out.table(&schema::CREWS)?;
    for (index, (_, number)) in fleet.iter().enumerate() {
        let shifts = if number % 4 == 1 { 3 } else { 2 };
        for (shift, (from, to)) in SHIFTS.iter().take(shifts).enumerate() {
            let mut dice = Dice::new(layout.seed, Draw::Vehicle, 1 << 32 | (index as u64) << 4 | shift as u64);
            let surname = names::surname(&mut dice);
            let male = dice.hits(90_000);
            let tired = dice.hits(1_500);
            out.cell(format_args!("C{:05}-{}", index + 1, shift + 1)).cell(vehicle_id(index));
            out.cell(names::full(surname, male, &mut dice)).moment(from * 3_600).moment(to * 3_600);
            // One crew in 66 comes with little left of its eight hours in a day or 44 in a week.
            out.cell(if tired { 450 } else { dice.between(0, 60) });
            out.cell(if tired { 2_600 } else { dice.between(300, 1_900) }).row()?;
        }
    }
    Ok(())
}

fn vehicle_id(index: usize) -> String {
    format!("V{:05}", index + 1)
}
