//! The store on SQLite, from outside.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

mod availability;
mod contract;
mod durability;
mod erasure;
mod opening;
mod samples;
mod schema;
mod speed;
