//! Line lists and published bulletins as they were given: blanks stay blank, several sources stay several.

use crate::{Scoped, StoreError};
use dayclear_core::time::CivilDate;

/// A case of a line list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedCase {
    /// Id.
    pub case_id: String,
    /// Sex as given: F, M or U.
    pub sex: Option<String>,
    /// Age in years.
    pub age: Option<f64>,
    /// Dates in the order of the columns: exposure from and to, onset, report, confirmed, admitted, discharged, death.
    pub dates: [Option<CivilDate>; 8],
    /// Texts in the order of the columns: outcome, classification, infector, place, district, cluster, severity, extra.
    pub texts: [Option<String>; 8],
}

/// A link of a line list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedLink {
    /// One end; the infector where the relation is directed.
    pub from: String,
    /// The other end.
    pub to: String,
    /// Kind.
    pub relation: String,
    /// Where.
    pub setting: Option<String>,
}

/// A published day: the ten columns of counts and texts after the date.
#[derive(Debug, Clone)]
pub struct PublishedDay {
    /// Day.
    pub date: CivilDate,
    /// Counts in the order of the columns: confirmed, asymptomatic, converted, total, new, community, central, central community.
    pub counts: [Option<i64>; 8],
    /// Source and note.
    pub texts: [Option<String>; 2],
}

/// A published count or share of one route.
#[derive(Debug, Clone)]
pub struct PublishedChannel {
    /// Texts in the order of the columns: scope, channel, channel in Chinese, count or share, source.
    pub texts: [Option<String>; 5],
}

/// A published count of one district.
#[derive(Debug, Clone)]
pub struct PublishedDistrict {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Confirmed and asymptomatic.
    pub counts: [Option<i64>; 2],
    /// Source.
    pub source: Option<String>,
}

impl Scoped {
    /// Line lists there are: name, cases, links; in order of name.
    pub async fn linelists(&mut self) -> Result<Vec<(String, i64, i64)>, StoreError> {
        let sql = "select list, count(*), (select count(*) from linelist_links k where k.list = c.list)
                   from linelist_cases c group by list order by list";
        self.rows(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// The line list that was imported last.
    pub async fn last_linelist(&mut self) -> Result<Option<String>, StoreError> {
        let sql = "select subject, body from events where kind = 'file.imported' order by seq desc limit 50";
        for row in self.rows(sql, &[]).await? {
            let body: serde_json::Value = serde_json::from_str(&row.get::<String>(1)?).unwrap_or_default();
            if let Some(list) = body["list"].as_str().filter(|list| !list.is_empty()) {
                return Ok(Some(list.to_owned()));
            }
        }
        Ok(None)
    }

    /// Cases of a line list, in the order of the file.
    pub async fn listed_cases(&mut self, list: &str) -> Result<Vec<ListedCase>, StoreError> {
        let sql = "select case_id, sex, age, date_exposure_start, date_exposure_end, date_onset, date_report, date_confirmed,
                date_admitted, date_discharged, date_death, outcome, classification, infector_id, place, district, cluster,
                severity, extra from linelist_cases where list = $1 order by position";
        let rows = self.rows(sql, &[list.into()]).await?;
        rows.iter()
            .map(|row| {
                let mut dates = [None; 8];
                let mut texts: [Option<String>; 8] = Default::default();
                for (n, date) in dates.iter_mut().enumerate() {
                    *date = row.get(3 + n)?;
                }
                for (n, text) in texts.iter_mut().enumerate() {
                    *text = row.get(11 + n)?;
                }
                Ok(ListedCase { case_id: row.get(0)?, sex: row.get(1)?, age: row.get(2)?, dates, texts })
            })
            .collect()
    }

    /// Links of a line list, in the order of the file.
    pub async fn listed_links(&mut self, list: &str) -> Result<Vec<ListedLink>, StoreError> {
        let sql = "select \"from\", \"to\", relation, setting from linelist_links where list = $1 order by position";
        let rows = self.rows(sql, &[list.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(ListedLink { from: row.get(0)?, to: row.get(1)?, relation: row.get(2)?, setting: row.get(3)? })
            })
            .collect()
    }

    /// A published day, with its routes and districts.
    pub async fn published(
        &mut self,
        date: CivilDate,
    ) -> Result<Option<(PublishedDay, Vec<PublishedChannel>, Vec<PublishedDistrict>)>, StoreError> {
        let sql = "select local_confirmed, local_asymptomatic, converted_from_asymptomatic, total_reported,
                new_infections_excl_conversions, community_found_city, central11_new, central11_community, source, note
            from published_days where date = $1";
        let Some(row) = self.row(sql, &[date.into()]).await? else { return Ok(None) };
        let mut counts = [None; 8];
        for (n, count) in counts.iter_mut().enumerate() {
            *count = row.get(n)?;
        }
        let day = PublishedDay { date, counts, texts: [row.get(8)?, row.get(9)?] };
        let sql = "select scope, channel, channel_zh, count_or_share, source from published_channels where date = $1 order by key";
        let rows = self.rows(sql, &[date.into()]).await?;
        let mut channels = Vec::new();
        for row in &rows {
            let mut texts: [Option<String>; 5] = Default::default();
            for (n, text) in texts.iter_mut().enumerate() {
                *text = row.get(n)?;
            }
            channels.push(PublishedChannel { texts });
        }
        let sql = "select district_code, name, confirmed, asymptomatic, source from published_districts where date = $1
                   order by district_code";
        let rows = self.rows(sql, &[date.into()]).await?;
        let districts = rows
            .iter()
            .map(|row| {
                Ok(PublishedDistrict {
                    code: row.get(0)?,
                    name: row.get(1)?,
                    counts: [row.get(2)?, row.get(3)?],
                    source: row.get(4)?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Some((day, channels, districts)))
    }
}
