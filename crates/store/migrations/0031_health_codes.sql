-- Codes by which somebody in follow-up says on a page how they are, until its last day. Only a hash is kept, and one code is good at
-- a time: a new one takes the place of the one before.
create table health_codes (
    followed {text} primary key, code_hash {text} not null, person {text} not null, division {text} not null,
    made_by {text} not null, made_at {instant} not null
){strict};
create unique index health_codes_hash on health_codes (code_hash);
