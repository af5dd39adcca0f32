//! Whether everybody who is followed was waited for in the books day by day, ended on the day that counts from their last exposure
//! and for the reason that is written down, and was tested when they told of symptoms; and whether the days on which somebody spoke
//! to them are those of the log. Calls outside a follow-up count for none of it.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, first_broken},
    source::Source,
};
use std::collections::{BTreeMap, BTreeSet};

const RULES: &[Rule] = &[
    Rule {
        wrong: "follow-up that runs, and its last day is over",
        sql: "select id from followed where ended_on is null and until_day < {day}",
    },
    Rule {
        wrong: "follow-up that ended on another day than its last one, and not because of a case or a withdrawal",
        sql: "select id from followed where (state in ('completed', 'unseen') and ended_on <> until_day)
                or (state in ('followed', 'symptoms', 'refused', 'missed', 'lost')) <> (ended_on is null)
                or (state = 'completed' and (last_seen is null or last_seen <> until_day))
                or (state = 'unseen' and last_seen = until_day)",
    },
    Rule {
        wrong: "somebody who is a case, and still followed as a contact",
        sql: "select w.id from cases c join people q on q.no = c.person_no
              join followed w on w.person_no = coalesce(q.merged_into, q.no)
              where c.closed_on is null and w.ended_on is null and c.found_at <= {closed} and {open} = 0",
    },
    Rule {
        wrong: "follow-up that counts from an exposure which is not the last one",
        sql: "select w.id from contacts k join people q on q.no = k.person_no
              join followed w on w.person_no = coalesce(q.merged_into, q.no)
              join cases c on c.id = k.case_id
              where k.tier = 'close' and w.ended_on is null and {open} = 0 and k.listed_at <= {closed} and k.last_exposure > w.last_exposure
                and coalesce(c.outcome, '') <> 'withdrawn'",
    },
    Rule {
        wrong: "somebody who is read as another one, and is followed all the same",
        sql: "select w.id from followed w join people p on p.no = w.person_no
              where w.ended_on is null and p.merged_into is not null and {open} = 0",
    },
    Rule {
        wrong: "somebody who was to be spoken to on the last closed day, and for whom nothing stands in the books (worklist follow)",
        sql: "select w.id from followed w left join items i on i.worklist = 'follow' and i.subject = {day} || '/' || w.person
              where w.ended_on is null and w.from_day <= {day} and w.until_day >= {day} and w.listed_on < {day}
                and i.subject is null",
    },
    Rule {
        wrong: "item of a day that is over, and open (worklist follow)",
        sql: "select subject from items where worklist = 'follow' and closed_at is null and {open} = 0
                and substr(subject, 1, 10) < '' || {day}",
    },
    Rule {
        wrong: "somebody told of symptoms, and nobody tests them (worklist retest)",
        sql: "select f.person from follow_ups f where f.symptoms = 'yes' and f.at <= {closed} and {open} = 0
                and not exists (select 1 from items i where i.worklist = 'retest'
                    and i.subject like 'symptoms/%/' || f.person)",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<Finding, VerifyError> {
    let looked_at = source.count("select count(*) from followed").await?;
    let wrong = match first_broken(source, moment, RULES).await? {
        Some(wrong) => Some(wrong),
        None => other_days(source, moment).await?,
    };
    Ok(Finding::of("follow.days", looked_at, wrong))
}

/// A follow-up whose days, as they are kept, are not those of the log.
async fn other_days(source: &mut Source, moment: &Moment) -> Result<Option<String>, VerifyError> {
    let mut spoken: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    // whoever is known under two ids was spoken to under either
    let calls =
        "select coalesce(s.person, f.person), {us:f.at} from follow_ups f left join people p on p.person = f.person
        left join people s on s.no = p.merged_into where f.answer = 'reached'";
    for row in source.rows(calls, &[]).await? {
        spoken.entry(row.text(0)?).or_default().push(row.whole(1)?);
    }
    // whom the open day has told of again is not looked at
    let mut told = BTreeSet::new();
    if moment.open {
        let later = moment.filled(
            "select coalesce(s.person, f.person) from follow_ups f left join people p on p.person = f.person
                left join people s on s.no = p.merged_into where f.at > {closed}
             union select p.person from identity_decisions d join people p on p.no = d.person_no or p.no = d.other_no
                where d.at > {closed}",
        );
        for row in source.rows(&later, &[]).await? {
            told.insert(row.text(0)?);
        }
    }
    let mut bounds: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    let sql = "select id, person, {iso:from_day}, {iso:coalesce(ended_on, until_day)}, seen, {iso:last_seen}
        from followed w where not exists (select 1 from people p where p.no = w.person_no and p.merged_into is not null)
        order by id";
    for row in source.rows(sql, &[]).await? {
        let (id, person) = (row.text(0)?, row.text(1)?);
        if told.contains(&person) {
            continue;
        }
        let calls = spoken.get(&person).map(Vec::as_slice).unwrap_or_default();
        let (from, until) = (crate::moment::day_number(&row.text(2)?)?, crate::moment::day_number(&row.text(3)?)?);
        let (mut seen, mut last) = (0u64, None);
        for number in from..=until {
            let (start, end) = match bounds.get(&number) {
                Some(known) => *known,
                None => {
                    let day = crate::moment::day_of(number);
                    let known = (moment.start_of(&day)?, moment.end_of(&day)?);
                    bounds.insert(number, known);
                    known
                }
            };
            if calls.iter().any(|at| (start..end).contains(at)) {
                seen += 1;
                last = Some(crate::moment::day_of(number));
            }
        }
        let kept = (row.count(4)?, row.maybe_text(5)?);
        if kept != (seen, last.clone()) {
            let last = last.unwrap_or_else(|| "never".to_owned());
            return Ok(Some(format!(
                "{id}: days on which somebody spoke to them are {seen} by the log, the last {last}"
            )));
        }
    }
    Ok(None)
}
