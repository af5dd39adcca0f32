//! What no command may do, and who may read what a command acts on.

use super::*;
use crate::{listing::Listing, schema};

#[test]
fn a_command_acts_on_a_list_that_those_who_may_do_it_can_read() {
    for command in COMMANDS {
        let listing = Listing::named(command.on).unwrap_or_else(|| panic!("no list {}", command.on));
        for role in command.roles {
            assert!(listing.readable_by(*role), "{} may not read {}", role, command.name());
        }
    }
}

/// R08: neither what is asked for an emergency, nor what is kept of it, has room for a test, a status, an order or a debt.
#[test]
fn nothing_about_an_emergency_has_room_for_a_test_a_status_or_a_debt() {
    const NEVER: &[&str] = &[
        "test",
        "result",
        "finding",
        "tube",
        "pcr",
        "antigen",
        "status",
        "code",
        "colour",
        "order",
        "zone",
        "area",
        "round",
        "risk",
        "isolat",
        "case",
        "contact_of",
        "debt",
        "pay",
        "paid",
        "fee",
        "insur",
        "vaccin",
        "pass",
        "document",
    ];
    let said = Command::on("tickets").flat_map(|command| command.fields.iter().map(|field| field.name));
    let kept = crate::listing::TICKETS.fields.iter().map(|field| field.name);
    let asked = schema::REQUESTS.columns.iter().map(|column| column.name);
    let names: Vec<&str> = said.chain(kept).chain(asked).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        let parts = name.split('_').filter(|part| NEVER.iter().any(|never| part.starts_with(never)));
        assert_eq!(parts.collect::<Vec<_>>(), Vec::<&str>::new(), "{name}");
    }
    for command in Command::on("tickets") {
        assert_eq!(command.load, Load::Emergency, "{} may be turned away", command.name());
        assert!(!command.step_up, "{} waits for a second factor", command.name());
    }
}

#[test]
fn no_command_sets_a_persons_status() {
    for command in COMMANDS {
        let status = ["classification", "severity", "origin", "finding", "code", "colour"];
        for field in command.fields {
            assert!(!status.contains(&field.name), "{}: {}", command.name(), field.name);
        }
    }
}
