//! `strongroomd`: the TLS and HTTP edge of the vault, and the one place that puts its parts together.
//!
//! A request passes through [`listener`] (TLS, timers, caps), [`authn`] (who is it, before the body is read),
//! [`router`] (one table), a handler (wire to domain and back) and the vault's pipeline. [`problem`] is the one page
//! that says which failure becomes which HTTP answer.

pub mod adapters;
pub mod authn;
pub mod config;
pub mod dev;
mod handlers;
pub mod hardening;
pub mod hosted_field;
pub mod listener;
pub mod observability;
pub mod operations_listener;
pub mod problem;
mod request;
pub mod router;
pub mod start;
pub mod tls;
pub mod wiring;
