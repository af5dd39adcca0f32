//! Another bed for somebody who lies in a facility: in another ward or room of the same place. The new bed is held first, under the same
//! constraint and the same rules as for whoever arrives; only then the old one is given back, and waits to be cleaned. To another place
//! somebody goes by a ride, and not by this.

use super::{
    DeskError, Refusal, Report, Sitting, Verdict, stands,
    transfers::{against, bed_asked, seen, taken},
};
use crate::beds;
use dayclear_core::transfer::TransferState;
use dayclear_store::StoreError;
use serde_json::json;

pub(super) async fn change(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let transfers = seen(at, keys).await?;
    let (bed, facility) = bed_asked(at).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match transfers.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.state != TransferState::Admitted => {
                stands(one.state.name(), "whoever lies in a bed changes it; for whoever waits a bed is claimed")
            }
            Some(one) if one.bed.as_ref() == Some(&bed.bed) => Verdict::Same,
            Some(one) if one.facility.as_deref() != Some(facility.facility.as_str()) => {
                stands("in another place", "choose a bed of the same place; to another one somebody goes by a ride")
            }
            Some(one) => match against(at, one, &bed, &facility, at.room.day.earliest).await? {
                Some((is, remedy)) => stands(is, remedy),
                None => match at.tx.claim_bed(&bed.bed, &one.id, now).await {
                    Err(StoreError::Taken { thing, .. }) => Verdict::Refused(taken(at, thing, now).await?),
                    Err(error) => return Err(error.into()),
                    Ok(()) => {
                        let mut one = one.clone();
                        let was = one.bed.replace(bed.bed.clone());
                        if let Some(was) = &was {
                            at.tx.give_bed_back(was, &one.id, now).await?;
                            let why = "to clean after somebody moved to another bed";
                            let place = (&one.division, facility.facility.as_str());
                            beds::to_clean(at.tx, &mut minutes, was, place, now, why).await?;
                        }
                        at.tx.update_transfer(&one).await?;
                        let body = json!({"bed": bed.bed, "was": was, "reason": at.text("reason")});
                        minutes.event(now, "transfer.bed_changed", &one.id, &one.division, &body, Some("transfer"))?;
                        Verdict::Done
                    }
                },
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
