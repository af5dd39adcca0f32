-- Results that are withheld: those of a laboratory, or of a run or a lot of it, that were released within a time. A hold is lifted,
-- never deleted; why stands in its event.
create table holds (
    hold {text} primary key, laboratory {text} not null, run {text}, lot {text}, "from" {instant} not null, "until" {instant},
    tubes {whole} not null, people {whole} not null, held_by {text} not null, held_at {instant} not null,
    lifted_by {text}, lifted_at {instant}
){strict};
create index holds_open on holds (laboratory) where lifted_at is null;

-- Runs of instruments, as laboratories report them.
create table runs (
    key {text} primary key, laboratory {text} not null, run {text} not null, lot {text}, started_at {instant}, ended_at {instant},
    wells {whole}, positive_control {text}, negative_control {text}, digest {whole} not null
){strict};
create index runs_named on runs (laboratory, run);
create index runs_lot on runs (laboratory, lot) where lot is not null;

-- Since when a tube's result is withheld.
alter table settled add column held_at {instant};
create index settled_held on settled (tube_no) where held_at is not null;

-- What was seen in the results of laboratories: one row for what is seen again and again.
create table signals (
    signal {text} primary key, laboratory {text} not null, kind {text} not null, level {text} not null, run {text}, lot {text},
    figure {real} not null, "limit" {real} not null, unit {text} not null, judged {whole} not null, source {text} not null,
    since {instant} not null, first_seen {instant} not null, last_seen {instant} not null
){strict};
create index signals_seen on signals (last_seen, signal);
create table looked_laboratories (
    laboratory {text} primary key, results {whole} not null, positives {whole} not null
){strict};
create table looks (one {whole} primary key check (one = 1), at {instant} not null, results {whole} not null);

-- Items of people who are recalled a second time, because what resolved the first is not believed any more.
create index items_again on items (subject) where worklist = 'recall' and closed_at is null and subject like '%/again-%';
