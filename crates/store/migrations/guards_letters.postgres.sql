create trigger letters_no_update before update on letters for each row
    when (old.id <> new.id or old.kind <> new.kind or old.side <> new.side or old.case_id is distinct from new.case_id
        or old.made_at <> new.made_at or old.made_by <> new.made_by or old.state = 'dropped' or (old.kind = 'out' and old.clock_at is not null
            and (new.clock_at is distinct from old.clock_at or new.people <> old.people or new.sent_at is distinct from old.sent_at
                or new.shown is distinct from old.shown)))
    execute function append_only();
create trigger letters_no_delete before delete on letters for each row execute function append_only();
create trigger letter_people_no_update before update on letter_people for each row
    when (old.key <> new.key or old.letter <> new.letter or old.entry <> new.entry or old.class <> new.class or old.side <> new.side
        or old.first_exposure <> new.first_exposure or old.last_exposure <> new.last_exposure or old.case_id is distinct from new.case_id
        or (old.gone_on is not null and new.gone_on is null)
        or (new.gone_on is null and (old.name is distinct from new.name or old.phone is distinct from new.phone
            or old.document is distinct from new.document or old.address is distinct from new.address or old.note is distinct from new.note)))
    execute function append_only();
create trigger letter_people_no_delete before delete on letter_people for each row execute function append_only();
create function letter_word_kept() returns trigger language plpgsql as
$$ begin
    if not exists (select 1 from letter_people p where p.key = old.key and p.gone_on is not null) then
        raise exception 'letter_words are append-only' using errcode = 'check_violation';
    end if;
    return old;
end $$;
create trigger letter_words_no_update before update on letter_words for each row execute function append_only();
create trigger letter_words_no_delete before delete on letter_words for each row execute function letter_word_kept();
