//! Harms to what is done for people: follow-up, investigations, beds and transfers.

use super::{Harm, harm};

pub const PEOPLE: &[Harm] = &[
    // follow-up
    harm(
        &["update followed set from_day = '2022-11-19', until_day = '2022-11-19' where id = 'F-P009-2022-11-20'"],
        &["follow.days"],
        "F-P009-2022-11-20: follow-up that runs, and its last day is over",
    ),
    harm(
        &["update followed set last_exposure = '2022-11-01' where id = 'F-P009-2022-11-20'"],
        &["follow.days"],
        "F-P009-2022-11-20: follow-up that counts from an exposure which is not the last one",
    ),
    harm(
        &["update followed set state = 'completed', seen = 1, last_seen = until_day, ended_on = until_day, ended_why = 'x'
             where id = 'F-P009-2022-11-20'"],
        &["follow.days"],
        "F-P009-2022-11-20: days on which somebody spoke to them are 0 by the log",
    ),
    harm(
        &["insert into follow_ups (key, person, at, channel, answer, symptoms, said_by, digest)
             select 'x', 'P009', min(collected_at), 'phone', 'reached', 'yes', 'w1', 0 from tubes"],
        &["follow.days"],
        "P009: somebody told of symptoms, and nobody tests them",
    ),
    // investigations
    harm(
        &["delete from contacts_declared where case_person = 'P001'"],
        &["investigations.answered"],
        "C20221120-P001: investigation that counts as under way, and nothing was answered",
    ),
    harm(
        &["insert into answers (key, case_person, question, version, answer, at, said_by, digest)
             select 'x', 'P001', 'shoe_size', 1, '42', min(collected_at), 'd1', 0 from tubes"],
        &["investigations.answered"],
        "x: answer to a version of a question that was never put",
    ),
    harm(
        &["insert into rounds (round, name, purpose, \"from\", \"to\", pool_size, digest, state, closed_at, log_seq)
             select 'R1', 'round', 'area_screening', min(collected_at), max(collected_at), 10, 0, 'closed', max(collected_at),
                 (select max(seq) from coverage_log) from tubes",
          "insert into round_scopes (round, kind, name) values ('R1', 'division', '500103')",
          "insert into round_counts (round, division, state, people) values ('R1', '500103013006', 'resulted', 1)"],
        &["rounds.counted"],
        "round R1 in 500103013006: recorded resulted 1, and the facts give",
    ),
    harm(
        &["insert into round_plans (round, made_at, people, sites, body) select 'R1', min(collected_at), 7, 0, '{}' from tubes"],
        &["rounds.planned"],
        "R1: plan of a round whose sites do not have its people",
    ),
    harm(
        &["update laboratories set tubes_a_day = 1 where laboratory = 'L1'",
          "update shipments set state = 'packed' where box = 'B-103'",
          "insert into allotments (box, division, laboratory, tubes, result_at, made_at)
             select box, division, 'L1', 2, packed_at, packed_at from shipments where box = 'B-103'"],
        &["rounds.planned"],
        "L1: laboratory that was given more tubes than it is validated for in a day",
    ),
    // beds, trips, transfers
    harm(
        &["drop index bed_stays_one",
          "insert into bed_stays (bed, transfer, held_at) select bed, 'M-C20221120-P001', held_at from bed_stays
           where transfer = 'M-C20221120-P041'"],
        &["beds.single"],
        "TH1-W1-1: bed with two open stays",
    ),
    harm(
        &["update beds set taken = 0 where bed = 'IS1-0101-1'"],
        &["beds.single"],
        "IS1-0101-1: bed that somebody has counts as free, or one that nobody has does not",
    ),
    harm(
        &["insert into phases (id, facility, ward, no, division, phase, from_at, account, said_at, reason)
             select 'IS1/1', 'IS1', '', 1, '500103', 'closed', min(collected_at), 'x', min(collected_at), 'x' from tubes",
          "update bed_stays set for_at = (select max(reported_at) from results) where bed = 'IS1-0101-1'"],
        &["beds.single"],
        "IS1-0101-1: bed was given in a ward that took nobody at that moment, by what had been said until then",
    ),
    harm(
        &["update transfers set bed_from = (select max(reported_at) from results) where id = 'M-C20221120-P055'"],
        &["transfers.booked"],
        "M-C20221120-P055: planned to arrive before its ward is open",
    ),
    harm(
        &["update bed_stays set bed = 'nowhere' where transfer = 'M-C20221120-P055'"],
        &["beds.single", "transfers.booked"],
        "nowhere: stay in a bed that does not exist",
    ),
    harm(
        &["drop index transfers_live",
          "update transfers set person_no = 1, person = 'P001' where id = 'M-C20221120-P055'"],
        &["trips.fit"],
        "P001: person on two live transfers",
    ),
    harm(
        &["update transfers set class = 'contact' where id = 'M-C20221120-P006'"],
        &["trips.fit", "transfers.booked"],
        "positives and contacts on one trip",
    ),
    harm(
        &["update vehicles set seats = 0, stretchers = 0, wheelchairs = 0 where vehicle = (select min(vehicle) from trips)"],
        &["trips.fit"],
        "more people on the trip than its vehicle has places",
    ),
    harm(
        &["update trips set people = people + 1 where id = (select min(id) from trips)"],
        &["trips.fit"],
        "trip does not carry as many people as it says",
    ),
    harm(
        &["update trips set vehicle = (select max(vehicle) from trips), departs_at = (select min(departs_at) from trips),
             ends_at = (select max(ends_at) from trips)"],
        &["trips.fit"],
        "vehicle is on another trip at the same time",
    ),
    harm(
        &["update transfers set bed = null where id = 'M-C20221120-P055'"],
        &["beds.single", "transfers.booked"],
        "bed is kept for nobody",
    ),
    harm(
        &["delete from seats where transfer = 'M-C20221120-P055'"],
        &["trips.fit", "transfers.booked"],
        "trip does not carry as many people",
    ),
    harm(
        &["update transfers set pickup_at = (select opened_at from days) where id = 'M-C20221120-P055'"],
        &["transfers.booked"],
        "M-C20221120-P055: the pick-up is before the request",
    ),
    harm(
        &["update orders set person_no = 80 where person = 'P042'"],
        &["transfers.booked"],
        "M-C20221120-P041-P042: person is still to be moved, and no order or case asks for it any more",
    ),
    harm(
        &["update transfers set admitted_at = pickup_at where id = 'M-C20221120-P055'"],
        &["transfers.booked"],
        "M-C20221120-P055: marked as admitted",
    ),
    harm(
        &["delete from handovers where person = 'P041' and step = 'admitted'"],
        &["transfers.booked"],
        "M-C20221120-P041: admission that no receiving site reported",
    ),
];
