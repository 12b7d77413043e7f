//! Values of the domain that stand in bodies as strings.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_domain::{
    Alias, Bin, Brand, CountryCode, DetokenizationPurpose, EncryptTo, KeptDigits, KeyId, KeyName, KeyPurpose,
    KeyState, KeyThumbprint, LastFour, LuhnStyle, ProfileName, Protection, Reuse, Reveal, Role, ServiceName,
    ShownDigits, SpiffeId, Tag, TenantId, Timestamp, Token, TokenFormat, TokenReference, TokenState,
    ValueKind, VelocityKind,
};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A value of the domain with a text form. What is in here is valid: a request whose text is not has been refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<T>(pub T);

/// How a value of the domain is read and written as text.
pub trait InText: Sized {
    /// Its name in the OpenAPI document.
    const NAME: &'static str;

    /// Reads it. The refusal says what is allowed and does not repeat the text.
    fn read(text: &str) -> Result<Self, String>;

    /// Writes it.
    fn write(&self) -> Cow<'_, str>;

    /// What its texts look like.
    fn schema() -> Object;
}

impl<T> From<T> for Text<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> std::ops::Deref for Text<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: InText> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

impl<'de, T: InText> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(std::marker::PhantomData))
    }
}

struct TextVisitor<T>(std::marker::PhantomData<T>);

impl<T: InText> Visitor<'_> for TextVisitor<T> {
    type Value = Text<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<T>, E> {
        T::read(text).map(Text).map_err(E::custom)
    }
}

impl<T: InText> ToSchema for Text<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

impl<T: InText> PartialSchema for Text<T> {
    fn schema() -> RefOr<Schema> {
        <T as InText>::schema().into()
    }
}

fn string(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// One of a fixed list of names.
macro_rules! one_of {
    ($($alias:ident = $type:ident, $description:literal;)+) => {$(
        #[doc = concat!("[`", stringify!($type), "`] as text.")]
        pub type $alias = Text<$type>;

        impl InText for $type {
            const NAME: &'static str = stringify!($type);

            fn read(text: &str) -> Result<Self, String> {
                Self::parse(text).ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|one| one.as_str()).collect();
                    format!("must be one of: {}", names.join(", "))
                })
            }

            fn write(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.as_str())
            }

            fn schema() -> Object {
                string($description).enum_values(Some(Self::ALL.iter().map(|one| one.as_str()))).build()
            }
        }
    )+};
}

one_of! {
    RoleText = Role, "What an identity may be appointed to.";
    RevealText = Reveal, "How much of a value: first six and last four digits, or all.";
    PurposeText = DetokenizationPurpose, "What a value is asked for.";
    KeyPurposeText = KeyPurpose, "What a key may be used for.";
    ProtectionText = Protection, "Where a key's material may be in the clear.";
    KeyStateText = KeyState, "Where a key version is in its life (NIST SP 800-57).";
    TokenFormatText = TokenFormat, "The outward shape of a token.";
    KeptDigitsText = KeptDigits, "How many first and last digits of the card number a card-shaped token keeps.";
    ShownDigitsText = ShownDigits, "How many first and last digits of a card number stand readable beside a token. With none, the card scheme does not either.";
    LuhnStyleText = LuhnStyle, "How a card-shaped token is kept apart from every card number.";
    ValueKindText = ValueKind, "What kind of value a token stands for. The field of the same name holds it.";
    VelocityKindText = VelocityKind, "What a velocity limit counts: values revealed in full, fields decrypted, searches by value, tokens asked for that do not exist.";
    ReuseText = Reuse, "Whether the same value gives the same token.";
}

/// A name whose type checks length and alphabet.
macro_rules! checked_name {
    ($($alias:ident = $type:ident, $pattern:literal, $description:literal;)+) => {$(
        #[doc = concat!("[`", stringify!($type), "`] as text.")]
        pub type $alias = Text<$type>;

        impl InText for $type {
            const NAME: &'static str = stringify!($type);

            fn read(text: &str) -> Result<Self, String> {
                Self::parse(text).map_err(|error| error.to_string())
            }

            fn write(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.as_str())
            }

            fn schema() -> Object {
                string($description).pattern(Some($pattern)).build()
            }
        }
    )+};
}

