//! Who may decide an appeal, and so hears what was said in it (R06): somebody of another unit than the one that ordered, who neither filed
//! it nor took part in what it is about, or a reviewer from outside. It may use the store. It guarantees that the desk and the one place
//! that hides fields ask the same question, so that nobody decides unheard and nobody else reads the words.

use crate::listing::Looker;
use dayclear_core::{
    access::{Role, Sees},
    command::Command,
    listing::{Listing, Row},
    measures::AppealState,
    time::Instant,
};
use dayclear_store::{Scoped, StoreError, appeals::Appeal};

/// Why this looker may not decide the appeal: they filed it, they serve where the order was given, or they asked for or allowed the area.
/// `now`: of which moment duties are looked at; `None`: of every one.
pub(crate) async fn partial(
    tx: &mut Scoped,
    looker: &Looker,
    now: Option<Instant>,
    appeal: &Appeal,
) -> Result<Option<&'static str>, StoreError> {
    let own = |account: &str| account == looker.account;
    if own(&appeal.filed_by) {
        return Ok(Some("filed by yourself"));
    }
    if looker.duty.role == Role::Reviewer {
        // whoever comes from outside serves nowhere inside
        let held = tx.duties_of(&[&looker.account]).await?;
        let inside = held.into_iter().any(|held| {
            held.duty.role != Role::Reviewer && held.until.is_none_or(|until| now.is_none_or(|now| until > now))
        });
        return Ok(inside.then_some("from outside, and you serve inside as well"));
    }
    // the command of a city has the whole of it
    if looker.duty.division.district() == appeal.division.district() && looker.duty.role != Role::CityCommand {
        return Ok(Some("about an order of your own unit"));
    }
    let zone = tx.zones_by_id(&[&appeal.subject]).await?.into_iter().next();
    let mut extensions = tx.extensions_of(&[&appeal.subject]).await?;
    if let Some(allowed) = zone.and_then(|zone| zone.allowed) {
        extensions.extend(tx.extensions_by_id(&[&allowed]).await?);
    }
    let took_part = extensions
        .iter()
        .any(|one| own(&one.asked_by) || one.decided.as_ref().is_some_and(|(decided_by, ..)| own(decided_by)));
    Ok(took_part.then_some("about an area that you asked for or allowed"))
}

/// Why a looker sees a row: of a list of what is said against decisions, whether it is for them to decide about this one. Who decided
/// one reads what they decided about.
pub(crate) async fn sees(
    tx: &mut Scoped,
    looker: &Looker,
    listing: &'static Listing,
    row: &Row,
) -> Result<Sees, StoreError> {
    let decides = Command::on(listing.name).any(|command| command.roles.contains(&looker.duty.role));
    if !listing.is_heard() || !decides {
        return Ok(Sees::OnDuty);
    }
    let text = |name: &str| row.get(listing, name).as_str().unwrap_or_default();
    if text("state") != AppealState::Open.name() {
        return Ok(if text("decided_by") == looker.account { Sees::Hearing } else { Sees::OnDuty });
    }
    let now = tx.moment();
    let Some(appeal) = tx.appeals_by_id(&[text(listing.key)]).await?.pop() else { return Ok(Sees::OnDuty) };
    Ok(if partial(tx, looker, now, &appeal).await?.is_none() { Sees::Hearing } else { Sees::OnDuty })
}
