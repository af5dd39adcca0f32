create trigger appeals_no_update before update on appeals when old.state <> 'open' begin select raise(abort, 'a decided appeal stays as it is'); end;
create trigger appeals_no_delete before delete on appeals begin select raise(abort, 'appeals are append-only'); end;
