//! The board of means in the situation room: what there is, what the days ahead take, when a shortage is probable and by when somebody
//! must decide. Demand is that of the situation, free beds and who waits are those of the outlook of capacity: nothing is worked out
//! here. What nobody told, and what a duty may not see, is shown so.

use super::Tile;
use crate::{
    app::App,
    pages::{
        field::{
            rows::{Look, Of},
            transfers,
        },
        frame::{Frame, Visit, moment, short_day},
    },
    problem::Problem,
};
use dayclear_core::{
    divisions::Level,
    listing::{BEDS, FACILITIES},
    situation::{NeedDay, Needed, Situation},
    time::{CivilDate, Instant},
    transfer::{FacilityKind, RideClass},
};
use dayclear_ops::dispatch::capacity::{self, Outlook};
use dayclear_papers::situation::{called, share, whole};
use std::collections::BTreeMap;

/// Days ahead that the board tells of, of those that the forecast has.
const TOLD_DAYS: [usize; 4] = [1, 3, 7, 14];

/// Free beds of a kind of places.
#[derive(Clone, Copy, Default)]
pub struct Free {
    /// Now.
    now: i64,
    /// Of them equipped for severe cases; none where it is not told apart.
    severe: Option<i64>,
    /// The fewest in the hours that are looked ahead.
    least: i64,
}

/// What is there now, as far as the duty sees it.
#[derive(Default)]
pub struct Means {
    /// When it was worked out.
    at: Option<Instant>,
    /// Free beds by kind; none where the duty sees no beds, or nothing was worked out.
    free: Option<BTreeMap<FacilityKind, Free>>,
    /// Positives who have not arrived, and of them those without a seat.
    waiting: Option<(usize, usize)>,
}

/// Reads what is there now for the city or a district.
pub async fn means(tx: &mut Look<'_>, visit: &Visit, told: &Situation) -> Result<Means, Problem> {
    let role = visit.caller.looker.duty.role;
    let Some((at, outlook)) = capacity::last(tx).await? else { return Ok(Means::default()) };
    let free = match [&BEDS, &FACILITIES].iter().all(|listing| listing.readable_by(role)) {
        true => Some(free(tx, &outlook, told).await?),
        false => None,
    };
    let waiting = transfers::capacity::is_for(role).then(|| {
        let own = outlook.waits.iter().filter(|waits| waits.class == RideClass::Positive);
        own.filter(|waits| waits.district.starts_with(told.division.as_str())).fold((0, 0), |(all, without), waits| {
            (all + waits.without + waits.booked + waits.underway, without + waits.without)
        })
    });
    Ok(Means { at: Some(at), free, waiting })
}

async fn free(tx: &mut Look<'_>, outlook: &Outlook, told: &Situation) -> Result<BTreeMap<FacilityKind, Free>, Problem> {
    let mut all: BTreeMap<FacilityKind, (Vec<i64>, Option<i64>)> = BTreeMap::new();
    let add = |sum: &mut Vec<i64>, free: &[i64]| {
        sum.resize(sum.len().max(free.len()), 0);
        sum.iter_mut().zip(free).for_each(|(sum, n)| *sum += n);
    };
    if told.level == Level::City {
        for class in &outlook.ahead.classes {
            let (sum, severe) = all.entry(class.kind).or_default();
            add(sum, &class.free);
            if class.severe {
                *severe = Some(severe.unwrap_or(0) + class.free.first().copied().unwrap_or(0));
            }
        }
    } else {
        // of a district those of its own places
        for row in &tx.all(&FACILITIES, &[("limit", "500")]).await? {
            let row = Of { listing: &FACILITIES, row };
            let (Some(id), Some(division)) = (row.text("facility"), row.text("division")) else { continue };
            let Some(kind) = row.text("kind").and_then(|kind| kind.parse::<FacilityKind>().ok()) else { continue };
            let place = outlook.ahead.places.iter().find(|place| place.facility == id);
            if let Some(place) = place.filter(|_| division.starts_with(told.division.as_str())) {
                add(&mut all.entry(kind).or_default().0, &place.free);
            }
        }
    }
    let one = |(kind, (sum, severe)): (FacilityKind, (Vec<i64>, Option<i64>))| {
        let (now, least) = (sum.first().copied().unwrap_or(0), sum.iter().copied().min().unwrap_or(0));
        (kind, Free { now, severe, least })
    };
    Ok(all.into_iter().map(one).collect())
}

