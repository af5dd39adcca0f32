create trigger directions_no_change before update or delete on directions for each row execute function append_only();
