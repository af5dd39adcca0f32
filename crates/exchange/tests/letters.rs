//! What messages say, and what is wrong with them: tables of cases, hostile ones, and bytes by chance.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

use dayclear_exchange::{
    Codes, Fault, Kind, Letter,
    fhir::{self, Taken, Type},
    hl7::{self, Charset, Code},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: &str = "2022-11-21T20:05:01+08:00";

fn codes() -> Codes {
    Codes::builtin().unwrap()
}

const POOL: &str = "MSH|^~\\&|LIMS|LAB1|DAYCLEAR|CITY|20221121200500+0800||ORU^R01^ORU_R01|M1|P|2.5.1||||||UNICODE UTF-8\r\
    ORC|RE\r\
    OBR|1||F1|94500-6^SARS-CoV-2 RNA^LN||||||||||||||||||20221121200000+0800|||F\r\
    OBX|1|CWE|94500-6^SARS-CoV-2 RNA^LN||260373001^Detected^SCT||||||F\r\
    OBX|2|NM|94510-5^Ct N^LN||28.4||||||F\r\
    OBX|3|SN|94511-3^Ct ORF1ab^LN||=^29.1||||||F\r\
    OBX|4|ST|RUN^run^L||R-7||||||F\r\
    SPM|1|T001||258500001^Nasopharyngeal swab^SCT|||||||L^Pool^HL70369||10||||20221121120000+0800\r";

fn hl7(text: &str) -> Result<Letter, Vec<Fault>> {
    of_bytes(text.as_bytes())
}

fn of_bytes(bytes: &[u8]) -> Result<Letter, Vec<Fault>> {
    let message = hl7::parse(bytes).map_err(|fault| vec![fault])?;
    hl7::read(&message, &codes(), "L1", &["P"])
}

#[test]
fn a_pool_is_one_row() {
    let letter = hl7(POOL).unwrap();
    assert_eq!(letter.id, "M1");
    let values: Vec<(&str, &str)> = letter.rows[0].values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        values,
        [
            ("ct_n", "28.4"),
            ("ct_orf", "29.1"),
            ("finding", "positive"),
            ("laboratory", "L1"),
            ("reported_at", "2022-11-21T20:00:00+08:00"),
            ("run", "R-7"),
            ("tube", "T001"),
            ("version", "F"),
        ]
    );
    assert_eq!(letter.rows[0].place("ct_orf").unwrap().to_string(), "OBX[3]-5.2");
}

#[test]
fn several_specimens_and_patients_are_several_rows() {
    let text = "MSH|^~\\&|LIMS|LAB1|||20221121200500||ORU^R01^ORU_R01|M2|P|2.5.1\r\n\
        PID|1||P77^^^LAB\r\n\
        OBR|1||F1|X||||||||||||||||||202211212000|||F\n\
        OBX|1|ST|FINDING^^L||Not detected||||||\n\
        SPM|1|T001&CITY^X9&LAB|||||||||P\n\
        OBR|2||F2|X||||||||||||||||||20221121200000|||C\n\
        OBX|1|CWE|FINDING^^99LAB||阳性^^99LAB||||||C\n\
        SPM|1|T002\n\
        PID|2||P78\n\
        OBR|3||F3|X||||||||||||||||||20221121200000|||P\n\
        OBX|1|ST|FINDING^^L||||||||W\n\
        SPM|1|T003\n";
    let letter = hl7(text).unwrap();
    let row = |n: usize, column: &str| letter.rows[n].values.get(column).cloned().unwrap_or_default();
    let rows: Vec<[String; 4]> =
        (0..3).map(|n| [row(n, "tube"), row(n, "version"), row(n, "finding"), row(n, "reported_at")]).collect();
    assert_eq!(
        rows,
        [
            ["T001", "F", "negative", "2022-11-21T20:00:00"],
            ["T002", "C", "positive", "2022-11-21T20:00:00"],
            ["T003", "W", "invalid", "2022-11-21T20:00:00"],
        ]
    );
}

