create trigger ticket_steps_no_change before update or delete on ticket_steps for each row execute function append_only();
create trigger ticket_rings_no_change before update or delete on ticket_rings for each row execute function append_only();
create trigger tickets_no_delete before delete on tickets for each row execute function append_only();
