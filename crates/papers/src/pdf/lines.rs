//! Where a line of a text may end: after a space, and beside any Chinese character, but never before a sign that closes or after one
//! that opens (the rules of GB/T 15834 and of every printer).

/// Signs with which no line begins.
const NO_START: &str = "，。、；：？！）」』》〉】〕”’…·％%,.;:!?)]}›»—～";
/// Signs with which no line ends.
const NO_END: &str = "（「『《〈【〔“‘([{‹«";

/// Whether a sign is of Chinese writing, beside which a line may end.
pub(crate) fn chinese(sign: char) -> bool {
    matches!(sign, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

fn may_end(before: char, after: char) -> bool {
    if before == ' ' {
        return true;
    }
    (chinese(before) || chinese(after)) && !NO_START.contains(after) && !NO_END.contains(before) && after != ' '
}

/// The lines of a text within a width, as `measure` says it.
pub(crate) fn wrapped(text: &str, width: f32, measure: &dyn Fn(&str) -> f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let longer = format!("{line}{piece}");
        if line.is_empty() || measure(longer.trim_end()) <= width {
            line = longer;
        } else {
            lines.push(line.trim_end().to_owned());
            line = piece;
        }
        // what has no place to end, such as a signature, ends where the width does
        while measure(line.trim_end()) > width && line.chars().count() > 1 {
            let mut head = String::new();
            for sign in line.chars() {
                head.push(sign);
                if measure(&head) > width && head.chars().count() > 1 {
                    head.pop();
                    break;
                }
            }
            line = line[head.len()..].to_owned();
            lines.push(head.trim_end().to_owned());
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// What is never parted.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut before = None;
    for sign in text.chars() {
        match (before, pieces.last_mut()) {
            (Some(before), Some(piece)) if !may_end(before, sign) => piece.push(sign),
            _ => pieces.push(sign.to_string()),
        }
        before = Some(sign);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_begins_with_what_closes_or_ends_with_what_opens() {
        // a sign is as wide as it is in a column of a terminal
        let measure = |text: &str| text.chars().map(|sign| if chinese(sign) { 2.0 } else { 1.0 }).sum::<f32>();
        let cases: [(&str, f32, &[&str]); 6] = [
            ("one two three", 7.0, &["one two", "three"]),
            ("新增确诊病例，其中三例", 12.0, &["新增确诊病", "例，其中三例"]),
            ("见（第一张表）之后", 6.0, &["见（第", "一张", "表）之", "后"]),
            ("新增95例", 4.0, &["新增", "95例"]),
            ("0123456789", 4.0, &["0123", "4567", "89"]),
            ("", 4.0, &[""]),
        ];
        for (text, width, expected) in cases {
            let lines = wrapped(text, width, &measure);
            assert_eq!(lines, expected, "{text}");
            assert!(lines.iter().all(|line| measure(line) <= width));
        }
    }
}
