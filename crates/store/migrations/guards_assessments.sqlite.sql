create trigger assessments_no_update before update on assessments begin select raise(abort, 'assessments are append-only'); end;
create trigger assessments_no_delete before delete on assessments begin select raise(abort, 'assessments are append-only'); end;
