use strongroom_crypto::Injective;

use crate::ports::store::SecurityCodeRow;

/// What a sealed code is bound to: its row, and everything in that row which decides how long it may be used.
pub(super) fn place(row: &SecurityCodeRow) -> Vec<u8> {
    Injective::new("strongroom/security-code/v1")
        .part(row.tenant.as_str().as_bytes())
        .part(row.token.as_str().as_bytes())
        .part(&row.period.to_be_bytes())
        .part(&row.created_at.unix_millis().to_be_bytes())
        .part(&row.expires_at.unix_millis().to_be_bytes())
        .finish()
}

/// The name of the one field that is sealed (`fields_v1`).
pub(super) const FIELD: &str = "security_code";
