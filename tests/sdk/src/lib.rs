//! Runs the SDKs against a whole vault: one list of scenarios by all three, and what is Python's and TypeScript's own.
//! See `tests/`.
