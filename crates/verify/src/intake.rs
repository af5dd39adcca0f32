//! Whether every row that came in is accounted for, and nothing is promised that is not there: counts of each file add up,
//! agree with the event of its reading and with the rows kept aside; stock promised is stock in parcels, and no more than
//! there is.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding, first_broken},
    source::{Given, Source},
};
use serde_json::Value;

const FILES: &str = "intake.counted";
const PAGE_ROWS: i64 = 5_000;

const FILE_RULES: &[Rule] = &[
    Rule {
        wrong: "rows read are not rows created + updated + same + doubtful + rejected",
        sql: "select {iso:day} || ' ' || source from intake
              where read <> created + updated + same + doubtful + rejected or rows_done <> read",
    },
    Rule {
        wrong: "was not read to its end, and its day is closed",
        sql: "select {iso:i.day} || ' ' || i.source from intake i join days d on d.day = i.day
              where cast(i.complete as integer) = 0 and d.closed_at is not null",
    },
    Rule {
        wrong: "fewer rows are kept aside by name than were counted as doubtful or rejected",
        sql: "select {iso:i.day} || ' ' || i.source from intake i
              left join (select source, digest, count(distinct row) as n from doubts group by source, digest) d
                on d.source = i.source and d.digest = i.digest
              where i.doubtful + i.rejected > coalesce(d.n, 0)",
    },
    Rule {
        wrong: "rows were kept aside, and nobody has to clear them up (worklist clarify)",
        sql: "select {iso:i.day} || ' ' || i.source from intake i
              join days d on d.day = i.day
              where i.doubtful + i.rejected > 0 and cast(i.complete as integer) = 1 and not exists
                (select 1 from items w where w.worklist = 'clarify' and
                    (w.subject = 'file/' || substr(i.digest, 1, 12) || '/' || i.source or
                     substr(w.subject, 1, length(i.source) + 19) = 'file/' || substr(i.digest, 1, 12) || '/' || i.source || '/'))",
    },
];

const STOCK: &[Rule] = &[
    Rule {
        wrong: "more is promised than there is",
        sql: "select key from supplies where promised > quantity or promised < 0 or quantity < 0",
    },
    Rule {
        wrong: "what is promised is not what the parcels take from there",
        sql: "select s.depot || ' ' || s.item from (select depot, item, sum(promised) as n from supplies group by depot, item) s
              left join (select depot, item, sum(units) as n from parcels where depot is not null group by depot, item) p
                on p.depot = s.depot and p.item = s.item
              where s.n <> coalesce(p.n, 0)",
    },
    Rule {
        wrong: "parcel from a depot that does not have the item",
        sql: "select p.household || ' ' || {iso:p.day} || ' ' || p.item from parcels p
              left join supplies s on s.depot = p.depot and s.item = p.item where p.depot is not null and s.depot is null",
    },
    Rule {
        wrong: "parcel marked as delivered without a delivery on record",
        sql: "select p.household || ' ' || {iso:p.day} || ' ' || p.item from parcels p
              left join deliveries d on d.household = p.household and d.item = p.item and d.at = p.delivered_at
              where p.delivered_at is not null and d.household is null and not exists (select 1 from door_steps t
                where t.household = p.household and t.day = p.day and t.item = p.item and t.at = p.delivered_at
                  and t.step in ('delivered', 'here'))",
    },
    Rule {
        wrong: "parcel at the door by somebody's word, and nothing shows it",
        sql: "select p.household || ' ' || {iso:p.day} || ' ' || p.item from parcels p
              where p.handed_by is not null and (p.door_proof is null or (p.door_proof = 'word' and p.word_said is null))",
    },
    Rule {
        wrong: "the household said that it has its parcel not, and it is at the door by an older word",
        sql: "select p.household || ' ' || {iso:p.day} || ' ' || p.item from parcels p
              where p.not_here_at is not null and p.delivered_at is not null and p.delivered_at < p.not_here_at",
    },
    Rule {
        wrong: "more was asked for than the parcel carries",
        sql: "select w.household || ' ' || {iso:w.day} || ' ' || w.item
              from (select household, day, item, sum(units) as n from wanted group by household, day, item) w
              left join parcels p on p.household = w.household and p.day = w.day and p.item = w.item
              where p.household is null or p.units < w.n",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<[Finding; 2], VerifyError> {
    let looked_at = source.count("select count(*) from intake").await?;
    let wrong = match first_broken(source, moment, FILE_RULES).await? {
        Some(wrong) => Some(wrong),
        None => otherwise_than_recorded(source).await?,
    };
    let stock = finding(source, moment, "stock.promised", "select count(*) from supplies", STOCK).await?;
    Ok([Finding::of(FILES, looked_at, wrong), stock])
}

/// A file whose counts are not those of the event that recorded its reading, or a reading whose file is gone.
async fn otherwise_than_recorded(source: &mut Source) -> Result<Option<String>, VerifyError> {
    const COUNTS: [&str; 6] = ["read", "created", "updated", "same", "doubtful", "rejected"];
    let mut after = 0;
    loop {
        let sql = "select seq, {iso:day}, subject, body from events where kind = 'file.read' and seq > $1 order by seq limit $2";
        let events = source.rows(sql, &[Given::Whole(after), Given::Whole(PAGE_ROWS)]).await?;
        if events.is_empty() {
            return Ok(None);
        }
        for event in events {
            after = event.whole(0)?;
            let (day, name) = (event.text(1)?, event.text(2)?);
            let body: Value = serde_json::from_str(&event.text(3)?).unwrap_or_default();
            let digest = body["sha256"].as_str().unwrap_or_default();
            let sql = "select read, created, updated, same, doubtful, rejected from intake
                       where {iso:day} = $1 and source = $2 and digest = $3";
            let keys = [Given::Text(&day), Given::Text(&name), Given::Text(digest)];
            let Some(row) = source.row(sql, &keys).await? else {
                return Ok(Some(format!("{day} {name}: event {after} recorded its reading, and its counts are gone")));
            };
            for (at, count) in COUNTS.iter().enumerate() {
                let (said, is) = (body["tally"][count].as_i64(), row.whole(at)?);
                if said != Some(is) {
                    let said = said.map_or_else(|| "nothing".to_owned(), |n| n.to_string());
                    return Ok(Some(format!("{day} {name}: {is} rows {count}, and event {after} recorded {said}")));
                }
            }
        }
    }
}
