//! Whether every clock of an investigation that ended rests on something that was filled in, and every answer on a question that was put;
//! and whether whoever is bound as a contact still bears a name.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::Source,
};

const RULES: &[Rule] = &[
    Rule {
        wrong: "investigation that counts as under way, and nothing was answered, nobody listed and nobody settled it",
        sql: "select i.subject from items i join cases c on c.id = i.subject
              where i.worklist in ('reach', 'facts') and i.outcome = 'completed' and i.reason not like 'settled by %'
                and not exists (select 1 from answers a where a.case_person = c.person)
                and not exists (select 1 from contacts_declared d where d.case_person = c.person)
                and not exists (select 1 from contacts g where g.case_id = c.id and g.gone_on is not null)
                -- or under an id that was read as the same person: who stood for the case, and all for whom they stood
                and not exists (select 1 from identity_decisions d join people p on p.no = d.other_no
                    where d.decision = 'merge' and d.person_no = c.person_no
                        and (exists (select 1 from answers a where a.case_person = p.person)
                            or exists (select 1 from contacts_declared x where x.case_person = p.person)))
                and not exists (select 1 from identity_decisions d
                    join identity_decisions e on e.other_no = d.other_no and e.decision = 'merge'
                    join people p on p.no = e.person_no
                    where d.decision = 'merge' and (d.person_no = c.person_no or d.other_no = c.person_no)
                        and (exists (select 1 from answers a where a.case_person = p.person)
                            or exists (select 1 from contacts_declared x where x.case_person = p.person)))",
    },
    Rule {
        wrong: "investigation whose core facts are known before anybody reached the person",
        sql: "select f.subject from items f join items r on r.worklist = 'reach' and r.subject = f.subject
              where f.worklist = 'facts' and f.outcome = 'completed' and (r.closed_at is null or r.closed_at > f.closed_at)
                and f.reason not like 'settled by %'",
    },
    Rule {
        wrong: "answer to a version of a question that was never put",
        sql: "select a.key from answers a left join questions q on q.question = a.question and q.version = a.version
              where q.key is null",
    },
    Rule {
        wrong: "contact without a name whose follow-up runs",
        sql: "select k.case_id from contacts k join followed w on w.person = k.person
              where k.gone_on is not null and w.ended_on is null",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from items where worklist in ('reach', 'facts')").await?;
    let wrong = first_broken(source, moment, RULES).await?;
    Ok(Finding::of("investigations.answered", looked_at, wrong))
}
