-- Searches for people who were at the places of a case: who asked, who approved, what was found, and until when it is kept. And which
-- results somebody gave who is no laboratory: a case that rests on one opens no search.
create table results_by_hand (
    tube_no {whole} not null, account {text} not null, at {instant} not null, primary key (tube_no, account)
){rowless};

create table searches (
    id {text} primary key, case_id {text} not null, division {text} not null, asked_by {text} not null, asked_at {instant} not null,
    purpose {text} not null, minutes {whole} not null, state {text} not null, decided_by {text}, decided_at {instant}, reason {text},
    found {whole}, delete_on {day}, deleted_at {instant},
    -- the second person is another one
    check (decided_by is null or decided_by <> asked_by),
    check ((state = 'asked') = (decided_by is null)), check (state not in ('done', 'deleted') or delete_on is not null),
    check (minutes > 0 and trim(purpose) <> '')
){strict};
create index searches_case on searches (case_id);
create index searches_asked on searches (asked_at, id);
create index searches_kept on searches (delete_on) where state = 'done';

create table search_findings (
    search {text} not null, person {text} not null, person_no {whole} not null, division {text} not null, place {text} not null,
    first_at {instant} not null, last_at {instant} not null, seconds {whole} not null, primary key (search, person, place)
){strict};
