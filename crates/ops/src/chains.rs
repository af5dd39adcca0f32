//! Chains of the cases that a store holds: what links two cases is an exposure that somebody declared, or one household. It may use the
//! store and the engine's terms; it guarantees that an exposure makes the case known earlier a possible source and proves nothing, and
//! that of a household it says that they live together and no more.

use crate::OpsError;
use dayclear_core::time::{Instant, Zone};
use dayclear_engines::tracing::{Case, Link, Relation};
use dayclear_store::{Scoped, cases::Case as Found, field::Exposure};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

/// Links between cases. Of two people who were exposed to each other, the one known earlier is a possible source; on the same day nobody
/// knows. Cases that are not given are linked by nothing.
pub fn links(cases: &[Case], exposures: &[Exposure], households: &[(String, String)]) -> Vec<Link> {
    let days: HashMap<&str, _> = cases.iter().map(|case| (case.id.as_str(), case.day().map(|(day, _)| day))).collect();
    let mut links = Vec::new();
    for exposure in exposures {
        let (a, b) = (exposure.case.as_str(), exposure.other.as_str());
        let (Some(first), Some(second)) = (days.get(a), days.get(b)) else { continue };
        let (from, to, relation) = match first.cmp(second) {
            Ordering::Less => (a, b, Relation::CandidateSource),
            Ordering::Greater => (b, a, Relation::CandidateSource),
            Ordering::Equal => (a, b, Relation::DirectContact),
        };
        let setting = exposure.setting.clone();
        links.push(Link { from: from.to_owned(), to: to.to_owned(), relation, setting });
    }
    let mut homes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (case, household) in households.iter().filter(|(case, _)| days.contains_key(case.as_str())) {
        homes.entry(household).or_default().push(case);
    }
    for home in homes.values() {
        for pair in home.windows(2) {
            links.push(Link {
                from: pair[0].to_owned(),
                to: pair[1].to_owned(),
                relation: Relation::ClusterLink,
                setting: None,
            });
        }
    }
    links
}

/// Cases that count, in the order of finding: none that was withdrawn, and of two of one person the one that stands.
pub(crate) async fn found(tx: &mut Scoped, zone: &Zone) -> Result<Vec<Found>, OpsError> {
    let first = Instant::from_micros(0);
    let mut all = tx.cases_since(zone.day(first), first).await?;
    all.retain(|case| !case.is_withdrawn() && case.aside.is_none());
    Ok(all)
}

/// Every case of the scope, with what links them.
pub async fn own(tx: &mut Scoped, zone: &Zone) -> Result<(Vec<Case>, Vec<Link>), OpsError> {
    let found = found(tx, zone).await?;
    let ids: Vec<&str> = found.iter().map(|case| case.id.as_str()).collect();
    let (exposures, households) = (tx.exposures_of(&ids).await?, tx.households_of_cases(&ids).await?);
    let case = |case: &Found| Case {
        id: case.id.clone(),
        onset: case.onset,
        confirmed: Some(zone.day(case.sampled_at)),
        report: Some(zone.day(case.found_at)),
        district: Some(case.division.district().to_string()),
        outcome: case.outcome.clone(),
        ..Case::default()
    };
    let cases: Vec<Case> = found.iter().map(case).collect();
    let links = links(&cases, &exposures, &households);
    Ok((cases, links))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::tracing::ContactClass;

    #[test]
    fn the_case_known_earlier_is_a_possible_source_and_no_more() {
        let day = |text: &str| text.parse().ok();
        let case = |id: &str, on| Case { id: id.to_owned(), confirmed: on, ..Case::default() };
        let cases = [case("A", day("2022-11-18")), case("B", day("2022-11-20")), case("C", day("2022-11-20"))];
        let exposure = |a: &str, b: &str| Exposure {
            case: a.to_owned(),
            other: b.to_owned(),
            class: ContactClass::SharedSpace,
            days: ("2022-11-17".parse().unwrap(), "2022-11-17".parse().unwrap()),
            setting: Some("聚餐".to_owned()),
        };
        let given = [exposure("B", "A"), exposure("B", "C"), exposure("B", "Z")];
        let home = [("A".to_owned(), "H1".to_owned()), ("C".to_owned(), "H1".to_owned())];
        let links = links(&cases, &given, &home);
        let said: Vec<_> = links.iter().map(|l| (l.from.as_str(), l.to.as_str(), l.relation)).collect();
        assert_eq!(
            said,
            [
                ("A", "B", Relation::CandidateSource),
                ("B", "C", Relation::DirectContact),
                ("A", "C", Relation::ClusterLink)
            ]
        );
        assert!(said.iter().all(|(_, _, relation)| !relation.is_directed()));
    }
}
