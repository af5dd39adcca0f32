create function not_lawful() returns trigger language plpgsql as
$$ begin raise exception 'an order names its statute, body, purpose, evidence, milder options and reason'; end $$;
create trigger orders_lawful before insert on orders for each row when (trim(new.legal_basis) = '' or trim(new.body) = '' or trim(new.purpose) = '' or trim(new.evidence) = '' or trim(new.milder) = '' or trim(new.reason) in ('', '[]')) execute function not_lawful();
create function no_longer() returns trigger language plpgsql as
$$ begin raise exception 'an order only becomes shorter'; end $$;
create trigger orders_no_longer before update on orders for each row when (new.until_day > old.until_day) execute function no_longer();
create function founded() returns trigger language plpgsql as
$$ begin
    if not exists (select 1 from extensions e where e.id = new.allowed and e.state = 'approved') then
        raise exception 'an area rests on a case or on an extension that was allowed';
    end if;
    return new;
end $$;
create trigger zones_founded before insert on zones for each row when (new.cases < 1) execute function founded();
