//! Prints a sample bulletin, to look at while working on the template or on setting:
//! `cargo run -p dayclear-papers --example sample_bulletin -- full zh-Hant > page.html`
//! `cargo run -p dayclear-papers --example sample_bulletin -- full zh-Hant pdf FONT [BOLD] > page.pdf`

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
    let document = || dayclear_papers::bulletin_document(&bulletin, lang);
    let page = match args.next().as_deref() {
        Some("csv") => dayclear_papers::bulletin_csv(&bulletin, lang).into_bytes(),
        Some("json") => dayclear_papers::bulletin_json(&bulletin)?.into_bytes(),
        Some("summary") => dayclear_papers::day_summary(&bulletin, &sample::open_items(), lang).into_bytes(),
        Some("docx") => dayclear_papers::docx(&document())?,
        Some("pdf") => {
            let regular = std::fs::read(args.next().ok_or("name a font, such as NotoSansCJK-Regular.ttc")?)?;
            let bold = args.next().map(std::fs::read).transpose()?;
            dayclear_papers::pdf(&document(), &dayclear_papers::FontFiles { regular, bold })?
        }
        _ => dayclear_papers::bulletin_html(&bulletin, lang)?.into_bytes(),
    };
    std::io::stdout().write_all(&page)?;
    Ok(())
}
