//! Results by HL7 v2 over real sockets and by FHIR: what is acknowledged is there with its consequences, who speaks is who is
//! declared, what is hostile is answered or cut off.

use crate::{
    engines::on_both,
    imports::ended,
    served::{Answer, Served, XLSX, zone},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use dayclear_core::schema::RESULTS;
use dayclear_exchange::mllp::framed;
use dayclear_tabular::{Format, Value as Written, Writer};
use dayclear_web::mllp::send;
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

fn oru(id: &str, facility: &str, tube: &str, finding: &str, version: &str) -> String {
    let bars = "|".repeat(18);
    format!(
        "MSH|^~\\&|LIMS|{facility}|||20221120210000+0800||ORU^R01^ORU_R01|{id}|P|2.5.1\r\
         PID|1||P77\r\
         OBR|1||F1|X{bars}20221120200000+0800|||{version}\r\
         OBX|1|CWE|94500-6^^LN||{finding}||||||{version}\r\
         SPM|1|{tube}|||||||||P\r"
    )
}

const POSITIVE: &str = "260373001^Detected^SCT";
const NEGATIVE: &str = "260415000^Not detected^SCT";

async fn by_hl7(address: SocketAddr, message: &str) -> String {
    let answers = send(&address.to_string(), &[message.as_bytes().to_vec()], None).await.unwrap();
    String::from_utf8(answers.into_iter().next().unwrap()).unwrap()
}

/// Code of an answer, and where its faults are.
fn code(answer: &str) -> (String, Vec<String>) {
    let field = |line: &str, at: usize| line.split('|').nth(at).unwrap_or_default().to_owned();
    let lines: Vec<&str> = answer.split('\r').collect();
    assert!(lines[0].starts_with("MSH|^~\\&|"), "{answer}");
    let faults = lines.iter().filter(|line| line.starts_with("ERR")).map(|line| field(line, 2)).collect();
    (field(lines[1], 1), faults)
}

/// Single tubes with somebody in each.
async fn tubes(served: &Served, tubes: &[(&str, &str)]) {
    let mut all = "tube,division,purpose,size,collected_at,laboratory\n".to_owned();
    let mut members = "tube,person\n".to_owned();
    for (tube, person) in tubes {
        all.push_str(&format!("{tube},500103013006,community,1,2022-11-20T10:00:00+08:00,L1\n"));
        members.push_str(&format!("{tube},{person}\n"));
    }
    for (table, text) in [("tubes", all), ("members", members)] {
        let path = format!("/api/v1/evidence/{table}");
        let headers = [("content-type", "text/csv")];
        let answer = served.ask(Method::POST, "district_command", &path, &headers, Body::from(text)).await;
        assert_eq!(answer.json()["doubtful"], 0, "{:?}", answer.body);
    }
}

async fn cases_of(store: &crate::engines::TestStore, person: &str) -> i64 {
    store.number(&format!("select count(*) from cases where person = '{person}'")).await
}

#[test]
fn what_is_acknowledged_over_mllp_is_there_with_its_consequences() {
    on_both(async |store| {
        let served = Served::example(store).await;
        tubes(&served, &[("X1", "P046"), ("X2", "P047")]).await;
        let (address, stop, running) = served.listens().await;
        let message = oru("M1", "LAB1", "X1", POSITIVE, "F");
        let answer = by_hl7(address, &message).await;
        assert_eq!(code(&answer), ("AA".to_owned(), vec![]), "{answer}");
        assert_eq!(cases_of(store, "P046").await, 1);
        let moves = "select count(*) from items where worklist = 'move' and closed_at is null and subject like '%'";
        assert!(store.number(moves).await > 0);
        // again: the same bytes back, and nothing done
        let before = store.dump().await;
        assert_eq!(by_hl7(address, &message).await, answer);
        assert_eq!(store.dump().await, before);
        // under the same id something else
        let other = by_hl7(address, &oru("M1", "LAB1", "X2", POSITIVE, "F")).await;
        assert_eq!(code(&other), ("AE".to_owned(), vec!["MSH^1^10".to_owned()]), "{other}");
        assert_eq!(cases_of(store, "P047").await, 0);
        assert_eq!(store.number("select count(*) from items where subject like 'message/%'").await, 1);
        // who is not declared, not from here, or no laboratory is told one and the same
        for facility in ["LAB9", "AFAR", "NONE"] {
            let answer = by_hl7(address, &oru("M2", facility, "X2", POSITIVE, "F")).await;
            assert_eq!(code(&answer), ("AR".to_owned(), vec!["MSH^1^3".to_owned()]), "{answer}");
        }
        // a tube that nobody knows is kept aside and the sender told
        let answer = by_hl7(address, &oru("M3", "LAB1", "NOWHERE", POSITIVE, "F")).await;
        assert_eq!(code(&answer), ("AE".to_owned(), vec!["SPM^1^2^1^1".to_owned()]), "{answer}");
        let doubts = served.get("laboratory", "/api/v1/doubts?open=true&limit=500").await.json();
        let mine = |row: &Value| row["source"].as_str().is_some_and(|source| source.starts_with("hl7/results-"));
        assert!(doubts["rows"].as_array().unwrap().iter().any(mine), "{doubts}");
        // what cannot be read is refused whole, and is in the chain of reads
        let answer = by_hl7(address, &oru("M4", "LAB1", "", POSITIVE, "F")).await;
        assert_eq!(code(&answer), ("AE".to_owned(), vec!["SPM^1^2".to_owned()]), "{answer}");
        let answer =
            by_hl7(address, &oru("M5", "LAB1", "X2", POSITIVE, "F").replace("ORU^R01^ORU_R01", "ADT^A01")).await;
        assert_eq!(code(&answer).0, "AR", "{answer}");
        let entries = served.sink.0.lock().unwrap().clone();
        let refused = entries.iter().filter(|entry| entry.outcome == "refused" && entry.detail["channel"] == "hl7");
        assert_eq!(refused.count(), 3);
        stop.send(()).unwrap();
        running.await.unwrap();
        served.close().await;
    });
}

#[test]
fn a_laboratory_sends_over_tls_and_nothing_is_taken_in_the_clear_there() {
    let runtime = crate::engines::runtime();
    runtime.block_on(async {
        let store = crate::engines::TestStore::file().await;
        let served = Served::example(&store).await;
        tubes(&served, &[("X1", "P046"), ("X2", "P047")]).await;
        let folder = tempfile::tempdir().unwrap();
        let (address, authority, stop, running) = served.listens_over_tls(folder.path()).await;
        let to = format!("localhost:{}", address.port());
        let message = oru("S1", "LAB1", "X1", POSITIVE, "F").into_bytes();
        // twice over one connection: acknowledged, and the same bytes again
        let answers = send(&to, &[message.clone(), message], Some(&authority)).await.unwrap();
        let [first, again] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!(code(&String::from_utf8_lossy(first)).0, "AA");
        assert_eq!(first, again);
        assert_eq!(cases_of(&store, "P046").await, 1);
        // a certificate that nobody signed whom the sender knows
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = folder.path().join("other.pem");
        std::fs::write(&other, made.cert.pem()).unwrap();
        let other = other.to_string_lossy().into_owned();
        let message = oru("S2", "LAB1", "X2", POSITIVE, "F").into_bytes();
        assert!(send(&to, std::slice::from_ref(&message), Some(&other)).await.is_err());
        // plain words on the encrypted port have no answer and no effect
        assert!(send(&to, &[message], None).await.is_err());
        assert_eq!(cases_of(&store, "P047").await, 0);
        let results = "select count(*) from results r join tubes t on t.no = r.tube_no where t.tube = 'X2'";
        assert_eq!(store.number(results).await, 0);
        stop.send(()).unwrap();
        running.await.unwrap();
        served.close().await;
        store.close().await;
    });
}

#[test]
fn what_is_hostile_on_the_wire_costs_a_connection_and_no_more() {
    let runtime = crate::engines::runtime();
    runtime.block_on(async {
        let store = crate::engines::TestStore::file().await;
        let served = Served::example(&store).await;
        tubes(&served, &[("X1", "P046"), ("X2", "P047")]).await;
        let (address, stop, running) = served.listens().await;
        let connect = async || TcpStream::connect(address).await.unwrap();
        // two messages in one piece, torn in the middle of the second, with noise between them
        let mut stream = connect().await;
        let mut bytes = framed(oru("M1", "LAB1", "X1", NEGATIVE, "F").as_bytes());
        bytes.extend(b"\r\nnoise");
        bytes.extend(framed(oru("M2", "LAB1", "X2", NEGATIVE, "F").as_bytes()));
        let (first, second) = bytes.split_at(bytes.len() - 40);
        stream.write_all(first).await.unwrap();
        let mut answers = vec![0; 4096];
        let length = stream.read(&mut answers).await.unwrap();
        assert!(String::from_utf8_lossy(&answers[..length]).contains("MSA|AA|M1"));
        for byte in second {
            stream.write_all(&[*byte]).await.unwrap();
        }
        let length = stream.read(&mut answers).await.unwrap();
        assert!(String::from_utf8_lossy(&answers[..length]).contains("MSA|AA|M2"));
        // 50 MB in one field: answered from its beginning, and cut off
        let mut stream = connect().await;
        let huge = oru("M3", "LAB1", "X1", &"x".repeat(1 << 20), "F");
        let (mut reader, mut writer) = stream.split();
        let writing = async {
            let _ = writer.write_all(b"\x0b").await;
            for _ in 0..50 {
                if writer.write_all(huge.as_bytes()).await.is_err() {
                    return;
                }
            }
        };
        let mut answer = Vec::new();
        let reading = async {
            let _ = timeout(Duration::from_secs(20), reader.read_to_end(&mut answer)).await;
        };
        tokio::join!(writing, reading);
        if !answer.is_empty() {
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.contains("MSA|AR|M3") && answer.contains("at most 65536 bytes"), "{answer}");
        }
        // nonsense in a frame has an answer; nonsense without one has none, and holds nobody up
        let mut stream = connect().await;
        stream.write_all(&framed(b"\xff\xfe\x00 nothing")).await.unwrap();
        let length = stream.read(&mut answers).await.unwrap();
        assert!(String::from_utf8_lossy(&answers[..length]).contains("MSA|AE|"));
        stream.write_all(&[0xff; 100]).await.unwrap();
        let answer = by_hl7(address, &oru("M4", "LAB1", "X1", NEGATIVE, "C")).await;
        assert_eq!(code(&answer).0, "AA", "{answer}");
        // told to stop, it lets go of connections that are open
        stop.send(()).unwrap();
        assert!(timeout(Duration::from_secs(10), running).await.is_ok(), "an open connection holds the server up");
        served.close().await;
        store.close().await;
    });
}

