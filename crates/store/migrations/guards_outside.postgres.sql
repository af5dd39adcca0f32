create trigger outside_words_no_change before update or delete on outside_words for each row execute function append_only();
create function departs_outside() returns trigger language plpgsql as
$$ begin
    if exists (select 1 from facilities f where f.facility = new.facility and f.kind = 'outside_city') then
        raise exception 'nobody departs to a place outside the city that is not confirmed' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger transfers_outside_new before insert on transfers for each row when (new.state in ('booked', 'underway')
    and new.class <> 'home' and coalesce(new.outside, '') <> 'confirmed') execute function departs_outside();
create trigger transfers_outside_go before update on transfers for each row when (new.state in ('booked', 'underway')
    and new.class <> 'home' and coalesce(new.outside, '') <> 'confirmed'
    and (old.state <> new.state or coalesce(old.facility, '') <> coalesce(new.facility, ''))) execute function departs_outside();
create function said_outside() returns trigger language plpgsql as
$$ begin
    if coalesce(new.facility, '') <> '' and coalesce((select w.word from outside_words w where w.transfer = new.id
            and w.facility = new.facility order by w.no desc limit 1), 'withdrawn') = 'withdrawn' then
        raise exception 'nobody of the receiving body confirmed this place' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger transfers_outside_said before update on transfers for each row when (new.outside = 'confirmed' and new.state <> 'admitted'
    and (coalesce(old.outside, '') <> 'confirmed' or coalesce(old.facility, '') <> coalesce(new.facility, ''))) execute function said_outside();
