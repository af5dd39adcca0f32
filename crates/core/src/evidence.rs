//! Who may bring which evidence: the tables of `schema` that programs and people post row by row or as files, each with
//! the roles that may do it. Pure data; a role brings only what lies in its division, and at its site where it has one.

use crate::{
    access::Role::{self, *},
    command::Load,
    schema::{self, Table},
};

/// A table that takes rows from outside.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    /// Table.
    pub table: &'static Table,
    /// Roles that may bring rows of it.
    pub roles: &'static [Role],
    /// When it is shed under load.
    pub load: Load,
    /// Whether its rows are evidence of the day; otherwise it is a line list or published figures, and only files are taken.
    pub of_the_day: bool,
}

const fn of(table: &'static Table, roles: &'static [Role], load: Load) -> Evidence {
    Evidence { table, roles, load, of_the_day: true }
}
const fn published(table: &'static Table) -> Evidence {
    Evidence { table, roles: COMMAND, load: Load::Board, of_the_day: false }
}

const CITY: &[Role] = &[CityCommand];
const COMMAND: &[Role] = &[CityCommand, DistrictCommand];
const DISTRICT: &[Role] = &[DistrictCommand];

/// Every table that takes rows, in the order in which a day is read.
pub const EVIDENCE: &[Evidence] = &[
    of(&schema::DIVISIONS, CITY, Load::Work),
    of(&schema::BUILDINGS, DISTRICT, Load::Work),
    of(&schema::HOUSEHOLDS, DISTRICT, Load::Work),
    of(&schema::PEOPLE, DISTRICT, Load::Work),
    of(&schema::FACILITIES, COMMAND, Load::Work),
    of(&schema::BEDS, &[CityCommand, DistrictCommand, Facility], Load::Work),
    of(&schema::VEHICLES, &[DistrictCommand, Dispatcher], Load::Work),
    of(&schema::CREWS, &[DistrictCommand, Dispatcher], Load::Work),
    of(&schema::LABORATORIES, CITY, Load::Work),
    of(&schema::TUBES, &[DistrictCommand, Laboratory, CommunityWorker], Load::Intake),
    of(&schema::MEMBERS, &[DistrictCommand, CommunityWorker], Load::Intake),
    of(&schema::RESULTS, &[DistrictCommand, Laboratory], Load::Intake),
    of(&schema::ASSESSMENTS, &[DistrictCommand, Facility], Load::Work),
    of(&schema::CONTACTS, &[DistrictCommand, Tracer], Load::Work),
    of(&schema::VISITS, &[DistrictCommand, Tracer], Load::Work),
    of(&schema::SUPPLIES, &[DistrictCommand, CommunityWorker], Load::Work),
    // an emergency comes in by this table, so it is shed last of all
    of(&schema::REQUESTS, &[DistrictCommand, CommunityWorker, Hotline], Load::Emergency),
    of(&schema::HANDOVERS, &[DistrictCommand, Dispatcher, Facility], Load::Work),
    of(&schema::DELIVERIES, &[DistrictCommand, CommunityWorker], Load::Work),
    published(&schema::LINELIST),
    published(&schema::LINELIST_CONTACTS),
    published(&schema::DAILY_CASES),
    published(&schema::DISCOVERY_CHANNELS),
    published(&schema::DISTRICT_CASES),
];

impl Evidence {
    /// The table of a name.
    pub fn named(name: &str) -> Option<&'static Evidence> {
        EVIDENCE.iter().find(|evidence| evidence.table.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::DAY_FOLDER;

    #[test]
    fn every_table_of_a_day_can_be_brought_by_somebody() {
        for table in DAY_FOLDER {
            assert!(EVIDENCE.iter().any(|evidence| evidence.table.name == table.name), "{}", table.name);
        }
        assert!(EVIDENCE.iter().all(|evidence| !evidence.roles.is_empty()));
    }
}
