-- What makes the rest trustworthy: commands that act once, events that cannot be altered unseen, messages that leave
-- only with the transaction that caused them.

create table commands (
    actor {text} not null, key {text} not null, body_digest {text} not null, outcome {text} not null, at {instant} not null,
    primary key (actor, key)
){strict};

create table events (
    seq {whole} primary key, day {day} not null, at {instant} not null, recorded_at {instant} not null,
    actor {text} not null, kind {text} not null, subject {text} not null, division {text} not null, body {text} not null,
    prev {text} not null, hash {text} not null
){strict};

-- Head of the chain: one row; a lost tail shows as a head without its event.
create table chain (
    one {whole} primary key check (one = 1), seq {whole} not null, hash {text} not null
){strict};
insert into chain (one, seq, hash) values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

create table outbox (
    seq {whole} primary key, topic {text} not null, subject {text} not null, body {text} not null, created_at {instant} not null,
    sent_at {instant}, attempts {whole} not null default 0
){strict};
create index outbox_waiting on outbox (seq) where sent_at is null;

-- Line lists as published: blanks stay blank, several sources stay several.
create table linelist_cases (
    key {text} primary key, list {text} not null, position {whole} not null, case_id {text} not null, sex {text}, age {real},
    date_exposure_start {day}, date_exposure_end {day}, date_onset {day}, date_report {day}, date_confirmed {day},
    date_admitted {day}, date_discharged {day}, date_death {day}, outcome {text}, classification {text}, infector_id {text},
    place {text}, district {text}, cluster {text}, severity {text}, extra {text}, digest {whole} not null
){strict};
create table linelist_links (
    key {text} primary key, list {text} not null, position {whole} not null, "from" {text} not null, "to" {text} not null,
    relation {text} not null, setting {text}, digest {whole} not null
){strict};

-- Published bulletins, row by row as given.
create table published_days (
    date {day} primary key, local_confirmed {whole}, local_asymptomatic {whole}, converted_from_asymptomatic {whole},
    total_reported {whole}, new_infections_excl_conversions {whole}, community_found_city {whole}, central11_new {whole},
    central11_community {whole}, source {text}, note {text}, digest {whole} not null
){strict};
create table published_channels (
    key {text} primary key, date {day} not null, scope {text} not null, channel {text} not null, channel_zh {text},
    count_or_share {text} not null, source {text}, digest {whole} not null
){strict};
create table published_districts (
    key {text} primary key, date {day} not null, district_code {text} not null, name {text} not null, confirmed {whole},
    asymptomatic {whole}, source {text}, digest {whole} not null
){strict};
