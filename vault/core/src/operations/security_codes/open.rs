use strongroom_crypto::fields_v1;
use strongroom_domain::SecurityCode;

use super::place::{FIELD, place};
use crate::VaultError;
use crate::ports::store::TokenRow;
use crate::vault::Core;

/// Opens the code of a live token for an authorisation request that the vault itself sends. Using it does not use it up, so that
/// another acquirer can be asked after the first; its time and the report of the result do.
pub(crate) async fn open_security_code(core: &Core, token: &TokenRow) -> Result<SecurityCode, VaultError> {
    let found = core.store().find_security_code(&token.tenant, &token.token).await?;
    let row = found.filter(|row| row.expires_at > core.clock().now()).ok_or(VaultError::SecurityCodeGone)?;
    let key = core.security_codes.of(core, row.period, &row.envelope).await?;
    let plain = key.open(&row.envelope, &place(&row))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "parsed into the type that keeps it secret; the buffer is wiped on return"
    )]
    let fields = fields_v1::decode(plain.expose()).map_err(|_| VaultError::IntegrityFailure)?;
    match fields.as_slice() {
        [(FIELD, digits)] => std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| SecurityCode::parse(digits.to_owned()).ok())
            .ok_or(VaultError::IntegrityFailure),
        _ => Err(VaultError::IntegrityFailure),
    }
}
