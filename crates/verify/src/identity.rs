//! Whether people who are read as others are so by a decision that stands, whether every decision is an event, and whether the
//! figures of the roster are what its rows give. Recounted with SQL of its own; divisions in which figures are due to be counted are
//! passed over.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const DECIDED: &[Rule] = &[
    Rule {
        wrong: "another one stands for this person, who stands for nobody either",
        sql: "select p.person from people p join people q on q.no = p.merged_into where q.merged_into is not null",
    },
    Rule {
        wrong: "somebody who is not there stands for this person",
        sql: "select p.person from people p where p.merged_into is not null
            and (p.merged_into = p.no or not exists (select 1 from people q where q.no = p.merged_into))",
    },
    Rule {
        wrong: "this person is merged, and the last decision does not say so",
        sql: "select p.person from people p where p.merged_into is not null and not exists (
            select 1 from identity_decisions d where d.person_no = p.no and d.decision = 'merge' and d.other_no = p.merged_into
                and d.seq = (select max(e.seq) from identity_decisions e where e.person_no = p.no and e.decision <> 'distinct'))",
    },
    Rule {
        wrong: "the last decision merged this person with another, and nobody stands for them",
        sql: "select p.person from identity_decisions d join people p on p.no = d.person_no
            where d.decision = 'merge' and coalesce(p.merged_into, -1) <> d.other_no
                and d.seq = (select max(e.seq) from identity_decisions e where e.person_no = d.person_no and e.decision <> 'distinct')",
    },
    Rule {
        wrong: "a decision without its event, or an event without its decision",
        sql: "select p.person from people p join (select person_no as no, count(*) as n from identity_decisions group by person_no) d
                on d.no = p.no where d.n <> (select count(*) from events e where e.subject = p.person
                    and e.kind in ('people.merged', 'people.split', 'people.distinct'))",
    },
    Rule {
        wrong: "the pair says otherwise than the last decision on it",
        sql: "select p.person from pairs k join people p on p.no = k.one
            where coalesce(k.decided, '') <> coalesce((select case d.decision when 'split' then '' else d.decision end
                from identity_decisions d where (d.person_no = k.one and d.other_no = k.other)
                    or (d.person_no = k.other and d.other_no = k.one) order by d.seq desc limit 1), '')",
    },
];

const COUNTED: &[Rule] = &[
    Rule {
        wrong: "the figure of people on the roster is not what the roster gives",
        sql: "select f.division from roster_figures f left join roster_due u on u.division = f.division
            where u.division is null and f.people <> (select count(*) from people p
            where p.division = f.division and p.registered and p.merged_into is null)",
    },
    Rule {
        wrong: "the figure of merged people is not what the roster gives",
        sql: "select f.division from roster_figures f left join roster_due u on u.division = f.division
            where u.division is null and f.merged <> (select count(*) from people p
            where p.division = f.division and p.merged_into is not null)",
    },
    Rule {
        wrong: "the figure of people whom a list knows is not what the lists give",
        sql: "select f.division from roster_figures f left join roster_due u on u.division = f.division
            where u.division is null and f.listed <> (select count(*) from people p
            where p.division = f.division and p.registered and p.merged_into is null
                and p.no in (select coalesce(q.merged_into, q.no) from listed_links k join people q on q.no = k.person_no
                    where k.linked = 'same'))",
    },
    Rule {
        wrong: "the figure of pairs that wait is not the number of them",
        sql: "select f.division from roster_figures f left join roster_due u on u.division = f.division
            where u.division is null and f.pairs <> (select count(*) from pairs k
            where k.division = f.division and k.decided is null)",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Vec<Finding>, VerifyError> {
    let decisions = "select count(*) from identity_decisions";
    let figures = "select count(*) from roster_figures";
    Ok(vec![
        finding(source, moment, "identity.decided", decisions, DECIDED).await?,
        finding(source, moment, "roster.counted", figures, COUNTED).await?,
    ])
}
