-- Messages to people in follow-up. Whoever follows somebody switches them on for that follow-up, each time as a row of its own; a message names
-- the row that it rests on. Numbers and words are deleted when the follow-up is over; that there was a message stays.
create table message_choices (
    followed {text} not null, no {whole} not null, person {text} not null, division {text} not null, wanted {truth} not null,
    said_by {text} not null, at {instant} not null, primary key (followed, no)
){strict};

create table sendings (
    id {text} primary key, kind {text} not null, day {day} not null, division {text} not null, people {whole} not null, state {text} not null,
    made_by {text} not null, made_at {instant} not null, decided_by {text}, decided_at {instant}, reason {text},
    check (kind in ('ask', 'recall') and state in ('goes', 'waits', 'released', 'stopped')), check (people > 0),
    check ((state in ('released', 'stopped')) = (decided_by is not null)), check ((decided_by is null) = (decided_at is null)),
    -- by itself only what is small, and the second person is another one
    check (state <> 'goes' or people <= 100), check (state <> 'released' or decided_by <> made_by)
){strict};
create index sendings_made on sendings (made_at, id);
create index sendings_day on sendings (day);

create table messages (
    id {text} primary key, sending {text} not null, kind {text} not null, followed {text} not null, choice {whole} not null,
    person {text} not null, person_no {whole} not null, division {text} not null, day {day} not null, until_day {day} not null, number {text},
    shared {truth} not null, language {text}, text {text}, hash {text}, recalls {text}, state {text} not null, tries {whole} not null default 0,
    queued_at {instant} not null, next_at {instant} not null, sent_at {instant}, ended_at {instant}, why {text}, gone_on {day},
    check (kind in ('ask', 'recall') and (kind = 'recall') = (recalls is not null)), check (day <= until_day or kind = 'recall'),
    check (state in ('queued', 'sent', 'delivered', 'failed', 'recalled')), check ((text is null) = (hash is null) or gone_on is not null),
    check (state not in ('sent', 'delivered') or (sent_at is not null and hash is not null)),
    check ((state in ('queued', 'sent')) = (ended_at is null)), check (gone_on is null or (number is null and text is null)),
    check (gone_on is not null or number is not null)
){strict};
-- nobody is asked twice on one day, and no number
create unique index messages_once on messages (person, day) where kind = 'ask';
create unique index messages_number on messages (number, day) where kind = 'ask' and number is not null;
create unique index messages_recalled on messages (recalls) where recalls is not null;
create index messages_queue on messages (next_at, id) where state = 'queued';
create index messages_sending on messages (sending, state);
create index messages_followed on messages (followed);
create index messages_made on messages (queued_at, id);
create index messages_day on messages (day, person);
create index messages_over on messages (until_day) where gone_on is null;

create table message_replies (
    id {text} primary key, given_id {text} not null, digest {text} not null, number {text}, words {text}, at {instant} not null,
    received_at {instant} not null, state {text} not null, followed {text}, person {text}, person_no {whole}, division {text} not null,
    over_on {day} not null, gone_on {day},
    check (state in ('taken', 'enough', 'several', 'stranger', 'unread', 'over')), check (state <> 'taken' or followed is not null),
    check (gone_on is null or (number is null and words is null)), check ((followed is null) = (person is null))
){strict};
create unique index message_replies_given on message_replies (given_id);
create index message_replies_received on message_replies (received_at, id);
create index message_replies_person on message_replies (person) where person is not null;
create index message_replies_over on message_replies (over_on) where gone_on is null;
