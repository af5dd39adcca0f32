//! How facilities and their wards stand over the days, and how many people their staff can look after. What was said is never
//! changed; whether a bed may be given at a moment is decided by the guards of `bed_stays`, which read the same rows.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{divisions::DivisionCode, phases::PhaseStep, time::Instant, transfer::FacilityPhase};
use std::collections::{BTreeMap, BTreeSet};

/// A word on a phase of a facility or a ward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseWord {
    /// Facility.
    pub facility: String,
    /// Ward; empty: the whole facility.
    pub ward: String,
    /// Which word on the facility, from 1.
    pub no: i64,
    /// Division of the facility.
    pub division: DivisionCode,
    /// Phase.
    pub phase: FacilityPhase,
    /// From when; `None`: not any more.
    pub from: Option<Instant>,
    /// Who said it.
    pub account: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// A word on the staff of a facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffWord {
    /// Facility.
    pub facility: String,
    /// Which word on the facility, from 1.
    pub no: i64,
    /// Division of the facility.
    pub division: DivisionCode,
    /// Hands on a shift.
    pub staff: i64,
    /// People to each of them, at most.
    pub people_each: i64,
    /// Who said it.
    pub account: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// A bed that is held or occupied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenStay {
    /// Bed.
    pub bed: String,
    /// Whether the person is there.
    pub admitted: bool,
    /// Planned arrival.
    pub arrives: Option<Instant>,
    /// When the order that holds the person there is due to end: its last day, or today if the rule of discharge is met.
    pub leaves: Option<Instant>,
}

/// Somebody booked or under way to a facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RideTo {
    /// Transfer.
    pub transfer: String,
    /// Number of the person.
    pub person_no: i64,
    /// Facility.
    pub facility: String,
    /// Ward of the bed.
    pub ward: Option<String>,
    /// Whether they were picked up.
    pub underway: bool,
    /// From when the bed takes people, where it is held ahead.
    pub bed_from: Option<Instant>,
}

/// Somebody who lies in a facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lying {
    /// Transfer.
    pub transfer: String,
    /// Number of the person.
    pub person_no: i64,
    /// Facility.
    pub facility: String,
    /// Ward of the bed.
    pub ward: Option<String>,
    /// When the order that holds the person there is due to end.
    pub leaves: Option<Instant>,
}

fn phase_word(row: &Record) -> Result<PhaseWord, StoreError> {
    Ok(PhaseWord {
        facility: row.get(0)?,
        ward: row.get(1)?,
        no: row.get(2)?,
        division: row.term(3)?,
        phase: row.term(4)?,
        from: row.get(5)?,
        account: row.get(6)?,
        at: row.get(7)?,
        reason: row.get(8)?,
    })
}

impl Scoped {
    /// From when facilities and their wards are in which phase, by facility, in order of time.
    pub async fn phase_steps(&mut self) -> Result<BTreeMap<String, Vec<PhaseStep>>, StoreError> {
        let said = self.facilities().await?.into_iter().filter(|one| !one.steps.is_empty());
        Ok(said.map(|one| (one.facility, one.steps)).collect())
    }

    /// The same, read anew.
    pub(crate) async fn phase_steps_read(&mut self) -> Result<BTreeMap<String, Vec<PhaseStep>>, StoreError> {
        let sql = "select facility, ward, phase, from_at from phase_steps order by facility, from_at, ward, phase";
        let mut steps: BTreeMap<String, Vec<PhaseStep>> = BTreeMap::new();
        for row in self.rows(sql, &[]).await? {
            let step = PhaseStep { ward: row.get(1)?, phase: row.term(2)?, from: row.get(3)? };
            steps.entry(row.get(0)?).or_default().push(step);
        }
        Ok(steps)
    }

    /// From when one facility and its wards are in which phase, in order of time.
    pub async fn phase_steps_of(&mut self, facility: &str) -> Result<Vec<PhaseStep>, StoreError> {
        let sql = "select ward, phase, from_at from phase_steps where facility = $1 order by from_at, ward, phase";
        let rows = self.rows(sql, &[facility.into()]).await?;
        rows.iter().map(|row| Ok(PhaseStep { ward: row.get(0)?, phase: row.term(1)?, from: row.get(2)? })).collect()
    }

    /// What was said of the phases of a facility, the last word first.
    pub async fn phase_words(&mut self, facility: &str) -> Result<Vec<PhaseWord>, StoreError> {
        let sql = "select facility, ward, no, division, phase, from_at, account, said_at, reason from phases
            where facility = $1 order by no desc";
        self.rows(sql, &[facility.into()]).await?.iter().map(phase_word).collect()
    }

    /// Keeps a word on a phase.
    pub async fn keep_phase_word(&mut self, word: &PhaseWord) -> Result<(), StoreError> {
        let columns = ["id", "facility", "ward", "no", "division", "phase", "from_at", "account", "said_at", "reason"];
        let id = format!("{}/{}", word.facility, word.no);
        let values: [Value<'_>; 10] = [
            id.as_str().into(),
            word.facility.as_str().into(),
            word.ward.as_str().into(),
            word.no.into(),
            (&word.division).into(),
            word.phase.name().into(),
            word.from.into(),
            word.account.as_str().into(),
            word.at.into(),
            word.reason.as_str().into(),
        ];
        self.facilities = None;
        self.append("phases", &columns, &values).await
    }

