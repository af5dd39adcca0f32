//! A bar code that was given to two tubes (F24): the second tube is refused, and it is known of the first from then on. It
//! guarantees that this outlives the refusal, so that nobody in either tube is told "negative" by a result of that code.

use super::{Named, at_once, open, unreadable};
use crate::{
    OpsError, agenda,
    desk::{DeskError, Doing, again, room},
};
use dayclear_core::schema::{TUBES, Table};
use dayclear_store::Store;

/// Notes what of the refused rows is a second tube under a known bar code.
pub(crate) async fn note(store: &Store, doing: &Doing<'_>, text: &[u8]) -> Result<(), DeskError> {
    let mut tries = 0;
    loop {
        match attempt(store, doing, text).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn attempt(store: &Store, doing: &Doing<'_>, text: &[u8]) -> Result<(), DeskError> {
    let table: &'static Table = &TUBES;
    let mut tx = store.turn(&doing.looker.scope()).await?;
    let room = room(&mut tx, doing).await?;
    let named = Named::read(table, table.name, text, room.day.zone)?;
    tx.widen(&room.city);
    let (mut rows, mut news) = (open(table, table.name, text, room.day.zone)?, false);
    let columns = ["tube", "division", "collected_at"].map(|name| table.position(name));
    let [Some(tube), Some(division), Some(at)] = columns else {
        return Err(OpsError::Inside("a tube has no code, no place or no time".to_owned()).into());
    };
    let own = doing.looker.duty.division.as_str();
    while let Some(row) = rows.next_row().map_err(unreadable)? {
        let Ok(row) = row else { continue };
        if let (Some(tube), Some(division), Some(at)) = (row.text(tube), row.text(division), row.moment(at))
            && division.starts_with(own)
        {
            news |= tx.note_doubled(tube.into(), division.into(), at.into()).await?;
        }
    }
    if !news {
        return Ok(());
    }
    at_once(&mut tx, &room, table, &named).await?;
    agenda::took(&mut tx, &room.day, table, &named).await?;
    Ok(tx.commit().await?)
}
