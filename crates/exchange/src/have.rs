//! Beds of a city as EDXL-HAVE 1.0 (Hospital AVailability Exchange, OASIS standard of 1 November 2008): what other emergency systems read of
//! free beds. It may use nothing but an XML writer; it is pure. It guarantees the order of elements of the schema, that counts are
//! of beds and of nobody, and that an exercise says so with every facility.

use dayclear_core::{
    time::{Instant, Zone},
    transfer::FacilityKind,
};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::io;

const HAVE: &str = "urn:oasis:names:tc:emergency:EDXL:HAVE:1.0";
const XNL: &str = "urn:oasis:names:tc:ciq:xnl:3";
const GML: &str = "http://www.opengis.net/gml";

/// Beds of a place, equipped for severe cases or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beds {
    /// Equipped for severe cases.
    pub severe: bool,
    /// That somebody could be given now.
    pub free: u64,
    /// In all, without those that are blocked.
    pub all: u64,
}

/// A place with beds.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: FacilityKind,
    /// Longitude and latitude, WGS-84.
    pub at: (f64, f64),
    /// Its beds.
    pub beds: Vec<Beds>,
}

type Xml = Writer<Vec<u8>>;

fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    xml.create_element(name).write_text_content(BytesText::new(&text))?;
    Ok(())
}

/// The nearest of the standard's kinds of beds. Isolation sites and temporary hospitals have none of their own there.
fn bed_type(kind: FacilityKind, severe: bool) -> &'static str {
    match (kind, severe) {
        (FacilityKind::DesignatedHospital, true) => "AdultICU",
        (FacilityKind::DesignatedHospital, false) => "MedicalSurgical",
        _ => "OtherIsolation",
    }
}

/// The message as XML.
pub fn xml(places: &[Place], at: Instant, zone: &Zone, exercise: bool) -> io::Result<String> {
    const MICROS: i64 = 1_000_000;
    let at = zone.text(Instant::from_micros(at.micros().div_euclid(MICROS) * MICROS));
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("HospitalStatus")
        .with_attributes([("xmlns", HAVE), ("xmlns:xnl", XNL), ("xmlns:gml", GML)])
        .write_inner_content(|xml| places.iter().try_for_each(|place| hospital(xml, place, &at, exercise)))?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned())
}

fn hospital(xml: &mut Xml, place: &Place, at: &str, exercise: bool) -> io::Result<()> {
    xml.create_element("Hospital").write_inner_content(|xml| {
        xml.create_element("Organization").write_inner_content(|xml| {
            xml.create_element("OrganizationInformation").write_inner_content(|xml| {
                let name = xml.create_element("xnl:OrganisationName").with_attribute(("xnl:ID", place.id.as_str()));
                name.write_inner_content(|xml| leaf(xml, "xnl:NameElement", &place.name))?;
                Ok(())
            })?;
            xml.create_element("OrganizationGeoLocation").write_inner_content(|xml| {
                let point = format!("place-{}", place.id);
                let (longitude, latitude) = place.at;
                let position = format!("{latitude:.5} {longitude:.5}");
                xml.create_element("gml:Point")
                    .with_attribute(("gml:id", point.as_str()))
                    .write_inner_content(|xml| leaf(xml, "gml:pos", &position))?;
                Ok(())
            })?;
            Ok(())
        })?;
        xml.create_element("HospitalBedCapacityStatus").write_inner_content(|xml| {
            place.beds.iter().try_for_each(|beds| capacity(xml, place.kind, beds, exercise))
        })?;
        leaf(xml, "LastUpdateTime", at)
    })?;
    Ok(())
}

