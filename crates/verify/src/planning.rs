//! Whether plans of rounds, what rounds found and the laboratories of boxes can be: nobody is called twice or forgotten, no more are
//! found than were tested, and no box is given to a laboratory whose results are withheld or beyond what it is validated for.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const LOOKED_AT: &str = "select (select count(*) from round_plans) + (select count(*) from allotments)";

const RULES: &[Rule] = &[
    Rule {
        wrong: "plan of a round whose sites do not have its people",
        sql: "select p.round from round_plans p where p.refusal is null
              and p.people <> coalesce((select sum(s.people) from round_sites s where s.round = p.round), 0)",
    },
    Rule {
        wrong: "plan that the rules forbid, with sites",
        sql: "select p.round from round_plans p where p.refusal is not null
              and exists (select 1 from round_sites s where s.round = p.round)",
    },
    Rule {
        wrong: "round that was let go ahead by who planned it, or without a reason or an event",
        sql: "select a.round from round_approvals a join rounds r on r.round = a.round
              where a.\"by\" = r.planned_by or trim(a.reason) = ''
                or not exists (select 1 from events e where e.subject = a.round and e.kind = 'round.approved' and e.actor = a.\"by\")",
    },
    Rule {
        wrong: "round of key places that has begun and is for nobody",
        sql: "select r.round from rounds r where r.state in ('open', 'closed')
              and exists (select 1 from round_scopes s where s.round = r.round and s.kind = 'place')
              and not exists (select 1 from round_people k where k.round = r.round)",
    },
    Rule {
        wrong: "somebody in a round who is due at none of its key places",
        sql: "select k.round || ' ' || k.person_no from round_people k
              where not exists (select 1 from round_scopes s where s.round = k.round and s.kind = 'place' and s.name = k.place)",
    },
    Rule {
        wrong: "site to which not all of its people are called, or more",
        sql: "select s.round || ' site ' || s.number from round_sites s
              where s.people <> coalesce((select sum(c.people) from round_calls c where c.round = s.round and c.site = s.number), 0)",
    },
    Rule {
        wrong: "round that found more people than it tested, or more in the community than in all",
        sql: "select y.round || ' ' || y.purpose from yields y where y.positives > y.tests or y.community > y.positives
              or y.tubes > y.tests",
    },
    Rule {
        wrong: "building of which more people came than there were",
        sql: "select a.round || ' ' || a.building from round_attendance a where a.sampled > a.people",
    },
    Rule {
        wrong: "box given to a laboratory whose results were all withheld",
        sql: "select a.box || ' to ' || a.laboratory from allotments a
              join shipments s on s.box = a.box and s.state = 'packed'
              join holds h on h.laboratory = a.laboratory and h.run is null and h.lot is null and h.\"until\" is null
                and h.held_at < a.made_at and h.\"from\" <= a.made_at and (h.lifted_at is null or h.lifted_at > a.made_at)
              where a.chosen_by is null and a.result_at is not null",
    },
    Rule {
        wrong: "laboratory that was given more tubes than it is validated for in a day",
        sql: "select l.laboratory from laboratories l where l.tubes_a_day < (select sum(a.tubes) from allotments a
                join shipments s on s.box = a.box and s.state = 'packed'
                where a.laboratory = l.laboratory and a.chosen_by is null)",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "rounds.planned", LOOKED_AT, RULES).await
}
