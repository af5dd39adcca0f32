create function append_only_audit() returns trigger language plpgsql as
$$ begin raise exception 'audit entries are append-only'; end $$;
create trigger audit_no_change before update or delete on audit for each row execute function append_only_audit();
