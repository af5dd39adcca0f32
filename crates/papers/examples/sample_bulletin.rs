//! Prints the page of a sample bulletin, to look at while working on the template:
//! `cargo run -p dayclear-papers --example sample_bulletin -- full zh-Hant > page.html`

#[path = "../tests/sample/mod.rs"]
#[allow(clippy::unwrap_used)] // samples for tests, written by hand
mod sample;

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let bulletin = match args.next().as_deref() {
        Some("published") => sample::published(),
        Some("unknown") => sample::unknown(),
        _ => sample::full(),
    };
    let lang = args.next().unwrap_or_else(|| "en".into()).parse()?;
    let page = match args.next().as_deref() {
        Some("csv") => dayclear_papers::bulletin_csv(&bulletin, lang),
        Some("json") => dayclear_papers::bulletin_json(&bulletin)?,
        Some("summary") => dayclear_papers::day_summary(&bulletin, &sample::open_items(), lang),
        _ => dayclear_papers::bulletin_html(&bulletin, lang)?,
    };
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}
