//! Fonts of a paper: measured for setting, cut down to the signs that a paper uses for its file. Works on the bytes of a font or of a
//! collection; guarantees that a paper is not set with a font that lacks the writing of its language.

use crate::lang::Lang;
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId, RawFace, Tag};

/// A font that cannot set a paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// The bytes are no font.
    #[error("the font cannot be read ({0}); name a TTF, OTF or TTC file, such as NotoSansCJK-Regular.ttc")]
    Unreadable(String),
    /// A font without the signs of the language.
    #[error(
        "the font {name} has no '{sign}'; name one with Chinese characters, such as Noto Sans CJK or Source Han Sans"
    )]
    Lacks {
        /// Its name.
        name: String,
        /// The first sign that it has not.
        sign: char,
    },
}

/// The bytes of the fonts that papers are set with.
#[derive(Clone)]
pub struct FontFiles {
    /// For the text.
    pub regular: Vec<u8>,
    /// For headings and sums; without it they are set like the text.
    pub bold: Option<Vec<u8>>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// One font, ready to measure.
pub(crate) struct Font<'f> {
    data: &'f [u8],
    index: u32,
    face: Face<'f>,
    name: String,
}

/// What a file needs to know of a font that was cut down.
pub(crate) struct Cut {
    pub name: String,
    /// The font program, and whether it holds cubic outlines (CFF).
    pub program: Vec<u8>,
    pub cff: bool,
    /// Widths of the signs in thousandths of the size, by their new numbers.
    pub widths: Vec<u32>,
    /// Ascent, descent, height of capitals, in thousandths.
    pub metrics: [i32; 3],
    pub bounds: [i32; 4],
    /// What each new number stands for.
    pub signs: BTreeMap<u16, char>,
}

/// Signs that a font must have, by language.
fn needed(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Daylear0123456789",
        Lang::ZhHans => "疫情通报确诊区县0123456789",
        Lang::ZhHant => "疫情通報確診區縣0123456789",
    }
}

impl<'f> Font<'f> {
    /// The font of a file; of a collection the one that is made for the language.
    pub fn read(data: &'f [u8], lang: Lang) -> Result<Font<'f>, FontError> {
        let many = ttf_parser::fonts_in_collection(data).unwrap_or(1);
        let made_for = match lang {
            Lang::ZhHant => "TC",
            Lang::En | Lang::ZhHans => "SC",
        };
        let mut first = None;
        for index in 0..many {
            let face = Face::parse(data, index).map_err(|error| FontError::Unreadable(error.to_string()))?;
            let name = name_of(&face);
            let fits = name.to_ascii_uppercase().split(['-', ' ']).any(|part| part.ends_with(made_for));
            if fits {
                return Font { data, index, face, name }.checked(lang);
            }
            first.get_or_insert((index, face, name));
        }
        let (index, face, name) = first.ok_or_else(|| FontError::Unreadable("an empty collection".to_owned()))?;
        Font { data, index, face, name }.checked(lang)
    }

    fn checked(self, lang: Lang) -> Result<Font<'f>, FontError> {
        match needed(lang).chars().find(|sign| self.face.glyph_index(*sign).is_none()) {
            Some(sign) => Err(FontError::Lacks { name: self.name, sign }),
            None => Ok(self),
        }
    }

    /// Whether it has a sign.
    pub fn has(&self, sign: char) -> bool {
        self.face.glyph_index(sign).is_some()
    }

    fn glyph(&self, sign: char) -> GlyphId {
        self.face.glyph_index(sign).unwrap_or(GlyphId(0))
    }

    fn scaled(&self, units: i32) -> f32 {
        units as f32 * 1000.0 / f32::from(self.face.units_per_em().max(1))
    }

    /// Width of a text of a size, in points.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |sign: char| self.face.glyph_hor_advance(self.glyph(sign)).unwrap_or(0);
        let units: i32 = text.chars().map(|sign| i32::from(advance(sign))).sum();
        self.scaled(units) * size / 1000.0
    }

    /// The numbers of a text's signs in the font that is cut down by the same map.
    pub fn encode(&self, text: &str, map: &mut GlyphRemapper, signs: &mut BTreeMap<u16, char>) -> Vec<u16> {
        let mut encode = |sign: char| {
            let new = map.remap(self.glyph(sign).0);
            signs.entry(new).or_insert(sign);
            new
        };
        text.chars().map(&mut encode).collect()
    }

    /// Cuts it down to what a map holds.
    pub fn cut(&self, map: &GlyphRemapper, signs: BTreeMap<u16, char>) -> Result<Cut, FontError> {
        let unreadable = |what: String| FontError::Unreadable(what);
        let subset = subsetter::subset(self.data, self.index, map).map_err(|error| unreadable(error.to_string()))?;
        let cff =
            RawFace::parse(&subset, 0).ok().and_then(|raw| raw.table(Tag::from_bytes(b"CFF "))).map(<[u8]>::to_vec);
        let widths = map.remapped_gids().map(|old| {
            let advance = self.face.glyph_hor_advance(GlyphId(old)).unwrap_or(0);
            self.scaled(i32::from(advance)).round() as u32
        });
        let round = |units: i16| self.scaled(i32::from(units)).round() as i32;
        let bounds = self.face.global_bounding_box();
        let ascent = self.face.ascender();
        Ok(Cut {
            name: self.name.clone(),
            cff: cff.is_some(),
            program: cff.unwrap_or(subset),
            widths: widths.collect(),
            metrics: [round(ascent), round(self.face.descender()), round(self.face.capital_height().unwrap_or(ascent))],
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(round),
            signs,
        })
    }
}

/// Name of a font as files write it: letters and digits.
fn name_of(face: &Face<'_>) -> String {
    let named =
        |id: u16| face.names().into_iter().filter(move |name| name.name_id == id).find_map(|name| name.to_string());
    let name = named(ttf_parser::name_id::POST_SCRIPT_NAME).or_else(|| named(ttf_parser::name_id::FULL_NAME));
    let kept = |sign: &char| sign.is_ascii_alphanumeric() || *sign == '-';
    name.unwrap_or_else(|| "Font".to_owned()).chars().filter(kept).collect()
}
