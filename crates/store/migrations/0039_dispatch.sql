-- What dispatchers said of somebody's transfer: a vehicle or a place chosen or ruled out, or that they go first. A word that frees lifts all
-- before it. A word is never changed: another one is added.
create table directions (
    id {text} primary key, transfer {text} not null, no {whole} not null, division {text} not null, word {text} not null,
    facility {text}, vehicle {text}, account {text} not null, at {instant} not null, reason {text} not null,
    check (word in ('first', 'free') or facility is not null or vehicle is not null)
){strict};
create unique index directions_transfer on directions (transfer, no);
-- From what all transfers were planned together last, whom it concerned, and what it brought: minutes of waiting and riding until arrival,
-- weighted, of the plan before and after.
create table dispatched (
    one {whole} primary key, at {instant} not null, digest {text} not null, people {whole} not null, changed {whole} not null,
    waiting {whole} not null, before_min {real} not null, after_min {real} not null
){strict};
