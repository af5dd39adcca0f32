//! The books: each hop of the line with its differences, each worklist's line with its sum and the way to what is carried
//! over by name, and the chain of signatures. The open day stands there as it would close now, with the command that signs it.

use super::{
    accounts,
    acts::{Act, act_named},
    frame::{Frame, Visit, moment, render},
    reading::{Reading, day, number, text},
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    books::{Balance, Hop, Worklist},
    divisions::DivisionCode,
    listing::{CARRIED, Cell, DAYS, EVENTS, HOPS, ITEMS, LEDGER, Row},
    time::CivilDate,
};
use dayclear_ops::{books, minutes::Day};
use std::sync::Arc;

/// A day in the list of days.
pub struct DayLine {
    /// Day.
    pub day: String,
    /// Written out.
    pub date: String,
    /// Whether it is closed.
    pub closed: bool,
    /// When it was signed.
    pub signed_at: String,
    /// Signature.
    pub signature: String,
    /// Whether it names the signature of the day before it in this list, where that is here.
    pub chained: Option<bool>,
}

#[derive(Template)]
#[template(path = "books.html")]
struct BooksPage {
    frame: Frame,
    days: Vec<DayLine>,
    next: Option<String>,
}

fn day_line(app: &App, frame: &Frame, row: &Row) -> DayLine {
    let signed = super::reading::at(&DAYS, row, "closed_at");
    let day = day(&DAYS, row, "day");
    DayLine {
        day: day.map(|day| day.to_string()).unwrap_or_default(),
        date: day.map(|day| frame.lang.date(day)).unwrap_or_default(),
        closed: signed.is_some(),
        signed_at: signed.map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
        signature: text(&DAYS, row, "signature").to_owned(),
        chained: None,
    }
}

/// `GET /books`.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    axum::extract::Query(given): axum::extract::Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    const DAYS_SHOWN: usize = 31;
    if !DAYS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let frame = &visit.frame;
    let mut reading = Reading::begin(&app, &visit).await?;
    let before = given.iter().find(|(name, _)| name == "before").map_or("", |(_, day)| day.as_str());
    let found = reading.rows(&DAYS, &[("day.to", before)], DAYS_SHOWN).await?;
    reading.finish().await?;
    let mut days: Vec<DayLine> = found.rows.iter().map(|row| day_line(&app, frame, row)).collect();
    for (at, row) in found.rows.iter().enumerate() {
        let previous = text(&DAYS, row, "previous");
        let earlier = found.rows.get(at + 1).map(|row| text(&DAYS, row, "signature"));
        days[at].chained = earlier.filter(|_| days[at].closed).map(|signature| signature == previous);
    }
    let next = found.more.then(|| days.last().map(|day| format!("/books?before={}", day.day))).flatten();
    let title = frame.say("nav-books");
    render(&BooksPage { days, next, frame: visit.frame.titled(title, &[]) })
}

/// A line of the ledger: the sum and whether it is true.
pub struct SumLine {
    /// Worklist or division.
    pub word: String,
    /// Where it leads.
    pub path: Option<String>,
    /// Opening, received, completed, cancelled, closing, overdue.
    pub numbers: [String; 6],
    /// By how much the count differs from the flow; `None`: it agrees.
    pub differs: Option<String>,
}

/// A worklist with its districts.
pub struct ListLine {
    /// The sum of all.
    pub sum: SumLine,
    /// What is carried over: how many, and where they stand by name, for those who may see them.
    pub carried: Option<(String, String)>,
    /// By district.
    pub parts: Vec<SumLine>,
}

/// A hop with its districts.
pub struct HopLine {
    /// Name.
    pub word: String,
    /// Sent, received, missing.
    pub numbers: [String; 3],
    /// By how much it differs; `None`: it agrees.
    pub differs: Option<String>,
    /// Where it is open or differs: place, sent, received, missing, whether it agrees.
    pub parts: Vec<(String, [String; 3], bool)>,
}

#[derive(Template)]
#[template(path = "day.html")]
struct DayPage {
    frame: Frame,
    day: String,
    line: DayLine,
    previous: String,
    digest: String,
    events_upto: String,
    /// Who signed it, for those who read the chain.
    signed_by: Option<String>,
    hops: Vec<HopLine>,
    lists: Vec<ListLine>,
    wrong: Vec<String>,
    sign: Option<Act>,
}

