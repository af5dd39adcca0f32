//! The books as kept: items say where things stand, postings how they got there. The close of day counts the items,
//! adds up the postings, and refuses to sign when the two disagree.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    books::{Balance, Hop, Movement, OpenItem, Owner, Worklist},
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a station says of an item.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Worklist.
    pub worklist: Worklist,
    /// What waits.
    pub subject: String,
    /// Division.
    pub division: DivisionCode,
    /// Who answers for it.
    pub owner: Owner,
    /// Since when it waits.
    pub opened_at: Instant,
    /// Deadline.
    pub due_at: Option<Instant>,
    /// How it ended, if it has: when, completed or cancelled.
    pub closed: Option<(Instant, Movement)>,
    /// Why it is open, or how it ended.
    pub reason: String,
}

impl From<OpenItem> for Entry {
    fn from(item: OpenItem) -> Self {
        let OpenItem { worklist, subject, division, owner, opened_at, due_at, reason } = item;
        Entry { worklist, subject, division, owner, opened_at, due_at, closed: None, reason }
    }
}

/// State of a day in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRow {
    /// Day.
    pub day: CivilDate,
    /// When it was opened.
    pub opened_at: Instant,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// Last event of the day.
    pub events_upto: Option<i64>,
    /// Digest of the frozen ledger.
    pub ledger_digest: Option<String>,
    /// Signature of the day before.
    pub previous: Option<String>,
    /// Signature.
    pub signature: Option<String>,
}

const ITEM: [&str; 10] =
    ["worklist", "subject", "division", "party", "owner", "opened_at", "due_at", "closed_at", "outcome", "reason"];

/// Reason and deadline of an item that is open.
type Waiting = (String, Option<Instant>);

/// Items by subject; nothing of those that have ended.
type KnownItems = HashMap<String, Option<Waiting>>;

/// Entries of so few are asked for at once, whatever their worklists.
const ASK_AT_ONCE_MAX: usize = 500;

/// Movements of a day by worklist, district and kind.
type Sums = BTreeMap<(Worklist, DivisionCode, Movement), i64>;

/// Subject, closing, reason and deadline of an item.
fn known_item(row: &Record) -> Result<(String, Option<Waiting>), StoreError> {
    let open = match row.get::<Option<Instant>>(1)? {
        None => Some((row.get(2)?, row.get(3)?)),
        Some(_) => None,
    };
    Ok((row.get(0)?, open))
}

/// What entries change in the books, on its way there: told in few statements, however many worklists they are of.
#[derive(Default)]
struct Posted<'e> {
    items: Vec<Value<'e>>,
    postings: Vec<Value<'e>>,
    ended: Vec<Value<'e>>,
    said: Vec<Value<'e>>,
}

