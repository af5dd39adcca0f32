create trigger extensions_no_update before update on extensions when old.state <> 'asked' begin select raise(abort, 'a decided extension stays as it is'); end;
create trigger extensions_no_delete before delete on extensions begin select raise(abort, 'extensions are append-only'); end;
