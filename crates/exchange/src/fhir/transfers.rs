//! Transfers as FHIR R4 Encounters: who comes, where to, when, and how it stands, for the system of the place that takes them in. It may use
//! core's terms; it is pure. It guarantees that nobody is told as arrived whom the place has not admitted, that a value which the
//! reader is not shown is left out, and that an exercise says so in every resource.

use dayclear_core::transfer::{RideClass, TransferState};
use serde_json::{Map, Value, json};

const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const PHYSICAL: &str = "http://terminology.hl7.org/CodeSystem/location-physical-type";
/// R4 has no place for a planned start; R5 has, and publishes how R4 carries it.
const PLANNED: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate";

/// A transfer as its reader is shown it: moments in the text of ISO 8601 with their offset, `None` for what nobody knows and for what
/// this reader is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Number of the transfer.
    pub id: String,
    /// Id of the person.
    pub person: String,
    /// Name.
    pub name: Option<String>,
    /// Id of the place that takes the person in; without one nobody has found a bed yet.
    pub facility: Option<String>,
    /// Name of that place.
    pub facility_name: Option<String>,
    /// Bed.
    pub bed: Option<String>,
    /// Vehicle.
    pub vehicle: Option<String>,
    /// State.
    pub state: Option<TransferState>,
    /// Who may ride and lie together.
    pub class: Option<RideClass>,
    /// When they are expected.
    pub arrive_at: Option<String>,
    /// Picked up.
    pub picked_up_at: Option<String>,
    /// Admitted by the place.
    pub admitted_at: Option<String>,
    /// Ended: discharged, refused or cancelled.
    pub ended_at: Option<String>,
}

/// A searchset with an Encounter for each transfer, in the order given. `next`: address of the page behind this one.
pub fn encounters(transfers: &[Transfer], at: &str, next: Option<&str>, exercise: bool) -> Value {
    let entries: Vec<Value> =
        transfers.iter().map(|one| json!({"resource": one.encounter(exercise), "search": {"mode": "match"}})).collect();
    let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "timestamp": at, "entry": entries});
    if let Some(url) = next {
        bundle["link"] = json!([{"relation": "next", "url": url}]);
    }
    bundle
}

impl Transfer {
    /// <https://hl7.org/fhir/R4/valueset-encounter-status.html>: a stay is planned until the place itself admits, whatever the crew says.
    fn status(&self) -> &'static str {
        match (self.state, &self.admitted_at, &self.ended_at) {
            (_, Some(_), Some(_)) => "finished",
            (_, Some(_), None) => "in-progress",
            (Some(TransferState::Requested | TransferState::Booked | TransferState::Underway), ..) => "planned",
            (Some(TransferState::Refused | TransferState::Cancelled), ..) => "cancelled",
            (Some(TransferState::Admitted) | None, ..) => "unknown",
        }
    }

    fn encounter(&self, exercise: bool) -> Value {
        let mut all = Map::new();
        let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
        put("resourceType", json!("Encounter"));
        if exercise {
            put("meta", json!({"tag": [{"system": ACT_REASON, "code": "HTEST", "display": "test health data"}]}));
        }
        if let Some(at) = self.arrive_at.as_ref().filter(|_| self.admitted_at.is_none()) {
            put("extension", json!([{"url": PLANNED, "valueDateTime": at}]));
        }
        put("identifier", json!([{"value": self.id}]));
        put("status", json!(self.status()));
        put("class", json!({"system": ACT_CODE, "code": "IMP", "display": "inpatient encounter"}));
        if let Some(class) = self.class {
            put("type", json!([{"text": class.name()}]));
        }
        put("subject", named(&self.person, self.name.as_deref()));
        let stay = period(self.admitted_at.as_deref(), self.ended_at.as_deref().filter(|_| self.admitted_at.is_some()));
        if let Some(stay) = &stay {
            put("period", stay.clone());
        }
        if let Some(facility) = &self.facility {
            put("serviceProvider", named(facility, self.facility_name.as_deref()));
        }
        let places = self.places(stay.as_ref());
        if !places.is_empty() {
            put("location", Value::Array(places));
        }
        Value::Object(all)
    }

    /// The vehicle from door to door, and the bed.
    fn places(&self, stay: Option<&Value>) -> Vec<Value> {
        let mut places = Vec::new();
        let over = self.status() == "cancelled";
        if let Some(vehicle) = &self.vehicle {
            let status = match (&self.picked_up_at, &self.admitted_at, over) {
                (None, ..) => "planned",
                (Some(_), None, false) => "active",
                (Some(_), ..) => "completed",
            };
            if !(over && self.picked_up_at.is_none()) {
                let ride = period(self.picked_up_at.as_deref(), self.admitted_at.as_deref());
                places.push(place(vehicle, "ve", "Vehicle", status, ride.as_ref()));
            }
        }
        if let Some(bed) = self.bed.as_ref().filter(|_| !over) {
            let status = match self.status() {
                "in-progress" => "active",
                "finished" => "completed",
                _ => "planned",
            };
            places.push(place(bed, "bd", "Bed", status, stay));
        }
        places
    }
}

