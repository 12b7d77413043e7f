use std::fmt;

use http::HeaderName;

/// The part of a request that something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The headers as a whole, or one whose name is not repeated because it may be anything.
    Headers,
    /// One of the headers that the destination lists.
    Header(HeaderName),
    /// The body.
    Body,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Headers => formatter.write_str("headers"),
            Self::Header(name) => write!(formatter, "header {name}"),
            Self::Body => formatter.write_str("body"),
        }
    }
}

/// Why a template was refused, and where. Repeats nothing of it. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}, byte {position}: {reason}")]
pub struct TemplateError {
    /// Which part of the request.
    pub place: Place,
    /// Bytes before what is wrong.
    pub position: usize,
    /// What is wrong.
    pub reason: TemplateReason,
}

impl TemplateError {
    /// A stable name of the reason.
    pub const fn code(&self) -> &'static str {
        match self.reason {
            TemplateReason::Unclosed => "placeholder_unclosed",
            TemplateReason::Nested => "placeholder_nested",
            TemplateReason::Form => "placeholder_malformed",
            TemplateReason::UnknownName => "placeholder_unknown_token",
            TemplateReason::UnknownField => "placeholder_unknown_field",
            TemplateReason::TooMany => "placeholder_too_many",
            TemplateReason::Misplaced(_) => "placeholder_misplaced",
            TemplateReason::Malformed(_) => "template_malformed",
            TemplateReason::TooLarge => "template_too_large",
            TemplateReason::MediaType => "media_type_not_allowed",
            TemplateReason::HeaderNotAllowed => "header_not_allowed",
            TemplateReason::BodyNotAllowed => "body_not_allowed",
        }
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateReason {
    /// `{{` without `}}`.
    #[error("a placeholder must end with }}}}")]
    Unclosed,
    /// `{{` after `{{`.
    #[error("a placeholder must not hold another")]
    Nested,
    /// Not `name.field`.
    #[error("a placeholder must be {{{{name.field}}}}, without spaces")]
    Form,
    /// A token that the request does not name.
    #[error("the placeholder must be of a token that the request names")]
    UnknownName,
    /// Not one of [`Field::ALL`](super::Field::ALL).
    #[error("the placeholder must be of a field that there is")]
    UnknownField,
    /// More placeholders than a request needs.
    #[error("there must not be so many placeholders")]
    TooMany,
    /// A value there could change the meaning of what is around it.
    #[error("a placeholder must not stand {0}")]
    Misplaced(&'static str),
    /// Not what its media type says, so that nobody can tell what a placeholder's place means.
    #[error("the text must be {0}")]
    Malformed(&'static str),
    /// Longer than the destination's limit.
    #[error("the text must not be so long")]
    TooLarge,
    /// No media type whose escapes are known, or not in UTF-8.
    #[error(
        "the media type must be application/json, application/x-www-form-urlencoded, application/xml, text/xml or text/plain, and the charset, if any, utf-8"
    )]
    MediaType,
    /// Not on the destination's list, or there twice.
    #[error("a header must be one that the destination lists, and there once")]
    HeaderNotAllowed,
    /// A server that does not expect one might take it for the next request.
    #[error("a request with this method must have no body")]
    BodyNotAllowed,
}

/// Why values could not be put in, and where. Repeats nothing of them. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}, byte {position}: {reason}")]
pub struct FillError {
    /// Which part of the request.
    pub place: Place,
    /// Bytes of the template before the placeholder.
    pub position: usize,
    /// What is wrong.
    pub reason: FillReason,
}

impl FillError {
    /// A stable name of the reason.
    pub const fn code(&self) -> &'static str {
        match self.reason {
            FillReason::NoValue => "value_missing",
            FillReason::NotACardNumber => "value_not_a_card_number",
            FillReason::NotANumber => "value_not_a_number",
            FillReason::Character => "value_character_not_allowed",
            FillReason::TooLarge => "request_too_large",
        }
    }
}

/// What is wrong with a value in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FillReason {
    /// The token has no such field.
    #[error("the token has no such field")]
    NoValue,
    /// An answer could not be searched for it.
    #[error("the value is not a card number")]
    NotACardNumber,
    /// Outside a JSON string there can be only a number.
    #[error("the value is not a number of at most four digits")]
    NotANumber,
    /// It cannot be written in this place, in no way.
    #[error("the value holds a character that cannot be written here")]
    Character,
    /// With the values put in, the text is longer than the destination's limit.
    #[error("with the values put in, the text is too long")]
    TooLarge,
}

/// Something wrong, before it is known which part of the request this is.
pub(super) struct Fault<R> {
    pub(super) position: usize,
    pub(super) reason: R,
}

impl<R> Fault<R> {
    pub(super) const fn at(position: usize, reason: R) -> Self {
        Self { position, reason }
    }
}

impl Fault<TemplateReason> {
    pub(super) fn in_place(self, place: &Place) -> TemplateError {
        TemplateError { place: place.clone(), position: self.position, reason: self.reason }
    }
}

impl Fault<FillReason> {
    pub(super) fn in_place(self, place: &Place) -> FillError {
        FillError { place: place.clone(), position: self.position, reason: self.reason }
    }
}
