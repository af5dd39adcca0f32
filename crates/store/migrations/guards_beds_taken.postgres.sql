create function bed_taken() returns trigger language plpgsql as
$$ begin
    if tg_op <> 'INSERT' and old.released_at is null then
        update beds set taken = 0 where bed = old.bed;
    end if;
    if tg_op <> 'DELETE' and new.released_at is null then
        update beds set taken = 1 where bed = new.bed;
    end if;
    return null;
end $$;
create trigger bed_stays_take after insert on bed_stays for each row when (new.released_at is null) execute function bed_taken();
create trigger bed_stays_turn after update on bed_stays for each row
    when (old.bed <> new.bed or (old.released_at is null) <> (new.released_at is null)) execute function bed_taken();
create trigger bed_stays_gone after delete on bed_stays for each row when (old.released_at is null) execute function bed_taken();
