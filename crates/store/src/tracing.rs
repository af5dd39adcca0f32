//! Contacts, declared contacts and visits.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::OrderKind,
    time::{CivilDate, Instant},
    tracing::{ContactClass, ContactTier},
};
use std::collections::BTreeSet;

/// A contact of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Case.
    pub case_id: String,
    /// Contact.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// Class.
    pub class: ContactClass,
    /// Tier by the pack.
    pub tier: ContactTier,
    /// First day of exposure.
    pub first_exposure: CivilDate,
    /// Last day of exposure; all dates count from it.
    pub last_exposure: CivilDate,
    /// Where.
    pub setting: Option<String>,
    /// Where it is known from: `household`, `declared` or `visit`.
    pub source: String,
    /// When it was listed.
    pub listed_at: Instant,
}

/// A contact as somebody declared it.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Person who is or becomes a case.
    pub case_person: String,
    /// Contact.
    pub person: String,
    /// Class.
    pub class: ContactClass,
    /// First day.
    pub first_exposure: CivilDate,
    /// Last day.
    pub last_exposure: CivilDate,
    /// Where.
    pub setting: Option<String>,
}

/// A case as tracing is measured by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Id.
    pub case: String,
    /// District.
    pub district: String,
    /// When it was found.
    pub found_at: Instant,
    /// When the swab was taken by which it was.
    pub sampled_at: Instant,
    /// First symptoms.
    pub onset: Option<CivilDate>,
    /// Whether the person had been listed as a contact of another case before.
    pub known: bool,
}

/// When a contact was listed and placed: district and finding of the case, then these.
#[derive(Debug, Clone, PartialEq)]
pub struct Placing {
    /// District of the case.
    pub district: String,
    /// When the case was found.
    pub found_at: Instant,
    /// When the contact was listed.
    pub listed_at: Instant,
    /// When the contact was at the place that the decision names.
    pub placed_at: Option<Instant>,
}

/// A stay of a person at a place.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Person.
    pub person: String,
    /// Place.
    pub place: String,
    /// Start.
    pub from: Instant,
    /// End.
    pub to: Instant,
    /// Kind of place.
    pub setting: Option<String>,
}

fn contact(row: &Record) -> Result<Contact, StoreError> {
    Ok(Contact {
        case_id: row.get(0)?,
        person: row.get(1)?,
        person_no: row.get(2)?,
        division: row.term(3)?,
        class: row.term(4)?,
        tier: row.term(5)?,
        first_exposure: row.get(6)?,
        last_exposure: row.get(7)?,
        setting: row.get(8)?,
        source: row.get(9)?,
        listed_at: row.get(10)?,
    })
}

