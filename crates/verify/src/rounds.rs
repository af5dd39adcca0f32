//! Whether the figures of every closed round are those that the facts give: each community is recounted with SQL of its own as
//! of the moment of closing. Communities of whose people, or of tubes with whose swabs, something was told after the closing are
//! passed over, and only they: a late result is no mistake of the one who counted.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    source::{Given, Source},
};
use std::collections::{BTreeMap, BTreeSet};

const CHECK: &str = "rounds.counted";

/// A closed round: its hours, when it was closed, and the last entry of the log it knew.
struct Closed {
    round: String,
    from: i64,
    to: i64,
    at: i64,
    seq: i64,
}

pub(crate) async fn check(source: &mut Source, _: &Moment) -> Result<Finding, VerifyError> {
    let (mut looked_at, mut wrong) = (0, None);
    for round in closed(source).await? {
        let late = told_since(source, &round).await?;
        let recorded =
            counts(source, "select division, state, people from round_counts where round = $1", &round).await?;
        let counted = recount(source, &round).await?;
        let places: BTreeSet<&String> = recorded.keys().chain(counted.keys()).map(|(place, _)| place).collect();
        let Some(late) = late else { continue };
        for place in places {
            if late.contains(place) {
                continue;
            }
            looked_at += 1;
            let of = |all: &BTreeMap<(String, String), u64>| {
                let inside = all.iter().filter(|((code, _), n)| code == place && **n > 0);
                inside.map(|((_, state), n)| format!("{state} {n}")).collect::<Vec<_>>().join(", ")
            };
            let (was, is) = (of(&recorded), of(&counted));
            if was != is && wrong.is_none() {
                wrong = Some(format!("round {} in {place}: recorded {was}, and the facts give {is}", round.round));
            }
        }
        let broken = told_wrong(source, &round.round, &recorded).await?;
        wrong = wrong.or(broken);
        let uneven = places_wrong(source, &round.round).await?;
        wrong = wrong.or(uneven);
    }
    Ok(Finding::of(CHECK, looked_at, wrong))
}

async fn closed(source: &mut Source) -> Result<Vec<Closed>, VerifyError> {
    let sql = "select round, {us:coalesce(started_at, \"from\")}, {us:coalesce(ended_at, \"to\")}, {us:closed_at}, coalesce(log_seq, 0)
        from rounds where state = 'closed' order by round";
    let rows = source.rows(sql, &[]).await?;
    let one = |row: &crate::source::Row| {
        Ok(Closed {
            round: row.text(0)?,
            from: row.whole(1)?,
            to: row.whole(2)?,
            at: row.whole(3)?,
            seq: row.whole(4)?,
        })
    };
    rows.iter().map(one).collect()
}

async fn counts(
    source: &mut Source,
    sql: &str,
    round: &Closed,
) -> Result<BTreeMap<(String, String), u64>, VerifyError> {
    let rows = source.rows(sql, &[Given::Text(&round.round)]).await?;
    rows.iter().map(|row| Ok(((row.text(0)?, row.text(1)?), row.count(2)?))).collect()
}

