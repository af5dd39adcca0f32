create trigger round_approvals_no_update before update on round_approvals begin select raise(abort, 'round_approvals are append-only'); end;
create trigger round_approvals_no_delete before delete on round_approvals begin select raise(abort, 'round_approvals are append-only'); end;
