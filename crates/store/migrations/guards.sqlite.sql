create trigger events_no_update before update on events begin select raise(abort, 'events are append-only'); end;
create trigger events_no_delete before delete on events begin select raise(abort, 'events are append-only'); end;
create trigger results_no_update before update on results begin select raise(abort, 'results are append-only'); end;
create trigger results_no_delete before delete on results begin select raise(abort, 'results are append-only'); end;
