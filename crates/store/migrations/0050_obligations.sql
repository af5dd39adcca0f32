-- What the four parties owe, with deadline, evidence and end; what was said of it, step by step; and the signed reports of districts.
create table obligations (
    id {text} primary key, kind {text} not null, division {text} not null, party {text} not null, owner {text} not null,
    day {day} not null, subject {text}, size {whole}, what {text}, proof {text}, opened_at {instant} not null, due_at {instant},
    state {text} not null, evidence {text}, evidence_by {text}, evidence_at {instant}, given_by {text} not null,
    ended_by {text}, ended_at {instant}, reason {text} not null, steps {whole} not null,
    check ((ended_at is null) = (state in ('open', 'shown'))), check ((ended_at is null) = (ended_by is null)),
    check ((evidence is null) = (evidence_by is null) and (evidence is null) = (evidence_at is null)),
    -- nothing is done without evidence, and what somebody above looks at is never ended by who showed it
    check (state <> 'done' or trim(coalesce(evidence, '')) <> ''),
    check (state <> 'done' or kind in ('place_tests', 'report') or ended_by <> evidence_by)
){strict};
create index obligations_open on obligations (kind, subject) where ended_at is null;
create index obligations_day on obligations (day, id);
create index obligations_district on obligations (substr(division, 1, 6), day, id);
create index obligations_subject on obligations (subject, kind, day);

create table obligation_steps (
    obligation {text} not null, no {whole} not null, at {instant} not null, step {text} not null, account {text} not null, words {text},
    primary key (obligation, no)
){strict};

create table district_reports (
    id {text} primary key, division {text} not null, day {day} not null, edition {whole} not null, situation {text} not null,
    done {text} not null, next_steps {text} not null, figures {text} not null, correction {text}, signed_by {text} not null,
    signed_at {instant} not null, due_at {instant}, unique (division, day, edition),
    check (edition >= 1 and (edition = 1) = (correction is null)),
    check (trim(situation) <> '' and trim(done) <> '' and trim(next_steps) <> '')
){strict};
create index district_reports_day on district_reports (day, id);
