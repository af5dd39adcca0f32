-- The first page of a community tells what is open there, list by list: with closed items in the same index it walked ten
-- times as many, for they stay.
create index items_open_division on items (division, worklist, coalesce(due_at, {far}), subject) where closed_at is null;
