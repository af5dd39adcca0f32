//! Whether nobody is lost in a pool (R05): every member of a positive or inconclusive tube is in the books by name, and is
//! resolved by a single tube filled at or after the pool, or is a case, or still waits; and every tube that says nothing
//! about anybody waits to be cleared up.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const LOOKED_AT: &str =
    "select count(*) from settled s join tubes t on t.no = s.tube_no join members m on m.tube_no = t.no
    where s.finding in ('positive', 'inconclusive') and s.version <> 'P' and s.reported_at <= {closed}";

/// Whoever is known under two ids is resolved under either; what was decided of them since the last close is left to the open day.
/// Members of tubes that show something without saying whom: pools, and inconclusive singles.
macro_rules! held {
    ($rest:literal) => {
        concat!(
            "with abnormal as (
                select t.no, t.tube, t.collected_at, s.finding, t.size, count(*) as people
                from settled s join tubes t on t.no = s.tube_no join members m on m.tube_no = t.no
                where s.finding in ('positive', 'inconclusive') and s.version <> 'P' and s.reported_at <= {closed} and {known}
                group by t.no, t.tube, t.collected_at, s.finding, t.size),
              held as (
                select a.no, a.tube, a.collected_at, coalesce(p.merged_into, p.no) as who, p.person
                from abnormal a join members m on m.tube_no = a.no join people p on p.no = m.person_no
                where not (a.size = 1 and a.people = 1 and a.finding = 'positive')
                  and not exists (select 1 from identity_decisions d where d.at > {closed}
                    and (d.person_no = p.no or d.other_no = p.no))),
              sole as (
                select m.tube_no, min(m.person_no) as person_no from tubes t join members m on m.tube_no = t.no
                where t.size = 1 group by m.tube_no having count(*) = 1),
              resolved as (
                select coalesce(q.merged_into, q.no) as who, max(t.collected_at) as last
                from sole x join tubes t on t.no = x.tube_no join people q on q.no = x.person_no
                join settled s on s.tube_no = t.no
                where s.finding in ('negative', 'positive') and s.version <> 'P'
                  and (s.reported_at <= {closed} or {open} = 1)
                group by coalesce(q.merged_into, q.no)),
              ill as (select coalesce(q.merged_into, q.no) as who, max(c.sampled_at) as last
                from cases c join people q on q.no = c.person_no group by coalesce(q.merged_into, q.no)) ",
            $rest
        )
    };
}

const RULES: &[Rule] = &[
    Rule {
        wrong: "member of a positive or inconclusive tube: not resolved singly, no case, and nobody recalls them",
        sql: held!(
            "select h.tube || '/' || h.person from held h left join resolved r on r.who = h.who
             left join ill c on c.who = h.who
             left join items i on i.worklist = 'recall' and i.subject = h.tube || '/' || h.person and i.closed_at is null
             where (r.last is null or r.last < h.collected_at) and (c.last is null or c.last < h.collected_at)
               and i.subject is null and not exists (select 1 from items j where j.worklist = 'recall' and j.closed_at is null
                 and j.subject > h.tube || '/' || h.person || '/again-' and j.subject < h.tube || '/' || h.person || '/again.')"
        ),
    },
    Rule {
        wrong: "member of a positive or inconclusive tube who is not in the books (worklist recall)",
        sql: held!(
            "select h.tube || '/' || h.person from held h
             left join items i on i.worklist = 'recall' and i.subject = h.tube || '/' || h.person where i.subject is null"
        ),
    },
    Rule {
        wrong: "person whose negative result is withheld, and nobody asks them to be sampled again",
        sql: "select t.tube || '/' || p.person from settled s join tubes t on t.no = s.tube_no
              join members m on m.tube_no = t.no join people p on p.no = m.person_no
              left join items i on i.worklist = 'recall' and i.subject = t.tube || '/' || p.person
              where s.held_at is not null and s.held_at <= {closed} and s.finding = 'invalid' and s.version <> 'P'
                and i.subject is null",
    },
    Rule {
        wrong: "tube that says nothing about anybody, and nobody clears it up (worklist clarify)",
        sql: "select t.tube from settled s join tubes t on t.no = s.tube_no
              left join (select distinct tube_no from members) m on m.tube_no = t.no
              left join items i on i.worklist = 'clarify' and i.subject = 'tube/' || t.tube
              where s.version <> 'P' and s.reported_at <= {closed} and {known} and i.subject is null
                and not (s.held_at is not null and m.tube_no is not null)
                and (s.finding = 'invalid' or (s.finding in ('positive', 'inconclusive') and m.tube_no is null))",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "pools.resolved", LOOKED_AT, RULES).await
}
