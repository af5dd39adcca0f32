//! Exports are the list and nothing but the list, can be read back without a change, are guarded against spreadsheets,
//! and are noted before they leave.

use crate::{
    engines::on_both,
    served::{Served, XLSX},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

fn csv_of(body: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(body);
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

#[test]
fn what_was_exported_is_the_same_when_it_is_brought_back() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let brought = [
            ("city_command", "divisions"),
            ("district_command", "people"),
            ("district_command", "tubes"),
            ("district_command", "members"),
            ("district_command", "results"),
            ("district_command", "requests"),
            ("district_command", "facilities"),
            ("district_command", "vehicles"),
            ("district_command", "supplies"),
            ("city_command", "laboratories"),
        ];
        for (role, list) in brought {
            let token = format!("{role}-city");
            let export = served.get(&token, &format!("/api/v1/{list}.csv")).await;
            assert_eq!(export.status, StatusCode::OK, "{list}");
            let rows = csv_of(&export.body).1.len();
            assert!(rows > 0, "{list}");
            let path = format!("/api/v1/evidence/{list}");
            let headers = [("content-type", "text/csv")];
            let answer = served.ask(Method::POST, &token, &path, &headers, Body::from(export.body)).await;
            let told = answer.json();
            assert_eq!(
                (told["read"].as_u64(), told["same"].as_u64()),
                (Some(rows as u64), Some(rows as u64)),
                "{list}: {told}"
            );
        }
        served.close().await;
    });
}

#[test]
fn a_workbook_comes_back_as_it_went() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let export = served.get("district_command", "/api/v1/people.xlsx").await;
        assert_eq!(export.header("content-type"), XLSX);
        assert!(export.header("content-disposition").contains("people-2022-11-20.xlsx"));
        let headers = [("content-type", XLSX)];
        let path = "/api/v1/imports?table=people";
        let answer = served.ask(Method::POST, "district_command", path, &headers, Body::from(export.body)).await;
        let done = crate::imports::ended(&served, "district_command", answer.json()["id"].as_str().unwrap()).await;
        assert_eq!((done["tally"]["read"].clone(), done["tally"]["same"].clone()), (json!(40), json!(40)), "{done}");
        served.close().await;
    });
}

#[test]
fn the_shapes_say_the_same_and_carry_who_took_them() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let question = "?sort=id&open=true&origin=community,entry";
        let rows = served.get("district_command", &format!("/api/v1/cases{question}&limit=500")).await.json();
        let rows = rows["rows"].as_array().unwrap();
        let list: Value = served.get("district_command", &format!("/api/v1/cases.json{question}")).await.json();
        let lines = served.get("district_command", &format!("/api/v1/cases.ndjson{question}")).await;
        let lines: Vec<Value> = lines
            .body
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect();
        assert_eq!(list.as_array().unwrap(), &lines);
        let (header, table) =
            csv_of(&served.get("district_command", &format!("/api/v1/cases.csv{question}")).await.body);
        assert_eq!((rows.len(), rows.len()), (lines.len(), table.len()));
        assert_eq!(header[header.len() - 2..], ["exported_by", "exported_at"]);
        let id = header.iter().position(|name| name == "id").unwrap();
        for ((row, line), cells) in rows.iter().zip(&lines).zip(&table) {
            assert_eq!(row["id"], line["id"]);
            assert_eq!(row["id"], cells[id].as_str());
            assert_eq!(cells[header.len() - 2..], [served.account("district_command"), "2022-11-20T21:45:00+08:00"]);
            let mut bare = line.clone();
            bare.as_object_mut().unwrap().retain(|name, _| !name.starts_with("exported_"));
            assert_eq!(&bare, row);
        }
        served.close().await;
    });
}

#[test]
fn no_spreadsheet_runs_what_people_wrote() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let row = json!({"request": "RX", "kind": "medicine", "division": "500103013006", "received_at": "2022-11-20T12:00:00+08:00",
            "text": "=HYPERLINK(\"http://x\")"});
        assert_eq!(
            served.post("district_command", "/api/v1/evidence/requests", &row).await.status,
            StatusCode::CREATED
        );
        let export = served.get("district_command", "/api/v1/requests.csv?request=RX").await;
        let (header, rows) = csv_of(&export.body);
        let at = header.iter().position(|name| name == "text").unwrap();
        assert_eq!(rows[0][at], "'=HYPERLINK(\"http://x\")");
        let headers = [("content-type", "text/csv")];
        let back = served
            .ask(Method::POST, "district_command", "/api/v1/evidence/requests", &headers, Body::from(export.body))
            .await;
        assert_eq!(back.json()["same"], 1);
        served.close().await;
    });
}

#[test]
fn an_export_is_noted_with_its_filter_and_its_rows_before_it_leaves() {
    on_both(async |store| {
        let served = Served::example(store).await;
        served.get("district_command", "/api/v1/people.csv?presence=present&household=H01").await;
        served.get("hotline", "/api/v1/people.csv").await;
        served.get("tracer", "/api/v1/cases.json").await;
        served.get("laboratory", "/api/v1/people.csv").await;
        let noted = served.sink.0.lock().unwrap().clone();
        let exports: Vec<(String, String, &str, Value)> = noted
            .iter()
            .filter(|entry| matches!(entry.action, "export"))
            .map(|entry| (entry.duty.role.name().to_owned(), entry.on.clone(), entry.outcome, entry.detail.clone()))
            .collect();
        let filter = json!({"format": "csv", "filter": {"presence": "present", "household": "..."}, "rows": 3});
        assert_eq!(exports[0], ("district_command".to_owned(), "people".to_owned(), "done", filter));
        assert_eq!((exports[1].0.as_str(), exports[1].2), ("hotline", "refused"));
        assert_eq!((exports[2].0.as_str(), exports[2].2), ("tracer", "refused"));
        let last = noted.last().unwrap();
        assert_eq!((last.duty.role.name(), last.action, last.outcome), ("laboratory", "read", "refused"));
        served.close().await;
    });
}

#[test]
fn the_package_describes_every_export_of_the_role() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let package = served.get("city_command", "/api/v1/datapackage.json").await.json();
        let resources = package["resources"].as_array().unwrap();
        assert!(resources.iter().all(|resource| resource["name"] != "people"), "the city sees no roster");
        for resource in resources {
            let export = served.get("city_command", &format!("/api/v1/{}", resource["path"].as_str().unwrap())).await;
            let (header, _) = csv_of(&export.body);
            let fields: Vec<&str> = resource["schema"]["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|field| field["name"].as_str().unwrap())
                .collect();
            assert_eq!(header, fields, "{}", resource["name"]);
        }
        let none = served.get("tracer", "/api/v1/datapackage.json").await.json();
        assert_eq!(none["resources"], json!([]));
        served.close().await;
    });
}
