create trigger phases_no_change before update or delete on phases for each row execute function append_only();
create trigger staffing_no_change before update or delete on staffing for each row execute function append_only();
create function takes_people() returns trigger language plpgsql as
$$ begin
    -- two who give beds of one facility count one after the other
    perform 1 from beds b join staffing n on n.facility = b.facility where b.bed = new.bed order by n.no desc limit 1 for update of n;
    if exists (select 1 from beds b join phase_steps k on k.facility = b.facility and k.ward in ('', coalesce(b.room, ''))
        where b.bed = new.bed and coalesce(
            (select s.phase from phase_steps s where s.facility = k.facility and s.ward = k.ward and s.from_at <= coalesce(new.for_at, new.held_at)
                order by s.from_at desc limit 1),
            (select case when s.phase in ('draining', 'closed') then 'open' else 'planned' end from phase_steps s
                where s.facility = k.facility and s.ward = k.ward order by s.from_at limit 1)) <> 'open') then
        raise exception 'its ward takes nobody at that moment' using errcode = 'check_violation';
    end if;
    if exists (select 1 from beds b join staffing n on n.facility = b.facility
        where b.bed = new.bed and not exists (select 1 from staffing m where m.facility = n.facility and m.no > n.no)
            and n.staff * n.people_each <= (select count(*) from beds o
                join bed_stays s on s.bed = o.bed and s.released_at is null and s.transfer <> new.transfer
                where o.facility = b.facility)) then
        raise exception 'its staff look after as many as they can' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger bed_stays_given before insert on bed_stays for each row when (new.released_at is null) execute function takes_people();
create trigger bed_stays_again before update on bed_stays for each row when (new.released_at is null and old.released_at is not null) execute function takes_people();
