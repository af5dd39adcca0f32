-- Whether somebody has the bed, kept by triggers on the stays: who looks for free beds reads those and no other.
alter table beds add column taken {whole} not null default 0;
update beds set taken = 1 where bed in (select bed from bed_stays where released_at is null);
create index beds_free on beds (facility, room, bed) where taken = 0 and coalesce(state, 'free') = 'free';
