//! The analytics against reference tables, hand-made cases, simulation with known truth, and real line lists.

mod delays;
mod estimates;
mod forecasts;
mod nowcasts;
