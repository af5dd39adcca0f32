create trigger listed_no_change before update or delete on listed for each row execute function append_only();
create trigger identity_decisions_no_change before update or delete on identity_decisions for each row execute function append_only();
