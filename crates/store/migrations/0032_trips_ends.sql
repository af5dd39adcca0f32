-- Trips that are not over: asked for by every plan, of all the trips that ever were.
create index trips_ends on trips (ends_at);
