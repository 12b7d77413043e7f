//! Field encryption: seal, open and re-seal values that callers keep.

mod decrypt;
mod encrypt;
mod reencrypt;
mod salts;

use strongroom_crypto::Injective;
use strongroom_domain::{Context, KeyPurpose, Secret, TenantId};

pub use decrypt::Decrypted;
pub use encrypt::{EncryptItem, Encrypted};

use crate::VaultError;
use crate::audit::EventDraft;
use crate::registry::Key;

/// A value to open or to seal anew.
pub struct DecryptItem {
    /// As [`Encrypted::ciphertext`] was handed out.
    pub ciphertext: Vec<u8>,
    /// The context it was sealed with.
    pub context: Context,
}

/// Refuses keys that are there for something else.
fn for_fields(key: &Key) -> Result<&Key, VaultError> {
    if key.row.purpose == KeyPurpose::FieldEncryption { Ok(key) } else { Err(VaultError::KeyPurpose) }
}

/// What a field's ciphertext is bound to beside its header, which names key and version.
fn place(tenant: &TenantId, context: &Context) -> Vec<u8> {
    Injective::new("strongroom/field/v1")
        .part(tenant.as_str().as_bytes())
        .part(KeyPurpose::FieldEncryption.as_str().as_bytes())
        .pairs(context.pairs())
        .finish()
}

/// One record per way it ended, each with its count; a single item gives a single record.
fn records<T>(subject: &EventDraft, results: &[Result<T, VaultError>]) -> Vec<EventDraft> {
    let mut outcomes: Vec<(Option<&VaultError>, usize)> = Vec::with_capacity(1);
    for result in results {
        let failure = result.as_ref().err();
        match outcomes
            .iter_mut()
            .find(|(known, _)| known.map(VaultError::code) == failure.map(VaultError::code))
        {
            Some((_, count)) => *count += 1,
            None => outcomes.push((failure, 1)),
        }
    }
    outcomes
        .into_iter()
        .map(|(failure, count)| {
            let event = subject.clone().count(count);
            match failure {
                None => event,
                Some(error) => event.failed(error),
            }
        })
        .collect()
}

type Plaintext = Secret<Vec<u8>>;
