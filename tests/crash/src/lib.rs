//! Kills the vault under load and counts what is left. See `tests/`.
