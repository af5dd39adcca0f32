//! Whether each hand-over reconciles: what one side sent is what the other has, plus what is missing by name. The frozen
//! hops are worked out again from the ledger, and the tubes are counted again from their rows, which no ledger sees.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const RULES: &[Rule] = &[
    Rule {
        wrong: "what was sent is not what was received and what is missing by name",
        sql: "select {iso:day} || ' ' || name || ' in ' || division from hops where sent <> received + missing",
    },
    Rule {
        wrong: "the hop is not what the ledger of that day says",
        sql: "with expected as (
                select l.day, h.name, l.division, l.opening + l.received as sent, l.completed + l.cancelled as received,
                    l.closing as missing
                from ledger l join (
                    select 'tubes.collected-delivered' as name, 'deliver' as worklist
                    union all select 'tubes.counted-resulted', 'test'
                    union all select 'pools.members-resolved', 'recall'
                    union all select 'positives.found-moved', 'move'
                    union all select 'contacts.listed-placed', 'place'
                    union all select 'people.sent-back', 'away'
                    union all select 'households.owed-delivered', 'supply'
                    union all select 'requests.received-answered', 'answer') h on h.worklist = l.worklist
                union all
                select l.day, h.name, l.division, sum(case when l.worklist = h.giver then l.completed else 0 end),
                    sum(case when l.worklist = h.taker then l.received else 0 end), 0
                from ledger l join (
                    select 'tubes.delivered-counted' as name, 'deliver' as giver, 'test' as taker
                    union all select 'positives.reported-move', 'report', 'move') h on l.worklist in (h.giver, h.taker)
                group by l.day, h.name, l.division
                having sum(case when l.worklist = h.giver then l.completed else l.received end) > 0)
              select {iso:e.day} || ' ' || e.name || ' in ' || e.division from expected e
              left join hops h on h.day = e.day and h.name = e.name and h.division = e.division
              where h.name is null or h.sent <> e.sent or h.received <> e.received or h.missing <> e.missing",
    },
    Rule {
        wrong: "tube filled before the close, and nobody has it in the books (worklist deliver)",
        sql: "select t.tube from tubes t left join items i on i.worklist = 'deliver' and i.subject = t.tube
              where t.collected_at <= {closed} and i.subject is null and {open} = 0",
    },
    Rule {
        wrong: "tube counted in by the laboratory, and not waiting for a result in the books (worklist test)",
        sql: "select t.tube from tubes t left join items i on i.worklist = 'test' and i.subject = t.tube
              where t.received_at <= {closed} and t.collected_at <= {closed} and i.subject is null and {open} = 0",
    },
    Rule {
        wrong: "tube with a result that counts, and still open in the books (worklist test)",
        sql: "select t.tube from settled s join tubes t on t.no = s.tube_no
              left join items i on i.worklist = 'test' and i.subject = t.tube
              where s.finding is not null and s.version <> 'P' and s.reported_at <= {closed} and t.collected_at <= {closed}
                and (i.subject is null or i.closed_at is null) and {open} = 0",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "hops.reconcile", "select count(*) from hops", RULES).await
}
