//! Entry gates: what was said of those who arrive, how each stands, and the book of each gate and day. It guarantees that a book which does
//! not balance is not kept (a constraint).

use crate::{
    Scoped, StoreError,
    opening::Rare,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    gates::{GateDay, Landing, Said},
    time::{CivilDate, Instant},
};
use std::collections::BTreeMap;

/// Gate, day and ticket.
pub type Traveller = (String, CivilDate, String);

/// What is known of somebody who arrives, before it is settled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrival {
    /// All that was said, in order of time.
    pub said: Vec<Said>,
    /// The id under which a swab is taken, the tube of the gate, name, telephone and destination, as they were said last.
    pub texts: [Option<String>; 5],
    /// Division of the gate.
    pub gate_division: String,
}

/// How somebody stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandingRow {
    /// Who.
    pub of: Traveller,
    /// Where they stay, or the gate.
    pub division: DivisionCode,
    /// Id under which a swab is taken.
    pub traveller: String,
    /// Tube, name, telephone.
    pub texts: [Option<String>; 3],
    /// How they stand.
    pub state: Landing,
    /// Whether the manifest knew of them.
    pub listed: bool,
    /// When they came, until when the test is in time, when it was had.
    pub times: [Option<Instant>; 3],
    /// Calls, and when the last one was.
    pub calls: i64,
    /// See above.
    pub called_at: Option<Instant>,
}

fn traveller(row: &Record) -> Result<Traveller, StoreError> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

impl Scoped {
    /// Something was told of travellers.
    pub async fn tell_landings(&mut self, travellers: &[Traveller]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> = travellers
            .iter()
            .flat_map(|(gate, day, ticket)| [Value::from(gate), (*day).into(), Value::from(ticket)])
            .collect();
        self.append_new("landings_told", &["gate", "day", "ticket"], &values).await?;
        Ok(())
    }

    /// Travellers with a swab in these tubes who owed one.
    pub async fn tell_landings_of_tubes(&mut self, tubes: &[&str]) -> Result<(), StoreError> {
        if tubes.is_empty() || !self.has(Rare::Landing).await? {
            return Ok(());
        }
        let keys: Vec<Value<'_>> = tubes.iter().map(|tube| (*tube).into()).collect();
        let mut told = Vec::new();
        for sql in [
            "select gate, day, ticket from landings where tube in ({keys}) order by day, gate, ticket",
            "select distinct g.gate, g.day, g.ticket from tubes t join members m on m.tube_no = t.no join people p on p.no = m.person_no
                join landings g on g.traveller = p.person and g.state in ('owes', 'refused') where t.tube in ({keys})",
        ] {
            for row in self.rows_for_keys(sql, &keys).await? {
                told.push(traveller(&row)?);
            }
        }
        self.tell_landings(&told).await
    }

    /// Travellers of whom something was told; they are told of no more.
    pub async fn take_landings_told(&mut self) -> Result<Vec<Traveller>, StoreError> {
        let rows = self.rows("select gate, day, ticket from landings_told order by day, gate, ticket", &[]).await?;
        let told: Vec<Traveller> = rows.iter().map(traveller).collect::<Result<_, _>>()?;
        if !told.is_empty() {
            self.run("delete from landings_told", &[]).await?;
        }
        Ok(told)
    }

    /// Travellers of days from one on, and those who were expected on a day before another and were not seen.
    pub async fn travellers_since(&mut self, day: CivilDate) -> Result<Vec<Traveller>, StoreError> {
        let sql = "select distinct gate, day, ticket from arrivals where day >= $1 order by day, gate, ticket";
        self.rows(sql, &[day.into()]).await?.iter().map(traveller).collect()
    }

    /// Gates within the scope: id and name, in order.
    pub async fn gates(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select gate, name from gates where division >= $1 and division < $2 order by gate";
        self.rows(sql, &[low.into(), high.into()]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// What was said of the travellers of one gate and day, by ticket.
    pub async fn arrivals_of(
        &mut self,
        gate: &str,
        day: CivilDate,
        tickets: &[&str],
    ) -> Result<BTreeMap<String, Arrival>, StoreError> {
        let keys: Vec<Value<'_>> = tickets.iter().map(|ticket| (*ticket).into()).collect();
        let sql = "select a.ticket, a.said, a.at, a.person, a.tube, a.name, a.phone, a.destination, g.division
            from arrivals a join gates g on g.gate = a.gate
            where a.gate = $1 and a.day = $2 and a.ticket in ({keys}) order by a.ticket, a.at, a.key";
        let mut all: BTreeMap<String, Arrival> = BTreeMap::new();
        for row in self.rows_of_keys(sql, &[gate.into(), day.into()], &keys).await? {
            let arrival = all.entry(row.get(0)?).or_default();
            arrival.said.push(Said { word: row.term(1)?, at: row.get(2)? });
            for (at, text) in arrival.texts.iter_mut().enumerate() {
                *text = row.get::<Option<String>>(3 + at)?.or(text.take());
            }
            arrival.gate_division = row.get(8)?;
        }
        Ok(all)
    }

    /// When tubes were closed, by code; and when people, by id, had swabs that can say something.
    pub async fn swabs_on_landing(
        &mut self,
        tubes: &[&str],
        people: &[&str],
    ) -> Result<(BTreeMap<String, Instant>, Vec<(String, Instant)>), StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|tube| (*tube).into()).collect();
        let sql = "select tube, collected_at from tubes where tube in ({keys}) order by tube";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let closed = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?;
        let keys: Vec<Value<'_>> = people.iter().map(|person| (*person).into()).collect();
        let sql = "select p.person, t.collected_at from people p join members m on m.person_no = p.no join tubes t on t.no = m.tube_no
            left join settled s on s.tube_no = t.no
            where p.person in ({keys}) and (s.finding is null or s.version = 'P' or s.finding <> 'invalid')
            order by p.person, t.collected_at";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let swabs = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?;
        Ok((closed, swabs))
    }

