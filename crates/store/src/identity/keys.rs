//! The keys under which people and entries of lists are found again. No rule lives here. It guarantees
//! that a key which too many people share finds nobody.

use super::whole;
use crate::{Scoped, StoreError, value::Value};

/// People who share one key beyond whom it says nothing: a telephone that an office gave for everybody.
pub const BLOCK_MAX: i64 = 50;

/// How people are found by a key, and keys by a person.
const KEY_INDEXES: [&str; 2] = [
    "create index if not exists identity_keys_key on identity_keys (key, person_no)",
    "create index if not exists identity_keys_person on identity_keys (person_no)",
];

impl Scoped {
    /// Whether keys can be found by their indexes; else nobody is found by a key.
    pub async fn identities_indexed(&mut self) -> Result<bool, StoreError> {
        let sql = if self.is_server() {
            "select count(*) from pg_class where oid = to_regclass('identity_keys_person')"
        } else {
            "select count(*) from sqlite_master where name = 'identity_keys_person'"
        };
        let row = self.row(sql, &[]).await?;
        row.map_or(Ok(false), |row| Ok(row.get::<i64>(0)? > 0))
    }

    /// Builds the indexes of keys, if they are not there.
    pub async fn index_identities(&mut self) -> Result<(), StoreError> {
        if self.identities_indexed().await? {
            return Ok(());
        }
        for sql in KEY_INDEXES {
            self.run(sql, &[]).await?;
        }
        if self.is_server() {
            // a planner that knows nothing of a table just filled joins it row by row
            self.run("analyze identity_keys", &[]).await?;
        }
        Ok(())
    }

    /// Takes the keys there are and their indexes away: keys of a whole city are put in many times as fast without, and indexed in
    /// one go.
    pub async fn unindex_identities(&mut self) -> Result<(), StoreError> {
        self.run("delete from identity_keys", &[]).await?;
        for sql in ["drop index if exists identity_keys_person", "drop index if exists identity_keys_key"] {
            self.run(sql, &[]).await?;
        }
        Ok(())
    }

    /// Adds keys of people: hash, number, division.
    pub async fn put_keys(&mut self, keys: &[(i64, i64, &str)]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> =
            keys.iter().flat_map(|(key, no, division)| [(*key).into(), (*no).into(), (*division).into()]).collect();
        self.append("identity_keys", &["key", "person_no", "division"], &values).await
    }

    /// Takes the keys of people away, to put others.
    pub async fn drop_keys(&mut self, numbers: &[i64]) -> Result<(), StoreError> {
        self.run_for_keys("delete from identity_keys where person_no in ({keys})", &[], &whole(numbers)).await?;
        Ok(())
    }

    /// Adds keys of entries of lists: hash, key of the row, division.
    pub async fn put_listed_keys(&mut self, keys: &[(i64, &str, &str)]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> =
            keys.iter().flat_map(|(key, id, division)| [(*key).into(), (*id).into(), (*division).into()]).collect();
        self.append_new("listed_keys", &["key", "listed", "division"], &values).await?;
        Ok(())
    }

    /// Who shares a key with these people, as pairs of higher and lower number, in order. A key that more than [`BLOCK_MAX`]
    /// share brings nobody together. Index look-ups only. `earlier`: only with people of a lower number.
    pub async fn candidates(&mut self, numbers: &[i64], earlier: bool) -> Result<Vec<(i64, i64)>, StoreError> {
        let with = if earlier { "o.person_no < k.person_no" } else { "o.person_no <> k.person_no" };
        let sql = format!(
            "select distinct k.person_no, o.person_no from identity_keys k join identity_keys o on o.key = k.key and {with}
             where k.person_no in ({{keys}}) and (select count(*) from
                (select 1 from identity_keys z where z.key = k.key limit {}) block) <= {BLOCK_MAX}",
            BLOCK_MAX + 1
        );
        let rows = self.rows_for_keys(&sql, &whole(numbers)).await?;
        let mut pairs: Vec<(i64, i64)> = rows
            .iter()
            .map(|row| {
                let (a, b): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((a.max(b), a.min(b)))
            })
            .collect::<Result<_, StoreError>>()?;
        pairs.sort_unstable();
        pairs.dedup();
        Ok(pairs)
    }

    /// People with these keys: key and number, in order. A key that more than [`BLOCK_MAX`] share finds nobody; as long as the
    /// keys of a first roster are not indexed none does.
    pub async fn people_with_keys(&mut self, keys: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        if !self.identities_indexed().await? {
            return Ok(Vec::new());
        }
        let sql = format!(
            "select k.key, k.person_no from identity_keys k where k.key in ({{keys}}) and (select count(*) from
                (select 1 from identity_keys z where z.key = k.key limit {}) block) <= {BLOCK_MAX}
             order by k.key, k.person_no",
            BLOCK_MAX + 1
        );
        let rows = self.rows_for_keys(&sql, &whole(keys)).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Entries of lists with these keys that are not linked to anybody for sure, or to one of these people; in order.
    pub async fn listed_with_keys(&mut self, keys: &[i64], numbers: &[i64]) -> Result<Vec<String>, StoreError> {
        let sql = "select distinct k.listed from listed_keys k join listed_links l on l.listed = k.listed
            where k.key in ({keys}) and l.linked <> 'same'";
        let mut found: Vec<String> =
            self.rows_for_keys(sql, &whole(keys)).await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let sql = "select listed from listed_links where person_no in ({keys})";
        for row in self.rows_for_keys(sql, &whole(numbers)).await? {
            found.push(row.get(0)?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}