fn named(id: &str, display: Option<&str>) -> Value {
    let mut reference = json!({"identifier": {"value": id}});
    if let Some(display) = display {
        reference["display"] = json!(display);
    }
    reference
}

fn place(id: &str, code: &str, display: &str, status: &str, period: Option<&Value>) -> Value {
    let physical = json!({"coding": [{"system": PHYSICAL, "code": code, "display": display}]});
    let mut place = json!({"location": named(id, None), "status": status, "physicalType": physical});
    if let Some(period) = period {
        place["period"] = period.clone();
    }
    place
}

fn period(start: Option<&str>, end: Option<&str>) -> Option<Value> {
    let mut period = json!({"start": start?});
    if let Some(end) = end {
        period["end"] = json!(end);
    }
    Some(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer(state: TransferState, picked: bool, admitted: bool, ended: bool) -> Transfer {
        let at = |there: bool, hour: u32| there.then(|| format!("2022-11-20T{hour:02}:00:00+08:00"));
        Transfer {
            id: "M1".to_owned(),
            person: "P1".to_owned(),
            facility: Some("TH1".to_owned()),
            bed: Some("B1".to_owned()),
            vehicle: Some("V1".to_owned()),
            state: Some(state),
            class: Some(RideClass::ALL[0]),
            arrive_at: at(true, 12),
            picked_up_at: at(picked, 11),
            admitted_at: at(admitted, 13),
            ended_at: at(ended, 20),
            ..Transfer::default()
        }
    }

    #[test]
    fn a_stay_begins_when_the_place_admits_and_not_before() {
        use TransferState as S;
        for (state, picked, admitted, ended, status, vehicle, bed) in [
            (S::Booked, false, false, false, "planned", Some("planned"), Some("planned")),
            (S::Underway, true, false, false, "planned", Some("active"), Some("planned")),
            (S::Admitted, true, true, false, "in-progress", Some("completed"), Some("active")),
            (S::Admitted, true, true, true, "finished", Some("completed"), Some("completed")),
            // a stay that was ended for another reason than a discharge: they became a case
            (S::Cancelled, true, true, true, "finished", Some("completed"), Some("completed")),
            (S::Refused, false, false, true, "cancelled", None, None),
            (S::Cancelled, true, false, true, "cancelled", Some("completed"), None),
        ] {
            let told = transfer(state, picked, admitted, ended).encounter(false);
            assert_eq!(told["status"], status, "{told}");
            let of = |code: &str| {
                let mut places = told["location"].as_array().into_iter().flatten();
                let found = places.find(|one| one["physicalType"]["coding"][0]["code"] == code);
                found.and_then(|one| one["status"].as_str())
            };
            assert_eq!((of("ve"), of("bd")), (vehicle, bed), "{told}");
            assert_eq!(told["period"]["start"].is_string(), admitted, "{told}");
            assert_eq!(told["extension"].is_null(), admitted, "expected until they are there: {told}");
        }
    }

    #[test]
    fn what_is_not_shown_is_left_out_and_an_exercise_says_so() {
        let hidden = transfer(TransferState::Booked, false, false, false);
        let told = encounters(std::slice::from_ref(&hidden), "2022-11-20T10:00:00+08:00", Some("/next"), true);
        let one = &told["entry"][0]["resource"];
        assert!(one["subject"]["display"].is_null() && one["meta"]["tag"][0]["code"] == "HTEST", "{told}");
        assert_eq!(told["link"][0]["url"], "/next");
        assert!(encounters(&[hidden], "2022-11-20T10:00:00+08:00", None, false)["link"].is_null());
    }
}
