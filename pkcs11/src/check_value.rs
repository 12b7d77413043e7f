//! Key check values: to tell whether a key still is the same one, without revealing it.
//!
//! A value names how it was made, so it can be made again in the same way whatever else the token has learnt since:
//! one byte for the method, then the value; a key-encryption key's is followed by the one of its binding key.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use strongroom_core::ports::{HsmError, HsmKeyForm, HsmKeyKind, KeyCheckValue};
use strongroom_crypto::wrapped_key_v1::Mechanism as Sealing;

use crate::fault::Fault;
use crate::handles::KeyObjects;
use crate::known_answers;
use crate::probe::BlockForm;
use crate::seat::Seat;
use crate::sign::{self, MacForm};

/// How a check value was made. The codes never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Method {
    /// A fixed block, encrypted.
    Block = 1,
    /// A known key, wrapped with CKM_AES_KEY_WRAP: what a key can show that may do nothing but wrap.
    KeyWrap = 2,
    /// The same with RFC 5649.
    KeyWrapPad = 3,
    /// CKA_CHECK_VALUE, where nothing better can be had: it has 24 bits only.
    Token = 4,
    /// HMAC-SHA256 of a fixed text.
    Hmac = 5,
    /// AES-CMAC of a fixed text.
    Cmac = 6,
    /// SHA-256 of the public point.
    Point = 7,
}

/// What is encrypted. Not the block of zeros that is customary: its encryption is the hash key of GCM, and publishing
/// that forges tags.
pub(crate) const BLOCK: &[u8; 16] = b"strongroom check";

/// The methods for a key's parts: main, and binding where there is one.
pub(crate) type Methods = (Method, Option<Method>);

/// The best methods for a key that is being created.
pub(crate) fn choose(seat: &Seat, kind: HsmKeyKind, objects: &KeyObjects) -> Methods {
    let can = seat.token.capabilities();
    let main = match kind.form() {
        HsmKeyForm::Data if can.block.is_some() => Method::Block,
        HsmKeyForm::Wrapping if can.imports && can.wrap == Some(Sealing::AesKeyWrap) => Method::KeyWrap,
        HsmKeyForm::Wrapping if can.imports && can.wrap == Some(Sealing::AesKeyWrapPad) => Method::KeyWrapPad,
        HsmKeyForm::Data | HsmKeyForm::Wrapping => Method::Token,
        HsmKeyForm::Mac => objects.mac.map_or(Method::Hmac, MacForm::check_method),
        HsmKeyForm::Signing => Method::Point,
    };
    (main, objects.binding.map(|_| Method::Hmac))
}

/// The methods that a recorded value was made with, if a key of this kind can have such a value.
pub(crate) fn recorded(kind: HsmKeyKind, value: &KeyCheckValue) -> Option<Methods> {
    let (main, rest) = split(&value.0)?;
    let (fits, may_be_bound) = match kind.form() {
        HsmKeyForm::Data => (matches!(main, Method::Block | Method::Token), true),
        HsmKeyForm::Wrapping => (matches!(main, Method::KeyWrap | Method::KeyWrapPad | Method::Token), true),
        HsmKeyForm::Mac => (matches!(main, Method::Hmac | Method::Cmac), false),
        HsmKeyForm::Signing => (main == Method::Point, false),
    };
    let binding = match rest {
        [] => None,
        rest => match split(rest)? {
            (Method::Hmac, []) if may_be_bound => Some(Method::Hmac),
            _ => return None,
        },
    };
    fits.then_some((main, binding))
}

/// Makes the value of a key by these methods.
pub(crate) fn of_key(seat: &Seat, objects: &KeyObjects, methods: Methods) -> Result<KeyCheckValue, Fault> {
    let (main, binding) = methods;
    let mut value = match main {
        Method::Point => of_point(seat, objects)?,
        method => of_object(seat, objects.main, method)?,
    };
    if let (Some(method), Some(object)) = (binding, objects.binding) {
        value.extend(of_object(seat, object, method)?);
    }
    Ok(KeyCheckValue(value))
}

/// Makes the value of an AES session key.
pub(crate) fn of_session_key(seat: &Seat, object: ObjectHandle) -> Result<KeyCheckValue, Fault> {
    of_session_key_by(seat, object, seat.token.capabilities().block).map(KeyCheckValue)
}

/// The same while the capabilities are still being found out.
pub(crate) fn of_session_key_by(
    seat: &Seat,
    object: ObjectHandle,
    block: Option<BlockForm>,
) -> Result<Vec<u8>, Fault> {
    match block {
        Some(form) => Method::Block.prefixed(&encrypt_block(seat, object, form)?),
        None => Method::Token.prefixed(&tokens_own(seat, object)?),
    }
}

fn of_object(seat: &Seat, object: ObjectHandle, method: Method) -> Result<Vec<u8>, Fault> {
    let bytes = match method {
        Method::Block => {
            let form = seat.token.capabilities().block.ok_or(HsmError::Unsupported("single AES blocks"))?;
            encrypt_block(seat, object, form)?
        }
        Method::KeyWrap => wrap_known_key(seat, object, &Mechanism::AesKeyWrap)?,
        Method::KeyWrapPad => wrap_known_key(seat, object, &Mechanism::AesKeyWrapPad)?,
        Method::Token => tokens_own(seat, object)?,
        Method::Hmac => sign::mac_with(seat, MacForm::HmacSha256, object, TEXT)?,
        Method::Cmac => sign::mac_with(seat, MacForm::AesCmac, object, TEXT)?,
        // A point belongs to a pair, not to one object.
        Method::Point => return Err(Fault::Wrapper("a secret key has no public point")),
    };
    method.prefixed(&bytes)
}

