//! MACs over registry rows. Whoever can write to the database can neither alter a row, add one, leave one out nor bring
//! an old one back without this being noticed at the next load.

use strongroom_crypto::Injective;
use strongroom_crypto::registry_mac_v1::{RegistryDigest, RegistryMacKey, Row, RowMac};
use strongroom_domain::{Secret, TenantId, Timestamp, TokenProfile};

use crate::VaultError;
use crate::ports::store::{
    ClusterRow, EncryptionKeyRow, GrantRow, HoneytokenRow, HsmKeyRow, IdentityRow, KeyRow, KeyVersionRow,
    ProfileRow, RegistryHead, RegistryRow, TenantRow, VelocityRow,
};
use crate::ports::{Hsm, HsmKey};

/// Makes and checks the MACs, under a key that is rooted in the HSM and derived once a start.
pub(crate) struct Authenticator(RegistryMacKey);

impl Authenticator {
    /// Derives the key: one call to the HSM, so that checking 100,000 rows does not take 100,000. All of the cluster's
    /// own row goes into it, which has no MAC of its own: were it altered, no other row would fit.
    pub(crate) async fn derive(
        hsm: &dyn Hsm,
        root: &HsmKey,
        cluster: &ClusterRow,
    ) -> Result<Self, VaultError> {
        let ClusterRow { cluster_id, trust_domain, created_at } = cluster;
        let message = Injective::new("strongroom/registry-mac/root/v1")
            .part(cluster_id)
            .part(trust_domain.as_str().as_bytes())
            .part(&created_at.unix_millis().to_be_bytes())
            .finish();
        let root: Secret<Vec<u8>> = hsm.mac(root, &message).await?;
        RegistryMacKey::from_root(root, cluster_id).map(Self).ok_or(VaultError::IntegrityFailure)
    }

    /// The MAC of a row as of an epoch.
    pub(crate) fn mac(&self, row: &RegistryRow, epoch: u64) -> [u8; 32] {
        *self.0.mac(&canonical(row, epoch)).as_bytes()
    }

    /// Whether the row is as it was written.
    pub(crate) fn verify(&self, row: &RegistryRow) -> bool {
        let (epoch, mac) = guard(row);
        self.0.verify(&canonical(row, epoch), &RowMac::from_bytes(mac))
    }

    /// The MAC of a count.
    pub(crate) fn velocity_mac(&self, row: &VelocityRow) -> [u8; 32] {
        *self.0.mac(&velocity(row)).as_bytes()
    }

    /// Whether a count is one that a node wrote.
    pub(crate) fn verify_velocity(&self, row: &VelocityRow) -> bool {
        self.0.verify(&velocity(row), &RowMac::from_bytes(row.mac))
    }

    /// What a honeytoken is known by: under a key that no database holds, so that its row does not lead to the token.
    pub(crate) fn honeytoken_mark(&self, tenant: &TenantId, token: &str) -> [u8; 32] {
        let marked = Row::new("honeytoken_marks").text("tenant", tenant.as_str()).text("token", token);
        *self.0.mac(&marked).as_bytes()
    }

    /// The head that holds these rows together.
    pub(crate) fn head(&self, epoch: u64, rows: u64, digest: &RegistryDigest) -> RegistryHead {
        let mac = self.0.head_mac(epoch, rows, digest);
        RegistryHead { epoch, rows, digest: digest.summary(), mac: *mac.as_bytes() }
    }

    /// Whether the head is as it was written and fits these rows.
    pub(crate) fn verify_head(&self, head: &RegistryHead, rows: u64, digest: &RegistryDigest) -> bool {
        let expected = self.head(head.epoch, rows, digest);
        let fits = expected.rows == head.rows && expected.digest == head.digest;
        fits & bool::from(subtle::ConstantTimeEq::ct_eq(expected.mac.as_slice(), head.mac.as_slice()))
    }
}

/// The epoch and MAC that stand with a row.
pub(crate) const fn guard(row: &RegistryRow) -> (u64, [u8; 32]) {
    match row {
        RegistryRow::HsmKey(registered) => (registered.epoch, registered.mac),
        RegistryRow::Tenant(registered) => (registered.epoch, registered.mac),
        RegistryRow::Key(registered) => (registered.epoch, registered.mac),
        RegistryRow::KeyVersion(registered) => (registered.epoch, registered.mac),
        RegistryRow::Profile(registered) => (registered.epoch, registered.mac),
        RegistryRow::Identity(registered) => (registered.epoch, registered.mac),
        RegistryRow::Grant(registered) => (registered.epoch, registered.mac),
        RegistryRow::EncryptionKey(registered) => (registered.epoch, registered.mac),
        RegistryRow::Honeytoken(registered) => (registered.epoch, registered.mac),
    }
}

fn canonical(row: &RegistryRow, epoch: u64) -> Row {
    let row = match row {
        RegistryRow::HsmKey(registered) => hsm_key(&registered.row),
        RegistryRow::Tenant(registered) => tenant(&registered.row),
        RegistryRow::Key(registered) => key(&registered.row),
        RegistryRow::KeyVersion(registered) => key_version(&registered.row),
        RegistryRow::Profile(registered) => profile(&registered.row),
        RegistryRow::Identity(registered) => identity(&registered.row),
        RegistryRow::Grant(registered) => grant(&registered.row),
        RegistryRow::EncryptionKey(registered) => encryption_key(&registered.row),
        RegistryRow::Honeytoken(registered) => honeytoken(&registered.row),
    };
    row.bytes("epoch", &epoch.to_be_bytes())
}

