-- Contacts whose time is over lose their names (R14): the row stays for the figures, under a number within its case, with the time at
-- which the contact was placed, which until then stands in the books alone.
alter table contacts add column gone_on {day};
alter table contacts add column placed_at {instant};
create index contacts_over on contacts (last_exposure) where gone_on is null;
create index contacts_declared_over on contacts_declared (last_exposure);
