//! Risk areas: drawn from evidence as small as the rules allow ([`draw`]); and as a city published them, in words: what each text names
//! (township, community, place, building, unit), which of them were open on a day, and how long they stayed. Pure: evidence, texts and
//! dates in, findings out; it uses packs and lists of divisions that it is given, and guarantees that every number of a text is either
//! read as something or said to be unread.

mod body;
mod borders;
mod drawing;
mod episodes;
mod gazetteer;
mod text;

pub use body::{Extent, Part};
pub use borders::{BESIDE_M, Beside, Lying, beside};
pub use drawing::{
    Building, Course, Drawing, Drawn, Enclosed, Ended, Found, LeftOut, Residents, Scene, Standing, draw, smallest,
};
pub use episodes::{Episode, Spell, Stay, spells, stays};
pub use gazetteer::{Community, Gazetteer, Named, Township};
pub use text::{Written, read};

#[cfg(test)]
mod tests;
