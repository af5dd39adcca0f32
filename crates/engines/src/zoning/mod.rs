//! Risk areas as they were published: what each text names (township, community, place, building, unit), which of them were
//! open on a day, and how long they stayed. Pure: texts and dates in, findings out; it uses the lists of divisions that it is
//! given and guarantees that every number of a text is either read as something or said to be unread.

mod body;
mod episodes;
mod gazetteer;
mod text;

pub use body::{Extent, Part};
pub use episodes::{Episode, Spell, Stay, spells, stays};
pub use gazetteer::{Community, Gazetteer, Named, Township};
pub use text::{Written, read};

#[cfg(test)]
mod tests;
