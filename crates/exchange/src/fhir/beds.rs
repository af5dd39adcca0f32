//! Beds as FHIR R4 MeasureReports, in the terms of the SANER implementation guide (hl7.org/fhir/uv/saner): for each place how
//! many beds there are, how many cannot be given now, and how many can. Counts only.

use serde_json::{Value, json};

/// The measure that SANER defines for the capacity of hospitals.
pub const MEASURE: &str = "http://hl7.org/fhir/uv/saner/Measure/ComputableCDCPatientImpactAndHospitalCapacity";
const MEASURED: &str = "http://hl7.org/fhir/uv/saner/CodeSystem/MeasuredValues";
const POPULATION: &str = "http://terminology.hl7.org/CodeSystem/measure-population";
const COMPLEMENT: &str = "http://hl7.org/fhir/uv/saner/CodeSystem/MeasurePopulationSystem";

/// Beds of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beds {
    /// Id of the place.
    pub facility: String,
    /// Its name.
    pub name: String,
    /// Beds that could be used.
    pub total: u64,
    /// Of them those that cannot be given now: held, occupied, or to be cleaned.
    pub occupied: u64,
}

/// What a report covers and who makes it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Moment of the counts, and the day that they belong to.
    pub at: &'a str,
    /// See above.
    pub day: &'a str,
    /// Name of the city.
    pub reporter: &'a str,
}

/// A Bundle with a MeasureReport for each place, in the order given.
pub fn measure_reports(places: &[Beds], report: Report<'_>) -> Value {
    let entries: Vec<Value> = places.iter().map(|beds| json!({"resource": one(beds, report)})).collect();
    json!({"resourceType": "Bundle", "type": "searchset", "timestamp": report.at, "total": entries.len(), "entry": entries})
}

fn one(beds: &Beds, report: Report<'_>) -> Value {
    let population = |code: &str, system: &str, role: &str, count: u64| json!({"code": {"coding": [{"system": MEASURED, "code": code}, {"system": system, "code": role}]}, "count": count});
    json!({
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": MEASURE,
        "subject": {"identifier": {"value": beds.facility}, "display": beds.name},
        "date": report.at,
        "reporter": {"display": report.reporter},
        "period": {"start": report.day, "end": report.day},
        "group": [{
            "code": {"text": "Bed Reporting"},
            "population": [
                population("numTotBeds", POPULATION, "denominator", beds.total),
                population("numTotBedsOcc", POPULATION, "numerator", beds.occupied),
                population("numTotBedsAvail", COMPLEMENT, "numerator-complement", beds.total.saturating_sub(beds.occupied)),
            ],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_given_is_the_rest_and_what_fhir_demands_is_there() {
        let places = [
            Beds { facility: "TH1".to_owned(), name: "一号方舱".to_owned(), total: 500, occupied: 120 },
            Beds { facility: "DH1".to_owned(), name: "一院".to_owned(), total: 0, occupied: 0 },
        ];
        let report = Report { at: "2022-11-20T20:00:00+08:00", day: "2022-11-20", reporter: "重庆市" };
        let bundle = measure_reports(&places, report);
        assert_eq!((&bundle["type"], &bundle["total"]), (&json!("searchset"), &json!(2)));
        for (entry, beds) in bundle["entry"].as_array().unwrap().iter().zip(&places) {
            let resource = &entry["resource"];
            // required of a MeasureReport in R4: status, type, measure, period
            for (field, value) in [("status", "complete"), ("type", "summary"), ("measure", MEASURE)] {
                assert_eq!(resource[field], value);
            }
            assert_eq!(resource["period"]["start"], "2022-11-20");
            let counts: Vec<u64> = resource["group"][0]["population"]
                .as_array()
                .unwrap()
                .iter()
                .map(|population| population["count"].as_u64().unwrap())
                .collect();
            assert_eq!(counts, [beds.total, beds.occupied, beds.total - beds.occupied]);
        }
    }
}
