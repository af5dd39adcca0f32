//! Who may bring which evidence: the tables of `schema` that programs and people post row by row or as files, each with
//! the roles that may do it. Pure data; a role brings only what lies in its division, and at its site where it has one.

use crate::{
    access::Role::{self, *},
    command::{EVIDENCE as GIVEN, Load},
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
    /// What its rows tell.
    pub tells: Tells,
}

/// What rows tell, and so how they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// What happened: taken at once with what follows from it.
    Facts,
    /// What there is: people, places, means.
    Things,
    /// A line list or published figures, which come as files only.
    Published,
}

const fn things(table: &'static Table, roles: &'static [Role]) -> Evidence {
    Evidence { table, roles, load: Load::Work, tells: Tells::Things }
}
const fn published(table: &'static Table) -> Evidence {
    Evidence { table, roles: COMMAND, load: Load::Board, tells: Tells::Published }
}

const CITY: &[Role] = &[CityCommand];
const COMMAND: &[Role] = &[CityCommand, DistrictCommand];
const DISTRICT: &[Role] = &[DistrictCommand];

const THINGS: &[Evidence] = &[
    things(&schema::DIVISIONS, CITY),
    things(&schema::BUILDINGS, DISTRICT),
    things(&schema::HOUSEHOLDS, DISTRICT),
    things(&schema::PEOPLE, DISTRICT),
    things(&schema::FACILITIES, COMMAND),
    things(&schema::BEDS, &[CityCommand, DistrictCommand, Facility]),
    things(&schema::VEHICLES, &[DistrictCommand, Dispatcher]),
    things(&schema::CREWS, &[DistrictCommand, Dispatcher]),
    things(&schema::LABORATORIES, CITY),
    things(&schema::SUPPLIES, &[DistrictCommand, CommunityWorker]),
    things(&schema::GOODS, COMMAND),
    things(&schema::TEAMS, COMMAND),
    things(&schema::PLACES, COMMAND),
    things(&schema::SHIFTS, &[CityCommand, DistrictCommand, Facility]),
    things(&schema::GATES, COMMAND),
];
const PUBLISHED: &[Evidence] = &[
    published(&schema::LINELIST),
    published(&schema::LINELIST_CONTACTS),
    published(&schema::DAILY_CASES),
    published(&schema::DISCOVERY_CHANNELS),
    published(&schema::DISTRICT_CASES),
];

/// Every table that takes rows: things first, then facts, then what others published.
pub const EVIDENCE: &[Evidence] = &joined::<{ THINGS.len() + GIVEN.len() + PUBLISHED.len() }>();

/// Facts are what may be given online, declared beside the commands.
const fn joined<const N: usize>() -> [Evidence; N] {
    let mut all = [THINGS[0]; N];
    let (facts, last) = (THINGS.len(), THINGS.len() + GIVEN.len());
    let mut n = 1;
    while n < N {
        all[n] = if n < facts {
            THINGS[n]
        } else if n < last {
            let (table, roles, load) = GIVEN[n - facts];
            Evidence { table, roles, load, tells: Tells::Facts }
        } else {
            PUBLISHED[n - last]
        };
        n += 1;
    }
    all
}

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
        // a round is planned by a command, which refuses what the rules in force forbid
        for table in DAY_FOLDER.iter().filter(|table| table.name != "rounds") {
            assert!(EVIDENCE.iter().any(|evidence| evidence.table.name == table.name), "{}", table.name);
        }
        assert!(EVIDENCE.iter().all(|evidence| !evidence.roles.is_empty()));
        for (table, roles, _) in GIVEN {
            let evidence = Evidence::named(table.name).unwrap();
            assert_eq!((evidence.roles, evidence.tells), (*roles, Tells::Facts), "{}", table.name);
        }
        let urgent: Vec<&str> =
            EVIDENCE.iter().filter(|e| e.load < Load::Work).map(|evidence| evidence.table.name).collect();
        assert_eq!(urgent, ["tubes", "members", "results", "requests", "runs", "packings", "box_moves", "box_checks"]);
    }
}