fn bundle(kind: &str, id: &str, results: &[(&str, &str, &str)]) -> Value {
    let entries = results.iter().map(|(tube, status, code)| {
        json!({"request": {"method": "POST", "url": "Observation"}, "resource": {
            "resourceType": "Observation", "status": status, "issued": "2022-11-20T20:00:00+08:00",
            "specimen": {"identifier": {"value": tube}},
            "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
            "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": code}]}}})
    });
    json!({"resourceType": "Bundle", "type": kind, "identifier": {"value": id}, "entry": entries.collect::<Vec<_>>()})
}

async fn by_fhir(served: &Served, who: &str, body: String) -> Answer {
    let headers = [("content-type", "application/fhir+json"), ("accept", "application/fhir+json")];
    let answer = served.ask(Method::POST, who, "/api/fhir", &headers, Body::from(body)).await;
    assert_eq!(answer.header("content-type"), "application/fhir+json", "{:?}", answer.body);
    answer
}

#[test]
fn a_bundle_is_taken_once_and_answered_in_its_own_language() {
    on_both(async |store| {
        let served = Served::example(store).await;
        tubes(&served, &[("X1", "P046"), ("X2", "P047")]).await;
        let text =
            bundle("transaction", "B1", &[("X1", "final", "260373001"), ("X2", "final", "260415000")]).to_string();
        let answer = by_fhir(&served, "laboratory", text.clone()).await;
        assert_eq!((answer.status, answer.json()["type"].as_str()), (StatusCode::OK, Some("transaction-response")));
        assert_eq!(answer.json()["entry"][0]["response"]["status"], "201 Created");
        assert_eq!(cases_of(store, "P046").await, 1);
        let before = store.dump().await;
        let again = by_fhir(&served, "laboratory", text).await;
        assert_eq!((again.body, again.headers.contains_key("idempotent-replay")), (answer.body, true));
        // another content under the same identifier
        let other = bundle("transaction", "B1", &[("X2", "corrected", "260373001")]).to_string();
        let answer = by_fhir(&served, "laboratory", other).await;
        assert_eq!(
            (answer.status, answer.json()["issue"][0]["code"].as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some("conflict"))
        );
        assert_eq!(store.number("select count(*) from items where subject like 'message/%'").await, 1);
        assert_eq!(before["results"], store.dump().await["results"]);
        // a transaction is all or nothing; a collection goes as far as it goes
        let results = [("X2", "corrected", "260415000"), ("NOWHERE", "final", "260373001")];
        let answer = by_fhir(&served, "laboratory", bundle("transaction", "B2", &results).to_string()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{:?}", answer.body);
        let path = answer.json()["issue"][0]["expression"][0].as_str().unwrap().to_owned();
        assert_eq!(path, "Bundle.entry[1].resource.specimen.identifier.value");
        assert_eq!(before["results"], store.dump().await["results"]);
        let answer = by_fhir(&served, "laboratory", bundle("collection", "B3", &results).to_string()).await;
        let statuses = [0, 1].map(|n| answer.json()["entry"][n]["response"]["status"].as_str().unwrap().to_owned());
        assert_eq!(statuses, ["201 Created", "409 Conflict"], "{:?}", answer.body);
        // what is hostile, whoever sends it
        let twice = r#"{"resourceType": "Bundle", "type": "collection", "type": "batch"}"#.to_owned();
        let deep = format!("{{\"a\": {}", "[".repeat(100_000));
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(5 << 20));
        for (who, body, status) in [
            ("laboratory", twice, StatusCode::BAD_REQUEST),
            ("laboratory", deep, StatusCode::BAD_REQUEST),
            ("laboratory", long, StatusCode::PAYLOAD_TOO_LARGE),
            ("laboratory", "{}".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
            ("tracer", bundle("batch", "B4", &results).to_string(), StatusCode::FORBIDDEN),
            ("", bundle("batch", "B4", &results).to_string(), StatusCode::UNAUTHORIZED),
        ] {
            let answer = by_fhir(&served, who, body).await;
            assert_eq!(
                (answer.status, answer.json()["resourceType"].as_str()),
                (status, Some("OperationOutcome")),
                "{who}"
            );
        }
        served.close().await;
    });
}

#[test]
fn files_of_results_have_their_consequences_when_they_have_landed() {
    on_both(async |store| {
        let served = Served::example(store).await;
        tubes(&served, &[("X1", "P046"), ("X2", "P047"), ("X3", "P040")]).await;
        let names: Vec<&str> = RESULTS.columns.iter().map(|column| column.name).collect();
        let file = |tube: &str, format: Format| {
            let out = std::io::Cursor::new(Vec::new());
            let mut writer = Writer::new(format, out, "results", &names, &zone()).unwrap();
            let row: Vec<Written<'_>> = names
                .iter()
                .map(|name| match *name {
                    "laboratory" => "L1",
                    "tube" => tube,
                    "version" => "F",
                    "finding" => "positive",
                    "reported_at" => "2022-11-20T20:00:00+08:00",
                    _ => "",
                })
                .map(|text| if text.is_empty() { Written::Empty } else { Written::Text(text) })
                .collect();
            writer.row(&row).unwrap();
            writer.finish().unwrap().1.into_inner()
        };
        // no run of the line comes between: nobody runs it here
        for (tube, person, format, media) in
            [("X1", "P046", Format::Csv, "text/csv"), ("X2", "P047", Format::Xlsx, XLSX)]
        {
            let headers = [("content-type", media)];
            let path = "/api/v1/imports?table=results";
            let answer =
                served.ask(Method::POST, "district_command", path, &headers, Body::from(file(tube, format))).await;
            let done = ended(&served, "district_command", answer.json()["id"].as_str().unwrap()).await;
            assert_eq!(done["tally"]["created"], 1, "{done}");
            assert_eq!(cases_of(store, person).await, 1, "{media}");
        }
        // a laboratory sends its workbook to the table itself
        let headers = [("content-type", XLSX)];
        let path = "/api/v1/evidence/results";
        let answer = served.ask(Method::POST, "laboratory", path, &headers, Body::from(file("X3", Format::Xlsx))).await;
        assert_eq!((answer.status, answer.json()["created"].as_u64()), (StatusCode::OK, Some(1)), "{:?}", answer.body);
        assert_eq!(cases_of(store, "P040").await, 1);
        served.close().await;
    });
}
