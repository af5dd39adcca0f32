create trigger door_steps_no_update before update on door_steps begin select raise(abort, 'door_steps are append-only'); end;
create trigger door_steps_no_delete before delete on door_steps begin select raise(abort, 'door_steps are append-only'); end;
create trigger prices_no_update before update on prices begin select raise(abort, 'prices are append-only'); end;
create trigger prices_no_delete before delete on prices begin select raise(abort, 'prices are append-only'); end;
