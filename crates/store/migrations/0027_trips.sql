-- What crews report from the road, under the id that each report was given on the phone, so that it is taken once for ever; and the last
-- sign of life of each vehicle on a trip: one row, replaced by the next, and deleted once the trip is over.
create table trip_reports (
    record {text} primary key, transfer {text} not null, person {text} not null, step {text} not null, vehicle {text} not null,
    account {text} not null, at {instant} not null, within_s {whole} not null, how {text} not null, received_at {instant} not null,
    taken {truth} not null, digest {text} not null,
    check (within_s >= 0 and at <= received_at)
){strict};
create index trip_reports_transfer on trip_reports (transfer);
create table heard (
    trip {text} primary key, vehicle {text} not null, division {text} not null, lon {real}, lat {real}, at {instant} not null
){strict};
-- When the crew said that the site had taken somebody over; and when the last seat of a trip that had set out was given back: until its
-- vehicle is back, its crew has driven.
alter table transfers add column handed_over_at {instant};
alter table trips add column turned_at {instant};
