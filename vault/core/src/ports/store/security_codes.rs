use strongroom_domain::{KeyId, TenantId, Timestamp, Token};

use crate::ports::HsmKey;

/// The key of one period, under which security codes are sealed. Its material is useless without a key in the HSM, which is
/// destroyed when the codes have served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityCodeKeyRow {
    /// Which period; the row's key. There is one key a period, whoever made it.
    pub period: u32,
    /// Its id, as in the header of each code sealed under it.
    pub key_id: KeyId,
    /// The key in the HSM.
    pub hsm_key: HsmKey,
    /// The sealed material (`wrapped_key_v1`).
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its destruction began. From then on nothing is sealed or opened under it.
    pub shredding_at: Option<Timestamp>,
}

/// A token's security code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityCodeRow {
    /// Whose.
    pub tenant: TenantId,
    /// Whose card it belongs to; with the tenant, the row's key.
    pub token: Token,
    /// The period under whose key it is sealed.
    pub period: u32,
    /// The sealed code (`envelope_v1`).
    pub envelope: Vec<u8>,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// From when on it is as good as gone.
    pub expires_at: Timestamp,
}
