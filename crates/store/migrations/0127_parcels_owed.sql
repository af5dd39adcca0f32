-- What a depot owes is looked at in every pass: by depot and day, of parcels that are at no door yet.
create index parcels_owed on parcels (depot, day) where delivered_at is null;
