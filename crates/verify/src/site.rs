//! Whether every tube that was taken from a site stands as it was taken: with its people, at its time, which is not later than its
//! coming; and nobody's record was taken twice.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const RULES: &[Rule] = &[
    Rule {
        wrong: "tube of a site was taken, and is not there",
        sql: "select x.record from site_tubes x left join tubes t on t.no = x.tube_no where t.no is null",
    },
    Rule {
        wrong: "tube of a site was closed after it was taken: a time in the future",
        sql: "select x.record from site_tubes x where x.collected_at > x.received_at",
    },
    Rule {
        wrong: "tube of a site stands with another time, place or purpose than it was taken with, and is no second tube of its code",
        sql: "select x.record from site_tubes x join tubes t on t.no = x.tube_no
              where (t.collected_at <> x.collected_at or t.division <> x.division)
                and not exists (select 1 from tubes_doubled d where d.tube_no = x.tube_no and d.division = x.division)",
    },
    Rule {
        wrong: "tube of a site holds fewer people than were taken with it",
        sql: "select x.record from site_tubes x
              where x.people > (select count(*) from members m where m.tube_no = x.tube_no)",
    },
    Rule {
        wrong: "two records were taken for one tube, and it is not known as a code that was given twice",
        sql: "select min(x.record) from site_tubes x
              where not exists (select 1 from tubes_doubled d where d.tube_no = x.tube_no)
              group by x.tube_no having count(*) > 1",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "site.taken", "select count(*) from site_tubes", RULES).await
}
