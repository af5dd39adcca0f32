//! Corrections of single fields that people may correct. Which fields, core's lists declare; here stands which column of
//! which table each one is. It guarantees that nothing else can be written this way.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::listing::{Cell, Listing};

impl Scoped {
    /// Writes fields of one record, by the name of the field; a field that cannot be corrected is refused.
    pub async fn correct(
        &mut self,
        listing: &'static Listing,
        key: &str,
        fields: &[(&'static str, Cell)],
    ) -> Result<bool, StoreError> {
        let mut sets = Vec::with_capacity(fields.len());
        let mut values: Vec<Value<'_>> = vec![key.into()];
        for (name, cell) in fields {
            if !listing.fields.iter().any(|field| field.name == *name && field.edit) {
                let problem = "this field cannot be corrected".to_owned();
                return Err(StoreError::Meaning { value: (*name).to_owned(), problem });
            }
            values.push(match cell {
                Cell::Text(text) => text.as_str().into(),
                Cell::Whole(number) => (*number).into(),
                Cell::Real(number) => (*number).into(),
                Cell::Day(day) => (*day).into(),
                Cell::Moment(at) => (*at).into(),
                Cell::Truth(truth) => (*truth).into(),
                _ => match listing.position(name).map(|at| listing.fields[at].holds) {
                    Some(dayclear_core::listing::Holds::Day) => Value::Day(None),
                    _ => Value::Text(None),
                },
            });
            sets.push(format!("\"{name}\" = ${}", values.len()));
        }
        // lists whose fields can be corrected bear the name of their table, and their key that of its column
        let sql = format!("update {} set {} where \"{}\" = $1", listing.name, sets.join(", "), listing.key);
        Ok(self.run_owned(sql, &values).await? == 1)
    }
}