impl Scoped {
    /// Lists contacts; those listed before for the same case stay as they are.
    pub async fn list_contacts(&mut self, contacts: &[Contact]) -> Result<u64, StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(contacts.len() * 11);
        for c in contacts {
            values.extend([
                (&c.case_id).into(),
                (&c.person).into(),
                c.person_no.into(),
                (&c.division).into(),
                c.class.name().into(),
                c.tier.name().into(),
                c.first_exposure.into(),
                c.last_exposure.into(),
                c.setting.as_deref().into(),
                (&c.source).into(),
                c.listed_at.into(),
            ]);
        }
        let columns = [
            "case_id",
            "person",
            "person_no",
            "division",
            "class",
            "tier",
            "first_exposure",
            "last_exposure",
            "setting",
            "source",
            "listed_at",
        ];
        self.append_new("contacts", &columns, &values).await
    }

    /// Contacts listed at or after an instant, in order of person and case.
    pub async fn contacts_since(&mut self, since: Instant) -> Result<Vec<Contact>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select case_id, person, person_no, division, class, tier, first_exposure, last_exposure, setting, source,
                listed_at from contacts where listed_at >= $1 and gone_on is null and division >= $2 and division < $3 order by person, case_id";
        let rows = self.rows(sql, &[since.into(), low.into(), high.into()]).await?;
        rows.iter().map(contact).collect()
    }

    /// Contacts of these cases, in order of case and person.
    pub async fn contacts_of(&mut self, cases: &[&str]) -> Result<Vec<Contact>, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        let sql =
            "select case_id, person, person_no, division, class, tier, first_exposure, last_exposure, setting, source,
                listed_at from contacts where case_id in ({keys}) and gone_on is null and {scope:division} order by case_id, person";
        self.rows_for_keys(sql, &keys).await?.iter().map(contact).collect()
    }

    /// Contacts that these people, by number, are, in order of person and case.
    pub async fn contacts_of_people(&mut self, people: &[i64]) -> Result<Vec<Contact>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql =
            "select case_id, person, person_no, division, class, tier, first_exposure, last_exposure, setting, source,
                listed_at from contacts where person_no in ({keys}) and {scope:division}";
        let contacts: Result<Vec<Contact>, StoreError> =
            self.rows_for_keys(sql, &keys).await?.iter().map(contact).collect();
        let mut contacts = contacts?;
        contacts.sort_by(|a, b| (&a.person, &a.case_id).cmp(&(&b.person, &b.case_id)));
        Ok(contacts)
    }

    /// Numbers of people with an open case whose recorded stay at a place met that of one of these people, in order.
    pub async fn cases_met_by(&mut self, people: &[&str]) -> Result<Vec<i64>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        const MET: &str = "from visits a
            join visits b on b.place = a.place and b.\"from\" < a.\"to\" and a.\"from\" < b.\"to\"";
        let sql = format!(
            "select distinct c.person_no {MET} join cases c on c.person = b.person and c.closed_on is null
             where a.person in ({{keys}})"
        );
        let rows = self.rows_for_keys(&sql, &keys).await?;
        let mut found: BTreeSet<i64> = rows.iter().map(|row| row.get(0)).collect::<Result<_, StoreError>>()?;
        if self.any_merged().await? {
            // a stay may have been told under another id of the person who is the case: down to who is read as them, and up
            for read in ["s.no = p.merged_into", "s.merged_into = p.no", "s.merged_into = p.merged_into"] {
                let sql = format!(
                    "select distinct c.person_no {MET} join people p on p.person = b.person join people s on {read}
                     join cases c on c.person = s.person and c.closed_on is null where a.person in ({{keys}})"
                );
                for row in self.rows_for_keys(&sql, &keys).await? {
                    found.insert(row.get(0)?);
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Contacts that somebody declared of these people.
    pub async fn declared_by(&mut self, people: &[&str]) -> Result<Vec<Declared>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        let sql = "select case_person, person, class, first_exposure, last_exposure, setting from contacts_declared
                   where case_person in ({keys}){people:contacts_declared.person} order by case_person, person, last_exposure";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                Ok(Declared {
                    case_person: row.get(0)?,
                    person: row.get(1)?,
                    class: row.term(2)?,
                    first_exposure: row.get(3)?,
                    last_exposure: row.get(4)?,
                    setting: row.get(5)?,
                })
            })
            .collect()
    }

    /// Visits of these people.
    pub async fn visits_of(&mut self, people: &[&str]) -> Result<Vec<Visit>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        let sql = "select person, place, \"from\", \"to\", setting from visits where person in ({keys}){people:visits.person} order by place, person, \"from\"";
        self.visits(sql, &keys).await
    }

    /// Visits to these places.
    pub async fn visits_to(&mut self, places: &[&str]) -> Result<Vec<Visit>, StoreError> {
        let keys: Vec<Value<'_>> = places.iter().map(|id| (*id).into()).collect();
        let sql = "select person, place, \"from\", \"to\", setting from visits where place in ({keys}){people:visits.person} order by place, person, \"from\"";
        self.visits(sql, &keys).await
    }

    /// Cases that were found in a span of time, by that. Cases that were withdrawn, or that another one of the same person stands
    /// for, are none.
    pub async fn found_between(&mut self, from: Instant, to: Instant) -> Result<Vec<Found>, StoreError> {
        let (low, high) = self.scope.range();
        let sql =
            "select c.id, substr(c.division, 1, 6), c.found_at, c.sampled_at, c.onset, count(k.case_id) from cases c
            left join contacts k on k.person_no = c.person_no and k.case_id <> c.id and k.listed_at < c.found_at
            where c.found_at >= $1 and c.found_at < $2 and c.division >= $3 and c.division < $4
              and coalesce(c.outcome, '') <> 'withdrawn' and c.aside is null
            group by c.id, c.division, c.found_at, c.sampled_at, c.onset order by c.found_at, c.id";
        let rows = self.rows(sql, &[from.into(), to.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Found {
                    case: row.get(0)?,
                    district: row.get(1)?,
                    found_at: row.get(2)?,
                    sampled_at: row.get(3)?,
                    onset: row.get(4)?,
                    known: row.get::<i64>(5)? > 0,
                })
            })
            .collect()
    }

    /// Orders that bound the cases of a span of time before these were found, with the case: kind, first day and last day in force.
    /// What was withdrawn, or was set aside for another order, is none.
    pub async fn bound_before_found(
        &mut self,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<(String, OrderKind, CivilDate, CivilDate)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select c.id, o.kind, o.from_day, coalesce(o.ended_on, o.until_day)
            from cases c join orders o on o.person = c.person
            where c.found_at >= $1 and c.found_at < $2 and c.division >= $3 and c.division < $4
              and o.starts_at < c.found_at and o.state not in ('withdrawn', 'aside') order by c.id, o.id";
        let rows = self.rows(sql, &[from.into(), to.into(), low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?, row.get(2)?, row.get(3)?))).collect()
    }

    /// Contacts of the cases that were found in a span of time: when they were listed, and when they were placed.
    pub async fn placings(&mut self, from: Instant, to: Instant) -> Result<Vec<Placing>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select substr(c.division, 1, 6), c.found_at, k.listed_at,
                coalesce(k.placed_at, case when i.outcome = 'completed' then i.closed_at end)
            from cases c join contacts k on k.case_id = c.id
            left join items i on i.worklist = 'place' and i.subject = 'M-' || k.case_id || '-' || k.person
            where c.found_at >= $1 and c.found_at < $2 and c.division >= $3 and c.division < $4
              and coalesce(c.outcome, '') <> 'withdrawn' and c.aside is null
            order by c.found_at, c.id, k.person";
        let rows = self.rows(sql, &[from.into(), to.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Placing {
                    district: row.get(0)?,
                    found_at: row.get(1)?,
                    listed_at: row.get(2)?,
                    placed_at: row.get(3)?,
                })
            })
            .collect()
    }

    async fn visits(&mut self, sql: &str, keys: &[Value<'_>]) -> Result<Vec<Visit>, StoreError> {
        let rows = self.rows_for_keys(sql, keys).await?;
        rows.iter()
            .map(|row| {
                Ok(Visit {
                    person: row.get(0)?,
                    place: row.get(1)?,
                    from: row.get(2)?,
                    to: row.get(3)?,
                    setting: row.get(4)?,
                })
            })
            .collect()
    }
}
