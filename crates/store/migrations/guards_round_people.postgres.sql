create function round_people_fixed() returns trigger language plpgsql as $$
declare named text; begin
    if tg_op = 'UPDATE' then
        raise exception 'whom a round is for is worked out anew, and never changed' using errcode = 'check_violation';
    elsif tg_op = 'INSERT' then
        named := new.round;
    else
        named := old.round;
    end if;
    if exists (select 1 from rounds r where r.round = named and r.state in ('open', 'closed')) then
        raise exception 'whom a round is for does not change once it has begun' using errcode = 'check_violation';
    end if;
    return coalesce(new, old);
end $$;
create trigger round_people_fixed before insert or update or delete on round_people for each row execute function round_people_fixed();
