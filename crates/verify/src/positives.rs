//! Whether every positive leads to somebody who answers for it: a positive single tube has a case of that person or is
//! under review; every case rests on a positive tube or is under review; and every case is in the books where it is
//! reported, diagnosed and moved, each with an owner.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::{Given, Source},
};

const CHECK: &str = "positives.owned";
const PAGE_ROWS: i64 = 5_000;

const RULES: &[Rule] = &[
    Rule {
        wrong: "case rests on a tube that is not positive, and nobody reviews it",
        sql: "select c.id from cases c left join tubes t on t.no = c.tube_no
              left join settled s on s.tube_no = c.tube_no and s.finding = 'positive' and s.version <> 'P'
              left join items i on i.worklist = 'review' and i.subject = t.tube
              where c.classification <> 'withdrawn' and s.tube_no is null and i.subject is null",
    },
    Rule {
        wrong: "case of a person who was not in the tube that it rests on",
        sql: "select c.id from cases c left join members m on m.tube_no = c.tube_no and m.person_no = c.person_no
              where m.tube_no is null",
    },
    Rule {
        wrong: "two open cases of one person",
        sql: "select min(person) from cases where closed_on is null group by person_no having count(*) > 1",
    },
    Rule {
        wrong: "two open cases of one person, who is known under two ids",
        sql: "select min(c.id) from cases c join people p on p.no = c.person_no
              where c.closed_on is null and c.aside is null and {open} = 0
              group by coalesce(p.merged_into, p.no) having count(*) > 1",
    },
    Rule {
        wrong: "case is set aside for another one that is not an open case of the same person",
        sql: "select c.id from cases c join people p on p.no = c.person_no
              left join cases s on s.id = c.aside and s.aside is null and s.closed_on is null
              left join people q on q.no = s.person_no
              where c.aside is not null and c.closed_on is null and {open} = 0
                and coalesce(q.merged_into, q.no, -1) <> coalesce(p.merged_into, p.no)",
    },
    Rule {
        wrong: "case that nobody reports (worklist report)",
        sql: "select c.id from cases c left join items i on i.worklist = 'report' and i.subject = c.id
              where i.subject is null",
    },
    Rule {
        wrong: "case that nobody has to diagnose (worklist diagnose)",
        sql: "select c.id from cases c left join items i on i.worklist = 'diagnose' and i.subject = c.id
              where i.subject is null",
    },
    Rule {
        // the first movement of a case happens in another transaction than the case: an open day may be between the two
        wrong: "case that nobody has to move (worklist move)",
        sql: "select c.id from cases c left join items i on i.worklist = 'move' and i.subject = c.id
              left join (select distinct subject from events where kind = 'case.opened' and seq <= {upto}) e on e.subject = c.id
              where i.subject is null and e.subject is not null",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let mut looked_at = source.count("select count(*) from cases").await?;
    let mut after = 0;
    let mut wrong = None;
    while wrong.is_none() {
        // positives without an open case: the case may be closed, but not before the day of the sample
        let sql = moment.filled(
            "with alone as (
                select t.no, t.tube, t.collected_at, min(m.person_no) as person_no
                from settled s join tubes t on t.no = s.tube_no join members m on m.tube_no = t.no
                where s.finding = 'positive' and s.version <> 'P' and s.reported_at <= {closed} and {known} and t.size = 1
                  and t.no > $1
                group by t.no, t.tube, t.collected_at having count(*) = 1),
              ill as (
                select coalesce(q.merged_into, q.no) as who, sum(case when c.closed_on is null then 1 else 0 end) as standing,
                    max(c.closed_on) as closed_on
                from cases c join people q on q.no = c.person_no group by coalesce(q.merged_into, q.no))
            select a.no, a.tube, p.person, {us:a.collected_at}, {iso:i.closed_on} from alone a
            left join people p on p.no = a.person_no left join ill i on i.who = coalesce(p.merged_into, p.no)
            where coalesce(i.standing, 0) = 0
              and not exists (select 1 from items r where r.worklist = 'review' and r.subject in (a.tube, 'late/' || a.tube))
              and not exists (select 1 from identity_decisions d where d.at > {closed}
                and (d.person_no = a.person_no or d.other_no = a.person_no))
            order by a.no limit $2",
        );
        let rows = source.rows(&sql, &[Given::Whole(after), Given::Whole(PAGE_ROWS)]).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            after = row.whole(0)?;
            looked_at += 1;
            let accounted = match row.maybe_text(4)? {
                Some(closed_on) => row.whole(3)? < moment.end_of(&closed_on)?,
                None => false,
            };
            if !accounted && wrong.is_none() {
                let person = row.maybe_text(2)?.unwrap_or_else(|| "nobody on the roster".to_owned());
                let tube = row.text(1)?;
                wrong = Some(format!("{person}: positive in single tube {tube}, and neither a case nor under review"));
            }
        }
    }
    if wrong.is_none() {
        wrong = first_broken(source, moment, RULES).await?;
    }
    Ok(Finding::of(CHECK, looked_at, wrong))
}
