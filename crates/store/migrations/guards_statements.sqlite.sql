create trigger statements_no_update before update on statements begin select raise(abort, 'statements are append-only'); end;
create trigger statements_no_delete before delete on statements begin select raise(abort, 'statements are append-only'); end;
