//! How long the pages of a bulletin take in all three languages, from its figures to the bytes of the file, with the fonts of two
//! files (regular, bold) that are named as arguments. Prints one JSON object.

#[path = "../tests/sample/mod.rs"]
#[allow(clippy::unwrap_used, dead_code)] // samples for tests, written by hand
mod sample;

use dayclear_papers::{FontFiles, Lang, bulletin_document, pdf};
use std::{error::Error, fs, hint::black_box, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args().skip(1);
    let (Some(regular), Some(bold)) = (files.next(), files.next()) else {
        return Err("name the files of a regular and of a bold font".into());
    };
    let bulletin = sample::full();
    let start = Instant::now();
    let fonts = FontFiles { regular: fs::read(regular)?, bold: Some(fs::read(bold)?) };
    let mut bytes = 0;
    for lang in Lang::ALL {
        bytes += black_box(pdf(&bulletin_document(&bulletin, *lang), &fonts)?).len();
    }
    println!("{{\"bulletin_pdf_3_s\":{:.4},\"bulletin_pdf_bytes\":{bytes}}}", start.elapsed().as_secs_f64());
    Ok(())
}
