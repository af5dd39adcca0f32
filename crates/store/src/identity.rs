//! Who is who: what identities are compared by, pairs, what entries of lists are taken for, how far the comparison is and what of it is
//! to be counted. No rule lives here. The keys under which people are found again stand in `keys`, what was decided of two people in
//! `standing`.

mod keys;
mod standing;

pub use keys::BLOCK_MAX;
pub use standing::{Decision, ReadAs};

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    roster::{Linked, Sex},
    time::{CivilDate, Instant},
};
use std::collections::BTreeMap;

/// What is compared of somebody.
#[derive(Debug, Clone)]
pub struct IdentityRow {
    /// Number; 0 for an entry of a list.
    pub no: i64,
    /// Id of the person, or key of the entry.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Document.
    pub document: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Date of birth.
    pub birth_date: Option<CivilDate>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Division.
    pub division: String,
    /// Compound, building, unit and door, or the address as a list wrote it.
    pub address: String,
    /// For whom this one stands no more.
    pub merged_into: Option<i64>,
}

/// A pair as it is kept.
#[derive(Debug, Clone)]
pub struct PairRow {
    /// The higher number.
    pub one: i64,
    /// The lower number.
    pub other: i64,
    /// Smallest division that holds both.
    pub division: String,
    /// What a comparison says.
    pub linked: Linked,
    /// Bits.
    pub weight: f64,
    /// Field by field, as JSON.
    pub why: String,
}

/// What an entry of a list is taken for.
#[derive(Debug, Clone)]
pub struct LinkRow {
    /// Key of the entry's row.
    pub listed: String,
    /// Division of the row.
    pub division: String,
    /// What it is.
    pub linked: Linked,
    /// Person, if it is one.
    pub person_no: Option<i64>,
    /// Ids of people who may be meant, separated by spaces.
    pub candidates: Option<String>,
    /// Bits of the best.
    pub weight: Option<f64>,
    /// Field by field, as JSON.
    pub why: Option<String>,
}

/// An entry of a list, by what its item needs.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Key of the row.
    pub key: String,
    /// Who keeps the list.
    pub source: String,
    /// List.
    pub list: String,
    /// The list's own id.
    pub entry: String,
    /// Last day on which the person belongs to it.
    pub until: Option<CivilDate>,
    /// As of when.
    pub as_of: Instant,
    /// Whether another row of the entry is younger.
    pub superseded: bool,
}

/// Divisions whose roster is counted at once: of a first roster all of them are due, and who writes waits meanwhile.
const COUNTED_AT_ONCE: usize = 50;

const PERSON: &str = "select p.no, p.person, p.name, p.document, p.phone, p.birth_date, p.sex, p.division,
        coalesce(b.compound, '') || ' ' || coalesce(b.name, '') || ' ' || coalesce(h.unit, '') || ' ' || coalesce(h.door, ''),
        p.merged_into
    from people p left join households h on h.household = p.household left join buildings b on b.building = h.building";

const ENTRY: &str =
    "select 0, d.key, d.name, d.document, d.phone, d.birth_date, d.sex, d.division, coalesce(d.address, ''), null
    from listed d";

fn identity(row: &Record, listed: bool) -> Result<IdentityRow, StoreError> {
    Ok(IdentityRow {
        no: if listed { 0 } else { row.get(0)? },
        id: row.get(1)?,
        name: row.get(2)?,
        document: row.get(3)?,
        phone: row.get(4)?,
        birth_date: row.get(5)?,
        sex: row.maybe_term(6)?,
        division: row.get(7)?,
        address: row.get(8)?,
        merged_into: if listed { None } else { row.get(9)? },
    })
}

fn whole(numbers: &[i64]) -> Vec<Value<'static>> {
    numbers.iter().map(|no| (*no).into()).collect()
}

impl Scoped {
    /// People by number, in order.
    pub async fn identities(&mut self, numbers: &[i64]) -> Result<Vec<IdentityRow>, StoreError> {
        let sql = format!("{PERSON} where p.no in ({{keys}}) order by p.no");
        self.rows_for_keys(&sql, &whole(numbers)).await?.iter().map(|row| identity(row, false)).collect()
    }

    /// The next people behind a number, in order.
    pub async fn identities_after(&mut self, no: i64, limit: i64) -> Result<Vec<IdentityRow>, StoreError> {
        let sql = format!("{PERSON} where p.no > $1 order by p.no limit {limit}");
        self.rows_text(sql.into(), &[no.into()]).await?.iter().map(|row| identity(row, false)).collect()
    }

