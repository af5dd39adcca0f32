create trigger obligation_steps_no_change before update or delete on obligation_steps for each row execute function append_only();
create trigger district_reports_no_change before update or delete on district_reports for each row execute function append_only();
create trigger free_changes_no_change before update or delete on free_changes for each row execute function append_only();
create trigger obligations_no_delete before delete on obligations for each row execute function append_only();
