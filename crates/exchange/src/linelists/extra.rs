//! What has no column of its own, as one text: `name=value;name=value`, as the published sets have it. Signs that would break the form
//! are written as `%` and two hexadecimal digits, so that any name and value comes back as it was.

use std::collections::BTreeMap;

fn quoted(text: &str, out: &mut String) {
    for sign in text.chars() {
        match sign {
            '%' | ';' | '=' | '\n' | '\r' => out.push_str(&format!("%{:02X}", u32::from(sign))),
            other => out.push(other),
        }
    }
}

fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(sign) => {
                out.push(char::from(sign));
                rest = &rest[at + 3..];
            }
            // a sign of a hand that knew nothing of this: it stands for itself
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// As one text; empty where there is nothing.
pub fn pack(extra: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    for (name, value) in extra {
        if !out.is_empty() {
            out.push(';');
        }
        quoted(name, &mut out);
        out.push('=');
        quoted(value, &mut out);
    }
    out
}

/// From one text. `None`: a part of it is no `name=value`, or a name stands twice.
pub fn unpack(text: &str) -> Option<BTreeMap<String, String>> {
    let mut extra = BTreeMap::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        if extra.insert(plain(name), plain(value)).is_some() {
            return None;
        }
    }
    Some(extra)
}
