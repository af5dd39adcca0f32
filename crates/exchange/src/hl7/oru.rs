//! What an ORU^R01 says: one result for each observation that tells a finding, with the tube of its specimen. It may use the
//! table of codes. A message whose structure does not say which result belongs to which tube is refused whole; a value that
//! cannot be taken is handed on as it stands, so that the reader of results judges it as it judges a file's.

use super::segments::{Message, Segment};
use crate::{
    codes::{Codes, Means},
    letter::{FAULTS_MAX, Fault, Kind, Letter, RESULTS_MAX, ResultRow, plain, taken_back},
};
use dayclear_core::screening::Version;

/// An order with its observations and its specimens.
struct Group<'m> {
    patient: Option<&'m Segment>,
    request: &'m Segment,
    observations: Vec<&'m Segment>,
    specimens: Vec<&'m Segment>,
}

/// Reads a message. `laboratory` is who speaks, `processing` what is taken in MSH-11. Times without an offset stay so: the
/// reader of results takes them as of the city's zone.
pub fn read(message: &Message, codes: &Codes, laboratory: &str, processing: &[&str]) -> Result<Letter, Vec<Fault>> {
    let Some(msh) = message.segments.first() else { return Err(Vec::new()) };
    let faults = of_header(msh, message, processing);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut faults = Vec::new();
    let groups = groups(message, &mut faults);
    if groups.is_empty() && faults.is_empty() {
        let remedy = "send OBR, OBX and SPM for each specimen";
        faults.push(Fault::new(Kind::Missing, msh.place(0, 0), "", "at least one OBR", remedy));
    }
    let mut rows = Vec::new();
    for group in &groups {
        if faults.len() >= FAULTS_MAX {
            break;
        }
        match results(group, msh, codes, laboratory) {
            Ok(found) => rows.extend(found),
            Err(found) => faults.extend(found),
        }
        if rows.len() > RESULTS_MAX {
            let expected = format!("at most {RESULTS_MAX} results");
            let place = group.request.place(0, 0);
            faults.push(Fault::new(Kind::TooLong, place, "", expected, "send fewer results in one message"));
            break;
        }
    }
    if faults.is_empty() { Ok(Letter { id: message.header.id.clone(), rows }) } else { Err(faults) }
}

fn of_header(msh: &Segment, message: &Message, processing: &[&str]) -> Vec<Fault> {
    let header = &message.header;
    let mut faults = Vec::new();
    if (header.kind.0.as_str(), header.kind.1.as_str()) != ("ORU", "R01") {
        let (kind, component) = if header.kind.0 == "ORU" { (Kind::Unsupported, 2) } else { (Kind::Type, 1) };
        let value = format!("{}^{}", header.kind.0, header.kind.1);
        faults.push(Fault::new(
            kind,
            msh.place(9, component),
            value,
            "ORU^R01",
            "send results as ORU^R01; nothing else is taken here",
        ));
        return faults;
    }
    if !matches!(header.version.as_str(), "2.5" | "2.5.1" | "2.6" | "2.7" | "2.7.1" | "2.8") {
        let (expected, remedy) = ("2.5.1", "send version 2.5.1; 2.5 and 2.6 to 2.8 are read the same way");
        faults.push(Fault::new(Kind::Version, msh.place(12, 1), &header.version, expected, remedy));
    }
    if !processing.contains(&header.processing.as_str()) {
        let expected = processing.join(" or ");
        let remedy = "tests go to an exercise, results of people to the city's own server";
        faults.push(Fault::new(Kind::Processing, msh.place(11, 1), &header.processing, expected, remedy));
    }
    if header.id.is_empty() {
        let remedy = "give every message an id of its own, and the same when it is sent again";
        faults.push(Fault::new(Kind::Missing, msh.place(10, 0), "", "an id of the message", remedy));
    }
    faults
}

/// Orders with what belongs to them; a segment that belongs to none is a fault.
fn groups<'m>(message: &'m Message, faults: &mut Vec<Fault>) -> Vec<Group<'m>> {
    let mut groups: Vec<Group<'m>> = Vec::new();
    let (mut patient, mut open) = (None, false);
    for segment in &message.segments[1..] {
        match segment.name.as_str() {
            "MSH" => {
                let remedy = "send one message in each frame";
                faults.push(Fault::new(Kind::Form, segment.place(0, 0), "", "one MSH", remedy));
                break;
            }
            "PID" => (patient, open) = (Some(segment), false),
            "ORC" => open = false,
            "OBR" => {
                groups.push(Group { patient, request: segment, observations: Vec::new(), specimens: Vec::new() });
                open = true;
            }
            "OBX" | "SPM" => match groups.last_mut().filter(|_| open) {
                Some(group) if segment.name == "OBX" => group.observations.push(segment),
                Some(group) => group.specimens.push(segment),
                None if faults.len() < FAULTS_MAX => {
                    let expected = "an OBR before it";
                    let remedy = "send OBR, then its OBX and its SPM";
                    faults.push(Fault::new(Kind::Form, segment.place(0, 0), "", expected, remedy));
                }
                None => {}
            },
            // notes, visits, timing and what sites add for themselves
            _ => {}
        }
    }
    groups
}

