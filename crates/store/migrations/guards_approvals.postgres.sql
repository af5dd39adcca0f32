create trigger round_approvals_no_change before update or delete on round_approvals for each row execute function append_only();
