-- Places that are told to the public because people were there together with a case whom nobody knows: place and time, and nothing of
-- anybody. The number of a place says nothing of the case. Deleted when its days are over.
create table exposure_sites (
    id {text} primary key, case_id {text} not null, division {text} not null, place {text} not null, from_at {instant} not null,
    until_at {instant} not null, unknown {whole} not null, gone_on {day} not null, asked_by {text} not null, asked_at {instant} not null,
    state {text} not null, decided_by {text}, decided_at {instant}, reason {text},
    -- the second person is another one
    check (decided_by is null or state = 'withdrawn' or decided_by <> asked_by),
    check ((state = 'asked') = (decided_by is null)), check (until_at > from_at and unknown > 0 and trim(place) <> '')
){strict};
create index exposure_sites_case on exposure_sites (case_id);
create index exposure_sites_asked on exposure_sites (asked_at, id);
create index exposure_sites_gone on exposure_sites (gone_on);
