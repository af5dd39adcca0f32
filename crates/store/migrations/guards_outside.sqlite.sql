create trigger outside_words_no_update before update on outside_words begin select raise(abort, 'outside_words are append-only'); end;
create trigger outside_words_no_delete before delete on outside_words begin select raise(abort, 'outside_words are append-only'); end;
create trigger transfers_outside_new before insert on transfers when new.state in ('booked', 'underway') and new.class <> 'home'
    and coalesce(new.outside, '') <> 'confirmed' begin
    select raise(abort, 'nobody departs to a place outside the city that is not confirmed')
        where exists (select 1 from facilities f where f.facility = new.facility and f.kind = 'outside_city');
end;
create trigger transfers_outside_go before update on transfers when new.state in ('booked', 'underway') and new.class <> 'home'
    and coalesce(new.outside, '') <> 'confirmed'
    and (old.state <> new.state or coalesce(old.facility, '') <> coalesce(new.facility, '')) begin
    select raise(abort, 'nobody departs to a place outside the city that is not confirmed')
        where exists (select 1 from facilities f where f.facility = new.facility and f.kind = 'outside_city');
end;
create trigger transfers_outside_said before update on transfers when new.outside = 'confirmed' and new.state <> 'admitted'
    and (coalesce(old.outside, '') <> 'confirmed' or coalesce(old.facility, '') <> coalesce(new.facility, '')) begin
    select raise(abort, 'nobody of the receiving body confirmed this place') where coalesce(new.facility, '') <> ''
        and coalesce((select w.word from outside_words w where w.transfer = new.id and w.facility = new.facility
            order by w.no desc limit 1), 'withdrawn') = 'withdrawn';
end;
