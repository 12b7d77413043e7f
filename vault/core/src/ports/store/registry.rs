use std::fmt;

use strongroom_domain::{
    KeyId, KeyName, KeyPurpose, KeyState, KeyThumbprint, KeyVersion, Protection, Role, ServiceName, TenantId,
    Timestamp, TokenProfile, TrustDomain, ValueFormat, VelocityLimits,
};

use crate::ports::HsmKey;

/// A registry row with what guards it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered<T> {
    /// The row.
    pub row: T,
    /// The registry's epoch when the row was last written.
    pub epoch: u64,
    /// MAC over the row and its epoch (`registry_mac_v1`).
    pub mac: [u8; 32],
}

/// The cluster: one row, written once by `init`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterRow {
    /// Sixteen random bytes; part of every wrapped key's authenticated data.
    pub cluster_id: [u8; 16],
    /// Whose names the cluster accepts.
    pub trust_domain: TrustDomain,
    /// When.
    pub created_at: Timestamp,
}

/// A key in the HSM as recorded at its creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HsmKeyRow {
    /// The key.
    pub key: HsmKey,
    /// When.
    pub created_at: Timestamp,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// Its name.
    pub tenant: TenantId,
    /// When.
    pub created_at: Timestamp,
}

/// A key, without its material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Whose.
    pub tenant: TenantId,
    /// Its id, as in ciphertexts.
    pub key_id: KeyId,
    /// Its name, as in URLs; unique in the tenant.
    pub name: KeyName,
    /// What it may be used for.
    pub purpose: KeyPurpose,
    /// Where its material may be in the clear.
    pub protection: Protection,
    /// What its values look like, if it is for format-preserving encryption.
    pub value_format: Option<Box<ValueFormat>>,
    /// Days after which a new version is due.
    pub rotation_days: u32,
    /// When.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

/// One version of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyVersionRow {
    /// Whose.
    pub tenant: TenantId,
    /// Which key.
    pub key_id: KeyId,
    /// Which version.
    pub version: KeyVersion,
    /// Where it is in its life.
    pub state: KeyState,
    /// Its sealed material (`wrapped_key_v1`).
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub state_changed_at: Timestamp,
}

/// A token profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRow {
    /// Whose.
    pub tenant: TenantId,
    /// The profile.
    pub profile: TokenProfile,
    /// When.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

/// An identity that may be known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// Whose.
    pub tenant: TenantId,
    /// The service in the certificate's name; with the tenant, the row's key.
    pub service: ServiceName,
    /// Why it is known.
    pub reason: String,
    /// When.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// From when on it is as good as gone.
    pub expires_at: Option<Timestamp>,
    /// When it was put out of use.
    pub disabled_at: Option<Timestamp>,
    /// Limits of its own, in place of those that everybody has.
    pub velocity_limits: VelocityLimits,
    /// When it last made a request. Not under the MAC: it changes without a decision.
    pub last_used_at: Option<Timestamp>,
}

/// A grant's own id: eight random bytes, shown as `grt_` and sixteen hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantId(pub [u8; 8]);

impl GrantId {
    /// Reads `grt_…`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("grt_")?;
        if digits.len() != 16 || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        u64::from_str_radix(digits, 16).ok().map(|value| Self(value.to_be_bytes()))
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "grt_{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// An identity's appointment to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// Whose.
    pub tenant: TenantId,
    /// Which grant.
    pub grant: GrantId,
    /// To whom.
    pub service: ServiceName,
    /// The role.
    pub role: Role,
    /// Whether by this appointment values leave encrypted to a key of the identity, and not otherwise.
    pub encrypted_only: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub granted_at: Timestamp,
    /// By whom.
    pub granted_by: String,
    /// From when on it no longer holds.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// When it last decided a request. Not under the MAC: it changes without a decision.
    pub last_used_at: Option<Timestamp>,
}

/// A public key to which values leave encrypted for one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionKeyRow {
    /// Whose.
    pub tenant: TenantId,
    /// For which service; with the tenant and the thumbprint, the row's key.
    pub service: ServiceName,
    /// Its name.
    pub kid: KeyThumbprint,
    /// The key itself as a JWK, in the one spelling of `jwe`.
    pub jwk: String,
    /// Why.
    pub reason: String,
    /// When.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// From when on nothing is encrypted to it.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
}

/// A honeytoken's own id: eight random bytes, shown as `hny_` and sixteen hexadecimal digits. It says nothing of the
/// token.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoneytokenId(pub [u8; 8]);

impl HoneytokenId {
    /// Reads `hny_…`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("hny_")?;
        if digits.len() != 16 || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        u64::from_str_radix(digits, 16).ok().map(|value| Self(value.to_be_bytes()))
    }
}

impl fmt::Display for HoneytokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "hny_{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for HoneytokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A mark on a token that nobody has business with. It does not name the token: whoever reads the row cannot tell which
/// it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoneytokenRow {
    /// Whose.
    pub tenant: TenantId,
    /// Which mark.
    pub honeytoken: HoneytokenId,
    /// Keyed digest of tenant and token.
    pub mark: [u8; 32],
    /// What it is there for.
    pub reason: String,
    /// When the token was marked.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When the mark was taken away.
    pub withdrawn_at: Option<Timestamp>,
    /// By whom.
    pub withdrawn_by: Option<String>,
}

/// A row of the registry: the tables whose rows are under a MAC. Boxed, so that a list of 100,000 costs no more than its rows
/// and each is freed as soon as it has been taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryRow {
    /// Key: kind.
    HsmKey(Box<Registered<HsmKeyRow>>),
    /// Key: tenant.
    Tenant(Box<Registered<TenantRow>>),
    /// Key: tenant, key id. The name is unique in the tenant as well.
    Key(Box<Registered<KeyRow>>),
    /// Key: tenant, key id, version.
    KeyVersion(Box<Registered<KeyVersionRow>>),
    /// Key: tenant, name.
    Profile(Box<Registered<ProfileRow>>),
    /// Key: tenant, service.
    Identity(Box<Registered<IdentityRow>>),
    /// Key: tenant, grant.
    Grant(Box<Registered<GrantRow>>),
    /// Key: tenant, service, thumbprint.
    EncryptionKey(Box<Registered<EncryptionKeyRow>>),
    /// Key: tenant, honeytoken.
    Honeytoken(Box<Registered<HoneytokenRow>>),
}

/// What holds the registry's rows together: a row that was left out, added or rolled back does not fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryHead {
    /// One more with each change of the registry.
    pub epoch: u64,
    /// How many rows there are.
    pub rows: u64,
    /// The MACs of all rows, combined (`registry_mac_v1`).
    pub digest: [u8; 32],
    /// MAC over the three.
    pub mac: [u8; 32],
}

/// Everything a node must know before it serves.
#[derive(Debug, Clone)]
pub struct Registry {
    /// The cluster.
    pub cluster: ClusterRow,
    /// The head.
    pub head: RegistryHead,
    /// All rows, in no particular order.
    pub rows: Vec<RegistryRow>,
}

/// When an identity, and the grants that let it, were last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// Whose.
    pub tenant: TenantId,
    /// Which identity.
    pub service: ServiceName,
    /// Which of its grants.
    pub grants: Vec<GrantId>,
    /// When.
    pub at: Timestamp,
}
