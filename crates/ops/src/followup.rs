//! Follow-up of contacts: whoever the rules leave at home, or ask after, is spoken to every day until the last day that counts
//! from their last exposure. It uses the pure rule of core and the log of asking; it guarantees one item for each person and day,
//! that symptoms open a test, that the second missed day goes to the district, and that every end is written down with its reason.
//! What somebody tells here binds nobody.

use crate::{
    OpsError,
    measures::facts,
    minutes::{Close, Day, Minutes, by_department, by_division, by_site},
    same::Same,
};
use dayclear_core::{
    books::{Owner, Worklist},
    followup::{
        Asked, Exposed, Facts, FollowAnswer, FollowState, MISSED_TO_DISTRICT_DAYS, Span, Standing, Teams, spans,
    },
    measures::OrderKind,
    roster::Known,
    time::{CivilDate, Instant},
};
use dayclear_store::{
    Scoped,
    books::Entry,
    cases::Case,
    followup::{FollowUp, Followed},
    roster::Resident,
    tracing::Contact,
};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// Whoever told of symptoms has a day to be sampled, whenever that was.
const TEST_AFTER_SYMPTOMS_HOURS: i64 = 24;

/// Works out the follow-ups of some people, or of all who are followed or were listed of late, and posts what waits today.
/// `begins`: a day has begun, and what nobody did on the days before is ended.
pub async fn run(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    people: Option<&[i64]>,
    begins: bool,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let numbers: BTreeSet<i64> = match people {
        Some(people) => people.iter().copied().collect(),
        None => {
            let listed = tx.contacts_since(day.look_back()).await?;
            let asked = tx.people_asked_since(day.look_back()).await?;
            let listed = listed.iter().map(|contact| contact.person_no);
            listed.chain(tx.people_followed().await?).chain(asked).collect()
        }
    };
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let same = Same::among(tx, &numbers).await?;
    let numbers: Vec<i64> = same.whole(numbers).into_iter().collect();
    let mut room = Room::of(tx, day, &numbers, same).await?;
    let mut kept = Vec::new();
    for resident in std::mem::take(&mut room.residents) {
        kept.extend(room.person(minutes, &resident)?);
    }
    tx.keep_followed(&kept).await?;
    tx.drop_followed(&room.dropped).await?;
    let stale =
        if begins || people.is_none() { tx.open_before(Worklist::Follow, day.start).await? } else { Vec::new() };
    room.end_items(tx, minutes, stale).await
}

/// What is known of the people looked at; of those who are one under all their ids, with who stands for them.
struct Room {
    same: Same,
    residents: Vec<Resident>,
    contacts: HashMap<i64, Vec<Contact>>,
    cases: HashMap<i64, Vec<Case>>,
    withdrawn: BTreeSet<String>,
    told: HashMap<String, Vec<FollowUp>>,
    sampled: HashMap<i64, Vec<Instant>>,
    before: HashMap<i64, Vec<Followed>>,
    teams: Teams,
    /// Subjects of today's items that may be open though their follow-up has ended.
    ended_today: Vec<String>,
    /// Follow-ups that rest on nothing of the person's own.
    dropped: Vec<String>,
}

