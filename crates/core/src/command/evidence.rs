//! Which tables people give evidence of online, and who: declared beside the commands, because both ask what a role may do.

use super::Load::{self, *};
use crate::{
    access::Role::{self, *},
    schema::{self, Table},
};

/// Evidence that people may give online: a table, who may speak in it, and when that is shed under load. The rows lie within the duty's
/// division and site.
pub const EVIDENCE: &[(&Table, &[Role], Load)] = &[
    (&schema::TUBES, &[DistrictCommand, CommunityWorker], Intake),
    (&schema::MEMBERS, &[DistrictCommand, CommunityWorker], Intake),
    (&schema::RESULTS, &[DistrictCommand, Laboratory], Intake),
    (&schema::ASSESSMENTS, &[DistrictCommand, Facility], Work),
    (&schema::CONTACTS, &[DistrictCommand, Tracer], Work),
    (&schema::VISITS, &[DistrictCommand, Tracer], Work),
    // an emergency comes in by this table, so it is shed last of all
    (&schema::REQUESTS, &[DistrictCommand, CommunityWorker, Hotline], Emergency),
    (&schema::HANDOVERS, &[DistrictCommand, Facility, Driver], Work),
    (&schema::CARRIERS, &[DistrictCommand], Work),
    (&schema::DELIVERIES, &[DistrictCommand, CommunityWorker], Work),
    (&schema::STATEMENTS, &[DistrictCommand, CommunityWorker], Work),
    (&schema::RUNS, &[DistrictCommand, Laboratory], Intake),
    (&schema::PACKINGS, &[DistrictCommand, CommunityWorker], Intake),
    (&schema::BOX_MOVES, &[DistrictCommand, CommunityWorker, Laboratory], Intake),
    (&schema::BOX_CHECKS, &[DistrictCommand, Laboratory], Intake),
    (&schema::LISTED, &[DistrictCommand, CommunityWorker], Work),
    (&schema::FOLLOW_UPS, &[DistrictCommand, Tracer, CommunityWorker], Work),
    (&schema::ARRIVALS, &[DistrictCommand, CommunityWorker], Work),
    (&schema::ASSISTANCE, &[CityCommand, DistrictCommand], Work),
    (&schema::QUESTIONS, &[CityCommand, DistrictCommand], Work),
    (&schema::ANSWERS, &[DistrictCommand, Tracer], Work),
];

/// Roles that may give evidence of a table; `None`: it is not given online.
pub fn givers(table: &str) -> Option<&'static [Role]> {
    EVIDENCE.iter().find(|(given, ..)| given.name == table).map(|(_, roles, _)| *roles)
}
