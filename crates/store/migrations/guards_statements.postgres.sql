create trigger statements_no_change before update or delete on statements for each row execute function append_only();
