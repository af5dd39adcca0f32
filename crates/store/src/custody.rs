//! Boxes of tubes: what was said of them, read so that it is complete for the boxes asked for; and where tubes, boxes and runs
//! stand, replaced as a whole. No rule lives here.

use crate::{
    Scoped, StoreError,
    books::Entry,
    opening::Rare,
    value::{Record, Value},
};
use dayclear_core::{
    books::{Movement, Worklist},
    custody::{BoxStand, Check, Facts, Move, Packing, Tube, TubeStand, TubeState},
    divisions::DivisionCode,
    time::Instant,
};
use std::collections::{BTreeMap, BTreeSet};

/// A member of a lost tube, with the first tube in which they gave another swab that can say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Number of the tube.
    pub tube: i64,
    /// Number of the person.
    pub no: i64,
    /// Person.
    pub person: String,
    /// Division of the person.
    pub division: DivisionCode,
    /// The other tube, and when it was closed.
    pub again: Option<(String, Instant)>,
}

/// A box with its deadlines as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Code.
    pub code: String,
    /// Where it stands.
    pub stand: BoxStand,
    /// From when it is shown as late soon.
    pub soon_at: Option<Instant>,
    /// By when its oldest tube must be with a laboratory.
    pub due_at: Option<Instant>,
}

/// Boxes of a place by what is to be done about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BoxCounts {
    /// Late: the oldest tube should be with a laboratory.
    pub late: i64,
    /// Late soon.
    pub soon: i64,
    /// On the way or at the site, in time.
    pub open: i64,
}

/// Minutes of a tube from step to step; `None`: it has not come so far, or the clocks of two places do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TubeClock {
    /// Laboratory.
    pub laboratory: Option<String>,
    /// Division in which it was filled.
    pub division: String,
    /// Sampling site.
    pub site: Option<String>,
    /// When it was closed.
    pub collected_at: Instant,
    /// From closing to receipt, from receipt to result, from result to report.
    pub minutes: [Option<i64>; 3],
}

/// An item as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// When it was opened.
    pub opened_at: Instant,
    /// How it ended; `None`: it is open.
    pub outcome: Option<Movement>,
    /// Why it is open, or how it ended.
    pub reason: String,
}

/// Items by worklist and subject.
pub type Items = BTreeMap<(Worklist, String), Item>;

fn numbers<'v>(numbers: &[i64]) -> Vec<Value<'v>> {
    numbers.iter().map(|no| (*no).into()).collect()
}

fn codes<'v>(codes: &'v [&str]) -> Vec<Value<'v>> {
    codes.iter().map(|code| (*code).into()).collect()
}

const STAND: [&str; 8] = ["tube_no", "box", "division", "state", "at", "laboratory", "sent_at", "received_at"];
const SHIPMENT: [&str; 20] = [
    "box",
    "division",
    "site",
    "state",
    "laboratory",
    "run",
    "packed_at",
    "sent_at",
    "received_at",
    "soon_at",
    "due_at",
    "counted_sent",
    "counted_received",
    "tubes",
    "packed",
    "underway",
    "received",
    "missing",
    "broken",
    "facts",
];

fn moved(row: &Record) -> Result<Move, StoreError> {
    Ok(Move {
        code: row.get(0)?,
        step: row.term(1)?,
        at: row.get(2)?,
        division: row.term(3)?,
        laboratory: row.get(4)?,
        run: row.get(5)?,
        counted: row.get(6)?,
        by: row.get(7)?,
    })
}

