//! Bulletins: published under their permanent address, and corrected by a new edition that says what it corrects. What was
//! published is never written over.

use super::{DeskError, Refusal, Report, Sitting, Verdict};
use dayclear_core::{
    listing::{BULLETINS, Cell},
    time::CivilDate,
};
use serde_json::json;

pub(super) async fn publish(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let rows = at.tx.records(&BULLETINS, keys).await?;
    at.for_the_city();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let row = rows.get(*key).map(|row| (row.get(&BULLETINS, "day"), row.get(&BULLETINS, "edition")));
        let verdict = match row {
            Some((Cell::Day(day), Cell::Whole(edition))) => {
                match at.tx.publish_bulletin(*day, *edition, at.doing.now, at.account()).await? {
                    false => Verdict::Same,
                    true => {
                        let body = json!({"day": day, "edition": edition});
                        let city = at.room.city.division();
                        minutes.event(at.doing.now, "bulletin.published", *key, city, &body, Some("bulletin"))?;
                        Verdict::Done
                    }
                }
            }
            _ => Verdict::Refused(Refusal::Unknown),
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

pub(super) async fn correct(at: &mut Sitting<'_, '_>) -> Result<Report, DeskError> {
    let day: CivilDate = match at.input.get("day") {
        Some(Cell::Day(day)) => *day,
        _ => return Err(Refusal::Unknown.into()),
    };
    at.for_the_city();
    let Some(bulletin) = at.tx.bulletin(day).await? else { return Err(Refusal::Unknown.into()) };
    let correction = at.text("correction");
    let Some((edition, last)) = at.tx.correct_bulletin(&bulletin, correction).await? else {
        return Err(Refusal::Unknown.into());
    };
    let key = format!("{day}:{edition}");
    let mut minutes = at.minutes();
    let body = json!({"day": day, "edition": edition, "supersedes": last, "correction": correction});
    minutes.event(at.doing.now, "bulletin.corrected", &key, at.room.city.division(), &body, None)?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::made(key))
}
