//! Emergencies: tickets with their steps, and who was rung when. It guarantees that what was said of a ticket is never changed, that a
//! tier is rung once and not before its time (constraints), and that a ticket is opened once however often its request is told.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    time::{Instant, SECOND},
    urgent::{Help, RING_EVERY_S, Standing, Step, Tier},
    welfare::RequestKind,
};

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Number.
    pub ticket: String,
    /// Request that opened it.
    pub request: String,
    /// Kind.
    pub kind: RequestKind,
    /// Household, if known.
    pub household: Option<String>,
    /// Where help is needed.
    pub division: DivisionCode,
    /// By when somebody has to decide.
    pub decide_by: Instant,
    /// Who was rung last.
    pub tier: Tier,
    /// Which help goes, and who said so.
    pub decision: Option<(Help, String)>,
    /// How it stands.
    pub standing: Standing,
}

/// Something said of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<'a> {
    /// What.
    pub step: Step,
    /// When.
    pub at: Instant,
    /// By whom.
    pub account: &'a str,
    /// In words: which way, vehicle, person, place; who said that no help is needed.
    pub what: Option<&'a str>,
    /// Hospital.
    pub facility: Option<&'a str>,
    /// Clinician, by name.
    pub clinician: Option<&'a str>,
    /// Why.
    pub reason: Option<&'a str>,
}

/// A step as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// What.
    pub step: Step,
    /// When.
    pub at: Instant,
    /// By whom.
    pub account: String,
    /// In words.
    pub what: Option<String>,
    /// Hospital.
    pub facility: Option<String>,
    /// Clinician.
    pub clinician: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

const TICKET: &str =
    "ticket, request, kind, household, division, opened_at, decide_by, tier, owner, taken_at, decision, decided_at,
    decided_by, ended_at, ended_how";

fn ticket(row: &Record) -> Result<Ticket, StoreError> {
    let owner: (Option<String>, Option<Instant>) = (row.get(8)?, row.get(9)?);
    let decision: (Option<Help>, Option<String>) = (row.maybe_term(10)?, row.get(12)?);
    let ended: (Option<Instant>, Option<Step>) = (row.get(13)?, row.maybe_term(14)?);
    Ok(Ticket {
        ticket: row.get(0)?,
        request: row.get(1)?,
        kind: row.term(2)?,
        household: row.get(3)?,
        division: row.term(4)?,
        decide_by: row.get(6)?,
        tier: row.term(7)?,
        decision: decision.0.zip(decision.1),
        standing: Standing {
            opened_at: row.get(5)?,
            owner: owner.0.zip(owner.1),
            decided_at: row.get(11)?,
            ended: ended.1.zip(ended.0),
        },
    })
}

impl Scoped {
    /// Opens a ticket; whether it is new.
    pub async fn open_ticket(&mut self, new: &Ticket) -> Result<bool, StoreError> {
        let sql = "insert into tickets (ticket, request, kind, household, division, opened_at, decide_by, tier)
                   values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (ticket) do nothing";
        let values: [Value<'_>; 8] = [
            new.ticket.as_str().into(),
            new.request.as_str().into(),
            new.kind.name().into(),
            new.household.as_deref().into(),
            (&new.division).into(),
            new.standing.opened_at.into(),
            new.decide_by.into(),
            new.tier.name().into(),
        ];
        Ok(self.run(sql, &values).await? > 0)
    }

