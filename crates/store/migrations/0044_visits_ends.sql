-- Visits whose time is over: asked for by every pass, of all that are kept.
create index visits_ends on visits ("to");