fn results(group: &Group<'_>, msh: &Segment, codes: &Codes, laboratory: &str) -> Result<Vec<ResultRow>, Vec<Fault>> {
    let request = group.request;
    let one = |fault| vec![fault];
    let specimen = match group.specimens.as_slice() {
        [specimen] => *specimen,
        several => {
            let (kind, value) = match several.len() {
                0 => (Kind::Missing, String::new()),
                n => (Kind::Form, format!("{n} SPM")),
            };
            let remedy = "send an OBR with its OBX for each tube, and the SPM of the tube after them";
            return Err(one(Fault::new(kind, request.place(0, 0), value, "one SPM for each OBR", remedy)));
        }
    };
    let role = specimen.value(11, 1).map_err(one)?;
    let known =
        |group: &Group<'_>| group.patient.is_some_and(|pid| !pid.value(3, 1).is_ok_and(|id| id.text.is_empty()));
    match role.text.as_str() {
        // table 0369: a pool and a group are nobody's specimen
        "L" | "G" => {}
        "P" | "" if known(group) => {}
        "P" | "" => {
            let place = group.patient.map_or_else(|| crate::Place::field("PID", 1, 3, 1), |pid| pid.place(3, 1));
            let remedy = "send PID-3 for the specimen of a person; for a pool write L in SPM-11";
            return Err(one(Fault::new(Kind::Missing, place, "", "the laboratory's id of the person", remedy)));
        }
        other => {
            let remedy = "controls and calibrators are not reported";
            let expected = "P (of a person), L (pool) or G (group)";
            return Err(one(Fault::new(Kind::Code, role.place.clone(), other, expected, remedy)));
        }
    }
    // the placer's id first: the city put the bar code on the tube, the filler's is the laboratory's own number
    let tube = specimen.value(2, 1).map_err(one)?;
    let tube = if tube.text.is_empty() { specimen.value(2, 2).map_err(one)? } else { tube };
    if tube.text.is_empty() {
        let place = specimen.place(2, 0);
        let remedy = "write the bar code of the tube in SPM-2.1 or SPM-2.2";
        return Err(one(Fault::new(Kind::Missing, place, "", "the bar code of the tube", remedy)));
    }
    let mut base = ResultRow::default();
    base.put("laboratory", laboratory, msh.place(4, 0));
    base.put("tube", &tube.text, tube.place);
    released(&mut base, request, msh).map_err(one)?;
    taken_before(&base, specimen).map_err(one)?;
    let mut told = Vec::new();
    let mut found: Vec<&Segment> = Vec::new();
    for observation in group.observations.iter().copied() {
        match means(observation, codes).map_err(one)? {
            Some(Means::Finding) => found.push(observation),
            Some(Means::CtN) => told.push(("ct_n", observation)),
            Some(Means::CtOrf) => told.push(("ct_orf", observation)),
            Some(Means::CtIc) => told.push(("ct_ic", observation)),
            Some(Means::Run) => told.push(("run", observation)),
            None => {}
        }
    }
    for (column, observation) in told {
        // a value that was withdrawn by itself is none
        if matches!(observation.value(11, 1).map_err(one)?.text.as_str(), "W" | "D" | "X") {
            continue;
        }
        let value = number(observation).map_err(one)?;
        if base.values.get(column).is_some_and(|other| *other != plain(&value.text)) {
            let remedy = "send each Ct once, or each run as an order of its own";
            return Err(one(Fault::new(Kind::Contradiction, value.place, value.text, "one value", remedy)));
        }
        base.put(column, value.text, value.place);
    }
    if found.is_empty() {
        let place = group.observations.first().map_or_else(|| request.place(0, 0), |first| first.place(3, 1));
        let value = group.observations.first().and_then(|first| first.value(3, 1).ok()).map(|value| value.text);
        let expected = format!("an OBX whose OBX-3 tells the finding: {}", codes.findings_told_by());
        let remedy = "send it, or have the code added to the table of codes";
        let kind = if value.is_some() { Kind::Code } else { Kind::Missing };
        return Err(one(Fault::new(kind, place, value.unwrap_or_default(), expected, remedy)));
    }
    found.into_iter().map(|observation| finding(base.clone(), observation, request, codes).map_err(one)).collect()
}

/// When the laboratory released it: OBR-22, else when the message was written.
fn released(row: &mut ResultRow, request: &Segment, msh: &Segment) -> Result<(), Fault> {
    let at = request.value(22, 1)?;
    let at = if at.text.is_empty() { msh.value(7, 1)? } else { at };
    row.put("reported_at", moment(&at.text), at.place);
    row.expected.insert("reported_at", "a moment: YYYYMMDDHHMM[SS][+ZZZZ]".to_owned());
    Ok(())
}

