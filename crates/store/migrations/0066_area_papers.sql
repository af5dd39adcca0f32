-- Whoever lives in an area is told on paper that it stands and until when, and that it has ended (R03, R13): which last day was told, and on
-- which day its end was. Areas that have ended already are told of no more.
alter table zones add column told_until {day};
alter table zones add column freed_on {day};
update zones set told_until = released_on, freed_on = released_on where released_on is not null;
create index zones_freed on zones (id) where released_on is not null and freed_on is null;
