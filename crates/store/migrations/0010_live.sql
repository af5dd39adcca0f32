-- What is on its way is few among all that ever was: it is found without walking the rest.
create index transfers_state on transfers (state, requested_at, id);
create index transfers_arriving on transfers (facility) where state in ('booked', 'underway');
