//! Sealing key material as data, with the best of the mechanisms that the token has:
//! AES-GCM with our IV, AES-GCM with the token's IV, AES-CBC with HMAC-SHA256.

use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::ObjectHandle;
use strongroom_core::ports::HsmError;
use strongroom_crypto::wrapped_key_v1::{Mechanism as Sealing, WrappedKey};
use strongroom_domain::Secret;

use crate::binding::Bound;
use crate::fault::Fault;
use crate::handles::KeyObjects;
use crate::seat::Seat;

/// Encrypts material under a data key.
pub(crate) fn seal(
    seat: &Seat,
    objects: &KeyObjects,
    kek_id: [u8; 16],
    aad: &[u8],
    material: &[u8],
) -> Result<WrappedKey, Fault> {
    let mechanism =
        seat.token.capabilities().data.ok_or(HsmError::Unsupported("authenticated encryption of data"))?;
    let (iv, ciphertext, tag) = match mechanism {
        Sealing::AesGcm => {
            let iv = seat.public_random::<12>()?;
            let output = gcm_encrypt(seat, objects.main, iv, aad, material)?;
            let (ciphertext, tag) = split_tag(output)?;
            (iv.to_vec(), ciphertext, tag)
        }
        Sealing::AesGcmTokenIv => {
            let (iv, output) = gcm_encrypt_with_token_iv(seat, objects.main, aad, material)?;
            let (ciphertext, tag) = split_tag(output)?;
            (iv, ciphertext, tag)
        }
        _ => {
            let iv = seat.public_random::<16>()?;
            let ciphertext = seat.encrypt(&Mechanism::AesCbcPad(iv), objects.main, material)?;
            let bound = Bound { mechanism, kek_id: &kek_id, aad, iv: &iv, ciphertext: &ciphertext };
            let tag = bound.tag(seat, objects)?;
            (iv.to_vec(), ciphertext, tag)
        }
    };
    Ok(WrappedKey { mechanism, kek_id, iv, ciphertext, tag })
}

/// Decrypts it again, by the mechanism that it names.
pub(crate) fn open(
    seat: &Seat,
    objects: &KeyObjects,
    aad: &[u8],
    sealed: &WrappedKey,
) -> Result<Secret<Vec<u8>>, Fault> {
    match sealed.mechanism {
        Sealing::AesGcm | Sealing::AesGcmTokenIv => {
            if sealed.tag.len() != TAG_LENGTH || !(12..=16).contains(&sealed.iv.len()) {
                return Err(HsmError::Integrity.into());
            }
            let mut iv = sealed.iv.clone();
            let input = [sealed.ciphertext.as_slice(), &sealed.tag].concat();
            gcm_decrypt(seat, objects.main, &mut iv, aad, &input)
        }
        Sealing::AesCbcHmacSha256 => {
            let iv: [u8; 16] = sealed.iv.as_slice().try_into().map_err(|_| HsmError::Integrity)?;
            let ciphertext = &sealed.ciphertext;
            let bound =
                Bound { mechanism: sealed.mechanism, kek_id: &sealed.kek_id, aad, iv: &iv, ciphertext };
            bound.verify(seat, objects, &sealed.tag)?;
            Ok(Secret::new(seat.decrypt(&Mechanism::AesCbcPad(iv), objects.main, ciphertext)?))
        }
        // A wrapped key object is not sealed data, whatever key it is under.
        Sealing::AesKeyWrap
        | Sealing::AesKeyWrapPad
        | Sealing::AesGcmWrap
        | Sealing::AesCbcPadHmacSha256
        | Sealing::RsaOaepSha256 => Err(HsmError::Integrity.into()),
    }
}

/// Ciphertext and tag.
pub(crate) fn gcm_encrypt(
    seat: &Seat,
    key: ObjectHandle,
    mut iv: [u8; 12],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mechanism = Mechanism::AesGcm(GcmParams::new(&mut iv, aad, TAG_BITS.into())?);
    let output = seat.encrypt(&mechanism, key, plaintext)?;
    if output.len() == plaintext.len().saturating_add(TAG_LENGTH) {
        Ok(output)
    } else {
        Err(Fault::Wrapper("AES-GCM output of the wrong length"))
    }
}

/// Tokens that insist on an IV of their own (FIPS 140) are handed zeros and write it back over them, or append it.
pub(crate) fn gcm_encrypt_with_token_iv(
    seat: &Seat,
    key: ObjectHandle,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), Fault> {
    let mut iv = [0_u8; 12];
    let output = {
        let mechanism = Mechanism::AesGcm(GcmParams::new(&mut iv, aad, TAG_BITS.into())?);
        seat.encrypt(&mechanism, key, plaintext)?
    };
    token_iv(iv, output, plaintext.len()).ok_or(Fault::Wrapper("AES-GCM output without an IV of the token's"))
}

/// The plaintext of ciphertext and tag.
pub(crate) fn gcm_decrypt(
    seat: &Seat,
    key: ObjectHandle,
    iv: &mut [u8],
    aad: &[u8],
    input: &[u8],
) -> Result<Secret<Vec<u8>>, Fault> {
    let mechanism = Mechanism::AesGcm(GcmParams::new(iv, aad, TAG_BITS.into())?);
    Ok(Secret::new(seat.decrypt(&mechanism, key, input)?))
}

/// Where the token put its IV: the IV and the ciphertext with tag, or nothing if it used the zeros.
fn token_iv(buffer: [u8; 12], mut output: Vec<u8>, plaintext_length: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let bare = plaintext_length.checked_add(TAG_LENGTH)?;
    match output.len().checked_sub(bare)? {
        0 if buffer != [0; 12] => Some((buffer.to_vec(), output)),
        12 | 16 => {
            let iv = output.split_off(bare);
            Some((iv, output))
        }
        _ => None,
    }
}

fn split_tag(mut output: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), Fault> {
    let at = output.len().checked_sub(TAG_LENGTH).ok_or(Fault::Wrapper("AES-GCM output without a tag"))?;
    let tag = output.split_off(at);
    Ok((output, tag))
}

const TAG_LENGTH: usize = 16;
const TAG_BITS: u64 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_iv_is_found_written_back_or_appended_and_zeros_are_none() {
        let sealed = [[0xc1; 5].as_slice(), &[0x7a; 16]].concat();
        assert_eq!(token_iv([9; 12], sealed.clone(), 5), Some((vec![9; 12], sealed.clone())));
        assert_eq!(token_iv([0; 12], sealed.clone(), 5), None);
        for length in [12, 16] {
            let appended = [sealed.as_slice(), &vec![3; length]].concat();
            assert_eq!(token_iv([0; 12], appended, 5), Some((vec![3; length], sealed.clone())));
        }
        assert_eq!(token_iv([9; 12], sealed[..20].to_vec(), 5), None);
        assert_eq!(token_iv([9; 12], [&sealed[..], &[1]].concat(), 5), None);
    }
}
