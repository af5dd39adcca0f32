-- What is overdue is counted by worklist and by owner, for a city and for a district: with the place at hand, the index
-- alone has the answer. And items of a district that have ended, by when they were opened.
drop index items_due;
create index items_due on items (worklist, coalesce(due_at, {far}), subject, division) where closed_at is null;
drop index items_owner;
create index items_owner on items (owner, worklist, coalesce(due_at, {far}), subject, division) where closed_at is null;
create index items_past_district_opened on items (substr(division, 1, 6), worklist, opened_at, subject) where closed_at is not null;

-- Transfers are counted by state, and the board has a column for each.
drop index transfers_state;
create index transfers_state on transfers (state, requested_at, id, division);
create index transfers_district_state on transfers (substr(division, 1, 6), state, requested_at, id);
