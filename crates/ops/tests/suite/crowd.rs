//! A crowd in follow-up, for the tests of messages of the stations and of the server: everybody agreed to messages, and each has a telephone
//! of their own. It copies whoever of the example is in follow-up and has agreed.

use crate::engines::TestStore;

/// Somebody of the example who is in follow-up.
pub const F9: &str = "F-P009-2022-11-20";

/// So many more people in follow-up who agreed, each with a telephone of their own.
pub async fn crowd(store: &TestStore, people: usize) {
    let numbers: Vec<String> = (0..people).map(|n| format!("({n})")).collect();
    let of = numbers.join(", ");
    for sql in [
        format!(
            "insert into people (no, person, name, phone, registered, division, digest)
             select 900000 + v.n, 'X' || cast(v.n as varchar(9)), 'x', '139' || cast(10000000 + v.n as varchar(9)), p.registered, p.division, 0
             from people p cross join (select column1 as n from (values {of}) as t) v where p.person = 'P009'"
        ),
        format!(
            "insert into followed (id, person, person_no, division, listed_on, from_day, until_day, last_exposure, exposures, state, seen, missed,
                missed_running, due, reason)
             select 'F-X' || cast(v.n as varchar(9)), 'X' || cast(v.n as varchar(9)), 900000 + v.n, w.division, w.listed_on, w.from_day, w.until_day,
                w.last_exposure, 1, 'followed', 0, 0, 0, w.due, w.reason
             from followed w cross join (select column1 as n from (values {of}) as t) v where w.id = '{F9}'"
        ),
        format!(
            "insert into message_choices (followed, no, person, division, wanted, said_by, at)
             select w.id, 1, w.person, w.division, c.wanted, 'w1', c.at from followed w cross join message_choices c
             where w.person like 'X%' and c.followed = '{F9}'"
        ),
    ] {
        store.sql(&sql).await.unwrap();
    }
}