fn capacity(xml: &mut Xml, kind: FacilityKind, beds: &Beds, exercise: bool) -> io::Result<()> {
    xml.create_element("BedCapacity").write_inner_content(|xml| {
        leaf(xml, "BedType", bed_type(kind, beds.severe))?;
        xml.create_element("Capacity").write_inner_content(|xml| {
            leaf(xml, "CapacityStatus", if beds.free > 0 { "Vacant/Available" } else { "NotAvailable" })?;
            leaf(xml, "AvailableCount", &beds.free.to_string())?;
            leaf(xml, "BaselineCount", &beds.all.to_string())
        })?;
        let made_up = if exercise { "; an exercise: figures are made up" } else { "" };
        leaf(xml, "CommentText", &format!("{kind}{made_up}"))
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::{Reader, events::Event};
    use std::collections::BTreeSet;

    /// Elements of the schema of HAVE 1.0 that a message about beds may have, each with its parent; of namespaces beside it those that it
    /// takes over. As in the types that the schema of the standard generates (XMLBeans classes of its namespace: HospitalStatusDocument,
    /// OrganizationDocument, HospitalBedCapacityStatus, Capacity).
    const ELEMENTS: &[(&str, &str)] = &[
        ("", "HospitalStatus"),
        ("HospitalStatus", "Hospital"),
        ("Hospital", "Organization"),
        ("Organization", "OrganizationInformation"),
        ("OrganizationInformation", "xnl:OrganisationName"),
        ("xnl:OrganisationName", "xnl:NameElement"),
        ("Organization", "OrganizationGeoLocation"),
        ("OrganizationGeoLocation", "gml:Point"),
        ("gml:Point", "gml:pos"),
        ("Hospital", "EmergencyDepartmentStatus"),
        ("Hospital", "HospitalBedCapacityStatus"),
        ("HospitalBedCapacityStatus", "BedCapacity"),
        ("BedCapacity", "BedType"),
        ("BedCapacity", "SubCategoryBedType"),
        ("BedCapacity", "Capacity"),
        ("Capacity", "CapacityStatus"),
        ("Capacity", "AvailableCount"),
        ("Capacity", "BaselineCount"),
        ("Capacity", "AdditionalCapacityCount24Hr"),
        ("Capacity", "AdditionalCapacityCount72Hr"),
        ("BedCapacity", "CommentText"),
        ("Hospital", "ServiceCoverageStatus"),
        ("Hospital", "HospitalFacilityStatus"),
        ("Hospital", "HospitalResourcesStatus"),
        ("Hospital", "LastUpdateTime"),
    ];

    fn places() -> Vec<Place> {
        let beds = |severe, free, all| Beds { severe, free, all };
        vec![
            Place {
                id: "DH1".to_owned(),
                name: "第一人民医院 <A&B>".to_owned(),
                kind: FacilityKind::DesignatedHospital,
                at: (106.5129, 29.6115),
                beds: vec![beds(false, 3, 40), beds(true, 0, 4)],
            },
            Place {
                id: "IS1".to_owned(),
                name: "隔离点".to_owned(),
                kind: FacilityKind::IsolationSite,
                at: (106.545, 29.558),
                beds: vec![beds(false, 12, 90)],
            },
        ]
    }

    #[test]
    fn every_element_is_one_of_the_schema_in_its_place_and_in_its_order() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let text = xml(&places(), Instant::from_micros(1_668_939_600_000_000), &zone, true).unwrap();
        let mut reader = Reader::from_str(&text);
        // where somebody stands: names of open elements, and the place of the last child in the schema's order
        let mut open: Vec<(String, usize)> = vec![(String::new(), 0)];
        let mut seen: BTreeSet<String> = BTreeSet::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
                    let (parent, last) = open.last_mut().unwrap();
                    let at = ELEMENTS.iter().position(|(above, own)| above == parent && *own == name);
                    let at = at.unwrap_or_else(|| panic!("{name} in {parent} is not of the schema"));
                    assert!(at >= *last, "{name} comes too late in {parent}");
                    *last = at;
                    seen.insert(name.clone());
                    open.push((name, 0));
                }
                Event::End(_) => drop(open.pop()),
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(open.len() == 1 && seen.contains("AvailableCount") && seen.contains("LastUpdateTime"));
        assert!(text.contains("<xnl:NameElement>第一人民医院 &lt;A&amp;B&gt;</xnl:NameElement>"));
        assert!(text.contains("<gml:pos>29.61150 106.51290</gml:pos>"), "latitude comes first");
        for part in ["<BedType>AdultICU</BedType>", "<CapacityStatus>NotAvailable</CapacityStatus>", "an exercise"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let real = xml(&places(), Instant::from_micros(0), &zone, false).unwrap();
        assert!(!real.contains("exercise") && real.contains("<AvailableCount>12</AvailableCount>"));
    }
}
