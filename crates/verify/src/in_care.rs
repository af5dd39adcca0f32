//! Who was told of as in care: of every closed day the bulletin's stock is that of the cases by name, follows from the stock of the
//! day before by what came and went, and what came and went is what happened to the case: `stock(t) = stock(t-1) + new - recovered -
//! died +- reclassified`.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::{Given, Source},
};
use serde_json::Value;
use std::collections::BTreeMap;

const CHECK: &str = "in_care.balances";

/// As what a case stands at the last close, worked out from the case alone; nothing where that cannot be said any more.
const RULES: &[Rule] = &[
    Rule {
        wrong: "was told of as in care, and there is no such case",
        sql: "select i.case_id from in_care i left join cases c on c.id = i.case_id where c.id is null",
    },
    Rule {
        wrong: "was told of as two things at once",
        sql: "select a.case_id from in_care a join in_care b on b.case_id = a.case_id
                and (b.from_day > a.from_day or (b.from_day = a.from_day and b.class > a.class))
              where a.until_day is null or a.until_day > b.from_day",
    },
    Rule {
        wrong: "became something else on a day, and nothing says what, or was it before",
        sql: "select i.case_id from in_care i where (i.went = 'reclassified' and not exists (select 1 from in_care n
                    where n.case_id = i.case_id and n.from_day = i.until_day and n.came = 'reclassified' and n.class <> i.class))
                or (i.came = 'reclassified' and not exists (select 1 from in_care n
                    where n.case_id = i.case_id and n.until_day = i.from_day and n.went = 'reclassified' and n.class <> i.class))",
    },
    Rule {
        // what became of a case after it went is another matter only where it stands again
        wrong: "went in another way than the case says",
        sql: "select i.case_id from in_care i join cases c on c.id = i.case_id
              where i.went in ('recovered', 'died', 'withdrawn')
                and (c.outcome is null or c.outcome <> i.went or c.closed_on is null)",
    },
    Rule {
        wrong: "was set aside for another case, and no event tells of it",
        sql: "select i.case_id from in_care i where i.went = 'set_aside'
                and not exists (select 1 from events e where e.subject = i.case_id and e.kind = 'case.merged')",
    },
    Rule {
        wrong: "stands, and is counted in no stock",
        sql: "select c.id from cases c where c.closed_on is null and c.aside is null and c.found_at < {closed}
                and exists (select 1 from days d where d.day = {day} and d.closed_at is not null)
                and exists (select 1 from in_care)
                and exists (select 1 from events e where e.subject = c.id and e.kind = 'case.opened' and e.seq <= {upto})
                and not exists (select 1 from events e where e.subject = c.id and e.kind = 'case.split' and e.seq > {upto})
                and not exists (select 1 from in_care i where i.case_id = c.id and i.until_day is null)",
    },
    Rule {
        // while a later day is open, a report of that day may tell of a discharge on an earlier one
        wrong: "was over when the last day was closed, and is counted in its stock",
        sql: "select c.id from cases c join in_care i on i.case_id = c.id and i.until_day is null
              where c.closed_on is not null and ({open} = 0 or exists (select 1 from events e where e.subject = c.id and e.seq <= {upto}
                    and (e.kind = 'case.withdrawn' or (e.kind = 'case.classified' and e.body like '%\"outcome\":\"%'))))",
    },
    Rule {
        wrong: "is set aside for another case, and is counted in the stock beside it",
        sql: "select c.id from cases c join in_care i on i.case_id = c.id and i.until_day is null
              where c.aside is not null and ({open} = 0 or coalesce((select e.kind from events e where e.subject = c.id
                    and e.kind in ('case.merged', 'case.split') and e.seq <= {upto} order by e.seq desc limit 1), '') = 'case.merged')",
    },
    Rule {
        wrong: "is counted as something else than it is",
        sql: "select c.id from cases c join in_care i on i.case_id = c.id and i.until_day is null
              where (c.classification = 'awaiting_diagnosis' and i.class <> 'awaiting_diagnosis')
                or (c.counted_on > {day} and i.class <> 'awaiting_diagnosis')
                or (c.counted_on <= {day} and c.classification = 'confirmed' and i.class <> 'confirmed')
                or (c.counted_on <= {day} and c.classification = 'asymptomatic' and i.class <> 'asymptomatic')
                or (c.classification = 'converted' and c.converted_on <= {day} and i.class <> 'confirmed')
                or (c.classification = 'converted' and c.converted_on > {day} and i.class <> 'asymptomatic')",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from in_care").await?;
    let wrong = match first_broken(source, moment, RULES).await? {
        Some(wrong) => Some(wrong),
        None => told(source).await?,
    };
    Ok(Finding::of(CHECK, looked_at, wrong))
}