#[test]
fn gb_18030_holds_delimiters_and_is_read() {
    // the second byte of 亅 in GBK is that of a vertical bar
    let text = POOL.replace("LAB1", "丗検亅").replace("UNICODE UTF-8", "GB 18030-2000").replace("Detected", "阳性");
    let bytes = Charset::Gb18030.bytes(&text);
    assert_ne!(bytes, text.as_bytes());
    let message = hl7::parse(&bytes).unwrap();
    assert_eq!((message.header.facility.as_str(), message.header.charset), ("丗検亅", Some(Charset::Gb18030)));
    assert_eq!(of_bytes(&bytes).unwrap().rows, hl7(POOL).unwrap().rows);
    let answer = hl7::acknowledge(&message.header, Code::Accept, &[], NOW, "A1");
    let again = hl7::parse(&Charset::Gb18030.bytes(&answer)).unwrap();
    assert_eq!(again.header.to_facility, "丗検亅");
    // another set than the message says
    let fault = hl7::parse(&Charset::Gb18030.bytes(&text.replace("GB 18030-2000", "UNICODE UTF-8"))).unwrap_err();
    assert_eq!(fault.place.to_string(), "MSH[1]-18");
    assert!(hl7::parse(POOL.replace("UNICODE UTF-8", "EBCDIC").as_bytes()).is_err());
}

#[test]
fn each_fault_of_hl7_names_its_place() {
    let spm = "SPM|1|T001||";
    for (from, to, place, kind) in [
        ("ORU^R01^ORU_R01", "ADT^A01", "MSH[1]-9.1", Kind::Type),
        ("ORU^R01^ORU_R01", "ORU^R30", "MSH[1]-9.2", Kind::Unsupported),
        ("|P|2.5.1", "|T|2.5.1", "MSH[1]-11.1", Kind::Processing),
        ("|P|2.5.1", "|P|2.1", "MSH[1]-12.1", Kind::Version),
        ("|M1|", "||", "MSH[1]-10", Kind::Missing),
        (spm, "SPM|1|||", "SPM[1]-2", Kind::Missing),
        ("L^Pool", "P^Patient", "PID[1]-3.1", Kind::Missing),
        ("L^Pool", "Q^Control", "SPM[1]-11.1", Kind::Code),
        ("SPM|1", "ZPM|1", "OBR[1]", Kind::Missing),
        (spm, "SPM|0|T000\rSPM|1|T001||", "OBR[1]", Kind::Form),
        ("ORC|RE\r", "OBX|1\r", "OBX[1]", Kind::Form),
        ("ORC|RE\r", "OBR|1\r", "OBR[1]", Kind::Missing),
        ("OBX|1|CWE|94500-6", "OBX|1|CWE|11111-1", "OBX[1]-3.1", Kind::Code),
        ("SPM|1|T001", "SPM|1|T\\00\\1", "SPM[1]-2.1", Kind::Form),
        ("OBX|2|NM|94510-5^Ct N^LN||28.4", "OBX|2|NM|94510-5^Ct N^LN||\\X2", "OBX[2]-5.1", Kind::Form),
        ("||||L^Pool", "||||L\\^Pool", "SPM[1]-11.1", Kind::Form),
        ("20221121120000+0800", "20221121210000+0800", "SPM[1]-17.1", Kind::Contradiction),
        ("OBX|4|ST|RUN^run^L||R-7", "OBX|4|NM|94510-5^Ct N^LN||30", "OBX[4]-5.1", Kind::Contradiction),
        ("MSH|^~\\&|", "MSH|^^\\&|", "MSH[1]-2", Kind::Form),
        ("ORC|RE", "orc|RE", "orc[1]", Kind::Form),
        ("ORC|RE", "MSH|^~\\&|", "MSH[2]", Kind::Form),
    ] {
        let text = POOL.replacen(from, to, 1);
        assert_ne!(text, POOL, "{from}");
        let faults = hl7(&text).unwrap_err();
        let told: Vec<(String, Kind)> = faults.iter().map(|fault| (fault.place.to_string(), fault.kind)).collect();
        assert!(told.contains(&(place.to_owned(), kind)), "{from} -> {to}: {told:?}");
        assert!(faults.iter().all(|fault| !fault.expected.is_empty() && !fault.remedy.is_empty()), "{faults:?}");
        // and its answer is read by the same grammar
        let header = hl7::header_of(text.as_bytes());
        let answer = hl7::acknowledge(&header, Code::Error, &faults, NOW, "A1");
        let answer = hl7::parse(answer.as_bytes()).unwrap();
        assert_eq!(answer.header.kind.0, "ACK");
    }
    for nothing in ["", "\r", "MSH", "MSHX", "hello", "MSH|", "\u{0}", "MSH|^~\\&|\u{0}"] {
        assert!(hl7(nothing).is_err(), "{nothing:?}");
        let header = hl7::header_of(nothing.as_bytes());
        assert!(hl7::parse(hl7::acknowledge(&header, Code::Reject, &[], NOW, "A").as_bytes()).is_ok());
    }
}

