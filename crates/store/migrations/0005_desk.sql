-- What people at their desks need: assignment, a page of any worklist from an index whatever the scope, and who asked.

alter table items add column assignee {text};
alter table items add column escalated_at {instant};
-- Pages of items: of open ones by deadline for the city and for a district, of closed ones for the city (a district's are
-- picked out on the way); below a district few rows are taken by place and sorted.
create index items_due on items (worklist, coalesce(due_at, {far}), subject) where closed_at is null;
create index items_district on items (substr(division, 1, 6), worklist, coalesce(due_at, {far}), subject) where closed_at is null;
create index items_opened on items (worklist, opened_at, subject) where closed_at is null;
create index items_owner on items (owner, worklist, coalesce(due_at, {far}), subject) where closed_at is null;
create index items_assignee on items (assignee, worklist) where assignee is not null;
create index items_past_due on items (worklist, coalesce(due_at, {far}), subject) where closed_at is not null;
create index items_past_opened on items (worklist, opened_at, subject) where closed_at is not null;
create index items_division on items (division, worklist);
-- A planner knows how districts are spread where a whole index begins with them; here the indexes are partial.
{server} create statistics items_districts on (substr(division, 1, 6)) from items;

-- The rest likewise: an order for the city, the same for a district, and the place.
create index cases_found on cases (found_at, id);
create index cases_district on cases (substr(division, 1, 6), found_at, id);
create index cases_division on cases (division);
create index cases_open_found on cases (found_at, id) where closed_on is null;
create index cases_open_district on cases (substr(division, 1, 6), found_at, id) where closed_on is null;
create index cases_person on cases (person);
create index contacts_listed on contacts (listed_at, case_id, person);
create index contacts_district on contacts (substr(division, 1, 6), listed_at, case_id, person);
create index contacts_division on contacts (division);
create index contacts_person_no on contacts (person_no);
create index orders_until on orders (until_day, id);
create index orders_district on orders (substr(division, 1, 6), until_day, id);
create index orders_division on orders (division);
create index zones_ends on zones (ends_on, id);
create index zones_place on zones (division, ends_on);
create index transfers_facility on transfers (facility) where state in ('booked', 'underway', 'admitted');
create index transfers_site on transfers (facility, requested_at, id);
create index transfers_requested on transfers (requested_at, id);
create index transfers_district on transfers (substr(division, 1, 6), requested_at, id);
create index transfers_division on transfers (division);
create index transfers_trip on transfers (trip) where trip is not null;
create index trips_departs on trips (departs_at, id);
create index trips_vehicle on trips (vehicle);
create index beds_state on beds (facility, state);
create index requests_received on requests (received_at, request);
create index requests_district on requests (substr(division, 1, 6), received_at, request);
create index requests_division on requests (division);
create index requests_household on requests (household);
create index parcels_day on parcels (day, household, item);
create index parcels_division on parcels (division);
create index events_subject on events (subject);

-- Requests from the public: followed by a secret that only the person has, of which a hash is kept.
alter table requests add column secret_hash {text};
alter table requests add column reopened {whole} not null default 0;
alter table requests add column contact {text};
create index requests_reopened on requests (request) where reopened > 0;

-- Published editions of the bulletin, and what they correct.
alter table bulletins add column published_at {instant};
alter table bulletins add column published_by {text};
alter table bulletins add column correction {text};
