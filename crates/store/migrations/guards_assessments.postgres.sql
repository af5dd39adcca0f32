create trigger assessments_no_change before update or delete on assessments for each row execute function append_only();
