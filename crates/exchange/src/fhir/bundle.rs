//! What a Bundle says: one result for each Observation that tells a finding, with the tube of its Specimen. It may use the
//! table of codes. References are followed once and by an index, whatever they lead to.

use crate::{
    codes::{Codes, Means},
    letter::{FAULTS_MAX, Fault, Kind, Letter, Place, RESULTS_MAX, ResultRow, plain, taken_back},
};
use dayclear_core::screening::{Finding, Version};
use serde_json::Value;
use std::collections::BTreeMap;

/// Entries of a Bundle at most.
const ENTRIES_MAX: usize = 50_000;

/// Type of a Bundle that is taken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// All of it, or none.
    Transaction,
    /// Each as far as it goes.
    Batch,
    /// Each as far as it goes.
    Message,
    /// Each as far as it goes.
    Collection,
}

impl Type {
    fn named(name: &str) -> Option<Type> {
        Some(match name {
            "transaction" => Type::Transaction,
            "batch" => Type::Batch,
            "message" => Type::Message,
            "collection" => Type::Collection,
            _ => return None,
        })
    }
    /// Whether one result that cannot be taken refuses all.
    pub const fn is_atomic(self) -> bool {
        matches!(self, Type::Transaction)
    }
}

/// A Bundle that was read.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Its type.
    pub kind: Type,
    /// What it says.
    pub letter: Letter,
    /// Type of the resource of each entry.
    pub entries: Vec<String>,
}

/// A resource of a Bundle, with where it stands.
#[derive(Clone, Copy)]
struct Resource<'b> {
    body: &'b Value,
    entry: usize,
}

impl Resource<'_> {
    fn kind(&self) -> &str {
        text(self.body, "resourceType")
    }
    fn place(&self, path: &str) -> Place {
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        Place::Path(format!("Bundle.entry[{}].resource{dot}{path}", self.entry))
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Reads a Bundle. `laboratory` is who speaks, where that is settled; else the performer is asked.
pub fn read(bundle: &Value, codes: &Codes, laboratory: Option<&str>) -> Result<Bundle, Vec<Fault>> {
    let here = |path: &str| Place::Path(path.to_owned());
    let one = |kind, path: &str, value: &str, expected: &str, remedy: &str| {
        vec![Fault::new(kind, here(path), value, expected, remedy)]
    };
    let resource = text(bundle, "resourceType");
    if resource != "Bundle" {
        return Err(one(Kind::Type, "resourceType", resource, "Bundle", "put the resources into a Bundle"));
    }
    let named = text(bundle, "type");
    let Some(kind) = Type::named(named) else {
        let expected = "transaction, batch, message or collection";
        return Err(one(Kind::Unsupported, "Bundle.type", named, expected, "send it as one of them"));
    };
    let entries: Vec<&Value> = list(bundle, "entry").collect();
    if entries.is_empty() || entries.len() > ENTRIES_MAX {
        let expected = format!("1 to {ENTRIES_MAX} entries");
        let remedy = "send the reports, observations and specimens as entries";
        return Err(one(Kind::Missing, "Bundle.entry", &entries.len().to_string(), &expected, remedy));
    }
    let mut reader = Reader::of(&entries, codes, laboratory);
    if matches!(kind, Type::Transaction | Type::Batch) {
        reader.methods(&entries);
    }
    reader.reports();
    reader.observations(text(bundle, "timestamp"));
    if reader.rows.is_empty() && reader.faults.is_empty() {
        let expected = format!("an Observation whose code tells the finding: {}", codes.findings_told_by());
        let remedy = "send it, or have the code added to the table of codes";
        reader.faults.push(Fault::new(Kind::Missing, here("Bundle.entry"), "", expected, remedy));
    }
    let identifier = bundle.get("identifier").unwrap_or(&Value::Null);
    let id = match (text(identifier, "system"), text(identifier, "value")) {
        (_, "") => String::new(),
        (system, value) => format!("{system}|{value}"),
    };
    let kinds = entries.iter().map(|entry| plain(text(entry.get("resource").unwrap_or(&Value::Null), "resourceType")));
    match reader.faults.is_empty() {
        true => Ok(Bundle { kind, letter: Letter { id, rows: reader.rows }, entries: kinds.collect() }),
        false => Err(reader.faults),
    }
}

struct Reader<'b> {
    codes: &'b Codes,
    laboratory: Option<&'b str>,
    resources: Vec<Resource<'b>>,
    /// Resources by fullUrl and by type and id.
    by_name: BTreeMap<String, usize>,
    /// Report of an observation, by the place of both among the resources.
    report_of: BTreeMap<usize, usize>,
    rows: Vec<ResultRow>,
    faults: Vec<Fault>,
}

