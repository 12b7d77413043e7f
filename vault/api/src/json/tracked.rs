//! A layer around a deserializer: visitors run with [`Fault`] as their error, and the path to where they are is kept.
//!
//! The parser below has an error type of its own, through which a visitor's fault must travel up. It is put aside in
//! the [`Track`] on the way and taken out again above, so no text of the parser is ever looked at.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::{CowStrDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

use super::fault::Fault;
use crate::limits::MAX_JSON_DEPTH;

/// Where the reading is, and the fault on its way up.
#[derive(Default)]
pub(super) struct Track {
    path: RefCell<Vec<Segment>>,
    fault: RefCell<Option<Fault>>,
}

/// One step of the path. Cannot hold a name that the caller made up.
#[derive(Clone, Copy)]
enum Segment {
    Field(&'static str),
    Index(usize),
    Unknown,
}

impl Track {
    /// The path as a JSON pointer (RFC 6901). Field names of this API need no escaping.
    pub(super) fn pointer(&self) -> String {
        self.path.borrow().iter().fold(String::new(), |pointer, segment| match segment {
            Segment::Field(name) => pointer + "/" + name,
            Segment::Index(index) => pointer + "/" + &index.to_string(),
            Segment::Unknown => pointer + "/*",
        })
    }

    /// Refuses what nests deeper than bodies may. Each level of nesting is a step of the path.
    fn not_too_deep(&self) -> Result<(), Fault> {
        if self.path.borrow().len() < MAX_JSON_DEPTH {
            Ok(())
        } else {
            Err(Fault::invalid(format!("nests deeper than {MAX_JSON_DEPTH} levels")))
        }
    }

    fn enter(&self, segment: Segment) {
        self.path.borrow_mut().push(segment);
    }

    /// Only after success: a fault leaves the path where it happened.
    fn leave(&self) {
        self.path.borrow_mut().pop();
    }

    /// Puts a fault aside and gives the parser an error to carry.
    fn put_aside<T, E: de::Error>(&self, result: Result<T, Fault>) -> Result<T, E> {
        result.map_err(|fault| {
            *self.fault.borrow_mut() = Some(fault);
            E::custom("refused")
        })
    }

    /// Takes the fault out again. Without one, it was the parser that refused.
    fn take_out<T, E>(&self, result: Result<T, E>, expected: &'static str) -> Result<T, Fault> {
        result.map_err(|_| {
            let fault = self.fault.borrow_mut().take();
            fault.unwrap_or_else(|| Fault::invalid(format!("must be {expected}")))
        })
    }
}

/// By this name serde_json's parser is asked for a value as it stands in the text (`RawValue`).
const RAW_VALUE: &str = "$serde_json::private::RawValue";
const ANYTHING: &str = "valid JSON";
const WHOLE_NUMBER: &str = "a whole number";

/// The deserializer.
pub(super) struct Tracked<'t, D> {
    inner: D,
    track: &'t Track,
}

impl<'t, D> Tracked<'t, D> {
    pub(super) const fn new(inner: D, track: &'t Track) -> Self {
        Self { inner, track }
    }
}

macro_rules! as_number {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let Self { inner, track } = self;
            track.take_out(inner.$method(TrackedVisitor::new(visitor, track)), WHOLE_NUMBER)
        })+
    };
}

/// Everything but numbers and options is asked for as "any": the parser then says what it finds, and the visitor, not
/// the parser, refuses it.
impl<'de, D: Deserializer<'de>> Deserializer<'de> for Tracked<'_, D> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self { inner, track } = self;
        track.take_out(inner.deserialize_any(TrackedVisitor::new(visitor, track)), ANYTHING)
    }

    as_number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self { inner, track } = self;
        track.take_out(inner.deserialize_option(TrackedVisitor::new(visitor, track)), ANYTHING)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Self { inner, track } = self;
        track.take_out(
            inner.deserialize_any(TrackedVisitor { visitor, track, fields: Some(fields) }),
            ANYTHING,
        )
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name != RAW_VALUE {
            return visitor.visit_newtype_struct(self);
        }
        let Self { inner, track } = self;
        track.take_out(inner.deserialize_newtype_struct(name, TrackedVisitor::new(visitor, track)), ANYTHING)
    }

    /// Enums are names here, never objects.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_any(NameVisitor(visitor))
    }

    serde::forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct TrackedVisitor<'t, V> {
    visitor: V,
    track: &'t Track,
    /// The names of a struct's fields, if it is one.
    fields: Option<&'static [&'static str]>,
}

