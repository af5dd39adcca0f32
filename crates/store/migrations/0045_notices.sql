-- Papers that people are owed: that an order binds them, that it became lighter, that it ended, what was decided of an appeal. What was done
-- with one is appended as steps; the row is what they come to. What it says stands in the order or the appeal, and nowhere twice. The number
-- is what the code on it begins with.
create table notices (
    id {text} primary key, no {whole} not null unique, kind {text} not null, subject {text} not null,
    person {text}, person_no {whole}, division {text} not null, made_at {instant} not null, binds_at {instant}, due_at {instant},
    state {text} not null, handed_at {instant}, handed_by {text}, way {text}, taken_by {text}, read_at {instant}, read_by {text},
    returned_at {instant}, returned_why {text},
    check ((handed_at is null) = (handed_by is null)), check (state <> 'handed' or handed_at is not null),
    check (state <> 'read' or (read_at is not null and handed_at is not null)),
    check (state <> 'returned' or (returned_at is not null and trim(coalesce(returned_why, '')) <> '')),
    check (state <> 'void' or handed_at is null)
){strict};
create index notices_made on notices (made_at, id);
create index notices_district on notices (substr(division, 1, 6), made_at, id);
create index notices_subject on notices (subject);
create index notices_person on notices (person);
-- those for which somebody waits: they are looked through with every pass of the line
create index notices_owed on notices (division, no) where due_at is not null and state in ('made', 'returned');

create table notice_steps (
    notice {text} not null, no {whole} not null, step {text} not null, at {instant} not null, recorded_at {instant} not null,
    account {text} not null, way {text}, who {text}, reason {text}, primary key (notice, no),
    check (step <> 'returned' or trim(coalesce(reason, '')) <> ''), check (step <> 'handed' or way is not null)
){strict};

-- what somebody reads: learned at the door, and by default that of whoever prints
alter table people add column language {text};

-- orders that bind already are owed their papers too
insert into notices (id, no, kind, subject, person, person_no, division, made_at, binds_at, state)
    select 'N-' || id, row_number() over (order by id), 'order', id, person, person_no, division, starts_at, starts_at, 'made'
    from orders where state = 'active';
