-- In which communities people were placed anew, as codes with commas; none of an entry about the roster: in any of them.
alter table coverage_log add column divisions {text};
-- By chance, so that whoever kept coverage over a stop finds out whether this store has the past that was read.
alter table coverage_log add column mark {text};
update coverage_log set mark = cast(random() as text);
