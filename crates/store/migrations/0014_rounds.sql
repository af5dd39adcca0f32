-- Rounds of sampling, what people say of somebody's presence, and the order in which doors are walked.

create table statements (
    key {text} primary key, person_no {whole} not null, presence {text} not null, said_at {instant} not null,
    said_by {text} not null, "from" {instant}, "until" {instant}, reason {text} not null, division {text} not null,
    digest {whole} not null
){strict};
create index statements_person on statements (person_no, said_at, key);
create index statements_said on statements (said_at, key);
create index statements_district on statements (substr(division, 1, 6), said_at, key);
create index statements_division on statements (division);
create index statements_from on statements ("from") where "from" is not null;
create index statements_until on statements ("until") where "until" is not null;

-- A round as it was planned; how it stands is computed from its hours and from commands, each an event.
create table rounds (
    round {text} primary key, name {text} not null, purpose {text} not null, "from" {instant} not null, "to" {instant} not null,
    divisions {text}, areas {text}, key_groups {text}, pool_size {whole} not null, digest {whole} not null,
    state {text} not null default 'planned', judged_at {instant}, started_at {instant}, ended_at {instant}, closed_at {instant},
    log_seq {whole}, planned_by {text}, reason {text}
){strict};
create index rounds_from on rounds ("from", round);
create index rounds_state on rounds (state, "from");

-- Whom a round is for: divisions, areas with their place, key groups.
create table round_scopes (
    round {text} not null, kind {text} not null, name {text} not null, division {text}, building {text}, unit {text},
    primary key (round, kind, name)
){strict};

-- Where a closed round stood with the people of each community; the states of a community add up to its roster.
create table round_counts (
    round {text} not null, division {text} not null, state {text} not null, people {whole} not null,
    primary key (round, division, state)
){strict};

-- Of which tubes and people something was told, in the order in which it became durable: who keeps coverage in memory reads
-- what came since. Numbers are ranges as text, such as 5-9,12.
create table coverage_log (
    seq {whole} primary key, kind {text} not null, numbers {text} not null
){strict};

-- Place of a building on a short walk through its community.
alter table buildings add column walk {whole} not null default 0;
create index buildings_walk on buildings (division, walk, building);
