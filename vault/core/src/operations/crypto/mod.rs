//! Using keys: seal, open, re-seal and look for values that callers keep, vouch for data and sign them, make data keys.

mod data_key;
mod decrypt;
mod encrypt;
mod jwks;
mod lookup;
mod mac;
mod reencrypt;
mod salts;
mod scheme;
mod sign;
mod tool;

use strongroom_crypto::Injective;
use strongroom_domain::{Context, KeyPurpose, KeyVersion, Secret, TenantId};

pub use data_key::{DataKey, DataKeyRequest};
pub use decrypt::Decrypted;
pub use encrypt::{EncryptItem, Encrypted};
pub use mac::{MacItem, MadeMac, VerifiedMac, VerifyMacItem};
pub use sign::{PublicKeyView, SignItem, Signed, Verified, VerifyItem};

pub(super) use decrypt::Opener;
pub(super) use salts::Drawn;
pub(super) use scheme::Scheme;

use crate::VaultError;
use crate::audit::EventDraft;

/// A value to open or to seal anew.
pub struct DecryptItem {
    /// As [`Encrypted::ciphertext`] was handed out.
    pub ciphertext: Vec<u8>,
    /// As [`Encrypted::key_version`] was handed out: for format-preserving encryption, whose ciphertexts do not say it, and
    /// for nothing else.
    pub key_version: Option<KeyVersion>,
    /// The context it was sealed with.
    pub context: Context,
}

/// What a ciphertext or code is bound to beside its header, which names key and version.
fn place(tenant: &TenantId, purpose: KeyPurpose, context: &Context) -> Vec<u8> {
    Injective::new("strongroom/field/v1")
        .part(tenant.as_str().as_bytes())
        .part(purpose.as_str().as_bytes())
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

/// The records of checking what callers handed in: what vouches for nothing is a right answer to the caller and no success
/// on record.
fn records_of_checks<T>(
    subject: &EventDraft,
    results: &[Result<T, VaultError>],
    is_invalid: impl Fn(&T) -> bool,
) -> Vec<EventDraft> {
    let is_invalid = |result: &&Result<T, VaultError>| result.as_ref().is_ok_and(&is_invalid);
    let invalid = results.iter().filter(is_invalid).count();
    let others: Vec<Result<(), VaultError>> = results
        .iter()
        .filter(|result| !is_invalid(result))
        .map(|result| result.as_ref().map(drop).map_err(Clone::clone))
        .collect();
    let mut events = records(subject, &others);
    if invalid > 0 {
        events.push(subject.clone().count(invalid).invalid());
    }
    events
}

type Plaintext = Secret<Vec<u8>>;
