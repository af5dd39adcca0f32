//! Whether the chain of custody is what the facts give: each tube of a box is worked out again with SQL of its own, each box and
//! run is counted again by name, and everybody in a lost tube is in the books. What is recorded of a store whose next day is open
//! may rest on facts that are newer than the close, but never on others than those that are there.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

/// Where tubes are by the facts: `truth(tube_no, box, state)`. Rules as in docs/custody.md: a result, then a box that says broken,
/// then whoever has seen the tube, then who misses it, then a count that agrees, then the courier.
macro_rules! truth {
    ($rest:literal) => {
        concat!(
            "with said as (select * from box_checks where at <= {closed}),
              packed as (select * from packings where at <= {closed}),
              moved as (select * from box_moves where at <= {closed}),
              word as (
                select tube_no, box, found, at, row_number() over (partition by tube_no, box order by at desc,
                    case found when 'broken' then 3 when 'missing' then 2 else 1 end desc, laboratory desc) as rank
                from said),
              lastword as (select tube_no, box, found from word where rank = 1),
              packedrank as (
                select tube_no, box, row_number() over (partition by tube_no order by at desc, box desc) as rank from packed),
              namedrank as (
                select tube_no, box, row_number() over (partition by tube_no order by at, box) as rank from said),
              home as (
                select tube_no, box from packedrank where rank = 1
                union all select n.tube_no, n.box from namedrank n where n.rank = 1
                    and not exists (select 1 from packed p where p.tube_no = n.tube_no)),
              countrank as (
                select box, counted, at, row_number() over (partition by box order by at desc,
                    case step when 'recounted' then 2 else 1 end desc, coalesce(counted, -1) desc, laboratory desc) as rank
                from moved where step in ('received', 'recounted')),
              counted as (select box, counted, at from countrank where rank = 1),
              bythen as (
                select k.tube_no, k.box, k.found, row_number() over (partition by k.tube_no, k.box order by k.at desc,
                    case k.found when 'broken' then 3 when 'missing' then 2 else 1 end desc, k.laboratory desc) as rank
                from said k left join counted c on c.box = k.box where c.box is null or k.at <= c.at),
              there as (
                select h.box, 1 as certain, 0 as perhaps from home h
                where not exists (select 1 from lastword w where w.tube_no = h.tube_no and w.box = h.box)
                  and not exists (select 1 from lastword w where w.tube_no = h.tube_no and w.box <> h.box
                    and w.found in ('found', 'broken'))
                union all
                select w.box, case when b.found = 'found' then 1 else 0 end, case when b.found is null then 1 else 0 end
                from lastword w left join bythen b on b.tube_no = w.tube_no and b.box = w.box and b.rank = 1),
              expected as (select box, sum(certain) as low, sum(certain + perhaps) as high from there group by box),
              agreed as (
                select c.box from counted c left join expected e on e.box = c.box
                where c.counted >= coalesce(e.low, 0) and c.counted <= coalesce(e.high, 0)),
              truth as (
                select h.tube_no, h.box, t.tube, case
                    when s.finding is not null and s.version <> 'P' and s.reported_at <= {closed} then 'received'
                    when exists (select 1 from lastword w where w.tube_no = h.tube_no and w.found = 'broken') then 'broken'
                    when t.received_at <= {closed}
                        or exists (select 1 from lastword w where w.tube_no = h.tube_no and w.found = 'found') then 'received'
                    when exists (select 1 from lastword w where w.tube_no = h.tube_no and w.box = h.box and w.found = 'missing')
                        then 'missing'
                    when exists (select 1 from agreed a where a.box = h.box) then 'received'
                    when exists (select 1 from counted c where c.box = h.box) then 'underway'
                    when exists (select 1 from moved m where m.box = h.box and m.step = 'lost') then 'missing'
                    when exists (select 1 from moved m where m.box = h.box and m.step = 'sent') then 'underway'
                    else 'packed' end as state
                from home h join tubes t on t.no = h.tube_no left join settled s on s.tube_no = h.tube_no) ",
            $rest
        )
    };
}

const LOOKED_AT: &str = "select count(*) from custody";

