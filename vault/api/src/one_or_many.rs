//! Calls that take one item or many at the same address.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::limits::MAX_BATCH_ITEMS;
use crate::list::bounded_items;

/// One item, or `{"items": […]}`.
pub enum OneOrMany<T> {
    /// The item itself is the body.
    One(T),
    /// 1 to [`MAX_BATCH_ITEMS`] items.
    Many(Vec<T>),
}

/// What may stand alone or in a batch.
pub trait CryptoItem: DeserializeOwned + Serialize + ToSchema {
    /// `items` and the names of its own fields.
    const NAMES: &'static [&'static str];
}

impl<T: CryptoItem> Serialize for OneOrMany<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Many<'a, T> {
            items: &'a [T],
        }
        match self {
            Self::One(item) => item.serialize(serializer),
            Self::Many(items) => Many { items }.serialize(serializer),
        }
    }
}

impl<'de, T: CryptoItem> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("OneOrMany", T::NAMES, OneOrManyVisitor(std::marker::PhantomData))
    }
}

/// Decides by the first name. serde's untagged enums would first copy the whole body, secrets and all, into a buffer
/// that nobody wipes.
struct OneOrManyVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: CryptoItem> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<OneOrMany<T>, A::Error> {
        let first: Option<String> = access.next_key()?;
        if first.as_deref() != Some("items") {
            let replayed = Replayed { first, rest: access };
            return T::deserialize(MapAccessDeserializer::new(replayed)).map(OneOrMany::One);
        }
        let items = access.next_value_seed(Items(std::marker::PhantomData))?;
        match access.next_key::<String>()? {
            None => Ok(OneOrMany::Many(items)),
            Some(name) if name == "items" => Err(de::Error::duplicate_field("items")),
            Some(name) => Err(de::Error::unknown_field(&name, &["items"])),
        }
    }
}

struct Items<T>(std::marker::PhantomData<T>);

impl<'de, T: CryptoItem> DeserializeSeed<'de> for Items<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        bounded_items(deserializer)
    }
}

/// An object whose first name has been read already.
struct Replayed<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replayed<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        match self.first.take() {
            Some(name) => seed.deserialize(name.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

impl<T: CryptoItem> ToSchema for OneOrMany<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}OrMany", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: CryptoItem> PartialSchema for OneOrMany<T> {
    fn schema() -> RefOr<Schema> {
        let item = Ref::from_schema_name(T::name());
        let items =
            ArrayBuilder::new().items(item.clone()).min_items(Some(1)).max_items(Some(MAX_BATCH_ITEMS));
        let many = ObjectBuilder::new()
            .property("items", items)
            .required("items")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        OneOfBuilder::new().item(item).item(many).into()
    }
}