#[test]
fn a_value_that_cannot_be_taken_is_handed_on_as_it_stands() {
    for (from, to, column, value) in [
        ("260373001^Detected^SCT", "99999^Odd^SCT", "finding", "99999"),
        ("||28.4||||||F", "||<20||||||F", "ct_n", "<20"),
        ("20221121200000+0800", "2022112120", "reported_at", "2022112120"),
        ("Detected^SCT||||||F", "Detected^SCT||||||I", "version", "I"),
        ("T001", "T\\F\\0\\X41\\1", "tube", "T|0A1"),
    ] {
        let letter = hl7(&POOL.replacen(from, to, 1)).unwrap();
        assert_eq!(letter.rows[0].values[column], value, "{to}");
    }
}

#[test]
fn an_answer_names_the_message_and_its_faults() {
    let faults = hl7(&POOL.replace("SPM|1|T001", "SPM|1|")).unwrap_err();
    let header = hl7::parse(POOL.as_bytes()).unwrap().header;
    let answer = hl7::acknowledge(&header, Code::Error, &faults, NOW, "A|1");
    let lines: Vec<&str> = answer.split('\r').collect();
    assert_eq!(
        lines[0],
        "MSH|^~\\&|DAYCLEAR|CITY|LIMS|LAB1|20221121200501+0800||ACK^R01^ACK|A\\F\\1|P|2.5.1||||||UNICODE UTF-8"
    );
    assert_eq!(lines[1], "MSA|AE|M1");
    assert!(
        lines[2].starts_with("ERR||SPM^1^2|101^Required field missing^HL70357|E|||expected the bar code"),
        "{}",
        lines[2]
    );
    let enhanced = hl7::parse(POOL.replace("|P|2.5.1|||", "|P|2.5.1|||AL").as_bytes()).unwrap().header;
    let answer = hl7::acknowledge(&enhanced, Code::Accept, &[], NOW, "A1");
    assert!(answer.contains("MSA|CA|M1"), "{answer}");
}

fn bundle(kind: &str) -> Value {
    json!({"resourceType": "Bundle", "type": kind, "identifier": {"system": "urn:lab", "value": "B1"}, "entry": [
        {"fullUrl": "urn:uuid:1", "request": {"method": "POST", "url": "Specimen"}, "resource": {
            "resourceType": "Specimen", "container": [{"identifier": [{"value": "T001"}]}],
            "extension": [{"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Specimen.combined",
                "valueCode": "pooled"}]}},
        {"fullUrl": "urn:uuid:2", "request": {"method": "POST", "url": "Observation"}, "resource": {
            "resourceType": "Observation", "status": "final", "specimen": {"reference": "urn:uuid:1"},
            "issued": "2022-11-21T20:00:00+08:00",
            "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
            "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260373001"}]},
            "component": [{"code": {"coding": [{"system": "http://loinc.org", "code": "94510-5"}]},
                "valueQuantity": {"value": 28.4}}]}},
        {"fullUrl": "urn:uuid:3", "request": {"method": "POST", "url": "Observation"}, "resource": {
            "resourceType": "Observation", "status": "final", "specimen": {"reference": "urn:uuid:1"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "94511-3"}]},
            "valueQuantity": {"value": 29.1}}},
        {"request": {"method": "POST", "url": "DiagnosticReport"}, "resource": {
            "resourceType": "DiagnosticReport", "status": "final", "result": [{"reference": "urn:uuid:2"}]}}
    ]})
}

fn fhir(value: &Value) -> Result<fhir::Bundle, Vec<Fault>> {
    let value = fhir::parse(value.to_string().as_bytes()).map_err(|fault| vec![fault])?;
    fhir::read(&value, &codes(), Some("L1"))
}

#[test]
fn a_bundle_says_what_the_message_says() {
    for kind in ["transaction", "batch", "message", "collection"] {
        let read = fhir(&bundle(kind)).unwrap();
        assert_eq!(read.letter.id, "urn:lab|B1");
        let mut wanted = hl7(POOL).unwrap().rows[0].values.clone();
        wanted.remove("run");
        assert_eq!(read.letter.rows[0].values, wanted, "{kind}");
        assert_eq!(read.letter.rows[0].entry, 1);
    }
}

