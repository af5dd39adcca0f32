-- Follow-up of contacts. What was found whenever somebody asked is append-only and apart from the days of a follow-up; how each
-- follow-up stands is worked out anew by name whenever something was told, and never counted up.

create table teams (
    team {text} primary key, division {text} not null, name {text}, people_a_day {whole} not null, digest {whole} not null
){strict};

create table follow_ups (
    key {text} primary key, person {text} not null, at {instant} not null, channel {text} not null, answer {text} not null,
    symptoms {text}, team {text}, said_by {text} not null, note {text}, digest {whole} not null
){strict};
create index follow_ups_person on follow_ups (person, at);
create index follow_ups_at on follow_ups (at, key);

create table followed (
    id {text} primary key, person {text} not null, person_no {whole} not null, division {text} not null,
    listed_on {day} not null, from_day {day} not null, until_day {day} not null, last_exposure {day} not null,
    exposures {whole} not null, team {text}, state {text} not null, seen {whole} not null, missed {whole} not null,
    missed_running {whole} not null, last_seen {day}, due {truth} not null, ended_on {day}, ended_why {text}, reason {text} not null,
    check (until_day >= from_day), check ((ended_on is null) = (ended_why is null))
){strict};
create index followed_person on followed (person_no);
create index followed_asked on followed (team, person_no) where ended_on is null;
create index followed_until on followed (until_day, id);
create index followed_district on followed (substr(division, 1, 6), until_day, id);
create index followed_division on followed (division);
