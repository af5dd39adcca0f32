create function delivery_stops_fixed() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then
        if not exists (select 1 from delivery_runs r where r.run = new.run and r.left_at is null and r.replanned_at is null
                and r.parcels > (select count(*) from delivery_stops s where s.run = new.run)) then
            raise exception 'the run carries no more, or has left' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if tg_op = 'DELETE' or old.ended_at is not null or new.run <> old.run or new.no <> old.no or new.household <> old.household
            or new.day <> old.day or new.item <> old.item then
        raise exception 'what came of a stop is never changed' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger delivery_stops_fixed before insert or update or delete on delivery_stops
    for each row execute function delivery_stops_fixed();
create function delivery_runs_fixed() returns trigger language plpgsql as $$ begin
    if tg_op = 'DELETE' or old.left_at is not null or old.replanned_at is not null or new.capacity <> old.capacity
            or new.parcels <> old.parcels or new.carrier <> old.carrier or new.hours_from <> old.hours_from
            or new.hours_until <> old.hours_until or new.minutes <> old.minutes then
        raise exception 'a run that has left is never changed, and of none its carrier and hours' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger delivery_runs_fixed before update or delete on delivery_runs for each row execute function delivery_runs_fixed();
