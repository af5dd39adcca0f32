//! The bulletin at the desk: its editions, a preview as it will be printed, its checks, and the commands that publish or
//! correct it. An edition is never changed: a correction is another edition that says what it corrects.

use super::{
    acts::{Act, act_named},
    frame::{Frame, Visit, moment, render},
    public::Kind,
    reading::{Reading, at, day, number, text},
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use dayclear_core::{
    access::Role,
    bulletin::{APPROVALS, Bulletin, Deed, EditionState, Standing},
    listing::{BULLETINS, Cell, Row},
};
use dayclear_papers::{Lang, bulletin_html};
use std::{collections::BTreeMap, sync::Arc};

/// The page of an edition brings its own style and nothing else, and stands in a frame of our own pages only.
const PAPER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// An edition.
pub struct Edition {
    /// Key.
    pub key: String,
    /// Number.
    pub edition: String,
    /// When it was published; empty: not yet.
    pub published_at: String,
    /// Who did.
    pub published_by: String,
    /// Number of the edition that it supersedes.
    pub supersedes: String,
    /// Number of the edition that supersedes it.
    pub superseded_by: String,
    /// What it corrects.
    pub correction: String,
    /// Figures that are told first: word and value.
    pub figures: Vec<(String, String)>,
    /// Who drafted and approved it, in words.
    pub by: Vec<String>,
    standing: Standing,
}

impl Edition {
    /// Whether it is published.
    pub fn published(&self) -> bool {
        self.standing.published
    }
    /// Whether enough others approved it.
    pub fn approved(&self) -> bool {
        self.standing.state() == EditionState::Approved
    }
}

/// The editions of a day, the latest first.
pub struct Issue {
    /// Day.
    pub day: String,
    /// Written out.
    pub date: String,
    /// Editions.
    pub editions: Vec<Edition>,
}

#[derive(Template)]
#[template(path = "bulletins.html")]
struct BulletinsPage {
    frame: Frame,
    issues: Vec<Issue>,
}

#[derive(Template)]
#[template(path = "bulletin-desk.html")]
struct BulletinPage {
    frame: Frame,
    path: String,
    day: String,
    edition: Edition,
    others: Vec<Edition>,
    checks: Vec<(String, String, String, Option<bool>)>,
    languages: [(&'static str, &'static str, bool); 3],
    shown: Lang,
    /// What may be done with it now, each with what is said before.
    acts: Vec<(Act, String)>,
    correct: bool,
    step_up: bool,
}

fn edition(app: &App, frame: &Frame, row: &Row) -> Edition {
    let whole = |field| match row.get(&BULLETINS, field) {
        Cell::Whole(number) => number.to_string(),
        _ => String::new(),
    };
    let count = |n: Option<u64>| frame.w.count(n);
    let figures = body(row).map(|bulletin| {
        vec![
            (frame.say("bulletin-desk-confirmed"), count(bulletin.confirmed)),
            (frame.say("bulletin-desk-asymptomatic"), count(bulletin.asymptomatic)),
            (frame.say("bulletin-desk-community"), count(bulletin.community)),
        ]
    });
    let account = |field| text(&BULLETINS, row, field).to_owned();
    let standing = Standing {
        drafted_by: Some(account("drafted_by")).filter(|account| !account.is_empty()),
        approved_by: account("approved_by").split_whitespace().map(str::to_owned).collect(),
        published: at(&BULLETINS, row, "published_at").is_some(),
        superseded: false,
    };
    let name = |account: &String| super::accounts::said(app, frame, account);
    let mut by = vec![match &standing.drafted_by {
        Some(account) => frame.w.get("bulletin-desk-drafted", &[("who", name(account).into())]),
        None => frame.say("bulletin-desk-by-line"),
    }];
    if !standing.published || !standing.approved_by.is_empty() {
        let list: Vec<String> = standing.approved_by.iter().map(name).collect();
        let (n, list) = (list.len().to_string(), list.join(&frame.say("list-separator")));
        let said = [("n", n.into()), ("most", APPROVALS.to_string().into()), ("list", list.into())];
        by.push(match standing.approved_by.is_empty() {
            true => frame.w.get("bulletin-desk-unapproved", &said),
            false => frame.w.get("bulletin-desk-approvals", &said),
        });
    }
    Edition {
        by,
        standing,
        key: text(&BULLETINS, row, "id").to_owned(),
        edition: whole("edition"),
        published_at: at(&BULLETINS, row, "published_at").map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
        published_by: super::accounts::said(app, frame, text(&BULLETINS, row, "published_by")),
        supersedes: whole("supersedes"),
        superseded_by: String::new(),
        correction: text(&BULLETINS, row, "correction").to_owned(),
        figures: figures.unwrap_or_default(),
    }
}

/// The figures of an edition.
fn body(row: &Row) -> Option<Bulletin> {
    match row.get(&BULLETINS, "body") {
        Cell::Data(data) => serde_json::from_value(data.clone()).ok(),
        _ => None,
    }
}

/// Editions of one day, each with the one that supersedes it; the latest first.
fn editions(app: &App, frame: &Frame, rows: &[Row]) -> Vec<Edition> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(number(&BULLETINS, row, "edition")));
    let mut editions: Vec<Edition> = rows.into_iter().map(|row| edition(app, frame, row)).collect();
    // the latest one first: whatever stands below one that is published is superseded by it
    for at in 1..editions.len() {
        let later = editions[..at].iter().find(|other| other.published()).map(|other| other.edition.clone());
        editions[at].standing.superseded = later.is_some();
        editions[at].superseded_by = later.unwrap_or_default();
    }
    editions
}

