//! Where the lists of messages come from.

use super::{Source, by, line::my_people};
use dayclear_core::{access::Role, listing::Holds};

const MESSAGES: Source = Source {
    from: "messages m left join people p on p.no = m.person_no",
    alias: "m",
    fields: &[("name", "case when m.gone_on is null then p.name end")],
    division: Some("m.division"),
    key: &[("m.id", Holds::Id)],
    orders: &[by("queued", &[("m.queued_at", Holds::Moment)]).latest_first(), by("id", &[("m.id", Holds::Id)])],
    parts: None,
    leads: &["person", "followed", "sending", "day"],
    only: &[(Role::Tracer, concat!("m.person_no in ", my_people!("person_no")))],
};

const SENDINGS: Source = Source {
    from: "sendings s",
    alias: "s",
    fields: &[
        ("queued", "(select count(*) from messages m where m.sending = s.id and m.state = 'queued')"),
        ("sent", "(select count(*) from messages m where m.sending = s.id and m.state in ('sent', 'delivered'))"),
        ("failed", "(select count(*) from messages m where m.sending = s.id and m.state = 'failed')"),
    ],
    division: Some("s.division"),
    key: &[("s.id", Holds::Id)],
    orders: &[by("made", &[("s.made_at", Holds::Moment)]).latest_first(), by("id", &[("s.id", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const MESSAGE_REPLIES: Source = Source {
    from: "message_replies r",
    alias: "r",
    fields: &[("whom", "coalesce(r.person, r.id)")],
    division: Some("r.division"),
    key: &[("r.id", Holds::Id)],
    orders: &[by("received", &[("r.received_at", Holds::Moment)]).latest_first(), by("id", &[("r.id", Holds::Id)])],
    parts: None,
    leads: &["person"],
    only: &[(Role::Tracer, concat!("r.person_no in ", my_people!("person_no")))],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "messages" => &MESSAGES,
        "sendings" => &SENDINGS,
        "message_replies" => &MESSAGE_REPLIES,
        _ => return None,
    })
}
