-- Appeals against orders and areas: filed in somebody's words, decided by another unit than the one that ordered, within a day.
create table appeals (
    id {text} primary key, against {text} not null, subject {text} not null, person {text}, person_no {whole}, division {text} not null,
    way {text} not null, words {text} not null, filed_by {text} not null, filed_at {instant} not null, due_at {instant} not null,
    state {text} not null, decided_by {text}, decided_at {instant}, decision {text}, hours {whole},
    -- whoever files one decides none
    check (decided_by is null or decided_by <> filed_by), check ((state = 'open') = (decided_by is null)),
    check (state = 'open' or (trim(decision) <> '' and hours >= 0)), check (trim(words) <> '')
){strict};
create index appeals_filed on appeals (filed_at, id);
create unique index appeals_open on appeals (subject) where state = 'open';
