create trigger request_merges_no_change before update or delete on request_merges for each row execute function append_only();
create trigger mediation_steps_no_change before update or delete on mediation_steps for each row execute function append_only();
create function mediation_stays() returns trigger language plpgsql as
$$ begin raise exception 'a mediation that has ended stays as it ended'; end $$;
create trigger mediations_stay before update on mediations for each row when (old.state <> 'open') execute function mediation_stays();
