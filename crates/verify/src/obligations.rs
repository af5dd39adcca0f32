//! Whether what is owed stands in the books and ends by evidence alone; whether the places that are called overdue or a cluster are so by
//! their people; and whether a community is called free of the epidemic only where nothing is in the way.

use crate::{
    Finding, VerifyError,
    moment::{Moment, day_number, day_of},
    rule::{Rule, finding, first_broken},
    source::Source,
};

const OBLIGATIONS: &[Rule] = &[
    Rule {
        wrong: "is owed, and nothing waits for it in the books (worklist fulfil), or until another time",
        sql: "select u.id from obligations u left join items i on i.worklist = 'fulfil' and i.subject = u.id and i.closed_at is null
              where u.ended_at is null and (i.subject is null or i.due_at is distinct from u.due_at or i.owner <> u.owner
                or i.division <> u.division)",
    },
    Rule {
        wrong: "has ended, and the books still wait for it or say another end",
        sql: "select u.id from obligations u left join items i on i.worklist = 'fulfil' and i.subject = u.id
              where u.ended_at is not null and (i.closed_at is distinct from u.ended_at
                or i.outcome is distinct from case u.state when 'done' then 'completed' else 'cancelled' end)",
    },
    Rule {
        wrong: "is waited for in the books (worklist fulfil), and nobody owes it",
        sql: "select i.subject from items i left join obligations u on u.id = i.subject where i.worklist = 'fulfil' and u.id is null",
    },
    Rule {
        wrong: "is done without evidence, or was ended by who showed it",
        sql: "select id from obligations where state = 'done' and (trim(coalesce(evidence, '')) = '' or evidence_at > ended_at
                or kind not in ('place_tests', 'report') and ended_by = evidence_by)",
    },
    Rule {
        wrong: "its steps do not say how it stands",
        sql: "select u.id from obligations u left join (select obligation, count(*) as n, max(no) as last from obligation_steps group by obligation) s
                on s.obligation = u.id
              left join obligation_steps l on l.obligation = u.id and l.no = s.last
              where s.n is null or s.n <> s.last or s.last <> u.steps
                 or l.step <> case u.state when 'done' then 'ended' when 'dropped' then 'dropped' when 'shown' then 'shown'
                    else case when l.step = 'returned' then 'returned' else 'given' end end
                 or u.ended_at is not null and (l.at <> u.ended_at or l.account <> u.ended_by)",
    },
    Rule {
        wrong: "the report of the day is done, and nobody signed it then",
        sql: "select u.id from obligations u where u.kind = 'report' and u.state = 'done' and not exists (select 1 from district_reports r
                where r.division = u.subject and r.day = u.day and r.edition = 1 and r.signed_at = u.ended_at
                and r.signed_by = u.ended_by and r.id = u.evidence)",
    },
    Rule {
        wrong: "a report was signed, and its obligation is still owed",
        sql: "select u.id from obligations u join district_reports r on r.division = u.subject and r.day = u.day
              where u.kind = 'report' and u.ended_at is null",
    },
    Rule {
        wrong: "an edition is missing, or one after the first does not say what it corrects",
        sql: "select r.id from district_reports r where r.edition > 1 and (trim(coalesce(r.correction, '')) = ''
                or not exists (select 1 from district_reports b where b.division = r.division and b.day = r.day
                    and b.edition = r.edition - 1 and b.signed_at <= r.signed_at))",
    },
    Rule {
        wrong: "other districts owe the report of that day, and this one does not",
        sql: "select d.code || ' ' || {iso:y.day} from divisions d join (select distinct day from obligations where kind = 'report') y on 1 = 1
              where d.level = 'district' and not exists (select 1 from obligations u where u.kind = 'report' and u.subject = d.code
                and u.day = y.day)",
    },
];

