create trigger questions_no_update before update on questions begin select raise(abort, 'questions are append-only'); end;
create trigger questions_no_delete before delete on questions begin select raise(abort, 'questions are append-only'); end;
create trigger answers_no_update before update on answers begin select raise(abort, 'answers are append-only'); end;
create trigger answers_no_delete before delete on answers begin select raise(abort, 'answers are append-only'); end;
