//! From bytes to messages and back.
//!
//! Protobuf passes over fields that a reader does not know. Here they are refused, as in REST: a caller who was built
//! against a newer contract and limits a token to one use must not get one from an older vault that lives for ever.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};
use zeroize::Zeroizing;

use super::{DESCRIPTORS, v1};

/// Why bytes are not a message of a call. Repeats nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// They are not protobuf, or a field is of another type.
    #[error("the message cannot be read as the contract's")]
    Malformed,
    /// There is a field that the contract does not have.
    #[error("field number {0} is not known to this version of the vault")]
    UnknownField(u32),
}

/// A message that callers send.
pub trait RequestMessage: Message + Default {
    /// Its name in the contract.
    const NAME: &'static str;
}

macro_rules! requests {
    ($($type:ident),+) => {$(
        impl RequestMessage for v1::$type {
            const NAME: &'static str = concat!("strongroom.v1.", stringify!($type));
        }
    )+};
}

requests!(CreateTokenRequest, DetokenizeTokenRequest, EncryptRequest, DecryptRequest);

/// Reads a message of a call.
pub fn read_message<M: RequestMessage>(bytes: &[u8]) -> Result<M, MessageError> {
    let shape = SHAPES.get(M::NAME).ok_or(MessageError::Malformed)?;
    check(shape, bytes)?;
    M::decode(bytes).map_err(|_| MessageError::Malformed)
}

/// Writes a message into a buffer that is wiped, and was never moved: it has its full size from the start.
pub fn write_message<M: Message>(message: &M) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(message.encoded_len()));
    message.encode_raw(&mut *bytes);
    bytes
}

/// A message's fields by their numbers, and what message each holds, if it holds one.
type Shape = BTreeMap<u32, Option<String>>;

static SHAPES: LazyLock<HashMap<String, Shape>> = LazyLock::new(|| {
    let mut shapes = HashMap::new();
    // Committed, and decoded by a test: what could not be decoded would know no message, and refuse them all.
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap_or_default();
    for file in &files.file {
        let package = file.package();
        for message in &file.message_type {
            add_shape(&mut shapes, package, message);
        }
    }
    shapes
});

fn add_shape(shapes: &mut HashMap<String, Shape>, parent: &str, message: &DescriptorProto) {
    let name = format!("{parent}.{}", message.name());
    for nested in &message.nested_type {
        add_shape(shapes, &name, nested);
    }
    let fields = message.field.iter().filter_map(|field| {
        let held =
            (field.r#type() == Type::Message).then(|| field.type_name().trim_start_matches('.').to_owned());
        Some((u32::try_from(field.number()).ok()?, held))
    });
    shapes.insert(name, fields.collect());
}

/// Looks at every field's number, those of the messages within as well. No message of the contract holds itself, so this
/// goes no deeper than the contract does.
fn check(shape: &Shape, mut bytes: &[u8]) -> Result<(), MessageError> {
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let number = u32::try_from(key >> 3).map_err(|_| MessageError::Malformed)?;
        let held = shape.get(&number).ok_or(MessageError::UnknownField(number))?;
        match key & 7 {
            0 => {
                varint(&mut bytes)?;
            }
            1 => {
                take(&mut bytes, 8)?;
            }
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).map_err(|_| MessageError::Malformed)?;
                let content = take(&mut bytes, length)?;
                if let Some(held) = held.as_ref().and_then(|name| SHAPES.get(name)) {
                    check(held, content)?;
                }
            }
            5 => {
                take(&mut bytes, 4)?;
            }
            _ => return Err(MessageError::Malformed),
        }
    }
    Ok(())
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], MessageError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(MessageError::Malformed)?;
    *bytes = rest;
    Ok(taken)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, MessageError> {
    let mut value = 0;
    for place in 0..10 {
        let [byte] = take(bytes, 1)? else { return Err(MessageError::Malformed) };
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(MessageError::Malformed)
}
