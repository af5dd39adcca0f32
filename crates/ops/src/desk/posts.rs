//! Who holds the keys of a confined building, and who looks after it: named with a telephone number. The name stands in fields that only
//! some read.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, stands};
use dayclear_core::{listing::AREAS, measures::BuildingPost};
use dayclear_store::measures::Zone;
use serde_json::json;
use std::collections::BTreeMap;

pub(super) async fn name(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let post: BuildingPost = at.text("post").parse().map_err(inside)?;
    let (holder, phone) = (at.text("holder").trim().to_owned(), at.text("holder_phone").trim().to_owned());
    let (now, account) = (at.doing.now, at.account().to_owned());
    let rows = at.tx.records(&AREAS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let zones: BTreeMap<String, Zone> =
        at.tx.zones_by_id(&ids).await?.into_iter().map(|zone| (zone.id.clone(), zone)).collect();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match zones.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(zone) if zone.released_on.is_some() => stands("ended", "nobody is confined there any more"),
            Some(zone) => {
                at.tx.name_post((&zone.building, post, &zone.division), (&holder, &phone), (&account, now)).await?;
                let body = json!({"building": zone.building, "post": post});
                minutes.event(now, "area.named", *key, &zone.division, &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    crate::areas::named(at.tx, &mut minutes).await?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
