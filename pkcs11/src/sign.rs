//! Authentication codes and signatures.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use sha2::{Digest as _, Sha256};
use strongroom_core::ports::HsmError;

use crate::fault::Fault;
use crate::handles::KeyObjects;
use crate::seat::Seat;

/// How a MAC key makes MACs. Fixed by the type of the key, when it was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MacForm {
    /// CKM_SHA256_HMAC under a generic secret.
    HmacSha256,
    /// CKM_AES_CMAC under an AES key.
    AesCmac,
}

/// A MAC under a registry key.
pub(crate) fn mac(seat: &Seat, objects: &KeyObjects, message: &[u8]) -> Result<Vec<u8>, Fault> {
    let form = objects.mac.ok_or(HsmError::Unsupported("a MAC under this key"))?;
    mac_with(seat, form, objects.main, message)
}

/// A MAC under any key. The mechanisms fix the length; another one is a broken module.
pub(crate) fn mac_with(
    seat: &Seat,
    form: MacForm,
    key: ObjectHandle,
    message: &[u8],
) -> Result<Vec<u8>, Fault> {
    let (mechanism, length) = match form {
        MacForm::HmacSha256 => (Mechanism::Sha256Hmac, 32),
        MacForm::AesCmac => (Mechanism::AesCMac, 16),
    };
    let code = seat.sign(&mechanism, key, message)?;
    if code.len() == length { Ok(code) } else { Err(Fault::Wrapper("a MAC of the wrong length")) }
}

/// ECDSA over a hash computed here: CKM_ECDSA_SHA256 is rarer than CKM_ECDSA and does the same.
pub(crate) fn sign(seat: &Seat, key: ObjectHandle, message: &[u8]) -> Result<[u8; 64], Fault> {
    let signature = seat.sign(&Mechanism::Ecdsa, key, &sha256(message))?;
    signature.try_into().map_err(|_| Fault::Wrapper("an ECDSA P-256 signature that has not 64 bytes"))
}

/// The public point, SEC 1 uncompressed.
pub(crate) fn public_point(seat: &Seat, objects: &KeyObjects) -> Result<Vec<u8>, Fault> {
    let public = objects.public.ok_or(HsmError::Unsupported("a public key of this key"))?;
    match seat.get_attributes(public, &[AttributeType::EcPoint])?.into_iter().next() {
        Some(Attribute::EcPoint(encoded)) => {
            uncompressed(&encoded).ok_or(Fault::Wrapper("a malformed public point"))
        }
        _ => Err(Fault::Wrapper("no public point")),
    }
}

pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}

/// The standard wraps the point in a DER OCTET STRING (04 41 04 …); some modules give it bare.
fn uncompressed(encoded: &[u8]) -> Option<Vec<u8>> {
    let bare = match encoded {
        [0x04, 0x41, point @ ..] if point.len() == POINT_LENGTH => point,
        point => point,
    };
    (bare.len() == POINT_LENGTH && bare.first() == Some(&0x04)).then(|| bare.to_vec())
}

const POINT_LENGTH: usize = 65;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_wrapped_and_bare_and_in_no_other_form() {
        let bare = [&[0x04][..], &[0x41; 64]].concat();
        let wrapped = [&[0x04, 0x41][..], &bare].concat();
        assert_eq!(uncompressed(&wrapped), Some(bare.clone()));
        // This one also begins with 04 41 and must not lose two bytes.
        assert_eq!(uncompressed(&bare), Some(bare.clone()));
        let compressed = [&[0x02][..], &[7; 32]].concat();
        for malformed in [&[][..], &bare[..64], &wrapped[..66], &compressed] {
            assert_eq!(uncompressed(malformed), None);
        }
    }
}
