//! Bodies, by their media type.

use strongroom_domain::Secret;

use super::error::{Fault, FillReason, TemplateReason};
use super::escape::Escape;
use super::placeholder::{Placeholder, TokenName, Values};
use super::skeleton::Skeleton;
use super::text::{Reader, Template};
use super::{form, json, xml};

/// A media type whose escapes are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/xml`
    Xml,
    /// `text/xml`
    TextXml,
    /// `text/plain`
    Plain,
}

impl MediaType {
    /// Reads a `Content-Type`. A charset other than UTF-8 would give the bytes of values another meaning, and other
    /// parameters do not belong to these types.
    pub fn parse(content_type: &str) -> Option<Self> {
        let mut parts = content_type.split(';').map(str::trim);
        let essence = parts.next()?.to_ascii_lowercase();
        let of_utf8 = |parameter: &str| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("charset") && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        };
        if !parts.all(of_utf8) {
            return None;
        }
        Some(match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "application/xml" => Self::Xml,
            "text/xml" => Self::TextXml,
            "text/plain" => Self::Plain,
            _ => return None,
        })
    }

    /// The `Content-Type` that is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Xml => "application/xml; charset=utf-8",
            Self::TextXml => "text/xml; charset=utf-8",
            Self::Plain => "text/plain; charset=utf-8",
        }
    }

    fn reader(self) -> Reader {
        match self {
            Self::Json => json::read,
            Self::Form => form::read,
            Self::Xml | Self::TextXml => xml::read,
            Self::Plain => |skeleton: &Skeleton| Ok(vec![Escape::Text; skeleton.holes().len()]),
        }
    }
}

/// A body with placeholders.
pub(super) struct BodyTemplate {
    media_type: MediaType,
    template: Template,
}

impl BodyTemplate {
    pub(super) fn read(
        media_type: MediaType,
        source: &str,
        names: &[TokenName],
    ) -> Result<Self, Fault<TemplateReason>> {
        Ok(Self { media_type, template: Template::read(source, names, media_type.reader())? })
    }

    pub(super) const fn media_type(&self) -> MediaType {
        self.media_type
    }

    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.template.placeholders()
    }

    pub(super) fn fill(
        &self,
        values: &dyn Values,
        limit: usize,
        seen: &mut dyn FnMut(&Placeholder, &str) -> Result<(), FillReason>,
    ) -> Result<Secret<Vec<u8>>, Fault<FillReason>> {
        self.template.fill(values, limit, seen)
    }
}

#[cfg(test)]
mod tests;
