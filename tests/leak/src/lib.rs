//! Looks for card numbers where none may be. See `tests/`.