const PLACES: &[Rule] = &[
    Rule {
        wrong: "its figures are not those of its people who are due",
        sql: "select s.place from place_standing s left join (select place,
                sum(case when late_days > 0 then 1 else 0 end) as late, sum(case when late_days = 0 then 1 else 0 end) as today,
                max(late_days) as longest from place_due group by place) d on d.place = s.place
              where s.overdue <> coalesce(d.late, 0) or s.due_today <> coalesce(d.today, 0)
                 or s.late_days <> coalesce(d.longest, 0) or s.on_roll <> s.found + s.not_found",
    },
    Rule {
        wrong: "somebody is due who stands on no list of the place",
        sql: "select d.place || ' ' || p.person from place_due d join people p on p.no = d.person_no
              where not exists (select 1 from listed l join listed_links k on k.listed = l.key and k.linked = 'same'
                join people q on q.no = k.person_no where l.list = d.place and coalesce(q.merged_into, q.no) = d.person_no)
                and not exists (select 1 from places_told t where t.place = d.place)",
    },
    Rule {
        wrong: "its people are overdue, and nobody is asked for it; or nobody is, and it still is",
        sql: "select s.place from place_standing s left join obligations u on u.kind = 'place_tests' and u.subject = s.place and u.ended_at is null
              where (s.overdue > 0) <> (u.id is not null)
                and not exists (select 1 from obligations o where o.kind = 'place_tests' and o.subject = s.place and o.day = s.day)",
    },
    Rule {
        wrong: "is called a cluster, and its cases are fewer than two or of one household",
        sql: "select s.place from place_standing s where s.cluster and s.households < 2 or s.households > s.cases",
    },
    Rule {
        wrong: "is called a cluster, and nobody was asked to look into it",
        sql: "select s.place from place_standing s where s.cluster and not exists (select 1 from obligations u
                where u.kind = 'place_cluster' and u.subject = s.place)",
    },
    SHIFTS,
    Rule {
        wrong: "more of its people are cases than there are cases among those on its list",
        sql: "select s.place from place_standing s where s.cases > (select count(distinct c.id) from listed l
                join listed_links k on k.listed = l.key and k.linked = 'same' join people q on q.no = k.person_no
                join people a on a.no = coalesce(q.merged_into, q.no) or a.merged_into = coalesce(q.merged_into, q.no)
                join cases c on c.person_no = a.no where l.list = s.place)
              and not exists (select 1 from places_told t where t.place = s.place)",
    },
];

/// What the store may never hold of shifts, whatever the rules of the day were.
const SHIFTS: Rule = Rule {
    wrong: "works in two shifts at once",
    sql: "select a.worker || ' ' || a.key from shifts a join shifts b on b.worker = a.worker and b.key <> a.key
          and b.\"from\" < a.\"to\" and b.\"to\" > a.\"from\"",
};

const FREE: &[Rule] = &[
    Rule {
        wrong: "a community is called free, and its last closed round did not reach enough of its people",
        sql: "select division from free_communities where free and (round is null or reached * 100 < people * coverage)",
    },
    Rule {
        wrong: "how a community stands is not what its last change says",
        sql: "select f.division from free_communities f left join free_changes g on g.division = f.division
                and g.no = (select max(m.no) from free_changes m where m.division = f.division)
              where case when f.free then 1 else 0 end <> coalesce(case when g.free then 1 else 0 end, 0)",
    },
    Rule {
        wrong: "two changes that follow each other say the same, or one between them is missing",
        sql: "select g.id from free_changes g left join free_changes b on b.division = g.division and b.no = g.no - 1
              where g.no > 1 and (b.no is null or case when b.free then 1 else 0 end = case when g.free then 1 else 0 end)",
    },
];

/// What nothing has happened to since communities were looked at: then cases, areas and tubes are those that were known.
const UNTOUCHED: &str = "not exists (select 1 from events e where e.seq > f.seq)";

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<[Finding; 3], VerifyError> {
    Ok([
        finding(source, moment, "obligations.kept", "select count(*) from obligations", OBLIGATIONS).await?,
        finding(source, moment, "places.counted", "select count(*) from place_standing", PLACES).await?,
        free(source, moment).await?,
    ])
}

/// Recounts from cases, areas and items what may not be in the way of a community that is called free.
async fn free(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from free_communities").await?;
    let mut wrong = first_broken(source, moment, FREE).await?;
    let rule = source.row("select {iso:max(day)}, max(clean_days) from free_communities", &[]).await?;
    if let (Some(rule), None, true) = (rule, &wrong, looked_at > 0) {
        let (day, clean_days) = (rule.text(0)?, rule.whole(1)?);
        let since = moment.start_of(&day_of(day_number(&day)? - clean_days))?;
        let found = format!(
            "select f.division from free_communities f join cases c on substr(c.division, 1, 12) = f.division
             where f.free and c.found_at >= {{at:{since}}} and c.origin not in ('already_isolated', 'entry') and c.aside is null
                and coalesce(c.outcome, '') <> 'withdrawn' and {UNTOUCHED} order by 1 limit 1"
        );
        let area = format!(
            "select f.division from free_communities f join zones z on substr(z.division, 1, 12) = f.division and z.released_on is null
             where f.free and {UNTOUCHED} order by 1 limit 1"
        );
        let waits = format!(
            "select f.division from free_communities f join items i on substr(i.division, 1, 12) = f.division
             where f.free and i.closed_at is null and i.worklist in ('recall', 'place') and {UNTOUCHED} order by 1 limit 1"
        );
        for (sql, said) in [
            (found, "is called free, and an infection was found in the community within the days of the rule"),
            (area, "is called free, and an area is open there"),
            (waits, "is called free, and a member of a positive tube or a contact waits there"),
        ] {
            if let Some(row) = source.row(&sql, &[]).await? {
                wrong = Some(format!("{}: {said}", row.text(0)?));
                break;
            }
        }
    }
    Ok(Finding::of("free.computed", looked_at, wrong))
}
