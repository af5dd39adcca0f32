//! Whether the books of entry gates balance and are those of the people in them, and whether whoever came and was not tested is waited for.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const RULES: &[Rule] = &[
    Rule {
        wrong: "manifest and extra are not those who came, are missing or are expected",
        sql: "select gate || ' ' || {iso:day} from gate_days where listed + extra <> arrived + missing + expected
                or arrived <> tested + refused + owing",
    },
    Rule {
        wrong: "the book does not say what manifest and gate said",
        sql: "select y.gate || ' ' || {iso:y.day} from gate_days y join (select gate, day, sum(on_list) as listed, sum(came) as arrived,
                    sum(case when on_list = 0 then came else 0 end) as extra from (select gate, day, ticket,
                        max(case when said = 'listed' then 1 else 0 end) as on_list,
                        max(case when said in ('arrived', 'tested', 'refused') then 1 else 0 end) as came
                    from arrivals group by gate, day, ticket) t group by gate, day) a on a.gate = y.gate and a.day = y.day
              where (y.listed <> a.listed or y.arrived <> a.arrived or y.extra <> a.extra)
                and not exists (select 1 from landings_told t where t.gate = y.gate and t.day = y.day)",
    },
    Rule {
        wrong: "came, and stands in no book",
        sql: "select a.gate || ' ' || {iso:a.day} || ' ' || a.ticket from arrivals a
              where a.said in ('listed', 'arrived', 'tested', 'refused')
                and not exists (select 1 from landings n where n.gate = a.gate and n.day = a.day and n.ticket = a.ticket)
                and not exists (select 1 from landings_told t where t.gate = a.gate and t.day = a.day and t.ticket = a.ticket)",
    },
    Rule {
        wrong: "came and owes the test on landing, and nothing waits for it (worklist retest); or it was had, and something still does",
        sql: "select n.gate || ' ' || {iso:n.day} || ' ' || n.ticket from landings n left join items i on i.worklist = 'retest'
                and i.subject = 'landing/' || n.gate || '/' || {iso:n.day} || '/' || n.ticket and i.closed_at is null
              where (n.state = 'owes') <> (i.subject is not null)",
    },
    Rule {
        wrong: "somebody is bound because of a gate",
        sql: "select o.id from orders o where o.basis in ('landing', 'gate', 'arrival') or o.subject like 'landing/%'",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "gates.counted", "select count(*) from gate_days", RULES).await
}
