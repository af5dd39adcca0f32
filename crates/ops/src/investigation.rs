//! The clocks of an investigation: somebody is with the case, the core facts are there, the report is whole. Each is an item that opens
//! with the case and ends by what was filled in; which questions are put follows from the pack and from what districts added. It may use
//! the store's questions and answers; it guarantees that nothing which was asked or answered is lost when a question changes.

use crate::{
    OpsError,
    called::Called,
    minutes::{Close, Day, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    interview::{Answered, Question, Standing},
    time::Instant,
};
use dayclear_store::{Scoped, books::Entry, cases::Case, questions::Kept};
use std::collections::HashMap;

/// Worklists of the clocks, in the order in which they end.
pub const CLOCKS: [Worklist; 3] = [Worklist::Reach, Worklist::Facts, Worklist::Investigate];

/// Keeps the questions of the pack in force, so that their versions outlast it.
pub(crate) async fn keep(tx: &mut Scoped, day: &Day<'_>, city: &DivisionCode) -> Result<(), OpsError> {
    let known = tx.questions().await?;
    let fresh: Vec<Kept> = day
        .pack
        .questions()
        .iter()
        .filter(|one| !known.iter().any(|kept| kept.question.id == one.id && kept.question.version == one.version))
        .map(|one| Kept { division: city.clone(), disease: Some(day.pack.disease.clone()), question: one.clone() })
        .collect();
    if !fresh.is_empty() {
        tx.keep_questions(&fresh).await?;
    }
    Ok(())
}

/// Every version of the questions that are put to cases of a division: what was kept, and what the pack puts that nobody kept yet.
pub fn put_to(kept: &[Kept], day: &Day<'_>, division: &DivisionCode) -> Vec<Question> {
    let ours = |kept: &&Kept| {
        division.as_str().starts_with(kept.division.as_str())
            && kept.disease.as_ref().is_none_or(|disease| disease == &day.pack.disease)
    };
    let mut all: Vec<Question> = kept.iter().filter(ours).map(|kept| kept.question.clone()).collect();
    for question in day.pack.questions() {
        if !kept.iter().any(|kept| kept.question.id == question.id && kept.question.version == question.version) {
            all.push(question.clone());
        }
    }
    all
}

/// What the people of these cases answered since the case was sampled, by case.
pub async fn answered(tx: &mut Scoped, cases: &[Case]) -> Result<HashMap<String, Vec<Answered>>, OpsError> {
    let called = Called::of(tx, cases).await?;
    let mut said: HashMap<String, Vec<Answered>> = HashMap::new();
    for (person, answer) in tx.answers_of(&called.ids()).await? {
        said.entry(called.stands(&person).to_owned()).or_default().push(answer);
    }
    let of = |case: &Case| {
        let theirs = said.get(&case.person).into_iter().flatten();
        (case.id.clone(), theirs.filter(|answer| answer.at >= case.sampled_at).cloned().collect())
    };
    Ok(cases.iter().map(of).collect())
}

/// Three items wait with every case until somebody has spoken to it.
pub fn opens(minutes: &mut Minutes<'_>, case: &Case) {
    enter(minutes, case, [None; 3]);
}

/// Enters the items of a case; those that have ended with when and why.
fn enter(minutes: &mut Minutes<'_>, case: &Case, ended: [Option<(Instant, &str)>; 3]) {
    const WAITING: [&str; 3] = [
        "nobody has reached the person yet",
        "core facts are missing: the interview says which",
        "no interview recorded: only the household is listed",
    ];
    for ((worklist, waiting), ended) in CLOCKS.into_iter().zip(WAITING).zip(ended) {
        let owner = by_division(&case.division.district());
        let item = minutes.waits(worklist, &case.id, &case.division, owner, case.found_at, waiting);
        if let Some((at, why)) = ended {
            item.done(at, why);
        }
    }
}

/// How far the investigation of a case has come: its items are entered, and those end for which enough was filled in.
///
/// Where an interview is kept as answers, the report is whole when every required question has one and contacts are listed. Where it
/// comes as a list of contacts and nothing else, as other systems hand it over, that list is the report.
pub(crate) fn stands(minutes: &mut Minutes<'_>, case: &Case, standing: &Standing, listed: bool) {
    let end = minutes.day.end;
    if listed && standing.reached.is_none() {
        // a list bears no time: it was there before the deadline, unless that lies ahead
        let ended = CLOCKS.map(|worklist| {
            let due = minutes.day.due(worklist, case.found_at).unwrap_or(end);
            Some((end.min(due), "interview recorded, contacts listed"))
        });
        return enter(minutes, case, ended);
    }
    let at = |at: Option<Instant>, why| at.map(|at| (at.min(end), why));
    let whole = standing.answered.filter(|_| listed);
    let ended = [
        at(standing.reached, "reached: the interview has begun"),
        at(standing.facts, "every core question is answered"),
        at(whole, "questions answered, contacts listed"),
    ];
    enter(minutes, case, ended);
}

/// Somebody settles the report of a case: what it is made of needs no further clock.
pub(crate) fn settled(minutes: &mut Minutes<'_>, report: &Entry) {
    let Some((at, how)) = report.closed.filter(|_| report.worklist == Worklist::Investigate) else { return };
    for worklist in [Worklist::Reach, Worklist::Facts] {
        let item = minutes.waits(
            worklist,
            report.subject.clone(),
            &report.division,
            report.owner.clone(),
            report.opened_at,
            "",
        );
        item.closed = Some((at, how));
        item.reason.clone_from(&report.reason);
    }
}
