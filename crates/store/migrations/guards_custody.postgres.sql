create trigger packings_no_change before update or delete on packings for each row execute function append_only();
create trigger box_moves_no_change before update or delete on box_moves for each row execute function append_only();
create trigger box_checks_no_change before update or delete on box_checks for each row execute function append_only();
