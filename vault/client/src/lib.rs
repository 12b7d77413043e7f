#![doc = include_str!("../README.md")]

mod body;
mod builder;
mod calls;
mod error;
mod pages;
mod query;
mod retry;
mod tls;
mod transport;

use std::sync::Arc;

pub use builder::{BuildError, ClientBuilder};
pub use calls::AuditExport;
pub use error::{ClientError, TransportFailure};

pub use strongroom_api::audit::{CheckpointView, CheckpointsView, EventQuery, EventView};
pub use strongroom_api::crypto::{
    ContextInput, CreateDataKey, DataKeyView, DecryptItem, DecryptedField, DecryptedItem, EncryptItem,
    EncryptedField, EncryptedItem, Jwk, JwkSet, LookedUpItem, MacItem, MadeMac, MadeMacItem, PublicKeyView,
    ReencryptItem, SignItem, Signed, SignedItem, StoredAs, Verified, VerifiedItem, VerifiedMac,
    VerifiedMacItem, VerifyItem, VerifyMacItem,
};
pub use strongroom_api::documents::{DocumentInput, Field, Fields, ProtectedDocument, ReadDocument};
pub use strongroom_api::encryption_keys::{CreateEncryptionKey, EncryptionKeyView};
pub use strongroom_api::identities::{CreateGrant, CreateIdentity, GrantView, IdentityView, Reason};
pub use strongroom_api::jobs::{
    Checksum, CompleteJob, ExportContent, ExportTokens, ExportedPart, ImportTokens, ImportedLine,
    ImportedPart, JobView, ReceiverKey,
};
pub use strongroom_api::keys::{CreateKey, KeyVersionView, KeyView, ValueFormatInput};
pub use strongroom_api::profiles::{CheckDigit, CreateProfile, ProfileView, ScopeInput};
pub use strongroom_api::proxy::{ForwardHeader, ForwardRequest, ForwardedAnswer, TokensByName};
pub use strongroom_api::status::StatusView;
pub use strongroom_api::tokens::{
    AliasChange, AuthorisationResult, BankAccountInput, BankAccountView, CardInput, CardView, CreateToken,
    CreateTokens, CreatedToken, DetokenizedItem, DetokenizedToken, IdentityNumberInput, IdentityNumberView,
    ListedBrand, ListedState, Metadata, PresentedToken, PutSecurityCode, ReportAuthorisation,
    RevealedBankAccount, RevealedCard, RevealedIdentityNumber, SearchCard, SearchTokens, SecurityCodeKept,
    TagChange, TokenListQuery, TokenValue, TokenView, UpdateToken,
};
pub use strongroom_api::{
    Batch, Binary, ErrorCode, JsonDocument, KeyVersionNumber, List, ListQuery, PageLimit, Problem,
    SecretBytes, SecretText, Text,
};
pub use strongroom_domain::{
    Alias, Context, CountryCode, DetokenizationPurpose, EncryptTo, IdempotencyKey, JobId, KeptDigits,
    KeyName, KeyPurpose, KeyThumbprint, KeyVersion, LineFormat, LuhnStyle, ProfileName, Protection, Reuse,
    Reveal, Role, ServiceName, Tag, Timestamp, Token, TokenFormat, TokenReference, ValueKind,
};

use transport::Transport;

/// A vault, as one identity sees it. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    idempotency_key: Option<IdempotencyKey>,
}

impl Client {
    /// Begins with where the vault is and who is calling.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The same client, but its creating calls carry this `Idempotency-Key` instead of a new one each. For one call: a
    /// second one with another body is refused.
    #[must_use]
    pub fn with_idempotency_key(&self, key: IdempotencyKey) -> Self {
        Self { transport: Arc::clone(&self.transport), idempotency_key: Some(key) }
    }
}
