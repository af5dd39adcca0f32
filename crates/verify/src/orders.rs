//! Whether every order is lawful and ends by itself (R01, R04): it names its basis in law, the body, the purpose, the
//! evidence, the milder options and the reason; its evidence exists; none is active after its last day; its tests lie
//! inside it; and it is in the books until it has ended.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::{Given, Source},
};

const CHECK: &str = "orders.lawful";
const PAGE_ROWS: i64 = 5_000;

const RULES: &[Rule] = &[
    Rule {
        wrong: "order is active after its last day",
        sql: "select id from orders where state = 'active' and until_day < {day}",
    },
    Rule {
        wrong: "order lacks its legal basis, body, purpose, evidence, milder options or reason",
        sql: "select id from orders where trim(legal_basis) = '' or trim(body) = '' or trim(purpose) = '' or trim(evidence) = ''
              or trim(milder) = '' or trim(reason) in ('', '[]', 'null')",
    },
    Rule {
        wrong: "order ends before it begins, or ended outside its days, or says that it is active and ended",
        sql: "select id from orders where until_day < from_day or ended_on < from_day or ended_on > until_day
              or (state in ('active', 'aside')) <> (ended_on is null)",
    },
    Rule {
        wrong: "order is set aside, and does not say for which; or says so, and is not",
        sql: "select id from orders where (state = 'aside') <> (aside is not null)",
    },
    Rule {
        wrong: "order is set aside for another one that is not of the same person",
        sql: "select o.id from orders o join people p on p.no = o.person_no left join orders b on b.id = o.aside
              left join people q on q.no = b.person_no where o.state = 'aside' and {open} = 0 and o.until_day > {day}
                and coalesce(q.merged_into, q.no, -1) <> coalesce(p.merged_into, p.no)
                and not exists (select 1 from appeals a where a.id = o.aside and a.subject = o.id and a.state = 'open')",
    },
    Rule {
        wrong: "another order on an exposure is in force on the same person, who is known under two ids",
        sql: "select o.id from orders o join people p on p.no = o.person_no and p.merged_into is not null
              join people q on q.no = p.merged_into or (q.merged_into = p.merged_into and q.no < p.no)
              join orders b on b.person_no = q.no and b.state = 'active' and b.basis = 'contact'
              where o.state = 'active' and o.basis = 'contact' and {open} = 0",
    },
    Rule {
        wrong: "appeal waits for a decision, and nobody has to give one (worklist review)",
        sql: "select a.id from appeals a left join items i on i.worklist = 'review' and i.subject = 'appeal/' || a.id
                and i.closed_at is null where a.state = 'open' and i.subject is null and {open} = 0",
    },
    Rule {
        wrong: "appeal was decided by who filed it, without a reason, or says that it waits and is decided",
        sql: "select id from appeals where decided_by = filed_by or (state = 'open') <> (decided_by is null)
                or (state <> 'open' and trim(coalesce(decision, '')) = '')",
    },
    Rule {
        wrong: "order is suspended for an appeal that is decided, or that nobody suspended it for",
        sql: "select o.id from orders o join appeals a on a.id = o.aside
              where o.state = 'aside' and (a.state <> 'open' or a.suspended_at is null or a.subject <> o.id)",
    },
    Rule {
        wrong: "area is suspended for an appeal that is decided, or that nobody suspended it for, or after its end",
        sql: "select z.id from zones z left join appeals a on a.id = z.aside where z.aside is not null
                and (a.id is null or a.state <> 'open' or a.suspended_at is null or a.subject <> z.id or z.released_on is not null)",
    },
    Rule {
        wrong: "appeal was upheld, and what it was about stands",
        sql: "select a.id from appeals a left join orders o on o.id = a.subject left join zones z on z.id = a.subject
              where a.state = 'upheld' and (o.state in ('active', 'aside') or (z.id is not null and z.released_on is null))",
    },
    Rule {
        wrong: "order is in force, and whom it binds is owed no paper",
        sql: "select o.id from orders o left join notices n on n.subject = o.id and n.kind = 'order'
              where o.state = 'active' and n.id is null",
    },
    Rule {
        wrong: "order has ended, and its end has no paper",
        sql: "select o.id from orders o join notices b on b.subject = o.id and b.kind = 'order'
              left join notices n on n.subject = o.id and n.kind = 'release'
              where o.state in ('ended', 'withdrawn') and n.id is null",
    },
    Rule {
        wrong: "paper does not stand as what was done with it says",
        sql: "select n.id from notices n
              where (n.handed_at is null) <> (not exists (select 1 from notice_steps s where s.notice = n.id and s.step = 'handed'))
                or (n.read_at is null) <> (not exists (select 1 from notice_steps s where s.notice = n.id and s.step = 'read'))
                or (n.state in ('made', 'void') and n.handed_at is not null)
                or (n.state = 'made' and exists (select 1 from notice_steps s where s.notice = n.id))",
    },
    Rule {
        wrong: "what was done with a paper that is not there",
        sql: "select s.notice from notice_steps s left join notices n on n.id = s.notice where n.id is null",
    },
    Rule {
        wrong: "order whose evidence does not exist",
        sql: "select o.id from orders o left join cases c on o.basis in ('case', 'contact', 'discharge') and c.id = o.evidence
              left join tubes t on o.basis = 'pool' and t.tube = o.evidence
              -- a contact of a case elsewhere rests on the letter that told of it
              left join letters l on o.basis = 'contact' and l.id = o.evidence where c.id is null and t.tube is null and l.id is null",
    },
    Rule {
        wrong: "order on a contact of a case who is not on the list of contacts of that case",
        sql: "select o.id from orders o left join contacts c on c.case_id = o.evidence and c.person = o.person
              where o.basis = 'contact' and c.person is null
                -- contacts lose their names when their time is over, and nobody who is bound does
                and (o.state = 'active' or not exists (select 1 from contacts g where g.case_id = o.evidence and g.gone_on is not null))",
    },
    Rule {
        wrong: "order on a contact whose every case was withdrawn, and nobody is about to release them",
        sql: "select o.id from orders o left join releases r on r.person = o.person and r.settled_at is null
              where o.basis = 'contact' and o.state = 'active' and r.id is null
                and not exists (select 1 from letters l where l.id = o.evidence)
                and not exists (select 1 from contacts k join cases c on c.id = k.case_id
                    where k.person = o.person and coalesce(c.outcome, '') <> 'withdrawn')",
    },
    Rule {
        wrong: "contact of a withdrawn case who was to be released, and was not",
        sql: "select id from releases where settled_at is null and due_at <= {closed}",
    },
    Rule {
        wrong: "a test is due under this order on a day on which it does not bind",
        sql: "select d.order_id from tests_due d left join orders o on o.id = d.order_id
              where o.id is null or d.day < o.from_day or d.day > coalesce(o.ended_on, o.until_day)",
    },
    Rule {
        wrong: "order is in force, and nobody has to end it (worklist release)",
        sql: "select o.id from orders o left join items i on i.worklist = 'release' and i.subject = o.id and i.closed_at is null
              where o.state = 'active' and o.starts_at < {closed} and i.subject is null and {open} = 0",
    },
    Rule {
        wrong: "order has ended, and is still open in the books (worklist release)",
        sql: "select o.id from orders o join items i on i.worklist = 'release' and i.subject = o.id and i.closed_at is null
              where o.state not in ('active', 'aside') and {open} = 0",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from orders").await?;
    let wrong = match first_broken(source, moment, RULES).await? {
        Some(wrong) => Some(wrong),
        None => test_outside(source).await?,
    };
    Ok(Finding::of(CHECK, looked_at, wrong))
}

/// Days of tests as the order lists them: ISO days, separated by a space.
async fn test_outside(source: &mut Source) -> Result<Option<String>, VerifyError> {
    let mut after = String::new();
    loop {
        let sql =
            "select id, {iso:from_day}, {iso:until_day}, test_days from orders where id > $1 order by id limit $2";
        let rows = source.rows(sql, &[Given::Text(&after), Given::Whole(PAGE_ROWS)]).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in rows {
            after = row.text(0)?;
            let (from, until, days) = (row.text(1)?, row.text(2)?, row.text(3)?);
            let outside =
                days.split(' ').find(|day| !day.is_empty() && !(from.as_str()..=until.as_str()).contains(day));
            if let Some(day) = outside {
                return Ok(Some(format!("{after}: a test on {day}, and the order binds from {from} to {until}")));
            }
        }
    }
}
