//! Rules of the house for the console's pages, script and styles: length of files, and no inline style, script or handler in
//! a template, because the content policy refuses them and the page would look right only to whoever switched it off.

use std::path::Path;

/// Longest file, in lines.
const LINES_MAX: usize = 500;

/// Whether a file is a page, a script or a style.
pub fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["js", "mjs", "css", "html"].iter().any(|known| ending == *known))
}

/// Findings in one file.
pub fn source(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        findings.push(format!("{path}: {lines} lines, at most {LINES_MAX}. Remedy: split it by its nouns"));
    }
    if path.ends_with(".html") {
        for (at, line) in text.lines().enumerate() {
            let what = inline(line);
            findings.extend(what.map(|what| {
                format!(
                    "{}:{}: inline {what}, which the content policy refuses. Remedy: a class or an island",
                    path,
                    at + 1
                )
            }));
        }
    }
    findings
}

/// What a line of HTML holds that the policy refuses: an attribute `style=` or `on...=`, `<style>`, or script that is no data.
fn inline(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    if lower.contains("<style") {
        return Some("<style>".into());
    }
    if let Some((_, script)) = lower.split_once("<script") {
        let tag = script.split('>').next().unwrap_or_default();
        if !tag.contains("src=") && !tag.contains("application/json") {
            return Some("<script>".into());
        }
    }
    lower.split('=').zip(lower.split('=').skip(1)).find_map(|(before, after)| {
        let name = before.rsplit(|letter: char| letter.is_whitespace() || "\"'".contains(letter)).next()?;
        let handler = name
            .strip_prefix("on")
            .is_some_and(|event| event.len() > 2 && event.bytes().all(|byte| byte.is_ascii_lowercase()));
        // `ends_on=` in words or in an address has no quote or expression behind it.
        ((name == "style" || handler) && after.starts_with(['"', '\'', '{'])).then(|| format!("{name}="))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_style_script_and_handlers_are_found() {
        let cases = [
            (r#"<p class="a" style="color:red">"#, 1),
            (r#"<button type="button" onclick="go()">"#, 1),
            ("  onchange='x'", 1),
            (r#"<p style="{{ colour }}">"#, 1),
            ("<style>p{}</style>", 1),
            ("<script>go()</script>", 1),
            (r#"<script type="module" src="/assets/main.js"></script>"#, 0),
            (r#"<script type="application/json">{"a": 1}</script>"#, 0),
            (r#"<link rel="stylesheet" href="/a.css"><svg fill="none" stroke="red">"#, 0),
            (r#"<a href="/x?style=a&on=b" data-style="x" data-once="y">"#, 0),
        ];
        for (line, findings) in cases {
            assert_eq!(source("crates/web/templates/a.html", line).len(), findings, "{line}");
        }
        assert_eq!(source("crates/web/console/a.css", &"\n".repeat(LINES_MAX + 1)).len(), 1);
    }
}
