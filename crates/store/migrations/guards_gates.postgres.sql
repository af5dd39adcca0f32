create trigger arrivals_no_change before update or delete on arrivals for each row execute function append_only();
