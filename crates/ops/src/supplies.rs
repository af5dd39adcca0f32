//! What households that are bound ask for, and stocks that run out. What is asked for is carried in the parcel of its item, under the
//! constraint of the stock; a stock that will not last is an item of its depot before it is empty. It may use the store and the station
//! that cares ([`welfare`]); it guarantees that nobody is promised what is not there.

use crate::{
    OpsError,
    minutes::{Close, Day, Minutes, by_site},
    welfare::{self, Depots},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    time::CivilDate,
    welfare::{AskWay, COVER_DAYS_LEAST, Supply},
};
use dayclear_store::{
    Scoped,
    supplies::{Good, Wanted},
    welfare::Parcel,
};
use serde_json::json;
use std::collections::BTreeSet;

const STOCK: &str = "stock/";
/// Until when somebody has looked at a stock that runs out, in hours (R).
const STOCK_HOURS: i64 = 4;

/// What became of asking for a good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It is brought on this day.
    Brought(CivilDate),
    /// The catalogue of the place has no such good.
    Unknown,
    /// The household may ask for so many units a day, and has asked for as many.
    Most(i64),
    /// So many units are left where its parcel comes from.
    Left(i64),
}

/// A household that is bound, as it asks.
pub(crate) struct Asking<'a> {
    pub household: &'a str,
    pub division: &'a DivisionCode,
    pub way: AskWay,
    pub account: &'a str,
}

/// Where a household is, if an order or an area keeps it at home today.
pub(crate) async fn bound_at(
    tx: &mut Scoped,
    day: &Day<'_>,
    household: &str,
) -> Result<Option<DivisionCode>, OpsError> {
    welfare::place_of_bound(tx, day, household).await
}

/// Asks for some units of a good.
pub(crate) async fn ask(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    asking: &Asking<'_>,
    good: &str,
    units: i64,
) -> Result<Asked, OpsError> {
    let day = minutes.day;
    let Some(good) = tx.goods_for(asking.division).await?.into_iter().find(|known| known.good == good) else {
        return Ok(Asked::Unknown);
    };
    let today = (asking.household.to_owned(), day.date, good.item);
    let there = tx.parcels_by_key(std::slice::from_ref(&today)).await?.pop();
    // what is at the door is at the door: the next one carries it
    let date = if there.is_some_and(|parcel| parcel.delivered_at.is_some()) { day.date.plus_days(1) } else { day.date };
    let before = tx.wanted_by(asking.household, date).await?;
    let of_good: i64 = before.iter().filter(|wanted| wanted.good == good.good).map(|wanted| wanted.units).sum();
    if of_good + units > good.day_max {
        return Ok(Asked::Most(good.day_max));
    }
    let of_item: i64 = before.iter().filter(|wanted| wanted.item == good.item).map(|wanted| wanted.units).sum();
    if let Some(left) = carried(tx, asking, date, good.item, of_item + units).await? {
        return Ok(Asked::Left(left));
    }
    write_down(tx, minutes, asking, date, &good, units).await?;
    Ok(Asked::Brought(date))
}

