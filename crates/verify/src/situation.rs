//! Whether the situation room shows what was found: the cases of each counted day are counted again as of the event up to which they
//! were counted, and the curves and the places that are to be clear are added up from those days.

use crate::{
    Finding, VerifyError,
    moment::{Moment, day_number, day_of},
    source::{Given, Source},
};
use serde_json::Value;
use std::collections::BTreeMap;

const CHECK: &str = "situation.counted";

/// Found by community, and whether they were held already.
type Counts = BTreeMap<(String, i64), i64>;

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from found_upto").await?;
    let wrong = match days(source, moment).await? {
        Some(wrong) => Some(wrong),
        // between two steps of one look the days are ahead of what is worked out from them
        None if made_together(source).await? => match clearings(source).await? {
            Some(wrong) => Some(wrong),
            None => curves(source).await?,
        },
        None => None,
    };
    Ok(Finding::of(CHECK, looked_at, wrong))
}

async fn made_together(source: &mut Source) -> Result<bool, VerifyError> {
    let sql = "select count(*) from situations where made_at <> (select at from found_counted)";
    Ok(source.count(sql).await? == 0)
}

async fn days(source: &mut Source, moment: &Moment) -> Result<Option<String>, VerifyError> {
    let stray =
        "select {iso:day} from found_days where not exists (select 1 from found_upto u where u.day = found_days.day)
                 order by day limit 1";
    // a store that was counted before it was kept up to where: the next look counts it anew
    if source.count("select count(*) from found_upto").await? == 0 {
        return Ok(None);
    }
    if let Some(row) = source.row(stray, &[]).await? {
        return Ok(Some(format!("{}: counted, and nobody knows up to when", row.text(0)?)));
    }
    for row in source.rows("select {iso:day}, events_upto from found_upto order by day", &[]).await? {
        let (day, upto) = (row.text(0)?, row.whole(1)?);
        let told =
            counts(source, "select division, held, n from found_days where {iso:day} = $1", &[Given::Text(&day)])
                .await?;
        // as they stood then: withdrawn and set aside by the last event that tells of it
        let sql = format!(
            "select substr(c.division, 1, 12), cast(case when c.origin in ('already_isolated', 'entry') then 1 else 0 end as bigint), count(*)
             from cases c where c.found_at >= {{at:{}}} and c.found_at < {{at:{}}}
                and exists (select 1 from events e where e.subject = c.id and e.kind = 'case.opened' and e.seq <= {upto})
                and not exists (select 1 from events e where e.subject = c.id and e.kind = 'case.withdrawn' and e.seq <= {upto})
                and coalesce((select e.kind from events e where e.subject = c.id and e.kind in ('case.merged', 'case.split')
                    and e.seq <= {upto} order by e.seq desc limit 1), '') <> 'case.merged'
             group by 1, 2 order by 1, 2",
            moment.start_of(&day)?,
            moment.end_of(&day)?,
        );
        let found = counts(source, &sql, &[]).await?;
        if let Some(wrong) = difference(&told, &found) {
            return Ok(Some(format!("{day}, {wrong}")));
        }
    }
    Ok(None)
}