impl Room {
    async fn of(tx: &mut Scoped, day: &Day<'_>, numbers: &[i64], same: Same) -> Result<Room, OpsError> {
        let mut contacts: HashMap<i64, Vec<Contact>> = HashMap::new();
        for contact in tx.contacts_of_people(numbers).await? {
            contacts.entry(same.who(contact.person_no)).or_default().push(contact);
        }
        let mut before: HashMap<i64, Vec<Followed>> = HashMap::new();
        for followed in tx.followed_of(numbers).await? {
            before.entry(followed.person_no).or_default().push(followed);
        }
        let ids: BTreeSet<&str> = contacts.values().flatten().map(|contact| contact.case_id.as_str()).collect();
        let exposing = tx.cases_by_id(&ids.into_iter().collect::<Vec<_>>()).await?;
        let withdrawn = exposing.into_iter().filter(|case| case.is_withdrawn()).map(|case| case.id).collect();
        let mut cases: HashMap<i64, Vec<Case>> = HashMap::new();
        for case in tx.cases_of(numbers).await?.into_iter().filter(|case| !case.is_withdrawn()) {
            cases.entry(same.who(case.person_no)).or_default().push(case);
        }
        let residents = tx.people_by_no(numbers).await?;
        let names: Vec<&str> = residents.iter().map(|person| person.person.as_str()).collect();
        let mut told: HashMap<String, Vec<FollowUp>> = HashMap::new();
        for row in tx.follow_ups_of(&names, day.end).await? {
            told.entry(same.id(&row.person).to_owned()).or_default().push(row);
        }
        told.values_mut().for_each(|rows| rows.sort_by_key(|row| row.at));
        let mut sampled: HashMap<i64, Vec<Instant>> = HashMap::new();
        for (no, at) in tx.sampled_at(numbers, day.end).await? {
            sampled.entry(same.who(no)).or_default().extend(at);
        }
        sampled.values_mut().for_each(|at| at.sort_unstable());
        let (teams, load) = tx.teams().await?;
        let teams = Teams::new(teams, load);
        Ok(Room {
            same,
            residents,
            contacts,
            cases,
            withdrawn,
            told,
            sampled,
            before,
            teams,
            ended_today: Vec::new(),
            dropped: Vec::new(),
        })
    }

    /// Follow-ups of a person as they stand now, where that has changed; with their items and events.
    fn person(&mut self, minutes: &mut Minutes<'_>, person: &Resident) -> Result<Vec<Followed>, OpsError> {
        let day = minutes.day;
        let contacts = self.contacts.remove(&person.no).unwrap_or_default();
        let told = self.told.get(self.same.id(&person.person)).cloned().unwrap_or_default();
        let sampled = self.sampled.get(&self.same.who(person.no)).cloned().unwrap_or_default();
        let asked: Vec<Asked> = told
            .iter()
            .map(|row| Asked {
                on: day.zone.day(row.at),
                answer: row.answer,
                symptoms: row.symptoms,
                tested_since: sampled.last().is_some_and(|at| *at >= row.at),
            })
            .collect();
        let exposures: Vec<(Exposed, String)> =
            contacts.iter().filter_map(|contact| self.exposed(day, contact, person)).collect();
        let only: Vec<Exposed> = exposures.iter().map(|(exposed, _)| exposed.clone()).collect();
        let mut before = self.before.remove(&person.no).unwrap_or_default();
        let mut all = Vec::new();
        for mut span in spans(&only) {
            let known = before.iter().position(|f| f.listed_on <= span.until && span.listed_on <= f.until_day);
            let known = known.map(|at| before.remove(at));
            if let Some(known) = known.as_ref().filter(|known| known.ended.is_none()) {
                // rules that became shorter end it now, and not on a day on which somebody asked by the old ones
                span.until = span.until.max(known.until_day.min(day.date.plus_days(-1)));
            }
            let case_on = self.case_of(day, person.no, span.listed_on);
            let standing = Facts { span, asked: &asked, case_on, today: day.date }.standing();
            let reason = exposures.iter().filter(|(e, _)| e.stands).max_by_key(|(e, _)| (e.until, e.last));
            let reason = reason.map(|(_, reason)| reason.clone()).unwrap_or_default();
            all.push((known, span, standing, reason));
        }
        let mut kept = Vec::new();
        for (known, span, standing, reason) in all {
            let now = self.kept(person, known.as_ref(), span, standing, reason);
            self.post(minutes, person, &told, &now, known.as_ref())?;
            if known.as_ref() != Some(&now) {
                kept.push(now);
            }
        }
        // what stands on no exposure any more: the cases were withdrawn
        // nobody was exposed under this id: another one was taken for the same person, and is not
        let of_another = contacts.is_empty() && !self.same.is_merged(person.no);
        for mut gone in before {
            if gone.ended.is_some() {
                self.dropped.extend(Some(gone.id).filter(|_| of_another));
                continue;
            }
            let was = gone.clone();
            (gone.state, gone.due) = (FollowState::Withdrawn, false);
            let why = match self.same.is_merged(person.no) {
                true => format!("asked after as {}, who is the same person", self.same.id(&person.person)),
                false if of_another => "the exposures were those of another person".to_owned(),
                false => "every case to which the person was exposed was withdrawn".to_owned(),
            };
            gone.ended = Some((day.date, why));
            self.post(minutes, person, &told, &gone, Some(&was))?;
            if of_another {
                self.dropped.push(gone.id);
                continue;
            }
            kept.push(gone);
        }
        // what was told is tested under the id under which it was told
        let own: Vec<FollowUp> = told.into_iter().filter(|row| row.person == person.person).collect();
        symptoms(minutes, person, &own, &sampled);
        Ok(kept)
    }

