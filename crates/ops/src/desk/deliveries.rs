//! What people do with runs of parcels: plan those of a depot, and send one off. What becomes of a parcel at its door is said of the parcel
//! and ends its stop by itself.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::deliveries::{self, NoLeave, NoPlan};
use dayclear_core::divisions::DivisionCode;

/// Plans the runs of a depot anew, from now on.
pub(super) async fn plan(at: &mut Sitting<'_, '_>) -> Result<Report, DeskError> {
    let depot = at.text("depot").to_owned();
    let duty = at.doing.looker.duty.division.clone();
    at.for_the_city();
    let serves = at.tx.depot_serves(&depot).await?;
    let mine = |division: &&DivisionCode| duty.contains(division);
    let Some(division) = serves.iter().find(mine).filter(|_| serves.iter().all(|division| duty.contains(division)))
    else {
        let remedy = "correct it, or ask whoever commands where it lies";
        return Err(invalid("depot", depot, "a depot with stock that serves your division only", remedy));
    };
    let (account, ahead) = (at.account(), at.ahead.take());
    let mut minutes = at.minutes();
    let planned = deliveries::plan(at.tx, &mut minutes, (&depot, division), ahead, account).await?;
    let refused = |is: &str, remedy: &str| -> Result<Report, DeskError> {
        Err(Refusal::State { is: is.to_owned(), remedy: remedy.to_owned() }.into())
    };
    match planned {
        Err(NoPlan::NoCarrier) => {
            refused("without a carrier", "give rows of carriers for the depot, with their hours of today")
        }
        Err(NoPlan::NoPlace) => {
            refused("without a place", "give where its carriers load, or the seat of the division that it serves")
        }
        Err(NoPlan::NothingOwed) => {
            refused("at all its doors", "nothing is owed from here that no run under way carries")
        }
        Ok(runs) => {
            minutes.hand_in(at.tx).await?;
            Ok(match runs.into_iter().next() {
                Some(first) => Report::made(first),
                // what is owed is written down with the reason why nobody carries it
                None => Report::of(Vec::new()),
            })
        }
    }
}

/// Runs leave their depots.
pub(super) async fn leave(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = at.tx.delivery_runs(keys).await?;
    at.for_the_city();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.iter().find(|run| run.run == *key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(run) => {
                let who = (at.account(), at.room.day.zone);
                match deliveries::leave(at.tx, &mut minutes, run, who).await? {
                    Ok(()) => Verdict::Done,
                    Err(NoLeave::Left) => Verdict::Same,
                    Err(NoLeave::Replanned) => {
                        stands("planned anew", "another run carries its parcels: look at the runs of its depot")
                    }
                    Err(NoLeave::Early) => {
                        stands("before its hours", "send it off when the hours of its carrier have begun")
                    }
                    Err(NoLeave::Late) => stands(
                        "too late for its hours",
                        "plan again: it would not be back within the hours of its carrier",
                    ),
                    Err(NoLeave::Busy) => {
                        stands("without its carrier", "wait until the carrier is back and has rested, or plan again")
                    }
                    Err(NoLeave::Nothing) => {
                        stands("at all its doors", "none of its parcels has to be brought any more; plan again")
                    }
                }
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
