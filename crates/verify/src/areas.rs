//! Whether every area is one that a case opened and that somebody releases in time: areas rest on cases, cases opened an
//! area or were exempted with a reason, and no area stands longer than its forecast without having been looked at again.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::{Given, Source},
};
use serde_json::Value;
use std::collections::BTreeSet;

const CHECK: &str = "areas.decided";
const PAGE_ROWS: i64 = 5_000;

const RULES: &[Rule] = &[
    Rule {
        wrong: "area is open after the day on which it was to be released",
        sql: "select id from zones where released_on is null and forecast_on < {day} and opened_on <= {day}",
    },
    Rule {
        wrong: "area was released before the rule of release was met",
        sql: "select id from zones where released_on < forecast_on or released_on < opened_on or released_on < last_new_on",
    },
    Rule {
        wrong: "area is forecast to be released before its last new infection",
        sql: "select id from zones where forecast_on < last_new_on",
    },
    Rule {
        wrong: "area without a reason, or on a building that does not exist",
        sql: "select z.id from zones z left join buildings b on b.building = z.building
              where b.building is null or trim(z.reason) in ('', '[]', 'null')",
    },
    Rule {
        wrong: "two open areas on one place",
        sql: "select min(id) from zones where released_on is null group by building, coalesce(unit, ''), coalesce(household, '') having count(*) > 1",
    },
    Rule {
        wrong: "area does not rest on as many cases as it says",
        sql: "select z.id from zones z left join (select zone, count(*) as n from zone_cases group by zone) c on c.zone = z.id
              where z.cases <> coalesce(c.n, 0)",
    },
    Rule {
        wrong: "case rests in an area, and one of the two does not exist",
        sql: "select x.case_id from zone_cases x left join zones z on z.id = x.zone left join cases c on c.id = x.case_id
              where z.id is null or c.id is null",
    },
    Rule {
        wrong: "case was exempted without a reason, or both exempted and resting in an area",
        sql: "select e.case_id from exemptions e left join zone_cases x on x.case_id = e.case_id
              where trim(e.reason) in ('', '[]', 'null') or x.case_id is not null",
    },
    Rule {
        wrong: "area stands on no case, and nobody but who asked allowed it",
        sql: "select z.id from zones z left join extensions e on e.id = z.allowed and e.state = 'approved'
                and e.decided_by <> e.asked_by where z.released_on is null and z.cases = 0 and e.id is null",
    },
    Rule {
        wrong: "area stands longer than was allowed",
        sql: "select z.id from zones z join extensions e on e.id = z.allowed where z.cases = 0 and z.ends_on > e.until_day",
    },
    Rule {
        wrong: "area was to be wider or longer without evidence, by the word of one person, or for longer than was asked",
        sql: "select x.id from extensions x left join cases c on c.id = x.evidence left join zones z on z.id = x.zone
              where c.id is null or z.id is null or trim(x.clause) in ('', '[]', 'null') or x.decided_by = x.asked_by
                or (x.state = 'asked') <> (x.decided_by is null)",
    },
    Rule {
        wrong: "area is asked to be wider or longer, and nobody has to decide (worklist review)",
        sql: "select x.id from extensions x left join items i on i.worklist = 'review' and i.subject = 'extension/' || x.id
                and i.closed_at is null where x.state = 'asked' and i.subject is null and {open} = 0",
    },
    Rule {
        wrong: "open area that nobody has to release (worklist reopen)",
        sql: "select z.id from zones z left join items i on i.worklist = 'reopen' and i.subject = z.id and i.closed_at is null
              where z.released_on is null and z.opened_on <= {day} and i.subject is null and {open} = 0",
    },
    Rule {
        wrong: "area was released, and is still open in the books (worklist reopen)",
        sql: "select z.id from zones z join items i on i.worklist = 'reopen' and i.subject = z.id and i.closed_at is null
              where z.released_on is not null and {open} = 0",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select (select count(*) from zones) + (select count(*) from exemptions)").await?;
    let wrong = match first_broken(source, moment, RULES).await? {
        Some(wrong) => Some(wrong),
        None => undecided(source, moment).await?,
    };
    Ok(Finding::of(CHECK, looked_at, wrong))
}

/// The pack that the first reason of a JSON list of reasons names.
fn pack_of(reason: &str) -> String {
    let reasons: Value = serde_json::from_str(reason).unwrap_or_default();
    reasons[0]["pack"].as_str().unwrap_or_default().to_owned()
}

/// A case with a known building of which nobody decided whether it opens an area. Where an area is suspended for an appeal, a case waits. Whether a disease has areas at all is
/// said by its pack, which is not read here: a pack under which no case ever got a decision is taken to have none.
async fn undecided(source: &mut Source, moment: &Moment) -> Result<Option<String>, VerifyError> {
    let mut packs = BTreeSet::new();
    for table in ["zone_cases", "exemptions"] {
        let mut after = String::new();
        loop {
            let sql = format!("select case_id, reason from {table} where case_id > $1 order by case_id limit $2");
            let rows = source.rows(&sql, &[Given::Text(&after), Given::Whole(PAGE_ROWS)]).await?;
            let Some(last) = rows.last() else { break };
            after = last.text(0)?;
            for row in rows {
                packs.insert(pack_of(&row.text(1)?));
            }
        }
    }
    let mut after = String::new();
    loop {
        let sql = moment.filled(
            "select c.id, c.reason from cases c left join zone_cases x on x.case_id = c.id
             left join exemptions e on e.case_id = c.id
             where c.building is not null and x.case_id is null and e.case_id is null and c.found_at <= {closed} and {open} = 0
               and not exists (select 1 from zones z where z.building = c.building and z.aside is not null)
               and c.id > $1 order by c.id limit $2",
        );
        let rows = source.rows(&sql, &[Given::Text(&after), Given::Whole(PAGE_ROWS)]).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in rows {
            after = row.text(0)?;
            if packs.contains(&pack_of(&row.text(1)?)) {
                return Ok(Some(format!("{after}: nobody decided whether this case opens an area")));
            }
        }
    }
}
