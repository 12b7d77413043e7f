//! The [`strongroom_core::ports::Hsm`] port on a PKCS#11 module (v2.40 and 3.0).
//!
//! [`Pkcs11Hsm::connect`] claims a module for the process, logs in once and probes what the token can really do. From
//! then on a few dedicated threads, each with a session of its own, take calls from a bounded queue. No call into the
//! module ever runs on an asynchronous worker, and one that hangs costs one thread.
//!
//! | file | what |
//! | --- | --- |
//! | `config` | what an operator sets |
//! | `hsm` | the port |
//! | `module`, `login`, `token`, `seat` | the process's one context, the login, the token and a session on it |
//! | `queue`, `workers`, `gate` | threads |
//! | `fault`, `classify` | what a return code means |
//! | `recovery` | how a device that went away comes back |
//! | `probe`, `known_answers` | what a token can do, found out by asking |
//! | `templates`, `keys`, `check_value`, `handles` | keys: attributes as data, creation, proof, finding them again |
//! | `data`, `wrap`, `binding`, `sign` | what is done with keys |

mod binding;
mod check_value;
mod classify;
mod config;
mod connection;
mod data;
mod fault;
mod gate;
mod handles;
mod hsm;
mod keys;
mod known_answers;
mod login;
mod module;
mod probe;
mod queue;
mod recovery;
mod seat;
mod sign;
mod templates;
mod token;
mod workers;
mod wrap;

pub use config::{HiddenMechanism, Pkcs11Config};
pub use hsm::Pkcs11Hsm;
