create trigger listed_no_update before update on listed begin select raise(abort, 'listed is append-only'); end;
create trigger listed_no_delete before delete on listed begin select raise(abort, 'listed is append-only'); end;
create trigger identity_decisions_no_update before update on identity_decisions begin select raise(abort, 'identity_decisions is append-only'); end;
create trigger identity_decisions_no_delete before delete on identity_decisions begin select raise(abort, 'identity_decisions is append-only'); end;