#[test]
fn statuses_are_versions() {
    for (observation, report, version, finding) in [
        ("preliminary", "partial", "P", "positive"),
        ("final", "final", "F", "positive"),
        ("amended", "amended", "C", "positive"),
        ("corrected", "corrected", "C", "positive"),
        ("entered-in-error", "final", "W", "positive"),
        ("cancelled", "final", "D", "positive"),
        ("final", "entered-in-error", "W", "positive"),
        ("final", "cancelled", "D", "positive"),
        ("registered", "registered", "registered", "positive"),
    ] {
        let mut given = bundle("collection");
        given["entry"][1]["resource"]["status"] = observation.into();
        given["entry"][3]["resource"]["status"] = report.into();
        let row = &fhir(&given).unwrap().letter.rows[0];
        assert_eq!((row.values["version"].as_str(), row.values["finding"].as_str()), (version, finding));
    }
}

#[test]
fn observations_alone_are_enough() {
    let given = json!({"resourceType": "Bundle", "type": "collection", "timestamp": "2022-11-21T20:05:00+08:00",
        "entry": [{"resource": {"resourceType": "Observation", "status": "final",
            "specimen": {"identifier": {"value": "T001"}}, "code": {"coding": [{"code": "FINDING"}]},
            "performer": [{"identifier": {"value": "L9"}}], "valueString": "阴性"}}]});
    let value = fhir::parse(given.to_string().as_bytes()).unwrap();
    let read = fhir::read(&value, &codes(), None).unwrap();
    let values = &read.letter.rows[0].values;
    assert_eq!((values["laboratory"].as_str(), values["finding"].as_str()), ("L9", "negative"));
    assert_eq!((values["tube"].as_str(), values["reported_at"].as_str()), ("T001", "2022-11-21T20:05:00+08:00"));
    assert!(read.letter.id.is_empty());
}

#[test]
fn each_fault_of_fhir_names_its_path() {
    let change = |path: &str, value: Value| {
        let mut given = bundle("transaction");
        *given.pointer_mut(path).unwrap() = value;
        given
    };
    let cycle = json!({"resourceType": "Observation", "status": "final", "specimen": {"reference": "urn:uuid:2"},
        "hasMember": [{"reference": "urn:uuid:2"}], "code": {"coding": [{"code": "FINDING"}]}});
    for (given, path, kind) in [
        (change("/resourceType", "Patient".into()), "resourceType", Kind::Type),
        (change("/type", "document".into()), "Bundle.type", Kind::Unsupported),
        (change("/entry", json!([])), "Bundle.entry", Kind::Missing),
        (change("/entry", json!({"a": 1})), "Bundle.entry", Kind::Missing),
        (change("/entry/0/request/method", "DELETE".into()), "Bundle.entry[0].request.method", Kind::Unsupported),
        (change("/entry/0/resource/container", json!([])), "Bundle.entry[0].resource.identifier", Kind::Missing),
        (
            change("/entry/0/resource/container/0/identifier", json!([{"value": "A"}, {"value": "B"}])),
            "Bundle.entry[0].resource.container[0].identifier[0].value",
            Kind::Form,
        ),
        (
            change("/entry/1/resource/specimen/reference", "urn:uuid:9".into()),
            "Bundle.entry[1].resource.specimen",
            Kind::Missing,
        ),
        (change("/entry/1/resource", cycle), "Bundle.entry[1].resource.specimen", Kind::Missing),
        (change("/entry/2/fullUrl", "urn:uuid:1".into()), "Bundle.entry[2].fullUrl", Kind::Contradiction),
        (
            change("/entry/3/resource/result/0/reference", "urn:uuid:1".into()),
            "Bundle.entry[3].resource.result[0]",
            Kind::Missing,
        ),
        (
            change("/entry/2/resource/code/coding/0/code", "94510-5".into()),
            "Bundle.entry[2].resource.valueQuantity.value",
            Kind::Contradiction,
        ),
        (change("/entry/1/resource/code", Value::Null), "Bundle.entry[3]", Kind::Missing),
    ] {
        let faults = fhir(&given).map(|read| read.letter).unwrap_err();
        let told: Vec<(String, Kind)> = faults.iter().map(|fault| (fault.place.to_string(), fault.kind)).collect();
        let found = told.iter().any(|(at, of)| (at == path || path == "Bundle.entry[3]") && *of == kind);
        assert!(found, "{path}: {told:?}");
        let outcome = fhir::outcome(&faults);
        assert_eq!(outcome["issue"].as_array().unwrap().len(), faults.len());
    }
}

