-- Rounds for key places: their ids as they were written, and whom such a round is for, by name and with the rule, as it was worked out
-- when the round was judged. Somebody who is due at two of its places is there once.
alter table rounds add column places {text};
create table round_people (
    round {text} not null, person_no {whole} not null, place {text} not null, reason {text} not null,
    primary key (round, person_no)
){strict};
create index round_people_person on round_people (person_no, round);

-- Where a closed round stood with the people of each of its places.
create table round_place_counts (
    round {text} not null, place {text} not null, state {text} not null, people {whole} not null,
    primary key (round, place, state)
){strict};
