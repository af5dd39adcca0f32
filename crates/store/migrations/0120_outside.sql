-- Places outside the city: how the place stands for somebody who is to go there, and what was heard from the body that receives them. A word
-- is never changed: another one is added, and the last one holds.
alter table transfers add column outside {text};
update transfers set outside = case when state = 'requested' then 'asked' else 'confirmed' end
    where bed is not null and class <> 'home' and state in ('requested', 'booked', 'underway', 'admitted')
        and facility in (select f.facility from facilities f where f.kind = 'outside_city');
create table outside_words (
    id {text} primary key, transfer {text} not null, no {whole} not null, division {text} not null, facility {text} not null,
    word {text} not null, who {text} not null, note {text} not null, at {instant} not null, account {text} not null,
    said_at {instant} not null,
    check (word in ('confirmed', 'withdrawn', 'received')), check (trim(who) <> ''), check (trim(note) <> ''), check (at <= said_at)
){strict};
create unique index outside_words_transfer on outside_words (transfer, no);
