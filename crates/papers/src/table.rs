//! Plain tables for a terminal, aligned also where Chinese characters take two columns. It may use the Unicode width
//! tables and nothing else. It guarantees that a cell stays in its row: control characters are shown, never sent on.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text with control characters (line ends, escapes) replaced, so that no cell can break a table or a terminal.
pub fn plain(text: &str) -> String {
    let shown = |char: char| match char {
        '\n' | '\r' | '\t' => ' ',
        // Marks that turn the direction of text could make a line read otherwise than it is.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        char if char.is_control() => '\u{fffd}',
        char => char,
    };
    text.chars().map(shown).collect()
}

/// The text, cut to at most so many columns with an ellipsis.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut taken = 1;
    for char in text.chars() {
        taken += char.width().unwrap_or(0);
        if taken > columns {
            break;
        }
        out.push(char);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// Pads to so many columns, on the right for text and on the left for numbers.
pub fn pad(text: &str, columns: usize, number: bool) -> String {
    let fill = " ".repeat(columns.saturating_sub(width(text)));
    if number { format!("{fill}{text}") } else { format!("{text}{fill}") }
}

/// Whether a cell reads as a number: digits with separators, a sign, a decimal point or a percent mark.
fn is_number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    body.starts_with(|char: char| char.is_ascii_digit())
        && body.chars().all(|char| char.is_ascii_digit() || matches!(char, ',' | '.' | '%'))
}

/// A table for people: a line of headers, a rule, and one line for each row. A column in which every filled cell is a
/// number is aligned to the right. Rows may be shorter than the headers; cells beyond the headers are kept.
pub fn text_table<H: AsRef<str>, C: AsRef<str>>(headers: &[H], rows: &[Vec<C>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).max(headers.len());
    let head: Vec<String> = headers.iter().map(|header| plain(header.as_ref())).collect();
    let body: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| plain(cell.as_ref())).collect()).collect();
    let cell = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
    let numeric = |at: usize| {
        let mut filled = body.iter().map(|row| cell(row, at)).filter(|text| !text.is_empty()).peekable();
        filled.peek().is_some() && filled.all(|text| is_number(&text))
    };
    let shape: Vec<(usize, bool)> = (0..columns)
        .map(|at| (body.iter().chain([&head]).map(|row| width(&cell(row, at))).max().unwrap_or(0), numeric(at)))
        .collect();
    let line = |row: &[String]| {
        let cells: Vec<String> =
            shape.iter().enumerate().map(|(at, (columns, number))| pad(&cell(row, at), *columns, *number)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let rule: Vec<String> = shape.iter().map(|(columns, _)| "─".repeat(*columns)).collect();
    let mut out = format!("{}\n{}\n", line(&head), rule.join("  "));
    for row in &body {
        out.push_str(&line(row));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_chinese_too() {
        let rows =
            vec![vec!["渝中区", "12", "高风险区"], vec!["Liangjiang New Area", "1,203", ""], vec!["南岸区", "7"]];
        let table = text_table(&["区县", "确诊", "note"], &rows);
        insta::assert_snapshot!(table, @r"
        区县                  确诊  note
        ───────────────────  ─────  ────────
        渝中区                  12  高风险区
        Liangjiang New Area  1,203
        南岸区                   7
        ");
    }

    #[test]
    fn a_cell_cannot_break_out_of_its_row() {
        let table = text_table(&["a"], &[vec!["x\ny\u{1b}[31m\u{202e}z"]]);
        assert_eq!(table.lines().count(), 3);
        assert!(!table.contains('\u{1b}') && !table.contains('\u{202e}'));
    }

    #[test]
    fn cutting_counts_columns_not_characters() {
        for (text, columns, cut_text) in
            [("渝中区", 6, "渝中区"), ("渝中区", 5, "渝中…"), ("渝中区", 4, "渝…"), ("abc", 2, "a…")]
        {
            assert_eq!(cut(text, columns), cut_text);
            assert!(width(&cut(text, columns)) <= columns);
        }
    }

    #[test]
    fn a_table_without_rows_is_its_headers() {
        assert_eq!(text_table::<&str, &str>(&["a", "bc"], &[]), "a  bc\n─  ──\n");
    }
}
