//! Whether no emergency was left alone (R08): each that is known has a ticket, each ticket waits for somebody by name in the books, tier
//! after tier was rung while nobody had decided and none before its time, and what was decided, refused and ended has a name behind it.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const RULES: &[Rule] = &[
    Rule {
        wrong: "an emergency, and no ticket was opened",
        sql: "select q.request from requests q where q.received_at <= {closed} and (q.kind in ('emergency', 'labour')
                or (q.kind = 'exit_blocked' and q.received_at >= (select min(x.opened_at) from tickets x where x.kind = 'exit_blocked')))
              and not exists (select 1 from tickets t where t.request = q.request)",
    },
    Rule {
        wrong: "ticket of no request, or of another kind or place than its request",
        sql: "select t.ticket from tickets t left join requests q on q.request = t.request and q.kind = t.kind and q.division = t.division
              where q.request is null",
    },
    Rule {
        wrong: "ticket is open, and nobody is waited for in the books (worklists decide and help)",
        sql: "select t.ticket from tickets t where t.ended_at is null and not exists (select 1 from items i
                where i.subject = t.ticket and i.closed_at is null
                and i.worklist = case when t.decided_at is null then 'decide' else 'help' end)",
    },
    Rule {
        wrong: "ticket was decided or has ended, and the books still wait for a decision",
        sql: "select t.ticket from tickets t join items i on i.worklist = 'decide' and i.subject = t.ticket and i.closed_at is null
              where t.decided_at is not null or t.ended_at is not null",
    },
    Rule {
        wrong: "ticket has ended, and the books still wait for help",
        sql: "select t.ticket from tickets t join items i on i.worklist = 'help' and i.subject = t.ticket and i.closed_at is null
              where t.ended_at is not null",
    },
    Rule {
        wrong: "the decision stands at another moment than in the books",
        sql: "select t.ticket from tickets t left join items i on i.worklist = 'decide' and i.subject = t.ticket
              where t.decided_at is not null and i.closed_at is distinct from t.decided_at",
    },
    Rule {
        wrong: "nobody decided for a minute, and the district was not rung",
        sql: "select t.ticket from tickets t where {us:t.opened_at} + 60000000 <= {closed_us}
                and t.decided_at is null and t.ended_at is null
                and not exists (select 1 from ticket_rings r where r.ticket = t.ticket and r.tier = 'district')",
    },
    Rule {
        wrong: "nobody decided for two minutes, and the city was not rung",
        sql: "select t.ticket from tickets t where {us:t.opened_at} + 120000000 <= {closed_us}
                and t.decided_at is null and t.ended_at is null
                and not exists (select 1 from ticket_rings r where r.ticket = t.ticket and r.tier = 'city')",
    },
    Rule {
        wrong: "a tier was rung before its minute had passed, after a decision, or is none",
        sql: "select r.ticket || ' ' || r.tier from ticket_rings r left join tickets t on t.ticket = r.ticket
              where t.ticket is null or r.rung_at > t.decided_at or r.rung_at > t.ended_at
                 or {us:r.due_at} <> {us:t.opened_at} + case r.tier when 'district' then 60000000 when 'city' then 120000000 end
                 or r.tier not in ('district', 'city') or {us:r.rung_at} < {us:r.due_at}",
    },
    Rule {
        wrong: "the tier that a ticket names is not the last one that was rung",
        sql: "select t.ticket from tickets t where t.tier <> case
                when exists (select 1 from ticket_rings r where r.ticket = t.ticket and r.tier = 'city') then 'city'
                when exists (select 1 from ticket_rings r where r.ticket = t.ticket and r.tier = 'district') then 'district'
                else 'community' end",
    },
    Rule {
        wrong: "decided, and no step says by whom, or by somebody else than its owner at that moment",
        sql: "select t.ticket from tickets t where t.decided_at is not null and not exists (select 1 from ticket_steps s
                where s.ticket = t.ticket and s.step = 'decided' and s.at = t.decided_at and s.account = t.decided_by)",
    },
    Rule {
        wrong: "ended, and no step says how, or something was said of it afterwards",
        sql: "select t.ticket from tickets t where t.ended_at is not null and (not exists (select 1 from ticket_steps s
                where s.ticket = t.ticket and s.step = t.ended_how and s.at = t.ended_at)
                or exists (select 1 from ticket_steps s where s.ticket = t.ticket and s.at > t.ended_at)
                or t.ended_how not in ('helped', 'stood_down', 'confirmed'))",
    },
    Rule {
        wrong: "care was refused without the name of a clinician or a reason",
        sql: "select ticket from ticket_steps where step = 'refused'
              and (trim(coalesce(clinician, '')) = '' or trim(coalesce(reason, '')) = '')",
    },
    Rule {
        wrong: "care was refused, and no incident was opened for the level above (worklist review)",
        sql: "select s.ticket from (select ticket, count(*) as n from ticket_steps where step = 'refused' group by ticket) s
              join tickets t on t.ticket = s.ticket
              where t.refusals <> s.n or (select count(*) from items i where i.worklist = 'review'
                and i.subject like 'refused/' || s.ticket || '/%') < s.n",
    },
];

/// Regular treatments of people who are bound (N6).
const TREATMENTS: &[Rule] = &[
    Rule {
        wrong: "somebody is bound who has a regular need, and no treatment was planned since",
        sql: "select o.person || ' ' || n.need from orders o join people p on p.person = o.person and p.merged_into is null
              join (select 'dialysis' as need union all select 'chemotherapy' union all select 'late_pregnancy'
                union all select 'psychiatric' union all select 'chronic_medicine') n
                on ';' || p.needs || ';' like '%;' || n.need || ';%'
              where o.state = 'active' and o.kind in ('central_isolation', 'home_isolation', 'home_monitoring', 'stay_for_retest')
                and o.from_day <= {day} and o.until_day >= {day} and o.starts_at < {closed} and {open} = 0
                and not exists (select 1 from treatments t where t.person_no = p.no and t.need = n.need and t.day >= o.from_day)",
    },
    Rule {
        wrong: "treatment is waited for, and nothing stands in the books (worklist treat)",
        sql: "select t.id from treatments t left join items i on i.worklist = 'treat' and i.subject = t.id and i.closed_at is null
              where t.ended_at is null and i.subject is null",
    },
    Rule {
        wrong: "treatment has ended, and the books still wait for it",
        sql: "select t.id from treatments t join items i on i.worklist = 'treat' and i.subject = t.id and i.closed_at is null
              where t.ended_at is not null",
    },
    Rule {
        wrong: "treatment is in time in the books after its day is over",
        sql: "select t.id from treatments t join items i on i.worklist = 'treat' and i.subject = t.id
              where t.day < {day} and i.due_at >= {closed}",
    },
    Rule {
        wrong: "treatment was refused, and no incident was opened for the level above (worklist review)",
        sql: "select t.id from treatments t left join (select treatment, count(*) as n from treatment_refusals group by treatment) r
                on r.treatment = t.id
              where t.refusals <> coalesce(r.n, 0) or (select count(*) from items i where i.worklist = 'review'
                and i.subject like 'refused/' || t.id || '/%') < t.refusals",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<[Finding; 2], VerifyError> {
    Ok([
        finding(source, moment, "urgent.answered", "select count(*) from tickets", RULES).await?,
        finding(source, moment, "treatments.kept", "select count(*) from treatments", TREATMENTS).await?,
    ])
}
