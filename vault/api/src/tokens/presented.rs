use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_domain::{TokenReference, TokenReferenceError};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroizing;

use crate::TokenReferenceText;
use crate::secret_text::StringOnly;

/// What a caller presents as a token, or as an alias of one, in a batch. One that is none fails alone, as a token that is not there, instead of
/// refusing the batch; and since it may be anything, a card number by mistake, it is wiped and not printed.
pub struct PresentedToken(Zeroizing<String>);

impl PresentedToken {
    /// What it names a token by, if it has the shape of a token or an alias.
    pub fn parse(&self) -> Result<TokenReference, TokenReferenceError> {
        TokenReference::parse(&self.0)
    }
}

impl From<&TokenReference> for PresentedToken {
    fn from(reference: &TokenReference) -> Self {
        Self(Zeroizing::new(reference.to_string()))
    }
}

impl fmt::Debug for PresentedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PresentedToken(…)")
    }
}

impl Serialize for PresentedToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PresentedToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(StringOnly(|text: Cow<'_, str>| Ok(Zeroizing::new(text.into_owned()))))
            .map(Self)
    }
}

impl ToSchema for PresentedToken {
    fn name() -> Cow<'static, str> {
        TokenReferenceText::name()
    }
}

impl PartialSchema for PresentedToken {
    fn schema() -> RefOr<Schema> {
        TokenReferenceText::schema()
    }
}
