use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_domain::{Token, TokenError};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroizing;

use crate::TokenText;
use crate::secret_text::StringOnly;

/// What a caller presents as a token in a batch. One that is none fails alone, as a token that is not there, instead of
/// refusing the batch; and since it may be anything, a card number by mistake, it is wiped and not printed.
pub struct PresentedToken(Zeroizing<String>);

impl PresentedToken {
    /// The token, if it has the shape of one.
    pub fn parse(&self) -> Result<Token, TokenError> {
        Token::parse(&self.0)
    }
}

impl From<&Token> for PresentedToken {
    fn from(token: &Token) -> Self {
        Self(Zeroizing::new(token.as_str().to_owned()))
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
        TokenText::name()
    }
}

impl PartialSchema for PresentedToken {
    fn schema() -> RefOr<Schema> {
        TokenText::schema()
    }
}
