//! Whether what a row refers to is there, and whether its giver may speak of it. Table by table; it guarantees that the answer
//! says what was expected and what to do.

use super::{Taker, Wrong, write};
use crate::references::References;
use dayclear_tabular::Row;

impl Taker {
    /// Fails when a row refers to something that nobody declared.
    fn refers(
        &self,
        row: &Row<'_>,
        column: &'static str,
        has: impl Fn(&References, &str) -> bool,
        expected: &'static str,
        remedy: &'static str,
    ) -> Result<(), Wrong> {
        match self.text(row, column) {
            Some(id) if !has(&self.references, id) => Err((column, id.to_owned(), expected, remedy)),
            _ => Ok(()),
        }
    }

    pub(super) fn check_references(&self, row: &Row<'_>) -> Result<(), Wrong> {
        for only in &self.only {
            let Some(at) = self.table.position(only.column) else { continue };
            let mut said = String::new();
            write(self.table.columns[at].kind, row.cell(at), &mut said);
            if !said.is_empty() && !only.values.contains(&said) {
                return Err((only.column, said, only.expected, only.remedy));
            }
        }
        let person = |column| {
            self.refers(
                row,
                column,
                |r, id| r.people.contains_key(id),
                "a person of people",
                "add the person to people first",
            )
        };
        let division = |column| {
            self.refers(
                row,
                column,
                |r, id| r.knows_division(id),
                "a code of divisions",
                "add the division, or correct the code",
            )
        };
        match self.table.name {
            "buildings" | "facilities" | "vehicles" | "supplies" | "laboratories" => division("division"),
            "households" => self.refers(
                row,
                "building",
                |r, id| r.buildings.contains_key(id),
                "a building of buildings",
                "add the building first",
            ),
            "people" => self.refers(
                row,
                "household",
                |r, id| r.households.contains_key(id),
                "a household of households",
                "add the household first",
            ),
            "beds" => self.refers(
                row,
                "facility",
                |r, id| r.facilities.contains_key(id),
                "a facility of facilities",
                "add the facility first",
            ),
            "crews" => self.refers(
                row,
                "vehicle",
                |r, id| r.vehicles.contains_key(id),
                "a vehicle of vehicles",
                "add the vehicle first",
            ),
            "tubes" => {
                division("division")?;
                self.refers(
                    row,
                    "laboratory",
                    |r, id| r.laboratories.contains_key(id),
                    "a laboratory of laboratories",
                    "add the laboratory, or correct the id",
                )
            }
            "members" => self.refers(
                row,
                "tube",
                |r, id| r.tubes.contains_key(id),
                "a tube of tubes",
                "find the tube: the person was sampled and has no tube",
            ),
            "results" => {
                self.refers(
                    row,
                    "tube",
                    |r, id| r.tubes.contains_key(id),
                    "a tube of tubes",
                    "ask the laboratory which tube this is: a result without a tube tells nobody",
                )?;
                self.refers(
                    row,
                    "laboratory",
                    |r, id| r.laboratories.contains_key(id),
                    "a laboratory of laboratories",
                    "add the laboratory, or correct the id",
                )
            }
            "assessments" | "visits" | "handovers" => person("person"),
            "contacts" => {
                person("case_person")?;
                person("person")
            }
            "deliveries" => self.refers(
                row,
                "household",
                |r, id| r.households.contains_key(id),
                "a household of households",
                "correct the household",
            ),
            _ => Ok(()),
        }
    }
}
