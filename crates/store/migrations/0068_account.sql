-- What was done to many at once is counted where everybody can read it (R16): which command, to how many, by which role, and nobody's name.
create table bulk_actions (
    no {whole} primary key, month {text} not null, command {text} not null, asked {whole} not null, done {whole} not null,
    role {text} not null, division {text} not null, at {instant} not null, check (asked > 0 and done >= 0 and done <= asked)
){strict};
create index bulk_actions_month on bulk_actions (month, command);
-- Names of those who came by an entry gate go when the purpose ends (R14): rows that still have one are found without walking the rest.
create index arrivals_named on arrivals (day) where name is not null or phone is not null;
create index landings_named on landings (day) where name is not null or phone is not null;
