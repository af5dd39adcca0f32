//! Homes and what an area can enclose around one: a household, a unit, a building, a compound; and how many people live in each. Pure;
//! it guarantees that a place holds another one only where everybody of the other lives in it.

use dayclear_core::measures::ZoneUnit;
use std::collections::{BTreeMap, HashMap};

/// A building, a unit of it, or one household of it. As a home: as far as the roster knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enclosed {
    /// Building.
    pub building: String,
    /// Unit of it.
    pub unit: Option<String>,
    /// Household of it.
    pub household: Option<String>,
}

impl Enclosed {
    /// A whole building.
    pub fn building(building: impl Into<String>) -> Enclosed {
        Enclosed { building: building.into(), unit: None, household: None }
    }

    /// A unit of a building, or the building where none is named.
    pub fn unit(building: impl Into<String>, unit: Option<String>) -> Enclosed {
        Enclosed { building: building.into(), unit, household: None }
    }

    /// The building of it.
    pub fn whole(&self) -> Enclosed {
        Enclosed::building(self.building.clone())
    }

    /// What it is.
    pub fn kind(&self) -> ZoneUnit {
        match (&self.household, &self.unit) {
            (Some(_), _) => ZoneUnit::Household,
            (None, Some(_)) => ZoneUnit::Unit,
            (None, None) => ZoneUnit::Building,
        }
    }

    /// Kinds of area that can be drawn around a home.
    pub fn kinds(&self) -> impl Iterator<Item = ZoneUnit> {
        let household = self.household.as_ref().map(|_| ZoneUnit::Household);
        let unit = self.unit.as_ref().map(|_| ZoneUnit::Unit);
        household.into_iter().chain(unit).chain([ZoneUnit::Building])
    }

    /// The place of a kind around a home; `None` where it is not known.
    pub fn up_to(&self, kind: ZoneUnit) -> Option<Enclosed> {
        match kind {
            ZoneUnit::Household => self.household.is_some().then(|| self.clone()),
            ZoneUnit::Unit => self.unit.is_some().then(|| Enclosed::unit(self.building.clone(), self.unit.clone())),
            ZoneUnit::Building => Some(self.whole()),
            ZoneUnit::Floor | ZoneUnit::Compound => None,
        }
    }

    /// Whether everybody of another place lives in this one.
    pub fn holds(&self, other: &Enclosed) -> bool {
        self.building == other.building
            && match (&self.household, &self.unit) {
                (Some(_), _) => self.household == other.household,
                (None, Some(_)) => self.unit == other.unit,
                (None, None) => true,
            }
    }
}

/// Who lives in a building.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Building {
    /// Compound that it belongs to.
    pub compound: Option<String>,
    /// People by unit; those whose unit is unknown under none.
    pub units: BTreeMap<Option<String>, u32>,
}

impl Building {
    fn people(&self) -> u32 {
        self.units.values().sum()
    }
}

/// Who lives where.
#[derive(Clone, Debug, Default)]
pub struct Residents {
    /// Buildings, at least those that are looked at.
    pub buildings: HashMap<String, Building>,
    /// People of compounds.
    pub compounds: HashMap<String, u32>,
    /// People of households, where areas may be so small.
    pub households: HashMap<String, u32>,
}

impl Residents {
    /// How many people live in a place; what is not known counts nobody.
    pub fn people(&self, place: &Enclosed) -> u32 {
        let Some(building) = self.buildings.get(&place.building) else { return 0 };
        match (&place.household, &place.unit) {
            (Some(household), _) => self.households.get(household).copied().unwrap_or(0),
            (None, Some(_)) => building.units.get(&place.unit).copied().unwrap_or(0),
            (None, None) => building.people(),
        }
    }

    /// How many people a wider kind around a place holds; `None` where nobody knows.
    pub fn around(&self, place: &Enclosed, kind: ZoneUnit) -> Option<u32> {
        let building = self.buildings.get(&place.building)?;
        match kind {
            ZoneUnit::Compound => self.compounds.get(building.compound.as_ref()?).copied(),
            kind => Some(self.people(&place.up_to(kind)?)),
        }
    }
}