/// The books of a day, as frozen or as they stand.
struct Books {
    ledger: Vec<Balance>,
    hops: Vec<Hop>,
}

fn count(listing: &dayclear_core::listing::Listing, row: &Row, field: &str) -> u64 {
    u64::try_from(number(listing, row, field)).unwrap_or_default()
}

async fn frozen(reading: &mut Reading<'_>, day: &str) -> Result<Books, Problem> {
    let asked = [("day", day)];
    let mut books = Books { ledger: Vec::new(), hops: Vec::new() };
    for row in reading.all(&LEDGER, &asked).await? {
        let (Ok(worklist), Ok(division)) =
            (text(&LEDGER, &row, "worklist").parse(), text(&LEDGER, &row, "division").parse::<DivisionCode>())
        else {
            continue;
        };
        let n = |field| count(&LEDGER, &row, field);
        books.ledger.push(Balance {
            worklist,
            division,
            opening: n("opening"),
            received: n("received"),
            completed: n("completed"),
            cancelled: n("cancelled"),
            closing: n("closing"),
            overdue: n("overdue"),
        });
    }
    for row in reading.all(&HOPS, &asked).await? {
        let Ok(division) = text(&HOPS, &row, "division").parse() else { continue };
        let n = |field| count(&HOPS, &row, field);
        let name = text(&HOPS, &row, "name").to_owned();
        books.hops.push(Hop { name, division, sent: n("sent"), received: n("received"), missing: n("missing") });
    }
    Ok(books)
}

/// The books of the open day as they would close now, for the places of the duty.
async fn as_of_now(app: &App, visit: &Visit, reading: &mut Reading<'_>, date: CivilDate) -> Result<Books, Problem> {
    let packs = &app.setup.packs;
    let pack = packs.named(&app.setup.pack).or_else(|| packs.in_force(&app.setup.pack, date));
    let Some(pack) = pack else { return Ok(Books { ledger: Vec::new(), hops: Vec::new() }) };
    let day = Day { end: app.now(), ..Day::whole(date, pack, &app.setup.settings) };
    let mut ledger = books::ledger(&mut reading.tx, &day).await?;
    let place = &visit.caller.looker.duty.division;
    ledger.retain(|balance| place.contains(&balance.division));
    let hops = books::hops(&ledger);
    Ok(Books { ledger, hops })
}

fn differs(frame: &Frame, by: i64) -> Option<String> {
    (by != 0).then(|| frame.w.get("books-differs", &[("count", frame.lang.signed(by).into())]))
}

fn sum_line(frame: &Frame, word: String, path: Option<String>, balance: &Balance) -> SumLine {
    let b = balance;
    let numbers = [b.opening, b.received, b.completed, b.cancelled, b.closing, b.overdue].map(|n| frame.lang.number(n));
    SumLine { word, path, numbers, differs: differs(frame, b.closing as i64 - b.expected()) }
}

fn lists(app: &App, visit: &Visit, books: &Books, day: &DayLine) -> Vec<ListLine> {
    let frame = &visit.frame;
    let role = visit.caller.looker.duty.role;
    let open = !day.closed;
    let can_list = ITEMS.readable_by(role);
    let mut lines = Vec::new();
    for worklist in Worklist::ALL {
        let parts: Vec<&Balance> = books.ledger.iter().filter(|b| b.worklist == *worklist).collect();
        if parts.is_empty() {
            continue;
        }
        let mut sum = Balance::empty(*worklist, visit.caller.looker.duty.division.clone());
        for b in &parts {
            sum.opening += b.opening;
            sum.received += b.received;
            sum.completed += b.completed;
            sum.cancelled += b.cancelled;
            sum.closing += b.closing;
            sum.overdue += b.overdue;
        }
        let path = |division: Option<&DivisionCode>| {
            let division = division.map(|division| format!("&division={division}")).unwrap_or_default();
            (open && can_list).then(|| format!("/items?worklist={worklist}&open=true{division}"))
        };
        let word = frame.w.term(*worklist);
        let count = [("count", frame.lang.number(sum.closing).into())];
        let carried = match open {
            true => path(None).map(|path| (frame.w.get("books-would-carry", &count), path)),
            false => CARRIED.readable_by(role).then(|| {
                (frame.w.get("books-carried", &count), format!("/carried?day={}&worklist={worklist}", day.day))
            }),
        };
        let carried = carried.filter(|_| sum.closing > 0);
        let place =
            |b: &Balance| sum_line(frame, app.place_name(b.division.as_str(), frame.lang), path(Some(&b.division)), b);
        lines.push(ListLine {
            sum: sum_line(frame, word, path(None), &sum),
            carried,
            parts: if parts.len() > 1 { parts.iter().map(|b| place(b)).collect() } else { Vec::new() },
        });
    }
    lines
}