impl<'b> Reader<'b> {
    fn of(entries: &[&'b Value], codes: &'b Codes, laboratory: Option<&'b str>) -> Self {
        let mut reader = Reader {
            codes,
            laboratory,
            resources: Vec::new(),
            by_name: BTreeMap::new(),
            report_of: BTreeMap::new(),
            rows: Vec::new(),
            faults: Vec::new(),
        };
        for (entry, value) in entries.iter().enumerate() {
            let Some(body) = value.get("resource").filter(|body| body.is_object()) else { continue };
            let at = reader.resources.len();
            reader.resources.push(Resource { body, entry });
            let id = text(body, "id");
            let by_id = (!id.is_empty()).then(|| format!("{}/{id}", text(body, "resourceType")));
            let url = Some(text(value, "fullUrl")).filter(|url| !url.is_empty()).map(str::to_owned);
            for name in by_id.into_iter().chain(url) {
                // two resources under one name: whose specimen it is would depend on their order
                if reader.by_name.insert(name.clone(), at).is_some_and(|other| other != at) {
                    let place = Place::Path(format!("Bundle.entry[{entry}].fullUrl"));
                    let remedy = "give every resource a name of its own";
                    reader.fault(Fault::new(Kind::Contradiction, place, name, "a name that stands once", remedy));
                }
            }
        }
        reader
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }

    /// In a transaction every entry says what it wants; here things are only added.
    fn methods(&mut self, entries: &[&Value]) {
        for (at, entry) in entries.iter().enumerate() {
            let method = entry.get("request").map(|request| text(request, "method")).unwrap_or_default();
            if !matches!(method, "POST" | "PUT") {
                let place = Place::Path(format!("Bundle.entry[{at}].request.method"));
                let remedy = "to take a result back send it again with status entered-in-error or cancelled";
                self.fault(Fault::new(Kind::Unsupported, place, method, "POST or PUT", remedy));
            }
        }
    }

    /// The resource that a reference names, in this Bundle or inside the resource itself.
    fn resolve(&self, from: Resource<'b>, reference: &'b Value) -> Option<Resource<'b>> {
        let name = text(reference, "reference");
        if let Some(id) = name.strip_prefix('#') {
            let body = list(from.body, "contained").find(|inner| !id.is_empty() && text(inner, "id") == id)?;
            return Some(Resource { body, entry: from.entry });
        }
        // a version of a resource is the resource
        let name = name.split("/_history/").next().unwrap_or_default();
        self.by_name.get(name).and_then(|at| self.resources.get(*at)).copied()
    }

    /// Which report tells which observation.
    fn reports(&mut self) {
        for at in 0..self.resources.len() {
            let report = self.resources[at];
            if report.kind() != "DiagnosticReport" {
                continue;
            }
            for (n, reference) in list(report.body, "result").enumerate() {
                let name = text(reference, "reference");
                let found = self.by_name.get(name.split("/_history/").next().unwrap_or_default()).copied();
                match found.filter(|found| self.resources[*found].kind() == "Observation") {
                    Some(found) => {
                        self.report_of.insert(found, at);
                    }
                    None => {
                        let place = report.place(&format!("result[{n}]"));
                        let remedy = "send the Observation in the same Bundle";
                        self.fault(Fault::new(Kind::Missing, place, name, "an Observation of this Bundle", remedy));
                    }
                }
            }
        }
    }

