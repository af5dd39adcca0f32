//! Letters of assistance, played: cases name people who live elsewhere, other jurisdictions name people who live here, and both sides answer
//! after some hours, some of them late. Whom nobody takes over is asked after elsewhere or settled. It knows who was meant, and tells the
//! service what an officer would write down.

use crate::{
    DrillError,
    living::{Living, Of},
    officials::number,
    service::{Row, Service, at, text},
};
use dayclear_core::{
    access::Role,
    letters::{LetterKind, LetterPerson, LetterState, LetterWay},
    schema::ASSISTANCE,
    time::Instant,
    tracing::ContactClass,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where people who are named live, and whence letters come.
const SIDES: [&str; 4] = ["Chengdu", "Guiyang", "Xi'an", "Wuhan"];
/// Minutes after which a letter goes out, and after which we answer for somebody, at most.
const SENT_MIN: u64 = 120;
const LOOKED_MIN: u64 = 600;
/// Hours after which the other side answers, at most: some come after the day that the rules give.
const ANSWER_HOURS: u64 = 30;
/// Minutes after which somebody whom nobody takes over is settled, at most.
const SETTLED_MIN: u64 = 480;
/// Minutes after which a case was asked whom it met elsewhere.
const ASKED_MIN: i64 = 150;
/// Letters that are not sent after all, and people in letters to us who live here: one in so many.
const DROPPED_ONE_IN: u64 = 12;
const UNKNOWN_ONE_IN: u64 = 3;
/// Hour at which letters from elsewhere come in.
const POST_HOUR: u64 = 10;

/// What those who write letters remember.
#[derive(Default)]
pub struct Assistance {
    asked: BTreeSet<String>,
    letters: u64,
    /// Who is meant by somebody in a letter to us, where they live here.
    meant: BTreeMap<String, u32>,
}

impl Assistance {
    /// Everything that is done about letters at the end of some hours.
    pub async fn look(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        hours: &std::ops::RangeInclusive<u64>,
        now: Instant,
    ) -> Result<(), DrillError> {
        let Some(letters) = &living.scenario().letters else { return Ok(()) };
        self.name(service, living, letters.contacts_elsewhere, now).await?;
        if hours.contains(&POST_HOUR) {
            self.come_in(service, living, letters.a_day, now).await?;
        }
        self.go_on(service, living, now).await
    }

    /// Whether so many minutes are over since a moment, by a draw of its own.
    fn is_over(living: &Living, of: &str, since: Option<Instant>, most_min: u64, now: Instant) -> bool {
        let after = 20 + living.chance.below(Of::Pace, number(of) | 1 << 53, most_min) as i64;
        since.is_some_and(|since| now.minutes_since(since) >= after)
    }

    /// Of the cases some have met somebody who lives elsewhere.
    async fn name(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        share: f64,
        now: Instant,
    ) -> Result<(), DrillError> {
        for case in service.rows(Role::DistrictCommand, "cases", "open=true").await? {
            let id = text(&case, "id").to_owned();
            let found = at(&case, "found_at").unwrap_or(now);
            if now.minutes_since(found) < ASKED_MIN || !self.asked.insert(id.clone()) {
                continue;
            }
            let draw = number(&id);
            if living.chance.unit(Of::Named, draw | 1 << 54) >= share {
                continue;
            }
            let day = living.zone.day(at(&case, "sampled_at").unwrap_or(found).min(now));
            let given = json!({
                "side": SIDES[living.chance.below(Of::Named, draw | 1 << 55, SIDES.len() as u64) as usize],
                "name": format!("guest of {}", self.asked.len()), "address": format!("street {}", self.asked.len()),
                "class": ContactClass::CoResident, "first_exposure": day.plus_days(-1), "last_exposure": day,
            });
            service.attempt(Role::DistrictCommand, "cases", "assist", &id, &given).await?;
        }
        Ok(())
    }

    /// Letters from elsewhere: each names somebody, of whom most live here.
    async fn come_in(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        a_day: f64,
        now: Instant,
    ) -> Result<(), DrillError> {
        let today = living.zone.day(now);
        let whole = a_day.floor();
        let more = living.chance.unit(Of::Named, number(&today.to_string()) | 1 << 52) < a_day - whole;
        let mut rows = Vec::new();
        for _ in 0..whole as u64 + u64::from(more) {
            self.letters += 1;
            let (n, letter) = (self.letters, format!("E-{:04}", self.letters));
            let person = living.chance.below(Of::Named, n | 1 << 50, u64::from(living.city.people())) as u32;
            if living.chance.below(Of::Named, n | 1 << 51, UNKNOWN_ONE_IN) > 0 {
                self.meant.insert(format!("{letter}:1"), person);
            }
            rows.push(json!({
                "letter": letter, "entry": "1", "division": living.city.district_code(living.city.district_of(person)),
                "side": SIDES[(n % SIDES.len() as u64) as usize], "side_case": format!("S{n}"),
                "received_at": living.zone.text(now.plus_minutes(-20)), "name": format!("guest there {n}"),
                "address": "as it was told", "class": ContactClass::CoResident,
                "first_exposure": today.plus_days(-2), "last_exposure": today.plus_days(-1),
            }));
        }
        service.give(&ASSISTANCE, &rows).await?;
        Ok(())
    }

    /// What waits goes on: letters are sent, people answered for, and who is with nobody is settled.
    async fn go_on(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        let open = format!("state={},{},{}", LetterState::Draft, LetterState::Sent, LetterState::Received);
        let letters = service.rows(Role::DistrictCommand, "letters", &open).await?;
        let gone = json!({"way": LetterWay::Platform, "shown": "number of the platform"});
        for letter in letters.iter().filter(|row| text(row, "state") == LetterState::Draft.name()) {
            let id = text(letter, "id");
            if !Self::is_over(living, id, at(letter, "made_at"), SENT_MIN, now) {
                continue;
            }
            match living.chance.below(Of::Named, number(id) | 1 << 53, DROPPED_ONE_IN) {
                0 => {
                    let given = json!({"reason": "they have come home since"});
                    service.attempt(Role::DistrictCommand, "letters", "drop", id, &given).await?
                }
                _ => service.attempt(Role::DistrictCommand, "letters", "send", id, &gone).await?,
            };
        }
        let waiting: BTreeMap<&str, &Row> = letters.iter().map(|row| (text(row, "id"), row)).collect();
        if letters.iter().any(|row| text(row, "state") != LetterState::Draft.name()) {
            let people = format!("state={}", LetterPerson::Open);
            for one in service.rows(Role::DistrictCommand, "letter_people", &people).await? {
                let Some(letter) = waiting.get(text(&one, "letter")) else { continue };
                let (to_us, most_min) = match text(letter, "state").parse() {
                    Ok(LetterState::Sent) => (false, ANSWER_HOURS * 60),
                    Ok(LetterState::Received) => (true, LOOKED_MIN),
                    _ => continue,
                };
                let id = text(&one, "id");
                if Self::is_over(living, id, at(letter, "clock_at"), most_min, now) {
                    match to_us {
                        true => self.answer(service, living, id).await?,
                        false => hear(service, living, id).await?,
                    }
                }
            }
        }
        for letter in letters.iter().filter(|row| text(row, "state") == LetterState::Received.name()) {
            let none_open = service
                .rows(
                    Role::DistrictCommand,
                    "letter_people",
                    &format!("letter={}&state={}", text(letter, "id"), LetterPerson::Open),
                )
                .await?
                .is_empty();
            if none_open {
                service.attempt(Role::DistrictCommand, "letters", "answered", text(letter, "id"), &gone).await?;
            }
        }
        self.settle(service, living, now).await
    }

    /// We answer for somebody in a letter to us.
    async fn answer(&self, service: &mut Service<'_>, living: &Living, id: &str) -> Result<(), DrillError> {
        if let Some(person) = self.meant.get(id) {
            let given = json!({"person": living.city.person_id(*person), "grounds": "was asked on the telephone"});
            if service.attempt(Role::DistrictCommand, "letter_people", "match", id, &given).await? {
                return Ok(());
            }
        }
        let given =
            json!({"state": LetterPerson::NotFound, "grounds": "asked at the address, and looked up on the roster"});
        service.attempt(Role::DistrictCommand, "letter_people", "tell", id, &given).await?;
        Ok(())
    }

    /// Whom nobody there takes over is asked after where they live, or settled.
    async fn settle(&self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        for one in service.rows(Role::DistrictCommand, "letter_people", "unsettled=true").await? {
            let id = text(&one, "id");
            if !Self::is_over(living, &format!("settle/{id}"), at(&one, "answered_at"), SETTLED_MIN, now)
                || text(&one, "kind") != LetterKind::Out.name()
            {
                continue;
            }
            let elsewhere = text(&one, "state") == LetterPerson::Elsewhere.name();
            let side = SIDES.iter().find(|side| **side != text(&one, "side")).copied().unwrap_or(SIDES[0]);
            if elsewhere {
                let given = json!({"side": side});
                if service.attempt(Role::DistrictCommand, "letter_people", "forward", id, &given).await? {
                    continue;
                }
            }
            let given: Value = json!({"reason": "the case was told, and calls them"});
            service.attempt(Role::DistrictCommand, "letter_people", "settle", id, &given).await?;
        }
        Ok(())
    }
}

/// The other side answers for somebody in a letter of ours.
async fn hear(service: &mut Service<'_>, living: &Living, id: &str) -> Result<(), DrillError> {
    let state = match living.chance.below(Of::Named, number(id) | 1 << 52, 20) {
        0..15 => LetterPerson::Found,
        15..17 => LetterPerson::NotFound,
        17..19 => LetterPerson::Elsewhere,
        _ => LetterPerson::Refused,
    };
    let given = json!({"state": state, "who": "officer of the other side", "shown": "number of their answer"});
    service.attempt(Role::DistrictCommand, "letter_people", "answer", id, &given).await?;
    Ok(())
}

/// Letters of assistance in both directions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Letters {
    /// Letters.
    pub letters: usize,
    /// Of them: answered for everybody.
    pub answered: usize,
    /// Of them: owed an answer after its time.
    pub late: usize,
}

impl Letters {
    pub(crate) async fn of(service: &mut Service<'_>) -> Result<Letters, DrillError> {
        let letters = service.rows(Role::DistrictCommand, "letters", "").await?;
        let late = |row: &&Row| row.get("late").and_then(Value::as_bool) == Some(true);
        Ok(Letters {
            letters: letters.len(),
            answered: letters.iter().filter(|row| text(row, "state") == LetterState::Answered.name()).count(),
            late: letters.iter().filter(late).count(),
        })
    }
}
