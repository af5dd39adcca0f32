create trigger delivery_stops_full before insert on delivery_stops
    when not exists (select 1 from delivery_runs r where r.run = new.run and r.left_at is null and r.replanned_at is null
        and r.parcels > (select count(*) from delivery_stops s where s.run = new.run)) begin
    select raise(abort, 'the run carries no more, or has left'); end;
create trigger delivery_stops_ended before update on delivery_stops
    when old.ended_at is not null or new.run <> old.run or new.no <> old.no or new.household <> old.household or new.day <> old.day
        or new.item <> old.item begin
    select raise(abort, 'what came of a stop is never changed'); end;
create trigger delivery_stops_no_delete before delete on delivery_stops begin
    select raise(abort, 'what came of a stop is never changed'); end;
create trigger delivery_runs_gone before update on delivery_runs
    when old.left_at is not null or old.replanned_at is not null or new.capacity <> old.capacity or new.parcels <> old.parcels
        or new.carrier <> old.carrier or new.hours_from <> old.hours_from or new.hours_until <> old.hours_until
        or new.minutes <> old.minutes begin
    select raise(abort, 'a run that has left is never changed, and of none its carrier and hours'); end;
create trigger delivery_runs_no_delete before delete on delivery_runs begin
    select raise(abort, 'runs are never deleted'); end;
