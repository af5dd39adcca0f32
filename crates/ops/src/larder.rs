//! A household that is bound, by itself and without an account: it opens its page with the code of one of its papers, sees what it is owed
//! and when it came, asks for goods, and says of a parcel that it has it or has it not. It may use the desk's own steps; it guarantees that
//! nothing is asked for or said of another household than that of the paper.

use crate::{
    OpsError,
    bearer::{PUBLIC, doing, looker},
    desk::{DeskError, again, room, supplies::told},
    minutes::Minutes,
    public::Counter,
    supplies::{self, Asked, Asking},
};
use dayclear_core::{
    access::Role,
    divisions::DivisionCode,
    time::{CivilDate, Instant},
    welfare::{AskWay, DoorStep, Supply},
};
use dayclear_store::{
    Scoped, Store,
    notices::Printed,
    supplies::{AtDoor, Good, Wanted},
    welfare::Parcel,
};
use std::collections::BTreeSet;

/// What a household sees of what it is owed.
#[derive(Debug, Clone)]
pub struct Larder {
    /// Household.
    pub household: String,
    /// Day of the books.
    pub date: CivilDate,
    /// Civil day, for which the digits at the door are.
    pub today: CivilDate,
    /// Where it is, if an order or an area keeps it at home.
    pub bound_at: Option<DivisionCode>,
    /// Its parcels of this day, the one before and the next, in order of day and item.
    pub parcels: Vec<Parcel>,
    /// What it asked for on those days.
    pub wanted: Vec<Wanted>,
    /// When parcels of it that a run carries are expected at its door, by day and item.
    pub expected: Vec<(CivilDate, Supply, Instant)>,
    /// What it may ask for: what is for everybody, and what is for a need that somebody of it has.
    pub goods: Vec<Good>,
}

/// What somebody wants of their page.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Goods and units.
    pub goods: Vec<(String, i64)>,
    /// A parcel of which something is said: day, item, and whether it is there.
    pub parcel: Option<(CivilDate, Supply, bool)>,
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Brought on this day.
    Brought(CivilDate),
    /// The catalogue has no such good for the household.
    Unknown,
    /// So many a day.
    Most(i64),
    /// So many are left.
    Left(i64),
    /// Nobody binds the household: shops are open to it.
    Free,
    /// Written down.
    Noted,
}

/// The household of whoever a paper is owed to.
async fn household_of(tx: &mut Scoped, paper: &Printed) -> Result<Option<String>, OpsError> {
    let Some((_, no)) = &paper.notice.person else { return Ok(None) };
    Ok(tx.people_by_no(&[*no]).await?.pop().and_then(|person| person.household))
}

/// What a household is owed, with what became of its wish. `None`: the paper is of nobody who lives anywhere.
pub async fn open(
    store: &Store,
    counter: &Counter<'_>,
    paper: &Printed,
    wish: &Wish,
) -> Result<Option<(Larder, Vec<(String, Answer)>)>, DeskError> {
    let mut tries = 0;
    loop {
        match opened(store, counter, paper, wish).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn opened(
    store: &Store,
    counter: &Counter<'_>,
    paper: &Printed,
    wish: &Wish,
) -> Result<Option<(Larder, Vec<(String, Answer)>)>, DeskError> {
    let acts = !wish.goods.is_empty() || wish.parcel.is_some();
    let mut tx = if acts { store.turn(counter.city).await? } else { store.look(counter.city).await? };
    let Some(household) = household_of(&mut tx, paper).await? else { return Ok(None) };
    let who = looker(Role::CommunityWorker, &paper.notice.division);
    let doing = doing(counter, &who);
    let room = room(&mut tx, &doing).await?;
    let day = &room.day;
    let bound_at = supplies::bound_at(&mut tx, day, &household).await?;
    let mut answers = Vec::new();
    if acts {
        let mut minutes = Minutes::by(day, PUBLIC);
        for (good, units) in &wish.goods {
            let answer = match &bound_at {
                None => Answer::Free,
                Some(division) => {
                    let asking = Asking { household: &household, division, way: AskWay::Page, account: PUBLIC };
                    let offered = offered(&mut tx, &household, division).await?;
                    match offered.iter().any(|known| known.good == *good) {
                        false => Answer::Unknown,
                        true => match supplies::ask(&mut tx, &mut minutes, &asking, good, *units).await? {
                            Asked::Brought(day) => Answer::Brought(day),
                            Asked::Unknown => Answer::Unknown,
                            Asked::Most(most) => Answer::Most(most),
                            Asked::Left(left) => Answer::Left(left),
                        },
                    }
                }
            };
            answers.push((good.clone(), answer));
        }
        if let Some((date, item, here)) = wish.parcel {
            let named = tx.parcels_by_key(&[(household.clone(), date, item)]).await?.pop();
            let answer = match named {
                None => Answer::Unknown,
                Some(parcel) => {
                    let step = if here { DoorStep::Here } else { DoorStep::NotHere };
                    // of what nobody says is there it is known that it is not
                    if here || parcel.delivered_at.is_some() {
                        let what =
                            AtDoor { step, at: counter.now, account: PUBLIC, proof: None, said: None, reason: None };
                        told(&mut tx, &mut minutes, &parcel, what).await?;
                    }
                    Answer::Noted
                }
            };
            answers.push((String::new(), answer));
        }
        minutes.hand_in(&mut tx).await?;
    }
    let mut larder = Larder {
        today: day.zone.day(counter.now),
        date: day.date,
        bound_at,
        parcels: Vec::new(),
        wanted: Vec::new(),
        expected: tx.expected_at(&household).await?,
        goods: Vec::new(),
        household,
    };
    for date in [-1, 0, 1].map(|days| larder.date.plus_days(days)) {
        larder.parcels.extend(tx.parcels_to(date, &[&larder.household]).await?);
        larder.wanted.extend(tx.wanted_by(&larder.household, date).await?);
    }
    if let Some(division) = &larder.bound_at {
        larder.goods = offered(&mut tx, &larder.household, division).await?;
    }
    if acts {
        tx.commit().await?;
    }
    Ok(Some((larder, answers)))
}

/// Goods that are for everybody, and for a need that somebody of the household has.
async fn offered(tx: &mut Scoped, household: &str, division: &DivisionCode) -> Result<Vec<Good>, OpsError> {
    let people = tx.people_of_households(&[household]).await?;
    let needs: BTreeSet<_> = people.iter().flat_map(|person| person.needs.iter().copied()).collect();
    let mut goods = tx.goods_for(division).await?;
    goods.retain(|good| good.need.is_none_or(|need| needs.contains(&need)));
    Ok(goods)
}
