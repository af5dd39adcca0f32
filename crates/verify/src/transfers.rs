//! Whether nothing scarce is given twice, and nobody travels into nothing: beds, seats and vehicles each hold one person
//! or ride at a time, classes never share a trip, whoever is booked has a bed, a trip, a seat and a pick-up, and what crews
//! reported has come to what it must.

use crate::{
    Finding, VerifyError,
    moment::Moment,
    rule::{Rule, finding},
    source::Source,
};

const BEDS: &[Rule] = &[
    Rule {
        wrong: "bed with two open stays",
        sql: "select bed from bed_stays where released_at is null group by bed having count(*) > 1",
    },
    Rule {
        wrong: "stay in a bed that does not exist",
        sql: "select s.bed from bed_stays s left join beds b on b.bed = s.bed where b.bed is null",
    },
    Rule {
        wrong: "bed is kept for nobody: its transfer has ended or does not exist, or names another bed",
        sql: "select s.bed from bed_stays s left join transfers t on t.id = s.transfer
                and t.state in ('requested', 'booked', 'underway', 'admitted') and t.bed = s.bed
              where s.released_at is null and t.id is null",
    },
    Rule {
        wrong: "bed was given in a ward that took nobody at that moment, by what had been said until then",
        sql: "select s.bed from bed_stays s join beds b on b.bed = s.bed
            where s.for_at is not null and (s.released_at is null or s.released_at >= s.for_at) and exists (select 1 from phases k
                where k.facility = b.facility and k.ward in ('', coalesce(b.room, '')) and k.said_at < s.for_at
                and coalesce(
                    (select p.phase from phases p where p.facility = k.facility and p.ward = k.ward and p.said_at < s.for_at
                        and p.from_at <= s.for_at and not exists (select 1 from phases q where q.facility = p.facility
                            and q.ward = p.ward and q.phase = p.phase and q.no > p.no and q.said_at < s.for_at)
                        order by p.from_at desc limit 1),
                    (select case when p.phase in ('draining', 'closed') then 'open' else 'planned' end from phases p
                        where p.facility = k.facility and p.ward = k.ward and p.said_at < s.for_at and p.from_at is not null
                        and not exists (select 1 from phases q where q.facility = p.facility
                            and q.ward = p.ward and q.phase = p.phase and q.no > p.no and q.said_at < s.for_at)
                        order by p.from_at limit 1), 'open') <> 'open')",
    },
    Rule {
        wrong: "bed that somebody has counts as free, or one that nobody has does not",
        sql: "select b.bed from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
              where (b.taken = 0) <> (s.bed is null)",
    },
    Rule { wrong: "bed was released before it was held", sql: "select bed from bed_stays where released_at < held_at" },
];

