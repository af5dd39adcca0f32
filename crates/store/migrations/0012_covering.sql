-- What is overdue is counted by worklist and by owner, for a city and for a district: with the place at hand, the index
-- alone has the answer.
drop index items_due;
create index items_due on items (worklist, coalesce(due_at, {far}), subject, division) where closed_at is null;
drop index items_owner;
create index items_owner on items (owner, worklist, coalesce(due_at, {far}), subject, division) where closed_at is null;
