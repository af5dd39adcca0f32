-- What people at their desks need: assignment, a page of any worklist from an index whatever the scope, and who asked.

alter table items add column assignee {text};
alter table items add column escalated_at {instant};
-- A page of open items by deadline: for the city, for a district, and for a place below it (few items, sorted as read).
create index items_due on items (worklist, coalesce(due_at, {far}), subject) where closed_at is null;
create index items_district on items (substr(division, 1, 6), worklist, coalesce(due_at, {far}), subject) where closed_at is null;
create index items_division on items (division, worklist) where closed_at is null;
create index items_owner on items (owner, worklist) where closed_at is null;
create index items_assignee on items (assignee, worklist) where assignee is not null;
create index items_closed on items (worklist, closed_at) where closed_at is not null;
create index items_subject on items (subject);

create index cases_found on cases (found_at, id);
create index cases_district on cases (substr(division, 1, 6), found_at, id);
create index cases_person on cases (person);
create index contacts_listed on contacts (listed_at);
create index contacts_person_no on contacts (person_no);
create index zones_place on zones (division, ends_on);
create index transfers_facility on transfers (facility) where state in ('booked', 'underway', 'admitted');
create index transfers_district on transfers (substr(division, 1, 6), requested_at);
create index transfers_requested on transfers (requested_at, id);
create index beds_state on beds (facility, state);
create index requests_received on requests (received_at);
create index requests_household on requests (household);
create index events_subject on events (subject);

-- Requests from the public: followed by a secret that only the person has, of which a hash is kept.
alter table requests add column secret_hash {text};
alter table requests add column reopened {whole} not null default 0;
alter table requests add column contact {text};

-- Published editions of the bulletin, and what they correct.
alter table bulletins add column published_at {instant};
alter table bulletins add column published_by {text};
alter table bulletins add column correction {text};
