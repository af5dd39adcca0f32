-- Letters of assistance between jurisdictions. A letter keeps its book: people are those who were taken over, not found, elsewhere, refused or
-- still without an answer. Rows of people in letters of other jurisdictions land here as they came; ours are written beside them.
create table letters (
    id {text} primary key, kind {text} not null, division {text} not null, case_id {text}, side {text} not null, side_code {text},
    side_phone {text}, state {text} not null, made_by {text} not null, made_at {instant} not null, clock_at {instant}, due_at {instant},
    round {whole} not null, way {text}, shown {text}, sent_at {instant}, ended_at {instant}, dropped_why {text}, people {whole} not null,
    found {whole} not null, not_found {whole} not null, elsewhere {whole} not null, refused {whole} not null, unanswered {whole} not null,
    check (people = found + not_found + elsewhere + refused + unanswered),
    check (kind in ('out', 'in') and (kind = 'out') = (case_id is not null)), check (trim(side) <> ''),
    check ((state in ('sent', 'received', 'answered')) = (clock_at is not null)),
    check ((state = 'answered') = (ended_at is not null)), check (state <> 'answered' or unanswered = 0),
    check ((sent_at is null) = (way is null)), check ((sent_at is null) = (shown is null)), check (state <> 'sent' or sent_at is not null)
){strict};
create index letters_case on letters (case_id) where case_id is not null;
create index letters_made on letters (made_at, id);
create index letters_district on letters (substr(division, 1, 6), made_at, id);

create table letter_people (
    key {text} primary key, letter {text} not null, entry {text} not null, division {text} not null, side {text} not null,
    side_code {text}, side_case {text}, side_phone {text}, received_at {instant}, name {text}, phone {text}, document {text}, address {text},
    class {text} not null, first_exposure {day} not null, last_exposure {day} not null, note {text}, digest {whole} not null,
    case_id {text}, taken {truth} not null default false, state {text} not null default 'open', suggested {text}, person {text},
    person_no {whole}, answered_at {instant}, answered_by {text}, settled_at {instant}, settled_why {text}, gone_on {day},
    check (first_exposure <= last_exposure), check (state in ('open', 'found', 'not_found', 'elsewhere', 'refused')),
    check (case_id is null or person is null), check ((state = 'open') = (answered_at is null)),
    -- whom a letter to us names is found by confirming who of the roster it is
    check (case_id is not null or gone_on is not null or (state = 'found') = (person is not null))
){strict};
create unique index letter_people_letter on letter_people (letter, entry);
create index letter_people_case on letter_people (case_id) where case_id is not null;
create index letter_people_new on letter_people (key) where not taken;
create index letter_people_person on letter_people (person) where person is not null;
create index letter_people_over on letter_people (last_exposure) where gone_on is null;

-- What was answered, each word with who said it and what shows it.
create table letter_words (
    id {text} primary key, key {text} not null, no {whole} not null, division {text} not null, state {text} not null, who {text} not null,
    shown {text} not null, at {instant} not null, account {text} not null, said_at {instant} not null,
    check (state in ('found', 'not_found', 'elsewhere', 'refused')), check (trim(who) <> '' and trim(shown) <> ''), check (at <= said_at)
){strict};
create unique index letter_words_key on letter_words (key, no);
