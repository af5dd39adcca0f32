-- Where the rules allow it, an area is one household, and a round for it is for that household.
alter table zones add column household {text};
drop index zones_open;
create unique index zones_open on zones (building, coalesce(unit, ''), coalesce(household, '')) where released_on is null;
alter table round_scopes add column household {text};
