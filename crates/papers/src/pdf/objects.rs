//! The file around set pages, as ISO 32000-1 has it: objects, streams, the table of where they are. It knows text, shapes and fonts
//! of one kind, and nothing else; the same pages give the same bytes.

use super::font::Cut;
use flate2::{Compression, write::ZlibEncoder};
use std::{fmt::Write as _, io::Write as _};

/// A file that is being written.
#[derive(Default)]
pub(crate) struct Objects {
    bodies: Vec<Option<Vec<u8>>>,
}

/// Number of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ref(usize);

impl std::fmt::Display for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} 0 R", self.0)
    }
}

impl Objects {
    /// A number for an object that is written later.
    pub fn reserve(&mut self) -> Ref {
        self.bodies.push(None);
        Ref(self.bodies.len())
    }

    /// Writes an object under its number.
    pub fn put(&mut self, at: Ref, body: impl Into<Vec<u8>>) {
        self.bodies[at.0 - 1] = Some(body.into());
    }

    /// Writes an object.
    pub fn add(&mut self, body: impl Into<Vec<u8>>) -> Ref {
        let at = self.reserve();
        self.put(at, body);
        at
    }

    /// Writes a stream, compressed. `entries` stand in its dictionary beside its length.
    pub fn stream(&mut self, entries: &str, data: &[u8]) -> Result<Ref, std::io::Error> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data)?;
        let packed = encoder.finish()?;
        let mut body = format!("<< {entries} /Length {} /Filter /FlateDecode >>\nstream\n", packed.len()).into_bytes();
        body.extend_from_slice(&packed);
        body.extend_from_slice(b"\nendstream");
        Ok(self.add(body))
    }

    /// A font whose signs are asked for by their numbers.
    pub fn font(&mut self, cut: &Cut, tag: &str) -> Result<Ref, std::io::Error> {
        let name = format!("{tag}+{}", cut.name);
        let program = match cut.cff {
            true => self.stream("/Subtype /CIDFontType0C", &cut.program)?,
            false => self.stream(&format!("/Length1 {}", cut.program.len()), &cut.program)?,
        };
        let [ascent, descent, capital] = cut.metrics;
        let bounds = cut.bounds.map(|n| n.to_string()).join(" ");
        let descriptor = self.add(format!(
            "<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{bounds}] /ItalicAngle 0 /Ascent {ascent} \
             /Descent {descent} /CapHeight {capital} /StemV 80 /{} {program} >>",
            if cut.cff { "FontFile3" } else { "FontFile2" },
        ));
        let widths: Vec<String> = cut.widths.iter().map(u32::to_string).collect();
        let (kind, map) = match cut.cff {
            true => ("CIDFontType0", ""),
            false => ("CIDFontType2", " /CIDToGIDMap /Identity"),
        };
        let descendant = self.add(format!(
            "<< /Type /Font /Subtype /{kind} /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) \
             /Supplement 0 >> /FontDescriptor {descriptor} /DW 1000 /W [0 [{}]]{map} >>",
            widths.join(" "),
        ));
        let unicode = self.stream("", to_unicode(cut).as_bytes())?;
        Ok(self.add(format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{descendant}] \
             /ToUnicode {unicode} >>"
        )))
    }

    /// The file, from its catalog and what it says of itself.
    pub fn finish(self, catalog: Ref, info: Ref) -> Vec<u8> {
        // four bytes above 127 say that the file is not text
        let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut places = Vec::with_capacity(self.bodies.len());
        for (at, body) in self.bodies.iter().enumerate() {
            places.push(out.len());
            out.extend_from_slice(format!("{} 0 obj\n", at + 1).as_bytes());
            out.extend_from_slice(body.as_deref().unwrap_or(b"null"));
            out.extend_from_slice(b"\nendobj\n");
        }
        let table = out.len();
        let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
        for place in &places {
            // writing to a text does not fail
            let _ = writeln!(end, "{place:010} 00000 n ");
        }
        let _ = write!(
            end,
            "trailer\n<< /Size {} /Root {catalog} /Info {info} >>\nstartxref\n{table}\n%%EOF\n",
            places.len() + 1
        );
        out.extend_from_slice(end.as_bytes());
        out
    }
}

/// A text outside of pages: UTF-16 with its mark, in hexadecimal.
pub(crate) fn text(value: &str) -> String {
    let mut out = String::from("<FEFF");
    for unit in value.encode_utf16() {
        let _ = write!(out, "{unit:04X}");
    }
    out.push('>');
    out
}

/// What the signs stand for, so that a text can be searched, copied and read aloud.
fn to_unicode(cut: &Cut) -> String {
    // a block of the table holds a hundred lines at most
    const LINES_MAX: usize = 100;
    let mut out = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) \
         /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\n\
         endcodespacerange\n",
    );
    let signs: Vec<(&u16, &char)> = cut.signs.iter().collect();
    for some in signs.chunks(LINES_MAX) {
        let _ = writeln!(out, "{} beginbfchar", some.len());
        for (number, sign) in some {
            let mut units = [0; 2];
            let hex: String = sign.encode_utf16(&mut units).iter().map(|unit| format!("{unit:04X}")).collect();
            let _ = writeln!(out, "<{number:04X}> <{hex}>");
        }
        out.push_str("endbfchar\n");
    }
    out.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    out
}
