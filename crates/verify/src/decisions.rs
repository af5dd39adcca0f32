//! Whether what stands in the tables was decided on the record: every case, order, area and transfer has its event in the
//! chain, and no order binds longer than the event that gave it said. The chain cannot be rewritten; a table can.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::{Given, Source},
};
use serde_json::Value;

const CHECK: &str = "decisions.recorded";
const PAGE_ROWS: i64 = 5_000;

const RULES: &[Rule] = &[
    Rule {
        wrong: "case without an event that opened it",
        sql: "select c.id from cases c left join (select distinct subject from events where kind = 'case.opened') e
              on e.subject = c.id where e.subject is null",
    },
    Rule {
        wrong: "a case was opened, and is not there any more",
        sql: "select e.subject from (select distinct subject from events where kind = 'case.opened') e
              left join cases c on c.id = e.subject where c.id is null",
    },
    Rule {
        // a lighter order that replaces part of another is recorded with that one: its id is the other's and -L1, -L2...
        wrong: "order without an event that gave it",
        sql: "select o.id from orders o left join (select distinct subject from events
                where kind in ('order.issued', 'order.reconsidered')) e
              on e.subject = case when substr(o.id, length(o.id) - 2, 2) = '-L' then substr(o.id, 1, length(o.id) - 3) else o.id end
              where e.subject is null",
    },
    Rule {
        wrong: "an order was given, and is not there any more",
        sql: "select e.subject from (select distinct subject from events where kind = 'order.issued') e
              left join orders o on o.id = e.subject where o.id is null",
    },
    Rule {
        wrong: "order has ended without an event that tells (release)",
        sql: "select o.id from orders o left join (select distinct subject from events where kind = 'order.ended') e
              on e.subject = o.id where o.state not in ('active', 'aside') and e.subject is null",
    },
    Rule {
        wrong: "case or order is set aside without an event that tells",
        sql: "select x.id from (select id, 'case.merged' as kind from cases where aside is not null
                union all select id, 'order.set_aside' from orders where aside is not null) x
              where not exists (select 1 from events e where e.subject = x.id and e.kind = x.kind)",
    },
    Rule {
        wrong: "area without an event that opened it",
        sql: "select z.id from zones z left join (select distinct subject from events where kind = 'zone.opened') e
              on e.subject = z.id where e.subject is null",
    },
    Rule {
        wrong: "an area was opened, and is not there any more",
        sql: "select e.subject from (select distinct subject from events where kind = 'zone.opened') e
              left join zones z on z.id = e.subject where z.id is null",
    },
    Rule {
        wrong: "transfer without an event that asked for it",
        sql: "select t.id from transfers t left join (select distinct subject from events
                where kind in ('transfer.requested', 'transfer.booked', 'transfer.admitted')) e
              on e.subject = t.id where e.subject is null",
    },
    Rule {
        wrong: "a transfer was asked for, and is not there any more",
        sql: "select e.subject from (select distinct subject from events
                where kind in ('transfer.requested', 'transfer.booked', 'transfer.admitted')) e
              left join transfers t on t.id = e.subject where t.id is null",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let sql = "select (select count(*) from cases) + (select count(*) from orders) + (select count(*) from zones)
                    + (select count(*) from transfers)";
    let looked_at = source.count(sql).await?;
    let wrong = match first_broken(source, moment, RULES).await? {
        Some(wrong) => Some(wrong),
        None => longer_than_given(source).await?,
    };
    Ok(Finding::of(CHECK, looked_at, wrong))
}

/// R04: the end of an order may only come nearer.
async fn longer_than_given(source: &mut Source) -> Result<Option<String>, VerifyError> {
    let mut after = 0;
    loop {
        let sql = "select e.seq, e.subject, e.body, {iso:o.until_day}, o.kind, r.subject
            from events e join orders o on o.id = e.subject
            left join (select distinct subject from events where kind = 'order.reconsidered') r on r.subject = o.id
            where e.kind = 'order.issued' and e.seq > $1 order by e.seq limit $2";
        let rows = source.rows(sql, &[Given::Whole(after), Given::Whole(PAGE_ROWS)]).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in rows {
            after = row.whole(0)?;
            let body: Value = serde_json::from_str(&row.text(2)?).unwrap_or_default();
            let said = body["until"].as_str().unwrap_or_default();
            let (order, until, kind) = (row.text(1)?, row.text(3)?, row.text(4)?);
            if until.as_str() > said {
                return Ok(Some(format!("{order}: binds until {until}; event {after} gave it until {said}")));
            }
            if body["kind"].as_str() != Some(&kind) && row.maybe_text(5)?.is_none() {
                return Ok(Some(format!("{order}: is '{kind}'; event {after} gave another kind")));
            }
        }
    }
}
