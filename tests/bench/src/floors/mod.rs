//! Floors that need no database: the protocol and the cipher by themselves. Those of a database are with its store.

pub(crate) mod cipher;
pub(crate) mod echo;