    fn case_of(&self, day: &Day<'_>, person: i64, listed_on: CivilDate) -> Option<CivilDate> {
        let found = self.cases.get(&person).into_iter().flatten().map(|case| day.zone.day(case.found_at));
        found.filter(|on| *on >= listed_on && *on <= day.date).min()
    }

    /// What an exposure asks: from the first to the last day on which the plan leaves the person at home or has them checked.
    fn exposed(&self, day: &Day<'_>, contact: &Contact, person: &Resident) -> Option<(Exposed, String)> {
        let phases = day.pack.contact_plan(&facts(day, contact, person));
        let asked: Vec<_> =
            phases.iter().filter(|phase| phase.value.checks_per_day > 0 || at_home(phase.value.kind)).collect();
        let from = asked.iter().map(|phase| phase.value.from).min()?;
        let last = asked.iter().max_by_key(|phase| phase.value.until)?;
        let exposed = Exposed {
            listed_on: day.zone.day(contact.listed_at),
            last: contact.last_exposure,
            from,
            until: last.value.until,
            stands: !self.withdrawn.contains(&contact.case_id),
        };
        Some((exposed, json!([last.reason]).to_string()))
    }

    fn kept(
        &mut self,
        person: &Resident,
        known: Option<&Followed>,
        span: Span,
        standing: Standing,
        reason: String,
    ) -> Followed {
        let team = match standing.state.is_over() {
            true => known.and_then(|known| known.team.clone()),
            false => self.teams.give(&person.division, known.and_then(|known| known.team.as_deref())),
        };
        Followed {
            id: known.map_or_else(|| format!("F-{}-{}", person.person, span.listed_on), |known| known.id.clone()),
            person: person.person.clone(),
            person_no: person.no,
            division: person.division.clone(),
            listed_on: span.listed_on,
            from_day: span.from,
            until_day: span.until,
            last_exposure: span.last_exposure,
            exposures: span.exposures as i64,
            team,
            state: standing.state,
            seen: standing.seen,
            missed: standing.missed,
            missed_running: standing.missed_running,
            last_seen: standing.last_seen,
            due: standing.due,
            ended: standing.ended_on.map(|on| (on, why(&standing, span))),
            reason,
        }
    }

    /// The item of the day, and what has changed.
    fn post(
        &mut self,
        minutes: &mut Minutes<'_>,
        person: &Resident,
        told: &[FollowUp],
        now: &Followed,
        was: Option<&Followed>,
    ) -> Result<(), OpsError> {
        let day = minutes.day;
        let subject = format!("{}/{}", day.date, person.person);
        let today = (now.from_day..=now.until_day).contains(&day.date);
        if now.ended.is_some() {
            self.ended_today.push(subject);
        } else if today {
            let since = day.start.max(day.zone.start_of(now.from_day));
            let reason = match now.missed_running {
                0 => format!("until the end of {}: nobody spoke to them today", now.until_day),
                missed => format!("until the end of {}: reached by nobody on {missed} days running", now.until_day),
            };
            let item = minutes.waits(Worklist::Follow, subject, &person.division, owner(person, now), since, reason);
            item.due_at = Some(day.until);
            let mut of_today = told.iter().filter(|row| day.zone.day(row.at) == day.date);
            if let Some(reached) = of_today.clone().find(|row| row.answer == FollowAnswer::Reached) {
                item.done(reached.at, "spoken to");
            } else if let Some(refused) = of_today.find(|row| row.answer == FollowAnswer::Refused) {
                item.cancelled(refused.at, "does not wish to be asked; asked again tomorrow");
            }
        }
        let body = json!({"person": now.person, "from": now.from_day, "until": now.until_day, "state": now.state,
            "last_exposure": now.last_exposure, "missed_running": now.missed_running,
            "on": now.ended.as_ref().map(|(on, _)| on), "why": now.ended.as_ref().map(|(_, why)| why)});
        let state = was.map(|was| was.state);
        let (kind, tells) = match (was, now.state) {
            (Some(was), state) if was.state == state && was.until_day == now.until_day => return Ok(()),
            (_, state) if state.is_over() => ("follow.ended", Some("follow-up-ended")),
            (None, _) => ("follow.began", None),
            (_, FollowState::Missed | FollowState::Lost) if state != Some(now.state) => {
                ("follow.missed", Some("escalation"))
            }
            (_, FollowState::Symptoms) if state != Some(now.state) => ("follow.symptoms", None),
            (Some(was), _) if was.until_day != now.until_day => ("follow.moved", None),
            _ => return Ok(()),
        };
        minutes.event(day.end, kind, &now.id, &now.division, &body, tells)
    }

