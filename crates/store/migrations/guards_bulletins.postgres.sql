create trigger bulletins_no_update before update on bulletins for each row when (old.published_at is not null or new.body <> old.body or new.day <> old.day or new.edition <> old.edition or coalesce(new.correction, '') <> coalesce(old.correction, '') or coalesce(new.drafted_by, '') <> coalesce(old.drafted_by, '')) execute function append_only();
create trigger bulletins_no_delete before delete on bulletins for each row execute function append_only();
create function by_two() returns trigger language plpgsql as
$$ begin
    if (select count(*) from bulletin_approvals a where a.day = new.day and a.edition = new.edition and a.account <> coalesce(new.drafted_by, '')) < 2 then
        raise exception 'an edition is published after two others approved it';
    end if;
    return new;
end $$;
create trigger bulletins_two before update on bulletins for each row when (new.published_at is not null) execute function by_two();
create trigger bulletin_approvals_no_change before update or delete on bulletin_approvals for each row execute function append_only();
