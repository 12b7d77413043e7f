//! What carries out the methods of gRPC: messages into the words of the field, the vault's own calls, and back. Where a
//! request has a form in REST too, it goes the same way from there, so that both have the same rules and the same words.

mod create;
mod decrypt;
mod detokenize;
mod encrypt;
mod problem;
pub(crate) mod reflection;

use std::sync::Arc;

use prost::Message;
use strongroom_api::grpc::{RequestMessage, read_message, v1};
use strongroom_api::{ErrorCode, InText, Text};
use strongroom_core::VaultError;

pub(crate) use create::{Creation, create_token};
pub(crate) use decrypt::Decryption;
pub(crate) use detokenize::Detokenization;
pub(crate) use encrypt::Encryption;

use crate::problem::Failure;
use crate::request::{Asked, GrpcHandler, RawMessage, Results, frame};

/// A call that takes one item, or a stream of them.
pub(crate) trait ItemCall: Send + Sync + 'static {
    type Request: RequestMessage + 'static;
    /// What items must have in common to be one call of the vault.
    type Common: PartialEq + Send + Sync;
    type Item: Send;
    type Output: Send;
    type Response: Message;
    type StreamResponse: Message;

    /// Off the wire.
    fn read(request: Self::Request) -> Result<(Self::Common, Self::Item), Failure>;

    /// By the vault.
    fn carry_out(
        asked: &Asked,
        common: &Self::Common,
        items: Vec<Self::Item>,
    ) -> impl Future<Output = Result<Vec<Result<Self::Output, VaultError>>, VaultError>> + Send;

    /// Onto the wire.
    fn response(output: Self::Output) -> Result<Self::Response, Failure>;

    /// What became of an item.
    fn result(index: u64, result: Result<Self::Response, v1::Problem>) -> Self::StreamResponse;
}

/// A method from one message to one.
pub(crate) fn unary<M, F>(call: fn(Asked, M) -> F) -> GrpcHandler
where
    M: RequestMessage + Send + 'static,
    F: Future<Output = Result<RawMessage, Failure>> + Send + 'static,
{
    GrpcHandler::Unary(Arc::new(move |asked, message| {
        let request = read(&message);
        drop(message);
        match request {
            Ok(request) => Box::pin(call(asked, request)),
            Err(failure) => Box::pin(std::future::ready(Err(failure))),
        }
    }))
}

/// A call with one item.
pub(crate) async fn one<C: ItemCall>(asked: Asked, request: C::Request) -> Result<RawMessage, Failure> {
    let (common, item) = C::read(request)?;
    let results = C::carry_out(&asked, &common, vec![item]).await?;
    let output = results.into_iter().next().ok_or_else(|| Failure::internal("one item gave no answer"))??;
    Ok(frame(&[C::response(output)?]))
}

/// A method from a stream of items to one of results.
pub(crate) fn stream<C: ItemCall>() -> GrpcHandler {
    GrpcHandler::Stream(Arc::new(|asked, messages, first| Box::pin(results::<C>(asked, messages, first))))
}

/// Items that stand next to each other and have in common what they must are one call of the vault.
async fn results<C: ItemCall>(asked: Asked, messages: Vec<RawMessage>, first: u64) -> Results {
    let mut answers = Answers::<C> { asked: &asked, next: first, all: Vec::with_capacity(messages.len()) };
    let mut ends = None;
    let mut items = messages.into_iter().map(|message| read(&message).and_then(C::read)).peekable();
    while let Some(item) = items.next() {
        let (common, item) = match item {
            Ok(item) => item,
            Err(failure) => {
                answers.refused(&failure);
                continue;
            }
        };
        let mut run = vec![item];
        while let Some(Ok((_, item))) =
            items.next_if(|next| next.as_ref().is_ok_and(|(other, _)| *other == common))
        {
            run.push(item);
        }
        let count = run.len();
        match C::carry_out(&asked, &common, run).await {
            Ok(done) => done.into_iter().for_each(|output| answers.add(output)),
            Err(error) => {
                let failure = Failure::from(error);
                if ends_the_stream(failure.code()) {
                    ends = Some(failure);
                    break;
                }
                (0..count).for_each(|_| answers.refused(&failure));
            }
        }
    }
    Results { sent: frame(&answers.all), ends }
}

struct Answers<'a, C: ItemCall> {
    asked: &'a Asked,
    next: u64,
    all: Vec<C::StreamResponse>,
}

impl<C: ItemCall> Answers<'_, C> {
    fn add(&mut self, output: Result<C::Output, VaultError>) {
        match output.map_err(Failure::from).and_then(C::response) {
            Ok(response) => self.push(Ok(response)),
            Err(failure) => self.refused(&failure),
        }
    }

    fn refused(&mut self, failure: &Failure) {
        let problem = problem::of_item(failure, self.next, &self.asked.call.request_id);
        self.push(Err(problem));
    }

    fn push(&mut self, result: Result<C::Response, v1::Problem>) {
        self.all.push(C::result(self.next, result));
        self.next += 1;
    }
}

/// What stands in the way of the items after it as well: the caller may not, or the vault cannot. Everything else is about
/// the items of one run: that their key is not there, or that their purpose is not the caller's to state.
fn ends_the_stream(code: ErrorCode) -> bool {
    code == ErrorCode::PermissionDenied || code.is_retryable() || code.status() >= 500
}

fn read<M: RequestMessage>(message: &[u8]) -> Result<M, Failure> {
    read_message(message).map_err(|error| Failure::new(ErrorCode::InvalidRequest, error.to_string()))
}

/// A value of the domain that stands in a field as text.
fn text<T: InText>(pointer: &str, text: &str) -> Result<Text<T>, Failure> {
    T::read(text).map(Text).map_err(|error| Failure::misfit(pointer, error))
}
