//! Pure algorithms, each one a module with a task of its own. They may use the core and nothing else: no files, no clock,
//! no randomness but a seed given as an argument, so the same input gives the same output on every machine.

pub mod bulletin;
pub mod city;
pub mod coverage;
pub mod deliveries;
pub mod dispatch;
pub mod epi;
pub mod linkage;
pub mod outbreak;
pub mod screening;
pub mod tracing;
pub mod zoning;
