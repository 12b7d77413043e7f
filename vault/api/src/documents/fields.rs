use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::limits::{MAX_DOCUMENT_FIELD, MAX_DOCUMENT_FIELDS};
use crate::list::bounded;
use crate::{InText, Text};

/// A field of a document as a JSON Pointer (RFC 6901). Whether it leads anywhere is the document's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field(pub String);

impl InText for Field {
    const NAME: &'static str = "DocumentField";

    fn read(text: &str) -> Result<Self, String> {
        if text.starts_with('/') && text.len() <= MAX_DOCUMENT_FIELD {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "must be a JSON Pointer of at most {MAX_DOCUMENT_FIELD} bytes, such as /customer/name"
            ))
        }
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^/"))
            .max_length(Some(MAX_DOCUMENT_FIELD))
            .description(Some(
                "A JSON Pointer (RFC 6901); a segment that is `*` means every element or member.",
            ))
            .build()
    }
}

/// 1 to [`MAX_DOCUMENT_FIELDS`] fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fields(pub Vec<Text<Field>>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bounded(deserializer, MAX_DOCUMENT_FIELDS).map(Self)
    }
}

impl ToSchema for Fields {
    fn name() -> Cow<'static, str> {
        "DocumentFields".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Text::<Field>::name().into_owned(), Text::<Field>::schema()));
    }
}

impl PartialSchema for Fields {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(Text::<Field>::name()))
            .min_items(Some(1))
            .max_items(Some(MAX_DOCUMENT_FIELDS))
            .into()
    }
}