checked_name! {
    KeyNameText = KeyName, "^[a-z0-9-]{1,63}$", "A key's name; unique in its tenant.";
    ProfileNameText = ProfileName, "^[a-z0-9-]{1,63}$", "A token profile's name; unique in its tenant.";
    ServiceNameText = ServiceName, "^[a-z0-9-]{1,63}$", "A service of the tenant, as named in its certificate.";
    TenantIdText = TenantId, "^[a-z0-9-]{1,63}$", "A tenant.";
    KeyThumbprintText = KeyThumbprint, "^[A-Za-z0-9_-]{43}$", "A public key's name: its thumbprint (RFC 7638).";
    TagText = Tag, "^[A-Za-z0-9._:-]{1,32}$", "A label by which tokens are grouped.";
    AliasText = Alias, "^[A-Za-z0-9._:/-]{1,128}$", "Another name of a token: the caller's own, or the token that the value had in another vault. Unique in the tenant.";
    TokenText = Token, "^(tok_[a-z0-9]{32}|[0-9]{12,19})$", "A token, opaque or card-shaped.";
}

/// Anything else with one text form.
macro_rules! written {
    ($($alias:ident = $type:ident, |$text:ident| $read:expr, $refusal:literal, $schema:expr;)+) => {$(
        #[doc = concat!("[`", stringify!($type), "`] as text.")]
        pub type $alias = Text<$type>;

        impl InText for $type {
            const NAME: &'static str = stringify!($type);

            fn read($text: &str) -> Result<Self, String> {
                $read.ok_or_else(|| $refusal.to_owned())
            }

            fn write(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }

            fn schema() -> Object {
                $schema.build()
            }
        }
    )+};
}

written! {
    TokenReferenceText = TokenReference, |text| Self::parse(text).ok(), "must be a token, or alias: and an alias",
        string("What a token is named by: the token itself, or `alias:` and one of its aliases.")
            .pattern(Some("^(tok_[a-z0-9]{32}|[0-9]{12,19}|alias:[A-Za-z0-9._:/-]{1,128})$"));
    TimestampText = Timestamp, |text| Self::parse_rfc3339(text), "must be an RFC 3339 time",
        string("A time, RFC 3339, UTC.").format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    KeyIdText = KeyId, |text| Self::parse(text), "must be key_ and 16 hexadecimal digits",
        string("A key's own id.").pattern(Some("^key_[0-9a-f]{16}$"));
    SpiffeIdText = SpiffeId, |text| Self::parse(text), "must be spiffe://<domain>/tenant/<tenant>/service/<name>",
        string("The name in a service's certificate.").pattern(Some("^spiffe://"));
    EncryptToText = EncryptTo, |text| Self::parse(text), "must be newest or a key's thumbprint (kid)",
        string("Which of the caller's encryption keys: its `kid`, or `newest`.")
            .pattern(Some("^(newest|[A-Za-z0-9_-]{43})$"));
    BinText = Bin, |text| Self::parse(text), "must be six digits",
        string("The first six digits of a card number.").pattern(Some("^[0-9]{6}$"));
    CountryCodeText = CountryCode, |text| Self::parse(text), "must be two upper-case letters (ISO 3166-1)",
        string("A country (ISO 3166-1 alpha-2).").pattern(Some("^[A-Z]{2}$"));
    LastFourText = LastFour, |text| Self::parse(text), "must be four digits",
        string("The last four digits of a card number.").pattern(Some("^[0-9]{4}$"));
}

/// [`Brand`] as text.
pub type BrandText = Text<Brand>;

impl InText for Brand {
    const NAME: &'static str = "Brand";

    /// Brands only come from the vault. One that this version does not know is [`Brand::Unknown`], so that an old SDK
    /// reads a new vault.
    fn read(text: &str) -> Result<Self, String> {
        Ok(Self::parse(text).unwrap_or(Self::Unknown))
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }

    fn schema() -> Object {
        string("The card scheme, such as visa or mastercard; unknown if no range fits. More may be added.")
            .build()
    }
}

/// [`TokenState`] as text.
pub type TokenStateText = Text<TokenState>;

impl InText for TokenState {
    const NAME: &'static str = "TokenState";

    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "must be one of: active, used, deleted".to_owned())
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }

    fn schema() -> Object {
        string("Where a token is in its life.").enum_values(Some(["active", "used", "deleted"])).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_survives_a_body() {
        for role in Role::ALL {
            let body = serde_json::to_string(&Text(*role)).unwrap();
            assert_eq!(serde_json::from_str::<RoleText>(&body).unwrap().0, *role);
        }
        for state in [TokenState::Active, TokenState::Used, TokenState::Deleted] {
            let body = serde_json::to_string(&Text(state)).unwrap();
            assert_eq!(serde_json::from_str::<TokenStateText>(&body).unwrap().0, state);
        }
    }

    #[test]
    fn times_are_rfc_3339() {
        let time: TimestampText = serde_json::from_str(r#""2026-11-22T15:00:00.5Z""#).unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), r#""2026-11-22T15:00:00.5Z""#);
        assert!(serde_json::from_str::<TimestampText>("1795359600").is_err());
    }
}
