//! Whether items and postings say the same: every item was received once and ended at most once, when and where its
//! postings say; what the postings leave open is what is open, by worklist and district; and what the last closed day
//! carried over is what was open then, by name.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

/// Each item with its postings, and each posting without an item.
const POSTED: &[Rule] = &[
    Rule {
        wrong: "its item and its postings do not say the same (one received, at most one ended, same time, place and outcome)",
        sql: "with p as (select worklist, subject,
                sum(case when movement = 'received' then 1 else 0 end) as began,
                sum(case when movement <> 'received' then 1 else 0 end) as ended,
                max(case when movement <> 'received' then movement end) as outcome,
                max(case when movement = 'received' then at end) as opened_at,
                max(case when movement <> 'received' then at end) as closed_at,
                min(division) as division, max(division) as other_division,
                max(case when movement = 'received' then day end) as began_on,
                max(case when movement <> 'received' then day end) as ended_on
              from postings group by worklist, subject)
            select i.worklist || ' ' || i.subject from items i left join p on p.worklist = i.worklist and p.subject = i.subject
            where p.subject is null or p.began <> 1 or p.ended <> (case when i.closed_at is null then 0 else 1 end)
               or p.opened_at <> i.opened_at or p.closed_at is distinct from i.closed_at
               or p.outcome is distinct from i.outcome or p.division <> i.division or p.other_division <> i.division
               or p.ended_on < p.began_on or i.closed_at < i.opened_at",
    },
    Rule {
        wrong: "was posted, and there is no such item",
        sql: "select p.worklist || ' ' || p.subject from (select distinct worklist, subject from postings) p
              left join items i on i.worklist = p.worklist and i.subject = p.subject where i.subject is null",
    },
    Rule {
        wrong: "items open now are not what was received less what was completed and cancelled",
        sql: "select coalesce(i.worklist, p.worklist) || ' in ' || coalesce(i.district, p.district) from
                (select worklist, substr(division, 1, 6) as district, count(*) as n from items where closed_at is null
                 group by worklist, substr(division, 1, 6)) i
              full join (select worklist, substr(division, 1, 6) as district,
                    sum(case when movement = 'received' then 1 else -1 end) as n
                 from postings group by worklist, substr(division, 1, 6)) p
                on p.worklist = i.worklist and p.district = i.district
              where coalesce(i.n, 0) <> coalesce(p.n, 0)",
    },
    Rule {
        wrong: "was posted on a day that the books do not have",
        sql: "select p.worklist || ' ' || p.subject from postings p left join days d on d.day = p.day where d.day is null",
    },
    Rule {
        wrong: "has no owner among the four parties",
        sql: "select worklist || ' ' || subject from items
              where trim(owner) = '' or party not in ('division', 'department', 'site', 'individual')",
    },
];

/// The list that the last closed day carried over.
const CARRIED: &[Rule] = &[
    Rule {
        wrong: "was open at the close of the last closed day, and is not on its list",
        sql: "select p.worklist || ' ' || p.subject from
                (select worklist, subject from postings where day <= {day} group by worklist, subject
                 having sum(case when movement = 'received' then 1 else -1 end) > 0) p
              left join carried c on c.day = {day} and c.worklist = p.worklist and c.subject = p.subject
              where c.subject is null",
    },
    Rule {
        wrong: "is on the list of the last closed day, and was not open at its close",
        sql: "select c.worklist || ' ' || c.subject from carried c
              left join (select worklist, subject from postings where day <= {day} group by worklist, subject
                 having sum(case when movement = 'received' then 1 else -1 end) > 0) p
                on p.worklist = c.worklist and p.subject = c.subject
              where c.day = {day} and p.subject is null",
    },
    Rule {
        wrong: "stands on the list of the last closed day with another owner, place or time than in the books",
        sql: "select c.worklist || ' ' || c.subject from carried c
              join items i on i.worklist = c.worklist and i.subject = c.subject
              where c.day = {day} and (i.party <> c.party or i.owner <> c.owner or i.division <> c.division
                    or i.opened_at <> c.opened_at)",
    },
    Rule {
        wrong: "was carried over without a reason",
        sql: "select worklist || ' ' || subject from carried where trim(reason) = ''",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<[Finding; 2], VerifyError> {
    Ok([
        finding(source, moment, "items.posted", "select count(*) from items", POSTED).await?,
        finding(source, moment, "items.carried", "select count(*) from carried where day = {day}", CARRIED).await?,
    ])
}
