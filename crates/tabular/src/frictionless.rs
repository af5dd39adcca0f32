//! The declared tables as Frictionless Table Schemas and a Data Package (specs.frictionlessdata.io, version 1), so that
//! other programs can check a day folder before it is sent. Made from the declarations; nothing is written twice.

use dayclear_core::schema::{Column, Kind, Table};
use serde_json::{Map, Value, json};

/// Table schema of a table.
pub fn schema(table: &Table) -> Value {
    json!({
        "fields": table.columns.iter().map(field).collect::<Vec<_>>(),
        "primaryKey": table.key,
        "missingValues": [""],
    })
}

/// Data package of a folder with a CSV file for each table.
pub fn datapackage(tables: &[&Table]) -> Value {
    let resource = |table: &&Table| {
        json!({
            "name": table.name.replace('_', "-"),
            "path": format!("{}.csv", table.name),
            "profile": "tabular-data-resource",
            "description": format!("One row: {}. {}", table.about, if table.required { "Required." } else { "Optional." }),
            "encoding": "utf-8",
            "schema": schema(table),
        })
    };
    json!({
        "profile": "tabular-data-package",
        "name": "day-folder",
        "title": "Files of one day",
        "resources": tables.iter().map(resource).collect::<Vec<_>>(),
    })
}

fn field(column: &Column) -> Value {
    let mut field = Map::new();
    let mut rules = Map::new();
    field.insert("name".into(), column.name.into());
    field.insert("type".into(), kind(&column.kind).into());
    if column.required {
        rules.insert("required".into(), true.into());
    }
    match column.kind {
        Kind::Id => {
            rules.insert("maxLength".into(), 64.into());
            rules.insert("pattern".into(), r"[^\s=+\-@]\S*".into());
        }
        Kind::Text(most) => {
            rules.insert("maxLength".into(), most.into());
        }
        Kind::Division => {
            rules.insert("pattern".into(), "[0-9A-Z-]{2,24}".into());
        }
        Kind::Whole(low, high) => {
            rules.insert("minimum".into(), low.into());
            rules.insert("maximum".into(), high.into());
        }
        Kind::Real(low, high) => {
            rules.insert("minimum".into(), low.into());
            rules.insert("maximum".into(), high.into());
        }
        Kind::Day => {
            field.insert("format".into(), "%Y-%m-%d".into());
        }
        // With an offset, or without one in the time of the city; no single pattern says both.
        Kind::Moment => {
            field.insert("format".into(), "any".into());
        }
        Kind::OneOf(list) => {
            rules.insert("enum".into(), list.into());
        }
        Kind::ManyOf(list) => {
            let terms = list.join("|");
            rules.insert("pattern".into(), format!("({terms})(;({terms}))*").into());
        }
        Kind::Document => {
            rules.insert("pattern".into(), r"[0-9A-Za-z][0-9A-Za-z\-/()]{3,31}".into());
        }
    }
    field.insert("description".into(), column.about.into());
    if !rules.is_empty() {
        field.insert("constraints".into(), rules.into());
    }
    field.into()
}

const fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Text(_) | Kind::Division | Kind::OneOf(_) | Kind::ManyOf(_) | Kind::Document => "string",
        Kind::Whole(..) => "integer",
        Kind::Real(..) => "number",
        Kind::Day => "date",
        Kind::Moment => "datetime",
    }
}

/// The declared tables as Markdown: what `docs/day-folder.md` lists.
pub fn markdown(tables: &[&Table]) -> String {
    let mut out = String::new();
    for table in tables {
        let presence = if table.required { "required" } else { "optional" };
        let key: Vec<String> = table.key.iter().map(|name| format!("`{name}`")).collect();
        out.push_str(&format!("### {}\n\n", table.name));
        out.push_str(&format!("One row is {}. The file is {presence}. Key: {}.\n\n", table.about, key.join(", ")));
        out.push_str("| column | must | holds | meaning |\n|---|---|---|---|\n");
        for column in table.columns {
            let must = if column.required { "yes" } else { "" };
            out.push_str(&format!("| `{}` | {must} | {} | {} |\n", column.name, holds(&column.kind), column.about));
        }
        out.push('\n');
    }
    out
}

fn holds(kind: &Kind) -> String {
    let terms = |list: &[&str]| list.iter().map(|term| format!("`{term}`")).collect::<Vec<_>>().join(", ");
    match kind {
        Kind::Id => "id".to_owned(),
        Kind::Text(most) => format!("text, up to {most} characters"),
        Kind::Division => "division code".to_owned(),
        Kind::Whole(low, high) => format!("whole number, {low} to {high}"),
        Kind::Real(low, high) => format!("number, {low} to {high}"),
        Kind::Day => "day".to_owned(),
        Kind::Moment => "time".to_owned(),
        Kind::OneOf(list) => format!("one of {}", terms(list)),
        Kind::ManyOf(list) => format!("any of {}, separated by `;`", terms(list)),
        Kind::Document => "document number".to_owned(),
    }
}
