-- Key places, and how the tests of their people stand: worked out anew of a place whenever something was told of it. Who belongs to a
-- place is the list of its name (listed).
create table places (
    place {text} primary key, kind {text} not null, name {text} not null, division {text} not null, owner {text} not null,
    key_group {text}, people {whole}, lon {real}, lat {real}, digest {whole} not null
){strict};
create index places_division on places (division, place);

create table place_standing (
    place {text} primary key, division {text} not null, day {day} not null, state {text} not null, on_roll {whole} not null,
    found {whole} not null, not_found {whole} not null, excused {whole} not null, tested_today {whole} not null,
    due_today {whole} not null, overdue {whole} not null, late_days {whole} not null, cluster {truth} not null,
    cases {whole} not null, households {whole} not null, symptomatic {whole} not null, expected {real}, chance {real},
    scan_chance {real}, looked_at {instant} not null
){strict};

-- Who is due today, of those who are found on the roster.
create table place_due (
    place {text} not null, person_no {whole} not null, division {text} not null, due_on {day} not null, late_days {whole} not null,
    reason {text} not null, primary key (place, person_no)
){strict};
create index place_due_division on place_due (division, place, person_no);

-- Who works where. A worker begins one shift at a time; rest and one site only are judged by the rules before a row is taken.
create table shifts (
    key {text} primary key, worker {text} not null, site {text} not null, "from" {instant} not null, "to" {instant} not null, role {text},
    digest {whole} not null, unique (worker, "from"), check ("to" > "from")
){strict};
create index shifts_site on shifts (site, "from");
create index shifts_from on shifts ("from", key);

-- Places of which something was told since they were looked at.
create table places_told (place {text} primary key){strict};
