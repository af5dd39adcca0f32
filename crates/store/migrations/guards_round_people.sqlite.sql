create trigger round_people_fixed_new before insert on round_people
    when exists (select 1 from rounds r where r.round = new.round and r.state in ('open', 'closed')) begin
    select raise(abort, 'whom a round is for does not change once it has begun'); end;
create trigger round_people_fixed_old before delete on round_people
    when exists (select 1 from rounds r where r.round = old.round and r.state in ('open', 'closed')) begin
    select raise(abort, 'whom a round is for does not change once it has begun'); end;
create trigger round_people_no_update before update on round_people begin
    select raise(abort, 'whom a round is for is worked out anew, and never changed'); end;