    fn observations(&mut self, written: &str) {
        // what else was measured of a tube, by the tube
        let mut measured: BTreeMap<String, Vec<(&'static str, String, Place)>> = BTreeMap::new();
        let mut found = Vec::new();
        for at in 0..self.resources.len() {
            let resource = self.resources[at];
            if resource.kind() != "Observation" || self.faults.len() >= FAULTS_MAX {
                continue;
            }
            let Some(means) = means(resource.body.get("code"), self.codes) else { continue };
            let report = self.report_of.get(&at).map(|at| self.resources[*at]);
            let (tube, place) = match self.tube(resource, report) {
                Ok(tube) => tube,
                Err(fault) => {
                    self.fault(fault);
                    continue;
                }
            };
            if let Some(column) = column(means) {
                if !matches!(text(resource.body, "status"), "entered-in-error" | "cancelled") {
                    let (value, path) = number(resource.body);
                    measured.entry(tube).or_default().push((column, value, resource.place(path)));
                }
                continue;
            }
            found.push((resource, report, tube, place));
            if found.len() > RESULTS_MAX {
                let expected = format!("at most {RESULTS_MAX} results");
                let remedy = "send fewer results in one Bundle";
                self.fault(Fault::new(Kind::TooLong, resource.place(""), "", expected, remedy));
                return;
            }
        }
        for (resource, report, tube, place) in found {
            let mut row = ResultRow { entry: resource.entry, ..ResultRow::default() };
            row.put("tube", &tube, place);
            let told = self.result(&mut row, resource, report, written).and_then(|()| {
                let others = measured.get(&tube).into_iter().flatten().cloned();
                let within = components(resource, self.codes);
                within
                    .into_iter()
                    .chain(others)
                    .try_for_each(|(column, value, place)| add(&mut row, column, value, place))
            });
            match told {
                Ok(()) => self.rows.push(row),
                Err(fault) => self.fault(fault),
            }
        }
    }

    /// Bar code of the tube of an observation: of its Specimen (container first, then identifier, then accession), or of
    /// the identifier by which it is referred to.
    fn tube(&self, observation: Resource<'b>, report: Option<Resource<'b>>) -> Result<(String, Place), Fault> {
        let own = observation.body.get("specimen").map(|reference| (observation, reference, "specimen"));
        let of_report = || {
            let report = report?;
            let mut all = list(report.body, "specimen");
            let first = all.next()?;
            // of several nobody knows which
            all.next().is_none().then_some((report, first, "specimen[0]"))
        };
        let missing = |place: Place, value: &str| {
            let remedy = "refer to a Specimen of this Bundle whose container or identifier is the bar code of the tube";
            Fault::new(Kind::Missing, place, value, "the tube of this observation", remedy)
        };
        let Some((from, reference, path)) = own.or_else(of_report) else {
            return Err(missing(observation.place("specimen"), ""));
        };
        let by_identifier = reference.get("identifier").map(|id| text(id, "value")).unwrap_or_default();
        if !by_identifier.is_empty() {
            return Ok((by_identifier.to_owned(), from.place(&format!("{path}.identifier.value"))));
        }
        let specimen = self.resolve(from, reference).filter(|found| found.kind() == "Specimen");
        let Some(specimen) = specimen else { return Err(missing(from.place(path), text(reference, "reference"))) };
        let container = list(specimen.body, "container").flat_map(|container| list(container, "identifier"));
        let identifiers = list(specimen.body, "identifier");
        for (path, values) in [
            ("container[0].identifier[0].value", container.map(|id| text(id, "value")).collect::<Vec<_>>()),
            ("identifier[0].value", identifiers.map(|id| text(id, "value")).collect()),
            (
                "accessionIdentifier.value",
                specimen.body.get("accessionIdentifier").map(|id| text(id, "value")).into_iter().collect(),
            ),
        ] {
            match values.iter().filter(|value| !value.is_empty()).collect::<Vec<_>>().as_slice() {
                [] => {}
                [one] => return Ok(((**one).to_owned(), specimen.place(path))),
                several => {
                    let value = several.iter().map(|value| **value).collect::<Vec<_>>().join(" ");
                    let remedy = "send a Specimen for each tube";
                    let fault = Fault::new(Kind::Form, specimen.place(path), value, "one bar code", remedy);
                    return Err(fault);
                }
            }
        }
        Err(missing(specimen.place("identifier"), ""))
    }

    /// Version, finding, time and laboratory of an observation.
    fn result(
        &self,
        row: &mut ResultRow,
        observation: Resource<'b>,
        report: Option<Resource<'b>>,
        written: &str,
    ) -> Result<(), Fault> {
        let body = observation.body;
        match self.laboratory {
            Some(laboratory) => row.put("laboratory", laboratory, observation.place("performer")),
            None => {
                let performers =
                    list(body, "performer").chain(report.into_iter().flat_map(|r| list(r.body, "performer")));
                let mut ids = performers.filter_map(|performer| {
                    let by_name = performer.get("identifier").map(|id| text(id, "value")).filter(|id| !id.is_empty());
                    by_name.or_else(|| {
                        let organisation = self.resolve(observation, performer)?;
                        list(organisation.body, "identifier").map(|id| text(id, "value")).find(|id| !id.is_empty())
                    })
                });
                row.put(
                    "laboratory",
                    ids.next().unwrap_or_default(),
                    observation.place("performer[0].identifier.value"),
                );
            }
        }
        // a report that is taken back takes its observations back
        let of_report = report.map(|report| text(report.body, "status")).unwrap_or_default();
        let (status, place) = match (of_report, report) {
            ("entered-in-error" | "cancelled", Some(report)) => (of_report, report.place("status")),
            _ => (text(body, "status"), observation.place("status")),
        };
        let version = match status {
            "preliminary" => Some(Version::Preliminary),
            "final" => Some(Version::Final),
            "amended" | "corrected" => Some(Version::Corrected),
            "entered-in-error" => Some(Version::Wrong),
            "cancelled" => Some(Version::Deleted),
            _ => None,
        };
        row.put("version", version.map_or(status, |version| version.name()), place);
        let statuses = "preliminary, final, amended, corrected, entered-in-error or cancelled";
        row.expected.insert("version", statuses.to_owned());
        let issued = [
            (text(body, "issued"), observation.place("issued")),
            (report.map(|r| text(r.body, "issued")).unwrap_or_default(), observation.place("issued")),
            (written, Place::Path("Bundle.timestamp".to_owned())),
        ];
        let (at, place) =
            issued.into_iter().find(|(at, _)| !at.is_empty()).unwrap_or(("", observation.place("issued")));
        row.put("reported_at", at, place);
        row.expected.insert("reported_at", "an instant, such as 2022-11-21T20:00:00+08:00".to_owned());
        let (finding, said, path) = self.finding(body)?;
        let value = match finding {
            Some(finding) => finding.name().to_owned(),
            None if said.is_empty() => taken_back(version).unwrap_or_default().to_owned(),
            None => said,
        };
        row.put("finding", value, observation.place(path));
        row.expected.insert("finding", format!("a value of the table of codes: {}", self.codes.values_known()));
        Ok(())
    }

    /// The finding of an observation, what it says, and where.
    fn finding(&self, body: &Value) -> Result<(Option<Finding>, String, &'static str), Fault> {
        let coded = |concept: &Value| {
            list(concept, "coding").find_map(|coding| self.codes.finding(text(coding, "system"), text(coding, "code")))
        };
        if let Some(concept) = body.get("valueCodeableConcept") {
            let said = list(concept, "coding").map(|coding| text(coding, "code")).find(|code| !code.is_empty());
            let said = said.unwrap_or(text(concept, "text"));
            let by_text = || self.codes.finding_of_text(text(concept, "text"));
            return Ok((coded(concept).or_else(by_text), said.to_owned(), "valueCodeableConcept"));
        }
        if let Some(said) = body.get("valueString").and_then(Value::as_str) {
            return Ok((self.codes.finding_of_text(said), said.to_owned(), "valueString"));
        }
        let interpreted = list(body, "interpretation").find_map(coded);
        Ok((interpreted, String::new(), "valueCodeableConcept"))
    }
}

fn means(code: Option<&Value>, codes: &Codes) -> Option<Means> {
    list(code?, "coding").find_map(|coding| codes.observation(text(coding, "system"), text(coding, "code")))
}

/// Column of what is no finding.
fn column(means: Means) -> Option<&'static str> {
    match means {
        Means::Finding => None,
        Means::CtN => Some("ct_n"),
        Means::CtOrf => Some("ct_orf"),
        Means::CtIc => Some("ct_ic"),
        Means::Run => Some("run"),
    }
}

