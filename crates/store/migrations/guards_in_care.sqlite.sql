create trigger in_care_no_update before update on in_care when old.until_day is not null begin select raise(abort, 'what a bulletin told stays as it is'); end;
create trigger in_care_no_delete before delete on in_care begin select raise(abort, 'what bulletins told is append-only'); end;
