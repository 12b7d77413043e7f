//! Keys that never leave the token in the clear: made as session objects, handed out wrapped, unwrapped into session
//! objects again. The token holds a handful of key-encryption keys instead of thousands of keys, and some tokens slow
//! down with every object they hold.

use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use strongroom_core::ports::{HsmError, KeyCheckValue};
use strongroom_crypto::wrapped_key_v1::{Mechanism as Sealing, WrappedKey};

use crate::binding::Bound;
use crate::check_value;
use crate::fault::Fault;
use crate::handles::KeyObjects;
use crate::seat::Seat;
use crate::templates;

/// Makes an AES-256 key and wraps it.
pub(crate) fn generate_wrapped(
    seat: &Seat,
    objects: &KeyObjects,
    kek_id: [u8; 16],
    aad: &[u8],
) -> Result<(WrappedKey, KeyCheckValue), Fault> {
    let mechanism = seat.token.capabilities().wrap.ok_or(HsmError::Unsupported("wrapping of keys"))?;
    let _alone = seat.token.one_creation_at_a_time();
    let mut template = templates::session_key(true);
    template.push(Attribute::ValueLen(32.into()));
    let key = seat.generate_key(&Mechanism::AesKeyGen, &template)?;
    let outcome = check_value::of_session_key(seat, key)
        .and_then(|check_value| Ok((wrap(seat, objects, mechanism, kek_id, aad, key)?, check_value)));
    seat.discard(key);
    outcome
}

/// Unwraps such a key and tells its check value.
pub(crate) fn unwrap_and_check(
    seat: &Seat,
    objects: &KeyObjects,
    aad: &[u8],
    wrapped: &WrappedKey,
) -> Result<KeyCheckValue, Fault> {
    let _alone = seat.token.one_creation_at_a_time();
    let key = unwrap(seat, objects, aad, wrapped)?;
    let outcome = check_value::of_session_key(seat, key);
    seat.discard(key);
    outcome
}

fn wrap(
    seat: &Seat,
    objects: &KeyObjects,
    mechanism: Sealing,
    kek_id: [u8; 16],
    aad: &[u8],
    key: ObjectHandle,
) -> Result<WrappedKey, Fault> {
    let (iv, ciphertext) = match mechanism {
        Sealing::AesKeyWrap => (Vec::new(), seat.wrap_key(&Mechanism::AesKeyWrap, objects.main, key)?),
        Sealing::AesKeyWrapPad => (Vec::new(), seat.wrap_key(&Mechanism::AesKeyWrapPad, objects.main, key)?),
        Sealing::AesGcmWrap => {
            let iv = seat.public_random::<12>()?;
            let mut ciphertext = gcm_wrap(seat, objects.main, iv, aad, key)?;
            let tag = ciphertext.split_off(KEY_LENGTH);
            return Ok(WrappedKey { mechanism, kek_id, iv: iv.to_vec(), ciphertext, tag });
        }
        _ => {
            let iv = seat.public_random::<16>()?;
            (iv.to_vec(), seat.wrap_key(&Mechanism::AesCbcPad(iv), objects.main, key)?)
        }
    };
    let bound = Bound { mechanism, kek_id: &kek_id, aad, iv: &iv, ciphertext: &ciphertext };
    let tag = bound.tag(seat, objects)?;
    Ok(WrappedKey { mechanism, kek_id, iv, ciphertext, tag })
}

fn unwrap(
    seat: &Seat,
    objects: &KeyObjects,
    aad: &[u8],
    wrapped: &WrappedKey,
) -> Result<ObjectHandle, Fault> {
    let WrappedKey { mechanism, kek_id, iv, ciphertext, tag } = wrapped;
    let bound = Bound { mechanism: *mechanism, kek_id, aad, iv, ciphertext };
    match mechanism {
        Sealing::AesKeyWrap => {
            bound.verify(seat, objects, tag)?;
            unwrap_key(seat, &Mechanism::AesKeyWrap, objects.main, ciphertext)
        }
        Sealing::AesKeyWrapPad => {
            bound.verify(seat, objects, tag)?;
            unwrap_key(seat, &Mechanism::AesKeyWrapPad, objects.main, ciphertext)
        }
        Sealing::AesGcmWrap => {
            let iv: [u8; 12] = iv.as_slice().try_into().map_err(|_| HsmError::Integrity)?;
            if tag.len() != 16 {
                return Err(HsmError::Integrity.into());
            }
            gcm_unwrap(seat, objects.main, iv, aad, &[ciphertext.as_slice(), tag].concat())
        }
        Sealing::AesCbcPadHmacSha256 => {
            let iv: [u8; 16] = iv.as_slice().try_into().map_err(|_| HsmError::Integrity)?;
            bound.verify(seat, objects, tag)?;
            unwrap_key(seat, &Mechanism::AesCbcPad(iv), objects.main, ciphertext)
        }
        // Sealed data is not a wrapped key, and keys wrapped to an RSA key are not made here.
        Sealing::AesGcm | Sealing::AesGcmTokenIv | Sealing::AesCbcHmacSha256 | Sealing::RsaOaepSha256 => {
            Err(HsmError::Integrity.into())
        }
    }
}

/// Wrapped key and tag.
pub(crate) fn gcm_wrap(
    seat: &Seat,
    kek: ObjectHandle,
    mut iv: [u8; 12],
    aad: &[u8],
    key: ObjectHandle,
) -> Result<Vec<u8>, Fault> {
    let mechanism = Mechanism::AesGcm(GcmParams::new(&mut iv, aad, 128.into())?);
    let output = seat.wrap_key(&mechanism, kek, key)?;
    if output.len() == KEY_LENGTH + 16 {
        Ok(output)
    } else {
        Err(Fault::Wrapper("a wrapped key of the wrong length"))
    }
}

/// Unwraps such a key.
pub(crate) fn gcm_unwrap(
    seat: &Seat,
    kek: ObjectHandle,
    mut iv: [u8; 12],
    aad: &[u8],
    input: &[u8],
) -> Result<ObjectHandle, Fault> {
    let mechanism = Mechanism::AesGcm(GcmParams::new(&mut iv, aad, 128.into())?);
    unwrap_key(seat, &mechanism, kek, input)
}

/// Unwraps an AES key into a session object that cannot be extracted.
pub(crate) fn unwrap_key(
    seat: &Seat,
    mechanism: &Mechanism<'_>,
    kek: ObjectHandle,
    wrapped: &[u8],
) -> Result<ObjectHandle, Fault> {
    let mut template = vec![Attribute::Class(ObjectClass::SECRET_KEY), Attribute::KeyType(KeyType::AES)];
    template.extend(templates::session_key(false));
    Ok(seat.unwrap_key(mechanism, kek, wrapped, &template)?)
}

const KEY_LENGTH: usize = 32;