    /// Tickets by number, in order, within the scope.
    pub async fn tickets_by_id(&mut self, ids: &[&str]) -> Result<Vec<Ticket>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql =
            format!("select {TICKET} from tickets where ticket in ({{keys}}) and {{scope:division}} order by ticket");
        self.rows_for_keys(&sql, &keys).await?.iter().map(ticket).collect()
    }

    /// Open tickets of requests, in order.
    pub async fn open_tickets_of(&mut self, requests: &[&str]) -> Result<Vec<Ticket>, StoreError> {
        let keys: Vec<Value<'_>> = requests.iter().map(|id| (*id).into()).collect();
        let sql =
            format!("select {TICKET} from tickets where request in ({{keys}}) and ended_at is null order by ticket");
        self.rows_for_keys(&sql, &keys).await?.iter().map(ticket).collect()
    }

    /// Whether somebody is to be rung by now: a ticket waits, and the next tier has not been. It costs one look at an index, of those
    /// that wait.
    pub async fn tickets_to_ring(&mut self, now: Instant) -> Result<Vec<Ticket>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {TICKET} from tickets where decided_at is null and ended_at is null and opened_at <= $1
                and tier <> '{}' and division >= $2 and division < $3 order by opened_at, ticket",
            Tier::City
        );
        let first = Instant::from_micros(now.micros() - RING_EVERY_S * SECOND);
        let rows = self.rows_text(sql.into(), &[first.into(), low.into(), high.into()]).await?;
        let all: Result<Vec<Ticket>, StoreError> = rows.iter().map(ticket).collect();
        Ok(all?.into_iter().filter(|ticket| Tier::at(ticket.standing.opened_at, now) > ticket.tier).collect())
    }

    /// Notes that a tier was rung.
    pub async fn ring_ticket(&mut self, one: &Ticket, tier: Tier, now: Instant) -> Result<(), StoreError> {
        let sql = "insert into ticket_rings (ticket, tier, due_at, rung_at) values ($1, $2, $3, $4) on conflict (ticket, tier) do nothing";
        let (id, due) = (one.ticket.as_str(), tier.rung_from(one.standing.opened_at));
        self.run(sql, &[id.into(), tier.name().into(), due.into(), now.into()]).await?;
        let sql = "update tickets set tier = $2, rung_at = $3 where ticket = $1";
        self.run(sql, &[id.into(), tier.name().into(), now.into()]).await?;
        Ok(())
    }

    /// Appends what was said of a ticket, and keeps how it stands then.
    pub async fn say_of_ticket(&mut self, id: &str, said: &Said<'_>, then: &Standing) -> Result<(), StoreError> {
        let next = "select cast(coalesce(max(no), 0) + 1 as bigint) from ticket_steps where ticket = $1";
        let no: i64 = self.row(next, &[id.into()]).await?.map_or(Ok(1), |row| row.get(0))?;
        let columns = ["ticket", "no", "step", "at", "account", "what", "facility", "clinician", "reason"];
        let values: [Value<'_>; 9] = [
            id.into(),
            no.into(),
            said.step.name().into(),
            said.at.into(),
            said.account.into(),
            said.what.into(),
            said.facility.into(),
            said.clinician.into(),
            said.reason.into(),
        ];
        self.append("ticket_steps", &columns, &values).await?;
        let (owner, taken) = (then.owner.as_ref().map(|o| o.0.as_str()), then.owner.as_ref().map(|o| o.1));
        let sql = "update tickets set owner = $2, taken_at = $3 where ticket = $1";
        self.run(sql, &[id.into(), owner.into(), taken.into()]).await?;
        let at = said.at;
        match said.step {
            Step::Taken => {}
            Step::Decided => {
                // the time of a decision is that of the first; another help may go instead
                let sql = "update tickets set decision = $2, decided_at = coalesce(decided_at, $3),
                           decided_by = coalesce(decided_by, $4) where ticket = $1";
                self.run(sql, &[id.into(), said.what.into(), at.into(), said.account.into()]).await?;
            }
            Step::Accepted => {
                let sql = "update tickets set facility = $2, clinician = $3, accepted_at = $4 where ticket = $1";
                self.run(sql, &[id.into(), said.facility.into(), said.clinician.into(), at.into()]).await?;
            }
            Step::WayOut => {
                let sql = "update tickets set way_out = $2, way_at = $3 where ticket = $1";
                self.run(sql, &[id.into(), said.what.into(), at.into()]).await?;
            }
            Step::Vehicle => {
                let sql = "update tickets set vehicle_sent = $2, vehicle_at = $3 where ticket = $1";
                self.run(sql, &[id.into(), said.what.into(), at.into()]).await?;
            }
            Step::Escort => {
                let sql = "update tickets set escort = $2, escort_at = $3 where ticket = $1";
                self.run(sql, &[id.into(), said.what.into(), at.into()]).await?;
            }
            Step::Departed => {
                self.run("update tickets set departed_at = $2 where ticket = $1", &[id.into(), at.into()]).await?;
            }
            Step::Refused => {
                // a hospital that had accepted and refuses now has not accepted
                let sql = "update tickets set refusals = refusals + 1 where ticket = $1";
                self.run(sql, &[id.into()]).await?;
                let sql = "update tickets set facility = null, clinician = null, accepted_at = null where ticket = $1 and facility = $2";
                self.run(sql, &[id.into(), said.facility.into()]).await?;
            }
            Step::Helped | Step::StoodDown | Step::Confirmed => {
                let sql = "update tickets set ended_at = $2, ended_how = $3 where ticket = $1";
                self.run(sql, &[id.into(), at.into(), said.step.name().into()]).await?;
            }
        }
        Ok(())
    }

    /// What was said of a ticket, the first first; within the scope of who has found it.
    pub async fn steps_of_ticket(&mut self, id: &str) -> Result<Vec<StepRow>, StoreError> {
        let sql = "select step, at, account, what, facility, clinician, reason from ticket_steps where ticket = $1 order by no";
        let rows = self.rows(sql, &[id.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(StepRow {
                    step: row.term(0)?,
                    at: row.get(1)?,
                    account: row.get(2)?,
                    what: row.get(3)?,
                    facility: row.get(4)?,
                    clinician: row.get(5)?,
                    reason: row.get(6)?,
                })
            })
            .collect()
    }

    /// Which of these facilities there are, wherever they stand.
    pub async fn facilities_named(&mut self, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let rows = self
            .rows_for_keys("select facility from facilities where facility in ({keys}) order by facility", &keys)
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// How often clinicians refused a ticket.
    pub async fn refusals_of(&mut self, id: &str) -> Result<i64, StoreError> {
        let sql = "select refusals from tickets where ticket = $1";
        self.row(sql, &[id.into()]).await?.map_or(Ok(0), |row| row.get(0))
    }
}