impl<'t, V> TrackedVisitor<'t, V> {
    const fn new(visitor: V, track: &'t Track) -> Self {
        Self { visitor, track, fields: None }
    }
}

macro_rules! hand_on {
    ($($method:ident: $type:ty,)+) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.track.put_aside(self.visitor.$method(value))
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for TrackedVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    hand_on! {
        visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128, visit_f64: f64,
        visit_str: &str, visit_borrowed_str: &'de str, visit_string: String,
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.track.put_aside(self.visitor.visit_none())
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.track.put_aside(self.visitor.visit_unit())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.track.put_aside(self.visitor.visit_some(Tracked::new(inner, self.track)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.track.put_aside(self.visitor.visit_newtype_struct(Tracked::new(inner, self.track)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        // serde's derive would read an array as the fields in their order.
        if self.fields.is_some() {
            return self.track.put_aside(Err(Fault::invalid_type(Unexpected::Seq, &self.visitor)));
        }
        let Self { visitor, track, .. } = self;
        let read =
            track.not_too_deep().and_then(|()| visitor.visit_seq(TrackedSeq { access, track, index: 0 }));
        track.put_aside(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let Self { visitor, track, fields } = self;
        let map = TrackedMap { access, track, fields: fields.unwrap_or_default(), seen: Seen::default() };
        let read = track.not_too_deep().and_then(|()| visitor.visit_map(map));
        track.put_aside(read)
    }
}

struct TrackedSeq<'t, A> {
    access: A,
    track: &'t Track,
    index: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for TrackedSeq<'_, A> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.track.enter(Segment::Index(self.index));
        let element = self.access.next_element_seed(TrackedSeed { seed, track: self.track });
        let element = self.track.take_out(element, ANYTHING)?;
        self.track.leave();
        self.index += 1;
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

struct TrackedMap<'t, 'de, A> {
    access: A,
    track: &'t Track,
    fields: &'static [&'static str],
    seen: Seen<'de>,
}

/// The names that were in a map so far. A few are compared one by one, which needs no tree; many are not.
#[derive(Default)]
struct Seen<'de> {
    few: Vec<Cow<'de, str>>,
    many: BTreeSet<Cow<'de, str>>,
}

impl<'de> Seen<'de> {
    /// Whether the name is new.
    fn insert(&mut self, name: Cow<'de, str>) -> bool {
        const FEW: usize = 16;
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for TrackedMap<'_, 'de, A> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(name) = self.track.take_out(self.access.next_key_seed(NameSeed), ANYTHING)? else {
            return Ok(None);
        };
        let known = self.fields.iter().find(|field| **field == name);
        self.track.enter(known.map_or(Segment::Unknown, |field| Segment::Field(field)));
        // serde's derive refuses a struct's field that is there twice; a map would keep the last.
        if known.is_none() && !self.seen.insert(name.clone()) {
            return Err(Fault::invalid("is there twice"));
        }
        seed.deserialize(CowStrDeserializer::<Fault>::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let value = self.access.next_value_seed(TrackedSeed { seed, track: self.track });
        let value = self.track.take_out(value, ANYTHING)?;
        self.track.leave();
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

struct TrackedSeed<'t, S> {
    seed: S,
    track: &'t Track,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for TrackedSeed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.track.put_aside(self.seed.deserialize(Tracked::new(inner, self.track)))
    }
}

/// Reads a member's name, whatever it is.
struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        inner.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }
}

/// Reads the name of an enum's variant.
struct NameVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for NameVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<V::Value, E> {
        // A string's own deserializer is an enum of nothing but variant names.
        let name: StrDeserializer<'_, E> = name.into_deserializer();
        self.0.visit_enum(name)
    }
}
