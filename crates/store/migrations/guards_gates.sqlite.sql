create trigger arrivals_no_update before update on arrivals begin select raise(abort, 'arrivals are append-only'); end;
create trigger arrivals_no_delete before delete on arrivals begin select raise(abort, 'arrivals are append-only'); end;
