-- What people give us, in the tables and columns of the declared schemas (core/src/schema.rs).
-- Type words in braces are replaced per engine (src/migrate.rs), so there is one text and no drift.
-- Tables that grow with the population carry the division code, so that they can be distributed by it.

create table divisions (
    code {text} primary key, name {text} not null, name_en {text}, level {text} not null,
    population {whole}, lon {real}, lat {real}, digest {whole} not null
){strict};

create table buildings (
    building {text} primary key, division {text} not null, compound {text}, name {text} not null,
    lon {real} not null, lat {real} not null, exits_checked_at {instant}, warden {text}, digest {whole} not null
){strict};

create table households (
    household {text} primary key, building {text} not null, unit {text}, floor {whole}, door {text} not null,
    home_suitable {text}, division {text} not null, digest {whole} not null
){strict};

create table people (
    no {whole} primary key, person {text} not null, household {text}, name {text}, document {text}, phone {text}, sex {text},
    birth_date {day}, needs {text}, key_group {text}, carer {text}, presence {text},
    registered {truth} not null, division {text} not null, digest {whole} not null
){strict};

create table facilities (
    facility {text} primary key, kind {text} not null, name {text} not null, division {text} not null,
    lon {real} not null, lat {real} not null, opens_on {day}, closes_on {day}, owner {text} not null, digest {whole} not null
){strict};

create table beds (
    bed {text} primary key, facility {text} not null, room {text}, rule {text}, severe {text}, state {text}, digest {whole} not null
){strict};
create index beds_facility on beds (facility);

create table vehicles (
    vehicle {text} primary key, division {text} not null, seats {whole} not null, stretchers {whole}, wheelchairs {whole},
    lon {real} not null, lat {real} not null, out_of_service {text}, digest {whole} not null
){strict};

create table crews (
    crew {text} primary key, vehicle {text} not null, driver {text} not null, "from" {instant} not null, "to" {instant} not null,
    driven_24h_min {whole}, driven_7d_min {whole}, digest {whole} not null
){strict};

create table laboratories (
    laboratory {text} primary key, name {text} not null, in_city {text} not null, division {text}, tubes_a_day {whole},
    digest {whole} not null
){strict};

create table tubes (
    no {whole} primary key, tube {text} not null, division {text} not null, purpose {text} not null, size {whole} not null,
    site {text}, collected_at {instant} not null, laboratory {text}, sent_at {instant}, received_at {instant},
    digest {whole} not null
){strict};

create table members (
    tube_no {whole} not null, person_no {whole} not null, primary key (tube_no, person_no)
){rowless};

-- Versions of a result as they came in; append-only.
create table results (
    key {text} primary key, tube_no {whole} not null, laboratory {text} not null, version {text} not null, finding {text} not null,
    ct_n {real}, ct_orf {real}, run {text}, reported_at {instant} not null, digest {whole} not null
){strict};

-- What the versions of a tube's result add up to.
create table settled (
    tube_no {whole} primary key, finding {text}, ct_n {real}, ct_orf {real}, version {text} not null,
    reported_at {instant} not null, versions {whole} not null
){strict};

create table assessments (
    key {text} primary key, person {text} not null, assessed_at {instant} not null, severity {text} not null, onset {day},
    outcome {text}, digest {whole} not null
){strict};

create table contacts_declared (
    key {text} primary key, case_person {text} not null, person {text} not null, class {text} not null,
    first_exposure {day} not null, last_exposure {day} not null, setting {text}, digest {whole} not null
){strict};

create table visits (
    key {text} primary key, person {text} not null, place {text} not null, "from" {instant} not null, "to" {instant} not null,
    setting {text}, digest {whole} not null
){strict};

-- Stock is guarded by its constraint: what is not there cannot be promised.
create table supplies (
    key {text} primary key, depot {text} not null, division {text} not null, item {text} not null,
    quantity {whole} not null, promised {whole} not null default 0, digest {whole} not null,
    check (quantity >= 0 and promised >= 0 and promised <= quantity)
){strict};

create table requests (
    request {text} primary key, kind {text} not null, household {text}, division {text} not null, received_at {instant} not null,
    answered_at {instant}, answer {text}, text {text}, digest {whole} not null
){strict};

create table handovers (
    key {text} primary key, person {text} not null, step {text} not null, at {instant} not null, facility {text}, note {text},
    digest {whole} not null
){strict};

create table deliveries (
    key {text} primary key, household {text} not null, item {text} not null, at {instant} not null, proof {text},
    digest {whole} not null
){strict};

-- One row per file that was read, so that every row is accounted for.
create table intake (
    day {day} not null, source {text} not null, digest {text} not null, rows_done {whole} not null, complete {truth} not null,
    read {whole} not null, created {whole} not null, updated {whole} not null, same {whole} not null,
    doubtful {whole} not null, rejected {whole} not null,
    primary key (day, source, digest)
){strict};

-- Rows that could not be taken as they are; a person works through them.
create table doubts (
    day {day} not null, source {text} not null, digest {text} not null, row {whole} not null, "column" {text} not null,
    value {text} not null, expected {text} not null, remedy {text} not null, code {text} not null, raw {text} not null,
    resolved_at {instant}, primary key (source, digest, row, "column")
){strict};
