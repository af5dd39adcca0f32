//! What the rules ask of one contact, decided anew and explained: the class and tier of every exposure, which one the days count from,
//! each phase with its kind, days and tests, whether they go to a site or stay, who depends on them. It may use the pack and the roster;
//! it guarantees that it decides as the measures desk does and writes nothing.

use crate::{
    OpsError,
    measures::{facts, strongest_contacts},
    minutes::Day,
    same::Same,
};
use dayclear_core::{protocol::Phase, reason::Decided, roster::Known, tracing::ContactTier};
use dayclear_store::{Scoped, cases::Case, roster::Resident, tracing::Contact};
use std::collections::BTreeSet;

/// One exposure.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// As it is listed.
    pub contact: Contact,
    /// Tier of its class by the rules in force; `None`: they know no contact of this class.
    pub tier: Option<Decided<ContactTier>>,
    /// Whether the case was withdrawn, so that it asks nothing.
    pub withdrawn: bool,
    /// Whether the days count from it.
    pub counts: bool,
}

/// Everything about one contact.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Who.
    pub person: Resident,
    /// Exposures, the one from which the days count first.
    pub exposures: Vec<Exposure>,
    /// What is asked, phase after phase; none where nothing is.
    pub plan: Vec<Decided<Phase>>,
    /// Whether they belong to a special group who are kept at home where they can be.
    pub special: Decided<bool>,
    /// Whether the home is fit.
    pub home: Known,
    /// Who cares for them.
    pub carer: Option<String>,
    /// Whom they care for.
    pub cares_for: Vec<String>,
    /// Of these one who is a contact of a special group and stays at home, so that this person stays there too (R12).
    pub stays_for: Option<String>,
    /// Their own case, if they became one: the contact is over, and its investigation stands there.
    pub case: Option<Case>,
}

/// The sheet of somebody who is a contact; `None`: nobody listed them.
pub async fn sheet(tx: &mut Scoped, day: &Day<'_>, person: &str) -> Result<Option<Sheet>, OpsError> {
    let Some(person) = tx.people_by_id(&[person]).await?.into_iter().next() else { return Ok(None) };
    // exposures under every id of the person count
    let same = Same::among(tx, &[person.no]).await?;
    let ids: Vec<i64> = same.whole([person.no]).into_iter().collect();
    let contacts = tx.contacts_of_people(&ids).await?;
    if contacts.is_empty() {
        return Ok(None);
    }
    let cases: BTreeSet<&str> = contacts.iter().map(|contact| contact.case_id.as_str()).collect();
    let withdrawn = tx.withdrawn_among(&cases.into_iter().collect::<Vec<_>>()).await?;
    let standing: Vec<Contact> =
        contacts.iter().filter(|contact| !withdrawn.contains(&contact.case_id)).cloned().collect();
    let strongest = strongest_contacts(&standing, &same).remove(same.id(&person.person)).cloned();
    let cares_for = tx.cared_for_by(&[&person.person]).await?;
    let stays_for = stays_for(tx, day, &cares_for).await?;
    let special = day.pack.is_special(person.age_on(day.date), &person.needs);
    let case = tx.cases_of(&ids).await?.into_iter().rev().find(|case| !case.is_withdrawn());
    let plan = match &strongest {
        Some(contact) => {
            let mut facts = facts(day, contact, &person);
            facts.special |= stays_for.is_some();
            day.pack.contact_plan(&facts)
        }
        None => Vec::new(),
    };
    let mut exposures: Vec<Exposure> = contacts
        .into_iter()
        .map(|contact| Exposure {
            tier: day.pack.tier_decided(contact.class),
            withdrawn: withdrawn.contains(&contact.case_id),
            counts: strongest.as_ref().is_some_and(|strongest| strongest.case_id == contact.case_id),
            contact,
        })
        .collect();
    exposures.sort_by_key(|e| (!e.counts, std::cmp::Reverse(e.contact.last_exposure)));
    let (home, carer) = (person.home, person.carer.clone());
    Ok(Some(Sheet { person, exposures, plan, special, home, carer, cares_for, stays_for, case }))
}

/// The first of those cared for who is a contact too and is kept at home.
async fn stays_for(tx: &mut Scoped, day: &Day<'_>, cares_for: &[String]) -> Result<Option<String>, OpsError> {
    let ids: Vec<&str> = cares_for.iter().map(String::as_str).collect();
    let people = tx.people_by_id(&ids).await?;
    let special = people.iter().filter(|one| day.pack.is_special(one.age_on(day.date), &one.needs).value);
    let special: Vec<&Resident> = special.collect();
    let numbers: Vec<i64> = special.iter().map(|one| one.no).collect();
    let contacts: BTreeSet<i64> = tx.contacts_of_people(&numbers).await?.iter().map(|c| c.person_no).collect();
    Ok(special.into_iter().find(|one| contacts.contains(&one.no)).map(|one| one.person.clone()))
}
