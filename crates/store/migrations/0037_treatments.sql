-- Regular treatments of people who are bound: a day for each, arranged ahead. And who refused one, with name and reason.
create table treatments (
    id {text} primary key, person {text} not null, person_no {whole} not null, division {text} not null, need {text} not null,
    day {day} not null, state {text} not null, opened_at {instant} not null, reason {text} not null,
    facility {text}, planned_at {instant}, way {text}, arranged_by {text}, arranged_at {instant},
    refusals {whole} not null default 0, ended_at {instant}, ended_by {text}, why {text},
    unique (person_no, need, day),
    check ((ended_at is null) = (state in ('due', 'arranged'))), check (state <> 'due' or arranged_at is null),
    check ((arranged_at is null) = (arranged_by is null)),
    check (state <> 'declined' or trim(coalesce(why, '')) <> '')
){strict};
create index treatments_open on treatments (person_no) where ended_at is null;
create index treatments_day on treatments (day, id);
create index treatments_district on treatments (substr(division, 1, 6), day, id);
create index treatments_person on treatments (person_no, day);
create index treatments_of on treatments (person);
create table treatment_refusals (
    treatment {text} not null, no {whole} not null, at {instant} not null, account {text} not null, facility {text},
    clinician {text} not null, reason {text} not null, primary key (treatment, no),
    check (trim(clinician) <> '' and trim(reason) <> '')
){strict};
