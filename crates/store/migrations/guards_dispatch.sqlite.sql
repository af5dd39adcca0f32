create trigger directions_no_update before update on directions begin select raise(abort, 'directions are append-only'); end;
create trigger directions_no_delete before delete on directions begin select raise(abort, 'directions are append-only'); end;
