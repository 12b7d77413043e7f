//! Requests to destinations outside.

mod forward;

pub(crate) use forward::forward;
