-- What the bulletins told of who is in care: a case counts as one thing from a day of the books on, until the day on which it became
-- something else or went. Written when a day closes, by name; what was told of a day is read here again.
create table in_care (
    case_id {text} not null, from_day {day} not null, class {text} not null, division {text} not null, came {text} not null,
    until_day {day}, went {text},
    primary key (case_id, from_day, class),
    check (class in ('awaiting_diagnosis', 'confirmed', 'asymptomatic')),
    check (came in ('found', 'reclassified', 'stands_again', 'taken_over')),
    check ((until_day is null) = (went is null) and (until_day is null or until_day >= from_day)),
    check (went is null or went in ('reclassified', 'recovered', 'died', 'withdrawn', 'set_aside'))
){strict};
create unique index in_care_open on in_care (case_id) where until_day is null;
create index in_care_from on in_care (from_day);
create index in_care_until on in_care (until_day);

-- Up to which event the cases that were found on a day are counted (found_days, found_lags), so that somebody else can count them again.
create table found_upto (day {day} primary key, events_upto {whole} not null){strict};