/// Counts by community and state, from the facts: of everybody on the roster whom the round was for, the best of their swabs,
/// else the last statement that held, else the roster.
async fn recount(source: &mut Source, round: &Closed) -> Result<BTreeMap<(String, String), u64>, VerifyError> {
    let Closed { from, to, at, .. } = round;
    let sql = format!(
        "with swab as (
            select coalesce(a.merged_into, m.person_no) as no, max(case when s.finding in ('negative', 'positive', 'inconclusive') and s.version <> 'P' then 2
                when s.finding = 'invalid' and s.version <> 'P' then 0 else 1 end) as n
            from tubes t join members m on m.tube_no = t.no join people a on a.no = m.person_no
                left join settled s on s.tube_no = t.no
            where t.collected_at >= {{at:{from}}} and t.collected_at < {{at:{to}}}
                and t.no not in (select c.tube_no from custody c where c.state in ('missing', 'broken')) group by 1),
        holding as (
            select coalesce(a.merged_into, person_no) as no, q.presence,
                row_number() over (partition by coalesce(a.merged_into, person_no) order by said_at desc, key desc) as rank
            from statements q join people a on a.no = q.person_no where said_at <= {{at:{at}}} and coalesce(\"from\", said_at) <= {{at:{at}}}
                and (\"until\" is null or not (\"until\" <= {{at:{at}}}))),
        standing as (
            select b.division as place, coalesce(w.n, 0) as n, coalesce(q.presence, p.presence, 'unknown') as said
            from people p join households h on h.household = p.household join buildings b on b.building = h.building
                left join swab w on w.no = p.no left join holding q on q.no = p.no and q.rank = 1
            where p.registered and p.merged_into is null
              and (p.no in (select coalesce(a.merged_into, a.no) from round_people k join people a on a.no = k.person_no where k.round = $1)
                or exists (select 1 from round_scopes c where c.round = $1 and (
                (c.kind = 'division' and substr(b.division, 1, length(c.name)) = c.name)
                or (c.kind = 'area' and c.building = b.building and coalesce(c.unit, h.unit, '') = coalesce(h.unit, '')))))
              and (p.key_group in (select g.name from round_scopes g where g.round = $1 and g.kind = 'group')
                or 0 = (select count(*) from round_scopes g where g.round = $1 and g.kind = 'group')))
        select place, case n when 2 then 'resulted' when 1 then 'waiting' else
            case said when 'moved_in' then 'present' else said end end as state, count(*)
        from standing group by 1, 2 order by 1, 2"
    );
    counts(source, &sql, round).await
}

/// Communities of which something was told after the closing; `None`: of all of them.
async fn told_since(source: &mut Source, round: &Closed) -> Result<Option<BTreeSet<String>>, VerifyError> {
    let sql = "select kind, numbers, divisions from coverage_log where seq > $1 order by seq";
    let mut places = BTreeSet::new();
    for row in source.rows(sql, &[Given::Whole(round.seq)]).await? {
        let (kind, text, divisions) = (row.text(0)?, row.text(1)?, row.maybe_text(2)?);
        match divisions {
            Some(codes) if kind == "roster" => {
                places.extend(codes.split(',').filter(|code| !code.is_empty()).map(str::to_owned));
            }
            None if kind == "roster" => return Ok(None),
            _ => {}
        }
        let sql = match kind.as_str() {
            "tubes" => {
                "select distinct b.division from members m join people p on p.no = m.person_no
                    join households h on h.household = p.household join buildings b on b.building = h.building
                 where m.tube_no between $1 and $2"
            }
            _ => {
                "select distinct b.division from people p join households h on h.household = p.household
                    join buildings b on b.building = h.building where p.no between $1 and $2"
            }
        };
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| {
                text.parse::<i64>()
                    .map_err(|_| VerifyError::Value { value: text.to_owned(), expected: "a range of numbers" })
            };
            for row in source.rows(sql, &[Given::Whole(number(low)?), Given::Whole(number(high)?)]).await? {
                places.insert(row.text(0)?);
            }
        }
    }
    Ok(Some(places))
}

/// Whether the people of a round's key places, by state, are those of its communities: everybody is at one place and lives in one community.
async fn places_wrong(source: &mut Source, round: &str) -> Result<Option<String>, VerifyError> {
    let sql = "select s.state, cast(sum(s.here) as bigint), cast(sum(s.there) as bigint) from (
            select state, people as here, 0 as there from round_place_counts where round = $1
            union all select state, 0, people from round_counts where round = $1
                and exists (select 1 from round_scopes c where c.round = $1 and c.kind = 'place')) s
        group by 1 having sum(s.here) <> sum(s.there) order by 1";
    let row = source.row(sql, &[Given::Text(round)]).await?;
    row.map(|row| {
        let (state, here, there) = (row.text(0)?, row.count(1)?, row.count(2)?);
        Ok(format!("round {round}: {here} {state} at its key places, and {there} in its communities"))
    })
    .transpose()
}

/// Whether the event of the closing says the sums that were recorded.
async fn told_wrong(
    source: &mut Source,
    round: &str,
    recorded: &BTreeMap<(String, String), u64>,
) -> Result<Option<String>, VerifyError> {
    let sql = "select body from events where kind = 'round.closed' and subject = $1 order by seq desc";
    let Some(row) = source.row(sql, &[Given::Text(round)]).await? else {
        return Ok(Some(format!("round {round} is closed, and no event says so")));
    };
    let body: serde_json::Value = serde_json::from_str(&row.text(0)?).unwrap_or_default();
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    recorded.iter().for_each(|((_, state), n)| *sums.entry(state).or_default() += n);
    let told: BTreeMap<&str, u64> = body["states"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(state, n)| (state.as_str(), n.as_u64().unwrap_or(u64::MAX)))
        .collect();
    let people = body["people"].as_u64();
    let same = told == sums && people == Some(sums.values().sum());
    Ok((!same).then(|| format!("round {round}: its event says {told:?} of {people:?}, recorded are {sums:?}")))
}
