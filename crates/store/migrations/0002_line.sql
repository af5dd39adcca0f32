-- What the stations decide, and the books.

create table cases (
    id {text} primary key, person {text} not null, person_no {whole} not null, division {text} not null, building {text},
    tube_no {whole} not null, sampled_at {instant} not null, found_at {instant} not null, ct {real},
    origin {text} not null, classification {text} not null, severity {text} not null, onset {day},
    counted_on {day}, converted_on {day}, closed_on {day}, outcome {text}, reason {text} not null
){strict};
-- One open case for a person.
create unique index cases_open on cases (person_no) where closed_on is null;
create index cases_counted on cases (counted_on);

create table contacts (
    case_id {text} not null, person {text} not null, person_no {whole} not null, division {text} not null, class {text} not null,
    tier {text} not null, first_exposure {day} not null, last_exposure {day} not null, setting {text}, source {text} not null,
    listed_at {instant} not null, primary key (case_id, person)
){strict};
create index contacts_person on contacts (person);

create table orders (
    id {text} primary key, person {text} not null, person_no {whole} not null, division {text} not null, kind {text} not null,
    basis {text} not null, subject {text} not null, starts_at {instant} not null, from_day {day} not null,
    until_day {day} not null, test_days {text} not null, place {text}, state {text} not null, ended_on {day}, ended_why {text},
    legal_basis {text} not null, body {text} not null, purpose {text} not null, evidence {text} not null, milder {text} not null,
    reason {text} not null,
    -- R04: an order without an end does not exist.
    check (until_day >= from_day)
){strict};
create index orders_person on orders (person);
create index orders_active on orders (until_day) where state = 'active';

create table zones (
    id {text} primary key, building {text} not null, unit {text}, division {text} not null, level {text} not null,
    opened_on {day} not null, last_new_on {day} not null, forecast_on {day} not null, ends_on {day} not null, released_on {day},
    people {whole} not null, cases {whole} not null, reason {text} not null
){strict};
create unique index zones_open on zones (building, coalesce(unit, '')) where released_on is null;

-- Cases that an area rests on.
create table zone_cases (
    case_id {text} primary key, zone {text} not null, division {text} not null, reason {text} not null
){strict};

-- Cases that open no area, and why.
create table exemptions (
    case_id {text} primary key, division {text} not null, reason {text} not null
){strict};

create table transfers (
    id {text} primary key, person {text} not null, person_no {whole} not null, division {text} not null, class {text} not null,
    subject {text} not null, requested_at {instant} not null, building {text}, facility {text}, bed {text}, trip {text},
    pickup_at {instant}, arrive_at {instant}, picked_up_at {instant}, admitted_at {instant}, ended_at {instant},
    state {text} not null, reason {text} not null
){strict};
create unique index transfers_live on transfers (person_no) where state in ('requested', 'booked', 'underway', 'admitted');

create table trips (
    id {text} primary key, vehicle {text} not null, crew {text} not null, class {text} not null, division {text} not null,
    departs_at {instant} not null, ends_at {instant} not null, people {whole} not null, km {real} not null
){strict};

-- A bed is held or occupied by at most one person at a time: the constraint decides, not a check before the insert.
create table bed_stays (
    bed {text} not null, transfer {text} not null, held_at {instant} not null, released_at {instant},
    primary key (bed, transfer)
){strict};
create unique index bed_stays_one on bed_stays (bed) where released_at is null;

-- A seat on a trip likewise.
create table seats (
    trip {text} not null, seat {whole} not null, transfer {text} not null, primary key (trip, seat), unique (transfer)
){strict};

create table tests_due (
    person {text} not null, day {day} not null, order_id {text} not null, division {text} not null,
    primary key (person, day)
){strict};

create table parcels (
    household {text} not null, day {day} not null, item {text} not null, division {text} not null, depot {text},
    units {whole} not null, run {text}, delivered_at {instant}, primary key (household, day, item)
){strict};

-- The books: items are where things stand, postings are how they got there; the close of day compares the two.
create table items (
    worklist {text} not null, subject {text} not null, division {text} not null, party {text} not null, owner {text} not null,
    opened_at {instant} not null, due_at {instant}, closed_at {instant}, outcome {text}, reason {text} not null,
    primary key (worklist, subject)
){strict};
create table postings (
    worklist {text} not null, subject {text} not null, division {text} not null, day {day} not null, movement {text} not null,
    at {instant} not null
){strict};
-- Postings added up as they are made, by district: the close of day reads these and never counts the postings.
create table movements (
    day {day} not null, worklist {text} not null, division {text} not null, movement {text} not null, n {whole} not null,
    primary key (day, worklist, division, movement)
){strict};

create table days (
    day {day} primary key, opened_at {instant} not null, closed_at {instant}, events_upto {whole}, ledger_digest {text},
    previous {text}, signature {text}
){strict};
create table ledger (
    day {day} not null, worklist {text} not null, division {text} not null, opening {whole} not null,
    received {whole} not null, completed {whole} not null, cancelled {whole} not null, closing {whole} not null,
    overdue {whole} not null, primary key (day, worklist, division)
){strict};
create table hops (
    day {day} not null, name {text} not null, division {text} not null, sent {whole} not null, received {whole} not null,
    missing {whole} not null, primary key (day, name, division)
){strict};
create table carried (
    day {day} not null, worklist {text} not null, subject {text} not null, division {text} not null, party {text} not null,
    owner {text} not null, opened_at {instant} not null, due_at {instant}, reason {text} not null,
    primary key (day, worklist, subject)
){strict};

create table bulletins (
    day {day} not null, edition {whole} not null, supersedes {whole}, body {text} not null, primary key (day, edition)
){strict};
