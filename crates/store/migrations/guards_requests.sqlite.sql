create trigger request_merges_no_update before update on request_merges begin select raise(abort, 'request_merges are append-only'); end;
create trigger request_merges_no_delete before delete on request_merges begin select raise(abort, 'request_merges are append-only'); end;
create trigger mediation_steps_no_update before update on mediation_steps begin select raise(abort, 'mediation_steps are append-only'); end;
create trigger mediation_steps_no_delete before delete on mediation_steps begin select raise(abort, 'mediation_steps are append-only'); end;
create trigger mediations_stay before update on mediations when old.state <> 'open' begin select raise(abort, 'a mediation that has ended stays as it ended'); end;
