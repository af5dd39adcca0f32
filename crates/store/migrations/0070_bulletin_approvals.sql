-- Two people other than whoever drafted an edition say that it may go out; none is published without them.
alter table bulletins add column drafted_by {text};
create table bulletin_approvals (
    day {day} not null, edition {whole} not null, account {text} not null, at {instant} not null, primary key (day, edition, account)
){strict};
