//! Papers as a file that an office goes on writing in (DOCX, ECMA-376): the same document as the pages, with headings, tables and styles
//! of their own. It guarantees that every text is escaped, and that the same paper gives the same bytes.

use crate::{
    PaperError,
    document::{Block, Document, Grid, Line},
    lang::Lang,
    words::Words,
};
use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Width of the text on A4 with margins of 20 mm, in twentieths of a point.
const WIDTH: usize = 9_638;
const NAMES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A paper as a file of a word processor.
pub fn docx(document: &Document) -> Result<Vec<u8>, PaperError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts: [(&str, String); 7] = [
        ("[Content_Types].xml", TYPES.to_owned()),
        ("_rels/.rels", RELATIONS.to_owned()),
        ("docProps/core.xml", core(document)),
        ("word/_rels/document.xml.rels", DOCUMENT_RELATIONS.to_owned()),
        ("word/styles.xml", styles(document.lang)),
        ("word/footer1.xml", footer(document)),
        ("word/document.xml", body(document)),
    ];
    for (name, text) in &parts {
        zip.start_file(*name, SimpleFileOptions::default())?;
        zip.write_all(HEAD.as_bytes())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
<Default Extension=\"xml\" ContentType=\"application/xml\"/>\
<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
<Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>\
<Override PartName=\"/word/footer1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>\
</Types>";
const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>\
<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
</Relationships>";
const DOCUMENT_RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>\
<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer1.xml\"/>\
</Relationships>";

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no other control characters
            sign if sign.is_control() && sign != '\n' && sign != '\t' => {}
            sign => out.push(sign),
        }
    }
    out
}

fn core(document: &Document) -> String {
    let title = document.foot.first().unwrap_or(&document.title);
    format!(
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:language>{}</dc:language></cp:coreProperties>",
        escaped(title),
        document.lang.tag(),
    )
}

/// A style: id, name, what it is of a paragraph and of its signs.
const STYLES: [(&str, &str, &str, &str); 7] = [
    ("Normal", "Normal", "<w:spacing w:after=\"80\"/>", "<w:sz w:val=\"20\"/>"),
    ("Title", "Title", "<w:spacing w:after=\"80\"/>", "<w:b/><w:sz w:val=\"36\"/>"),
    (
        "Heading1",
        "heading 1",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"80\"/><w:outlineLvl w:val=\"0\"/>",
        "<w:b/><w:sz w:val=\"26\"/>",
    ),
    ("Kind", "Kind", "<w:spacing w:after=\"0\"/>", "<w:b/><w:color w:val=\"3C4A54\"/><w:sz w:val=\"20\"/>"),
    ("Small", "Small", "<w:spacing w:after=\"60\"/>", "<w:color w:val=\"3C4A54\"/><w:sz w:val=\"17\"/>"),
    (
        "Notice",
        "Notice",
        "<w:pBdr><w:left w:val=\"single\" w:sz=\"24\" w:space=\"6\" w:color=\"000000\"/></w:pBdr>",
        "<w:b/><w:sz w:val=\"20\"/>",
    ),
    ("Cell", "Cell", "<w:spacing w:before=\"20\" w:after=\"20\"/>", "<w:sz w:val=\"18\"/>"),
];

fn styles(lang: Lang) -> String {
    let (east, tag) = match lang {
        Lang::ZhHant => ("Microsoft JhengHei", "zh-TW"),
        Lang::En | Lang::ZhHans => ("Microsoft YaHei", "zh-CN"),
    };
    let of_text = if lang == Lang::En { "en-GB" } else { tag };
    let mut out = format!(
        "<w:styles {NAMES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:eastAsia=\"{east}\"/>\
         <w:lang w:val=\"{of_text}\" w:eastAsia=\"{tag}\"/></w:rPr></w:rPrDefault></w:docDefaults>"
    );
    for (id, name, paragraph, signs) in STYLES {
        let first = if id == "Normal" { " w:default=\"1\"" } else { "" };
        let rests = if id == "Normal" { "" } else { "<w:basedOn w:val=\"Normal\"/>" };
        // writing to a text does not fail
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\"{first} w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>{rests}<w:pPr>{paragraph}</w:pPr>\
             <w:rPr>{signs}</w:rPr></w:style>"
        );
    }
    out.push_str("</w:styles>");
    out
}

/// A paragraph of a style; a line feed in the text is one on paper.
fn paragraph(style: &str, right: bool, bold: bool, text: &str) -> String {
    let aligned = if right { "<w:jc w:val=\"right\"/>" } else { "" };
    let signs = if bold { "<w:rPr><w:b/></w:rPr>" } else { "" };
    let lines: Vec<String> =
        text.split('\n').map(|line| format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(line))).collect();
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{aligned}</w:pPr><w:r>{signs}{}</w:r></w:p>",
        lines.join("<w:br/>")
    )
}

fn footer(document: &Document) -> String {
    let field = |name: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {name} </w:instrText></w:r>\
             <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let words = Words::of(document.lang);
    // the numbers are fields, so they are put between the words of the sentence
    let said = words.get("document-page", &[("n", "\u{1}".into()), ("all", "\u{2}".into())]);
    let mut number = String::new();
    for part in said.split_inclusive(['\u{1}', '\u{2}']) {
        let text = part.trim_end_matches(['\u{1}', '\u{2}']);
        if !text.is_empty() {
            let _ = write!(number, "<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>", escaped(text));
        }
        match part.chars().last() {
            Some('\u{1}') => number.push_str(&field("PAGE")),
            Some('\u{2}') => number.push_str(&field("NUMPAGES")),
            _ => {}
        }
    }
    let foot: String = document.foot.iter().map(|text| paragraph("Small", false, false, text)).collect();
    format!(
        "<w:ftr {NAMES}>{foot}<w:p><w:pPr><w:pStyle w:val=\"Small\"/><w:jc w:val=\"right\"/></w:pPr>{number}</w:p></w:ftr>"
    )
}

