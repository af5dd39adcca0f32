create function heard() returns trigger language plpgsql as
$$ begin
    if not exists (select 1 from appeals a where a.id = new.aside and a.subject = new.id and a.state = 'open') then
        raise exception 'an area is suspended for an open appeal against it, and for nothing else';
    end if;
    return new;
end $$;
create trigger zones_aside before update of aside on zones for each row when (new.aside is not null) execute function heard();