    /// What was said last of the staff of facilities, by facility.
    pub async fn staffing(&mut self) -> Result<BTreeMap<String, StaffWord>, StoreError> {
        let sql = "select facility, no, division, staff, people_each, account, said_at, reason from staffing n
            where not exists (select 1 from staffing m where m.facility = n.facility and m.no > n.no)";
        let mut words = BTreeMap::new();
        for row in self.rows(sql, &[]).await? {
            let word = StaffWord {
                facility: row.get(0)?,
                no: row.get(1)?,
                division: row.term(2)?,
                staff: row.get(3)?,
                people_each: row.get(4)?,
                account: row.get(5)?,
                at: row.get(6)?,
                reason: row.get(7)?,
            };
            words.insert(word.facility.clone(), word);
        }
        Ok(words)
    }

    /// Keeps a word on the staff of a facility.
    pub async fn keep_staff_word(&mut self, word: &StaffWord) -> Result<(), StoreError> {
        let columns = ["id", "facility", "no", "division", "staff", "people_each", "account", "said_at", "reason"];
        let id = format!("{}/{}", word.facility, word.no);
        let values: [Value<'_>; 9] = [
            id.as_str().into(),
            word.facility.as_str().into(),
            word.no.into(),
            (&word.division).into(),
            word.staff.into(),
            word.people_each.into(),
            word.account.as_str().into(),
            word.at.into(),
            word.reason.as_str().into(),
        ];
        self.append("staffing", &columns, &values).await
    }

    /// Whoever was admitted at these facilities and is there, in order of transfer.
    pub async fn lying_at(&mut self, facilities: &[&str]) -> Result<Vec<Lying>, StoreError> {
        let keys: Vec<Value<'_>> = facilities.iter().map(|facility| (*facility).into()).collect();
        let sql = "select x.id, x.person_no, x.facility, b.room,
                (select max((select i.due_at from items i where i.worklist = 'release' and i.subject = o.id and i.closed_at is null))
                    from orders o where o.person_no = x.person_no and o.state = 'active'
                        and o.kind in ('hospital', 'central_isolation'))
            from transfers x left join beds b on b.bed = x.bed
            where x.facility in ({keys}) and x.state = 'admitted' and {scope:x.division}";
        let read = |row: &Record| {
            Ok(Lying {
                transfer: row.get(0)?,
                person_no: row.get(1)?,
                facility: row.get(2)?,
                ward: row.get(3)?,
                leaves: row.get(4)?,
            })
        };
        let lying: Result<Vec<Lying>, StoreError> = self.rows_for_keys(sql, &keys).await?.iter().map(read).collect();
        let mut lying = lying?;
        lying.sort_by(|a, b| a.transfer.cmp(&b.transfer));
        Ok(lying)
    }

    /// Wards and rooms of a facility.
    pub async fn wards_of(&mut self, facility: &str) -> Result<BTreeSet<String>, StoreError> {
        let sql = "select distinct room from beds where facility = $1 and room is not null";
        self.rows(sql, &[facility.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Beds held or occupied, with who is due when, in order of bed.
    pub async fn open_stays(&mut self) -> Result<Vec<OpenStay>, StoreError> {
        let sql = "select s.bed, x.state, x.arrive_at,
                (select max((select i.due_at from items i where i.worklist = 'release' and i.subject = o.id and i.closed_at is null))
                    from orders o where o.person_no = x.person_no and o.state = 'active'
                        and o.kind in ('hospital', 'central_isolation'))
            from bed_stays s join transfers x on x.id = s.transfer where s.released_at is null order by s.bed";
        let read = |row: &Record| {
            let admitted = row.get::<String>(1)? == "admitted";
            Ok(OpenStay { bed: row.get(0)?, admitted, arrives: row.get(2)?, leaves: row.get(3)? })
        };
        self.rows(sql, &[]).await?.iter().map(read).collect()
    }

    /// Beds held or occupied of these facilities, by facility.
    pub async fn stays_at(&mut self, facilities: &[&str]) -> Result<BTreeMap<String, i64>, StoreError> {
        let keys: Vec<Value<'_>> = facilities.iter().map(|facility| (*facility).into()).collect();
        let sql = "select b.facility, count(*) from beds b join bed_stays s on s.bed = b.bed and s.released_at is null
            where b.facility in ({keys}) group by b.facility";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Whoever is booked or under way to these facilities, in order of id.
    pub async fn rides_to(&mut self, facilities: &[&str]) -> Result<Vec<RideTo>, StoreError> {
        let keys: Vec<Value<'_>> = facilities.iter().map(|facility| (*facility).into()).collect();
        let sql =
            "select x.id, x.person_no, x.facility, b.room, x.state, x.bed_from from transfers x left join beds b on b.bed = x.bed
            where x.facility in ({keys}) and x.state in ('booked', 'underway') and x.class <> 'home' and {scope:x.division}";
        let read = |row: &Record| {
            let underway = row.get::<String>(4)? == "underway";
            Ok(RideTo {
                transfer: row.get(0)?,
                person_no: row.get(1)?,
                facility: row.get(2)?,
                ward: row.get(3)?,
                underway,
                bed_from: row.get(5)?,
            })
        };
        let rides: Result<Vec<RideTo>, StoreError> = self.rows_for_keys(sql, &keys).await?.iter().map(read).collect();
        let mut rides = rides?;
        rides.sort_by(|a, b| a.transfer.cmp(&b.transfer));
        Ok(rides)
    }
}
