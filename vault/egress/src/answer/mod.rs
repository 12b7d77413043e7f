//! Answers are searched for card numbers before anybody sees them.
//!
//! Two searches: for the very numbers that were sent with this request, in many forms, and for anything that looks like
//! a card number. An [`UnscannedAnswer`] gives its content to nobody; [`UnscannedAnswer::scan`] makes an [`Answer`] of
//! it, or tells which numbers are in it.

mod digits;
mod encoded;
mod replace;
mod scan;
mod view;

use std::ops::Range;

use http::{HeaderMap, StatusCode};
use strongroom_domain::{Pan, Secret};

pub use replace::ReplaceError;

/// What came back, before anybody has looked at it.
pub struct UnscannedAnswer {
    answer: Answer,
    sent: Vec<Pan>,
}

/// An answer without card numbers, as far as a search can tell.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Secret<Vec<u8>>,
}

/// What the search came to.
pub enum Scan {
    /// There is none; the answer may be handed on.
    Clean(Answer),
    /// There are some. The answer may be handed on with tokens in their places, or not at all.
    CardNumbers(CardNumbers),
}

/// An answer with card numbers in it.
pub struct CardNumbers {
    answer: Answer,
    sent: Vec<Pan>,
    found: Vec<Found>,
    too_many: bool,
}

/// One card number of an answer.
pub struct Found {
    place: Place,
    span: Range<usize>,
    form: Form,
    sent: bool,
    number: Pan,
}

/// Where in an answer something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the name of a header; which one, counted from 0.
    HeaderName(usize),
    /// In the value of a header; which one, counted from 0.
    Header(usize),
    /// In the body.
    Body,
}

/// How a card number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Digits with spaces and dashes between them, some of them perhaps as escapes of JSON, XML or URLs.
    Digits,
    /// Digits with other things between them.
    Scattered,
    /// Base64 (RFC 4648, section 4 or 5), of the number alone or of something that holds it.
    Base64,
    /// The hexadecimal digits of its digits.
    Hexadecimal,
}

impl UnscannedAnswer {
    /// An answer, and the card numbers that were sent with its request.
    pub fn new(status: StatusCode, headers: HeaderMap, body: Secret<Vec<u8>>, sent: Vec<Pan>) -> Self {
        Self { answer: Answer { status, headers, body }, sent }
    }

    /// The status, which says nothing about cards.
    pub const fn status(&self) -> StatusCode {
        self.answer.status
    }

    /// Searches headers and body. Computes without pause: milliseconds for an ordinary answer, half a second for a
    /// mebibyte made to be slow. Beyond small limits it belongs on a thread for such work.
    pub fn scan(self) -> Scan {
        let Self { answer, sent } = self;
        let search = scan::search(&answer, &sent);
        if search.found.is_empty() {
            return Scan::Clean(answer);
        }
        Scan::CardNumbers(CardNumbers { answer, sent, found: search.found, too_many: search.too_many })
    }
}

impl Answer {
    /// The status, the headers without those of the connection, and the body.
    pub fn into_parts(self) -> (StatusCode, HeaderMap, Secret<Vec<u8>>) {
        (self.status, self.headers, self.body)
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers without those of the connection.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub const fn body(&self) -> &Secret<Vec<u8>> {
        &self.body
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "an answer is searched, and changed, before anybody sees it"
    )]
    fn bytes(&self) -> &[u8] {
        self.body.expose()
    }
}

impl CardNumbers {
    /// A stable name of what this is when the answer is not handed on.
    pub const CODE: &'static str = "card_number_in_answer";

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        self.answer.status
    }

    /// The numbers: first those in headers, then those in the body, in the order in which they stand there. Of more
    /// than a thousand, the rest is left out, and nothing can be replaced.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// The answer with a text in the place of each number: the first for the first of [`CardNumbers::found`], and so on.
    /// The texts hold letters, digits, `_` and `-` only, as tokens do, so that they mean themselves in every format.
    pub fn replace(&self, tokens: &[impl AsRef<str>]) -> Result<Answer, ReplaceError> {
        let tokens: Vec<&str> = tokens.iter().map(AsRef::as_ref).collect();
        replace::replace(self, &tokens)
    }
}

impl Found {
    /// The number.
    pub const fn number(&self) -> &Pan {
        &self.number
    }

    /// Whether it was sent with the request.
    pub const fn was_sent(&self) -> bool {
        self.sent
    }

    /// Where it is.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The bytes from the first to the last that belong to it.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// How it is written.
    pub const fn form(&self) -> Form {
        self.form
    }
}

#[cfg(test)]
mod tests;
