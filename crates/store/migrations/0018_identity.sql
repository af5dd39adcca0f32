-- Who is who: people as other lists know them, keys under which the same person is found again, pairs that may be one, and what
-- was decided. A merge is a pointer beside the facts: every fact keeps the person it came with.

-- As they came; append-only.
create table listed (
    key {text} primary key, source {text} not null, list {text} not null, entry {text} not null, as_of {instant} not null,
    given_by {text} not null, division {text} not null, name {text}, document {text}, phone {text}, birth_date {day}, sex {text},
    address {text}, "from" {day}, "until" {day}, role {text}, digest {whole} not null
){strict};
create index listed_division on listed (division, key);
create index listed_entry on listed (source, list, entry, as_of);

-- Hashes of normal forms: the first eight bytes of a SHA-256. Indexes are built when the first files have landed.
create table identity_keys (key {whole} not null, person_no {whole} not null, division {text} not null){strict};
create table listed_keys (
    key {whole} not null, listed {text} not null, division {text} not null, primary key (key, listed)
){rowless};

-- What each entry of a list is taken for, computed anew when the list or the roster changes.
create table listed_links (
    listed {text} primary key, division {text} not null, linked {text} not null, person_no {whole}, candidates {text},
    weight {real}, why {text}, looked_at {instant} not null
){strict};
create index listed_links_person on listed_links (person_no) where person_no is not null;
create index listed_links_division on listed_links (division, linked);

-- Two people who may be one; `one` has the higher number. Computed, but for what was decided last.
create table pairs (
    one {whole} not null, other {whole} not null, division {text} not null, linked {text} not null, weight {real} not null,
    why {text} not null, found_at {instant} not null, decided {text}, primary key (one, other)
){strict};
create index pairs_other on pairs (other);
create index pairs_division on pairs (division, one, other);

-- What was decided; append-only.
create table identity_decisions (
    seq {whole} primary key, decision {text} not null, person_no {whole} not null, other_no {whole} not null,
    division {text} not null, at {instant} not null, "by" {text} not null, reason {text} not null
){strict};
create index identity_decisions_person on identity_decisions (person_no, seq);

-- For whom another one stands now: what the last decision says.
alter table people add column merged_into {whole};
create index people_merged on people (merged_into) where merged_into is not null;

-- Up to which number people have keys, and are paired.
create table identity_progress (one {whole} primary key, keyed {whole} not null, paired {whole} not null){strict};
insert into identity_progress (one, keyed, paired) values (1, 0, 0);

create table roster_figures (
    division {text} primary key, people {whole} not null, merged {whole} not null, listed {whole} not null,
    pairs {whole} not null, unknown {whole} not null, counted_at {instant} not null
){strict};

-- People of whom something changed in a file: their keys are made anew with the next catching up.
create table identity_due (person_no {whole} primary key){strict};

-- Divisions in which figures of the roster have changed: they are counted with the next pass of the line.
create table roster_due (division {text} primary key){strict};
