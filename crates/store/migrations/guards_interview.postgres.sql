create trigger questions_no_change before update or delete on questions for each row execute function append_only();
create trigger answers_no_change before update or delete on answers for each row execute function append_only();
