create trigger letters_no_update before update on letters
    when old.id <> new.id or old.kind <> new.kind or old.side <> new.side or old.case_id is not new.case_id or old.made_at <> new.made_at
        or old.made_by <> new.made_by or old.state = 'dropped' or (old.kind = 'out' and old.clock_at is not null
            and (new.clock_at is not old.clock_at or new.people <> old.people or new.sent_at is not old.sent_at or new.shown is not old.shown))
    begin select raise(abort, 'a letter stays as it was sent'); end;
create trigger letters_no_delete before delete on letters begin select raise(abort, 'letters are append-only'); end;
create trigger letter_people_no_update before update on letter_people
    when old.key <> new.key or old.letter <> new.letter or old.entry <> new.entry or old.class <> new.class or old.side <> new.side
        or old.first_exposure <> new.first_exposure or old.last_exposure <> new.last_exposure or old.case_id is not new.case_id
        or (old.gone_on is not null and new.gone_on is null)
        or (new.gone_on is null and (old.name is not new.name or old.phone is not new.phone or old.document is not new.document
            or old.address is not new.address or old.note is not new.note))
    begin select raise(abort, 'what a letter says of somebody is never changed'); end;
create trigger letter_people_no_delete before delete on letter_people begin select raise(abort, 'people in letters are append-only'); end;
create trigger letter_words_no_update before update on letter_words begin select raise(abort, 'letter_words are append-only'); end;
create trigger letter_words_no_delete before delete on letter_words
    when not exists (select 1 from letter_people p where p.key = old.key and p.gone_on is not null)
    begin select raise(abort, 'letter_words are append-only'); end;
