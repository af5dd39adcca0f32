-- Bar codes that were given to two tubes: nobody knows which of them a result speaks of. The first tube is in `tubes`; here is
-- the place of the second, so that its people can be named there, and when it was closed.
create table tubes_doubled (
    tube_no {whole} not null, division {text} not null, collected_at {instant} not null, primary key (tube_no, division, collected_at)
){strict};