    /// Entries of lists by the keys of their rows, in order.
    pub async fn listed_identities(&mut self, keys: &[&str]) -> Result<Vec<IdentityRow>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = format!("{ENTRY} where d.key in ({{keys}}) order by d.key");
        self.rows_for_keys(&sql, &keys).await?.iter().map(|row| identity(row, true)).collect()
    }

    /// What the items of entries need, by the keys of their rows.
    pub async fn entries(&mut self, keys: &[&str]) -> Result<BTreeMap<String, Entry>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = "select d.key, d.source, d.list, d.entry, d.\"until\", d.as_of,
                (select count(*) from listed l where l.source = d.source and l.list = d.list and l.entry = d.entry
                    and l.as_of > d.as_of)
            from listed d where d.key in ({keys}) order by d.key";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                let entry = Entry {
                    key: row.get(0)?,
                    source: row.get(1)?,
                    list: row.get(2)?,
                    entry: row.get(3)?,
                    until: row.get(4)?,
                    as_of: row.get(5)?,
                    superseded: row.get::<i64>(6)? > 0,
                };
                Ok((entry.key.clone(), entry))
            })
            .collect()
    }

    /// Keys of rows of lists that nobody has linked yet, in order.
    pub async fn listed_waiting(&mut self, limit: i64) -> Result<Vec<String>, StoreError> {
        let sql = format!(
            "select d.key from listed d where not exists (select 1 from listed_links k where k.listed = d.key)
             order by d.key limit {limit}"
        );
        self.rows_text(sql.into(), &[]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Up to which number people have keys, and up to which they are paired.
    pub async fn identity_progress(&mut self) -> Result<(i64, i64), StoreError> {
        let row = self.row("select keyed, paired from identity_progress where one = 1", &[]).await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// People who came by files and were not compared with the others yet, at most.
    pub async fn uncompared(&mut self) -> Result<i64, StoreError> {
        let sql =
            "select coalesce((select max(no) from people), 0) - (select paired from identity_progress where one = 1)";
        self.row(sql, &[]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Notes how far keys and pairs are.
    pub async fn note_identity_progress(&mut self, keyed: i64, paired: i64) -> Result<(), StoreError> {
        let sql = "update identity_progress set keyed = $1, paired = $2 where one = 1";
        self.run(sql, &[keyed.into(), paired.into()]).await?;
        Ok(())
    }

    /// Notes people of whom something changed.
    pub async fn note_identity_due(&mut self, numbers: &[i64]) -> Result<(), StoreError> {
        self.append_new("identity_due", &["person_no"], &whole(numbers)).await?;
        Ok(())
    }

    /// People of whom something changed, in order; they are struck off.
    pub async fn take_identity_due(&mut self, limit: i64) -> Result<Vec<i64>, StoreError> {
        let sql = format!("select person_no from identity_due order by person_no limit {limit}");
        let rows = self.rows_text(sql.into(), &[]).await?;
        let numbers: Vec<i64> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        self.run_for_keys("delete from identity_due where person_no in ({keys})", &[], &whole(&numbers)).await?;
        Ok(numbers)
    }

    /// Keeps pairs; what was decided of them stays.
    pub async fn put_pairs(&mut self, pairs: &[PairRow], at: Instant) -> Result<(), StoreError> {
        let sql = "insert into pairs (one, other, division, linked, weight, why, found_at) values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (one, other) do update set division = excluded.division, linked = excluded.linked,
                weight = excluded.weight, why = excluded.why";
        for pair in pairs {
            let values = [
                pair.one.into(),
                pair.other.into(),
                pair.division.as_str().into(),
                pair.linked.name().into(),
                pair.weight.into(),
                pair.why.as_str().into(),
                at.into(),
            ];
            self.run(sql, &values).await?;
        }
        Ok(())
    }

    /// Numbers of those with whom these people are pairs of whom nothing was decided.
    pub async fn pairs_undecided(&mut self, numbers: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut found = Vec::new();
        for column in ["one", "other"] {
            let sql = format!("select one, other from pairs where {column} in ({{keys}}) and decided is null");
            for row in self.rows_for_keys(&sql, &whole(numbers)).await? {
                found.push((row.get(0)?, row.get(1)?));
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Takes away pairs of whom nothing was decided and that a comparison no longer finds.
    pub async fn drop_pairs(&mut self, pairs: &[(i64, i64)]) -> Result<(), StoreError> {
        for (one, other) in pairs {
            let sql = "delete from pairs where one = $1 and other = $2 and decided is null";
            self.run(sql, &[(*one).into(), (*other).into()]).await?;
        }
        Ok(())
    }

    /// Keeps what entries of lists are taken for.
    pub async fn put_links(&mut self, links: &[LinkRow], at: Instant) -> Result<(), StoreError> {
        let sql = "insert into listed_links (listed, division, linked, person_no, candidates, weight, why, looked_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (listed) do update set linked = excluded.linked, person_no = excluded.person_no,
                candidates = excluded.candidates, weight = excluded.weight, why = excluded.why,
                looked_at = excluded.looked_at";
        for link in links {
            let values = [
                link.listed.as_str().into(),
                link.division.as_str().into(),
                link.linked.name().into(),
                Value::Whole(link.person_no),
                link.candidates.as_deref().into(),
                Value::Real(link.weight),
                link.why.as_deref().into(),
                at.into(),
            ];
            self.run(sql, &values).await?;
        }
        Ok(())
    }

    /// Notes divisions in which figures have changed.
    pub async fn note_roster_due(&mut self, divisions: &[&str]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> = divisions.iter().map(|code| (*code).into()).collect();
        self.append_new("roster_due", &["division"], &values).await?;
        Ok(())
    }

    /// Counts the roster anew in divisions that were noted, some at a time; whether there are more.
    pub async fn count_roster_due(&mut self, at: Instant) -> Result<bool, StoreError> {
        let sql = format!("select division from roster_due order by division limit {}", COUNTED_AT_ONCE + 1);
        let rows = self.rows_text(sql.into(), &[]).await?;
        let mut due: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let more = due.len() > COUNTED_AT_ONCE;
        due.truncate(COUNTED_AT_ONCE);
        if due.is_empty() {
            return Ok(false);
        }
        let keys: Vec<Value<'_>> = due.iter().map(|code| code.as_str().into()).collect();
        self.run_for_keys("delete from roster_due where division in ({keys})", &[], &keys).await?;
        // people, merged, listed; pairs; unknown
        let mut counts: BTreeMap<&str, [i64; 5]> = due.iter().map(|code| (code.as_str(), [0; 5])).collect();
        let people = "select p.division, sum(case when p.registered and p.merged_into is null then 1 else 0 end),
                sum(case when p.merged_into is not null then 1 else 0 end),
                sum(case when p.registered and p.merged_into is null and exists (select 1 from listed_links k
                    where k.person_no = p.no and k.linked = 'same') then 1 else 0 end)
            from people p where p.division in ({keys}) group by p.division";
        let pairs =
            "select division, count(*) from pairs where division in ({keys}) and decided is null group by division";
        let unknown = "select k.division, count(*) from listed_links k join listed d on d.key = k.listed
            where k.division in ({keys}) and k.linked <> 'same'
                and not exists (select 1 from listed l where l.source = d.source and l.list = d.list and l.entry = d.entry
                    and l.as_of > d.as_of) group by k.division";
        for (sql, places) in [(people, 0..3), (pairs, 3..4), (unknown, 4..5)] {
            for row in self.rows_for_keys(sql, &keys).await? {
                let Some(counts) = counts.get_mut(row.get::<String>(0)?.as_str()) else { continue };
                for (column, place) in (1..).zip(places.clone()) {
                    counts[place] = row.get(column)?;
                }
            }
        }
        let values: Vec<Value<'_>> = counts
            .into_iter()
            .flat_map(|(division, counts)| std::iter::once(division.into()).chain(counts.map(Value::from)))
            .collect();
        let sql = "insert into roster_figures (division, people, merged, listed, pairs, unknown, counted_at)
            select p.division, p.people, p.merged, p.listed, p.pairs, p.unknown, $1 from {rows} where true
            on conflict (division) do update set people = excluded.people, merged = excluded.merged,
                listed = excluded.listed, pairs = excluded.pairs, unknown = excluded.unknown,
                counted_at = excluded.counted_at";
        let columns = ["division", "people", "merged", "listed", "pairs", "unknown"];
        self.run_for_rows(sql, &[at.into()], &columns, &values).await?;
        Ok(more)
    }
}
