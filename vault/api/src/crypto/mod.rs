//! Using keys: protecting fields and reading them.

mod context;
mod decrypt;
mod encrypt;
mod lookup;
mod reencrypt;

pub use context::ContextInput;
pub use decrypt::{DecryptItem, DecryptedField, DecryptedItem};
pub use encrypt::{EncryptItem, EncryptedField, EncryptedItem};
pub use lookup::{LookedUpItem, StoredAs};
pub use reencrypt::ReencryptItem;
