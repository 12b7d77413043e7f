//! Requests to a destination over real TLS: what is sent, what is not, and what becomes of hostile answers.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail it"
)]

mod answers;
mod authority;
mod destinations;
mod echoes;
mod house;
mod names;
mod requests;
mod stand_in;
mod tls;
