create trigger site_tubes_no_change before update or delete on site_tubes for each row execute function append_only();
