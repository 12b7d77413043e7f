//! A card that a client encrypted for the vault.

use strongroom_crypto::jwe::{EncryptedCard, Jwe, JweError};
use strongroom_domain::{Expiry, Secret};

use super::CardInput;
use crate::VaultError;
use crate::registry::{Snapshot, TenantState};
use crate::vault::Core;

/// Opens it with the key whose name it carries, if one of the tenant's keys for clients has that name and may still process
/// data. The security code, if there is one, stands apart from the card.
pub(super) async fn open_encrypted_card(
    core: &Core,
    snapshot: &Snapshot,
    state: &TenantState,
    sent: &Secret<String>,
) -> Result<(CardInput, Option<Secret<String>>), VaultError> {
    #[expect(clippy::disallowed_methods, reason = "a ciphertext; what is in it stays secret")]
    let jwe = Jwe::parse(sent.expose())?;
    for key in state.keys_for_clients() {
        for version in key.readable() {
            let working = core.working_key(snapshot, version).await?;
            let recipient = working.recipient.as_ref().ok_or(VaultError::IntegrityFailure)?;
            if recipient.public().kid() == jwe.kid() {
                return card(&recipient.open(&jwe)?);
            }
        }
    }
    Err(JweError::unknown_key().into())
}

fn card(plaintext: &Secret<Vec<u8>>) -> Result<(CardInput, Option<Secret<String>>), VaultError> {
    #[expect(clippy::disallowed_methods, reason = "parsed into the types that keep it secret")]
    let card = EncryptedCard::parse(plaintext.expose())?;
    let EncryptedCard { number, exp_month, exp_year, holder, security_code } = card;
    let expiry = match (exp_month, exp_year) {
        (None, None) => None,
        (Some(month), Some(year)) => Some(Expiry::new(month, year)?),
        _ => return Err(VaultError::Invalid("exp_month and exp_year belong together: give both or none")),
    };
    Ok((CardInput { number, expiry, holder }, security_code))
}
