//! Who is who: what identities are compared by, the keys under which people are found again, pairs, what lists say, and what was
//! decided. No rule lives here. It guarantees that a decision is only ever added, and that the pointer from one person to another
//! is written with it.

use crate::{
    Scoped, StoreError,
    opening::Rare,
    value::{Record, Value},
};
use dayclear_core::{
    roster::{IdentityDecision, Linked, Sex},
    time::{CivilDate, Instant},
};
use std::collections::{BTreeMap, BTreeSet};

/// People who share one key beyond whom it says nothing: a telephone that an office gave for everybody.
pub const BLOCK_MAX: i64 = 50;

/// How people are found by a key, and keys by a person.
const KEY_INDEXES: [&str; 2] = [
    "create index if not exists identity_keys_key on identity_keys (key, person_no)",
    "create index if not exists identity_keys_person on identity_keys (person_no)",
];

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

/// Somebody who is read as another one.
#[derive(Debug, Clone)]
pub struct ReadAs {
    /// Number.
    pub no: i64,
    /// Id.
    pub person: String,
    /// Number of who stands for them.
    pub stands_no: i64,
    /// Their id.
    pub stands: String,
}

/// A decision.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// What.
    pub decision: IdentityDecision,
    /// Of whom.
    pub person_no: i64,
    /// And whom.
    pub other_no: i64,
    /// Smallest division that holds both.
    pub division: &'a str,
    /// When.
    pub at: Instant,
    /// Account.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

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

    /// Everybody for whom another one stands: number and the other's, in order.
    pub async fn aliases(&mut self) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "select no, merged_into from people where merged_into is not null order by no";
        self.rows(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Numbers of those for whom these people stand: number and theirs, in order.
    pub async fn standing_for(&mut self, numbers: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "select no, merged_into from people where merged_into in ({keys}) order by no";
        let rows = self.rows_for_keys(sql, &whole(numbers)).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Whether anybody is read as another one.
    pub async fn any_merged(&mut self) -> Result<bool, StoreError> {
        self.has(Rare::Merged).await
    }

    /// Who is read as another one, of these people by number and of those whom they stand for; of everybody where none are named.
    /// In order of number.
    pub async fn read_as(&mut self, people: Option<&[i64]>) -> Result<Vec<ReadAs>, StoreError> {
        if !self.any_merged().await? {
            return Ok(Vec::new());
        }
        let sql = "select a.no, a.person, s.no, s.person from people a join people s on s.no = a.merged_into";
        let read = |row: &Record| {
            Ok(ReadAs { no: row.get(0)?, person: row.get(1)?, stands_no: row.get(2)?, stands: row.get(3)? })
        };
        let mut found: Vec<ReadAs> = match people {
            None => {
                let sql = format!("{sql} where a.merged_into is not null");
                self.rows_text(sql.into(), &[]).await?.iter().map(read).collect::<Result<_, StoreError>>()?
            }
            Some(people) => {
                let one = format!("{sql} where a.no in ({{keys}}) and a.merged_into is not null");
                let mut found: Vec<ReadAs> = self
                    .rows_for_keys(&one, &whole(people))
                    .await?
                    .iter()
                    .map(read)
                    .collect::<Result<_, StoreError>>()?;
                let stand: BTreeSet<i64> =
                    people.iter().copied().chain(found.iter().map(|row| row.stands_no)).collect();
                let all = format!("{sql} where a.merged_into in ({{keys}})");
                for row in self.rows_for_keys(&all, &whole(&stand.into_iter().collect::<Vec<_>>())).await? {
                    found.push(read(&row)?);
                }
                found
            }
        };
        found.sort_by_key(|row| row.no);
        found.dedup_by_key(|row| row.no);
        Ok(found)
    }

    /// Ids of all who are the same person as one of these, those named included, in order.
    pub async fn same_people(&mut self, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select a.person from people p join people a on a.no = coalesce(p.merged_into, p.no)
                or a.merged_into = coalesce(p.merged_into, p.no) where p.person in ({keys})";
        let mut found: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        for row in self.rows_for_keys(sql, &keys).await? {
            found.push(row.get(0)?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Adds a decision and writes what it says to the person and the pair.
    pub async fn decide_identity(&mut self, decided: &Decision<'_>) -> Result<(), StoreError> {
        let sql = "insert into identity_decisions (seq, decision, person_no, other_no, division, at, \"by\", reason)
            select coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5, $6, $7 from identity_decisions";
        let (no, other) = (decided.person_no, decided.other_no);
        let values = [
            decided.decision.name().into(),
            no.into(),
            other.into(),
            decided.division.into(),
            decided.at.into(),
            decided.by.into(),
            decided.reason.into(),
        ];
        self.run(sql, &values).await?;
        let (pointer, said) = match decided.decision {
            IdentityDecision::Merge => (Some(other), Some(IdentityDecision::Merge)),
            IdentityDecision::Split => (None, None),
            IdentityDecision::Distinct => (None, Some(IdentityDecision::Distinct)),
        };
        if decided.decision != IdentityDecision::Distinct {
            if pointer.is_some() {
                self.came(Rare::Merged);
            }
            self.run("update people set merged_into = $2 where no = $1", &[no.into(), Value::Whole(pointer)]).await?;
        }
        let sql = "update pairs set decided = $3 where one = $1 and other = $2";
        let said = said.map(IdentityDecision::name);
        self.run(sql, &[no.max(other).into(), no.min(other).into(), said.into()]).await?;
        Ok(())
    }

    /// Notes divisions in which figures have changed.
    pub async fn note_roster_due(&mut self, divisions: &[&str]) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> = divisions.iter().map(|code| (*code).into()).collect();
        self.append_new("roster_due", &["division"], &values).await?;
        Ok(())
    }

    /// Counts the roster anew in the divisions that were noted.
    pub async fn count_roster_due(&mut self, at: Instant) -> Result<(), StoreError> {
        let rows = self.rows("select division from roster_due order by division", &[]).await?;
        let due: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let keys: Vec<Value<'_>> = due.iter().map(|code| code.as_str().into()).collect();
        self.run_for_keys("delete from roster_due where division in ({keys})", &[], &keys).await?;
        self.count_roster(&due.iter().map(String::as_str).collect::<Vec<_>>(), at).await
    }

    async fn count_roster(&mut self, divisions: &[&str], at: Instant) -> Result<(), StoreError> {
        let people = "select coalesce(sum(case when p.registered and p.merged_into is null then 1 else 0 end), 0),
                coalesce(sum(case when p.merged_into is not null then 1 else 0 end), 0),
                coalesce(sum(case when p.registered and p.merged_into is null and exists (select 1 from listed_links k
                    where k.person_no = p.no and k.linked = 'same') then 1 else 0 end), 0)
            from people p where p.division = $1";
        let others = "select (select count(*) from pairs where division = $1 and decided is null),
            (select count(*) from listed_links k join listed d on d.key = k.listed where k.division = $1 and k.linked <> 'same'
                and not exists (select 1 from listed l where l.source = d.source and l.list = d.list and l.entry = d.entry
                    and l.as_of > d.as_of))";
        let sql = "insert into roster_figures (division, people, merged, listed, pairs, unknown, counted_at)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict (division) do update set people = excluded.people,
                merged = excluded.merged, listed = excluded.listed, pairs = excluded.pairs, unknown = excluded.unknown,
                counted_at = excluded.counted_at";
        for division in divisions {
            let mut counts = Vec::with_capacity(5);
            for row in self.rows(people, &[(*division).into()]).await? {
                counts.extend([row.get::<i64>(0)?, row.get(1)?, row.get(2)?]);
            }
            for row in self.rows(others, &[(*division).into()]).await? {
                counts.extend([row.get::<i64>(0)?, row.get(1)?]);
            }
            let mut values: Vec<Value<'_>> = vec![(*division).into()];
            values.extend(counts.iter().map(|count| Value::from(*count)));
            values.push(at.into());
            self.run(sql, &values).await?;
        }
        Ok(())
    }
}
