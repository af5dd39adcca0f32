create trigger in_care_no_update before update on in_care for each row when (old.until_day is not null) execute function append_only();
create trigger in_care_no_delete before delete on in_care for each row execute function append_only();
