-- Which carriers the plan that left a parcel could count on, as one number of their rows: a new row is looked at at once.
alter table not_carried add column carriers {whole};
