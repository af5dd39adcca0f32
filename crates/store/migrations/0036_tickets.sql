-- Emergencies: one ticket, one owner. What is said of one is appended as steps; the row is what they come to. Who was rung, and when, is
-- kept for each tier; a tier is never rung before its time. There is no column for a test, a status, an order or a debt.
create table tickets (
    ticket {text} primary key, request {text} not null, kind {text} not null, household {text}, division {text} not null,
    opened_at {instant} not null, decide_by {instant} not null, tier {text} not null, rung_at {instant},
    owner {text}, taken_at {instant}, decision {text}, decided_at {instant}, decided_by {text},
    facility {text}, clinician {text}, accepted_at {instant}, way_out {text}, way_at {instant},
    vehicle_sent {text}, vehicle_at {instant}, escort {text}, escort_at {instant}, departed_at {instant},
    refusals {whole} not null default 0, ended_at {instant}, ended_how {text},
    check ((owner is null) = (taken_at is null)), check ((decided_at is null) = (decided_by is null)),
    check ((decided_at is null) = (decision is null)), check ((ended_at is null) = (ended_how is null)),
    -- nobody decides about an emergency that is nobody's
    check (decided_at is null or owner is not null), check (departed_at is null or decided_at is not null)
){strict};
create index tickets_waiting on tickets (opened_at) where decided_at is null and ended_at is null;
create index tickets_open on tickets (division, opened_at) where ended_at is null;
create index tickets_opened on tickets (opened_at, ticket);
create index tickets_district on tickets (substr(division, 1, 6), opened_at, ticket);
create index tickets_household on tickets (household);
create index tickets_request on tickets (request);
create index tickets_owner on tickets (owner) where ended_at is null;
create index tickets_facility on tickets (facility);

create table ticket_steps (
    ticket {text} not null, no {whole} not null, step {text} not null, at {instant} not null, account {text} not null,
    what {text}, facility {text}, clinician {text}, reason {text}, primary key (ticket, no),
    -- a refusal has a name and a reason, or it is none (R08)
    check (step <> 'refused' or (trim(coalesce(clinician, '')) <> '' and trim(coalesce(reason, '')) <> '')),
    check (step <> 'accepted' or (facility is not null and trim(coalesce(clinician, '')) <> '')),
    check (step <> 'stood_down' or (trim(coalesce(what, '')) <> '' and trim(coalesce(reason, '')) <> ''))
){strict};

create table ticket_rings (
    ticket {text} not null, tier {text} not null, due_at {instant} not null, rung_at {instant} not null,
    primary key (ticket, tier), check (rung_at >= due_at)
){strict};
