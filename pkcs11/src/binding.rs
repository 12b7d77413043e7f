//! Binds sealed bytes to their place where the mechanism that made them takes no authenticated data.
//!
//! The key is an HMAC key on the token, made and proven together with the key-encryption key (`templates::Part`). So
//! the binding is exactly as strong as the wrapping: whoever can forge it is already inside the token. It is computed
//! over the ciphertext and checked before anything is decrypted or unwrapped, so no padding or wrapping error answers
//! to bytes that an attacker made up.

use cryptoki::object::ObjectHandle;
use strongroom_core::ports::HsmError;
use strongroom_crypto::Injective;
use strongroom_crypto::wrapped_key_v1::Mechanism as Sealing;
use subtle::ConstantTimeEq as _;

use crate::fault::Fault;
use crate::handles::KeyObjects;
use crate::seat::Seat;
use crate::sign::{MacForm, mac_with};

/// Everything that one set of sealed bytes is bound to.
pub(crate) struct Bound<'a> {
    pub(crate) mechanism: Sealing,
    pub(crate) kek_id: &'a [u8; 16],
    pub(crate) aad: &'a [u8],
    pub(crate) iv: &'a [u8],
    pub(crate) ciphertext: &'a [u8],
}

impl Bound<'_> {
    /// The tag.
    pub(crate) fn tag(&self, seat: &Seat, objects: &KeyObjects) -> Result<Vec<u8>, Fault> {
        mac_with(seat, MacForm::HmacSha256, binding_key(objects)?, &self.message())
    }

    /// Checks a tag.
    pub(crate) fn verify(&self, seat: &Seat, objects: &KeyObjects, tag: &[u8]) -> Result<(), Fault> {
        let expected = self.tag(seat, objects)?;
        if bool::from(expected.ct_eq(tag)) { Ok(()) } else { Err(HsmError::Integrity.into()) }
    }

    fn message(&self) -> Vec<u8> {
        Injective::new("strongroom/binding/v1")
            .part(&[self.mechanism.code()])
            .part(self.kek_id)
            .part(self.aad)
            .part(self.iv)
            .part(self.ciphertext)
            .finish()
    }
}

fn binding_key(objects: &KeyObjects) -> Result<ObjectHandle, Fault> {
    Ok(objects.binding.ok_or(HsmError::Unsupported("this mechanism under a key without a binding key"))?)
}