/// A result cannot be released before its specimen was taken.
fn taken_before(row: &ResultRow, specimen: &Segment) -> Result<(), Fault> {
    let taken = specimen.value(17, 1)?;
    let (Some(released), taken_at) = (row.values.get("reported_at"), moment(&taken.text)) else { return Ok(()) };
    let both = (released.parse::<dayclear_core::time::Instant>(), taken_at.parse::<dayclear_core::time::Instant>());
    match both {
        (Ok(released), Ok(taken)) if released < taken => {}
        // without offsets both are of one zone, and their texts are in order
        (Err(_), Err(_)) if !taken.text.is_empty() && released.len() == taken_at.len() && *released < taken_at => {}
        _ => return Ok(()),
    }
    let expected = format!("a time before the release of the result ({released})");
    let remedy = "look at the clocks, and whether the result is of this tube";
    Err(Fault::new(Kind::Contradiction, taken.place, taken.text, expected, remedy))
}

fn means(observation: &Segment, codes: &Codes) -> Result<Option<Means>, Fault> {
    for (code, system) in [(1, 3), (4, 6)] {
        let (code, system) = (observation.value(3, code)?, observation.value(3, system)?);
        if let Some(means) = codes.observation(&system.text, &code.text).filter(|_| !code.text.is_empty()) {
            return Ok(Some(means));
        }
    }
    Ok(None)
}

/// The number of an observation: NM as it stands, SN without its comparator where that is `=`.
fn number(observation: &Segment) -> Result<super::segments::Value, Fault> {
    let kind = observation.value(2, 1)?;
    if kind.text != "SN" {
        return observation.value(5, 1);
    }
    let comparator = observation.value(5, 1)?;
    let mut number = observation.value(5, 2)?;
    if !matches!(comparator.text.as_str(), "" | "=") {
        number.text = format!("{}{}", comparator.text, number.text);
    }
    Ok(number)
}

/// One result: its version and its finding.
fn finding(mut row: ResultRow, observation: &Segment, request: &Segment, codes: &Codes) -> Result<ResultRow, Fault> {
    let own = observation.value(11, 1)?;
    let status = if own.text.is_empty() { request.value(25, 1)? } else { own };
    // tables 0085 and 0123; what cannot be obtained is a final result without a finding
    let version = match status.text.as_str() {
        "P" | "R" | "S" => Some(Version::Preliminary),
        "F" | "U" | "X" => Some(Version::Final),
        "C" => Some(Version::Corrected),
        "W" => Some(Version::Wrong),
        "D" => Some(Version::Deleted),
        _ => None,
    };
    let text = version.map_or_else(|| status.text.clone(), |version| version.name().to_owned());
    row.put("version", text, status.place);
    row.expected.insert("version", "P, F, C, W or D in OBX-11, or in OBR-25 for all of them".to_owned());
    let kind = observation.value(2, 1)?;
    let code = observation.value(5, 1)?;
    let mut value = match (kind.text.as_str(), code.text.as_str()) {
        (_, "") => None,
        ("CE" | "CWE" | "CNE" | "CF", _) => {
            let mut known = None;
            for (at, system) in [(1, 3), (4, 6)] {
                let (code, system) = (observation.value(5, at)?, observation.value(5, system)?);
                known = known.or_else(|| codes.finding(&system.text, &code.text));
            }
            known
        }
        (_, text) => codes.finding_of_text(text),
    }
    .map(|finding| finding.name().to_owned());
    if value.is_none() && code.text.is_empty() {
        value = taken_back(version).map(str::to_owned);
        if status.text == "X" {
            value = Some("invalid".to_owned());
        }
    }
    row.put("finding", value.unwrap_or(code.text), code.place);
    row.expected.insert("finding", format!("a value of the table of codes: {}", codes.values_known()));
    Ok(row)
}

/// A time of HL7 as one of ISO 8601; what is none stays as it is.
pub(super) fn moment(text: &str) -> String {
    let (time, offset) = match text.find(['+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = matches!(whole.len(), 12 | 14) && digits(whole) && digits(fraction);
    if !shaped || !(offset.is_empty() || (offset.len() == 5 && digits(&offset[1..]))) {
        return text.to_owned();
    }
    let seconds = whole.get(12..14).unwrap_or("00");
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    let offset = if offset.is_empty() { String::new() } else { format!("{}:{}", &offset[..3], &offset[3..]) };
    let (year, month, day, hour, minute) = (&whole[..4], &whole[4..6], &whole[6..8], &whole[8..10], &whole[10..12]);
    format!("{year}-{month}-{day}T{hour}:{minute}:{seconds}{fraction}{offset}")
}
