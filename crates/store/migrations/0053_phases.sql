-- How facilities and their wards stand over the days: who said which phase begins when, and why. A word is never changed: another one is
-- added, and the last one of a phase holds; without a moment it takes the phase back.
create table phases (
    id {text} primary key, facility {text} not null, ward {text} not null, no {whole} not null, division {text} not null,
    phase {text} not null, from_at {instant}, account {text} not null, said_at {instant} not null, reason {text} not null,
    check (phase in ('planned', 'building', 'open', 'draining', 'closed')), check (trim(reason) <> '')
){strict};
create unique index phases_facility on phases (facility, no);
create index phases_ward on phases (facility, ward, phase, no);
create view phase_steps as
    select p.facility, p.ward, p.phase, p.from_at from phases p
    where p.from_at is not null and not exists (select 1 from phases q
        where q.facility = p.facility and q.ward = p.ward and q.phase = p.phase and q.no > p.no);

-- How many people the staff of a facility can look after: hands on a shift, and people to each of them. The last word holds.
create table staffing (
    id {text} primary key, facility {text} not null, no {whole} not null, division {text} not null, staff {whole} not null,
    people_each {whole} not null, account {text} not null, said_at {instant} not null, reason {text} not null,
    check (staff >= 0), check (people_each > 0), check (trim(reason) <> '')
){strict};
create unique index staffing_facility on staffing (facility, no);

-- The moment for which a bed was given. Whether its ward took people then is decided by the guards.
alter table bed_stays add column for_at {instant};