const TRIPS: &[Rule] = &[
    Rule {
        wrong: "person on two live transfers",
        sql: "select min(person) from transfers where state in ('requested', 'booked', 'underway', 'admitted')
              group by person_no having count(*) > 1",
    },
    Rule {
        // but for a case who is fetched at the site where they lie as a contact under the other id
        wrong: "a bed and a seat are booked for somebody who is known under another id and has them there",
        sql: "select t.id from transfers t join people p on p.no = t.person_no and p.merged_into is not null
              join people q on q.no = p.merged_into
              join transfers u on u.person_no = q.no and u.id not like '%-with-%' and t.id not like '%-with-%'
              where {open} = 0 and (t.state = 'booked' and u.state in ('booked', 'underway', 'admitted')
                      and not (t.class = 'positive' and u.class = 'contact' and u.state = 'admitted'
                          and t.reason like '%\"from\":\"' || u.facility || '\"%')
                  or u.state = 'booked' and t.state in ('booked', 'underway', 'admitted')
                      and not (u.class = 'positive' and t.class = 'contact' and t.state = 'admitted'
                          and u.reason like '%\"from\":\"' || t.facility || '\"%'))",
    },
    Rule {
        wrong: "seat given twice",
        sql: "select trip || ' seat ' || seat from seats group by trip, seat having count(*) > 1",
    },
    Rule {
        wrong: "transfer with two seats",
        sql: "select transfer from seats group by transfer having count(*) > 1",
    },
    Rule {
        wrong: "seat on a trip or for a transfer that does not exist",
        sql: "select s.trip || ' seat ' || s.seat from seats s left join trips r on r.id = s.trip
              left join transfers t on t.id = s.transfer where r.id is null or t.id is null",
    },
    Rule {
        wrong: "positives and contacts on one trip",
        sql: "select r.id from trips r join seats s on s.trip = r.id join transfers t on t.id = s.transfer
              where t.class <> r.class",
    },
    Rule {
        wrong: "trip does not carry as many people as it says",
        sql: "select r.id from trips r left join (select trip, count(*) as n from seats group by trip) s on s.trip = r.id
              where r.people <> coalesce(s.n, 0)",
    },
    Rule {
        wrong: "more people on the trip than its vehicle has places",
        sql: "select r.id from trips r left join vehicles v on v.vehicle = r.vehicle
              left join (select trip, count(*) as n from seats group by trip) s on s.trip = r.id
              where v.vehicle is null or coalesce(s.n, 0) > v.seats + coalesce(v.stretchers, 0) + coalesce(v.wheelchairs, 0)",
    },
    Rule {
        wrong: "vehicle is on another trip at the same time",
        sql: "select id from (select id, departs_at, max(ends_at) over (partition by vehicle order by departs_at, id
                rows between unbounded preceding and 1 preceding) as busy_until from trips where people > 0 or turned_at is not null) r where busy_until > departs_at",
    },
    Rule {
        wrong: "crew is on another trip at the same time",
        sql: "select id from (select id, departs_at, max(ends_at) over (partition by crew order by departs_at, id
                rows between unbounded preceding and 1 preceding) as busy_until from trips where people > 0 or turned_at is not null) r where busy_until > departs_at",
    },
];

