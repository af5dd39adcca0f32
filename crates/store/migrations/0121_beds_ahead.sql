-- The moment from which the bed of a transfer takes people, where it was held ahead of the opening of its ward.
alter table transfers add column bed_from {instant};
create index transfers_bed_from on transfers (facility) where bed_from is not null;