impl<'e> Posted<'e> {
    const POSTING: [&'static str; 6] = ["worklist", "subject", "division", "day", "movement", "at"];

    /// Whether it had better be written before more is gathered.
    fn is_much(&self) -> bool {
        const POSTINGS: usize = 10_000;
        self.postings.len() + self.said.len() > POSTINGS * Self::POSTING.len()
    }

    /// An entry, beside what is known of its item.
    fn entry(&mut self, day: CivilDate, entry: &'e Entry, known: Option<&Option<Waiting>>, sums: &mut Sums) {
        let worklist = entry.worklist;
        let mut movement = |movement: Movement, at: Instant| {
            *sums.entry((worklist, entry.division.district(), movement)).or_default() += 1;
            self.postings.extend([
                worklist.name().into(),
                (&entry.subject).into(),
                (&entry.division).into(),
                day.into(),
                movement.name().into(),
                at.into(),
            ]);
        };
        match known {
            None => {
                movement(Movement::Received, entry.opened_at);
                if let Some((at, how)) = entry.closed {
                    movement(how, at);
                }
                self.items.extend([
                    worklist.name().into(),
                    (&entry.subject).into(),
                    (&entry.division).into(),
                    entry.owner.party.name().into(),
                    (&entry.owner.name).into(),
                    entry.opened_at.into(),
                    entry.due_at.into(),
                    entry.closed.map(|(at, _)| at).into(),
                    entry.closed.map(|(_, how)| how.name()).into(),
                    (&entry.reason).into(),
                ]);
            }
            Some(Some((reason, due_at))) => match entry.closed {
                Some((at, how)) => {
                    movement(how, at);
                    let (how, reason) = (how.name().into(), (&entry.reason).into());
                    self.ended.extend([worklist.name().into(), (&entry.subject).into(), at.into(), how, reason]);
                }
                None if *reason == entry.reason && (entry.due_at.is_none() || *due_at == entry.due_at) => {}
                None => {
                    let reason = (&entry.reason).into();
                    self.said.extend([worklist.name().into(), (&entry.subject).into(), reason, entry.due_at.into()]);
                }
            },
            Some(None) => {}
        }
    }

    async fn write(self, tx: &mut Scoped) -> Result<(), StoreError> {
        // by the key alone: they were seen to be open in this transaction, and an index of what is open leads through the
        // whole list. The list is named in each row, so that the rows lead to the items and not the items through all rows.
        let sql = "update items set closed_at = p.closed_at, outcome = p.outcome, reason = p.reason from {rows}
                   where items.worklist = p.worklist and items.subject = p.subject";
        let columns = ["worklist", "subject", "closed_at", "outcome", "reason"];
        tx.run_for_rows(sql, &[], &columns, &self.ended).await?;
        let sql = "update items set reason = p.reason, due_at = p.due_at from {rows}
                   where items.worklist = p.worklist and items.subject = p.subject";
        tx.run_for_rows(sql, &[], &["worklist", "subject", "reason", "due_at"], &self.said).await?;
        tx.append("items", &ITEM, &self.items).await?;
        tx.append("postings", &Self::POSTING, &self.postings).await
    }
}

/// Worklist, subject, division, party, owner, opening, deadline and reason, in this order.
pub(crate) fn open_item(row: &Record) -> Result<OpenItem, StoreError> {
    Ok(OpenItem {
        worklist: row.term(0)?,
        subject: row.get(1)?,
        division: row.term(2)?,
        owner: Owner { party: row.term(3)?, name: row.get(4)? },
        opened_at: row.get(5)?,
        due_at: row.get(6)?,
        reason: row.get(7)?,
    })
}

impl Scoped {
    /// Posts entries to the books of an open day: opens what is new, closes what has ended, leaves the rest as it is.
    /// Every movement is posted once, however often it is said.
    pub async fn post(&mut self, day: CivilDate, entries: &[Entry]) -> Result<(), StoreError> {
        let mut by_list: BTreeMap<Worklist, Vec<&Entry>> = BTreeMap::new();
        entries.iter().for_each(|entry| by_list.entry(entry.worklist).or_default().push(entry));
        let few = entries.len() <= ASK_AT_ONCE_MAX;
        let mut known = if few { self.known_of_all(entries).await? } else { HashMap::new() };
        let mut sums: Sums = BTreeMap::new();
        let mut told = Posted::default();
        for (worklist, entries) in by_list {
            let known = match few {
                true => known.remove(&worklist).unwrap_or_default(),
                false => self.known_items(worklist, &entries).await?,
            };
            let mut seen: HashSet<&str> = HashSet::with_capacity(entries.len());
            for entry in entries {
                if seen.insert(&entry.subject) {
                    told.entry(day, entry, known.get(entry.subject.as_str()), &mut sums);
                }
            }
            if told.is_much() {
                std::mem::take(&mut told).write(self).await?;
            }
        }
        told.write(self).await?;
        let mut flat: Vec<Value<'_>> = Vec::with_capacity(sums.len() * 4);
        for ((worklist, district, movement), n) in &sums {
            flat.extend([worklist.name().into(), district.into(), movement.name().into(), (*n).into()]);
        }
        let sql = "insert into movements (day, worklist, division, movement, n)
            select $1, p.worklist, p.division, p.movement, p.n from {rows} where true
            on conflict (day, worklist, division, movement) do update set n = movements.n + excluded.n";
        self.run_for_rows(sql, &[day.into()], &["worklist", "division", "movement", "n"], &flat).await?;
        Ok(())
    }

    /// Which of these items are known, by worklist.
    async fn known_of_all(&mut self, entries: &[Entry]) -> Result<HashMap<Worklist, KnownItems>, StoreError> {
        let names: Vec<Value<'_>> =
            entries.iter().flat_map(|entry| [entry.worklist.name().into(), (&entry.subject).into()]).collect();
        // `cross join`: SQLite goes from the names to the items, never through all items
        let sql = "select i.subject, i.closed_at, case when i.closed_at is null then i.reason end, i.due_at, i.worklist
            from {rows} cross join items i where i.worklist = p.worklist and i.subject = p.subject";
        let mut known: HashMap<Worklist, KnownItems> = HashMap::new();
        for row in self.rows_for_rows(sql, &["worklist", "subject"], &names).await? {
            let (subject, item) = known_item(&row)?;
            known.entry(row.term(4)?).or_default().insert(subject, item);
        }
        Ok(known)
    }

