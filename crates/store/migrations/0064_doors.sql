-- What a household that is bound may ask for, what it asked for, and what was said of its parcels at the door. What was said is appended as
-- steps; the row of the parcel is what they come to. Prices are seen again and again, and none is changed.
create table goods (
    good {text} primary key, division {text} not null, item {text} not null, need {text}, en {text} not null, zh_hans {text} not null,
    zh_hant {text} not null, day_max {whole} not null, usual {real}, above_percent {whole}, digest {whole} not null
){strict};
create index goods_division on goods (division);

create table prices (
    good {text} not null, no {whole} not null, price {real} not null, shop {text} not null, division {text} not null,
    account {text} not null, at {instant} not null, primary key (good, no), check (price > 0 and trim(shop) <> '')
){strict};

create table wanted (
    household {text} not null, day {day} not null, no {whole} not null, division {text} not null, good {text} not null, item {text} not null,
    units {whole} not null, way {text} not null, asked_by {text} not null, asked_at {instant} not null,
    primary key (household, day, no), check (units > 0)
){strict};
create index wanted_asked on wanted (asked_at, household, day, no);
create index wanted_day on wanted (day, item);
create index wanted_by on wanted (asked_by);

create table door_steps (
    household {text} not null, day {day} not null, item {text} not null, no {whole} not null, step {text} not null, at {instant} not null,
    account {text} not null, proof {text}, said {text}, reason {text}, primary key (household, day, item, no),
    -- nothing is at a door by somebody's bare word
    check (step <> 'delivered' or proof is not null), check (proof <> 'word' or trim(coalesce(said, '')) <> ''),
    check (step <> 'missed' or trim(coalesce(reason, '')) <> '')
){strict};

alter table parcels add column handed_by {text};
alter table parcels add column door_proof {text};
alter table parcels add column word_said {text};
alter table parcels add column misses {whole} not null default 0;
alter table parcels add column missed_at {instant};
alter table parcels add column missed_why {text};
alter table parcels add column here_at {instant};
alter table parcels add column not_here_at {instant};
-- how often it is owed anew because the household had it not
alter table parcels add column again {whole} not null default 0;
