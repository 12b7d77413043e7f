use async_trait::async_trait;
use strongroom_crypto::wrapped_key_v1::WrappedKey;
use strongroom_domain::Secret;

/// What a key in the HSM is for. One key, one use; the attributes follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HsmKeyKind {
    /// Seals key material: AES-256, ENCRYPT and DECRYPT only.
    KekData,
    /// Wraps keys that never leave the HSM in the clear: AES-256, WRAP and UNWRAP only.
    KekWrap,
    /// Root of the MACs over the registry: HMAC-SHA256, SIGN (and VERIFY) only.
    RegistryMac,
    /// Signs audit checkpoints: ECDSA P-256, SIGN only.
    AuditSigning,
    /// Protects a tenant's fields inside the HSM: AES-256, ENCRYPT and DECRYPT only.
    FieldEncryption,
    /// Makes a tenant's authentication codes inside the HSM: HMAC-SHA256, SIGN (and VERIFY) only.
    DataMac,
    /// Signs a tenant's data inside the HSM: ECDSA P-256, SIGN only.
    DataSigning,
    /// Seals what card security codes are sealed under, for minutes: AES-256, ENCRYPT and DECRYPT only. Destroyed when its time
    /// is over, and with it whatever was sealed, wherever it was copied to.
    SecurityCode,
}

/// What a key is to the HSM: its type and the one thing it may do. Keys of several kinds are alike in this, and only who
/// recorded them can tell which is which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HsmKeyForm {
    /// AES-256, encrypts and decrypts data.
    Data,
    /// AES-256, wraps and unwraps keys.
    Wrapping,
    /// HMAC-SHA256, or the token's substitute.
    Mac,
    /// ECDSA P-256.
    Signing,
}

impl HsmKeyKind {
    /// What a cluster has one of each.
    pub const OF_CLUSTER: &'static [Self] =
        &[Self::KekData, Self::KekWrap, Self::RegistryMac, Self::AuditSigning];

    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::KekData,
        Self::KekWrap,
        Self::RegistryMac,
        Self::AuditSigning,
        Self::FieldEncryption,
        Self::DataMac,
        Self::DataSigning,
        Self::SecurityCode,
    ];

    /// What the label of a short-lived key holds, and that of no other key. Labels cannot be changed, so destruction goes by
    /// it: whatever a table says, a key that is to last is not destroyed.
    pub const SHORT_LIVED_MARK: &'static str = ".code.";

    /// What it is to the HSM.
    pub const fn form(self) -> HsmKeyForm {
        match self {
            Self::KekData | Self::FieldEncryption | Self::SecurityCode => HsmKeyForm::Data,
            Self::KekWrap => HsmKeyForm::Wrapping,
            Self::RegistryMac | Self::DataMac => HsmKeyForm::Mac,
            Self::AuditSigning | Self::DataSigning => HsmKeyForm::Signing,
        }
    }

    /// The name in tables, labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KekData => "kek-data",
            Self::KekWrap => "kek-wrap",
            Self::RegistryMac => "registry-mac",
            Self::AuditSigning => "audit-signing",
            Self::FieldEncryption => "field-encryption",
            Self::DataMac => "data-mac",
            Self::DataSigning => "data-signing",
            Self::SecurityCode => "security-code",
        }
    }

    /// Whether keys of this kind are there to be destroyed.
    pub const fn is_short_lived(self) -> bool {
        matches!(self, Self::SecurityCode)
    }

    /// Whether a key of this kind may have this label: the mark stands in those of short-lived keys, and in no others.
    pub fn fits_label(self, label: &str) -> bool {
        self.is_short_lived() == label.contains(Self::SHORT_LIVED_MARK)
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// Tells whether a key is still the same one, without revealing it: for AES the first bytes of a fixed block encrypted
/// (never the block of zeros, whose encryption is the hash key of GCM), of a known key wrapped, or its CKA_CHECK_VALUE;
/// for HMAC a truncated MAC of a fixed text; for ECDSA a hash of the public point. The adapter alone reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCheckValue(pub Vec<u8>);

/// A key in the HSM as it was recorded when it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HsmKey {
    /// What it is for.
    pub kind: HsmKeyKind,
    /// CKA_ID: sixteen random bytes.
    pub id: [u8; 16],
    /// CKA_LABEL.
    pub label: String,
    /// To recognise it by.
    pub check_value: KeyCheckValue,
}

