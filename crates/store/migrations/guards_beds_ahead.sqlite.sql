create trigger transfers_bed_from_new before insert on transfers when new.state = 'booked' and new.bed_from is not null
    and (new.arrive_at is null or new.arrive_at < new.bed_from) begin select raise(abort, 'nobody arrives before the ward is open'); end;
create trigger transfers_bed_from_go before update on transfers when new.state = 'booked' and new.bed_from is not null
    and (new.arrive_at is null or new.arrive_at < new.bed_from) begin select raise(abort, 'nobody arrives before the ward is open'); end;
create trigger bed_stays_moved before update on bed_stays when new.released_at is null and old.released_at is null
    and coalesce(new.for_at, 0) <> coalesce(old.for_at, 0) begin
    select raise(abort, 'its ward takes nobody at that moment') where exists (select 1 from beds b join phase_steps k on k.facility = b.facility and k.ward in ('', coalesce(b.room, ''))
        where b.bed = new.bed and coalesce(
            (select s.phase from phase_steps s where s.facility = k.facility and s.ward = k.ward and s.from_at <= coalesce(new.for_at, new.held_at)
                order by s.from_at desc limit 1),
            (select case when s.phase in ('draining', 'closed') then 'open' else 'planned' end from phase_steps s
                where s.facility = k.facility and s.ward = k.ward order by s.from_at limit 1)) <> 'open');
end;
