create trigger treatment_refusals_no_change before update or delete on treatment_refusals for each row execute function append_only();
create trigger treatments_no_delete before delete on treatments for each row execute function append_only();
