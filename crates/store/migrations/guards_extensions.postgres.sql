create trigger extensions_no_update before update on extensions for each row when (old.state <> 'asked') execute function append_only();
create trigger extensions_no_delete before delete on extensions for each row execute function append_only();
