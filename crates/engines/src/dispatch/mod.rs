//! Dispatch: who is moved, to which bed, by which vehicle, in which order and when. The solver reads an [`Instance`], searches
//! with a budget that is given to it (`solve`, `replay` for a day as it comes), and its [`Plan`] is judged by a checker of its
//! own ([`examine`]) that knows nothing of the search. The engine of the daily line (`plan`) is simpler and stands beside it.

mod day_one;
mod examine;
mod foresight;
mod instance;
mod luck;
mod measured;
mod moves;
mod online;
mod plan;
mod price;
mod problem;
mod read;
mod roads;
mod router;
mod ruin;
mod search;
mod solve;
mod split;
mod tour;
mod trips;
mod why;

#[cfg(test)]
mod tests;

pub use day_one::*;
pub use examine::{Broken, Examined, Score, examine};
pub use instance::{Facility, Hand, Instance, Request, Travel, Truck};
pub use online::{Replay, Replayed, replay};
pub use plan::{BadPlan, Itinerary, Route, Step};
pub use read::{BadInstance, Fault};
pub use roads::{Ask, Cell, Roads};
pub use router::Dialect;
pub use solve::{Budget, Clock, Options, Solution, solve};
pub use why::{Hindrance, Way, Why, unplaced, why, whys};