/// Why the HSM did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HsmError {
    /// Away, hung, or its queue is full: the same call may go through later.
    #[error("the HSM is unavailable: {0}")]
    Unavailable(&'static str),
    /// No object of that id and kind.
    #[error("the HSM holds no {} with the recorded id", .0.as_str())]
    Missing(HsmKeyKind),
    /// More than one object of that id or label.
    #[error("the HSM holds more than one {} with the recorded id or label", .0.as_str())]
    Ambiguous(HsmKeyKind),
    /// The object is not the recorded key, or its attributes allow more than they should.
    #[error("the {} in the HSM is not the recorded one: {reason}", kind.as_str())]
    NotTheRecordedKey {
        /// Which key.
        kind: HsmKeyKind,
        /// What differs.
        reason: &'static str,
    },
    /// What was to be opened was not sealed so: wrong bytes, wrong key or wrong place.
    #[error("sealed key material failed its integrity check")]
    Integrity,
    /// The token can neither do this nor any of the known substitutes.
    #[error("the HSM cannot do this: {0}")]
    Unsupported(&'static str),
    /// The PIN was refused or is locked. Not tried again until an operator acts.
    #[error("the HSM refused the PIN: {0}")]
    Pin(&'static str),
    /// Anything else, by its return code.
    #[error("the HSM answered {0}")]
    Failed(String),
}

impl HsmError {
    /// Whether the same call may go through later.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// What the HSM is, for status and evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HsmDescription {
    /// Library description and version.
    pub library: String,
    /// Token label.
    pub token_label: String,
    /// Token serial number.
    pub token_serial: String,
    /// Token model.
    pub token_model: String,
    /// What was proven to work, by known-answer calls: use and mechanism.
    pub mechanisms: Vec<(&'static str, &'static str)>,
}

/// How the HSM fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HsmHealth {
    /// Serving.
    Ready,
    /// Not serving at the moment; being brought back.
    Recovering,
    /// Stays away until an operator acts.
    Failed,
}

/// The hardware security module. Keys go in by creation and never come out.
#[async_trait]
pub trait Hsm: Send + Sync + 'static {
    /// Random bytes from its generator: the source of all key material.
    async fn random(&self, length: usize) -> Result<Secret<Vec<u8>>, HsmError>;

    /// Whether it already holds keys whose label begins with this prefix.
    async fn holds_keys(&self, label_prefix: &str) -> Result<bool, HsmError>;

    /// Creates a key with the attributes of its kind, under a fresh CKA_ID, and reads it back. A label that does not fit the
    /// kind is refused.
    async fn create_key(&self, kind: HsmKeyKind, label: &str) -> Result<HsmKey, HsmError>;

    /// The labels of short-lived keys that begin with this prefix, each once, in no particular order.
    async fn short_lived_keys(&self, label_prefix: &str) -> Result<Vec<String>, HsmError>;

    /// Destroys the short-lived key of this label, for ever, and makes sure that it is gone. One that is gone already is no
    /// error; a label without the mark of short-lived keys is refused, whatever it belongs to.
    async fn destroy_key(&self, label: &str) -> Result<(), HsmError>;

    /// Proves that exactly one object has the recorded id and label, with the attributes of its kind and the recorded
    /// check value.
    async fn prove_key(&self, key: &HsmKey) -> Result<(), HsmError>;

    /// Encrypts key material or a field under a key of the form `Data`, bound to `aad`.
    async fn seal(
        &self,
        key: &HsmKey,
        aad: &[u8],
        material: &Secret<Vec<u8>>,
    ) -> Result<WrappedKey, HsmError>;

    /// Decrypts what [`Hsm::seal`] made. A wrong key, `aad` or byte gives [`HsmError::Integrity`].
    async fn open(&self, key: &HsmKey, aad: &[u8], sealed: &WrappedKey) -> Result<Secret<Vec<u8>>, HsmError>;

    /// Makes a new AES-256 key inside the HSM and hands it out wrapped under a `KekWrap` key, bound to `aad`.
    async fn generate_wrapped(
        &self,
        key: &HsmKey,
        aad: &[u8],
    ) -> Result<(WrappedKey, KeyCheckValue), HsmError>;

    /// Unwraps such a key inside the HSM and returns its check value.
    async fn unwrap_and_check(
        &self,
        key: &HsmKey,
        aad: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<KeyCheckValue, HsmError>;

    /// HMAC-SHA256 (or the token's substitute, fixed at creation) under a key of the form `Mac`.
    async fn mac(&self, key: &HsmKey, message: &[u8]) -> Result<Secret<Vec<u8>>, HsmError>;

    /// ECDSA P-256 over SHA-256 of the message under a key of the form `Signing`; r and s, 32 bytes each.
    async fn sign(&self, key: &HsmKey, message: &[u8]) -> Result<[u8; 64], HsmError>;

    /// The public point of a key of the form `Signing`, SEC 1 uncompressed (65 bytes).
    async fn public_key(&self, key: &HsmKey) -> Result<Vec<u8>, HsmError>;

    /// What it is.
    fn describe(&self) -> HsmDescription;

    /// How it fares.
    fn health(&self) -> HsmHealth;
}
