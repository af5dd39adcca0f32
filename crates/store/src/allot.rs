//! Boxes that have not arrived, what laboratories have in hand, and which laboratory each box is meant for.

use crate::{
    Scoped, StoreError,
    books::{Entry, open_item},
    value::{Record, Value},
};
use dayclear_core::{custody::BoxState, divisions::DivisionCode, time::Instant};
use std::collections::BTreeMap;

/// A box that has not arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenBox {
    /// Code.
    pub code: String,
    /// Division that it comes from.
    pub division: DivisionCode,
    /// Where that is, or the place above it of which that is known.
    pub place: Option<(f64, f64)>,
    /// Packed or on its way.
    pub state: BoxState,
    /// Laboratory to which it was sent.
    pub laboratory: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Instant>,
    /// Tubes that are in it.
    pub tubes: i64,
    /// Laboratory for which it is meant so far, and who chose it.
    pub meant: Option<String>,
    /// See above.
    pub chosen_by: Option<String>,
}

/// Which laboratory a box is meant for.
#[derive(Debug, Clone, PartialEq)]
pub struct Allotment {
    /// Box.
    pub code: String,
    /// Division that it comes from.
    pub division: DivisionCode,
    /// Laboratory; none where no validated capacity is left.
    pub laboratory: Option<String>,
    /// Tubes.
    pub tubes: i64,
    /// When it is expected there, and its results.
    pub arrives_at: Option<Instant>,
    /// See above.
    pub result_at: Option<Instant>,
    /// Who chose the laboratory; none: it was worked out.
    pub chosen_by: Option<String>,
}

const ROW: [&str; 8] = ["box", "division", "laboratory", "tubes", "arrives_at", "result_at", "chosen_by", "made_at"];

fn open(row: &Record) -> Result<OpenBox, StoreError> {
    Ok(OpenBox {
        code: row.get(0)?,
        division: row.term(1)?,
        place: row.get::<Option<f64>>(2)?.zip(row.get::<Option<f64>>(3)?),
        state: row.term(4)?,
        laboratory: row.get(5)?,
        sent_at: row.get(6)?,
        tubes: row.get(7)?,
        meant: row.get(8)?,
        chosen_by: row.get(9)?,
    })
}

const OPEN: &str = "select s.box, s.division, coalesce(d.lon, e.lon, f.lon), coalesce(d.lat, e.lat, f.lat), s.state, s.laboratory,
        s.sent_at, s.packed + s.underway, a.laboratory, a.chosen_by
    from shipments s left join allotments a on a.box = s.box left join divisions d on d.code = s.division
        left join divisions e on e.code = substr(s.division, 1, 9) left join divisions f on f.code = substr(s.division, 1, 6)";

impl Scoped {
    /// Boxes that have not arrived, in order of code, so many at most.
    pub async fn open_boxes(&mut self, most: i64) -> Result<Vec<OpenBox>, StoreError> {
        let sql = format!("{OPEN} where s.state in ('packed', 'underway') order by s.box limit $1");
        self.rows_text(sql.into(), &[most.into()]).await?.iter().map(open).collect()
    }

    /// Boxes of this handle's scope by code, whether they have arrived or not.
    pub async fn boxes_to_direct(&mut self, codes: &[&str]) -> Result<BTreeMap<String, OpenBox>, StoreError> {
        let keys: Vec<Value<'_>> = codes.iter().map(|code| (*code).into()).collect();
        let sql = format!("{OPEN} where s.box in ({{keys}}) and {{scope:s.division}}");
        let rows = self.rows_for_keys(&sql, &keys).await?;
        rows.iter().map(|row| open(row).map(|one| (one.code.clone(), one))).collect()
    }

    /// Tubes that laboratories took over since a moment.
    pub async fn taken_over_since(&mut self, since: Instant) -> Result<BTreeMap<String, i64>, StoreError> {
        let sql = "select laboratory, cast(sum(received) as bigint) from shipments
            where received_at > $1 and laboratory is not null group by laboratory order by laboratory";
        self.rows(sql, &[since.into()]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Tubes that are on their way to a laboratory or that somebody chose it for, without those of these boxes.
    pub async fn bound_for(&mut self, laboratory: &str, but: &[&str]) -> Result<i64, StoreError> {
        let sql = "select s.box, s.packed + s.underway from shipments s left join allotments a on a.box = s.box
            where (s.state = 'underway' and s.laboratory = $1)
               or (s.state = 'packed' and a.laboratory = $1 and a.chosen_by is not null)";
        let mut tubes = 0;
        for row in self.rows(sql, &[laboratory.into()]).await? {
            if !but.contains(&row.get::<String>(0)?.as_str()) {
                tubes += row.get::<i64>(1)?;
            }
        }
        Ok(tubes)
    }

    /// Tubes that laboratories have in hand without a result.
    pub async fn in_hand(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        let sql = "select i.owner, count(*) from laboratories l
            join items i on i.owner = l.laboratory and i.worklist = 'test' and i.closed_at is null group by i.owner";
        self.rows(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// When boxes were allotted last, from what, and how many found no laboratory.
    pub async fn last_allotted(&mut self) -> Result<Option<(Instant, String, i64)>, StoreError> {
        let sql = "select at, digest, without from allotted where one = 1";
        self.row(sql, &[]).await?.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).transpose()
    }

    /// Keeps which laboratories boxes are meant for, in place of what was kept of them.
    pub async fn keep_allotments(&mut self, rows: &[Allotment], at: Instant) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = rows.iter().map(|row| row.code.as_str().into()).collect();
        self.run_for_keys("delete from allotments where box in ({keys})", &[], &keys).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * ROW.len());
        for row in rows {
            values.extend([row.code.as_str().into(), (&row.division).into(), row.laboratory.as_deref().into()]);
            values.extend([row.tubes.into(), row.arrives_at.into(), row.result_at.into()]);
            values.extend([row.chosen_by.as_deref().into(), at.into()]);
        }
        self.append("allotments", &ROW, &values).await
    }

    /// Notes that boxes were allotted.
    pub async fn note_allotted(&mut self, at: Instant, digest: &str, without: i64) -> Result<(), StoreError> {
        let sql = "insert into allotted (one, at, digest, without) values (1, $1, $2, $3)
            on conflict (one) do update set at = excluded.at, digest = excluded.digest, without = excluded.without";
        self.run(sql, &[at.into(), digest.into(), without.into()]).await?;
        Ok(())
    }

    /// Items of boxes for which no laboratory was left: those that are open, and how many there have been, by box.
    pub async fn boxes_nowhere(&mut self) -> Result<(Vec<Entry>, BTreeMap<String, usize>), StoreError> {
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason, closed_at from items
            where worklist = 'clarify' and subject >= 'nowhere/' and subject < 'nowhere0' order by subject";
        let (mut open, mut times) = (Vec::new(), BTreeMap::new());
        for row in self.rows(sql, &[]).await? {
            let subject: String = row.get(1)?;
            let code = subject.split('/').nth(1).unwrap_or_default().to_owned();
            *times.entry(code).or_default() += 1;
            if row.get::<Option<Instant>>(8)?.is_none() {
                open.push(Entry::from(open_item(&row)?));
            }
        }
        Ok((open, times))
    }

    /// A laboratory is to be worked out for a box again.
    pub async fn forget_allotted(&mut self) -> Result<(), StoreError> {
        self.run("update allotted set digest = ''", &[]).await?;
        Ok(())
    }
}
