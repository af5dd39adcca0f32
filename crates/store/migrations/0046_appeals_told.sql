-- Whoever appeals without an account follows it by a secret, of which only a hash is kept. A measure may be suspended until it is decided.
alter table appeals add column secret_hash {text};
create unique index appeals_secret on appeals (secret_hash) where secret_hash is not null;
alter table appeals add column suspended_at {instant};
alter table appeals add column suspended_by {text};
alter table appeals add column relief {text};
alter table appeals add column outside_at {instant};
create index appeals_subject on appeals (subject);
