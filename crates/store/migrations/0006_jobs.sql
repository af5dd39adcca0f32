-- Files that people bring in by the server: how their columns are named, and how far each has come.

create table mappings (
    id {text} primary key, account {text} not null, division {text} not null, name {text} not null, "table" {text} not null,
    shared {truth} not null, columns {text} not null, changed_at {instant} not null
){strict};
create unique index mappings_name on mappings (account, name);

-- An import goes on where it stopped: what it needs to know stands here, how far it came in `intake`.
create table imports (
    id {text} primary key, account {text} not null, division {text} not null, "table" {text} not null, list {text} not null,
    day {day} not null, source {text} not null, digest {text} not null, bytes {whole} not null, mapping {text} not null,
    dry_run {truth} not null, atomic {truth} not null, state {text} not null, share {real} not null,
    read {whole} not null, created {whole} not null, updated {whole} not null, same {whole} not null,
    doubtful {whole} not null, rejected {whole} not null, doubts {text} not null, problem {text},
    created_at {instant} not null, ended_at {instant}
){strict};
create index imports_account on imports (account, created_at);
create index imports_waiting on imports (created_at) where ended_at is null;