    /// Ends the items of days that are over, and today's of follow-ups that have ended.
    async fn end_items(self, tx: &mut Scoped, minutes: &mut Minutes<'_>, mut open: Vec<Entry>) -> Result<(), OpsError> {
        let day = minutes.day;
        let subjects: Vec<&str> = self.ended_today.iter().map(String::as_str).collect();
        open.extend(tx.open_of(Worklist::Follow, &subjects).await?);
        let mut ended = BTreeSet::new();
        for item in open.into_iter().filter(|item| ended.insert(item.subject.clone())) {
            let Some((on, person)) = item.subject.split_once('/').map(|(on, who)| (on.to_owned(), who.to_owned()))
            else {
                continue;
            };
            let Ok(on) = on.parse::<CivilDate>() else { continue };
            let rows = self.told.get(self.same.id(&person));
            let reached = rows
                .into_iter()
                .flatten()
                .find(|row| row.answer == FollowAnswer::Reached && day.zone.day(row.at) == on);
            let over = day.zone.start_of(on.plus_days(1)).min(day.end);
            let item = minutes.known(item);
            match reached {
                // told after the day was over
                Some(reached) => item.done(reached.at.min(day.end), "spoken to"),
                None if on < day.date => item.cancelled(over, "missed: the day is over, and nobody spoke to them"),
                None => item.cancelled(day.end, "the follow-up has ended"),
            };
        }
        Ok(())
    }
}

/// Whether an order of this kind leaves somebody at home, where nobody sees them but who asks.
fn at_home(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::HomeIsolation | OrderKind::HomeMonitoring | OrderKind::SymptomWatch | OrderKind::Exclusion
    )
}

/// Who asks: the team; the community where no team has room; the district once somebody was missed twice.
fn owner(person: &Resident, followed: &Followed) -> Owner {
    match &followed.team {
        _ if followed.missed_running >= MISSED_TO_DISTRICT_DAYS => by_division(&person.division.district()),
        Some(team) => by_department(team),
        None => by_division(&person.division),
    }
}

fn why(standing: &Standing, span: Span) -> String {
    let days = span.until.days_since(span.from) + 1;
    match standing.state {
        FollowState::BecameCase => "became a case".to_owned(),
        FollowState::Completed => format!("its last day is over; spoken to on {} of {days} days", standing.seen),
        _ => format!(
            "its last day is over, and nobody spoke to them on it; spoken to on {} of {days} days",
            standing.seen
        ),
    }
}

/// Symptoms open a test, once until a swab is taken. It is no order: nobody is bound by what they tell.
fn symptoms(minutes: &mut Minutes<'_>, person: &Resident, told: &[FollowUp], sampled: &[Instant]) {
    let day = minutes.day;
    let mut waiting: Option<Instant> = None;
    for row in told.iter().filter(|row| row.symptoms == Known::Yes && row.at >= day.look_back()) {
        let swab = |since: Instant| sampled.iter().find(|at| **at >= since).copied();
        if waiting.is_some_and(|since| swab(since).is_none_or(|at| at >= row.at)) {
            continue;
        }
        waiting = Some(row.at);
        let item = minutes.waits(
            Worklist::Retest,
            format!("symptoms/{}/{}", day.zone.day(row.at), person.person),
            &person.division,
            by_site(person.division.as_str()),
            row.at,
            "symptoms were told: a test, and nothing else follows before it",
        );
        item.due_at = Some(row.at.plus_hours(TEST_AFTER_SYMPTOMS_HOURS));
        if let Some(at) = swab(row.at) {
            item.done(at, "sampled");
        }
    }
}