/// `GET /bulletins`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    const EDITIONS_SHOWN: usize = 60;
    if !BULLETINS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let frame = &visit.frame;
    let mut reading = Reading::begin(&app, &visit).await?;
    let found = reading.rows(&BULLETINS, &[], EDITIONS_SHOWN).await?;
    reading.finish().await?;
    let mut by_day: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    for row in found.rows {
        if let Some(day) = day(&BULLETINS, &row, "day") {
            by_day.entry(day).or_default().push(row);
        }
    }
    let issue = |(day, rows): (_, Vec<Row>)| {
        let day: dayclear_core::time::CivilDate = day;
        Issue { day: day.to_string(), date: frame.lang.date(day), editions: editions(&app, frame, &rows) }
    };
    let issues = by_day.into_iter().rev().map(issue).collect();
    let title = frame.say("list-bulletins");
    render(&BulletinsPage { issues, frame: visit.frame.titled(title, &[]) })
}

fn language(given: &[(String, String)], otherwise: Lang) -> Lang {
    given.iter().find(|(name, _)| name == "lang").and_then(|(_, tag)| tag.parse().ok()).unwrap_or(otherwise)
}

/// `GET /bulletins/DAY:EDITION`.
pub async fn edition_page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(key): Path<String>,
    Query(given): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    const EDITIONS_READ: usize = 50;
    let frame = &visit.frame;
    let role = visit.caller.looker.duty.role;
    let mut reading = Reading::begin(&app, &visit).await?;
    let row = reading.record(&BULLETINS, &key).await?.ok_or_else(Problem::unknown)?;
    let date = day(&BULLETINS, &row, "day").ok_or_else(Problem::unknown)?;
    let same = reading.rows(&BULLETINS, &[("day", &date.to_string())], EDITIONS_READ).await?.rows;
    reading.finish().await?;
    let mut others = editions(&app, frame, &same);
    let here = others.iter().position(|other| other.key == key).ok_or_else(Problem::unknown)?;
    let latest = here == 0;
    let edition = others.remove(here);
    let number = |n: i64| frame.lang.signed(n);
    let checks = body(&row).map(|bulletin| bulletin.checks).unwrap_or_default();
    let checks = checks.iter().map(|check| {
        let parts = check.parts.map_or_else(|| frame.say("not-known"), number);
        (frame.w.given("check", &check.name), number(check.total), parts, check.holds())
    });
    let shown = language(&given, frame.lang);
    let languages = frame.languages().map(|(tag, name, _)| (tag, name, shown.tag() == tag));
    let acts = [
        ("approve", edition.standing.approve(&visit.caller.looker.account), "bulletin-desk-approve-said"),
        ("publish", edition.standing.publish(), "bulletin-desk-publish-said"),
    ];
    let acts = acts.into_iter().filter(|(_, deed, _)| *deed == Deed::Goes);
    let acts = acts.filter_map(|(verb, _, said)| Some((act_named(&visit, &BULLETINS, verb)?, frame.say(said))));
    let acts: Vec<(Act, String)> = acts.collect();
    let correct = matches!(role, Role::CityCommand | Role::PublicInformation) && latest;
    let said = [("day", frame.lang.date(date).into()), ("edition", edition.edition.as_str().into())];
    let title = frame.w.get("bulletin-desk-title", &said);
    let steps = [(frame.say("list-bulletins"), "/bulletins")];
    let page = BulletinPage {
        path: format!("/bulletins/{}", super::show::part(&key)),
        day: date.to_string(),
        checks: checks.collect(),
        others,
        languages,
        shown,
        acts,
        correct,
        step_up: !visit.caller.stepped_up,
        edition,
        frame: visit.frame.titled(title, &steps),
    };
    render(&page)
}

/// `GET /bulletins/DAY:EDITION/paper?lang=`: the edition as it is printed.
pub async fn paper(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(key): Path<String>,
    Query(given): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut reading = Reading::begin(&app, &visit).await?;
    let row = reading.record(&BULLETINS, &key).await?.ok_or_else(Problem::unknown)?;
    reading.finish().await?;
    let bulletin = body(&row).ok_or_else(Problem::unknown)?;
    let html = bulletin_html(&bulletin, language(&given, visit.frame.lang)).map_err(Problem::inside)?;
    let policy = HeaderValue::from_static(PAPER_POLICY);
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response())
}

/// `GET /bulletins/DAY:EDITION/file/bulletin.LANG.pdf` or `.docx`: the same before it is published.
pub async fn printed(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((key, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (kind, lang) = Kind::named(&name).ok_or_else(Problem::unknown)?;
    let mut reading = Reading::begin(&app, &visit).await?;
    let row = reading.record(&BULLETINS, &key).await?.ok_or_else(Problem::unknown)?;
    reading.finish().await?;
    let bulletin = body(&row).ok_or_else(Problem::unknown)?;
    super::public::printed(&app, &bulletin, kind, lang, &name).await
}

/// `POST /bulletins`: a command on the list, as on every other.
pub async fn command(app: State<Arc<App>>, sent: super::form::Sent) -> Result<Response, Problem> {
    super::form::on_list(app, Path("bulletins".to_owned()), sent).await
}
