-- Questions that are put to cases, in versions, and what was answered. Neither is ever changed: a question that is put otherwise is
-- another version, an answer that is mended another row.
create table questions (
    key {text} primary key, question {text} not null, version {whole} not null, division {text} not null, disease {text},
    part {text} not null, kind {text} not null, asked {text} not null, only_if {text}, options {text}, en {text} not null,
    zh_hans {text} not null, zh_hant {text} not null, digest {whole} not null, unique (question, version)
){strict};

create table answers (
    key {text} primary key, case_person {text} not null, question {text} not null, version {whole} not null, answer {text} not null,
    at {instant} not null, said_by {text} not null, digest {whole} not null
){strict};
create index answers_person on answers (case_person, at);
create index answers_at on answers (at, key);
