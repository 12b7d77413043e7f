//! Public keys to which values leave encrypted for an identity: what stands between the vault and the identity's own
//! software sees ciphertext.

mod create;
mod list;
mod revoke;
mod view;

pub use create::NewEncryptionKey;
pub use view::EncryptionKeyView;
