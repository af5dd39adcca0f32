//! Whether the book of each letter of assistance is that of the people in it, whether what was answered is what was said last, and whether
//! whoever is without an answer, or with nobody, is waited for.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const RULES: &[Rule] = &[
    Rule {
        wrong: "people in a letter are not those who were taken over, not found, elsewhere, refused or without an answer",
        sql: "select id from letters where people <> found + not_found + elsewhere + refused + unanswered",
    },
    Rule {
        wrong: "the book of a letter is not that of the people in it",
        sql: "select l.id from letters l left join (select p.letter, count(*) as people,
                    sum(case when p.state = 'found' then 1 else 0 end) as found,
                    sum(case when p.state = 'not_found' then 1 else 0 end) as not_found,
                    sum(case when p.state = 'elsewhere' then 1 else 0 end) as elsewhere,
                    sum(case when p.state = 'refused' then 1 else 0 end) as refused
                from letter_people p where p.taken group by p.letter) c on c.letter = l.id
              where l.people <> coalesce(c.people, 0) or l.found <> coalesce(c.found, 0) or l.not_found <> coalesce(c.not_found, 0)
                or l.elsewhere <> coalesce(c.elsewhere, 0) or l.refused <> coalesce(c.refused, 0)",
    },
    Rule {
        wrong: "somebody in a letter that is not there",
        sql: "select p.key from letter_people p left join letters l on l.id = p.letter where p.taken and l.id is null",
    },
    Rule {
        wrong: "somebody in a letter stands otherwise than was said of them last",
        sql: "select p.key from letter_people p left join letter_words w on w.key = p.key
                and w.no = (select max(x.no) from letter_words x where x.key = p.key)
              where p.gone_on is null and p.state <> coalesce(w.state, 'open')",
    },
    Rule {
        wrong: "a letter waits for an answer, and nothing waits for it (worklist letters); or it was answered, and something still does",
        sql: "select l.id from letters l left join items i on i.worklist = 'letters' and i.closed_at is null
                and i.subject = l.id || case when l.round > 1 then '/' || cast(l.round as varchar(20)) else '' end
              where (l.state in ('sent', 'received')) <> (i.subject is not null)",
    },
    Rule {
        wrong: "nobody takes somebody over whom we asked after, and nothing waits for them (worklist letters)",
        sql: "select p.key from letter_people p left join items i on i.worklist = 'letters' and i.closed_at is null
                and i.subject = p.letter || '/' || p.entry
              where p.case_id is not null and p.state in ('not_found', 'elsewhere', 'refused') and p.settled_at is null
                and i.subject is null",
    },
    Rule {
        wrong: "order because of a letter on somebody whom nobody confirmed",
        sql: "select o.id from orders o join letters l on l.id = o.evidence
              where not exists (select 1 from letter_people p where p.letter = l.id and p.state = 'found' and p.case_id is null
                and (p.person = o.person or p.gone_on is not null))",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "letters.balance", "select count(*) from letters", RULES).await
}
