create trigger door_steps_no_change before update or delete on door_steps for each row execute function append_only();
create trigger prices_no_change before update or delete on prices for each row execute function append_only();
