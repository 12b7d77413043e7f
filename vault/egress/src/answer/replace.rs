//! Tokens in the places of card numbers.

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use strongroom_domain::Secret;
use zeroize::Zeroizing;

use super::{Answer, CardNumbers, Form, Found, Place, scan};

/// Why an answer with card numbers cannot be handed on with tokens in their places. It was answered; the request has
/// most likely been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceError {
    /// Not one text for each number.
    #[error("there must be one token for each card number of the answer")]
    Count,
    /// A text that could mean something else than itself.
    #[error("a token in an answer must hold letters, digits, _ and - only")]
    Token,
    /// More card numbers than any answer needs.
    #[error("the answer holds too many card numbers")]
    TooMany,
    /// Bytes of an unknown kind, or of a kind in which a text cannot be exchanged.
    #[error("the answer holds a card number, and is of no kind in which it could be replaced")]
    MediaType,
    /// Encoded, scattered, or in a header's name: there is no place for a token.
    #[error("the answer holds a card number in a form in which it cannot be replaced")]
    Form,
}

impl ReplaceError {
    /// A stable name of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Count => "token_count",
            Self::Token => "token_not_plain",
            Self::TooMany => "card_numbers_too_many",
            Self::MediaType => "card_number_in_unknown_content",
            Self::Form => "card_number_not_replaceable",
        }
    }
}

pub(super) fn replace(numbers: &CardNumbers, tokens: &[&str]) -> Result<Answer, ReplaceError> {
    let CardNumbers { answer, sent, found, too_many } = numbers;
    if *too_many {
        return Err(ReplaceError::TooMany);
    }
    if tokens.len() != found.len() {
        return Err(ReplaceError::Count);
    }
    if !tokens.iter().all(|token| is_plain(token)) {
        return Err(ReplaceError::Token);
    }
    if found.iter().any(|found| found.form != Form::Digits) {
        return Err(ReplaceError::Form);
    }
    let replacements: Vec<_> = found.iter().zip(tokens.iter().copied()).collect();
    let headers = in_headers(&answer.headers, &replacements)?;
    let body = in_body(answer, &replacements)?;
    let answer = Answer { status: answer.status, headers, body };
    // Two numbers that overlap, or one made of what was left of others.
    if scan::holds_sent(&answer, sent) { Err(ReplaceError::Form) } else { Ok(answer) }
}

/// A number and what comes in its place.
type Replacement<'a> = (&'a Found, &'a str);

fn in_headers(headers: &HeaderMap, replacements: &[Replacement<'_>]) -> Result<HeaderMap, ReplaceError> {
    let mut replaced = HeaderMap::with_capacity(headers.len());
    for (place, (name, value)) in headers.iter().enumerate() {
        let mut here = of_place(replacements, Place::Header(place)).peekable();
        if of_place(replacements, Place::HeaderName(place)).next().is_some() {
            return Err(ReplaceError::Form);
        }
        let value = if here.peek().is_some() {
            let text = rewritten(value.as_bytes(), here.map(|replacement| (replacement, false)))?;
            HeaderValue::from_bytes(&text).map_err(|_| ReplaceError::Form)?
        } else {
            value.clone()
        };
        replaced.append(name, value);
    }
    Ok(replaced)
}

fn in_body(answer: &Answer, replacements: &[Replacement<'_>]) -> Result<Secret<Vec<u8>>, ReplaceError> {
    let body = answer.bytes();
    let here: Vec<_> = of_place(replacements, Place::Body).collect();
    let text = match content(&answer.headers) {
        _ if here.is_empty() => Zeroizing::new(body.to_vec()),
        Content::Text if std::str::from_utf8(body).is_ok() => {
            rewritten(body, here.into_iter().map(|replacement| (replacement, false)))?
        }
        Content::Json if is_json(body) => {
            let outside = outside_strings(body, &here)?;
            let text = rewritten(body, here.into_iter().zip(outside))?;
            if !is_json(&text) {
                return Err(ReplaceError::Form);
            }
            text
        }
        Content::Text | Content::Json | Content::Unknown => return Err(ReplaceError::MediaType),
    };
    Ok(Secret::new({ text }.to_vec()))
}

fn of_place<'a>(replacements: &[Replacement<'a>], place: Place) -> impl Iterator<Item = Replacement<'a>> {
    replacements.iter().filter(move |(found, _)| found.place == place).copied()
}

/// The text with its replacements, each in quotes or not. They come in order and do not overlap.
fn rewritten<'a>(
    text: &[u8],
    replacements: impl Iterator<Item = (Replacement<'a>, bool)>,
) -> Result<Zeroizing<Vec<u8>>, ReplaceError> {
    // Allocated beforehand, so that growing leaves no copies of the answer behind.
    let replacements: Vec<_> = replacements.collect();
    let more: usize = replacements.iter().map(|((_, token), _)| token.len() + 2).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() + more));
    let mut at = 0;
    for ((found, token), quoted) in replacements {
        out.extend_from_slice(text.get(at..found.span.start).ok_or(ReplaceError::Form)?);
        let quote: &[u8] = if quoted { b"\"" } else { b"" };
        out.extend([quote, token.as_bytes(), quote].concat());
        at = found.span.end;
    }
    out.extend_from_slice(text.get(at..).ok_or(ReplaceError::Form)?);
    Ok(out)
}

/// Which of the numbers are values of JSON themselves, and so become strings. Each must be one whole.
fn outside_strings(text: &[u8], replacements: &[Replacement<'_>]) -> Result<Vec<bool>, ReplaceError> {
    let mut outside = Vec::with_capacity(replacements.len());
    let (mut in_string, mut escaped, mut at) = (false, false, 0);
    for (found, _) in replacements {
        for byte in text.get(at..found.span.start).unwrap_or_default() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                _ => {}
            }
        }
        // The lexer goes on in the middle of the number, which holds no quote.
        at = found.span.start;
        if !in_string && !stands_alone(text, found) {
            return Err(ReplaceError::Form);
        }
        outside.push(!in_string);
    }
    Ok(outside)
}

fn stands_alone(text: &[u8], found: &Found) -> bool {
    let before = found.span.start.checked_sub(1).and_then(|before| text.get(before));
    let after = text.get(found.span.end);
    let digits = text.get(found.span.clone()).unwrap_or_default();
    before.is_none_or(|byte| b"[:, \t\r\n".contains(byte))
        && after.is_none_or(|byte| b"]}, \t\r\n".contains(byte))
        && digits.iter().all(u8::is_ascii_digit)
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// In what kind of content a number stands.
enum Content {
    Json,
    /// Text in which letters and digits mean themselves everywhere.
    Text,
    Unknown,
}

fn content(headers: &HeaderMap) -> Content {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let in_other_charset = parts.filter_map(|part| part.split_once('=')).any(|(name, charset)| {
        let charset = charset.trim_matches('"');
        name.eq_ignore_ascii_case("charset")
            && !["utf-8", "us-ascii", "iso-8859-1"].iter().any(|known| charset.eq_ignore_ascii_case(known))
    });
    match essence.as_str() {
        _ if in_other_charset => Content::Unknown,
        "application/json" | "application/problem+json" => Content::Json,
        "application/xml" | "application/x-www-form-urlencoded" => Content::Text,
        text if text.starts_with("text/") => Content::Text,
        text if text.ends_with("+json") => Content::Json,
        text if text.ends_with("+xml") => Content::Text,
        _ => Content::Unknown,
    }
}

fn is_plain(token: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !token.is_empty() && token.bytes().all(allowed)
}
