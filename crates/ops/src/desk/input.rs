//! What was given with a command, from the texts of a form or the values of a JSON body to values of the declared kinds.
//! It guarantees that every fault is named at once, each with its field, what was expected and what to do.

use super::{FieldFault, Input, Refusal};
use dayclear_core::{
    listing::{Cell, Holds},
    schema::{Column, Kind},
    time::Zone,
};
use std::collections::BTreeMap;

/// Values as they came, by field; empty counts as not given.
pub type Given = BTreeMap<String, String>;

/// Reads what was given by the declaration of a command.
pub fn read(fields: &'static [Column], given: &Given, zone: &Zone) -> Result<Input, Refusal> {
    let mut input = Input::new();
    let mut faults = Vec::new();
    for column in fields {
        match one(column, given.get(column.name).map_or("", String::as_str), zone) {
            Ok(Some(cell)) => {
                input.insert(column.name, cell);
            }
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    for (name, value) in given {
        if !fields.iter().any(|column| column.name == name) {
            let known: Vec<&str> = fields.iter().map(|column| column.name).collect();
            faults.push(FieldFault {
                field: name.clone(),
                value: value.chars().take(100).collect(),
                expected: format!("one of the fields: {}", known.join(", ")),
                remedy: "leave it out, or correct its name".to_owned(),
            });
        }
    }
    if faults.is_empty() { Ok(input) } else { Err(Refusal::Invalid(faults)) }
}

/// One value; `None` where nothing was given and nothing must be.
pub(super) fn one(column: &Column, text: &str, zone: &Zone) -> Result<Option<Cell>, FieldFault> {
    let text = text.trim();
    match (text.is_empty(), column.required) {
        (true, true) => Err(fault(column, text, "a value", "fill it in")),
        (true, false) => Ok(None),
        (false, _) => match value(column, text, zone) {
            Ok(cell) => Ok(Some(cell)),
            Err(expected) => Err(fault(column, text, &expected, "correct it")),
        },
    }
}

fn fault(column: &Column, text: &str, expected: &str, remedy: &str) -> FieldFault {
    FieldFault {
        field: column.name.to_owned(),
        value: text.chars().take(100).collect(),
        expected: format!("{expected} ({})", column.about),
        remedy: remedy.to_owned(),
    }
}

fn value(column: &Column, text: &str, zone: &Zone) -> Result<Cell, String> {
    let visible = |max: usize| {
        let plain = text.chars().all(|c| !c.is_control() || c == '\n' || c == '\r' || c == '\t');
        (plain && text.chars().count() <= max)
            .then(|| Cell::Text(text.to_owned()))
            .ok_or(format!("at most {max} characters"))
    };
    match column.kind {
        Kind::Id => {
            let fits = text.chars().count() <= 64 && text.chars().all(|c| !c.is_control() && !c.is_whitespace());
            fits.then(|| Cell::Text(text.to_owned())).ok_or("1 to 64 visible characters without spaces".to_owned())
        }
        Kind::Text(max) => visible(max),
        Kind::Document => visible(40),
        Kind::Division => Cell::read(Holds::Division, text, zone),
        Kind::Whole(low, high) => match Cell::read(Holds::Whole, text, zone)? {
            Cell::Whole(number) if (low..=high).contains(&number) => Ok(Cell::Whole(number)),
            _ => Err(format!("a whole number from {low} to {high}")),
        },
        Kind::Real(low, high) => match Cell::read(Holds::Real, text, zone)? {
            Cell::Real(number) if (low..=high).contains(&number) => Ok(Cell::Real(number)),
            _ => Err(format!("a number from {low} to {high}")),
        },
        Kind::Day => Cell::read(Holds::Day, text, zone),
        Kind::Moment => Cell::read(Holds::Moment, text, zone),
        Kind::OneOf(terms) => Cell::read(Holds::Term(terms), text, zone),
        Kind::ManyOf(terms) => {
            let fits = text.split(';').map(str::trim).all(|term| terms.contains(&term));
            fits.then(|| Cell::Text(text.to_owned())).ok_or(format!("some of, separated by ';': {}", terms.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::command::Command;

    #[test]
    fn every_fault_is_named_at_once() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let command = Command::named("transfers", "fail").unwrap();
        let given = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let Err(Refusal::Invalid(faults)) = read(command.fields, &given(&[("step", "gone"), ("status", "red")]), &zone)
        else {
            panic!("taken")
        };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["step", "note", "status"]);
        let input = read(command.fields, &given(&[("step", "refused"), ("note", "要求复核")]), &zone).unwrap();
        assert_eq!(input["note"], Cell::Text("要求复核".to_owned()));
    }
}
