-- Communities free of the epidemic by the rule, as they were looked at last; and each change, for ever.
create table free_communities (
    division {text} primary key, free {truth} not null, state {text} not null, since {day} not null, last_community_on {day},
    recalls {whole} not null, areas {whole} not null, waiting_contacts {whole} not null, round {text}, reached {whole}, people {whole},
    clean_days {whole} not null, coverage {whole} not null, day {day} not null, seq {whole} not null, reason {text} not null,
    check (free = (state = 'free'))
){strict};
create table free_changes (
    id {text} primary key, division {text} not null, no {whole} not null, day {day} not null, at {instant} not null,
    free {truth} not null, state {text} not null, reason {text} not null, unique (division, no)
){strict};
create index free_changes_day on free_changes (day, id);
