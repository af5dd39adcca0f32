//! Bulletins: drafted by whoever closes the day or corrects one, approved by two others, published under their permanent address, and
//! corrected by a new edition that says what it corrects. What was published is never written over, and what does not add up does
//! not go out.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use dayclear_core::{
    bulletin::{Bulletin, Deed, Hindrance, Standing},
    listing::{BULLETINS, Cell, Row},
    time::CivilDate,
};
use serde_json::json;

/// Day and edition of a record.
fn named(row: Option<&Row>) -> Option<(CivilDate, i64)> {
    let row = row?;
    match (row.get(&BULLETINS, "day"), row.get(&BULLETINS, "edition")) {
        (Cell::Day(day), Cell::Whole(edition)) => Some((*day, *edition)),
        _ => None,
    }
}

fn hindered(why: Hindrance) -> Verdict {
    match why {
        Hindrance::OwnDraft => stands("drafted by yourself", "two others approve it"),
        Hindrance::TooFewApprovals => stands(
            "not approved by two others than whoever drafted it",
            "ask them to look at the preview and approve it",
        ),
        Hindrance::Out => stands("out, or a later edition of its day is", "correct that one by another edition"),
    }
}

/// Why figures do not go out: the first sum that does not hold, with both of its sides.
fn wrong(bulletin: &Bulletin) -> Option<Verdict> {
    let check = bulletin.wrong()?;
    let (total, parts) = (check.total, check.parts.unwrap_or_default());
    let is = format!("not in balance: {}: {total}, and its parts make {parts} ({:+})", check.name, parts - total);
    Some(stands(is, "run the check of the store (`dayclear verify`), and correct what it names"))
}

pub(super) async fn approve(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    each(at, keys, Said::Approve).await
}

pub(super) async fn publish(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    each(at, keys, Said::Publish).await
}

/// What is said of an edition.
#[derive(Clone, Copy)]
enum Said {
    Approve,
    Publish,
}

impl Said {
    fn may(self, standing: &Standing, account: &str) -> Deed {
        match self {
            Said::Approve => standing.approve(account),
            Said::Publish => standing.publish(),
        }
    }
}

async fn each(at: &mut Sitting<'_, '_>, keys: &[&str], said: Said) -> Result<Report, DeskError> {
    let rows = at.tx.records(&BULLETINS, keys).await?;
    at.for_the_city();
    let account = at.account();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match named(rows.get(*key)) {
            None => Verdict::Refused(Refusal::Unknown),
            Some((day, edition)) => match at.tx.edition_standing(day, edition).await? {
                None => Verdict::Refused(Refusal::Unknown),
                Some((standing, bulletin)) => match (said.may(&standing, account), wrong(&bulletin)) {
                    (Deed::Same, _) => Verdict::Same,
                    (Deed::Not(why), _) => hindered(why),
                    (Deed::Goes, Some(wrong)) => wrong,
                    (Deed::Goes, None) => {
                        let (now, city) = (at.doing.now, at.room.city.division());
                        let body = json!({"day": day, "edition": edition, "approved_by": standing.approved_by});
                        match said {
                            Said::Approve => {
                                at.tx.approve_bulletin(day, edition, now, account).await?;
                                minutes.event(now, "bulletin.approved", *key, city, &body, None)?;
                            }
                            Said::Publish => {
                                at.tx.publish_bulletin(day, edition, now, account).await?;
                                minutes.event(now, "bulletin.published", *key, city, &body, Some("bulletin"))?;
                            }
                        }
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

pub(super) async fn correct(at: &mut Sitting<'_, '_>) -> Result<Report, DeskError> {
    let day: CivilDate = match at.input.get("day") {
        Some(Cell::Day(day)) => *day,
        _ => return Err(Refusal::Unknown.into()),
    };
    at.for_the_city();
    let Some(bulletin) = at.tx.bulletin(day).await? else { return Err(Refusal::Unknown.into()) };
    let (correction, account) = (at.text("correction").to_owned(), at.account().to_owned());
    let Some((edition, last)) = at.tx.correct_bulletin(&bulletin, &correction, &account).await? else {
        return Err(Refusal::Unknown.into());
    };
    let key = format!("{day}:{edition}");
    let mut minutes = at.minutes();
    let body = json!({"day": day, "edition": edition, "supersedes": last, "correction": correction});
    minutes.event(at.doing.now, "bulletin.corrected", &key, at.room.city.division(), &body, None)?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::made(key))
}
