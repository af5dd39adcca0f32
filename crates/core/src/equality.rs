//! Whether people of different districts, ages and sexes are treated alike: what is counted of each, and how they are put together. Pure.
//! It guarantees that an age nobody knows is a group of its own.

use crate::terms;

terms! {
    /// What is counted.
    Measure {
        /// Orders that ended; they add up to the days that they bound somebody, and those are looked at that were withdrawn.
        Orders = "orders",
        /// People who were admitted; they add up to the minutes that they waited, and those are looked at who waited for more than a day.
        Waits = "waits",
        /// Emergencies; they add up to how often one was turned away, and those are looked at that were.
        Refusals = "refusals",
        /// Appeals that were filed; they add up to the hours until they were decided, and those are looked at that were upheld.
        Appeals = "appeals",
    }
}

terms! {
    /// By what people are put together.
    Group { District = "district", Age = "age", Sex = "sex" }
}

terms! {
    /// Age that somebody reaches in the year.
    AgeBand { Child = "0-17", Adult = "18-59", Old = "60-79", Oldest = "80-over", Unknown = "unknown" }
}

impl AgeBand {
    /// Of whoever was born in a year, in another one.
    pub fn of(born: Option<i64>, year: i64) -> Self {
        match born.map(|born| year - born) {
            Some(0..=17) => AgeBand::Child,
            Some(18..=59) => AgeBand::Adult,
            Some(60..=79) => AgeBand::Old,
            Some(80..=130) => AgeBand::Oldest,
            _ => AgeBand::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_that_cannot_be_is_unknown() {
        let bands = [Some(2022), Some(2005), Some(2004), Some(1962), Some(1942), Some(1891), Some(2023), None];
        use AgeBand::*;
        let expected = [Child, Child, Adult, Old, Oldest, Unknown, Unknown, Unknown];
        assert_eq!(bands.map(|born| AgeBand::of(born, 2022)), expected);
    }
}
