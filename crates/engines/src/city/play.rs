//! What drivers, receiving sites and couriers report on a plan: they come a little late, now and then nobody answers the
//! door or somebody refuses. It plays the part of people, for demonstrations and drills, and decides nothing.

use super::chance::{Dice, Draw};
use dayclear_core::{
    time::{Instant, Zone},
    transfer::HandoverStep,
    welfare::Supply,
};

/// A ride of one person as planned.
#[derive(Clone, Debug)]
pub struct PlannedRide {
    /// Person who rides.
    pub person: String,
    /// Facility that expects them.
    pub facility: String,
    /// Planned at the door.
    pub pickup_at: Instant,
    /// Planned at the facility.
    pub arrive_at: Instant,
}

/// A row of the table `handovers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverRow {
    /// Person.
    pub person: String,
    /// What happened.
    pub step: HandoverStep,
    /// When.
    pub at: Instant,
    /// Facility, for an admission.
    pub facility: Option<String>,
    /// Reason, where nobody answered or somebody refused.
    pub note: Option<String>,
}

impl HandoverRow {
    /// Cells in the order of the columns of `handovers`, moments as read in `zone`.
    pub fn cells(&self, zone: &Zone) -> [String; 5] {
        let (facility, note) = (self.facility.clone().unwrap_or_default(), self.note.clone().unwrap_or_default());
        [self.person.clone(), self.step.name().to_owned(), zone.text(self.at), facility, note]
    }
}

/// Plays the rides: picked up 0 to 12 minutes late and admitted 0 to 15 minutes after that delay; 1 in 100 does not
/// answer the door and 3 in 1,000 refuse, and neither is picked up. Draws depend on the person and the planned moment,
/// so the order of the rides does not matter.
pub fn play_handovers(rides: impl Iterator<Item = PlannedRide>, seed: u64) -> Vec<HandoverRow> {
    let mut rows = Vec::new();
    for ride in rides {
        let mut dice = Dice::new(seed, Draw::Ride, key(&ride.person, ride.pickup_at));
        let late = i64::from(dice.between(0, 12));
        let at = ride.pickup_at.plus_minutes(late);
        let failed = match dice.below(1_000) {
            0..10 => Some((HandoverStep::NoAnswer, "敲门无人应答，电话未接")),
            10..13 => Some((HandoverStep::Refused, "本人要求先复核结果")),
            _ => None,
        };
        if let Some((step, note)) = failed {
            rows.push(HandoverRow { person: ride.person, step, at, facility: None, note: Some(note.to_owned()) });
            continue;
        }
        let admitted = ride.arrive_at.max(ride.pickup_at).plus_minutes(late + i64::from(dice.between(0, 15)));
        let (person, facility) = (ride.person.clone(), Some(ride.facility));
        rows.push(HandoverRow { person: ride.person, step: HandoverStep::PickedUp, at, facility: None, note: None });
        rows.push(HandoverRow { person, step: HandoverStep::Admitted, at: admitted, facility, note: None });
    }
    rows
}

/// A parcel that is due at a door.
#[derive(Clone, Debug)]
pub struct DueParcel {
    /// Household.
    pub household: String,
    /// Item.
    pub item: Supply,
    /// Planned at the door.
    pub at: Instant,
}

/// A row of the table `deliveries`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Household.
    pub household: String,
    /// Item.
    pub item: Supply,
    /// When.
    pub at: Instant,
    /// Proof of the hand-over.
    pub proof: String,
}

impl DeliveryRow {
    /// Cells in the order of the columns of `deliveries`, moments as read in `zone`.
    pub fn cells(&self, zone: &Zone) -> [String; 4] {
        [self.household.clone(), self.item.name().to_owned(), zone.text(self.at), self.proof.clone()]
    }
}

/// Plays the deliveries: 0 to 40 minutes late, and 15 in 1,000 do not come, so they stay open.
pub fn play_deliveries(parcels: impl Iterator<Item = DueParcel>, seed: u64) -> Vec<DeliveryRow> {
    let delivered = parcels.filter_map(|parcel| {
        let mut dice = Dice::new(seed, Draw::Parcel, key(&parcel.household, parcel.at) ^ parcel.item as u64);
        let at = parcel.at.plus_minutes(i64::from(dice.between(0, 40)));
        let proof = dice.pick(&["门口照片", "住户签收", "电话确认"]).to_owned();
        let comes = !dice.hits(1_500);
        comes.then_some(DeliveryRow { household: parcel.household, item: parcel.item, at, proof })
    });
    delivered.collect()
}

/// A number for a thing at a moment (FNV-1a).
fn key(id: &str, at: Instant) -> u64 {
    let bytes = id.bytes().chain(at.micros().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rides(count: u32) -> Vec<PlannedRide> {
        let start = Instant::from_micros(1_668_900_000_000_000);
        let ride = |index: u32| PlannedRide {
            person: format!("P{index}"),
            facility: "TH01".to_owned(),
            pickup_at: start.plus_minutes(i64::from(index % 600)),
            arrive_at: start.plus_minutes(i64::from(index % 600) + 40),
        };
        (0..count).map(ride).collect()
    }

    #[test]
    fn everybody_is_reported_once_and_in_order() {
        let rows = play_handovers(rides(20_000).into_iter(), 7);
        let count = |step| rows.iter().filter(|row| row.step == step).count();
        let (no_answer, refused) = (count(HandoverStep::NoAnswer), count(HandoverStep::Refused));
        assert!((150..250).contains(&no_answer) && (35..90).contains(&refused), "{no_answer}, {refused}");
        assert_eq!(count(HandoverStep::PickedUp), count(HandoverStep::Admitted));
        assert_eq!(count(HandoverStep::Admitted) + no_answer + refused, 20_000);
        for pair in rows.windows(2).filter(|pair| pair[0].step == HandoverStep::PickedUp) {
            assert!(pair[1].person == pair[0].person && pair[1].at > pair[0].at);
        }
        let mut turned: Vec<PlannedRide> = rides(20_000);
        turned.reverse();
        let mut again = play_handovers(turned.into_iter(), 7);
        let mut sorted = rows.clone();
        for rows in [&mut again, &mut sorted] {
            rows.sort_by(|a, b| (&a.person, a.at).cmp(&(&b.person, b.at)));
        }
        assert_eq!(again, sorted);
    }

    #[test]
    fn most_parcels_come_and_say_how() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let at: Instant = "2022-11-20T15:00:00+08:00".parse().unwrap();
        let due = (0..2_000).map(|index| DueParcel { household: format!("H{index}"), item: Supply::Food, at });
        let rows = play_deliveries(due, 3);
        assert!((1_940..1_995).contains(&rows.len()), "{}", rows.len());
        let [household, item, moment, proof] = rows[0].cells(&zone);
        assert_eq!((household.as_str(), item.as_str()), ("H0", "food_parcel"));
        assert!(moment.starts_with("2022-11-20T15:") && moment.ends_with("+08:00") && !proof.is_empty());
    }
}
