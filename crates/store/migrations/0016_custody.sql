-- Chain of custody. What was said (packings, hand-overs, words on single tubes) is append-only; what follows from it (where each
-- tube, box and run stands) is worked out anew by name whenever something was said, and never counted up.

create table packings (
    key {text} primary key, box {text} not null, tube_no {whole} not null, at {instant} not null, said_by {text} not null,
    division {text} not null, digest {whole} not null
){strict};
create index packings_box on packings (box);
create index packings_tube on packings (tube_no);

create table box_moves (
    key {text} primary key, box {text} not null, step {text} not null, at {instant} not null, division {text} not null,
    laboratory {text} not null, run {text}, courier {text}, counted {whole}, said_by {text} not null, note {text},
    digest {whole} not null
){strict};
create index box_moves_box on box_moves (box);

create table box_checks (
    key {text} primary key, box {text} not null, tube_no {whole} not null, found {text} not null, at {instant} not null,
    laboratory {text} not null, said_by {text} not null, note {text}, division {text} not null, digest {whole} not null
){strict};
create index box_checks_box on box_checks (box);
create index box_checks_tube on box_checks (tube_no);

-- Where each tube of a box is. Those that no laboratory will ever answer for are few, and asked for by everybody who counts.
create table custody (
    tube_no {whole} primary key, box {text} not null, division {text} not null, state {text} not null, at {instant} not null,
    laboratory {text}, sent_at {instant}, received_at {instant}
){strict};
create index custody_box on custody (box, state);
create index custody_lost on custody (tube_no) where state in ('missing', 'broken');

-- Where each box is: tubes = packed + underway + received + missing + broken.
create table shipments (
    box {text} primary key, division {text} not null, site {text}, state {text} not null, laboratory {text}, run {text},
    packed_at {instant}, sent_at {instant}, received_at {instant}, soon_at {instant}, due_at {instant},
    counted_sent {whole}, counted_received {whole}, tubes {whole} not null, packed {whole} not null, underway {whole} not null,
    received {whole} not null, missing {whole} not null, broken {whole} not null, facts {whole} not null
){strict};
create index shipments_packed on shipments (packed_at, box);
create index shipments_district on shipments (substr(division, 1, 6), packed_at, box);
create index shipments_division on shipments (division);
create index shipments_due on shipments (coalesce(due_at, {far}), box);
create index shipments_laboratory on shipments (laboratory, packed_at);
create index shipments_run on shipments (run, division);

create table courier_runs (
    run {text} not null, division {text} not null, sent_at {instant}, due_at {instant}, boxes {whole} not null, open {whole} not null,
    tubes {whole} not null, underway {whole} not null, received {whole} not null, missing {whole} not null, broken {whole} not null,
    primary key (run, division)
){strict};
create index courier_runs_sent on courier_runs (sent_at, run, division);
create index courier_runs_district on courier_runs (substr(division, 1, 6), sent_at, run, division);
create index courier_runs_division on courier_runs (division);