/// A line of the board.
pub struct Line {
    /// What it is of.
    pub what: String,
    /// Whether share and stay are those that were seen here.
    pub own: bool,
    /// Free now, and what must be said with it.
    pub free: String,
    /// See above.
    pub more: Vec<String>,
    /// What there is on the next day.
    pub have: String,
    /// Needed on the days that are told: in the middle, and how much it may be.
    pub needed: Vec<(String, String)>,
    /// The probability that it is too little, on the worst day.
    pub short: String,
    /// The first day on which a shortage is probable.
    pub from: String,
    /// The latest day to decide.
    pub by: String,
    /// Whether something must be decided, and whether that day has passed.
    pub bad: bool,
    /// See above.
    pub late: bool,
}

/// The board.
pub struct Board {
    /// What it tells, with the risk that is accepted.
    pub said: String,
    /// As of when free beds are.
    pub free_at: Option<String>,
    /// Headers of the days.
    pub days: Vec<String>,
    /// Lines.
    pub lines: Vec<Line>,
}

/// The board of a place.
pub fn board(app: &App, frame: &Frame, told: &Situation, means: &Means) -> Board {
    let lang = frame.lang;
    let needs = &told.ahead.needs;
    let risk = needs.first().map_or(0.0, |needed| needed.risk);
    let days = needs.first().map(|needed| told_days(needed)).unwrap_or_default();
    let head = |day: &NeedDay| frame.w.get("board-needed", &[("day", short_day(app, lang, day.day).into())]);
    Board {
        said: frame.w.get("board-said", &[("risk", share(lang, risk).into())]),
        free_at: means
            .at
            .filter(|_| means.free.is_some())
            .map(|at| frame.w.get("board-free-at", &[("at", moment(app, lang, at).into())])),
        days: days.into_iter().map(head).collect(),
        lines: needs.iter().map(|needed| line(app, frame, needed, means)).collect(),
    }
}

fn told_days(needed: &Needed) -> Vec<&NeedDay> {
    TOLD_DAYS.iter().filter_map(|ahead| needed.days.get(ahead - 1)).collect()
}

fn line(app: &App, frame: &Frame, needed: &Needed, means: &Means) -> Line {
    let lang = frame.lang;
    let unknown = || frame.say("not-known");
    let free = needed.beds_of.and_then(|kind| Some(means.free.as_ref()?.get(&kind).copied().unwrap_or_default()));
    let count = |key: &str, n: i64| frame.w.get(key, &[("count", lang.signed(n).into())]);
    let more = free.into_iter().flat_map(|free| {
        let severe = free.severe.map(|severe| count("board-severe", severe));
        severe.into_iter().chain([count("board-least", free.least)])
    });
    let needed_on = |day: &&NeedDay| {
        let high = frame.w.get("board-up-to", &[("high", whole(lang, day.high).into())]);
        (whole(lang, day.median), high)
    };
    let day = |day: CivilDate| short_day(app, lang, day);
    let known = needed.days.iter().all(|day| day.have.is_some());
    let worst = needed.days.iter().filter_map(|day| day.short).max_by(f64::total_cmp);
    Line {
        what: called(frame.w, needed),
        own: needed.own_share || needed.own_stay,
        free: match (free, needed.beds_of, &means.free) {
            (Some(free), ..) => lang.signed(free.now),
            (None, Some(_), None) if means.at.is_some() => frame.say("not-shown"),
            (None, Some(_), _) => unknown(),
            // what is no bed is counted by the day, and not by what is free at a moment
            (None, None, _) => "–".to_owned(),
        },
        more: more.collect(),
        have: match needed.days.first().and_then(|day| day.have) {
            Some(have) => whole(lang, have),
            None => unknown(),
        },
        needed: told_days(needed).iter().map(needed_on).collect(),
        short: worst.map_or_else(unknown, |short| share(lang, short)),
        from: match (&needed.decide, known) {
            (Some(decide), _) => day(decide.first_short),
            (None, true) => frame.say("board-enough"),
            (None, false) => unknown(),
        },
        by: needed.decide.map_or_else(|| "–".to_owned(), |decide| day(decide.by)),
        bad: needed.decide.is_some(),
        late: needed.decide.is_some_and(|decide| decide.by < frame.today),
    }
}

/// The figures of the board in large, for a wall: who waits for a bed, and free beds by kind.
pub fn tiles(frame: &Frame, means: &Means) -> Vec<Tile> {
    let lang = frame.lang;
    let waiting = means.waiting.map(|(all, without)| Tile {
        word: frame.say("board-waiting"),
        value: lang.number(all as u64),
        about: vec![frame.w.get("board-waiting-said", &[("count", lang.number(without as u64).into())])],
    });
    let free = means.free.as_ref().map(|free| Tile {
        word: frame.say("board-free-beds"),
        value: lang.signed(free.values().map(|free| free.now).sum()),
        about: free
            .iter()
            .map(|(kind, free)| {
                format!("{}{}{}", frame.w.term(*kind), frame.say("document-colon"), lang.signed(free.now))
            })
            .collect(),
    });
    waiting.into_iter().chain(free).collect()
}
