//! A call of many swabs as the calls it might have been: it lands in parts so small that whoever decides one thing, as over a single
//! result, waits for one of them and not for all. Its rows are read and looked up while nobody waits, and the turn is taken to land them. It
//! may use what a call of few uses; it guarantees that each part is whole (rows, what follows from them, its events and counts in one
//! transaction, under a digest of its own), that nobody is answered before the last is durable, and that a call in which anything has to be
//! kept aside is not cut.

use super::{Kept, Named, Text, allowed_values, follow, inside, named_within, open};
use crate::{
    OpsError, agenda,
    desk::{DeskError, Doing, again, city_scope, digest_of, room},
    imports::reading,
    intake,
    rows::{Batch, Only, Taker},
    touched::Touched,
};
use dayclear_core::{access::Role, schema::Table};
use dayclear_store::{
    Scoped, Store,
    commands::Once,
    landing::{Doubt, Given, Known, Numbered, Progress, Tally, target_of},
    value::Value,
};
use dayclear_tabular::Reader;

/// Rows of a part, of the tables that come by the thousand when a city is sampled. What follows from a row of a tube or a result is ten
/// times what follows from one of a member; either way a part holds the turn for some milliseconds. On a server every statement of a part is a
/// way there and back, so that parts of a hundred rows made a whole day take half as long again; two and a half hundred tubes are five
/// hundred items at most, which the books still ask for at once.
pub(super) fn rows_of_part(table: &Table, store: &Store) -> Option<u64> {
    let few = if store.engine() == "sqlite" { 100 } else { 250 };
    match table.name {
        "tubes" | "results" => Some(few),
        "members" => Some(10 * few),
        _ => None,
    }
}

/// A part that was read: what it names, its rows as they came and as they land.
struct Part {
    named: Named,
    text: Vec<u8>,
    digest: String,
    /// Rows of the call before it.
    before: u64,
    batch: Option<Batch>,
}

/// A call that was read and looked up.
pub(super) struct Parts {
    table: &'static Table,
    source: String,
    parts: Vec<Part>,
}

impl Parts {
    /// Reads a call and looks up what it names, as it stands now and without a turn; `None`: it is not to be cut. What every row
    /// needs stays true until its part has the turn, because rows are only ever added: a tube or a person that is known stays known
    /// under its number, and a row that was new and is not any more is refused by its key, whereupon the part is judged anew. Whose tubes a
    /// laboratory may speak of can change, and is looked up again in the turn.
    pub(super) async fn read(
        store: &Store,
        doing: &Doing<'_>,
        table: &'static Table,
        text: Text<'_>,
        named: &Named,
    ) -> Result<Option<Parts>, DeskError> {
        let Some(size) = rows_of_part(table, store).filter(|size| named.rows() > *size) else { return Ok(None) };
        let duty = doing.looker.scope();
        let mut tx = store.look(&duty).await?;
        if tx.open_day_of_books().await?.is_none() {
            return Ok(None);
        }
        let city = city_scope(&mut tx, doing).await?;
        let references = named.references(&mut tx, table, &duty, &city).await?;
        let only = allowed_values(&mut tx, doing, table, named).await?;
        let known = match target_of(table.name) {
            Some(target) if table.name == "results" => tx.digests_of(target, &named.keys()).await?,
            _ => Known::default(),
        };
        drop(tx);
        // the numbers of new tubes begin at one, and are moved behind the last one in the turn
        let mut taker = Taker::new(table, text.source, known, references, [0, 0], 0);
        taker.only(only);
        taker.at_once(size);
        let zone = &doing.settings.zone;
        let readers = (open(table, text.source, text.csv, zone)?, open(table, text.source, text.csv, zone)?);
        let parts = reading(move || cut(table, taker, readers)).await?;
        Ok(parts.map(|parts| Parts { table, source: text.source.to_owned(), parts }))
    }