async fn counts(source: &mut Source, sql: &str, given: &[Given<'_>]) -> Result<Counts, VerifyError> {
    let rows = source.rows(sql, given).await?;
    rows.iter().map(|row| Ok(((row.text(0)?, row.whole(1)?), row.whole(2)?))).collect()
}

fn difference(told: &Counts, found: &Counts) -> Option<String> {
    let mut places: Vec<&(String, i64)> = told.keys().chain(found.keys()).collect();
    places.sort();
    let place = places.into_iter().find(|place| told.get(*place) != found.get(*place))?;
    let of = |counts: &Counts| counts.get(place).copied().unwrap_or(0);
    let held = if place.1 == 1 { "held already" } else { "in the community" };
    Some(format!("{} ({held}): {} were counted, and there are {}", place.0, of(told), of(found)))
}

/// Each place that is to be clear: what was found there in 7 and 14 days, and when the last one was.
async fn clearings(source: &mut Source) -> Result<Option<String>, VerifyError> {
    let sql = "select division, {iso:day}, found_7, community_7, found_14, community_14,
            coalesce({iso:last_found_on}, ''), coalesce({iso:last_community_on}, ''), coalesce(clear_days, -1),
            coalesce({iso:clear_on}, ''), state, recalls from clearings order by division";
    let days = "select division, held, n, {iso:day} from found_days";
    let found = source.rows(days, &[]).await?;
    let found: Result<Vec<(String, i64, i64, i64)>, VerifyError> =
        found.iter().map(|row| Ok((row.text(0)?, row.whole(1)?, row.whole(2)?, day_number(&row.text(3)?)?))).collect();
    let found = found?;
    for row in source.rows(sql, &[]).await? {
        let division = row.text(0)?;
        let day = day_number(&row.text(1)?)?;
        let (mut sums, mut last) = ([0i64; 4], [i64::MIN; 2]);
        for (_, held, n, on) in found.iter().filter(|(code, ..)| code.starts_with(&division)) {
            for (at, days) in [(0, 7), (2, 14)] {
                if *on > day - days && *on <= day {
                    sums[at] += n;
                    sums[at + 1] += if *held == 0 { *n } else { 0 };
                }
            }
            last[0] = last[0].max(*on);
            last[1] = if *held == 0 { last[1].max(*on) } else { last[1] };
        }
        let text = |number: i64| if number == i64::MIN { String::new() } else { day_of(number) };
        let told = [row.whole(2)?, row.whole(3)?, row.whole(4)?, row.whole(5)?];
        if told != sums {
            return Ok(Some(format!(
                "{division}: shown are {told:?} of 7 and 14 days, and the days add up to {sums:?}"
            )));
        }
        let shown = [row.text(6)?, row.text(7)?];
        if shown != last.map(text) {
            return Ok(Some(format!("{division}: the last ones were on {:?}, and {shown:?} is shown", last.map(text))));
        }
        let days = row.whole(8)?;
        let clear_on = if last[1] == i64::MIN || days < 0 { String::new() } else { day_of(last[1] + days + 1) };
        if row.text(9)? != clear_on {
            return Ok(Some(format!(
                "{division}: would be clear on '{clear_on}' by the rules, and '{}' is shown",
                row.text(9)?
            )));
        }
        // the day that runs is the one after the last whole one
        let clear = last[1] == i64::MIN || (!clear_on.is_empty() && day_number(&clear_on)? <= day + 1);
        let (state, recalls) = (row.text(10)?, row.whole(11)?);
        if (state == "clear") != (clear && recalls == 0) {
            return Ok(Some(format!("{division}: is shown as '{state}'")));
        }
    }
    Ok(None)
}

/// The curve of each unit against the days that were counted.
async fn curves(source: &mut Source) -> Result<Option<String>, VerifyError> {
    for row in source.rows("select division, body from situations order by division", &[]).await? {
        let (division, body) = (row.text(0)?, row.text(1)?);
        let Ok(body) = serde_json::from_str::<Value>(&body) else {
            return Ok(Some(format!("{division}: the situation cannot be read")));
        };
        let sql = "select {iso:day}, held, cast(sum(n) as bigint) from found_days where division like $1
                   group by day, held";
        let counted = counts(source, sql, &[Given::Text(&format!("{division}%"))]).await?;
        let Some(first) = body["first"].as_str() else {
            return Ok(Some(format!("{division}: the curve has no first day")));
        };
        let first = day_number(first)?;
        let shown = body["found"].as_array().into_iter().flatten().chain(std::iter::once(&body["today"]));
        for (at, found) in (0i64..).zip(shown) {
            let day = day_of(first + at);
            for (held, name) in [(1, "held"), (0, "community")] {
                let sum = counted.get(&(day.clone(), held)).copied().unwrap_or(0);
                if found[name].as_i64() != Some(sum) {
                    return Ok(Some(format!(
                        "{division}, {day}: the curve shows {} ({name}), and {sum} were counted",
                        found[name]
                    )));
                }
            }
        }
    }
    Ok(None)
}
