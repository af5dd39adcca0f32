-- Rows whose time is over and that were looked at: a pass of the line reads those that are due, and not every link between two cases
-- that there ever was.
alter table contacts add column over_on {day};
alter table contacts_declared add column over_on {day};
drop index contacts_over;
drop index contacts_declared_over;
create index contacts_over on contacts (last_exposure) where over_on is null;
create index contacts_declared_over on contacts_declared (last_exposure) where over_on is null;
create index contacts_declared_seen on contacts_declared (person) where over_on is not null;