/// Lets the parcel of an item carry so many units, and promises those that it lacks. What is left where that is too little.
async fn carried(
    tx: &mut Scoped,
    asking: &Asking<'_>,
    date: CivilDate,
    item: Supply,
    units: i64,
) -> Result<Option<i64>, OpsError> {
    let key = (asking.household.to_owned(), date, item);
    let stock = tx.stock().await?;
    match tx.parcels_by_key(&[key]).await?.pop() {
        Some(parcel) => {
            let more = units - parcel.units;
            if more <= 0 {
                return Ok(None);
            }
            if let Some(depot) = &parcel.depot {
                let Some(row) = stock.iter().find(|row| row.depot == *depot && row.item == item) else {
                    return Ok(Some(0));
                };
                if row.quantity - row.promised < more {
                    return Ok(Some(row.quantity - row.promised));
                }
                tx.promise(&row.key, date, more).await?;
            }
            tx.carry(asking.household, date, item, units).await?;
        }
        None => {
            let depot = Depots::of(stock).take(asking.division, item, units);
            let parcel = Parcel {
                run: depot.as_ref().map(|(depot, _)| welfare::run_of(date, depot, asking.division)),
                household: asking.household.to_owned(),
                day: date,
                item,
                division: asking.division.clone(),
                depot: depot.as_ref().map(|(depot, _)| depot.clone()),
                units,
                delivered_at: None,
                missed_at: None,
                again: 0,
                not_carried: None,
            };
            tx.plan_parcels(&[parcel]).await?;
            if let Some((_, key)) = depot {
                tx.promise(&key, date, units).await?;
            }
        }
    }
    Ok(None)
}

async fn write_down(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    asking: &Asking<'_>,
    date: CivilDate,
    good: &Good,
    units: i64,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let wanted = Wanted {
        household: asking.household.to_owned(),
        day: date,
        division: asking.division.clone(),
        good: good.good.clone(),
        item: good.item,
        units,
        way: asking.way,
        asked_by: asking.account.to_owned(),
        asked_at: day.end,
    };
    tx.want(&wanted).await?;
    // which good it is may tell of somebody's health: that stands in the field that only some read
    let body = json!({"item": good.item, "units": units, "way": asking.way, "day": date});
    let subject = format!("{date}/{}/{}", asking.household, good.item);
    minutes.event(day.end, "supply.asked", subject, asking.division, &body, None)?;
    if date == day.date {
        let key = (asking.household.to_owned(), date, good.item);
        let parcels = tx.parcels_by_key(&[key]).await?;
        welfare::post_parcels(minutes, parcels);
    }
    Ok(())
}

/// Stocks that will not last for the days that they should: each is an item of its depot, once a day, until it lasts again. While a day is
/// read from files nobody can fill a depot, and there is no such item.
pub(crate) async fn running_out(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let day = minutes.day;
    if day.end == day.until {
        return Ok(());
    }
    let mut low: Vec<(String, dayclear_store::supplies::Lasting)> = Vec::new();
    for stock in tx.lasting().await? {
        if stock.left <= 0 || stock.left as f64 / stock.a_day < COVER_DAYS_LEAST as f64 {
            low.push((format!("{STOCK}{}/{}", stock.key, day.date), stock));
        }
    }
    let keys: BTreeSet<&str> = low.iter().map(|(_, stock)| stock.key.as_str()).collect();
    let mut waits: BTreeSet<String> = BTreeSet::new();
    for item in tx.open_beginning(Worklist::Clarify, STOCK).await? {
        let of = item.subject.strip_prefix(STOCK).and_then(|rest| rest.rsplit_once('/')).map(|(key, _)| key.to_owned());
        match of.filter(|key| keys.contains(key.as_str())) {
            Some(key) => {
                waits.insert(key);
            }
            None => {
                minutes.known(item).done(day.end, "the stock lasts again");
            }
        }
    }
    low.retain(|(_, stock)| !waits.contains(&stock.key));
    let subjects: Vec<&str> = low.iter().map(|(subject, _)| subject.as_str()).collect();
    let known = tx.known_subjects(Worklist::Clarify, &subjects).await?;
    for (subject, stock) in low.into_iter().filter(|(subject, _)| !known.contains(subject)) {
        let reason = match stock.left {
            ..=0 => "nothing is left of it: fill the depot, or have it brought from another",
            _ => "lasts less than two days at the pace of the last ones: fill the depot before it is empty",
        };
        let owner = by_site(stock.depot);
        let item = minutes.waits(Worklist::Clarify, subject, &stock.division, owner, day.end, reason);
        item.due_at = Some(day.end.plus_hours(STOCK_HOURS));
    }
    Ok(())
}
