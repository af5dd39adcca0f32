create trigger notice_steps_no_change before update or delete on notice_steps for each row execute function append_only();
create trigger notices_no_delete before delete on notices for each row execute function append_only();
create function paper_as_made() returns trigger language plpgsql as
$$ begin raise exception 'a paper stays what it was made, and who has it keeps it'; end $$;
create trigger notices_as_made before update on notices for each row when (new.id <> old.id or new.no <> old.no or new.kind <> old.kind or new.subject <> old.subject or new.made_at <> old.made_at or coalesce(new.person, '') <> coalesce(old.person, '') or (old.handed_at is not null and (new.handed_at is null or new.handed_at <> old.handed_at or new.handed_by <> old.handed_by))) execute function paper_as_made();
