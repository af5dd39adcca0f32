//! Which tables people give evidence of online, and who: declared beside the commands, because both ask what a role may do.

use crate::{
    access::Role::{self, *},
    schema::{self, Table},
};

/// Evidence that people may give online: a table and who may speak in it. The rows lie within the duty's division and site.
pub const EVIDENCE: &[(&Table, &[Role])] = &[
    (&schema::TUBES, &[DistrictCommand, CommunityWorker]),
    (&schema::MEMBERS, &[DistrictCommand, CommunityWorker]),
    (&schema::RESULTS, &[DistrictCommand, Laboratory]),
    (&schema::ASSESSMENTS, &[DistrictCommand, Facility]),
    (&schema::CONTACTS, &[DistrictCommand, Tracer]),
    (&schema::VISITS, &[DistrictCommand, Tracer]),
    (&schema::REQUESTS, &[DistrictCommand, CommunityWorker, Hotline]),
    (&schema::HANDOVERS, &[DistrictCommand, Facility, Driver]),
    (&schema::DELIVERIES, &[DistrictCommand, CommunityWorker]),
    (&schema::STATEMENTS, &[DistrictCommand, CommunityWorker]),
    (&schema::RUNS, &[DistrictCommand, Laboratory]),
    (&schema::PACKINGS, &[DistrictCommand, CommunityWorker]),
    (&schema::BOX_MOVES, &[DistrictCommand, CommunityWorker, Laboratory]),
    (&schema::BOX_CHECKS, &[DistrictCommand, Laboratory]),
    (&schema::LISTED, &[DistrictCommand, CommunityWorker]),
    (&schema::FOLLOW_UPS, &[DistrictCommand, Tracer, CommunityWorker]),
    (&schema::ARRIVALS, &[DistrictCommand, CommunityWorker]),
    (&schema::QUESTIONS, &[CityCommand, DistrictCommand]),
    (&schema::ANSWERS, &[DistrictCommand, Tracer]),
];

/// Roles that may give evidence of a table; `None`: it is not given online.
pub fn givers(table: &str) -> Option<&'static [Role]> {
    EVIDENCE.iter().find(|(given, _)| given.name == table).map(|(_, roles)| *roles)
}
