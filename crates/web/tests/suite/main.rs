//! The server as programs meet it, on both stores: who sees what, what is refused and how, what is promised in the
//! document. One program, so that it is linked once; each module is one promise of the API.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

mod access;
mod coverage;
#[path = "../../../ops/tests/suite/crowd.rs"]
mod crowd;
mod dispatch;
mod document;
#[path = "../../../store/tests/engines/mod.rs"]
mod engines;
mod evidence;
mod exports;
mod hearing;
mod hostile;
mod imports;
mod interviews;
mod letters;
mod messages;
mod once;
mod reads;
mod served;
mod site;
mod trip;
