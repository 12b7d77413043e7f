//! Public keys to which values leave encrypted for an identity.

mod create;
mod view;

pub use create::CreateEncryptionKey;
pub use view::EncryptionKeyView;
