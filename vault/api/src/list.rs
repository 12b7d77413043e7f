//! Lists and batches.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::limits::{DEFAULT_PAGE, MAX_BATCH_ITEMS, MAX_PAGE};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T> {
    /// The things on it.
    pub items: Vec<T>,
    /// Leads to the next page, for the same caller and the same question; absent on the last page.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The answers to the items of a batch, in the order of the items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch<T> {
    /// The answers.
    pub items: Vec<T>,
}

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// How many things at most.
    #[serde(default)]
    #[param(required = false, value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    pub limit: PageLimit,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// How many things a page holds at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u32);

impl PageLimit {
    /// 1 to [`MAX_PAGE`].
    pub const fn new(limit: u32) -> Option<Self> {
        if limit >= 1 && limit <= MAX_PAGE { Some(Self(limit)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(DEFAULT_PAGE)
    }
}

impl fmt::Display for PageLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl<'de> Deserialize<'de> for PageLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(PageLimitVisitor)
    }
}

/// Queries hold texts only.
struct PageLimitVisitor;

impl Visitor<'_> for PageLimitVisitor {
    type Value = PageLimit;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a whole number from 1 to {MAX_PAGE}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PageLimit, E> {
        let limit = text.parse().ok().and_then(PageLimit::new);
        limit.ok_or_else(|| E::custom(format!("must be a whole number from 1 to {MAX_PAGE}")))
    }
}

impl<T: ToSchema> ToSchema for List<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}List", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for List<T> {
    fn schema() -> RefOr<Schema> {
        let cursor = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Leads to the next page; absent on the last one."));
        items_of::<T>().property("next_cursor", cursor).into()
    }
}

impl<T: ToSchema> ToSchema for Batch<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Batch", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for Batch<T> {
    fn schema() -> RefOr<Schema> {
        items_of::<T>().description(Some("The answers, in the order of the items.")).into()
    }
}

fn items_of<T: ToSchema>() -> ObjectBuilder {
    let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
    ObjectBuilder::new().property("items", items).required("items")
}

/// Reads the items of a batch: at least one, at most [`MAX_BATCH_ITEMS`]. Stops at the first too many.
pub(crate) fn bounded_items<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    bounded(deserializer, MAX_BATCH_ITEMS)
}

/// Reads at least one thing and at most so many.
pub(crate) fn bounded<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
    most: usize,
) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(ItemsVisitor { most, of: std::marker::PhantomData })
}

struct ItemsVisitor<T> {
    most: usize,
    of: std::marker::PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemsVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an array of 1 to {} items", self.most)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
            if items.len() > self.most {
                return Err(de::Error::invalid_length(items.len(), &self));
            }
        }
        if items.is_empty() { Err(de::Error::invalid_length(0, &self)) } else { Ok(items) }
    }
}
