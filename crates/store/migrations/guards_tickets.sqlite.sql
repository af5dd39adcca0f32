create trigger ticket_steps_no_update before update on ticket_steps begin select raise(abort, 'ticket_steps are append-only'); end;
create trigger ticket_steps_no_delete before delete on ticket_steps begin select raise(abort, 'ticket_steps are append-only'); end;
create trigger ticket_rings_no_update before update on ticket_rings begin select raise(abort, 'ticket_rings are append-only'); end;
create trigger ticket_rings_no_delete before delete on ticket_rings begin select raise(abort, 'ticket_rings are append-only'); end;
create trigger tickets_no_delete before delete on tickets begin select raise(abort, 'tickets are kept'); end;
