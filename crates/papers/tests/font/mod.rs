//! A font for tests: every sign is half as wide as it is high, Chinese ones as wide as high; no sign looks like anything.

fn chinese(sign: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&sign) || ('\u{ff00}'..='\u{ffef}').contains(&sign)
}

/// Width of a sign, in thousandths of the size.
pub fn width(sign: char) -> u16 {
    if chinese(sign) { 1000 } else { 500 }
}

/// Ranges of signs: those of Latin writing, then the Chinese ones.
const RANGES: [(u32, u32); 5] = [(0x20, 0x7e), (0xa0, 0xff), (0x2010, 0x2265), (0x3000, 0x9fff), (0xff00, 0xffef)];

struct Bytes(Vec<u8>);

impl Bytes {
    fn u16(&mut self, values: &[u16]) -> &mut Self {
        values.iter().for_each(|value| self.0.extend_from_slice(&value.to_be_bytes()));
        self
    }
    fn u32(&mut self, values: &[u32]) -> &mut Self {
        values.iter().for_each(|value| self.0.extend_from_slice(&value.to_be_bytes()));
        self
    }
}

fn bytes() -> Bytes {
    Bytes(Vec::new())
}

/// The font, with Chinese signs or without.
pub fn made(name: &str, with_chinese: bool) -> Vec<u8> {
    let ranges = if with_chinese { &RANGES[..] } else { &RANGES[..3] };
    let signs: Vec<char> = ranges.iter().flat_map(|(from, to)| (*from..=*to).filter_map(char::from_u32)).collect();
    let count = u16::try_from(signs.len() + 1).unwrap();
    // one outline, a square, for what is not there
    let mut outline = bytes();
    outline.u16(&[1, 0, 0, 500, 700, 3, 0]);
    outline.0.extend_from_slice(&[1, 1, 1, 1]);
    outline.u16(&[0, 500, 0, 500u16.wrapping_neg(), 0, 0, 700, 0]);
    let mut loca = bytes();
    loca.u32(&[0]);
    for _ in 0..count {
        loca.u32(&[u32::try_from(outline.0.len()).unwrap()]);
    }
    let mut hmtx = bytes();
    hmtx.u16(&[500, 0]);
    signs.iter().for_each(|sign| {
        hmtx.u16(&[width(*sign), 0]);
    });
    let mut cmap = bytes();
    cmap.u16(&[0, 1, 3, 10]).u32(&[12]).u16(&[12, 0]);
    cmap.u32(&[16 + 12 * u32::try_from(ranges.len()).unwrap(), 0, u32::try_from(ranges.len()).unwrap()]);
    let mut glyph = 1;
    for (from, to) in ranges {
        cmap.u32(&[*from, *to, glyph]);
        glyph += to - from + 1;
    }
    let mut head = bytes();
    head.u32(&[0x0001_0000, 0x0001_0000, 0, 0x5f0f_3cf5]).u16(&[0, 1000]).u32(&[0, 0, 0, 0]);
    head.u16(&[0, 0, 1000, 700, 0, 8, 2, 1, 0]);
    let mut hhea = bytes();
    hhea.u32(&[0x0001_0000]).u16(&[800, 200u16.wrapping_neg(), 0, 1000, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, count]);
    let mut maxp = bytes();
    maxp.u32(&[0x0001_0000]).u16(&[count, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let utf16: Vec<u16> = name.encode_utf16().collect();
    let mut names = bytes();
    names.u16(&[0, 1, 18, 3, 1, 0x409, 6, u16::try_from(utf16.len() * 2).unwrap(), 0]).u16(&utf16);
    let mut post = bytes();
    post.u32(&[0x0003_0000, 0, 0, 0, 0, 0, 0, 0]);
    // in the order of their tags, as the format wants it
    let tables: [(&[u8; 4], Vec<u8>); 9] = [
        (b"cmap", cmap.0),
        (b"glyf", outline.0),
        (b"head", head.0),
        (b"hhea", hhea.0),
        (b"hmtx", hmtx.0),
        (b"loca", loca.0),
        (b"maxp", maxp.0),
        (b"name", names.0),
        (b"post", post.0),
    ];
    let mut out = bytes();
    out.u32(&[0x0001_0000]).u16(&[9, 128, 3, 16]);
    let mut at = 12 + 16 * tables.len();
    for (tag, table) in &tables {
        out.0.extend_from_slice(*tag);
        out.u32(&[0, u32::try_from(at).unwrap(), u32::try_from(table.len()).unwrap()]);
        at += table.len().next_multiple_of(4);
    }
    for (_, table) in &tables {
        out.0.extend_from_slice(table);
        out.0.resize(out.0.len().next_multiple_of(4), 0);
    }
    out.0
}
