//! Who may see and do what: a duty is a role within a division (and, for some roles, one site), and every field of every
//! list has a class. Pure: it says what a role sees of a class; the store puts the jurisdiction into the query, and one
//! place in ops hides what is not shown. It guarantees that a duty narrows and never widens: nothing is shown by default.

use crate::{divisions::DivisionCode, terms};
use serde::{Deserialize, Serialize};

terms! {
    /// What somebody is there for. A person may have several duties and works in one at a time.
    Role {
        /// Command post of the city: the whole picture, no names; signs the day.
        CityCommand = "city_command",
        /// Command post of a district: its people by name, its books.
        DistrictCommand = "district_command",
        /// A laboratory: its own tubes and results, no people.
        Laboratory = "laboratory",
        /// Investigates the cases assigned to them, and lists their contacts.
        Tracer = "tracer",
        /// Gives beds and vehicles.
        Dispatcher = "dispatcher",
        /// Drives: the trips of one vehicle.
        Driver = "driver",
        /// A hospital, temporary hospital or isolation site: its beds, those who come and those who are there.
        Facility = "facility",
        /// Looks after the people of a community.
        CommunityWorker = "community_worker",
        /// Takes requests by telephone, and sees those assigned to them.
        Hotline = "hotline",
        /// Publishes: figures only.
        PublicInformation = "public_information",
        /// Decides appeals from outside: nobody of the health department or of a command post.
        Reviewer = "reviewer",
        /// A program that carries messages to telephones: it brings answers and reports of delivery, and reads nothing.
        Gateway = "gateway",
        /// Data protection officer: who saw what, and why; reviews every breaking of the glass.
        DataProtection = "data_protection",
        /// Auditor: the books and the chains, read only.
        Auditor = "auditor",
        /// Administrator: accounts and settings, nobody's health.
        Administrator = "administrator",
    }
}

terms! {
    /// What a field tells about a person.
    Class {
        /// Nothing about anybody in particular: ids of things, places, clocks, states.
        Operational = "operational",
        /// Who and where somebody is: name, telephone, document, door.
        Personal = "personal",
        /// Health, needs, findings tied to a person, and words that people wrote.
        Sensitive = "sensitive",
        /// What somebody says against a decision: for whoever may decide about it, and for nobody else.
        Heard = "heard",
    }
}

/// Why somebody looks at a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sees {
    /// It is within their duty.
    OnDuty,
    /// The glass is broken for the person whom it tells about.
    Glass,
    /// It is for them to decide about it (R06): they hear what was said, and see no more of whose it is.
    Hearing,
}

terms! {
    /// How a value is shown.
    Sight {
        /// As it is.
        Plain = "plain",
        /// So that people can tell two apart, and nobody can be found by it.
        Masked = "masked",
        /// Not at all.
        Hidden = "hidden",
    }
}

/// A role within a division and everything in it, for some roles at one site only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Role.
    pub role: Role,
    /// Division.
    pub division: DivisionCode,
    /// Laboratory, facility or vehicle, where the role is bound to one ([`Role::needs_site`]).
    pub site: Option<String>,
}

impl Role {
    /// Whether a duty of this role names a site: what lies beyond it does not exist for the duty.
    pub const fn needs_site(self) -> bool {
        matches!(self, Role::Laboratory | Role::Driver | Role::Facility)
    }

    /// Whether the role sees assigned people only, and finds others by an exact key, one at a time.
    pub const fn assigned_only(self) -> bool {
        matches!(self, Role::Tracer | Role::Hotline)
    }

    /// Whether the role may break the glass: to save a life, for one person and one hour (`safeguards.md`, section 5).
    pub const fn may_break_glass(self) -> bool {
        matches!(
            self,
            Role::CityCommand | Role::DistrictCommand | Role::Dispatcher | Role::Facility | Role::CommunityWorker
        )
    }
}

/// What a role sees of a class.
pub const fn reveal(role: Role, class: Class, sees: Sees) -> Sight {
    use Role::*;
    match class {
        Class::Operational => Sight::Plain,
        // a life is not saved by it, so broken glass shows it to nobody
        Class::Heard => match sees {
            Sees::Hearing => Sight::Plain,
            Sees::OnDuty | Sees::Glass => Sight::Hidden,
        },
        Class::Sensitive if matches!(sees, Sees::Hearing) => Sight::Plain,
        _ if matches!(sees, Sees::Glass) => Sight::Plain,
        Class::Personal => match role {
            DistrictCommand | Tracer | Dispatcher | Driver | Facility | CommunityWorker | Hotline => Sight::Plain,
            CityCommand | Reviewer | DataProtection => Sight::Masked,
            Laboratory | PublicInformation | Gateway | Auditor | Administrator => Sight::Hidden,
        },
        Class::Sensitive => match role {
            DistrictCommand | Tracer | Dispatcher | Facility => Sight::Plain,
            // a driver must know of a wheelchair, a community worker of dialysis
            Driver | CommunityWorker => Sight::Plain,
            CityCommand | Laboratory | Hotline | PublicInformation | Reviewer | Gateway | DataProtection | Auditor
            | Administrator => Sight::Hidden,
        },
    }
}

/// Rows that a role may take away in one export; 0: it may not export at all. Those who see assigned people only, and
/// drivers, work record by record; those who answer for a division may take its tables with them.
pub const fn export_rows_max(role: Role) -> u64 {
    use Role::*;
    match role {
        Tracer | Hotline | Driver | Reviewer | Gateway => 0,
        CityCommand | DistrictCommand | Auditor => 50_000_000,
        Laboratory | Dispatcher | Facility | CommunityWorker | PublicInformation | DataProtection | Administrator => {
            100_000
        }
    }
}

/// A value so that two can be told apart and nobody can be found by it: the first character, and how long it is at most.
pub fn mask(value: &str) -> String {
    let mut chars = value.chars();
    match chars.next() {
        None => String::new(),
        Some(first) => {
            let rest = chars.count().clamp(1, 3);
            std::iter::once(first).chain(std::iter::repeat_n('*', rest)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_sees_only_shrinks_from_operational_to_heard() {
        for role in Role::ALL {
            let seen: Vec<Sight> = Class::ALL.iter().map(|class| reveal(*role, *class, Sees::OnDuty)).collect();
            assert_eq!((seen[0], seen[3]), (Sight::Plain, Sight::Hidden), "{role}");
            assert!(seen.is_sorted(), "{role}: {seen:?}");
        }
    }

    #[test]
    fn whoever_decides_hears_what_was_said_and_learns_no_more_of_whom() {
        for role in Role::ALL {
            for class in [Class::Sensitive, Class::Heard] {
                assert_eq!(reveal(*role, class, Sees::Hearing), Sight::Plain, "{role} {class}");
            }
            let of_whom = |sees| reveal(*role, Class::Personal, sees);
            assert_eq!(of_whom(Sees::Hearing), of_whom(Sees::OnDuty), "{role}");
            assert_eq!(reveal(*role, Class::Heard, Sees::Glass), Sight::Hidden, "{role}");
        }
    }

    #[test]
    fn who_sees_assigned_people_only_exports_nothing() {
        for role in Role::ALL.iter().filter(|role| role.assigned_only()) {
            assert_eq!(export_rows_max(*role), 0, "{role}");
        }
    }

    #[test]
    fn a_masked_value_does_not_tell_its_length_beyond_four() {
        for (value, masked) in [("", ""), ("王", "王*"), ("王小明", "王**"), ("13800001111", "1***"), ("5001", "5***")]
        {
            assert_eq!(mask(value), masked);
        }
    }
}
