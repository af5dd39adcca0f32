-- Tubes that were filled at a site and sent later, from a phone or from a sheet of paper: under the id that the record was given
-- where it was made, so that it is taken once for ever; who sampled, when it was closed and how well that is known.
create table site_tubes (
    record {text} primary key, tube_no {whole} not null, division {text} not null, account {text} not null, round {text},
    people {whole} not null, collected_at {instant} not null, received_at {instant} not null, within_s {whole} not null,
    how {text} not null, digest {text} not null,
    check (people > 0 and within_s >= 0 and collected_at <= received_at)
){strict};
create index site_tubes_tube on site_tubes (tube_no);
