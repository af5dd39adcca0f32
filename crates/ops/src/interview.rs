//! The guided interview of a case: the days that the pack asks for, the household that is filled in already, and who may have been near
//! by rosters that are lawfully held. It may use the store's rosters and the rules; it guarantees that it writes nothing, so nobody is
//! a contact by being suggested, that it starts from a case and from nothing else, and that it names few or nobody.

use crate::{OpsError, called::Called, investigation, minutes::Day, tracing::windows_decided};
use dayclear_core::{
    access::mask,
    interview::{Answered, Question, Standing, current},
    protocol::Window,
    reason::Decided,
    time::CivilDate,
    tracing::{CIRCLE_MAX, Circle},
};
use dayclear_store::{Scoped, cases::Case, interview::Near, tracing::Visit};

/// Days that are asked after at most: where somebody was last tested long ago, nobody remembers more (R).
pub const DAYS_MAX: usize = 21;

/// Somebody whom a tracer may ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// Person.
    pub person: String,
    /// The name as far as it tells two people apart: whoever is not confirmed is not named.
    pub name: Option<String>,
    /// Door, of neighbours.
    pub door: Option<String>,
    /// First and last day on which they may have met the case.
    pub days: (CivilDate, CivilDate),
}

/// People who have one thing in common with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// What kind of thing.
    pub circle: Circle,
    /// The thing: unit, tube, trip, list.
    pub by: String,
    /// Who; nobody where there are more than [`CIRCLE_MAX`].
    pub people: Vec<Companion>,
    /// Whether there are more than may be named.
    pub too_many: bool,
}

/// What an interview begins with.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The window, with its clause.
    pub window: Decided<Window>,
    /// The days of the window up to the finding, the last one first; none where the case met nobody in time.
    pub days: Vec<CivilDate>,
    /// Whether earlier days of the window are left out.
    pub cut: bool,
    /// Stays of the case that are known.
    pub visits: Vec<Visit>,
    /// Who may have been near, those of the household excepted: they are contacts already.
    pub suggested: Vec<Suggested>,
    /// Questions that are put, each with what was answered last, if it has room in the question as it is put now.
    pub questions: Vec<(Question, Option<Answered>)>,
    /// How far the interview has come by them.
    pub standing: Standing,
}

/// What an interview of a case begins with, for a handle of the duty that asks. The case was looked up by that duty.
pub async fn sheet(tx: &mut Scoped, day: &Day<'_>, case: &Case) -> Result<Option<Sheet>, OpsError> {
    let Some(mut sheet) = questions(tx, day, case).await? else { return Ok(None) };
    if let (Some(first), Some(last)) = (sheet.days.last(), sheet.days.first()) {
        sheet.suggested = suggested(tx, day, case, (*first, *last)).await?;
    }
    Ok(Some(sheet))
}

/// The same without anybody whom a roster suggests: what is taken along where there is no network.
pub async fn questions(tx: &mut Scoped, day: &Day<'_>, case: &Case) -> Result<Option<Sheet>, OpsError> {
    let mut windows = windows_decided(tx, day, std::slice::from_ref(case)).await?;
    let Some((window, until)) = windows.remove(&case.id) else { return Ok(None) };
    let from = window.value.from;
    let length = if window.value.is_empty() { 0 } else { until.days_since(from) + 1 };
    let days: Vec<CivilDate> = (0..length.max(0)).map(|n| until.plus_days(-n)).take(DAYS_MAX).collect();
    let called = Called::of(tx, std::slice::from_ref(case)).await?;
    let mut visits = tx.visits_of(&called.ids()).await?;
    visits.retain(|visit| days.contains(&day.zone.day(visit.from)) || days.contains(&day.zone.day(visit.to)));
    visits.sort_by_key(|visit| (visit.from, visit.to));
    let cut = length > days.len() as i64;
    let said = investigation::answered(tx, std::slice::from_ref(case)).await?.remove(&case.id).unwrap_or_default();
    let all = investigation::put_to(&tx.questions().await?, day, &case.division);
    let standing = Standing::of(&all, &said);
    let last = |question: &Question| {
        let theirs = said.iter().filter(|answer| answer.question == question.id);
        theirs.max_by_key(|answer| (answer.at, answer.version)).filter(|answer| question.takes(&answer.answer)).cloned()
    };
    let questions = current(&all).into_iter().map(|question| (question.clone(), last(question))).collect();
    Ok(Some(Sheet { window, days, cut, visits, suggested: Vec::new(), questions, standing }))
}

async fn suggested(
    tx: &mut Scoped,
    day: &Day<'_>,
    case: &Case,
    days: (CivilDate, CivilDate),
) -> Result<Vec<Suggested>, OpsError> {
    let listed: Vec<String> = tx.contacts_of(&[&case.id]).await?.into_iter().map(|contact| contact.person).collect();
    let (from, to) = (day.zone.start_of(days.0), day.zone.start_of(days.1.plus_days(1)));
    // one more of each thing than may be named tells that there are too many of it
    let most = CIRCLE_MAX + 1;
    let found = [
        (Circle::Unit, tx.neighbours_of(case.person_no, most).await?),
        (Circle::Tube, tx.tube_mates_of(case.person_no, from, to, most).await?),
        (Circle::Trip, tx.ride_mates_of(&case.person, from, to, most).await?),
        (Circle::Place, tx.found_with(&case.id, most).await?),
        (Circle::List, tx.list_mates_of(case.person_no, days.0, most).await?),
    ];
    let mut all = Vec::new();
    for (circle, near) in found {
        let too_many = near.len() > CIRCLE_MAX;
        let mut things: Vec<Suggested> = Vec::new();
        for one in near {
            if things.last().is_none_or(|last| last.by != one.by) {
                things.push(Suggested { circle, by: one.by.clone(), people: Vec::new(), too_many });
            }
            let Some(thing) = things.last_mut().filter(|_| !too_many && !listed.contains(&one.person)) else {
                continue;
            };
            thing.people.push(companion(day, one, days));
        }
        things.retain(|thing| thing.too_many || !thing.people.is_empty());
        all.extend(things);
    }
    Ok(all)
}

fn companion(day: &Day<'_>, near: Near, days: (CivilDate, CivilDate)) -> Companion {
    let days = near.at.map_or(days, |at| (day.zone.day(at), day.zone.day(at)));
    Companion { person: near.person, name: near.name.as_deref().map(mask), door: near.door, days }
}