#[test]
fn hostile_json_is_refused_and_answered() {
    let deep = "[".repeat(200_000);
    let twice = r#"{"resourceType": "Bundle", "type": "collection", "type": "transaction"}"#;
    let nested_twice = r#"{"a": [{"b": 1, "c": {"d": 1, "d": 2}}]}"#;
    for text in ["", "{", "nul", &deep, twice, nested_twice, "{}{}", "\u{feff}{}", "{\"a\": 1e999}", "[1,]"] {
        let fault = fhir::parse(text.as_bytes()).unwrap_err();
        assert_eq!(fault.kind, Kind::Form, "{}", &text[..text.len().min(40)]);
    }
    assert!(fhir::parse(&[0xff, 0xfe]).is_err());
    let long = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {
        "resourceType": "Observation", "status": "x".repeat(1 << 20), "specimen": {"identifier": {"value": "T"}},
        "code": {"coding": [{"code": "FINDING"}]}, "valueString": "y".repeat(1 << 20)}}]});
    let read = fhir(&long).unwrap();
    assert!(read.letter.rows[0].values.values().all(|value| value.chars().count() <= 200));
}

#[test]
fn an_answer_has_an_entry_for_each_entry() {
    let fault =
        Fault::new(Kind::Unknown, dayclear_exchange::Place::Path("Bundle.entry[1]".into()), "T9", "a tube", "ask");
    let taken = [(1, Taken::Aside(vec![fault])), (2, Taken::Created)];
    let answer = fhir::bundle(Type::Collection, 4, &taken);
    let statuses: Vec<&str> = (0..4).map(|n| answer["entry"][n]["response"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["200 OK", "409 Conflict", "201 Created", "200 OK"]);
    assert_eq!(answer["type"], "batch-response");
    assert_eq!(answer["entry"][1]["response"]["outcome"]["issue"][0]["code"], "not-found");
}

/// Whatever comes in, there is an answer, it can be read, and no value is more than a line.
fn survives(bytes: &[u8]) {
    let answer = match hl7::parse(bytes) {
        Err(fault) => hl7::acknowledge(&hl7::header_of(bytes), Code::Error, &[fault], NOW, "A"),
        Ok(message) => {
            let read = hl7::read(&message, &codes(), "L1", &["P"]);
            let faults = match read {
                Ok(letter) => {
                    plain(&letter);
                    Vec::new()
                }
                Err(faults) => faults,
            };
            hl7::acknowledge(&message.header, Code::Error, &faults, NOW, "A")
        }
    };
    assert_eq!(hl7::parse(answer.as_bytes()).unwrap().header.kind.0, "ACK");
    match fhir::parse(bytes) {
        Err(fault) => assert_eq!(fhir::outcome(&[fault])["issue"].as_array().unwrap().len(), 1),
        Ok(value) => {
            if let Ok(read) = fhir::read(&value, &codes(), None) {
                plain(&read.letter);
            }
        }
    }
}

fn plain(letter: &Letter) {
    for value in letter.rows.iter().flat_map(|row| row.values.values()) {
        assert!(!value.contains(char::is_control) && value.chars().count() <= 200);
    }
}

/// A text with some of its bytes changed, left out or doubled.
fn spoilt(text: String) -> impl Strategy<Value = Vec<u8>> {
    let bytes = text.into_bytes();
    let end = bytes.len();
    proptest::collection::vec((0..end, 0u8..4, any::<u8>(), 1usize..40), 1..8).prop_map(move |changes| {
        let mut spoilt = bytes.clone();
        for (at, how, byte, length) in changes {
            let at = at.min(spoilt.len().saturating_sub(1));
            let end = (at + length).min(spoilt.len());
            match how {
                0 if !spoilt.is_empty() => spoilt[at] = byte,
                1 => drop(spoilt.drain(at..end)),
                2 => {
                    let piece = spoilt[at..end].to_vec();
                    spoilt.splice(at..at, piece);
                }
                _ => spoilt.insert(at, [b'|', b'^', b'\\', b'\r', b'"', b'{', b'~', b'&'][usize::from(byte) % 8]),
            }
        }
        spoilt
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn bytes_by_chance_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&bytes);
    }
    #[test]
    fn spoilt_messages_are_answered(bytes in spoilt(POOL.to_owned())) {
        survives(&bytes);
    }
    #[test]
    fn spoilt_bundles_are_answered(bytes in spoilt(bundle("transaction").to_string())) {
        survives(&bytes);
    }
}
