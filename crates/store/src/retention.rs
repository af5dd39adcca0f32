//! What tracing keeps no longer: visits and declarations that are over are deleted, contacts lose their names. It guarantees that a case
//! keeps the link to whom it was exposed to, and that nobody loses their name who is bound, followed or waits to be released.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::time::{CivilDate, Instant};

/// A contact whose time is over, in the order of cases and people.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Old {
    case: String,
    person: String,
    /// Contacts of the case that lost their names before.
    gone: i64,
    placed: Option<Instant>,
    /// Cases of the person.
    cases: i64,
}

impl Scoped {
    /// Deletes visits that ended before an instant, some at a time; how many.
    pub async fn delete_visits_before(&mut self, at: Instant, most: i64) -> Result<u64, StoreError> {
        let sql = "delete from visits where key in
            (select key from visits where \"to\" < $1 order by \"to\" limit $2)";
        self.run(sql, &[at.into(), most.into()]).await
    }

    /// Takes the names of contacts whose last exposure lies before a day, some at a time; how many lost theirs. Whoever became a case
    /// keeps the link, and is looked at once.
    pub async fn forget_contacts_before(
        &mut self,
        first: CivilDate,
        today: CivilDate,
        most: i64,
    ) -> Result<u64, StoreError> {
        let sql = "select k.case_id, k.person,
                (select count(*) from contacts g where g.case_id = k.case_id and g.gone_on is not null),
                case when i.outcome = 'completed' then i.closed_at end,
                (select count(*) from cases c where c.person = k.person and coalesce(c.outcome, '') <> 'withdrawn')
            from contacts k left join items i on i.worklist = 'place' and i.subject = 'M-' || k.case_id || '-' || k.person
            where k.over_on is null and k.last_exposure < $1
              and not exists (select 1 from orders o where o.person_no = k.person_no and o.state = 'active')
              and not exists (select 1 from followed w where w.person_no = k.person_no and w.ended_on is null)
              and not exists (select 1 from releases r where r.person = k.person and r.settled_at is null)
            order by k.last_exposure limit $2";
        let rows = self.rows(sql, &[first.into(), most.into()]).await?;
        let mut old = Vec::with_capacity(rows.len());
        for row in &rows {
            let (case, person) = (row.get(0)?, row.get(1)?);
            old.push(Old { case, person, gone: row.get(2)?, placed: row.get(3)?, cases: row.get(4)? });
        }
        old.sort();
        let (mut before, mut number) = (String::new(), 0i64);
        let (mut links, mut names): (Vec<Value<'_>>, Vec<Value<'_>>) = (Vec::new(), Vec::new());
        for Old { case, person, gone, placed, cases } in &old {
            // rows of one case stand together, and the count is of what was there before this pass
            if *case != before {
                number = *gone;
                before.clone_from(case);
            }
            if *cases > 0 {
                links.extend([case.as_str().into(), person.as_str().into()]);
                continue;
            }
            number += 1;
            names.extend([case.as_str().into(), person.as_str().into(), format!("~{number}").into(), (*placed).into()]);
        }
        let sql = "update contacts set over_on = $1 from {rows} where contacts.case_id = p.case_id and contacts.person = p.person";
        self.run_for_rows(sql, &[today.into()], &["case_id", "person"], &links).await?;
        let sql = "update contacts set person = p.mark, person_no = -1, setting = null, placed_at = p.placed_at, gone_on = $1, over_on = $1
                   from {rows} where contacts.case_id = p.case_id and contacts.person = p.person";
        self.run_for_rows(sql, &[today.into()], &["case_id", "person", "mark", "placed_at"], &names).await
    }

    /// Deletes declarations whose last exposure lies before a day, some at a time; how many. Those between two cases stay, because the
    /// chains are made of them; so do those of contacts who still bear a name.
    pub async fn delete_declared_before(
        &mut self,
        first: CivilDate,
        today: CivilDate,
        most: i64,
    ) -> Result<u64, StoreError> {
        let kept = "update contacts_declared set over_on = $3 where key in
            (select d.key from contacts_declared d where d.over_on is null and d.last_exposure < $1
                and exists (select 1 from cases c where c.person = d.person and coalesce(c.outcome, '') <> 'withdrawn')
             order by d.last_exposure limit $2)";
        self.run(kept, &[first.into(), most.into(), today.into()]).await?;
        let sql = "delete from contacts_declared where key in
            (select d.key from contacts_declared d where d.over_on is null and d.last_exposure < $1
                and not exists (select 1 from cases c where c.person = d.person and coalesce(c.outcome, '') <> 'withdrawn')
                and not exists (select 1 from contacts k where k.person = d.person and k.gone_on is null)
             order by d.last_exposure limit $2)";
        self.run(sql, &[first.into(), most.into()]).await
    }

    /// Takes name and telephone of those who came by an entry gate before a day and owe no test, some at a time; how many rows.
    pub async fn forget_arrivals_before(&mut self, first: CivilDate, most: i64) -> Result<u64, StoreError> {
        let sql = "update arrivals set name = null, phone = null where key in
            (select a.key from arrivals a where a.day < $1 and (a.name is not null or a.phone is not null)
                and not exists (select 1 from landings l where l.gate = a.gate and l.day = a.day and l.ticket = a.ticket
                    and l.state = 'owes')
             order by a.day, a.key limit $2)";
        let rows = self.run(sql, &[first.into(), most.into()]).await?;
        let sql = "update landings set name = null, phone = null where (gate, day, ticket) in
            (select l.gate, l.day, l.ticket from landings l
             where l.day < $1 and (l.name is not null or l.phone is not null) and l.state <> 'owes' order by l.day limit $2)";
        self.run(sql, &[first.into(), most.into()]).await?;
        Ok(rows)
    }

    /// A case was withdrawn: what was kept as a link to it is looked at again.
    pub async fn look_again_at_links_to(&mut self, person: i64) -> Result<(), StoreError> {
        self.run("update contacts set over_on = null where person_no = $1", &[person.into()]).await?;
        let sql = "update contacts_declared set over_on = null
                   where person in (select person from people where no = $1) and over_on is not null";
        self.run(sql, &[person.into()]).await?;
        Ok(())
    }
}
