create trigger follow_ups_no_change before update or delete on follow_ups for each row execute function append_only();
