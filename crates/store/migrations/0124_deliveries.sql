-- Who carries parcels from a depot, the runs that were planned for them, and the parcels of each run in the order of the doors. A run keeps
-- the hours and the capacity with which it was planned; what came of a stop is written once.
create table carriers (
    carrier {text} primary key, depot {text} not null, division {text} not null, means {text} not null, capacity {whole} not null,
    "from" {instant} not null, "to" {instant} not null, lon {real}, lat {real}, driven_24h_min {whole}, driven_7d_min {whole},
    digest {whole} not null
){strict};
create index carriers_depot on carriers (depot, carrier);

create table delivery_runs (
    run {text} primary key, depot {text} not null, day {day} not null, no {whole} not null, division {text} not null,
    carrier {text} not null, means {text} not null, capacity {whole} not null, hours_from {instant} not null, hours_until {instant} not null,
    loads_at {instant} not null, leaves_at {instant} not null, returns_at {instant} not null, minutes {whole} not null,
    parcels {whole} not null, planned_by {text} not null, planned_at {instant} not null, left_at {instant}, left_by {text},
    replanned_at {instant},
    check (parcels > 0 and parcels <= capacity), check (minutes > 0 and minutes <= 240),
    check (hours_from <= loads_at and loads_at < leaves_at and leaves_at < returns_at and returns_at <= hours_until),
    check (left_at is null or (left_by is not null and replanned_at is null and left_at >= hours_from))
){strict};
create unique index delivery_runs_of_day on delivery_runs (depot, day, no);
create index delivery_runs_leaves on delivery_runs (leaves_at, run);
create index delivery_runs_carrier on delivery_runs (carrier, leaves_at);

create table delivery_stops (
    run {text} not null, no {whole} not null, household {text} not null, day {day} not null, item {text} not null, division {text} not null,
    expected_at {instant} not null, ended_at {instant}, outcome {text}, primary key (run, no),
    check ((ended_at is null) = (outcome is null)), check (outcome in ('delivered', 'missed', 'free', 'replanned'))
){strict};
-- a parcel is in one open run
create unique index delivery_stops_open on delivery_stops (household, day, item) where ended_at is null;
create unique index delivery_stops_parcel on delivery_stops (run, household, day, item);

-- What the last plan of a depot left, with the reason.
create table not_carried (
    household {text} not null, day {day} not null, item {text} not null, depot {text} not null, reason {text} not null, at {instant} not null,
    primary key (household, day, item)
){strict};
create index not_carried_depot on not_carried (depot);
