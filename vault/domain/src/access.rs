//! Who may do what: the nouns and verbs that policies speak of.

use crate::key::named;

/// A name that is none of the known ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownName(pub &'static str);

named!(
    /// What an identity has been appointed to. Data roles and administration roles exclude each other.
    Role {
        /// Turns values into tokens.
        Tokenizer = "tokenizer",
        /// Turns tokens back into values.
        Detokenizer = "detokenizer",
        /// Encrypts fields.
        Encryptor = "encryptor",
        /// Decrypts fields.
        Decryptor = "decryptor",
        /// Creates and rotates keys, creates token profiles.
        KeyAdmin = "key-admin",
        /// Takes part in ceremonies and approvals over keys.
        KeyCustodian = "key-custodian",
        /// Asks for certificates.
        CertificateRequester = "certificate-requester",
        /// Runs the certificate authority.
        CertificateAdmin = "certificate-admin",
        /// Appoints identities to roles. Never to its own.
        IdentityAdmin = "identity-admin",
        /// Reads the record and the evidence, changes nothing.
        Auditor = "auditor",
        /// Health and status, no data.
        Operator = "operator",
        /// The payment gateway: works on tokens, never sees a value.
        Gateway = "gateway",
    }
);

impl Role {
    /// Roles that touch the values themselves.
    pub const fn is_data_role(self) -> bool {
        matches!(
            self,
            Self::Tokenizer | Self::Detokenizer | Self::Encryptor | Self::Decryptor | Self::Gateway
        )
    }

    /// Roles that decide over keys, certificates and identities.
    pub const fn is_administration_role(self) -> bool {
        matches!(
            self,
            Self::KeyAdmin
                | Self::KeyCustodian
                | Self::CertificateRequester
                | Self::CertificateAdmin
                | Self::IdentityAdmin
        )
    }

    const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// A set of roles. Small enough to be a cache key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RoleSet(u16);

impl RoleSet {
    /// No role.
    pub const EMPTY: Self = Self(0);

    /// This set and one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    /// Whether the role is among them.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// The roles.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.contains(*role))
    }

    /// Whether it joins a data role with an administration role, which one identity may not.
    pub fn is_exclusive_conflict(self) -> bool {
        self.iter().any(Role::is_data_role) && self.iter().any(Role::is_administration_role)
    }
}

impl FromIterator<Role> for RoleSet {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::EMPTY, Self::with)
    }
}

named!(
    /// What can be done. Each is one line of the policy matrix and one kind of audit record.
    Action {
        /// A value becomes a token.
        TokenCreate = "token.create",
        /// What is known of a token without its value.
        TokenGet = "token.get",
        /// Tokens of the tenant, without their values.
        TokenList = "token.list",
        /// A token's metadata and end change.
        TokenUpdate = "token.update",
        /// A token and its value end.
        TokenDelete = "token.delete",
        /// A card's security code is kept until its payment is authorised.
        PutSecurityCode = "token.put-security-code",
        /// A payment was authorised or not, and its security code is destroyed.
        ReportAuthorisation = "token.report-authorisation",
        /// The value, masked or in full.
        TokenDetokenize = "token.detokenize",
        /// The tokens of a value.
        TokenSearch = "token.search",
        /// A value goes to a listed destination without the caller seeing it.
        ProxyForward = "proxy.forward",
        /// Protects a field.
        Encrypt = "crypto.encrypt",
        /// Reads a protected field.
        Decrypt = "crypto.decrypt",
        /// Protects a field anew without showing it.
        Reencrypt = "crypto.reencrypt",
        /// Shows what a value is stored as under each version of a deterministic key.
        Lookup = "crypto.lookup",
        /// Makes a key for use outside the vault, and its ciphertext.
        DataKey = "crypto.data-key",
        /// Vouches for data.
        Mac = "crypto.mac",
        /// Tells whether data are what was vouched for.
        VerifyMac = "crypto.verify-mac",
        /// Signs data.
        Sign = "crypto.sign",
        /// Tells whether data are what was signed.
        VerifySignature = "crypto.verify",
        /// The public keys that verify a key's signatures.
        PublicKeys = "key.public-keys",
        /// A new key.
        KeyCreate = "key.create",
        /// What is known of a key.
        KeyGet = "key.get",
        /// The keys of the tenant.
        KeyList = "key.list",
        /// A new version of a key.
        KeyRotate = "key.rotate",
        /// A new token profile.
        ProfileCreate = "profile.create",
        /// What a token profile says.
        ProfileGet = "profile.get",
        /// The token profiles of the tenant.
        ProfileList = "profile.list",
        /// An identity becomes known.
        IdentityCreate = "identity.create",
        /// An identity with its grants.
        IdentityGet = "identity.get",
        /// The identities of the tenant.
        IdentityList = "identity.list",
        /// An identity loses all it had.
        IdentityDisable = "identity.disable",
        /// The limits of an identity.
        VelocityLimitsGet = "velocity-limits.get",
        /// The limits of an identity change.
        VelocityLimitsSet = "velocity-limits.set",
        /// An identity is appointed to a role.
        GrantCreate = "grant.create",
        /// An appointment ends.
        GrantRevoke = "grant.revoke",
        /// A public key is registered, to which an identity gets values encrypted.
        EncryptionKeyCreate = "encryption-key.create",
        /// The public keys of an identity.
        EncryptionKeyList = "encryption-key.list",
        /// A public key of an identity ends.
        EncryptionKeyRevoke = "encryption-key.revoke",
        /// A token is marked as one that nobody has business with.
        HoneytokenCreate = "honeytoken.create",
        /// The honeytokens of the tenant, without the tokens.
        HoneytokenList = "honeytoken.list",
        /// A honeytoken is a token like any other again.
        HoneytokenWithdraw = "honeytoken.withdraw",
        /// Looks for records.
        AuditSearch = "audit.search",
        /// Takes the records away for verification.
        AuditExport = "audit.export",
        /// What the node is and how it fares.
        StatusGet = "status.get",
    }
);

named!(
    /// How much of a value is asked for.
    Reveal {
        /// First six and last four digits.
        Masked = "masked",
        /// All of it.
        Full = "full",
    }
);

named!(
    /// What a value is asked for. Which role may state which purpose is a matter of policy.
    DetokenizationPurpose {
        /// To authorise a payment.
        Authorisation = "authorisation",
        /// To settle or capture one.
        Settlement = "settlement",
        /// To give money back.
        Refund = "refund",
        /// To answer a dispute.
        Chargeback = "chargeback",
        /// To renew card details with the scheme.
        AccountUpdate = "account-update",
        /// To look into fraud.
        FraudReview = "fraud-review",
        /// To show a customer or an agent which card it is.
        Display = "display",
        /// To move to another vault.
        Migration = "migration",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_administration_exclude_each_other() {
        assert!(RoleSet::from_iter([Role::Tokenizer, Role::KeyAdmin]).is_exclusive_conflict());
        assert!(
            !RoleSet::from_iter([Role::Tokenizer, Role::Detokenizer, Role::Auditor]).is_exclusive_conflict()
        );
        for role in Role::ALL {
            assert!(!(role.is_data_role() && role.is_administration_role()));
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        for role in Role::ALL {
            assert_eq!(RoleSet::EMPTY.with(*role).iter().collect::<Vec<_>>(), vec![*role]);
        }
    }
}
