create function append_only() returns trigger language plpgsql as
$$ begin raise exception '% are append-only', tg_table_name; end $$;
create trigger events_no_change before update or delete on events for each row execute function append_only();
create trigger results_no_change before update or delete on results for each row execute function append_only();
