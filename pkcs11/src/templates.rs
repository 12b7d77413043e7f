//! The attributes of every key, as data: what a key is created with and what it must show afterwards come from the same
//! table, so they cannot drift apart.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass};
use strongroom_core::ports::{HsmKeyForm, HsmKeyKind};

use crate::sign::MacForm;

/// The objects that one key consists of. All of them carry its CKA_ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The secret or private key.
    Main,
    /// An HMAC key beside a key-encryption key: it binds sealed bytes to their place where the mechanism that sealed
    /// them takes no authenticated data. Made with every key-encryption key wherever the token has HMAC, used or not,
    /// since which mechanism serves may change with the token's firmware.
    Binding,
    /// The public key beside a private one.
    Public,
}

/// What a key of this kind consists of.
pub(crate) const fn parts(kind: HsmKeyKind, bound: bool) -> &'static [Part] {
    match kind.form() {
        HsmKeyForm::Data | HsmKeyForm::Wrapping if bound => &[Part::Main, Part::Binding],
        HsmKeyForm::Data | HsmKeyForm::Wrapping | HsmKeyForm::Mac => &[Part::Main],
        HsmKeyForm::Signing => &[Part::Main, Part::Public],
    }
}

/// CKA_LABEL of a part. A label of a key never ends like the one of a binding key.
pub(crate) fn label(part: Part, of_key: &str) -> String {
    match part {
        Part::Main | Part::Public => of_key.to_owned(),
        Part::Binding => format!("{of_key}{BINDING_SUFFIX}"),
    }
}

pub(crate) const BINDING_SUFFIX: &str = "/binding";

/// CKA_CLASS of a part.
pub(crate) const fn class(kind: HsmKeyKind, part: Part) -> ObjectClass {
    match (kind.form(), part) {
        (_, Part::Public) => ObjectClass::PUBLIC_KEY,
        (HsmKeyForm::Signing, Part::Main) => ObjectClass::PRIVATE_KEY,
        (_, Part::Main | Part::Binding) => ObjectClass::SECRET_KEY,
    }
}

/// CKA_KEY_TYPE of a part, where its kind leaves no choice.
pub(crate) const fn key_type(kind: HsmKeyKind, part: Part) -> Option<KeyType> {
    match (kind.form(), part) {
        (_, Part::Binding) => Some(KeyType::GENERIC_SECRET),
        (HsmKeyForm::Data | HsmKeyForm::Wrapping, _) => Some(KeyType::AES),
        (HsmKeyForm::Signing, _) => Some(KeyType::EC),
        // HMAC or CMAC: decided when it was created, see `MacForm`.
        (HsmKeyForm::Mac, _) => None,
    }
}

/// The template that a part is created with.
pub(crate) fn creation(kind: HsmKeyKind, part: Part, id: &[u8; 16], key_label: &str) -> Vec<Attribute> {
    let mut template = lasting(kind, part);
    template.extend([
        Attribute::Copyable(false),
        Attribute::Id(id.to_vec()),
        Attribute::Label(label(part, key_label).into_bytes()),
    ]);
    template
}

/// What a part must show when it is proven. The last three the token alone can set, and only on a key that it made
/// itself and that was never anything else.
pub(crate) fn required(kind: HsmKeyKind, part: Part) -> Vec<Attribute> {
    let mut policy = lasting(kind, part);
    policy.push(Attribute::Class(class(kind, part)));
    policy.extend(key_type(kind, part).map(Attribute::KeyType));
    policy.push(Attribute::Local(true));
    if class(kind, part) != ObjectClass::PUBLIC_KEY {
        policy.extend([Attribute::AlwaysSensitive(true), Attribute::NeverExtractable(true)]);
    }
    policy
}

/// A session key for one use: extractable, so that it can be wrapped, or not, once it was unwrapped.
pub(crate) fn session_key(extractable: bool) -> Vec<Attribute> {
    vec![
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(extractable),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Sign(false),
        Attribute::Verify(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
    ]
}

/// How a secret key for this kind of MAC is generated.
pub(crate) const fn mac_key_generation(form: MacForm) -> Mechanism<'static> {
    match form {
        MacForm::HmacSha256 => Mechanism::GenericSecretKeyGen,
        MacForm::AesCmac => Mechanism::AesKeyGen,
    }
}

/// The name of an attribute in a refusal.
pub(crate) const fn name(attribute: AttributeType) -> &'static str {
    match attribute {
        AttributeType::Class => "CKA_CLASS",
        AttributeType::KeyType => "CKA_KEY_TYPE",
        AttributeType::Token => "CKA_TOKEN",
        AttributeType::Private => "CKA_PRIVATE",
        AttributeType::Modifiable => "CKA_MODIFIABLE",
        AttributeType::Copyable => "CKA_COPYABLE",
        AttributeType::Sensitive => "CKA_SENSITIVE",
        AttributeType::AlwaysSensitive => "CKA_ALWAYS_SENSITIVE",
        AttributeType::Extractable => "CKA_EXTRACTABLE",
        AttributeType::NeverExtractable => "CKA_NEVER_EXTRACTABLE",
        AttributeType::Local => "CKA_LOCAL",
        AttributeType::Encrypt => "CKA_ENCRYPT",
        AttributeType::Decrypt => "CKA_DECRYPT",
        AttributeType::Sign => "CKA_SIGN",
        AttributeType::SignRecover => "CKA_SIGN_RECOVER",
        AttributeType::Verify => "CKA_VERIFY",
        AttributeType::VerifyRecover => "CKA_VERIFY_RECOVER",
        AttributeType::Wrap => "CKA_WRAP",
        AttributeType::Unwrap => "CKA_UNWRAP",
        AttributeType::Derive => "CKA_DERIVE",
        AttributeType::ValueLen => "CKA_VALUE_LEN",
        AttributeType::EcParams => "CKA_EC_PARAMS",
        _ => "an attribute",
    }
}

