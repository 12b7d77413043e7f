//! Keys on the token: creation, proof, finding them.

use std::collections::BTreeSet;

use cryptoki::error::RvError;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use strongroom_core::ports::{HsmError, HsmKey, HsmKeyForm, HsmKeyKind, KeyCheckValue};

use crate::check_value;
use crate::fault::Fault;
use crate::handles::KeyObjects;
use crate::seat::Seat;
use crate::sign::MacForm;
use crate::templates::{self, BINDING_SUFFIX, Part};

/// The objects of a key for use. The first use in a connection proves the key: none is ever used on the strength of its
/// name alone.
pub(crate) fn resolve(seat: &Seat, key: &HsmKey, wanted: HsmKeyForm) -> Result<KeyObjects, Fault> {
    if key.kind.form() != wanted {
        return Err(differs(key.kind, "it is not of the kind that this needs"));
    }
    match seat.token.handles.get(key, seat.token.generation()) {
        Some(objects) => Ok(objects),
        None => prove(seat, key),
    }
}

/// Proves that exactly the recorded key is there, and remembers where.
pub(crate) fn prove(seat: &Seat, key: &HsmKey) -> Result<KeyObjects, Fault> {
    let Some(methods) = check_value::recorded(key.kind, &key.check_value) else {
        objects_of(seat, key)?;
        return Err(differs(key.kind, "its check value has not the form of its kind"));
    };
    let objects = the_only_objects(seat, key, methods.1.is_some())?;
    if objects.mac.is_some_and(|form| form.check_method() != methods.0)
        || check_value::of_key(seat, &objects, methods)? != key.check_value
    {
        return Err(differs(key.kind, "its check value"));
    }
    seat.token.handles.put(key, seat.token.generation(), objects);
    Ok(objects)
}

/// Creates a key under a fresh id, reads it back and proves it. `id` is where the caller keeps that id across attempts:
/// one that was cut short may have left objects behind, and they are looked for before anything else is made.
pub(crate) fn create(
    seat: &Seat,
    kind: HsmKeyKind,
    label: &str,
    id: &mut Option<[u8; 16]>,
) -> Result<HsmKey, Fault> {
    refuse_label(kind, label)?;
    if let Some(id) = id {
        remove_all(seat, id)?;
    }
    for part in templates::parts(kind, true) {
        let label = Attribute::Label(templates::label(*part, label).into_bytes());
        if !seat.find(&[label])?.is_empty() {
            return Err(HsmError::Ambiguous(kind).into());
        }
    }
    let fresh = seat.public_random::<16>()?;
    *id = Some(fresh);
    let outcome = generate(seat, kind, label, &fresh).and_then(|()| read_back(seat, kind, label, fresh));
    if outcome.is_err() {
        // Whatever stands under an id drawn a moment ago is ours. If even this fails, the next attempt looks again.
        if let Err(fault) = remove_all(seat, &fresh) {
            tracing::warn!(?fault, label, "objects of a key that was not completed may remain on the token");
        }
    }
    outcome
}

