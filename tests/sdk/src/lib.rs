//! Runs the Python and the TypeScript SDK against a whole vault. See `tests/`.