    /// Lands them one after the other; the counts of all, and what of any had to be kept aside after all.
    pub(super) async fn land(
        self,
        store: &Store,
        doing: &Doing<'_>,
        content: &str,
    ) -> Result<(Tally, Vec<Doubt>), DeskError> {
        let key = doing.key.map(|key| (key, content));
        let call = Call { store, doing, table: self.table, source: &self.source, key };
        let mut kept = Kept { tally: Tally::default(), doubts: Vec::new() };
        let last = self.parts.len().saturating_sub(1);
        for (n, mut part) in self.parts.into_iter().enumerate() {
            let mut tries = 0;
            loop {
                match call.land(&mut part, &kept, n == last).await {
                    Ok(Landed::All(all)) => return Ok((all.tally, all.doubts)),
                    Ok(Landed::Part(landed)) => {
                        kept = landed;
                        break;
                    }
                    // a row of it came by another call in between: it is judged anew
                    Err(DeskError::Trouble(OpsError::Store(error))) if error.is_double() && tries == 0 => tries += 1,
                    Err(error) if again(&error, &mut tries) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok((kept.tally, kept.doubts))
    }
}

/// Reads the parts of a call; `None`: not everything in it is new.
fn cut(table: &'static Table, mut taker: Taker, readers: (Reader, Reader)) -> Result<Option<Vec<Part>>, OpsError> {
    let (mut rows, mut again) = readers;
    let header = rows.header_line();
    let (mut parts, mut before) = (Vec::new(), 0);
    while let Some(batch) = taker.next_batch(&mut rows)? {
        if !batch.is_new() {
            return Ok(None);
        }
        let mut text = header.clone().into_bytes();
        text.push(b'\n');
        let named =
            Named::few(table, &mut again, batch.read, &mut text).map_err(|error| OpsError::Table(Box::new(error)))?;
        let digest = digest_of(&[text.as_slice()]);
        let read = batch.read;
        parts.push(Part { named, text, digest, before, batch: Some(batch) });
        before += read;
    }
    Ok(Some(parts))
}

/// What has landed.
enum Landed {
    /// Counts with those of this part.
    Part(Kept),
    /// The call was answered before, or by somebody else meanwhile.
    All(Kept),
}

/// What the parts of a call have in common.
struct Call<'a> {
    store: &'a Store,
    doing: &'a Doing<'a>,
    table: &'static Table,
    source: &'a str,
    /// Its key, and what stands for its content.
    key: Option<(&'a str, &'a str)>,
}

impl Call<'_> {
    /// Lands a part behind what has landed; the last one is durable, and the call answered with it.
    async fn land(&self, part: &mut Part, before: &Kept, is_last: bool) -> Result<Landed, DeskError> {
        let Call { store, doing, table, source, key } = *self;
        let mut tx = store.turn_of_part(&doing.looker.scope()).await?;
        let account = doing.looker.account.as_str();
        if let Some((key, content)) = key
            && let Once::Replay(text) = tx.once(account, key, content).await?
        {
            return Ok(Landed::All(serde_json::from_str(&text).map_err(inside)?));
        }
        let text = Text { csv: &part.text, digest: &part.digest, source, about: None };
        let read = match part.batch.take() {
            Some(batch) if still_allowed(&mut tx, doing, table, &part.named).await? => {
                as_read(&mut tx, doing, table, text, &part.named, (batch, part.before)).await?
            }
            _ => None,
        };
        let (tally, doubts) = match read {
            Some(tally) => (tally, Vec::new()),
            None => named_within(&mut tx, doing, table, text, &part.named, true).await?,
        };
        let mut kept = Kept { tally: sum(before.tally, tally), doubts: before.doubts.clone() };
        kept.doubts.extend(doubts.into_iter().map(|doubt| Doubt { row: doubt.row + part.before, ..doubt }));
        if !is_last {
            tx.commit_part().await?;
            return Ok(Landed::Part(kept));
        }
        if let Some((key, content)) = key {
            tx.done(account, key, content, &serde_json::to_string(&kept).map_err(inside)?, doing.now).await?;
        }
        tx.commit().await?;
        Ok(Landed::Part(kept))
    }
}

/// Whether the duty may still speak of all that the rows name.
async fn still_allowed(
    tx: &mut Scoped,
    doing: &Doing<'_>,
    table: &'static Table,
    named: &Named,
) -> Result<bool, DeskError> {
    let only: Vec<Only> = allowed_values(tx, doing, table, named).await?;
    Ok(only.iter().all(|only| named.of(only.column).iter().all(|value| only.values.contains(*value))))
}

/// Lands rows as they were read before the turn, with all that follows; `None`: they were given before, and nothing was done.
async fn as_read(
    tx: &mut Scoped,
    doing: &Doing<'_>,
    table: &'static Table,
    text: Text<'_>,
    named: &Named,
    (mut batch, before): (Batch, u64),
) -> Result<Option<Tally>, DeskError> {
    let account = doing.looker.account.as_str();
    let room = room(tx, doing).await?;
    let duty = doing.looker.scope();
    tx.widen(&room.city);
    if tx.progress(room.day.date, text.source, text.digest).await?.complete {
        tx.widen(&duty);
        return Ok(None);
    }
    let given = Given { digest: text.digest, division: &doing.looker.duty.division, account: Some(account) };
    let tubes = number(tx, table, &mut batch, before).await?;
    let (mut progress, mut touched) = (Progress::default(), Touched::default());
    let doubts =
        intake::take(tx, room.day.date, table, Some(&given), batch, &mut progress, &mut touched, false).await?;
    if !doubts.is_empty() {
        return Err(inside("a row that was new and named nothing unknown was kept aside"));
    }
    touched.note(tx).await?;
    if table.name == "results" && doing.looker.duty.role != Role::Laboratory {
        tx.note_by_hand(&named.of("tube"), account, doing.now).await?;
    }
    let telling = follow::swabs_came(tx, &room, table, tubes).await?;
    agenda::followed(tx, &room.day, table, named, &telling).await?;
    progress.complete = true;
    intake::given(tx, &room.day, table, text.source, &given, &progress).await?;
    Ok(Some(progress.tally))
}

/// Gives new tubes their numbers, which were read as one, two, three of the call with `before` rows of it in other parts; the numbers of all
/// tubes that the rows tell of, in order.
async fn number(tx: &mut Scoped, table: &'static Table, batch: &mut Batch, before: u64) -> Result<Vec<i64>, OpsError> {
    let (width, at) = match target_of(table.name) {
        None => (2, Some(0)),
        Some(target) => {
            let column = if table.name == "tubes" { "no" } else { "tube_no" };
            (target.columns.len(), target.columns.iter().position(|name| *name == column))
        }
    };
    let first = match table.name {
        "tubes" => tx.last_number(Numbered::Tubes).await? - before as i64,
        _ => 0,
    };
    let mut numbers = Vec::with_capacity(batch.created_rows as usize);
    for row in batch.created.chunks_mut(width) {
        if let Some(Value::Whole(Some(no))) = at.and_then(|at| row.get_mut(at)) {
            *no += first;
            numbers.push(*no);
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn sum(a: Tally, b: Tally) -> Tally {
    Tally {
        read: a.read + b.read,
        created: a.created + b.created,
        updated: a.updated + b.updated,
        same: a.same + b.same,
        doubtful: a.doubtful + b.doubtful,
        rejected: a.rejected + b.rejected,
    }
}
