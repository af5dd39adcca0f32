create trigger follow_ups_no_update before update on follow_ups begin select raise(abort, 'follow_ups are append-only'); end;
create trigger follow_ups_no_delete before delete on follow_ups begin select raise(abort, 'follow_ups are append-only'); end;