fn of_point(seat: &Seat, objects: &KeyObjects) -> Result<Vec<u8>, Fault> {
    let point = sign::public_point(seat, objects)?;
    Method::Point.prefixed(&sign::sha256(&point))
}

/// One block under a key. CBC with an IV of zeros and ECB give the same.
pub(crate) fn encrypt_block(seat: &Seat, key: ObjectHandle, form: BlockForm) -> Result<Vec<u8>, Fault> {
    let mechanism = match form {
        BlockForm::Cbc => Mechanism::AesCbc([0; 16]),
        BlockForm::Ecb => Mechanism::AesEcb,
    };
    Ok(seat.encrypt(&mechanism, key, BLOCK)?)
}

fn wrap_known_key(seat: &Seat, kek: ObjectHandle, mechanism: &Mechanism<'_>) -> Result<Vec<u8>, Fault> {
    let _alone = seat.token.one_creation_at_a_time();
    let known = import(seat, KeyType::AES, &known_answers::DATA, [Attribute::Extractable(true)])?;
    let wrapped = seat.wrap_key(mechanism, kek, known);
    seat.discard(known);
    Ok(wrapped?)
}

/// Makes a session object of a key whose value everybody knows.
pub(crate) fn import<const N: usize>(
    seat: &Seat,
    key_type: KeyType,
    value: &[u8],
    uses: [Attribute; N],
) -> Result<ObjectHandle, Fault> {
    let mut template = vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(key_type),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Value(value.to_vec()),
    ];
    template.extend(uses);
    Ok(seat.create_object(&template)?)
}

fn tokens_own(seat: &Seat, object: ObjectHandle) -> Result<Vec<u8>, Fault> {
    match seat.get_attributes(object, &[AttributeType::CheckValue])?.into_iter().next() {
        Some(Attribute::CheckValue(value)) if value.len() == Method::Token.length() => Ok(value),
        _ => Err(HsmError::Unsupported("CKA_CHECK_VALUE").into()),
    }
}

fn split(value: &[u8]) -> Option<(Method, &[u8])> {
    let (code, rest) = value.split_first()?;
    let method = Method::ALL.iter().copied().find(|method| *method as u8 == *code)?;
    Some((method, rest.get(method.length()..)?))
}

impl MacForm {
    /// How a key of this form shows itself.
    pub(crate) const fn check_method(self) -> Method {
        match self {
            Self::HmacSha256 => Method::Hmac,
            Self::AesCmac => Method::Cmac,
        }
    }
}

impl Method {
    const ALL: &'static [Self] =
        &[Self::Block, Self::KeyWrap, Self::KeyWrapPad, Self::Token, Self::Hmac, Self::Cmac, Self::Point];

    const fn length(self) -> usize {
        match self {
            Self::Block | Self::KeyWrap | Self::KeyWrapPad | Self::Hmac | Self::Cmac => 8,
            Self::Token => 3,
            Self::Point => 32,
        }
    }

    fn prefixed(self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let kept = bytes.get(..self.length()).ok_or(Fault::Wrapper("the module gave a short answer"))?;
        let mut value = vec![self as u8];
        value.extend_from_slice(kept);
        Ok(value)
    }
}

const TEXT: &[u8] = b"strongroom/check-value/v1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_value_tells_how_it_was_made_and_nothing_else_passes() {
        use HsmKeyKind::{AuditSigning, KekData, KekWrap, RegistryMac};
        let read = |kind, bytes: &[u8]| recorded(kind, &KeyCheckValue(bytes.to_vec()));
        let block = [&[1][..], &[0xaa; 8]].concat();
        let mac = [&[5][..], &[0xbb; 8]].concat();
        let bound = [&block[..], &mac].concat();
        assert_eq!(read(KekData, &block), Some((Method::Block, None)));
        assert_eq!(read(KekData, &bound), Some((Method::Block, Some(Method::Hmac))));
        assert_eq!(read(KekWrap, &[4, 1, 2, 3]), Some((Method::Token, None)));
        assert_eq!(read(RegistryMac, &mac), Some((Method::Hmac, None)));
        assert_eq!(read(AuditSigning, &[&[7][..], &[0xcc; 32]].concat()), Some((Method::Point, None)));
        for malformed in [&[][..], &[9], &[1, 2, 3], &block[..8], &bound[..17], &[4, 1, 2, 3, 4]] {
            assert_eq!(read(KekData, malformed), None, "{malformed:?}");
        }
        for (kind, foreign) in
            [(KekWrap, &block), (RegistryMac, &block), (AuditSigning, &mac), (KekData, &mac)]
        {
            assert_eq!(read(kind, foreign), None, "{kind:?}");
        }
        assert_eq!(read(KekData, &[&bound[..], &[4, 1, 2, 3]].concat()), None);
        assert_eq!(read(RegistryMac, &[&mac[..], &mac].concat()), None);
        assert_eq!(read(KekData, &[&block[..], &[4, 1, 2, 3]].concat()), None, "bound by something else");
    }
}
