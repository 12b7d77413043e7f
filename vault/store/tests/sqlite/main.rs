//! The store on SQLite, from outside.

mod availability;
mod contract;
mod durability;
mod erasure;
mod opening;
mod samples;
mod schema;