/// What the latest edition of each closed day prints, beside the stock by name and the edition of the day before.
async fn told(source: &mut Source) -> Result<Option<String>, VerifyError> {
    let sql = "select {iso:d.day}, b.body from days d join bulletins b on b.day = d.day and b.edition = (select max(o.edition)
                from bulletins o where o.day = d.day) where d.closed_at is not null order by d.day";
    let mut before: Option<BTreeMap<String, i64>> = Some(BTreeMap::new());
    for row in source.rows(sql, &[]).await? {
        let day = row.text(0)?;
        let body: Value = serde_json::from_str(&row.text(1)?).unwrap_or(Value::Null);
        let Some(stock) = body["stock"].as_array().filter(|stock| !stock.is_empty()) else {
            before = None;
            continue;
        };
        let mut now = BTreeMap::new();
        let mut sum = 0;
        for line in stock {
            let class = line["class"].as_str().unwrap_or_default().to_owned();
            let open = line["open"].as_i64().unwrap_or(-1);
            if let Some(wrong) = line_of(source, &day, &class, line, before.as_ref()).await? {
                return Ok(Some(format!("{day}, {class}: {wrong}")));
            }
            sum += open;
            now.insert(class, open);
        }
        if body["in_care"].as_i64() != Some(sum) {
            return Ok(Some(format!(
                "{day}: the bulletin tells {} in care, and its classes add up to {sum}",
                body["in_care"]
            )));
        }
        before = Some(now);
    }
    Ok(None)
}

async fn line_of(
    source: &mut Source,
    day: &str,
    class: &str,
    line: &Value,
    before: Option<&BTreeMap<String, i64>>,
) -> Result<Option<String>, VerifyError> {
    let given = [Given::Text(class), Given::Text(day)];
    let open = "select count(*) from in_care where class = $1 and {iso:from_day} <= $2 and (until_day is null or {iso:until_day} > $2)";
    let counted = source.row(open, &given).await?.map_or(Ok(0), |row| row.whole(0))?;
    let printed = line["open"].as_i64().unwrap_or(-1);
    if printed != counted {
        return Ok(Some(format!("the bulletin tells {printed} in care, and by name there are {counted}")));
    }
    let flow = &line["flow"];
    let (Some(before), true) = (before, flow.is_object()) else { return Ok(None) };
    let opening = before.get(class).copied().unwrap_or(0);
    let part = |name: &str| flow[name].as_i64().unwrap_or(i64::MIN / 16);
    if part("before") != opening {
        return Ok(Some(format!(
            "it opens with {}, and the bulletin of the day before told {opening}",
            part("before")
        )));
    }
    let expected =
        opening + part("new") + part("into") - part("out_of") - part("recovered") - part("died") + part("other");
    if expected != printed {
        return Ok(Some(format!(
            "what it tells of comings and goings makes {expected}, and it tells {printed} in care"
        )));
    }
    for (name, column, how) in [
        ("new", "from_day", "came = 'found'"),
        ("into", "from_day", "came = 'reclassified'"),
        ("out_of", "until_day", "went = 'reclassified'"),
        ("recovered", "until_day", "went = 'recovered'"),
        ("died", "until_day", "went = 'died'"),
    ] {
        let sql = format!("select count(*) from in_care where class = $1 and {{iso:{column}}} = $2 and {how}");
        let counted = source.row(&sql, &given).await?.map_or(Ok(0), |row| row.whole(0))?;
        if part(name) != counted {
            return Ok(Some(format!("it tells {} ({name}), and by name there are {counted}", part(name))));
        }
    }
    Ok(None)
}