    /// Which subjects of a worklist are known, and what is said of those that are open.
    async fn known_items(&mut self, worklist: Worklist, entries: &[&Entry]) -> Result<KnownItems, StoreError> {
        // a worklist keeps what has ended; beyond this many it is read whole all the same
        const ASK_BY_NAME_MAX: usize = 20_000;
        // before many, on a first day, it is worth asking whether there is any
        let any = "select subject from items where worklist = $1 order by subject limit 1";
        if self.row(any, &[worklist.name().into()]).await?.is_none() {
            return Ok(HashMap::new());
        }
        let columns = "select subject, closed_at, case when closed_at is null then reason end, due_at from items";
        let rows = if entries.len() <= ASK_BY_NAME_MAX {
            let keys: Vec<Value<'_>> = entries.iter().map(|entry| (&entry.subject).into()).collect();
            let sql = format!("{columns} where worklist = '{}' and subject in ({{keys}})", worklist.name());
            self.rows_for_keys(&sql, &keys).await?
        } else {
            let sql = format!("{columns} where worklist = $1");
            self.rows_text(sql.into(), &[worklist.name().into()]).await?
        };
        rows.iter().map(known_item).collect()
    }

    /// A day of the books.
    pub async fn day(&mut self, day: CivilDate) -> Result<Option<DayRow>, StoreError> {
        Ok(self.days_where("= $1", &[day.into()]).await?.pop())
    }

    /// The latest day of the books before a day.
    pub async fn day_before(&mut self, day: CivilDate) -> Result<Option<DayRow>, StoreError> {
        Ok(self.days_where("= (select max(day) from days where day < $1)", &[day.into()]).await?.pop())
    }

    /// The latest day of the books.
    pub async fn last_day(&mut self) -> Result<Option<DayRow>, StoreError> {
        Ok(self.days_where("= (select max(day) from days)", &[]).await?.pop())
    }

    async fn days_where(&mut self, which: &'static str, values: &[Value<'_>]) -> Result<Vec<DayRow>, StoreError> {
        let sql = format!(
            "select day, opened_at, closed_at, events_upto, ledger_digest, previous, signature from days where day {which}"
        );
        let rows = self.rows_text(sql.into(), values).await?;
        rows.iter()
            .map(|row| {
                Ok(DayRow {
                    day: row.get(0)?,
                    opened_at: row.get(1)?,
                    closed_at: row.get(2)?,
                    events_upto: row.get(3)?,
                    ledger_digest: row.get(4)?,
                    previous: row.get(5)?,
                    signature: row.get(6)?,
                })
            })
            .collect()
    }

    /// Opens a day.
    pub async fn open_day(&mut self, day: CivilDate, at: Instant) -> Result<(), StoreError> {
        self.opening = None;
        self.append_new("days", &["day", "opened_at"], &[day.into(), at.into()]).await?;
        Ok(())
    }

    /// Freezes and signs a day.
    pub async fn sign_day(&mut self, row: &DayRow) -> Result<(), StoreError> {
        self.opening = None;
        let sql = "update days set closed_at = $2, events_upto = $3, ledger_digest = $4, previous = $5, signature = $6
                   where day = $1 and closed_at is null";
        let touched = self
            .run(
                sql,
                &[
                    row.day.into(),
                    row.closed_at.into(),
                    row.events_upto.into(),
                    row.ledger_digest.as_deref().into(),
                    row.previous.as_deref().into(),
                    row.signature.as_deref().into(),
                ],
            )
            .await?;
        if touched == 1 { Ok(()) } else { Err(StoreError::Closed { day: row.day }) }
    }

