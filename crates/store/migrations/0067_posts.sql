-- Who holds the keys of a confined building, day and night, and who looks after one without a property manager (R10). Named again and again;
-- the latest word counts, and none is changed.
create table posts (
    building {text} not null, post {text} not null, no {whole} not null, holder {text} not null, phone {text} not null,
    division {text} not null, account {text} not null, at {instant} not null, primary key (building, post, no),
    check (trim(holder) <> '' and trim(phone) <> '')
){strict};
