-- a batch of the line asks which areas have passed their last day and of which a paper is owed: few of all that ever were
create index zones_lapsing on zones (ends_on) where released_on is null;
create index zones_untold on zones (id)
    where released_on is null and aside is null and (told_until is null or told_until <> ends_on);
-- when all confined buildings were last looked over, and when that is owed again
alter table passes add column swept_at {instant};
alter table passes add column sweep_owed_at {instant};
