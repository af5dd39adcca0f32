-- Entry gates. What manifests and gates say is append-only; how each traveller stands, and the book of each gate and day, are worked out
-- from it anew.
create table gates (
    gate {text} primary key, kind {text} not null, name {text} not null, division {text} not null, owner {text} not null,
    digest {whole} not null
){strict};
create table arrivals (
    key {text} primary key, gate {text} not null, day {day} not null, ticket {text} not null, said {text} not null,
    at {instant} not null, said_by {text} not null, person {text}, tube {text}, name {text}, phone {text}, destination {text},
    digest {whole} not null
){strict};
create index arrivals_of on arrivals (gate, day, ticket);
create index arrivals_day on arrivals (day, gate, ticket);

create table landings (
    gate {text} not null, day {day} not null, ticket {text} not null, division {text} not null, traveller {text} not null, tube {text},
    name {text}, phone {text}, state {text} not null, listed {truth} not null, arrived_at {instant}, due_at {instant},
    tested_at {instant}, calls {whole} not null, called_at {instant}, primary key (gate, day, ticket)
){strict};
create index landings_day on landings (day, gate, ticket);
create index landings_district on landings (substr(division, 1, 6), day, gate, ticket);
create index landings_traveller on landings (traveller) where state in ('owes', 'refused');
create index landings_tube on landings (tube) where tube is not null;

create table gate_days (
    gate {text} not null, day {day} not null, listed {whole} not null, arrived {whole} not null, missing {whole} not null,
    expected {whole} not null, extra {whole} not null, tested {whole} not null, refused {whole} not null, owing {whole} not null,
    counted_at {instant} not null, primary key (gate, day),
    check (listed + extra = arrived + missing + expected and arrived = tested + refused + owing)
){strict};

-- Travellers of whom something was told since they were looked at.
create table landings_told (gate {text} not null, day {day} not null, ticket {text} not null, primary key (gate, day, ticket)){strict};
