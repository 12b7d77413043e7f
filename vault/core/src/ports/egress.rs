//! Requests that leave the vault with values in them, to destinations that the operator has listed.
//!
//! Each stage is a value that only the stage before hands out: what was read can be filled, what was filled can be sent,
//! once, and what comes back is either free of card numbers or tells which are in it.

use std::time::Duration;

use async_trait::async_trait;
use strongroom_domain::{Pan, Secret, TenantId, Token};

/// A request as a caller wants it made, with placeholders where values are to stand.
#[derive(Clone, Copy)]
pub struct Template<'a> {
    /// The name of the destination.
    pub destination: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path with its query.
    pub path: &'a str,
    /// Names and values of headers.
    pub headers: &'a [(String, Secret<String>)],
    /// The body and its media type.
    pub body: Option<(&'a str, &'a Secret<String>)>,
    /// The names that placeholders may speak of.
    pub names: &'a [String],
}

/// What of a value stands in a placeholder's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The card number.
    Number,
    /// The month of expiry, `1` to `12`.
    ExpMonth,
    /// The month of expiry, `01` to `12`.
    ExpMonth2,
    /// The year of expiry, four digits.
    ExpYear,
    /// The last two digits of the year of expiry.
    ExpYear2,
    /// The name on the card, or of whose account it is.
    Holder,
    /// The card scheme.
    Brand,
    /// The first six digits of the card number.
    Bin,
    /// The last four digits of the card number.
    LastFour,
    /// The security code, where one is held.
    SecurityCode,
    /// The value of a token that is no card.
    Value,
}

/// Why a request is not made. Nothing was sent. The texts repeat nothing of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EgressRefusal {
    /// There is no such destination for the tenant.
    NoDestination,
    /// The destination does not allow this method, path or header.
    NotAllowed(String),
    /// The template cannot be read, or the values cannot be put in.
    Template(String),
    /// As many requests are on their way to the destination as may be.
    Full,
}

/// Why there is no answer to hand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EgressFailure {
    /// Nothing was sent: the destination is not what it should be. Trying again does not help.
    Refused(String),
    /// Nothing was sent: the destination could not be reached in time.
    Unreachable(String),
    /// It was sent, in part or whole, and nobody knows what became of it.
    Unknown(String),
    /// It was answered, and so has most likely been carried out; the answer is not handed on.
    Answer(AnswerFault),
}

/// Why an answer is not handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// Not an answer of HTTP/1.1.
    #[error("the destination answered, but not in HTTP/1.1; the request has most likely been carried out")]
    Malformed,
    /// It sends elsewhere.
    #[error("the destination answered with a redirect, which is not followed")]
    Redirect,
    /// It is packed, and could not be searched.
    #[error("the destination's answer is encoded; the request has most likely been carried out")]
    Encoded,
    /// It is larger than the destination's limit.
    #[error("the destination's answer is too large; the request has most likely been carried out")]
    TooLarge,
    /// It holds a card number that is not, or cannot be, replaced.
    #[error("the destination's answer holds a card number; the request has most likely been carried out")]
    CardNumber,
}

/// An answer without card numbers, as far as a search can tell.
pub struct OutsideAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are for the caller.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Secret<Vec<u8>>,
}

/// What came back.
pub enum Answered {
    /// It may be handed on.
    Clean(OutsideAnswer),
    /// It holds card numbers, which the operator wants replaced.
    CardNumbers(Box<dyn AnswerWithCards>),
}

/// The way out of the vault.
pub trait Egress: Send + Sync + 'static {
    /// Whether the tenant may use a destination of this name.
    fn has(&self, tenant: &TenantId, destination: &str) -> bool;

    /// Reads a request for a destination of the tenant. Sends nothing, and takes one of the destination's places, which
    /// are few, until what comes of it is dropped.
    fn read(&self, tenant: &TenantId, template: &Template<'_>) -> Result<Box<dyn Draft>, EgressRefusal>;
}

/// Says what stands for a part of the token of that name; none if it has no such part.
pub type ValueOf<'a> = dyn Fn(&str, Part) -> Option<Secret<String>> + Sync + 'a;

/// A request that was read and has no values yet.
pub trait Draft: Send {
    /// What is to be put in: names of tokens, and parts.
    fn placeholders(&self) -> Vec<(String, Part)>;

    /// How long it may take at most.
    fn timeout(&self) -> Duration;

    /// Puts the values in.
    fn fill(self: Box<Self>, values: &ValueOf<'_>) -> Result<Box<dyn Outgoing>, EgressRefusal>;
}

/// A request with its values in.
#[async_trait]
pub trait Outgoing: Send {
    /// Sends it, once, and waits so long for the answer.
    async fn send(self: Box<Self>, patience: Duration) -> Result<Answered, EgressFailure>;
}

/// An answer with card numbers in it.
#[async_trait]
pub trait AnswerWithCards: Send + Sync {
    /// The numbers, each as often as it is there.
    fn numbers(&self) -> Vec<&Pan>;

    /// The answer with a token in the place of each number: the first for the first, and so on.
    async fn replace(&self, tokens: &[Token]) -> Result<OutsideAnswer, AnswerFault>;
}

/// There is nowhere to go: what a vault has that was not told of any destination.
pub struct NoEgress;

impl Egress for NoEgress {
    fn has(&self, _tenant: &TenantId, _destination: &str) -> bool {
        false
    }

    fn read(&self, _tenant: &TenantId, _template: &Template<'_>) -> Result<Box<dyn Draft>, EgressRefusal> {
        Err(EgressRefusal::NoDestination)
    }
}
