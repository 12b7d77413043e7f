//! Implementations by others, from public package registries, that the vault's formats are compared with.
//!
//! | what | where |
//! | --- | --- |
//! | the packages, each at one version | `requirements.txt`, `package.json` |
//! | a script a format | `python/<format>.py`, `node/<format>.cjs` |
//! | the comparison | `tests/<format>.rs` |
//!
//! A script reads one JSON list of requests from its standard input and answers with one list of as many answers on its
//! standard output. What a request and an answer hold is between the script and its test; an implementation that
//! refuses answers `{"refused": "…"}` and goes on, so that a refusal is never mistaken for a script that broke.
//!
//! The packages are installed below `target/interop` when a test first asks for them: needed are `python3` with `venv`,
//! `node`, `npm` and the registries.

mod error;
mod installation;
mod oracle;

pub use error::InteropError;
pub use installation::{node_modules, python};
pub use oracle::Oracle;
