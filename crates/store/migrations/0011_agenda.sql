-- What the line has to look at again: people, tubes, households and requests of whom something was told since its last pass.
-- The kind 'day' stands for all whom a new day concerns, 'everything' for all. A pass strikes what was noted before it began and lies no longer ahead.
create table passes (one {whole} primary key check (one = 1), begun {whole} not null, planned_at {instant}){strict};
insert into passes (one, begun) values (1, 0);
create table agenda (
    kind {text} not null, name {text} not null, pass {whole} not null, until {instant} not null, primary key (kind, name)
){rowless};
alter table line_seen add column rules {text};

-- The page of a person leads to their transfers.
create index transfers_person on transfers (person);
-- Items of a district by when they were opened, and those that have ended: few of what the city has.
create index items_district_opened on items (substr(division, 1, 6), worklist, opened_at, subject) where closed_at is null;
create index items_past_district on items (substr(division, 1, 6), worklist, coalesce(due_at, {far}), subject) where closed_at is not null;

-- Who declared whom, and who was where, is asked of few people among all.
create index contacts_declared_case on contacts_declared (case_person);
create index visits_person on visits (person);
create index visits_place on visits (place);

-- What the line asks at every run: areas that stand or were released today, and deadlines that nobody was told of.
create index zones_released on zones (released_on);
create index items_untold on items (due_at, worklist, subject) where closed_at is null and escalated_at is null;
