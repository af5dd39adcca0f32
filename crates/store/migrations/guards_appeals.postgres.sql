create trigger appeals_no_update before update on appeals for each row when (old.state <> 'open') execute function append_only();
create trigger appeals_no_delete before delete on appeals for each row execute function append_only();
