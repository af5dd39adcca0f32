//! Whether runs of parcels can be: each parcel of a run once and in one open run, no run over what its carrier takes or out of its hours, and
//! nobody with two runs at one time.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const RULES: &[Rule] = &[
    Rule {
        wrong: "stop of a run that there is not, or of a parcel that there is not",
        sql: "select s.run || ' ' || s.household || ' ' || s.item from delivery_stops s
              left join delivery_runs r on r.run = s.run
              left join parcels p on p.household = s.household and p.day = s.day and p.item = s.item
              where r.run is null or p.household is null or p.depot is null or p.depot <> r.depot or s.division <> p.division",
    },
    Rule {
        wrong: "parcel that is twice in a run, or in two open ones",
        sql: "select s.household || ' ' || {iso:s.day} || ' ' || s.item from delivery_stops s
              group by s.household, s.day, s.item, case when s.ended_at is null then 'open' else s.run end having count(*) > 1",
    },
    Rule {
        wrong: "run that carries more than its carrier takes, or other parcels than were counted",
        sql: "select r.run from delivery_runs r
              where r.parcels > r.capacity or r.parcels <> (select count(*) from delivery_stops s where s.run = r.run)",
    },
    Rule {
        wrong: "run out of the hours of its carrier",
        sql: "select r.run from delivery_runs r where r.loads_at < r.hours_from or r.leaves_at < r.loads_at or r.returns_at > r.hours_until
              or r.returns_at <= r.leaves_at or r.left_at < r.hours_from or r.left_at > r.hours_until",
    },
    Rule {
        wrong: "run that is longer than anybody may be on the way without a rest (R09)",
        sql: "select r.run from delivery_runs r where r.minutes > 240",
    },
    Rule {
        wrong: "door that is expected before its run leaves or after it is back",
        sql: "select s.run || ' ' || s.household || ' ' || s.item from delivery_stops s join delivery_runs r on r.run = s.run
              where r.replanned_at is null and (s.ended_at is null or (r.left_at is not null and s.ended_at > r.left_at))
                and (s.expected_at < r.leaves_at or s.expected_at > r.returns_at)",
    },
    Rule {
        wrong: "carrier with two runs on the way at one time",
        sql: "select a.carrier || ' ' || a.run || ' ' || b.run from delivery_runs a
              join delivery_runs b on b.carrier = a.carrier and b.run > a.run
              where a.left_at is not null and b.left_at is not null and a.leaves_at < b.returns_at and b.leaves_at < a.returns_at",
    },
    Rule {
        wrong: "run that was planned anew and has left, or has an open door",
        sql: "select r.run from delivery_runs r where r.replanned_at is not null and (r.left_at is not null
              or exists (select 1 from delivery_stops s where s.run = r.run and s.ended_at is null))",
    },
    Rule {
        wrong: "parcel at its door, and a run is still to bring it",
        sql: "select s.run || ' ' || s.household || ' ' || s.item from delivery_stops s
              join parcels p on p.household = s.household and p.day = s.day and p.item = s.item
              where s.ended_at is null and p.delivered_at is not null",
    },
    Rule {
        wrong: "run that left, and no event tells of it",
        sql: "select r.run from delivery_runs r where r.left_at is not null and not exists
              (select 1 from events e where e.kind = 'parcel.run_left' and e.subject = r.run and e.actor = r.left_by)",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "deliveries.planned", "select count(*) from delivery_stops", RULES).await
}