fn hop_lines(app: &App, frame: &Frame, books: &Books) -> Vec<HopLine> {
    let mut lines = Vec::new();
    for name in dayclear_papers::keys::HOPS {
        let parts: Vec<&Hop> = books.hops.iter().filter(|hop| hop.name == *name).collect();
        if parts.is_empty() {
            continue;
        }
        let mut sum = [0u64; 3];
        let mut off = 0i64;
        for hop in &parts {
            for (sum, n) in sum.iter_mut().zip([hop.sent, hop.received, hop.missing]) {
                *sum += n;
            }
            off += (hop.sent as i64 - hop.received as i64 - hop.missing as i64).abs();
        }
        let numbers = |n: [u64; 3]| n.map(|n| frame.lang.number(n));
        let told = parts.iter().filter(|hop| hop.missing > 0 || !hop.reconciles());
        lines.push(HopLine {
            word: frame.w.given("hop", name),
            numbers: numbers(sum),
            differs: differs(frame, off),
            parts: told
                .map(|hop| {
                    let place = app.place_name(hop.division.as_str(), frame.lang);
                    (place, numbers([hop.sent, hop.received, hop.missing]), hop.reconciles())
                })
                .collect(),
        });
    }
    lines
}

/// What does not add up, in words: it keeps the day from being signed.
fn wrong(app: &App, frame: &Frame, books: &Books) -> Vec<String> {
    let place = |division: &DivisionCode| app.place_name(division.as_str(), frame.lang);
    let number = |n: u64| frame.lang.number(n);
    let lists = books.ledger.iter().filter(|b| !b.balances()).map(|b| {
        let said = [
            ("worklist", frame.w.term(b.worklist).into()),
            ("place", place(&b.division).into()),
            ("flow", frame.lang.signed(b.expected()).into()),
            ("counted", number(b.closing).into()),
        ];
        frame.w.get("books-wrong-list", &said)
    });
    let hops = books.hops.iter().filter(|hop| !hop.reconciles()).map(|hop| {
        let said = [
            ("hop", frame.w.given("hop", &hop.name).into()),
            ("place", place(&hop.division).into()),
            ("sent", number(hop.sent).into()),
            ("received", number(hop.received).into()),
            ("missing", number(hop.missing).into()),
        ];
        frame.w.get("books-wrong-hop", &said)
    });
    lists.chain(hops).collect()
}

/// `GET /books/DAY`.
pub async fn day_page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let frame = &visit.frame;
    let date: CivilDate = key.parse().map_err(|_| Problem::unknown())?;
    let mut reading = Reading::begin(&app, &visit).await?;
    let row = reading.record(&DAYS, &key).await?.ok_or_else(Problem::unknown)?;
    let line = day_line(&app, frame, &row);
    let books = match line.closed {
        true => frozen(&mut reading, &key).await?,
        false => as_of_now(&app, &visit, &mut reading, date).await?,
    };
    let signed = match line.closed {
        true => reading.rows(&EVENTS, &[("kind", "day.signed"), ("subject", &key)], 1).await?.rows,
        false => Vec::new(),
    };
    reading.finish().await?;
    let open = !line.closed;
    let title = line.date.clone();
    let steps = [(frame.say("nav-books"), "/books")];
    let page = DayPage {
        previous: text(&DAYS, &row, "previous").to_owned(),
        digest: text(&DAYS, &row, "ledger_digest").to_owned(),
        events_upto: match row.get(&DAYS, "events_upto") {
            Cell::Whole(seq) => frame.lang.signed(*seq),
            _ => String::new(),
        },
        signed_by: signed.first().map(|row| accounts::said(&app, frame, text(&EVENTS, row, "actor"))),
        hops: hop_lines(&app, frame, &books),
        lists: lists(&app, &visit, &books, &line),
        wrong: wrong(&app, frame, &books),
        sign: if open { act_named(&visit, &DAYS, "sign") } else { None },
        day: key,
        line,
        frame: visit.frame.titled(title, &steps),
    };
    render(&page)
}