    /// Movements posted on a day: (worklist, division) to counts, at district level.
    pub async fn movements(
        &mut self,
        day: CivilDate,
    ) -> Result<Vec<(Worklist, DivisionCode, Movement, u64)>, StoreError> {
        let sql = "select worklist, division, movement, n from movements where day = $1 order by 1, 2, 3";
        let rows = self.rows(sql, &[day.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.term(1)?, row.term(2)?, row.get::<i64>(3)? as u64))).collect()
    }

    /// Items open now, counted: (worklist, district, open, of these overdue at `now`).
    pub async fn open_counts(&mut self, now: Instant) -> Result<Vec<(Worklist, DivisionCode, u64, u64)>, StoreError> {
        let sql = "select worklist, substr(division, 1, 6), count(*),
                cast(coalesce(sum(case when due_at <= $1 then 1 else 0 end), 0) as bigint)
            from items where closed_at is null group by worklist, substr(division, 1, 6) order by 1, 2";
        let rows = self.rows(sql, &[now.into()]).await?;
        rows.iter()
            .map(|row| Ok((row.term(0)?, row.term(1)?, row.get::<i64>(2)? as u64, row.get::<i64>(3)? as u64)))
            .collect()
    }

    /// Items open now, by name, oldest first in each worklist.
    pub async fn open_items(&mut self) -> Result<Vec<OpenItem>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason from items
                   where closed_at is null and division >= $1 and division < $2 order by worklist, opened_at, subject";
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter().map(open_item).collect()
    }

    /// Items of a worklist that are open, or were opened or closed since an instant, in order of opening.
    pub async fn items_of(&mut self, worklist: Worklist, since: Instant) -> Result<Vec<Entry>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select subject, division, party, owner, opened_at, due_at, closed_at, outcome, reason from items
                   where worklist = $1 and (closed_at is null or closed_at >= $2 or opened_at >= $2)
                     and division >= $3 and division < $4 order by opened_at, subject";
        let rows = self.rows(sql, &[worklist.name().into(), since.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                let closed: Option<Instant> = row.get(6)?;
                let outcome: Option<Movement> = row.maybe_term(7)?;
                Ok(Entry {
                    worklist,
                    subject: row.get(0)?,
                    division: row.term(1)?,
                    owner: Owner { party: row.term(2)?, name: row.get(3)? },
                    opened_at: row.get(4)?,
                    due_at: row.get(5)?,
                    closed: closed.zip(outcome),
                    reason: row.get(8)?,
                })
            })
            .collect()
    }

    /// Freezes the ledger, the hops and the list of what is carried over.
    pub async fn freeze(
        &mut self,
        day: CivilDate,
        ledger: &[Balance],
        hops: &[Hop],
        carried: &[OpenItem],
    ) -> Result<(), StoreError> {
        let mut rows: Vec<Value<'_>> = Vec::with_capacity(ledger.len() * 9);
        for b in ledger {
            rows.extend([
                day.into(),
                b.worklist.name().into(),
                (&b.division).into(),
                b.opening.into(),
                b.received.into(),
                b.completed.into(),
                b.cancelled.into(),
                b.closing.into(),
                b.overdue.into(),
            ]);
        }
        let columns =
            ["day", "worklist", "division", "opening", "received", "completed", "cancelled", "closing", "overdue"];
        self.append("ledger", &columns, &rows).await?;
        let rows: Vec<Value<'_>> = hops
            .iter()
            .flat_map(|h| {
                [day.into(), (&h.name).into(), (&h.division).into(), h.sent.into(), h.received.into(), h.missing.into()]
            })
            .collect();
        self.append("hops", &["day", "name", "division", "sent", "received", "missing"], &rows).await?;
        let mut rows: Vec<Value<'_>> = Vec::with_capacity(carried.len() * 9);
        for item in carried {
            rows.extend([
                day.into(),
                item.worklist.name().into(),
                (&item.subject).into(),
                (&item.division).into(),
                item.owner.party.name().into(),
                (&item.owner.name).into(),
                item.opened_at.into(),
                item.due_at.into(),
                (&item.reason).into(),
            ]);
        }
        let columns = ["day", "worklist", "subject", "division", "party", "owner", "opened_at", "due_at", "reason"];
        self.append("carried", &columns, &rows).await
    }

    /// The frozen ledger of a day, in order of worklist and division.
    pub async fn ledger(&mut self, day: CivilDate) -> Result<Vec<Balance>, StoreError> {
        let sql = "select worklist, division, opening, received, completed, cancelled, closing, overdue from ledger
                   where day = $1 order by worklist, division";
        let rows = self.rows(sql, &[day.into()]).await?;
        rows.iter()
            .map(|row| {
                let count = |at| row.get::<i64>(at).map(|n| n as u64);
                Ok(Balance {
                    worklist: row.term(0)?,
                    division: row.term(1)?,
                    opening: count(2)?,
                    received: count(3)?,
                    completed: count(4)?,
                    cancelled: count(5)?,
                    closing: count(6)?,
                    overdue: count(7)?,
                })
            })
            .collect()
    }

    /// The frozen hops of a day.
    pub async fn hops(&mut self, day: CivilDate) -> Result<Vec<Hop>, StoreError> {
        let sql = "select name, division, sent, received, missing from hops where day = $1 order by name, division";
        let rows = self.rows(sql, &[day.into()]).await?;
        rows.iter()
            .map(|row| {
                let count = |at| row.get::<i64>(at).map(|n| n as u64);
                Ok(Hop {
                    name: row.get(0)?,
                    division: row.term(1)?,
                    sent: count(2)?,
                    received: count(3)?,
                    missing: count(4)?,
                })
            })
            .collect()
    }

    /// What was carried over at the close of a day.
    pub async fn carried(&mut self, day: CivilDate) -> Result<Vec<OpenItem>, StoreError> {
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason from carried
                   where day = $1 order by worklist, opened_at, subject";
        let rows = self.rows(sql, &[day.into()]).await?;
        rows.iter().map(open_item).collect()
    }
}
