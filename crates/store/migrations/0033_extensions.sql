-- What an area became when it was put together with others or split, and the extension that allows one which rests on no case.
alter table zones add column became {text};
alter table zones add column allowed {text};
-- First day of the area in which a case rested first: what is split off later counts from there.
alter table zone_cases add column since {day};
create index zones_allowed on zones (allowed) where allowed is not null;

-- Areas wider or longer than the rule's: asked for on evidence, and allowed or refused by somebody of a higher duty.
create table extensions (
    id {text} primary key, zone {text} not null, division {text} not null, kind {text} not null, asked_by {text} not null,
    asked_at {instant} not null, evidence {text} not null, reason {text} not null, clause {text} not null, buildings {text} not null,
    people {whole} not null, extra {whole} not null, was_until {day} not null, until_day {day} not null, state {text} not null,
    decided_by {text}, decided_at {instant}, decision {text},
    -- the second person is another one, and nothing is without evidence, reason and end
    check (decided_by is null or decided_by <> asked_by), check ((state = 'asked') = (decided_by is null)),
    check (trim(evidence) <> '' and trim(reason) <> '' and trim(clause) <> ''), check (people >= 0 and extra >= 0)
){strict};
create index extensions_zone on extensions (zone);
create index extensions_asked on extensions (asked_at, id);
create unique index extensions_waiting on extensions (zone, kind) where state = 'asked';
