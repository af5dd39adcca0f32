//! Line lists and published bulletins: brought in as they are, and read back as the engines want them.

use crate::OpsError;
use dayclear_core::{
    bulletin::Bulletin,
    time::{CivilDate, Zone},
};
use dayclear_engines::{
    bulletin::{ChannelRow, DailyRow, DistrictRow, published},
    tracing::{Case, Link},
};
use dayclear_store::Scoped;

/// Cases and links of a line list.
pub async fn linelist(tx: &mut Scoped, list: &str) -> Result<(Vec<Case>, Vec<Link>), OpsError> {
    let cases = tx
        .listed_cases(list)
        .await?
        .into_iter()
        .map(|c| {
            let [exposure_start, exposure_end, onset, report, confirmed, admitted, discharged, death] = c.dates;
            let [outcome, classification, infector, place, district, cluster, severity, _extra] = c.texts;
            Case {
                id: c.case_id,
                sex: c.sex,
                age: c.age,
                exposure_start,
                exposure_end,
                onset,
                report,
                confirmed,
                admitted,
                discharged,
                death,
                outcome,
                classification,
                infector,
                place,
                district,
                cluster,
                severity,
            }
        })
        .collect();
    let mut links = Vec::new();
    for link in tx.listed_links(list).await? {
        let relation = link.relation.parse().map_err(|error| OpsError::File {
            path: format!("line list {list}, link {} to {}", link.from, link.to),
            problem: format!("{error}"),
            remedy: "correct the relation and import the contacts again".to_owned(),
        })?;
        links.push(Link { from: link.from, to: link.to, relation, setting: link.setting });
    }
    Ok((cases, links))
}

/// The bulletin of a day that others published, rebuilt from the imported figures with every sum checked; `None` when
/// nothing was imported for the day.
pub async fn published_bulletin(
    tx: &mut Scoped,
    date: CivilDate,
    zone: &Zone,
    (city, city_en): (&str, &str),
) -> Result<Option<Bulletin>, OpsError> {
    let Some((day, channels, districts)) = tx.published(date).await? else { return Ok(None) };
    let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    let [confirmed, asymptomatic, converted, total, new_infections, community, central, central_community] =
        day.counts.map(count);
    let [source, note] = day.texts.map(Option::unwrap_or_default);
    let daily = DailyRow {
        date,
        confirmed,
        asymptomatic,
        converted,
        total,
        new_infections,
        community,
        central11_new: central,
        central11_community: central_community,
        source,
        note,
    };
    let channels: Vec<ChannelRow> = channels
        .into_iter()
        .map(|channel| {
            let [scope, name, channel_zh, figure, source] = channel.texts.map(Option::unwrap_or_default);
            ChannelRow { date, scope, channel: name, channel_zh, figure, source }
        })
        .collect();
    let mut rows = Vec::new();
    for district in districts {
        rows.push(DistrictRow {
            date,
            code: district.code.parse().map_err(|error| OpsError::Inside(format!("{error}")))?,
            name: district.name,
            confirmed: count(district.counts[0]),
            asymptomatic: count(district.counts[1]),
            source: district.source.unwrap_or_default(),
        });
    }
    let cutoff = zone.start_of(date.plus_days(1));
    let mut bulletin = published(date, city, Some(cutoff), &[daily], &channels, &rows)
        .map_err(|error| OpsError::Inside(error.to_string()))?;
    bulletin.city_en = Some(city_en.to_owned());
    bulletin.zone = zone.name().map(str::to_owned);
    Ok(Some(bulletin))
}
