create function too_early() returns trigger language plpgsql as
$$ begin raise exception 'nobody arrives before the ward is open' using errcode = 'check_violation'; end $$;
create trigger transfers_bed_from_new before insert on transfers for each row when (new.state = 'booked' and new.bed_from is not null
    and (new.arrive_at is null or new.arrive_at < new.bed_from)) execute function too_early();
create trigger transfers_bed_from_go before update on transfers for each row when (new.state = 'booked' and new.bed_from is not null
    and (new.arrive_at is null or new.arrive_at < new.bed_from)) execute function too_early();
create trigger bed_stays_moved before update on bed_stays for each row when (new.released_at is null and old.released_at is null
    and new.for_at is distinct from old.for_at) execute function takes_people();