fn hsm_key(row: &HsmKeyRow) -> Row {
    Row::new("hsm_keys")
        .text("kind", row.key.kind.as_str())
        .bytes("id", &row.key.id)
        .text("label", &row.key.label)
        .bytes("check_value", &row.key.check_value.0)
        .integer("created_at", row.created_at.unix_millis())
}

fn tenant(row: &TenantRow) -> Row {
    Row::new("tenants")
        .text("tenant", row.tenant.as_str())
        .integer("created_at", row.created_at.unix_millis())
}

fn key(row: &KeyRow) -> Row {
    Row::new("keys")
        .text("tenant", row.tenant.as_str())
        .bytes("key_id", row.key_id.as_bytes())
        .text("name", row.name.as_str())
        .text("purpose", row.purpose.as_str())
        .text("protection", row.protection.as_str())
        .optional_text("value_format", row.value_format.as_deref().map(ToString::to_string).as_deref())
        .integer("rotation_days", i64::from(row.rotation_days))
        .integer("created_at", row.created_at.unix_millis())
        .text("created_by", &row.created_by)
}

fn key_version(row: &KeyVersionRow) -> Row {
    Row::new("key_versions")
        .text("tenant", row.tenant.as_str())
        .bytes("key_id", row.key_id.as_bytes())
        .integer("version", i64::from(row.version.get()))
        .text("state", row.state.as_str())
        .bytes("wrapped", &row.wrapped)
        .integer("created_at", row.created_at.unix_millis())
        .integer("state_changed_at", row.state_changed_at.unix_millis())
}

fn profile(row: &ProfileRow) -> Row {
    let TokenProfile {
        name,
        format,
        keep,
        luhn,
        show,
        min_card_digits,
        reuse,
        scope,
        ttl,
        single_use,
        reversible,
        card_check_digit,
    } = &row.profile;
    Row::new("token_profiles")
        .text("tenant", row.tenant.as_str())
        .text("name", name.as_str())
        .text("format", format.as_str())
        .text("keep", keep.as_str())
        .text("luhn", luhn.as_str())
        .text("show", show.as_str())
        .integer("min_card_digits", i64::from(*min_card_digits))
        .text("reuse", reuse.as_str())
        .optional_text("scope", scope.as_ref().map(strongroom_domain::ScopeName::as_str))
        .optional_integer("ttl_seconds", ttl.map(|ttl| i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX)))
        .integer("single_use", i64::from(*single_use))
        .integer("reversible", i64::from(*reversible))
        .integer(
            "check_digit_required",
            i64::from(*card_check_digit == strongroom_domain::LuhnRule::Required),
        )
        .integer("created_at", row.created_at.unix_millis())
        .text("created_by", &row.created_by)
}

fn identity(row: &IdentityRow) -> Row {
    Row::new("identities")
        .text("tenant", row.tenant.as_str())
        .text("service", row.service.as_str())
        .text("reason", &row.reason)
        .integer("created_at", row.created_at.unix_millis())
        .text("created_by", &row.created_by)
        .optional_integer("expires_at", row.expires_at.map(Timestamp::unix_millis))
        .optional_integer("disabled_at", row.disabled_at.map(Timestamp::unix_millis))
        .text("velocity_limits", &row.velocity_limits.to_string())
}

fn grant(row: &GrantRow) -> Row {
    Row::new("role_grants")
        .text("tenant", row.tenant.as_str())
        .bytes("grant", &row.grant.0)
        .text("service", row.service.as_str())
        .text("role", row.role.as_str())
        .integer("encrypted_only", i64::from(row.encrypted_only))
        .text("reason", &row.reason)
        .integer("granted_at", row.granted_at.unix_millis())
        .text("granted_by", &row.granted_by)
        .optional_integer("expires_at", row.expires_at.map(Timestamp::unix_millis))
        .optional_integer("revoked_at", row.revoked_at.map(Timestamp::unix_millis))
        .optional_text("revoked_by", row.revoked_by.as_deref())
}

fn encryption_key(row: &EncryptionKeyRow) -> Row {
    Row::new("encryption_keys")
        .text("tenant", row.tenant.as_str())
        .text("service", row.service.as_str())
        .text("kid", row.kid.as_str())
        .text("jwk", &row.jwk)
        .text("reason", &row.reason)
        .integer("created_at", row.created_at.unix_millis())
        .text("created_by", &row.created_by)
        .optional_integer("expires_at", row.expires_at.map(Timestamp::unix_millis))
        .optional_integer("revoked_at", row.revoked_at.map(Timestamp::unix_millis))
        .optional_text("revoked_by", row.revoked_by.as_deref())
}

fn honeytoken(row: &HoneytokenRow) -> Row {
    Row::new("honeytokens")
        .text("tenant", row.tenant.as_str())
        .bytes("honeytoken", &row.honeytoken.0)
        .bytes("mark", &row.mark)
        .text("reason", &row.reason)
        .integer("created_at", row.created_at.unix_millis())
        .text("created_by", &row.created_by)
        .optional_integer("withdrawn_at", row.withdrawn_at.map(Timestamp::unix_millis))
        .optional_text("withdrawn_by", row.withdrawn_by.as_deref())
}

fn velocity(row: &VelocityRow) -> Row {
    Row::new("velocity_counters")
        .text("tenant", row.tenant.as_str())
        .text("service", row.service.as_str())
        .text("counter", &row.counter.to_string())
        .integer("slot_millis", i64::from(row.slot_millis))
        .integer("latest", row.latest.unix_millis())
        .bytes("current", &row.current.to_be_bytes())
        .bytes("previous", &row.previous.to_be_bytes())
        .bytes("earlier", &row.earlier.to_be_bytes())
        .bytes("row_version", &row.row_version.to_be_bytes())
}