const BOOKED: &[Rule] = &[
    Rule {
        // whoever is on the way when the order ends goes home, and holds no bed
        wrong: "transfer is booked or under way without a facility, a bed, a trip or a pick-up",
        sql: "select id from transfers where state in ('booked', 'underway')
              and (facility is null or bed is null and class <> 'home' or trip is null or pickup_at is null or arrive_at is null)
              and not (state = 'underway' and facility is null and bed is null and trip is not null
                and reason like '%\"stands\"%')",
    },
    Rule {
        wrong: "planned to arrive before its ward is open",
        sql: "select id from transfers where state = 'booked' and bed_from is not null and arrive_at < bed_from",
    },
    Rule {
        wrong: "its bed is not held for it, or stands in another facility",
        sql: "select t.id from transfers t left join bed_stays s on s.transfer = t.id and s.bed = t.bed and s.released_at is null
              left join beds b on b.bed = t.bed and b.facility = t.facility
              where t.state in ('booked', 'underway', 'admitted') and t.bed is not null and (s.bed is null or b.bed is null)",
    },
    Rule {
        wrong: "no seat is kept for it on its trip, or the trip does not exist",
        sql: "select t.id from transfers t left join seats s on s.transfer = t.id and s.trip = t.trip
              left join trips r on r.id = t.trip
              where t.state in ('booked', 'underway') and (s.trip is null or r.id is null)",
    },
    Rule {
        wrong: "the pick-up is before the request, after the arrival, or outside the trip",
        sql: "select t.id from transfers t left join trips r on r.id = t.trip
              where t.pickup_at < t.requested_at or t.arrive_at < t.pickup_at or t.pickup_at < r.departs_at
                 or t.arrive_at > r.ends_at",
    },
    Rule {
        wrong: "marked as admitted without a moment of admission (F12), or admitted and not marked so",
        sql: "select id from transfers where (state = 'admitted' and admitted_at is null)
              or (state in ('requested', 'booked', 'underway') and admitted_at is not null)",
    },
    Rule {
        // F12: nobody is ever marked as arrived without a confirmation
        wrong: "admission that no receiving site reported",
        sql: "select t.id from transfers t left join (select distinct person from handovers where step = 'admitted') h
              on h.person = t.person where t.admitted_at is not null and h.person is null",
    },
    Rule {
        // F12: whoever was moved twice in a day arrived twice
        wrong: "admission at a facility that the report of that moment does not name",
        sql: "select t.id from transfers t join handovers h on h.person = t.person and h.step = 'admitted' and h.at = t.admitted_at
              where h.facility <> t.facility",
    },
    Rule {
        wrong: "person still has to be moved, and nobody has to do it (worklists move and place)",
        sql: "select t.id from transfers t
              left join items m on m.worklist = 'move' and m.subject = t.subject and m.closed_at is null
              left join items p on p.worklist = 'place' and p.subject = t.id and p.closed_at is null
              where t.state in ('requested', 'booked', 'underway') and {open} = 0
                and case when t.class = 'positive' and t.id not like '%-with-%' and (t.state <> 'underway' or t.bed is not null)
                    then m.subject else p.subject end is null",
    },
    Rule {
        // R13: a decision that has ended leaves nothing behind; whoever accompanies somebody goes by the other's decision
        wrong: "person is still to be moved, and no order or case asks for it any more",
        sql: "select t.id from transfers t
              left join orders o on o.person_no = t.person_no and o.state in ('active', 'aside') and o.kind in ('central_isolation', 'hospital')
              left join cases c on c.id = t.subject and c.person_no = t.person_no and c.closed_on is null
              where t.state in ('requested', 'booked') and t.id not like '%-with-%' and t.class <> 'home' and o.id is null and c.id is null
                and {open} = 0",
    },
];

const REPORTED: &[Rule] = &[
    Rule {
        // what came too late to change anything, because the site had admitted the person, is no hand-over
        wrong: "report of a crew was taken, and nothing came of it",
        sql: "select r.record from trip_reports r left join transfers t on t.id = r.transfer
              where r.taken and not exists (select 1 from handovers h where h.person = r.person and h.step = r.step)
                and t.admitted_at is null",
    },
    Rule {
        wrong: "report of a crew about another person than its transfer's, or about a transfer that does not exist",
        sql: "select r.record from trip_reports r left join transfers t on t.id = r.transfer and t.person = r.person where t.id is null",
    },
    Rule {
        // R08: said at the door or on the way, it has the clock of an emergency
        wrong: "a crew reported that symptoms got worse, and no emergency was opened",
        sql: "select r.record from trip_reports r join transfers t on t.id = r.transfer
              where r.taken and r.step = 'worse' and t.admitted_at is null
                and not exists (select 1 from requests q where q.kind = 'emergency' and q.request like 'E-' || r.transfer || '-%')",
    },
    Rule {
        // nobody is where a vehicle is: the word of a crew that it handed somebody over is no admission (F12)
        wrong: "handed over by a crew, and nobody reported it",
        sql: "select t.id from transfers t where t.handed_over_at is not null
              and not exists (select 1 from handovers h where h.person = t.person and h.step = 'handed_over')",
    },
];

pub(crate) async fn check(source: &mut Source, moment: &Moment) -> Result<[Finding; 4], VerifyError> {
    Ok([
        finding(source, moment, "beds.single", "select count(*) from bed_stays", BEDS).await?,
        finding(source, moment, "trips.fit", "select count(*) from trips", TRIPS).await?,
        finding(source, moment, "transfers.booked", "select count(*) from transfers", BOOKED).await?,
        finding(source, moment, "trips.reported", "select count(*) from trip_reports", REPORTED).await?,
    ])
}
