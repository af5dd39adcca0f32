//! What is heard from bodies that receive people outside the city: that they take somebody, that they do not after all, that they have taken
//! them over. Each word is kept with who said it and how it can be found again. It guarantees that whoever loses a confirmed place before the
//! departure is planned for anew at once, that of somebody on the road the dispatch is told, and that a word alone admits nobody: it comes
//! with what shows it.

use super::{
    DeskError, Refusal, Report, Sitting, Verdict, stands,
    transfers::{before, fits, hand_over, not_theirs, seen},
};
use crate::{
    minutes::Minutes,
    transfer::{self, home, outside, vain},
};
use dayclear_core::{
    time::Instant,
    transfer::{HandoverStep, Outside, OutsideWord, TransferState},
};
use dayclear_store::{outside::SaidOutside, roster::Resident, transfer::Transfer};
use serde_json::json;
use std::collections::HashMap;

/// Age from which somebody of a household is told for it.
const ADULT_FROM: u8 = 18;

/// Why somebody has to go elsewhere.
const NOT_TAKEN: &str = "the receiving body outside does not take them after all";

/// `transfers.confirm`.
pub(super) async fn confirm(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let when = at.happened()?;
    let withdrawn = at.text("taken_back") == "yes";
    let mut transfers = seen(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match transfers.get_mut(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if not_theirs(at, one) => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.outside.is_none() || home::leads_home(one) => {
                stands("in the city", "hold a bed of a place outside the city first")
            }
            Some(one) => match (withdrawn, one.state, one.outside) {
                (false, TransferState::Requested | TransferState::Booked, Some(Outside::Confirmed)) => Verdict::Same,
                (false, TransferState::Requested, _) => {
                    confirmed(at, &mut minutes, one, when).await?;
                    Verdict::Done
                }
                (false, TransferState::Underway, _) if vain::has_nowhere(one) => {
                    say(at, &mut minutes, one, OutsideWord::Confirmed, when).await?;
                    one.reason = json!({"turned": "taken outside the city after all"}).to_string();
                    at.tx.update_transfer(one).await?;
                    Verdict::Done
                }
                (true, TransferState::Requested | TransferState::Booked, _) => {
                    say(at, &mut minutes, one, OutsideWord::Withdrawn, when).await?;
                    vain::take_back(at.tx, &mut minutes, one, NOT_TAKEN).await?;
                    Verdict::Done
                }
                (true, TransferState::Underway, _) => {
                    say(at, &mut minutes, one, OutsideWord::Withdrawn, when).await?;
                    let why = "the receiving body outside does not take them after all; call the driver";
                    vain::stand(at.tx, &mut minutes, one, why).await?;
                    Verdict::Done
                }
                (_, state, _) => stands(state.name(), "a place is confirmed before somebody departs"),
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    let changed: Vec<Transfer> = transfers.into_values().collect();
    transfer::post(&mut minutes, &changed);
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// A place is confirmed: the next run looks for a vehicle, and the person and the family that stays are owed a paper.
async fn confirmed(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    one: &mut Transfer,
    when: Instant,
) -> Result<(), DeskError> {
    let no = say(at, minutes, one, OutsideWord::Confirmed, when).await?;
    one.outside = Some(Outside::Confirmed);
    one.replanned_at = one.replanned_at.max(Some(at.doing.now));
    one.reason = json!({"bed": "confirmed outside the city", "waits_for": "vehicle",
                        "why": "the next run of the line looks for one"})
    .to_string();
    at.tx.update_transfer(one).await?;
    let family = family(at, one).await?;
    outside::papers(minutes, one, no, family.as_ref());
    Ok(())
}

/// Keeps a word and tells of it; its number.
async fn say(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    one: &Transfer,
    word: OutsideWord,
    when: Instant,
) -> Result<i64, DeskError> {
    let no = at.tx.said_outside(&[&one.id]).await?.len() as i64 + 1;
    let said = SaidOutside {
        transfer: one.id.clone(),
        no,
        division: one.division.clone(),
        facility: one.facility.clone().unwrap_or_default(),
        word,
        who: at.text("who").to_owned(),
        note: at.text("shown").to_owned(),
        at: when,
        account: at.account().to_owned(),
        said_at: at.doing.now,
    };
    at.tx.keep_said_outside(&said).await?;
    // who said it, and in which words, stands in the row alone
    let body = json!({"word": word, "facility": said.facility, "bed": one.bed, "at": when});
    minutes.event(at.doing.now, "transfer.said_outside", &one.id, &one.division, &body, Some("transfer"))?;
    Ok(no)
}

/// A grown person of the household who does not go along: they are told for the family. Nobody, where nobody stays.
async fn family(at: &mut Sitting<'_, '_>, one: &Transfer) -> Result<Option<Resident>, DeskError> {
    let person = at.tx.people_by_no(&[one.person_no]).await?.into_iter().next();
    let Some(home) = person.and_then(|person| person.household) else { return Ok(None) };
    let mut others = at.tx.people_of_households(&[&home]).await?;
    let today = at.room.day.date;
    others.retain(|other| other.no != one.person_no && other.age_on(today).is_some_and(|age| age >= ADULT_FROM));
    let numbers: Vec<i64> = others.iter().map(|other| other.no).collect();
    let going = at.tx.live_transfers_of(&numbers).await?;
    others.retain(|other| going.iter().all(|ride| ride.person_no != other.no || home::leads_home(ride)));
    others.sort_by(|a, b| a.person.cmp(&b.person));
    Ok(others.into_iter().next())
}

/// `transfers.received`: written as the report of the receiving site that a file would bring, with what shows it.
pub(super) async fn received(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let when = at.happened()?;
    let transfers = seen(at, keys).await?;
    let (mut verdicts, mut these) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match transfers.get(*key) {
            None => Some(Verdict::Refused(Refusal::Unknown)),
            Some(one) if not_theirs(at, one) => Some(Verdict::Refused(Refusal::Unknown)),
            Some(one) if one.outside.is_none() => Some(stands("in the city", "a site in the city admits by itself")),
            Some(one) if vain::has_nowhere(one) => {
                Some(stands("without a place outside", "say first that the receiving body takes them"))
            }
            Some(one) => fits(HandoverStep::Admitted, one).or_else(|| before(one, when)),
        };
        match (verdict, transfers.get(*key)) {
            (Some(verdict), _) => verdicts.push(((*key).to_owned(), verdict)),
            (None, Some(one)) => these.push(one),
            (None, None) => {}
        }
    }
    let done: HashMap<String, Verdict> =
        hand_over(at, HandoverStep::Admitted, when, &these).await?.into_iter().collect();
    let mut minutes = at.minutes();
    for one in these.iter().filter(|one| done.get(&one.id) == Some(&Verdict::Done)) {
        say(at, &mut minutes, one, OutsideWord::Received, when).await?;
    }
    minutes.hand_in(at.tx).await?;
    verdicts.extend(done);
    Ok(Report::of(verdicts))
}
