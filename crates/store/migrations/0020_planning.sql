-- Rounds planned from the roster, boxes given to laboratories, and where tests find.

-- Where a laboratory stands and what it can do, beside what it is validated for: minutes of the day, minutes, one test.
alter table laboratories add column lon {real};
alter table laboratories add column lat {real};
alter table laboratories add column tubes_an_hour {whole};
alter table laboratories add column opens_min {whole};
alter table laboratories add column closes_min {whole};
alter table laboratories add column turnaround_min {whole};
alter table laboratories add column price {real};
alter table laboratories add column travel_min {whole};

-- The ground on which a round reaches beyond an area.
alter table rounds add column ground {text};

-- What a round takes, as it was planned last: sums, or the clause by which it was refused. The body has hours, pools and reasons.
create table round_plans (
    round {text} primary key, made_at {instant} not null, refusal {text}, people {whole} not null, expected {whole},
    sites {whole} not null, body {text} not null
){strict};

create table round_sites (
    round {text} not null, number {whole} not null, division {text} not null, building {text} not null, lon {real} not null,
    lat {real} not null, people {whole} not null, expected {whole}, lanes {whole} not null, samplers {whole} not null,
    opens_at {instant} not null, closes_at {instant} not null, walk_max_min {real} not null, wait_min {real} not null,
    wait_max_min {real} not null, tubes {whole} not null, laboratory {text}, courier {whole} not null, every_min {real} not null,
    receipt_min {real} not null, primary key (round, number)
){strict};
create index round_sites_place on round_sites (round, division, number);
create index round_sites_division on round_sites (division);

-- Who is called to a site, and when.
create table round_calls (
    round {text} not null, site {whole} not null, number {whole} not null, building {text} not null, "from" {instant} not null,
    "to" {instant} not null, floor_from {whole}, floor_to {whole}, people {whole} not null,
    primary key (round, site, number)
){strict};

-- How many came, building by building, when a round was closed: the next one expects as many.
create table round_attendance (
    round {text} not null, building {text} not null, people {whole} not null, sampled {whole} not null,
    primary key (round, building)
){strict};
create index round_attendance_building on round_attendance (building);

-- What a round's tests found, by the purpose of the tube: counted anew from the rows while results come in.
create table yields (
    round {text} not null, purpose {text} not null, tubes {whole} not null, tests {whole} not null, positives {whole} not null,
    community {whole} not null, cost {real}, counted_at {instant} not null, primary key (round, purpose)
){strict};

-- Which laboratory a box is meant for, and when its results are expected there; what somebody chose stays.
create table allotments (
    box {text} primary key, division {text} not null, laboratory {text}, tubes {whole} not null, arrives_at {instant},
    result_at {instant}, chosen_by {text}, made_at {instant} not null
){strict};
create index allotments_division on allotments (division);
create index allotments_laboratory on allotments (laboratory);
create table allotted (one {whole} primary key check (one = 1), at {instant} not null, digest {text} not null, without {whole} not null);
create index shipments_open on shipments (state) where state in ('packed', 'underway');
create index shipments_received on shipments (received_at) where received_at is not null;
