-- Requests of one household on one theme go together: a pointer to the one that is answered for both, which a person can take back. What was
-- decided is appended. And disputes that somebody mediates: who, on which legal ground, step by step, and where it goes on.
alter table requests add column merged_into {text};
create index requests_merged on requests (merged_into) where merged_into is not null;

create table request_merges (
    request {text} not null, no {whole} not null, into_request {text}, at {instant} not null, account {text} not null, reason {text} not null,
    primary key (request, no), check (into_request is null or into_request <> request), check (trim(reason) <> '')
){strict};

create table mediations (
    request {text} primary key, division {text} not null, mediator {text} not null, law {text} not null, opened_by {text} not null,
    opened_at {instant} not null, state {text} not null, agreed {text}, onward {text}, ended_by {text}, ended_at {instant},
    -- a mediator is named, and so is the ground; what failed says where it goes on
    check (trim(mediator) <> '' and trim(law) <> ''), check ((state = 'open') = (ended_at is null)), check ((ended_at is null) = (ended_by is null)),
    check (state <> 'settled' or trim(coalesce(agreed, '')) <> ''), check (state <> 'failed' or trim(coalesce(onward, '')) <> '')
){strict};
create index mediations_opened on mediations (opened_at, request);
create table mediation_steps (
    request {text} not null, no {whole} not null, at {instant} not null, account {text} not null, words {text} not null,
    primary key (request, no), check (trim(words) <> '')
){strict};
