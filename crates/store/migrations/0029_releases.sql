-- Contacts of a case that was withdrawn, who were exposed to no other: each waits by name to be released. And which cases were
-- withdrawn, so that nobody has to read all of them to know.
create table releases (
    id {text} primary key, case_id {text} not null, person {text} not null, person_no {whole} not null, division {text} not null,
    opened_at {instant} not null, due_at {instant} not null, state {text} not null, objected_by {text}, objection {text},
    settled_at {instant},
    check (due_at >= opened_at), check ((state in ('waits', 'put_off')) = (settled_at is null)),
    check ((objected_by is null) = (objection is null))
){strict};
create index releases_waiting on releases (due_at, id) where settled_at is null;
create index releases_due on releases (due_at, id);
create index releases_case on releases (case_id);
create index releases_person on releases (person);
create index cases_withdrawn on cases (id) where outcome = 'withdrawn';
