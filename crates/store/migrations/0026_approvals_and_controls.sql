-- Rounds that the rules refused and that somebody else let go ahead, with the reason; append-only.
create table round_approvals (
    round {text} primary key, "by" {text} not null, at {instant} not null, clause {text} not null, reason {text} not null
){strict};

-- Ct of the internal control of a tube: without one, or with one that is copied, nobody was sampled.
alter table results add column ct_ic {real};