fn body(document: &Document) -> String {
    let words = Words::of(document.lang);
    let mut out = format!("<w:document {NAMES}><w:body>");
    out.push_str(&paragraph("Kind", false, false, &document.kind));
    out.push_str(&paragraph("Title", false, false, &document.title));
    for (name, value) in &document.facts {
        out.push_str(&paragraph("Small", false, false, &format!("{name}{}{value}", words.say("document-colon"))));
    }
    for block in &document.blocks {
        match block {
            Block::Notice(mark, sentence) => {
                out.push_str(&paragraph("Notice", false, false, &format!("{mark} {sentence}")))
            }
            Block::Paragraph(text) => out.push_str(&paragraph("Normal", false, false, text)),
            Block::Small(text) => out.push_str(&paragraph("Small", false, false, text)),
            Block::Code(text) => out.push_str(&paragraph("Normal", false, false, text)),
            Block::Heading(text) => out.push_str(&paragraph("Heading1", false, false, text)),
            Block::List(sentences) => {
                for sentence in sentences {
                    out.push_str(&paragraph("Normal", false, false, &format!("• {sentence}")));
                }
            }
            Block::Figures(facts) => {
                let rows = facts.iter().map(|fact| {
                    let said = [vec![fact.value.clone()], fact.more.clone()].concat().join("\n");
                    Line { name: fact.name.clone(), cells: vec![said], bar: None }
                });
                out.push_str(&table(&Grid {
                    caption: String::new(),
                    headers: Vec::new(),
                    rows: rows.collect(),
                    sums: Vec::new(),
                    words: true,
                }));
            }
            Block::Grid(grid) => {
                if !grid.caption.is_empty() {
                    out.push_str(&paragraph("Small", false, false, &grid.caption));
                }
                out.push_str(&table(grid));
            }
            // a word processor gets the numbers of the bars
            Block::Bars(bars) => {
                out.push_str(&paragraph("Small", false, false, &bars.caption));
                let row = |name: &String, cells: Vec<String>| Line { name: name.clone(), cells, bar: None };
                let rows = bars.days.iter().map(|(day, parts)| row(day, parts.iter().map(u64::to_string).collect()));
                let headers = [vec![String::new()], bars.parts.to_vec()].concat();
                out.push_str(&table(&Grid {
                    caption: String::new(),
                    headers,
                    rows: rows.collect(),
                    sums: Vec::new(),
                    words: false,
                }));
                // shapes are for pages that are set: what is written on goes on from the figures
                if let Some(map) = &bars.map {
                    out.push_str(&paragraph("Small", false, false, &map.caption));
                    out.push_str(&table(&Grid {
                        caption: String::new(),
                        headers: map.heads.to_vec(),
                        rows: map.rows.iter().map(|[name, figure]| row(name, vec![figure.clone()])).collect(),
                        sums: Vec::new(),
                        words: false,
                    }));
                    out.push_str(
                        &map.after.iter().map(|after| paragraph("Small", false, false, after)).collect::<String>(),
                    );
                }
            }
            Block::Break => out.push_str("<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>"),
        }
    }
    out.push_str(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId2\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/>\
         </w:sectPr></w:body></w:document>",
    );
    out
}

fn table(grid: &Grid) -> String {
    let columns = grid.headers.len().max(grid.rows.first().map_or(1, |line| line.cells.len() + 1));
    let first = if grid.words { WIDTH / 3 } else { WIDTH * 3 / (columns + 2) };
    let other = (WIDTH - first) / (columns - 1).max(1);
    let width = |at: usize| if at == 0 { first } else { other };
    let mut out = String::from(
        "<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders><w:top w:val=\"single\" w:sz=\"8\"/>\
         <w:bottom w:val=\"single\" w:sz=\"8\"/><w:insideH w:val=\"single\" w:sz=\"4\" w:color=\"C3CDD3\"/></w:tblBorders></w:tblPr><w:tblGrid>",
    );
    for at in 0..columns {
        let _ = write!(out, "<w:gridCol w:w=\"{}\"/>", width(at));
    }
    out.push_str("</w:tblGrid>");
    let mut row = |cells: Vec<&str>, bold: bool, header: bool| {
        let kept =
            if header { "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" } else { "<w:trPr><w:cantSplit/></w:trPr>" };
        let _ = write!(out, "<w:tr>{kept}");
        for (at, text) in cells.iter().enumerate() {
            let right = at > 0 && !grid.words;
            let text = paragraph("Cell", right, bold, text);
            let _ = write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/></w:tcPr>{text}</w:tc>", width(at));
        }
        out.push_str("</w:tr>");
    };
    if !grid.headers.is_empty() {
        row(grid.headers.iter().map(String::as_str).collect(), true, true);
    }
    for (lines, bold) in [(&grid.rows, false), (&grid.sums, true)] {
        for line in lines {
            row(
                std::iter::once(line.name.as_str()).chain(line.cells.iter().map(String::as_str)).collect(),
                bold,
                false,
            );
        }
    }
    // two tables that follow on each other would become one
    out.push_str("</w:tbl><w:p><w:pPr><w:pStyle w:val=\"Small\"/></w:pPr></w:p>");
    out
}