impl Scoped {
    /// Boxes of which more was said than their standing rests on, or whose way has not ended, or with a tube that was found again
    /// and waits; in order.
    pub async fn boxes_to_settle(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "select f.box from (select box, count(*) as n from (select box from packings union all select box from box_moves
                union all select box from box_checks) x group by box) f
            left join shipments s on s.box = f.box
            where s.box is null or s.facts <> f.n or s.state <> 'received'
            union select c.box from items i join tubes t on t.tube = substr(i.subject, 1, length(i.subject) - 2)
                join custody c on c.tube_no = t.no
            where i.worklist in ('deliver', 'test') and i.closed_at is null and i.subject like '%/_' order by 1";
        self.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Boxes in which tubes were packed or named.
    pub async fn boxes_of_tubes(&mut self, tubes: &[i64]) -> Result<BTreeSet<String>, StoreError> {
        let mut boxes = BTreeSet::new();
        if !self.has(Rare::Box).await? {
            return Ok(boxes);
        }
        for table in ["packings", "box_checks"] {
            let sql = format!("select distinct box from {table} where tube_no in ({{keys}})");
            for row in self.rows_for_keys(&sql, &numbers(tubes)).await? {
                boxes.insert(row.get(0)?);
            }
        }
        Ok(boxes)
    }

    /// Whether any tube stands as missing or broken.
    pub async fn any_lost(&mut self) -> Result<bool, StoreError> {
        self.has(Rare::Lost).await
    }

    /// Tubes that were packed or named in boxes.
    pub async fn tubes_of_boxes(&mut self, boxes: &[&str]) -> Result<BTreeSet<i64>, StoreError> {
        let mut tubes = BTreeSet::new();
        for table in ["packings", "box_checks"] {
            let sql = format!("select tube_no from {table} where box in ({{keys}})");
            for row in self.rows_for_keys(&sql, &codes(boxes)).await? {
                tubes.insert(row.get(0)?);
            }
        }
        Ok(tubes)
    }

    /// Tubes that stand as lost and hold a swab of somebody who is in one of these tubes.
    pub async fn lost_beside(&mut self, tubes: &[i64]) -> Result<BTreeSet<i64>, StoreError> {
        // mostly there is none, and results come by the ten thousand
        if !self.has(Rare::Lost).await? {
            return Ok(BTreeSet::new());
        }
        let sql = "select distinct c.tube_no from members m join members n on n.person_no = m.person_no
                join custody c on c.tube_no = n.tube_no and c.state in ('missing', 'broken') where m.tube_no in ({keys})";
        self.rows_for_keys(sql, &numbers(tubes)).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Everything that was said up to `now` of boxes and tubes.
    pub async fn custody_facts(&mut self, now: Instant, boxes: &[&str], tubes: &[i64]) -> Result<Facts, StoreError> {
        let mut facts = Facts::default();
        let (boxes, tubes) = (codes(boxes), numbers(tubes));
        let sql = "select box, tube_no, at from packings where tube_no in ({keys}) order by key";
        for row in self.rows_for_keys(sql, &tubes).await? {
            facts.packings.push(Packing { code: row.get(0)?, tube: row.get(1)?, at: row.get(2)? });
        }
        let sql = "select box, step, at, division, laboratory, run, counted, said_by from box_moves where box in ({keys}) order by key";
        for row in self.rows_for_keys(sql, &boxes).await? {
            facts.moves.push(moved(&row)?);
        }
        let sql = "select box, tube_no, found, at, laboratory from box_checks where tube_no in ({keys}) order by key";
        for row in self.rows_for_keys(sql, &tubes).await? {
            facts.checks.push(Check {
                code: row.get(0)?,
                tube: row.get(1)?,
                word: row.term(2)?,
                at: row.get(3)?,
                laboratory: row.get(4)?,
            });
        }
        let sql = "select t.no, t.tube, t.division, t.site, t.collected_at, t.received_at,
                case when s.finding is not null and s.version <> 'P' then s.reported_at end,
                (select count(*) from members m where m.tube_no = t.no)
            from tubes t left join settled s on s.tube_no = t.no where t.no in ({keys})";
        let by_now = |at: Option<Instant>| at.filter(|at| *at <= now);
        for row in self.rows_for_keys(sql, &tubes).await? {
            let tube = Tube {
                name: row.get(1)?,
                division: row.term(2)?,
                site: row.get(3)?,
                collected_at: row.get(4)?,
                received_at: by_now(row.get(5)?),
                resulted_at: by_now(row.get(6)?),
                members: row.get(7)?,
            };
            facts.tubes.insert(row.get(0)?, tube);
        }
        facts.packings.retain(|said| said.at <= now);
        facts.moves.retain(|said| said.at <= now);
        facts.checks.retain(|said| said.at <= now);
        Ok(facts)
    }

    /// Where tubes stood before.
    pub async fn custody_of(&mut self, tubes: &[i64]) -> Result<BTreeMap<i64, TubeStand>, StoreError> {
        let sql =
            "select tube_no, box, state, at, laboratory, sent_at, received_at from custody where tube_no in ({keys})";
        let rows = self.rows_for_keys(sql, &numbers(tubes)).await?;
        let stand = |row: &Record| {
            Ok::<_, StoreError>(TubeStand {
                code: row.get(1)?,
                state: row.term(2)?,
                at: row.get(3)?,
                laboratory: row.get(4)?,
                sent_at: row.get(5)?,
                received_at: row.get(6)?,
            })
        };
        rows.iter().map(|row| Ok((row.get(0)?, stand(row)?))).collect()
    }

    /// Records where tubes stand, in place of where they stood.
    pub async fn put_custody(&mut self, tubes: &[(i64, &DivisionCode, &TubeStand)]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|(no, ..)| (*no).into()).collect();
        self.run_for_keys("delete from custody where tube_no in ({keys})", &[], &keys).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(tubes.len() * STAND.len());
        for (no, division, stand) in tubes {
            values.extend([
                (*no).into(),
                (&stand.code).into(),
                (*division).into(),
                stand.state.name().into(),
                stand.at.into(),
                stand.laboratory.as_deref().into(),
                stand.sent_at.into(),
                stand.received_at.into(),
            ]);
        }
        if tubes.iter().any(|(.., stand)| stand.state.lost()) {
            self.came(Rare::Lost);
        }
        self.append("custody", &STAND, &values).await
    }

    /// Records where boxes stand, in place of where they stood, and what that makes of their courier runs.
    pub async fn put_shipments(&mut self, boxes: &[Shipment]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = boxes.iter().map(|one| one.code.as_str().into()).collect();
        let mut runs: BTreeSet<String> = BTreeSet::new();
        let sql = "select distinct run from shipments where run is not null and box in ({keys})";
        for row in self.rows_for_keys(sql, &keys).await? {
            runs.insert(row.get(0)?);
        }
        runs.extend(boxes.iter().filter_map(|one| one.stand.run.clone()));
        self.run_for_keys("delete from shipments where box in ({keys})", &[], &keys).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(boxes.len() * SHIPMENT.len());
        for Shipment { code, stand, soon_at, due_at } in boxes {
            values.extend([
                code.into(),
                (&stand.division).into(),
                stand.site.as_deref().into(),
                stand.state.name().into(),
                stand.laboratory.as_deref().into(),
                stand.run.as_deref().into(),
                stand.packed_at.into(),
                stand.sent_at.into(),
                stand.received_at.into(),
                (*soon_at).into(),
                (*due_at).into(),
                stand.counted_sent.into(),
                stand.counted_received.into(),
                stand.all().into(),
                stand.of(TubeState::Packed).into(),
                stand.of(TubeState::Underway).into(),
                stand.of(TubeState::Received).into(),
                stand.of(TubeState::Missing).into(),
                stand.of(TubeState::Broken).into(),
                stand.facts.into(),
            ]);
        }
        self.append("shipments", &SHIPMENT, &values).await?;
        let runs: Vec<Value<'_>> = runs.iter().map(|run| run.as_str().into()).collect();
        self.run_for_keys("delete from courier_runs where run in ({keys})", &[], &runs).await?;
        let sql = "insert into courier_runs (run, division, sent_at, due_at, boxes, open, tubes, underway, received, missing, broken)
            select run, division, min(sent_at), min(due_at), count(*),
                cast(sum(case when state in ('packed', 'underway') then 1 else 0 end) as bigint), cast(sum(tubes) as bigint),
                cast(sum(underway + packed) as bigint), cast(sum(received) as bigint), cast(sum(missing) as bigint),
                cast(sum(broken) as bigint)
            from shipments where run in ({keys}) group by run, division";
        self.run_for_keys(sql, &[], &runs).await?;
        Ok(())
    }

    /// Boxes as they are kept: facts they rest on and deadline, by code.
    pub async fn shipments_of(
        &mut self,
        boxes: &[&str],
    ) -> Result<BTreeMap<String, (i64, String, Option<Instant>)>, StoreError> {
        let sql = "select box, facts, state, due_at from shipments where box in ({keys})";
        let rows = self.rows_for_keys(sql, &codes(boxes)).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))).collect()
    }

    /// People in tubes, each with the first other tube, closed no earlier and neither lost nor invalid, with a swab of theirs.
    pub async fn members_of_lost(&mut self, tubes: &[i64]) -> Result<Vec<Lost>, StoreError> {
        let sql = "select m.tube_no, p.no, p.person, p.division, o.tube, o.collected_at
            from members m join tubes t on t.no = m.tube_no join people p on p.no = m.person_no
                left join members n on n.person_no = m.person_no and n.tube_no <> m.tube_no
                left join tubes o on o.no = n.tube_no and o.collected_at >= t.collected_at
                    and not exists (select 1 from custody l where l.tube_no = o.no and l.state in ('missing', 'broken'))
                    and not exists (select 1 from settled s where s.tube_no = o.no and s.finding = 'invalid' and s.version <> 'P')
            where m.tube_no in ({keys}) order by m.tube_no, p.no";
        let mut all: Vec<Lost> = Vec::new();
        for row in self.rows_for_keys(sql, &numbers(tubes)).await? {
            let (tube, no): (i64, i64) = (row.get(0)?, row.get(1)?);
            let again = row.get::<Option<String>>(4)?.zip(row.get::<Option<Instant>>(5)?);
            match all.last_mut().filter(|last| (last.tube, last.no) == (tube, no)) {
                Some(last) => {
                    let first = |one: &(String, Instant)| (one.1, one.0.clone());
                    last.again = last.again.take().into_iter().chain(again).min_by_key(first);
                }
                None => all.push(Lost { tube, no, person: row.get(2)?, division: row.term(3)?, again }),
            }
        }
        Ok(all)
    }

    /// Items under subjects of some worklists: when each was opened, how it ended unless it is open, and its reason.
    pub async fn items_under(&mut self, worklists: &[Worklist], subjects: &[String]) -> Result<Items, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|subject| subject.as_str().into()).collect();
        let mut found = BTreeMap::new();
        for worklist in worklists {
            let sql = format!(
                "select subject, opened_at, outcome, reason from items where worklist = '{worklist}' and subject in ({{keys}})"
            );
            for row in self.rows_for_keys(&sql, &keys).await? {
                let item = Item { opened_at: row.get(1)?, outcome: row.maybe_term(2)?, reason: row.get(3)? };
                found.insert((*worklist, row.get(0)?), item);
            }
        }
        Ok(found)
    }

    /// Tubes of boxes that were waited for in vain once: an item of theirs was cancelled.
    pub async fn once_lost(&mut self, boxes: &[&str]) -> Result<BTreeSet<i64>, StoreError> {
        let sql = "select c.tube_no from custody c join tubes t on t.no = c.tube_no
                join items i on i.worklist in ('deliver', 'test') and i.subject = t.tube and i.outcome = 'cancelled'
            where c.box in ({keys})";
        self.rows_for_keys(sql, &codes(boxes)).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Subjects of open items of `clarify` that are about one tube of these boxes: `KIND/TUBE`.
    pub async fn open_about_tubes(&mut self, kind: &str, boxes: &[&str]) -> Result<Vec<String>, StoreError> {
        let sql = format!(
            "select i.subject from custody c join tubes t on t.no = c.tube_no
                join items i on i.worklist = 'clarify' and i.subject = '{kind}/' || t.tube and i.closed_at is null
             where c.box in ({{keys}})"
        );
        self.rows_for_keys(&sql, &codes(boxes)).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Open items of `clarify` under subjects.
    pub async fn open_doubts(&mut self, subjects: &[String]) -> Result<Vec<Entry>, StoreError> {
        let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
        self.open_of(Worklist::Clarify, &subjects).await
    }

    /// What was said of a box as a whole, in order; the caller has seen that it may be looked at.
    pub async fn moves_of_box(&mut self, code: &str) -> Result<Vec<Move>, StoreError> {
        let sql = "select box, step, at, division, laboratory, run, counted, said_by from box_moves where box = $1
            order by at, step, key";
        self.rows(sql, &[code.into()]).await?.iter().map(moved).collect()
    }

    /// Tubes and people of a box by state; the caller has seen that it may be looked at.
    pub async fn people_of_box(&mut self, code: &str) -> Result<Vec<(TubeState, i64, i64)>, StoreError> {
        let sql = "select c.state, count(distinct c.tube_no), count(m.person_no) from custody c
            left join members m on m.tube_no = c.tube_no where c.box = $1 group by c.state order by c.state";
        let rows = self.rows(sql, &[code.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Boxes of this handle's scope that have not arrived, by how late they are; of one laboratory where it is named.
    pub async fn boxes_underway(&mut self, now: Instant, laboratory: Option<&str>) -> Result<BoxCounts, StoreError> {
        let (low, high) = self.scope.range();
        // late soon: what is expected after its deadline; three quarters of the time where nobody knows when it is expected
        let sql = "select cast(coalesce(sum(case when s.due_at <= $3 then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when s.due_at > $3 and (a.arrives_at > s.due_at or (a.arrives_at is null and s.soon_at <= $3))
                    then 1 else 0 end), 0) as bigint), count(*)
            from shipments s left join allotments a on a.box = s.box
            where coalesce(s.due_at, {far}) < {far} and s.division >= $1 and s.division < $2 and ($4 = '' or s.laboratory = $4)";
        let values = [low.into(), high.into(), now.into(), laboratory.unwrap_or_default().into()];
        let rows = self.rows_text(self.words(sql).into(), &values).await?;
        let Some(row) = rows.first() else { return Ok(BoxCounts::default()) };
        let (late, soon, all): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(BoxCounts { late, soon, open: all - late - soon })
    }

    /// Clocks of the tubes of this handle's scope closed between two instants, `most` of them at most; of one laboratory where it
    /// is named.
    pub async fn clocks(
        &mut self,
        from: Instant,
        to: Instant,
        laboratory: Option<&str>,
        most: i64,
    ) -> Result<Vec<TubeClock>, StoreError> {
        let (low, high) = self.scope.range();
        // a case's report: by the case that rests on the tube, and its item in the books
        let sql = "select coalesce(c.laboratory, t.laboratory), t.division, t.site, t.collected_at,
                coalesce(c.received_at, t.received_at), case when s.finding is not null and s.version <> 'P' then s.reported_at end,
                (select min(i.closed_at) from cases k join items i on i.worklist = 'report' and i.subject = k.id
                    and i.outcome = 'completed' where k.tube_no = t.no)
            from tubes t left join custody c on c.tube_no = t.no left join settled s on s.tube_no = t.no
            where t.collected_at >= $1 and t.collected_at < $2 and t.division >= $3 and t.division < $4
              and ($5 = '' or coalesce(c.laboratory, t.laboratory) = $5) order by t.collected_at, t.tube limit $6";
        let values =
            [from.into(), to.into(), low.into(), high.into(), laboratory.unwrap_or_default().into(), most.into()];
        let rows = self.rows(sql, &values).await?;
        rows.iter()
            .map(|row| {
                let collected_at: Instant = row.get(3)?;
                let steps: [Option<Instant>; 4] = [Some(collected_at), row.get(4)?, row.get(5)?, row.get(6)?];
                let minutes = |at: usize| {
                    let (from, to) = (steps[at]?, steps[at + 1]?);
                    Some(to.minutes_since(from)).filter(|minutes| *minutes >= 0)
                };
                Ok(TubeClock {
                    laboratory: row.get(0)?,
                    division: row.get(1)?,
                    site: row.get(2)?,
                    collected_at,
                    minutes: [minutes(0), minutes(1), minutes(2)],
                })
            })
            .collect()
    }
}
