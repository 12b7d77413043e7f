//! `GET /v1/tokens`.

use std::borrow::Cow;

use serde::Deserialize;
use strongroom_domain::{Brand, IbanEnding, TokenState};
use utoipa::IntoParams;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::{
    AliasText, BinText, InText, PageLimit, ProfileNameText, TagText, Text, TimestampText, ValueKindText,
};

/// Which tokens; everything given must match. Those that were deleted are in no list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TokenListQuery {
    /// Cards with these first six digits, if their profile shows them.
    #[param(value_type = Option<String>, pattern = "^[0-9]{6}$")]
    pub bin: Option<BinText>,
    /// Cards or bank accounts that end with these four digits or characters, if their profile shows them.
    #[param(value_type = Option<String>, pattern = "^[0-9A-Z]{4}$")]
    pub last4: Option<Text<IbanEnding>>,
    /// Cards of this scheme.
    #[param(value_type = Option<String>)]
    pub brand: Option<Text<ListedBrand>>,
    /// With this tag.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9._:-]{1,32}$")]
    pub tag: Option<TagText>,
    /// The one with this alias.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9._:/-]{1,128}$")]
    pub alias: Option<AliasText>,
    /// Values of this kind.
    #[serde(rename = "type")]
    #[param(value_type = Option<String>)]
    pub value_type: Option<ValueKindText>,
    /// Made by this profile.
    #[param(value_type = Option<String>, pattern = "^[a-z0-9-]{1,63}$")]
    pub profile: Option<ProfileNameText>,
    /// In this state: `active` or `used`.
    #[param(value_type = Option<String>)]
    pub state: Option<Text<ListedState>>,
    /// Made at this time or later.
    pub created_from: Option<TimestampText>,
    /// Made before this time.
    pub created_to: Option<TimestampText>,
    /// With an end before this time. The list is then ordered by end, soonest first, and otherwise by age, oldest first.
    pub expires_before: Option<TimestampText>,
    /// How many tokens at most.
    #[serde(default)]
    #[param(required = false, value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    pub limit: PageLimit,
    /// `next_cursor` of the page before, of the same question by the same caller.
    pub cursor: Option<String>,
}

/// A card scheme that is asked for. Unlike one that comes from a vault, it must be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedBrand(pub Brand);

impl InText for ListedBrand {
    const NAME: &'static str = "ListedBrand";

    fn read(text: &str) -> Result<Self, String> {
        Brand::parse(text).map(Self).ok_or_else(|| "must be a card scheme, such as visa or amex".to_owned())
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0.as_str())
    }

    fn schema() -> Object {
        text_schema()
    }
}

/// A state in which a token may be in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedState(pub TokenState);

impl InText for ListedState {
    const NAME: &'static str = "ListedState";

    fn read(text: &str) -> Result<Self, String> {
        TokenState::parse(text)
            .filter(|state| *state != TokenState::Deleted)
            .map(Self)
            .ok_or_else(|| "must be one of: active, used".to_owned())
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0.as_str())
    }

    fn schema() -> Object {
        text_schema()
    }
}

impl InText for IbanEnding {
    const NAME: &'static str = "LastFourCharacters";

    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "must be four digits or upper-case letters".to_owned())
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn schema() -> Object {
        text_schema()
    }
}

fn text_schema() -> Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}