const RULES: &[Rule] = &[
    Rule {
        wrong: "tube of a box that is not where the facts say it is",
        sql: truth!(
            "select r.tube || ' in ' || r.box || ' (' || r.state || ', recorded ' || coalesce(c.state, 'nothing') || ')'
             from truth r left join custody c on c.tube_no = r.tube_no
             where {open} = 0 and (c.tube_no is null or c.state <> r.state or c.box <> r.box)"
        ),
    },
    Rule {
        wrong: "tube with a place in a box that nobody gave it",
        sql: "select t.tube from custody c join tubes t on t.no = c.tube_no
              where not exists (select 1 from packings p where p.tube_no = c.tube_no)
                and not exists (select 1 from box_checks k where k.tube_no = c.tube_no)",
    },
    Rule {
        wrong: "box that does not balance: its tubes are not those on the way, received, missing and broken",
        sql: "select box from shipments where tubes <> packed + underway + received + missing + broken",
    },
    Rule {
        wrong: "box whose tubes by name are not what is recorded of it",
        sql: "select s.box from shipments s left join (
                select box, count(*) as tubes, sum(case when state = 'packed' then 1 else 0 end) as packed,
                    sum(case when state = 'underway' then 1 else 0 end) as underway,
                    sum(case when state = 'received' then 1 else 0 end) as received,
                    sum(case when state = 'missing' then 1 else 0 end) as missing,
                    sum(case when state = 'broken' then 1 else 0 end) as broken
                from custody group by box) c on c.box = s.box
              where s.tubes <> coalesce(c.tubes, 0) or s.packed <> coalesce(c.packed, 0) or s.underway <> coalesce(c.underway, 0)
                or s.received <> coalesce(c.received, 0) or s.missing <> coalesce(c.missing, 0)
                or s.broken <> coalesce(c.broken, 0)",
    },
    Rule {
        wrong: "box of which something was said, and nobody keeps where it is",
        sql: "select f.box from (select box from packings where at <= {closed} union select box from box_moves where at <= {closed}
                union select box from box_checks where at <= {closed}) f
              left join shipments s on s.box = f.box where s.box is null and {open} = 0",
    },
    Rule {
        wrong: "courier run that is not the sum of its boxes",
        sql: "select x.run || ' in ' || x.division from (
                select run, division, count(*) as boxes, sum(tubes) as tubes, sum(packed + underway) as underway,
                    sum(received) as received, sum(missing) as missing, sum(broken) as broken
                from shipments where run is not null group by run, division) x
              left join courier_runs r on r.run = x.run and r.division = x.division
              where r.run is null or r.boxes <> x.boxes or r.tubes <> x.tubes or r.underway <> x.underway
                or r.received <> x.received or r.missing <> x.missing or r.broken <> x.broken
                or r.tubes <> r.underway + r.received + r.missing + r.broken",
    },
    Rule {
        wrong: "tube that is missing or broken, and still waited for in the books",
        sql: "select t.tube from custody c join tubes t on t.no = c.tube_no
              join items i on i.worklist in ('deliver', 'test') and i.subject = t.tube and i.closed_at is null
              where c.state in ('missing', 'broken')",
    },
    Rule {
        wrong: "somebody in a lost tube whom nobody asks for another swab (worklist clarify)",
        sql: "select t.tube || '/' || p.person from custody c join tubes t on t.no = c.tube_no
              join members m on m.tube_no = c.tube_no join people p on p.no = m.person_no
              where c.state in ('missing', 'broken') and {open} = 0 and not exists (select 1 from items i
                where i.worklist = 'clarify' and (i.subject = 'resample/' || t.tube || '/' || p.person
                    or i.subject like 'resample/' || t.tube || '/' || p.person || '/_')
                  and not (coalesce(i.outcome, '') = 'cancelled' and i.reason like 'the tube was found%'))",
    },
    Rule {
        wrong: "lost tube that is waited for by nobody and asked after by nobody: it holds nobody by name",
        sql: "select t.tube from custody c join tubes t on t.no = c.tube_no
              left join (select distinct tube_no from members) m on m.tube_no = t.no
              left join items i on i.worklist = 'clarify' and i.subject = 'empty/' || t.tube
              where c.state in ('missing', 'broken') and m.tube_no is null and i.subject is null",
    },
    Rule {
        wrong: "laboratory's count and tubes by name do not agree, and nobody clears it up (worklist clarify)",
        sql: truth!(
            "select c.box from counted c left join agreed a on a.box = c.box
             left join items i on i.worklist = 'clarify' and i.subject = 'box/' || c.box || '/count' and i.closed_at is null
             where a.box is null and i.subject is null and {open} = 0"
        ),
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    finding(source, moment, "custody.balances", LOOKED_AT, RULES).await
}
