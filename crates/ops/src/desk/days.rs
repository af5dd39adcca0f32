//! Signing the day: the stations run once more as of now, the books are closed, the bulletin is filled, and the next day is
//! opened, all in one transaction.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::{
    agenda, books, bulletin,
    day::{STATIONS, station_of},
    line::{notice, open_day},
    minutes::Day,
};
use dayclear_core::time::CivilDate;

pub(super) async fn sign(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let [key] = keys else {
        return Err(invalid("keys", keys.len().to_string(), "one day", "sign one day after the other"));
    };
    let verdict = match key.parse::<CivilDate>() {
        Ok(date) => one(at, date).await?,
        Err(_) => Verdict::Refused(Refusal::Unknown),
    };
    Ok(Report::of(vec![((*key).to_owned(), verdict)]))
}

async fn one(at: &mut Sitting<'_, '_>, date: CivilDate) -> Result<Verdict, DeskError> {
    at.for_the_city();
    let day = &at.room.day;
    match at.tx.day(date).await? {
        None => return Ok(Verdict::Refused(Refusal::Unknown)),
        Some(row) if row.closed_at.is_some() => return Ok(Verdict::Same),
        Some(_) if date != day.date => {
            return Ok(stands("not the oldest open day", format!("sign {} first", day.date)));
        }
        Some(_) => {}
    }
    let whole = Day::whole(date, day.pack, day.settings);
    if at.doing.now <= whole.start {
        return Ok(stands("a day that has not begun", "sign it once something has happened on it"));
    }
    notice(at.tx, day).await?;
    for station in STATIONS {
        let focus = agenda::focus(at.tx, day).await?;
        station_of(station, at.tx, day, focus.as_ref()).await?;
    }
    // what is carried over is counted as of now, or as of midnight where the signature comes after it
    let closing = Day { end: at.doing.now.min(whole.end), ..*day };
    let mut minutes = at.minutes();
    let city = at.room.city.division();
    minutes.event(at.doing.now, "day.signed", date.to_string(), city, &serde_json::json!({}), Some("day"))?;
    minutes.hand_in(at.tx).await?;
    let closed = books::close(at.tx, &closing).await?;
    let bulletin = bulletin::fill(at.tx, &closing, &closed).await?;
    let account = at.account().to_owned();
    at.tx.keep_bulletin(&bulletin, Some(&account)).await?;
    open_day(at.tx, at.doing.now, day.zone).await?;
    Ok(Verdict::Done)
}
