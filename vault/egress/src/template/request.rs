//! A whole request: headers and body, first with placeholders and then with values.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use strongroom_domain::{LuhnRule, Pan, Secret};

use super::body::{BodyTemplate, MediaType};
use super::error::{Fault, FillError, FillReason, Place, TemplateError, TemplateReason};
use super::header;
use super::placeholder::{Field, Placeholder, TokenName, Values};
use super::text::Template;
use crate::destination::Target;

/// Headers and body as a caller gives them.
pub struct TemplateSource<'a> {
    /// Names and values. Values may hold placeholders.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, if there is one.
    pub body: Option<BodySource<'a>>,
}

/// A body as a caller gives it.
pub struct BodySource<'a> {
    /// Its `Content-Type`.
    pub content_type: &'a str,
    /// The text, with placeholders.
    pub text: &'a str,
}

/// A request that was read and has no values yet.
pub struct RequestTemplate {
    target: Target,
    headers: Vec<(HeaderName, Template)>,
    body: Option<BodyTemplate>,
}

impl RequestTemplate {
    pub(crate) fn parse(
        target: Target,
        source: &TemplateSource<'_>,
        names: &[TokenName],
    ) -> Result<Self, TemplateError> {
        let headers = read_headers(&target, source.headers, names)?;
        let body = source.body.as_ref().map(|body| read_body(&target, body, names)).transpose();
        let body = body.map_err(|fault| fault.in_place(&Place::Body))?;
        let template = Self { target, headers, body };
        let numbers: BTreeSet<_> =
            template.placeholders().filter(|placeholder| placeholder.field == Field::Number).collect();
        if numbers.len() > MAX_NUMBERS {
            return Err(Fault::at(0, TemplateReason::TooMany).in_place(&Place::Body));
        }
        Ok(template)
    }

    /// All that is to be put in. What a caller may not have must be refused before [`RequestTemplate::fill`].
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        let headers = self.headers.iter().flat_map(|(_, template)| template.placeholders());
        headers.chain(self.body.iter().flat_map(BodyTemplate::placeholders))
    }

    /// Where it goes.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Puts the values in.
    pub fn fill(self, values: &dyn Values) -> Result<FilledRequest, FillError> {
        let mut sent = SentNumbers::default();
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 1);
        for (name, template) in &self.headers {
            let place = Place::Header(name.clone());
            let filled = template.fill(values, MAX_HEADER_BYTES, &mut |what, value| sent.note(what, value));
            let value = filled.map_err(|fault| fault.in_place(&place))?;
            let value = header_value(value).map_err(|fault| fault.in_place(&place))?;
            headers.insert(name, value);
        }
        let mut body = None;
        if let Some(template) = &self.body {
            let limit = self.target.destination().limits().request_bytes;
            let filled = template.fill(values, limit, &mut |what, value| sent.note(what, value));
            body = Some(FilledBody(filled.map_err(|fault| fault.in_place(&Place::Body))?));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(template.media_type().as_str()));
        }
        Ok(FilledRequest { target: self.target, headers, body, sent: sent.numbers })
    }
}

/// A request with its values in. Wiped when it was sent, or was not.
pub struct FilledRequest {
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<FilledBody>,
    /// What the answer is searched for.
    pub(crate) sent: Vec<Pan>,
}

/// A body with its values in.
pub(crate) struct FilledBody(Secret<Vec<u8>>);

impl From<FilledBody> for Bytes {
    fn from(body: FilledBody) -> Self {
        Self::from_owner(body)
    }
}

impl AsRef<[u8]> for FilledBody {
    #[expect(
        clippy::disallowed_methods,
        reason = "the body goes to the destination that the operator listed, over TLS; the owner wipes it"
    )]
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

/// The card numbers of a request, each once.
#[derive(Default)]
struct SentNumbers {
    numbers: Vec<Pan>,
    of: Vec<Placeholder>,
}

impl SentNumbers {
    fn note(&mut self, placeholder: &Placeholder, value: &str) -> Result<(), FillReason> {
        if placeholder.field != Field::Number || self.of.contains(placeholder) {
            return Ok(());
        }
        let number = Pan::parse(value, LuhnRule::Relaxed).map_err(|_| FillReason::NotACardNumber)?;
        self.numbers.push(number);
        self.of.push(placeholder.clone());
        Ok(())
    }
}

fn read_headers(
    target: &Target,
    source: &[(&str, &str)],
    names: &[TokenName],
) -> Result<Vec<(HeaderName, Template)>, TemplateError> {
    let mut headers: Vec<(HeaderName, Template)> = Vec::with_capacity(source.len());
    for (name, value) in source {
        let not_allowed = || Fault::at(0, TemplateReason::HeaderNotAllowed).in_place(&Place::Headers);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| not_allowed())?;
        if !target.destination().allows_header(&name) || headers.iter().any(|(other, _)| *other == name) {
            return Err(not_allowed());
        }
        let place = Place::Header(name.clone());
        if value.len() > MAX_HEADER_BYTES {
            return Err(Fault::at(MAX_HEADER_BYTES, TemplateReason::TooLarge).in_place(&place));
        }
        let template = Template::read(value, names, header::read).map_err(|fault| fault.in_place(&place))?;
        headers.push((name, template));
    }
    Ok(headers)
}

fn read_body(
    target: &Target,
    source: &BodySource<'_>,
    names: &[TokenName],
) -> Result<BodyTemplate, Fault<TemplateReason>> {
    if [Method::GET, Method::DELETE].contains(target.method()) {
        return Err(Fault::at(0, TemplateReason::BodyNotAllowed));
    }
    let media_type = MediaType::parse(source.content_type).ok_or(Fault::at(0, TemplateReason::MediaType))?;
    let limit = target.destination().limits().request_bytes;
    if source.text.len() > limit {
        return Err(Fault::at(limit, TemplateReason::TooLarge));
    }
    BodyTemplate::read(media_type, source.text, names)
}

/// The value keeps the bytes and wipes them when it is dropped.
fn header_value(filled: Secret<Vec<u8>>) -> Result<HeaderValue, Fault<FillReason>> {
    let filled = FilledBody(filled);
    // Spaces at the ends are no part of a header's value: the destination would read another one.
    let bytes = filled.as_ref();
    if bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') {
        return Err(Fault::at(0, FillReason::Character));
    }
    let mut value = HeaderValue::from_maybe_shared(Bytes::from(filled))
        .map_err(|_| Fault::at(0, FillReason::Character))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Different card numbers of one request. The answer is searched for each of them, in many forms.
const MAX_NUMBERS: usize = 16;

/// Of one header; servers refuse longer ones.
const MAX_HEADER_BYTES: usize = 8192;
