//! Who may do what: Cedar rules as data, and the engine that puts them behind the vault's `Policy` port.
//!
//! The rules stand in `rules/`, what they may speak of in `schema/`, and every answer they give in `matrix.golden`.
//! Schema and rules are part of the program: they change with a release and its review, and no one who can write to a
//! disk can change them in between.

mod answers;
mod engine;
mod evaluation;
mod names;
mod question;
mod reading;
mod sources;

pub use engine::CedarPolicy;
pub use reading::PolicyLoadError;
