create trigger trip_reports_no_change before update or delete on trip_reports for each row execute function append_only();
