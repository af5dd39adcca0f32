//! HL7 v2: the grammar (segments, fields, components, escapes, character sets), what an ORU^R01 says, and the answer. An own
//! parser: the crates there are sleep, or read a tree whose places cannot be named any more, and this one is short, bounded
//! and knows GB 18030, whose bytes contain the delimiters (so a message is decoded before it is cut).

mod ack;
mod oru;
mod segments;

pub use ack::{Code, acknowledge, header_of};
pub use oru::read;
pub use segments::{Charset, Header, Message, parse};
