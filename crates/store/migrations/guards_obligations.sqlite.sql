create trigger obligation_steps_no_update before update on obligation_steps begin select raise(abort, 'obligation_steps are append-only'); end;
create trigger obligation_steps_no_delete before delete on obligation_steps begin select raise(abort, 'obligation_steps are append-only'); end;
create trigger district_reports_no_update before update on district_reports begin select raise(abort, 'district_reports are append-only'); end;
create trigger district_reports_no_delete before delete on district_reports begin select raise(abort, 'district_reports are append-only'); end;
create trigger free_changes_no_update before update on free_changes begin select raise(abort, 'free_changes are append-only'); end;
create trigger free_changes_no_delete before delete on free_changes begin select raise(abort, 'free_changes are append-only'); end;
create trigger obligations_no_delete before delete on obligations begin select raise(abort, 'obligations are kept'); end;
