-- Rows kept aside tell of people, so they belong to a place as everything else does: the district that the row tells of
-- where that can be read from it, else the division of who gave it. What stood here before belongs to the city.
alter table doubts add column division {text};
alter table doubts add column account {text};
update doubts set division = (select min(code) from divisions where level = 'city');
create index doubts_division on doubts (division, row) where resolved_at is null;
alter table intake add column division {text};
alter table intake add column account {text};
update intake set division = (select min(code) from divisions where level = 'city');
