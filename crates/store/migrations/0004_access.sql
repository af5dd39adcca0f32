-- Who works here, as what, since when, and what they looked at. No personal value stands in the chain of reads: an object
-- is a keyed hash of its id, and the key is kept outside the database.

create table accounts (
    id {text} primary key, login {text} not null unique, name {text} not null, language {text} not null,
    -- where the account belongs: who may administer it
    division {text} not null,
    -- argon2id; empty for those who sign in at an identity provider and for machines
    password {text},
    -- a password that somebody else made holds until then, and only to set another one
    password_until {instant},
    -- sealed; the pending one is being enrolled, and a code works once: the last step that was used stands beside it
    otp_secret {text}, otp_pending {text}, otp_step {whole} not null,
    state {text} not null, issuer {text}, subject {text}, created_at {instant} not null, changed_at {instant} not null
){strict};
create unique index accounts_subject on accounts (issuer, subject);
create index accounts_division on accounts (division);

create table duties (
    id {text} primary key, account {text} not null, role {text} not null, division {text} not null, site {text},
    granted_by {text} not null, "from" {instant} not null, until {instant}
){strict};
create index duties_account on duties (account);

-- Only the hash of a token is stored: who reads this table cannot use a session.
create table sessions (
    token {text} primary key, account {text} not null, duty {text}, kind {text} not null, standing {text} not null,
    csrf {text} not null, created_at {instant} not null, seen_at {instant} not null, expires_at {instant} not null,
    stepped_up_at {instant}, ended_at {instant}, ended_why {text}
){strict};
create index sessions_account on sessions (account);

-- Attempts that count against a limit, by keyed hash of a login, of a login at a site, or of a site.
create table attempts (
    subject {text} primary key, failures {whole} not null, last_at {instant} not null, blocked_until {instant}
){strict};

create table broken_glass (
    id {text} primary key, account {text} not null, role {text} not null, division {text} not null, person {text} not null,
    reason {text} not null, "from" {instant} not null, until {instant} not null, reviewed_by {text}, reviewed_at {instant},
    finding {text},
    check (until > "from")
){strict};
create index broken_glass_account on broken_glass (account, person);
create index broken_glass_open on broken_glass ("from") where reviewed_at is null;

-- Whom an account looked at and when last, for its budget of an hour.
create table readings (
    account {text} not null, object {text} not null, at {instant} not null, primary key (account, object)
){strict};
create index readings_recent on readings (account, at);

-- People looked at by the clock hour, kept for the data protection officer.
create table reading_hours (
    account {text} not null, hour {instant} not null, people {whole} not null, alerted_at {instant},
    primary key (account, hour)
){strict};

-- Records that nobody has a reason to open, by keyed hash.
create table canaries (
    object {text} primary key, note {text} not null, placed_by {text} not null, placed_at {instant} not null
){strict};

-- Which keys belong to this store: never a key, only a value by which the right one is recognised.
create table keys (
    purpose {text} not null, id {text} not null, algorithm {text} not null, recognised_by {text} not null,
    known_since {instant} not null, primary key (purpose, id)
){strict};

create table audit (
    seq {whole} primary key, at {instant} not null, account {text} not null, role {text} not null, division {text} not null,
    action {text} not null, kind {text} not null, object {text} not null, purpose {text} not null, outcome {text} not null,
    detail {text} not null, prev {text} not null, hash {text} not null
){strict};
create index audit_account on audit (account, at);
create index audit_object on audit (object, at);

create table audit_head (
    one {whole} primary key check (one = 1), seq {whole} not null, hash {text} not null
){strict};
insert into audit_head (one, seq, hash) values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
