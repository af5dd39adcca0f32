//! The day as districts owe it: which of them signed its report, what is owed and late, the draft of one's own report with the form to
//! sign it, the sum of those that are signed, and the form by which the city asks something of districts. Figures of a draft are those of
//! the books at this moment; what is missing is said, and never counted as nothing.

use super::{
    acts::{self, Act},
    frame::{Frame, Visit, moment, render, short_day},
    rows, show,
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Router,
    extract::{Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    access::Role,
    books::Worklist,
    divisions::{DivisionCode, Level},
    listing::{OBLIGATIONS, REPORTS},
    time::CivilDate,
};
use dayclear_ops::reports::{self, Figure};
use dayclear_store::{Scoped, obligations::SignedReport};
use std::{collections::BTreeMap, sync::Arc};

/// Route of the page.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/daily", get(page))
}

/// A district on the day.
struct District {
    name: String,
    path: String,
    report: String,
    tone: &'static str,
    report_path: Option<String>,
    /// Owed, late, to look at.
    owed: [String; 3],
    late: bool,
}

/// A line of figures: what it is of, and the figures in the order of the columns, each with its rows.
struct Line {
    name: String,
    cells: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "daily.html")]
struct DailyPage {
    frame: Frame,
    day: String,
    day_said: String,
    districts: Vec<District>,
    columns: Vec<String>,
    /// Infections found, and the figures of the draft, where one's own report is not signed.
    draft: Option<(String, Vec<Line>)>,
    sign: Option<Act>,
    sums_said: String,
    sums: Vec<Line>,
    direct: Option<Act>,
}

const FIGURES: [&str; 5] = ["received", "completed", "cancelled", "open", "overdue"];

/// Figures by worklist, in the order of the line.
fn lines(frame: &Frame, figures: impl Iterator<Item = (String, Option<Worklist>, i64, String)>) -> Vec<Line> {
    let mut by_list: BTreeMap<Worklist, BTreeMap<String, (i64, String)>> = BTreeMap::new();
    for (what, worklist, count, source) in figures {
        if let Some(worklist) = worklist {
            by_list.entry(worklist).or_default().insert(what, (count, source));
        }
    }
    let cell = |told: Option<&(i64, String)>| match told {
        Some((count, source)) => (frame.lang.number(count.unsigned_abs()), source.clone()),
        None => ("0".to_owned(), String::new()),
    };
    by_list
        .iter()
        .map(|(worklist, told)| Line {
            name: frame.w.term(*worklist),
            cells: FIGURES.iter().map(|what| cell(told.get(*what))).collect(),
        })
        .collect()
}

fn cases(frame: &Frame, count: i64) -> String {
    format!("{}: {}", frame.say("daily-cases"), frame.lang.number(count.unsigned_abs()))
}

async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !OBLIGATIONS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let frame = &visit.frame;
    let asked = given.iter().find(|(name, _)| name == "day").and_then(|(_, day)| day.parse::<CivilDate>().ok());
    let now = app.now();
    let mut reading = rows::look(&app, &visit).await?;
    let tx: &mut Scoped = &mut reading;
    let open = tx.open_day_of_books().await?.map(|(day, _)| day);
    let day = asked.or(open).unwrap_or(frame.today);
    let rolled = reports::rolled(tx, day).await?;
    let owed: BTreeMap<String, [i64; 3]> = tx.obligations_by_district(now).await?.into_iter().collect();
    let own = &visit.caller.looker.duty.division;
    let all: Vec<DivisionCode> = tx
        .divisions(&[Level::District])
        .await?
        .into_iter()
        .map(|row| row.code)
        .filter(|code| own.contains(code) || code.contains(own))
        .collect();
    let signs = visit.caller.looker.duty.role == Role::DistrictCommand && own.as_str().len() >= 6;
    let signed_already = rolled.signed.iter().any(|report| report.division == own.district());
    let draft = match signs && !signed_already {
        true => Some(reports::figures(tx, &own.district(), day, now, &app.setup.settings).await?),
        false => None,
    };
    reading.finish().await?;
    let districts = all.iter().map(|code| {
        let report = rolled.signed.iter().find(|report| report.division == *code);
        district(&app, frame, code, report, owed.get(code.as_str()).copied().unwrap_or_default(), day < frame.today)
    });
    let sums = rolled.sums.iter().map(|((what, list), n)| (what.clone(), *list, *n, String::new()));
    let mut sign = draft.as_ref().and_then(|_| acts::act_named(&visit, &REPORTS, "sign"));
    if let Some(sign) = &mut sign {
        sign.fields.retain(|field| field.name != "day");
    }
    let page = DailyPage {
        day: day.to_string(),
        day_said: short_day(&app, frame.lang, day),
        districts: districts.collect(),
        columns: FIGURES.iter().map(|what| frame.say(&format!("field-{what}"))).collect(),
        draft: draft.map(|figures: Vec<Figure>| {
            let found = figures.iter().filter(|figure| figure.what == "cases").map(|figure| figure.count).sum();
            let told = figures.into_iter().map(|figure| (figure.what, figure.worklist, figure.count, figure.source));
            (cases(frame, found), lines(frame, told))
        }),
        sign,
        sums_said: frame.w.get("daily-sums-said", &[("signed", rolled.signed.len().into()), ("all", all.len().into())]),
        sums: lines(frame, sums),
        direct: acts::act_named(&visit, &OBLIGATIONS, "direct"),
        frame: {
            let title = visit.frame.say("daily-title");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

fn district(
    app: &App,
    frame: &Frame,
    code: &DivisionCode,
    report: Option<&SignedReport>,
    [owed, late, shown]: [i64; 3],
    over: bool,
) -> District {
    let (said, tone) = match report {
        Some(report) => {
            let was_late = report.edition == 1 && report.due_at.is_some_and(|due| report.signed.1 > due);
            let word = frame.say(if was_late { "daily-signed-late" } else { "daily-signed" });
            (format!("{word} · {}", moment(app, frame.lang, report.signed.1)), if was_late { "wait" } else { "good" })
        }
        None if over => (frame.say("daily-missing"), "bad"),
        None => (frame.say("daily-waited"), "wait"),
    };
    District {
        name: app.place_name(code.as_str(), frame.lang),
        path: format!("/obligations?open=true&division={}", show::part(code.as_str())),
        report: said,
        tone,
        report_path: report.map(|report| format!("/reports/{}", show::part(&report.id))),
        owed: [owed, late, shown].map(|n| frame.lang.number(n.unsigned_abs())),
        late: late > 0,
    }
}