/// What holds from creation on and for ever.
fn lasting(kind: HsmKeyKind, part: Part) -> Vec<Attribute> {
    let class = class(kind, part);
    let secret = class != ObjectClass::PUBLIC_KEY;
    let mut attributes =
        vec![Attribute::Token(true), Attribute::Private(secret), Attribute::Modifiable(false)];
    if secret {
        attributes.extend([Attribute::Sensitive(true), Attribute::Extractable(false)]);
    }
    attributes.extend(uses(kind, part).attributes(class));
    match class {
        ObjectClass::SECRET_KEY => attributes.push(Attribute::ValueLen(32.into())),
        ObjectClass::PUBLIC_KEY => attributes.push(Attribute::EcParams(P256.to_vec())),
        // A private key's curve comes from its public key's template, and not every token repeats it.
        _ => {}
    }
    attributes
}

/// What a part may be used for: one purpose each. ENCRYPT beside WRAP would let a wrapped key be decrypted into the open.
#[derive(Default)]
struct Uses {
    data: bool,
    keys: bool,
    sign: bool,
    verify: bool,
}

fn uses(kind: HsmKeyKind, part: Part) -> Uses {
    match (kind.form(), part) {
        (_, Part::Binding) | (HsmKeyForm::Mac, _) => Uses { sign: true, verify: true, ..Uses::default() },
        (HsmKeyForm::Data, _) => Uses { data: true, ..Uses::default() },
        (HsmKeyForm::Wrapping, _) => Uses { keys: true, ..Uses::default() },
        (HsmKeyForm::Signing, Part::Main) => Uses { sign: true, ..Uses::default() },
        (HsmKeyForm::Signing, Part::Public) => Uses { verify: true, ..Uses::default() },
    }
}

impl Uses {
    /// Every use that the class knows, granted or denied, so that no token's default slips in.
    fn attributes(&self, class: ObjectClass) -> Vec<Attribute> {
        match class {
            ObjectClass::PUBLIC_KEY => vec![
                Attribute::Encrypt(self.data),
                Attribute::Verify(self.verify),
                Attribute::VerifyRecover(false),
                Attribute::Wrap(self.keys),
            ],
            ObjectClass::PRIVATE_KEY => vec![
                Attribute::Decrypt(self.data),
                Attribute::Sign(self.sign),
                Attribute::SignRecover(false),
                Attribute::Unwrap(self.keys),
                Attribute::Derive(false),
            ],
            _ => vec![
                Attribute::Encrypt(self.data),
                Attribute::Decrypt(self.data),
                Attribute::Sign(self.sign),
                Attribute::Verify(self.verify),
                Attribute::Wrap(self.keys),
                Attribute::Unwrap(self.keys),
                Attribute::Derive(false),
            ],
        }
    }
}

/// The named curve P-256 (1.2.840.10045.3.1.7), as CKA_EC_PARAMS.
pub(crate) const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_both_handles_data_and_wraps_keys_and_none_can_leave() {
        for kind in HsmKeyKind::ALL {
            for part in parts(*kind, true) {
                let required = required(*kind, *part);
                let has = |attribute: Attribute| required.contains(&attribute);
                let data = has(Attribute::Encrypt(true)) || has(Attribute::Decrypt(true));
                let keys = has(Attribute::Wrap(true)) || has(Attribute::Unwrap(true));
                let signs = has(Attribute::Sign(true)) || has(Attribute::Verify(true));
                assert_eq!([data, keys, signs].iter().filter(|used| **used).count(), 1, "{kind:?} {part:?}");
                assert!(
                    has(Attribute::Token(true))
                        && has(Attribute::Modifiable(false))
                        && has(Attribute::Local(true))
                );
                if *part != Part::Public {
                    for attribute in [
                        Attribute::Private(true),
                        Attribute::Sensitive(true),
                        Attribute::AlwaysSensitive(true),
                        Attribute::Extractable(false),
                        Attribute::NeverExtractable(true),
                    ] {
                        assert!(required.contains(&attribute), "{kind:?} {part:?} {attribute:?}");
                    }
                }
                assert!(required.iter().all(|attribute| name(attribute.attribute_type()) != "an attribute"));
            }
        }
    }

    #[test]
    fn whatever_a_key_is_created_with_it_must_show() {
        for kind in HsmKeyKind::ALL {
            for part in parts(*kind, true) {
                let required = required(*kind, *part);
                let shown = creation(*kind, *part, &[7; 16], "label").into_iter().filter(|attribute| {
                    !matches!(attribute, Attribute::Id(_) | Attribute::Label(_) | Attribute::Copyable(_))
                });
                assert!(shown.into_iter().all(|attribute| required.contains(&attribute)));
            }
        }
    }
}
