use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use strongroom_domain::{LuhnRule, ScopeName};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::{InText, Text};

const WHOLE_TENANT: &str = "tenant";

/// Inside which values are recognised as equal: the whole tenant, or a scope of that name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeInput(pub Option<ScopeName>);

impl InText for ScopeInput {
    const NAME: &'static str = "Scope";

    fn read(text: &str) -> Result<Self, String> {
        if text == WHOLE_TENANT {
            return Ok(Self(None));
        }
        ScopeName::parse(text).map(|scope| Self(Some(scope))).map_err(|error| error.to_string())
    }

    fn write(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0.as_ref().map_or(WHOLE_TENANT, ScopeName::as_str))
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z0-9-]{1,63}$"))
            .description(Some(
                "Inside which values are recognised as equal: `tenant`, or a name of your own.",
            ))
            .build()
    }
}

/// [`ScopeInput`] as text.
pub(super) type ScopeText = Text<ScopeInput>;

/// Whether a card number's check digit must be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckDigit {
    /// It must be right.
    Required,
    /// It may be wrong.
    Relaxed,
}

impl From<CheckDigit> for LuhnRule {
    fn from(rule: CheckDigit) -> Self {
        match rule {
            CheckDigit::Required => Self::Required,
            CheckDigit::Relaxed => Self::Relaxed,
        }
    }
}

impl From<LuhnRule> for CheckDigit {
    fn from(rule: LuhnRule) -> Self {
        match rule {
            LuhnRule::Required => Self::Required,
            LuhnRule::Relaxed => Self::Relaxed,
        }
    }
}
