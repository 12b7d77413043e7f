//! Somebody with another session on the token.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType};
use strongroom_core::ports::{Hsm, HsmError, HsmHealth, HsmKey, HsmKeyForm, HsmKeyKind};
use strongroom_pkcs11::Pkcs11Hsm;
use strongroom_softhsm::TokenAddress;

use crate::bench::{Intruder, connect, create, material, prove, wait};

pub(crate) fn a_second_object_of_the_same_id_is_ambiguous(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    for kind in HsmKeyKind::ALL {
        let key = create(&hsm, *kind);
        plant(&intruder, &key.id, "something else", &[]);
        assert_eq!(prove(&hsm, &key), Err(HsmError::Ambiguous(*kind)));
    }
}

pub(crate) fn a_second_object_of_the_same_label_is_ambiguous(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    for kind in HsmKeyKind::ALL {
        let key = create(&hsm, *kind);
        plant(&intruder, &[0x77; 16], &key.label, &[]);
        assert_eq!(prove(&hsm, &key), Err(HsmError::Ambiguous(*kind)));
    }
    let key = wait(hsm.create_key(HsmKeyKind::KekData, "another")).unwrap();
    plant(&intruder, &[0x78; 16], "another/binding", &[]);
    assert_eq!(prove(&hsm, &key), Err(HsmError::Ambiguous(HsmKeyKind::KekData)));
}

pub(crate) fn a_deleted_key_is_missing(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    for kind in HsmKeyKind::ALL {
        let key = create(&hsm, *kind);
        assert_eq!(prove(&hsm, &key), Ok(()));
        intruder.delete(&key);
        assert_eq!(prove(&hsm, &key), Err(HsmError::Missing(*kind)));
        assert_eq!(
            first_use(&hsm, &key).err(),
            Some(HsmError::Missing(*kind)),
            "the handle that was kept is stale"
        );
    }
    assert_eq!(hsm.health(), HsmHealth::Ready, "a key that was deleted is not a device that went away");
}

pub(crate) fn a_planted_key_is_refused_for_each_attribute(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    for (wrong, named) in [
        (Attribute::Extractable(true), "CKA_EXTRACTABLE"),
        (Attribute::Sensitive(false), "CKA_SENSITIVE"),
        (Attribute::Modifiable(true), "CKA_MODIFIABLE"),
        (Attribute::Copyable(true), "CKA_COPYABLE"),
        (Attribute::Private(false), "CKA_PRIVATE"),
        (Attribute::Wrap(true), "CKA_WRAP"),
        (Attribute::Unwrap(true), "CKA_UNWRAP"),
        (Attribute::Sign(true), "CKA_SIGN"),
        (Attribute::Derive(true), "CKA_DERIVE"),
        (Attribute::Encrypt(false), "CKA_ENCRYPT"),
        (Attribute::ValueLen(16.into()), "CKA_VALUE_LEN"),
    ] {
        let key = create(&hsm, HsmKeyKind::KekData);
        replace_main(&intruder, &key, std::slice::from_ref(&wrong));
        let refused = HsmError::NotTheRecordedKey { kind: HsmKeyKind::KekData, reason: named };
        assert_eq!(prove(&hsm, &key), Err(refused.clone()));
        assert_eq!(first_use(&hsm, &key).err(), Some(refused), "nor is it used");
        intruder.delete(&key);
    }
    // A value that somebody else knows: every attribute that can be asked for is right.
    let key = create(&hsm, HsmKeyKind::KekData);
    let main = main_object(&intruder, &key);
    let mut template = template(&key.id, &key.label, &[]);
    template.retain(|attribute| attribute.attribute_type() != AttributeType::ValueLen);
    template.extend([
        Attribute::Class(cryptoki::object::ObjectClass::SECRET_KEY),
        Attribute::KeyType(cryptoki::object::KeyType::AES),
        Attribute::Value(vec![1; 32]),
    ]);
    intruder.session().destroy_object(main).unwrap();
    intruder.session().create_object(&template).unwrap();
    let refused = HsmError::NotTheRecordedKey { kind: HsmKeyKind::KekData, reason: "CKA_LOCAL" };
    assert_eq!(prove(&hsm, &key), Err(refused));
}

pub(crate) fn a_planted_key_with_the_right_attributes_is_refused_for_its_check_value(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    let key = create(&hsm, HsmKeyKind::KekData);
    replace_main(&intruder, &key, &[]);
    let refused = HsmError::NotTheRecordedKey { kind: HsmKeyKind::KekData, reason: "its check value" };
    assert_eq!(prove(&hsm, &key), Err(refused));
}

pub(crate) fn a_deleted_binding_key_is_noticed(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    let key = create(&hsm, HsmKeyKind::KekWrap);
    let main = main_object(&intruder, &key);
    for object in intruder.objects_of(&key).into_iter().filter(|object| *object != main) {
        intruder.session().destroy_object(object).unwrap();
    }
    let refused =
        HsmError::NotTheRecordedKey { kind: HsmKeyKind::KekWrap, reason: "its binding key is missing" };
    assert_eq!(prove(&hsm, &key), Err(refused.clone()));
    assert_eq!(first_use(&hsm, &key).err(), Some(refused));
}

/// Any use of a key.
fn first_use(hsm: &Pkcs11Hsm, key: &HsmKey) -> Result<(), HsmError> {
    match key.kind.form() {
        HsmKeyForm::Data => wait(hsm.seal(key, b"place", &material())).map(|_| ()),
        HsmKeyForm::Wrapping => wait(hsm.generate_wrapped(key, b"place")).map(|_| ()),
        HsmKeyForm::Mac => wait(hsm.mac(key, b"message")).map(|_| ()),
        HsmKeyForm::Signing => wait(hsm.sign(key, b"message")).map(|_| ()),
    }
}

fn replace_main(intruder: &Intruder, key: &HsmKey, changes: &[Attribute]) {
    intruder.session().destroy_object(main_object(intruder, key)).unwrap();
    plant(intruder, &key.id, &key.label, changes);
}

fn main_object(intruder: &Intruder, key: &HsmKey) -> cryptoki::object::ObjectHandle {
    let label = Attribute::Label(key.label.clone().into_bytes());
    let found = intruder.session().find_objects(&[Attribute::Id(key.id.to_vec()), label]).unwrap();
    assert_eq!(found.len(), 1);
    found.into_iter().next().unwrap()
}

fn plant(intruder: &Intruder, id: &[u8; 16], label: &str, changes: &[Attribute]) {
    intruder.session().generate_key(&Mechanism::AesKeyGen, &template(id, label, changes)).unwrap();
}

/// A data key as it should be, but for these attributes.
fn template(id: &[u8; 16], label: &str, changes: &[Attribute]) -> Vec<Attribute> {
    let mut template = vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Modifiable(false),
        Attribute::Copyable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Sign(false),
        Attribute::Verify(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
        Attribute::ValueLen(32.into()),
        Attribute::Id(id.to_vec()),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    for change in changes {
        template.retain(|attribute| attribute.attribute_type() != change.attribute_type());
        template.push(change.clone());
    }
    template
}
