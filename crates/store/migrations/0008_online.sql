-- What the line needs to run beside people: when a transfer was planned anew by hand (reports from before speak of the old
-- plan), how old the facts are, and how far the line has seen.
alter table transfers add column replanned_at {instant};
create index bed_stays_transfer on bed_stays (transfer) where released_at is null;
create index transfers_trip on transfers (trip) where trip is not null;
create index handovers_person on handovers (person);
create index deliveries_household on deliveries (household);
create index assessments_person on assessments (person);
create index requests_reopened on requests (request) where reopened > 0;
create index requests_secret on requests (secret_hash) where secret_hash is not null;
create index zones_standing on zones (building) where released_on is null;

-- Header of the file that a doubtful row stands in, as text: without it nobody knows which value is which.
alter table doubts add column header {text};
create index doubts_open on doubts (source, digest) where resolved_at is null;

-- How old the facts are: for each table the latest moment it tells of, and how many rows of it were taken.
create table sources (
    source {text} primary key, latest_at {instant}, landed {whole} not null
){strict};

-- How far the line has seen: the last event before it looked, and when it looks again though nothing happens.
create table line_seen (
    one {whole} primary key check (one = 1), day {day} not null, seq {whole} not null, seen_at {instant} not null,
    again_at {instant} not null
){strict};