    /// How travellers of a gate and day stood, by ticket.
    pub async fn landings_of(
        &mut self,
        gate: &str,
        day: CivilDate,
        tickets: &[&str],
    ) -> Result<BTreeMap<String, (Landing, DivisionCode)>, StoreError> {
        let keys: Vec<Value<'_>> = tickets.iter().map(|ticket| (*ticket).into()).collect();
        let sql = "select ticket, state, division from landings where gate = $1 and day = $2 and ticket in ({keys}) order by ticket";
        let rows = self.rows_of_keys(sql, &[gate.into(), day.into()], &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.term(1)?, row.term(2)?)))).collect()
    }

    /// Keeps how travellers of one gate and day stand.
    pub async fn keep_landings(&mut self, gate: &str, day: CivilDate, rows: &[LandingRow]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = rows.iter().map(|row| (&row.of.2).into()).collect();
        let sql = "delete from landings where gate = $1 and day = $2 and ticket in ({keys})";
        self.run_for_keys(sql, &[gate.into(), day.into()], &keys).await?;
        let columns = [
            "gate",
            "day",
            "ticket",
            "division",
            "traveller",
            "tube",
            "name",
            "phone",
            "state",
            "listed",
            "arrived_at",
            "due_at",
            "tested_at",
            "calls",
            "called_at",
        ];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            values.extend([
                gate.into(),
                day.into(),
                (&row.of.2).into(),
                (&row.division).into(),
                (&row.traveller).into(),
            ]);
            values.extend(row.texts.iter().map(|text| Value::from(text.as_deref())));
            values.extend([row.state.name().into(), row.listed.into()]);
            values.extend(row.times.iter().map(|at| Value::from(*at)));
            values.extend([row.calls.into(), row.called_at.into()]);
        }
        if !values.is_empty() {
            self.came(Rare::Landing);
        }
        self.append("landings", &columns, &values).await
    }

    /// Counts the book of a gate and day from its travellers, and keeps it if it changed; the book, and whether it did.
    pub async fn count_gate_day(
        &mut self,
        gate: &str,
        day: CivilDate,
        at: Instant,
    ) -> Result<(GateDay, bool), StoreError> {
        let sql = "select state, listed, count(*), cast(sum(case when arrived_at is null then 0 else 1 end) as bigint)
            from landings where gate = $1 and day = $2 group by state, listed";
        let mut book = GateDay::default();
        for row in self.rows(sql, &[gate.into(), day.into()]).await? {
            let (state, listed, n, came): (Landing, bool, i64, i64) =
                (row.term(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            book.listed += if listed { n } else { 0 };
            book.arrived += came;
            book.extra += if listed { 0 } else { came };
            match state {
                Landing::Expected => book.expected += n,
                Landing::Missing => book.missing += if listed { n } else { 0 },
                Landing::Owes => book.owing += n,
                Landing::Tested => book.tested += n,
                Landing::Refused => book.refused += n,
            }
        }
        let figures =
            [book.listed, book.arrived, book.missing, book.expected, book.extra, book.tested, book.refused, book.owing];
        let before = "select listed, arrived, missing, expected, extra, tested, refused, owing from gate_days where gate = $1 and day = $2";
        if let Some(row) = self.row(before, &[gate.into(), day.into()]).await? {
            let kept: Vec<i64> = (0..8).map(|n| row.get(n)).collect::<Result<_, _>>()?;
            if kept == figures {
                return Ok((book, false));
            }
        }
        self.run("delete from gate_days where gate = $1 and day = $2", &[gate.into(), day.into()]).await?;
        let columns = [
            "gate",
            "day",
            "listed",
            "arrived",
            "missing",
            "expected",
            "extra",
            "tested",
            "refused",
            "owing",
            "counted_at",
        ];
        let mut values: Vec<Value<'_>> = vec![gate.into(), day.into()];
        values.extend(figures.iter().map(|n| Value::from(*n)));
        values.push(at.into());
        self.append("gate_days", &columns, &values).await?;
        Ok((book, true))
    }
}
