create trigger trip_reports_no_update before update on trip_reports begin select raise(abort, 'trip_reports are append-only'); end;
create trigger trip_reports_no_delete before delete on trip_reports begin select raise(abort, 'trip_reports are append-only'); end;
