create trigger treatment_refusals_no_update before update on treatment_refusals begin select raise(abort, 'treatment_refusals are append-only'); end;
create trigger treatment_refusals_no_delete before delete on treatment_refusals begin select raise(abort, 'treatment_refusals are append-only'); end;
create trigger treatments_no_delete before delete on treatments begin select raise(abort, 'treatments are kept'); end;