/// Whether any object's label begins so.
pub(crate) fn any_label_begins_with(seat: &Seat, prefix: &str) -> Result<bool, Fault> {
    for object in seat.find(&[])? {
        if seen(seat, object)?.label.starts_with(prefix.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The labels of short-lived keys that begin so.
pub(crate) fn short_lived(seat: &Seat, prefix: &str) -> Result<Vec<String>, Fault> {
    let mut labels = BTreeSet::new();
    for object in seat.find(&[Attribute::Class(ObjectClass::SECRET_KEY)])? {
        let Ok(label) = String::from_utf8(seen(seat, object)?.label) else { continue };
        if label.starts_with(prefix) && label.contains(HsmKeyKind::SHORT_LIVED_MARK) {
            labels.insert(label.strip_suffix(BINDING_SUFFIX).unwrap_or(&label).to_owned());
        }
    }
    Ok(labels.into_iter().collect())
}

/// Destroys a short-lived key and looks whether it is gone. Safe to repeat: what it removes it finds by the label, and nobody
/// is given a label twice.
pub(crate) fn destroy(seat: &Seat, label: &str) -> Result<(), Fault> {
    if !label.contains(HsmKeyKind::SHORT_LIVED_MARK) {
        return Err(HsmError::Unsupported("destroying a key that is to last").into());
    }
    let _alone = seat.token.one_creation_at_a_time();
    seat.token.handles.forget(label);
    let objects = || {
        let mut found = Vec::new();
        for part in [Part::Main, Part::Binding] {
            found.extend(seat.find(&[Attribute::Label(templates::label(part, label).into_bytes())])?);
        }
        Ok::<_, Fault>(found)
    };
    for object in objects()? {
        seat.destroy_object(object)?;
    }
    if objects()?.is_empty() { Ok(()) } else { Err(Fault::Wrapper("a destroyed key is still there")) }
}

fn generate(seat: &Seat, kind: HsmKeyKind, label: &str, id: &[u8; 16]) -> Result<(), Fault> {
    let _alone = seat.token.one_creation_at_a_time();
    let can = seat.token.capabilities();
    let template = |part| templates::creation(kind, part, id, label);
    match kind.form() {
        HsmKeyForm::Data | HsmKeyForm::Wrapping => {
            let ability = if kind.form() == HsmKeyForm::Data { can.data } else { can.wrap };
            ability.ok_or(HsmError::Unsupported("any known way to use such a key"))?;
            make(seat, &Mechanism::AesKeyGen, template(Part::Main))?;
            if can.hmac {
                let generation = templates::mac_key_generation(MacForm::HmacSha256);
                make(seat, &generation, typed(template(Part::Binding), KeyType::GENERIC_SECRET))?;
            }
        }
        HsmKeyForm::Mac => {
            let form = can.mac.ok_or(HsmError::Unsupported("any known MAC"))?;
            let key_type = match form {
                MacForm::HmacSha256 => KeyType::GENERIC_SECRET,
                MacForm::AesCmac => KeyType::AES,
            };
            make(seat, &templates::mac_key_generation(form), typed(template(Part::Main), key_type))?;
        }
        HsmKeyForm::Signing => {
            if !can.signs {
                return Err(HsmError::Unsupported("ECDSA P-256").into());
            }
            let (public, private) = (template(Part::Public), template(Part::Main));
            let generate = |public: &[Attribute], private: &[Attribute]| {
                Ok(seat.generate_key_pair(&Mechanism::EccKeyPairGen, public, private)?)
            };
            tolerating_old_modules([public, private], |[public, private]| generate(public, private))?;
        }
    }
    Ok(())
}

fn make(seat: &Seat, mechanism: &Mechanism<'_>, template: Vec<Attribute>) -> Result<(), Fault> {
    tolerating_old_modules([template], |[template]| Ok(seat.generate_key(mechanism, template)?))?;
    Ok(())
}

/// CKA_COPYABLE came with v2.30. A module that does not know it refuses the whole template, so it goes and the rest
/// stays; the proof insists on it wherever it is known.
fn tolerating_old_modules<T, const N: usize>(
    mut templates: [Vec<Attribute>; N],
    act: impl Fn(&[Vec<Attribute>; N]) -> Result<T, Fault>,
) -> Result<T, Fault> {
    match act(&templates) {
        Err(Fault::Code(_, RvError::AttributeTypeInvalid)) => {
            for template in &mut templates {
                template.retain(|attribute| !matches!(attribute, Attribute::Copyable(_)));
            }
            act(&templates)
        }
        outcome => outcome,
    }
}

fn typed(mut template: Vec<Attribute>, key_type: KeyType) -> Vec<Attribute> {
    template.push(Attribute::KeyType(key_type));
    template
}

fn read_back(seat: &Seat, kind: HsmKeyKind, label: &str, id: [u8; 16]) -> Result<HsmKey, Fault> {
    let bound = seat.token.capabilities().hmac;
    let mut key = HsmKey { kind, id, label: label.to_owned(), check_value: KeyCheckValue(Vec::new()) };
    let objects = the_only_objects(seat, &key, bound)?;
    let methods = check_value::choose(seat, kind, &objects);
    key.check_value = check_value::of_key(seat, &objects, methods)?;
    prove(seat, &key)?;
    Ok(key)
}

/// The objects of a key: exactly those that it consists of carry its id, no others carry its labels, and each has the
/// attributes of its kind.
fn the_only_objects(seat: &Seat, key: &HsmKey, bound: bool) -> Result<KeyObjects, Fault> {
    let seen: Vec<Seen> =
        objects_of(seat, key)?.into_iter().map(|object| seen(seat, object)).collect::<Result<_, _>>()?;
    let wanted = templates::parts(key.kind, bound);
    let the = |part: Part| the_one(key, &seen, part);
    let main = the(Part::Main)?;
    let binding = wanted.contains(&Part::Binding).then(|| the(Part::Binding)).transpose()?;
    let public = wanted.contains(&Part::Public).then(|| the(Part::Public)).transpose()?;
    if seen.len() > wanted.len() {
        return Err(HsmError::Ambiguous(key.kind).into());
    }
    for part in wanted {
        let label = templates::label(*part, &key.label);
        let expected = wanted.iter().filter(|other| templates::label(**other, &key.label) == label).count();
        if seat.find(&[Attribute::Label(label.into_bytes())])?.len() > expected {
            return Err(HsmError::Ambiguous(key.kind).into());
        }
    }
    for (part, object) in [(Part::Main, Some(main)), (Part::Binding, binding), (Part::Public, public)] {
        if let Some(object) = object {
            check_attributes(seat, key.kind, part, object)?;
        }
    }
    Ok(KeyObjects { main, binding, public, mac: mac_form(seat, key.kind, main)? })
}

/// All objects of that id, at least one.
fn objects_of(seat: &Seat, key: &HsmKey) -> Result<Vec<ObjectHandle>, Fault> {
    let found = seat.find(&[Attribute::Id(key.id.to_vec())])?;
    if found.is_empty() { Err(HsmError::Missing(key.kind).into()) } else { Ok(found) }
}

fn the_one(key: &HsmKey, seen: &[Seen], part: Part) -> Result<ObjectHandle, Fault> {
    let label = templates::label(part, &key.label);
    let class = templates::class(key.kind, part);
    let mut matching = seen.iter().filter(|one| one.class == Some(class) && one.label == label.as_bytes());
    match (matching.next(), matching.next()) {
        (Some(one), None) => Ok(one.object),
        (Some(_), Some(_)) => Err(HsmError::Ambiguous(key.kind).into()),
        (None, _) => Err(differs(
            key.kind,
            match part {
                Part::Main => "its class or label",
                Part::Binding => "its binding key is missing",
                Part::Public => "its public key is missing",
            },
        )),
    }
}

fn check_attributes(seat: &Seat, kind: HsmKeyKind, part: Part, object: ObjectHandle) -> Result<(), Fault> {
    let required = templates::required(kind, part);
    let mut types: Vec<AttributeType> = required.iter().map(Attribute::attribute_type).collect();
    types.push(AttributeType::Copyable);
    let shown = seat.get_attributes(object, &types)?;
    for attribute in &required {
        if !shown.contains(attribute) {
            return Err(differs(kind, templates::name(attribute.attribute_type())));
        }
    }
    // A copy may be given other uses. Modules that do not know the attribute do not show it.
    if shown.contains(&Attribute::Copyable(true)) {
        return Err(differs(kind, templates::name(AttributeType::Copyable)));
    }
    Ok(())
}

fn mac_form(seat: &Seat, kind: HsmKeyKind, main: ObjectHandle) -> Result<Option<MacForm>, Fault> {
    if kind.form() != HsmKeyForm::Mac {
        return Ok(None);
    }
    match seat.get_attributes(main, &[AttributeType::KeyType])?.into_iter().next() {
        Some(Attribute::KeyType(KeyType::GENERIC_SECRET)) => Ok(Some(MacForm::HmacSha256)),
        Some(Attribute::KeyType(KeyType::AES)) => Ok(Some(MacForm::AesCmac)),
        _ => Err(differs(kind, templates::name(AttributeType::KeyType))),
    }
}

struct Seen {
    object: ObjectHandle,
    class: Option<ObjectClass>,
    label: Vec<u8>,
}

fn seen(seat: &Seat, object: ObjectHandle) -> Result<Seen, Fault> {
    let mut seen = Seen { object, class: None, label: Vec::new() };
    for attribute in seat.get_attributes(object, &[AttributeType::Class, AttributeType::Label])? {
        match attribute {
            Attribute::Class(class) => seen.class = Some(class),
            Attribute::Label(label) => seen.label = label,
            _ => {}
        }
    }
    Ok(seen)
}

fn remove_all(seat: &Seat, id: &[u8; 16]) -> Result<(), Fault> {
    let _alone = seat.token.one_creation_at_a_time();
    for object in seat.find(&[Attribute::Id(id.to_vec())])? {
        seat.destroy_object(object)?;
    }
    Ok(())
}

/// Labels stand in tables, logs and on labels of paper.
fn refuse_label(kind: HsmKeyKind, label: &str) -> Result<(), Fault> {
    if !kind.fits_label(label) {
        return Err(HsmError::Unsupported("a label of another kind of key").into());
    }
    let fits = (1..=64).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_graphic());
    if fits && !label.ends_with(BINDING_SUFFIX) {
        Ok(())
    } else {
        let text = "a label other than 1 to 64 visible ASCII characters, or one that ends in /binding";
        Err(HsmError::Unsupported(text).into())
    }
}

fn differs(kind: HsmKeyKind, reason: &'static str) -> Fault {
    HsmError::NotTheRecordedKey { kind, reason }.into()
}
