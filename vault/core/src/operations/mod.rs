//! One file per operation. Each tells its story from the request to the effects and the answer.

mod audit;
mod crypto;
mod documents;
mod encryption_keys;
mod honeytokens;
mod identities;
mod keys;
mod profiles;
mod proxy;
mod security_codes;
mod status;
mod tokens;

pub use audit::{AuditEvents, AuditQuery, CheckpointNote};
pub use crypto::{
    DataKey, DataKeyRequest, DecryptItem, Decrypted, EncryptItem, Encrypted, MacItem, MadeMac, PublicKeyView,
    SignItem, Signed, Verified, VerifiedMac, VerifyItem, VerifyMacItem,
};
pub use documents::{DocumentRequest, OpenedDocument, SealedDocument};
pub use encryption_keys::{EncryptionKeyView, NewEncryptionKey};
pub use honeytokens::{HoneytokenView, NewHoneytoken};
pub use identities::{GrantView, IdentityView, NewGrant, NewIdentity, VelocityLimitsView};
pub use keys::{KeyVersionView, KeyView, NewKey};
pub use profiles::ProfileView;
pub use proxy::{ForwardBody, ForwardRequest, Forwarded};
pub use security_codes::{AuthorisationResult, SecurityCodeInput};
pub use status::{Readiness, Status, StreamStatus};
pub use tokens::{
    CardInput, DetokenizeRequest, Metadata, NewToken, Revealed, RevealedValue, SetChange, TokenPage,
    TokenQuery, TokenUpdate, TokenView, Tokenized, ValueInput,
};

pub(crate) use identities::check_reason;
pub(crate) use keys::{new_key_id, new_version};
