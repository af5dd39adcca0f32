//! How a router is asked for a table of travel times and what its answer says: `/table` of OSRM and `/sources_to_targets` of Valhalla.
//! Pure: words in, words out; who sends them is not its matter. It guarantees that an answer to another question, or one that is not
//! whole, is none.
//!
//! Sources: OSRM API v5.24, "Table service" (`durations` in seconds, from by from, null without a way); Valhalla, "Time-distance matrix
//! service" (`sources_to_targets`, `time` in seconds, null without a way).

use super::roads::{Ask, Cell};
use serde_json::{Value, json};

/// In which words a router is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Open Source Routing Machine.
    Osrm,
    /// Valhalla.
    Valhalla,
}

impl Dialect {
    /// By its name in the settings.
    pub fn named(name: &str) -> Option<Dialect> {
        [Dialect::Osrm, Dialect::Valhalla].into_iter().find(|one| one.name() == name)
    }

    /// Its name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Osrm => "osrm",
            Dialect::Valhalla => "valhalla",
        }
    }

    /// Path and query to ask with, after the address of the router; plain ASCII.
    pub fn question(self, ask: &Ask) -> String {
        match self {
            Dialect::Osrm => {
                let places: Vec<String> = ask
                    .from
                    .iter()
                    .chain(&ask.to)
                    .map(|cell| {
                        let (lon, lat) = cell.written();
                        format!("{lon},{lat}")
                    })
                    .collect();
                let which = |range: std::ops::Range<usize>| range.map(|n| n.to_string()).collect::<Vec<_>>().join(";");
                let (sources, all) = (ask.from.len(), places.len());
                format!(
                    "/table/v1/driving/{}?sources={}&destinations={}&annotations=duration",
                    places.join(";"),
                    which(0..sources),
                    which(sources..all)
                )
            }
            Dialect::Valhalla => {
                let places = |cells: &[Cell]| -> Vec<Value> {
                    let number = |text: String| text.parse::<f64>().unwrap_or_default();
                    let place = |cell: &Cell| {
                        let (lon, lat) = cell.written();
                        json!({"lat": number(lat), "lon": number(lon)})
                    };
                    cells.iter().map(place).collect()
                };
                let wanted = json!({"costing": "auto", "sources": places(&ask.from), "targets": places(&ask.to)});
                format!("/sources_to_targets?json={}", escaped(&wanted.to_string()))
            }
        }
    }

    /// What an answer says: minutes, rounded up, from by from; none where there is no way. The error says what is wrong with it.
    pub fn answer(self, ask: &Ask, body: &[u8]) -> Result<Vec<Option<u16>>, &'static str> {
        let body: Value = serde_json::from_slice(body).map_err(|_| "no JSON")?;
        if self == Dialect::Osrm && body["code"] != "Ok" {
            return Err("not the code Ok");
        }
        let rows = match self {
            Dialect::Osrm => &body["durations"],
            Dialect::Valhalla => &body["sources_to_targets"],
        };
        let rows = rows.as_array().filter(|rows| rows.len() == ask.from.len()).ok_or("not a row for each place")?;
        let mut minutes = Vec::with_capacity(ask.from.len() * ask.to.len());
        for row in rows {
            let row = row.as_array().filter(|row| row.len() == ask.to.len()).ok_or("not a time for each pair")?;
            for cell in row {
                let seconds =
                    if self == Dialect::Valhalla { cell.get("time").ok_or("a pair without a time")? } else { cell };
                minutes.push(match seconds {
                    Value::Null => None,
                    told => {
                        let seconds = told.as_f64().filter(|s| *s >= 0.0).ok_or("a time that is no number")?;
                        // longer than any ride: no way that is of use
                        Some((seconds / 60.0).ceil()).filter(|m| *m <= f64::from(u16::MAX)).map(|m| m as u16)
                    }
                });
            }
        }
        Ok(minutes)
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask() -> Ask {
        let cell = |lon: f64, lat: f64| Cell::of((lon, lat));
        Ask { from: vec![cell(106.551, 29.563), cell(106.6, 29.6)], to: vec![cell(-0.05, 29.7)] }
    }

    #[test]
    fn each_is_asked_in_its_own_words() {
        assert_eq!(
            Dialect::Osrm.question(&ask()),
            "/table/v1/driving/106.551,29.563;106.600,29.600;-0.050,29.700?sources=0;1&destinations=2&annotations=duration"
        );
        assert_eq!(
            Dialect::Valhalla.question(&ask()),
            "/sources_to_targets?json=%7B%22costing%22%3A%22auto%22%2C%22sources%22%3A%5B%7B%22lat%22%3A29.563%2C%22lon%22%3A106.551%7D\
             %2C%7B%22lat%22%3A29.6%2C%22lon%22%3A106.6%7D%5D%2C%22targets%22%3A%5B%7B%22lat%22%3A29.7%2C%22lon%22%3A-0.05%7D%5D%7D"
        );
        assert_eq!(Dialect::named("valhalla"), Some(Dialect::Valhalla));
        assert_eq!(Dialect::named("OSRM"), None);
    }

    #[test]
    fn an_answer_is_whole_or_none() {
        let good = [
            (Dialect::Osrm, r#"{"code":"Ok","durations":[[60.1],[null]],"sources":[]}"#),
            (
                Dialect::Valhalla,
                r#"{"sources_to_targets":[[{"time":61,"distance":1.0}],[{"time":null}]],"units":"km"}"#,
            ),
        ];
        for (dialect, body) in good {
            assert_eq!(dialect.answer(&ask(), body.as_bytes()), Ok(vec![Some(2), None]), "{body}");
        }
        for (dialect, body) in [
            (Dialect::Osrm, "<html>"),
            (Dialect::Osrm, r#"{"code":"TooBig","durations":[[1],[2]]}"#),
            (Dialect::Osrm, r#"{"code":"Ok"}"#),
            (Dialect::Osrm, r#"{"code":"Ok","durations":[[1]]}"#),
            (Dialect::Osrm, r#"{"code":"Ok","durations":[[1],[2,3]]}"#),
            (Dialect::Osrm, r#"{"code":"Ok","durations":[[1],["2"]]}"#),
            (Dialect::Osrm, r#"{"code":"Ok","durations":[[1],[-2]]}"#),
            (Dialect::Valhalla, r#"{"sources_to_targets":[[{"time":61}],[{"distance":1}]]}"#),
            (Dialect::Valhalla, r#"{"error":"Exceeded max locations"}"#),
        ] {
            assert!(dialect.answer(&ask(), body.as_bytes()).is_err(), "{body}");
        }
    }
}
