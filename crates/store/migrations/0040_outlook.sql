-- Demand and capacity as they were last set beside each other: who waits, what the hours to come look like, which single change helps most.
-- Worked out beside the line; one row, replaced by the next. It holds counts and names nobody.
create table outlook (
    one {whole} primary key, at {instant} not null, digest {text} not null, body {text} not null
){strict};