/// A number or a text, and where it stands.
fn number(body: &Value) -> (String, &'static str) {
    if let Some(quantity) = body.get("valueQuantity") {
        let value = quantity.get("value").map(Value::to_string).unwrap_or_default();
        return (format!("{}{value}", text(quantity, "comparator")), "valueQuantity.value");
    }
    if let Some(whole) = body.get("valueInteger") {
        return (whole.to_string(), "valueInteger");
    }
    (text(body, "valueString").to_owned(), "valueString")
}

/// What components of an observation measured.
fn components(observation: Resource<'_>, codes: &Codes) -> Vec<(&'static str, String, Place)> {
    let all = list(observation.body, "component").enumerate();
    all.filter_map(|(at, component)| {
        let column = column(means(component.get("code"), codes)?)?;
        let (value, path) = number(component);
        Some((column, value, observation.place(&format!("component[{at}].{path}"))))
    })
    .collect()
}

/// Adds what was measured; two values of one thing contradict each other.
fn add(row: &mut ResultRow, column: &'static str, value: String, place: Place) -> Result<(), Fault> {
    if row.values.get(column).is_some_and(|other| *other != plain(&value)) {
        let remedy = "send each Ct of a tube once";
        return Err(Fault::new(Kind::Contradiction, place, value, "one value for a tube", remedy));
    }
    row.put(column, value, place);
    Ok(())
}
