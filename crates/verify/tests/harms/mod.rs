//! Harms to a whole store: each with the checks that it must break, and what the first of them must name. The same statements serve SQLite
//! and PostgreSQL.

mod books;
mod findings;
mod people;
mod told;

/// A harm.
pub struct Harm {
    /// What is done to the store.
    pub statements: &'static [&'static str],
    /// Checks that must break, in the order in which they run.
    pub broken: &'static [&'static str],
    /// What the first of them must name.
    pub names: &'static str,
}

const fn harm(statements: &'static [&'static str], broken: &'static [&'static str], names: &'static str) -> Harm {
    Harm { statements, broken, names }
}

/// Every harm, in order.
pub fn all() -> Vec<&'static Harm> {
    [books::BOOKS, findings::FINDINGS, people::PEOPLE, told::TOLD].into_iter().flatten().collect()
}
