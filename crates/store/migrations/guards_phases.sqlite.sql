create trigger phases_no_update before update on phases begin select raise(abort, 'phases are append-only'); end;
create trigger phases_no_delete before delete on phases begin select raise(abort, 'phases are append-only'); end;
create trigger staffing_no_update before update on staffing begin select raise(abort, 'staffing are append-only'); end;
create trigger staffing_no_delete before delete on staffing begin select raise(abort, 'staffing are append-only'); end;
create trigger bed_stays_given before insert on bed_stays when new.released_at is null begin
    select raise(abort, 'its ward takes nobody at that moment') where exists (select 1 from beds b join phase_steps k on k.facility = b.facility and k.ward in ('', coalesce(b.room, ''))
        where b.bed = new.bed and coalesce(
            (select s.phase from phase_steps s where s.facility = k.facility and s.ward = k.ward and s.from_at <= coalesce(new.for_at, new.held_at)
                order by s.from_at desc limit 1),
            (select case when s.phase in ('draining', 'closed') then 'open' else 'planned' end from phase_steps s
                where s.facility = k.facility and s.ward = k.ward order by s.from_at limit 1)) <> 'open');
    select raise(abort, 'its staff look after as many as they can') where exists (select 1 from beds b join staffing n on n.facility = b.facility
        where b.bed = new.bed and not exists (select 1 from staffing m where m.facility = n.facility and m.no > n.no)
            and n.staff * n.people_each <= (select count(*) from beds o
                join bed_stays s on s.bed = o.bed and s.released_at is null and s.transfer <> new.transfer
                where o.facility = b.facility));
end;
create trigger bed_stays_again before update on bed_stays when new.released_at is null and old.released_at is not null begin
    select raise(abort, 'its ward takes nobody at that moment') where exists (select 1 from beds b join phase_steps k on k.facility = b.facility and k.ward in ('', coalesce(b.room, ''))
        where b.bed = new.bed and coalesce(
            (select s.phase from phase_steps s where s.facility = k.facility and s.ward = k.ward and s.from_at <= coalesce(new.for_at, new.held_at)
                order by s.from_at desc limit 1),
            (select case when s.phase in ('draining', 'closed') then 'open' else 'planned' end from phase_steps s
                where s.facility = k.facility and s.ward = k.ward order by s.from_at limit 1)) <> 'open');
    select raise(abort, 'its staff look after as many as they can') where exists (select 1 from beds b join staffing n on n.facility = b.facility
        where b.bed = new.bed and not exists (select 1 from staffing m where m.facility = n.facility and m.no > n.no)
            and n.staff * n.people_each <= (select count(*) from beds o
                join bed_stays s on s.bed = o.bed and s.released_at is null and s.transfer <> new.transfer
                where o.facility = b.facility));
end;
