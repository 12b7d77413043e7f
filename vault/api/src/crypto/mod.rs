//! Using keys: protecting fields and reading them.

mod context;
mod data_key;
mod decrypt;
mod encrypt;
mod jwks;
mod lookup;
mod mac;
mod reencrypt;
mod sign;

pub use context::ContextInput;
pub use data_key::{CreateDataKey, DEFAULT_DATA_KEY_LENGTH, DataKeyView};
pub use decrypt::{DecryptItem, DecryptedField, DecryptedItem};
pub use encrypt::{EncryptItem, EncryptedField, EncryptedItem};
pub use jwks::{Jwk, JwkSet};
pub use lookup::{LookedUpItem, StoredAs};
pub use mac::{MacItem, MadeMac, MadeMacItem, VerifiedMac, VerifiedMacItem, VerifyMacItem};
pub use reencrypt::ReencryptItem;
pub use sign::{PublicKeyView, SignItem, Signed, SignedItem, Verified, VerifiedItem, VerifyItem};
