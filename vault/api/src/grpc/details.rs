//! The messages of `google.rpc` that tell a refusal to programs, as far as the vault uses them
//! (<https://github.com/googleapis/googleapis/tree/master/google/rpc>). gRPC's libraries in other languages read them by
//! themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use prost::{Message, Name};
use prost_types::Any;

use super::status_of;
use crate::Problem;

/// Whose reasons they are: the domain of every [`ErrorInfo`].
pub const DOMAIN: &str = "strongroom";

/// `google.rpc.Status`: what `grpc-status-details-bin` holds.
#[derive(Clone, PartialEq, Message)]
pub struct Status {
    /// The gRPC status.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// What went wrong, in words.
    #[prost(string, tag = "2")]
    pub message: String,
    /// The rest.
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<Any>,
}

/// `google.rpc.ErrorInfo`.
#[derive(Clone, PartialEq, Message)]
pub struct ErrorInfo {
    /// The code in capitals, as the type's rules want it.
    #[prost(string, tag = "1")]
    pub reason: String,
    /// [`DOMAIN`].
    #[prost(string, tag = "2")]
    pub domain: String,
    /// `request_id`, `retryable`, and `pointer` if there is one.
    #[prost(btree_map = "string, string", tag = "3")]
    pub metadata: BTreeMap<String, String>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
pub struct RetryInfo {
    /// When to come again.
    #[prost(message, optional, tag = "1")]
    pub retry_delay: Option<prost_types::Duration>,
}

/// `google.rpc.BadRequest`.
#[derive(Clone, PartialEq, Message)]
pub struct BadRequest {
    /// The fields at fault.
    #[prost(message, repeated, tag = "1")]
    pub field_violations: Vec<FieldViolation>,
}

/// `google.rpc.BadRequest.FieldViolation`.
#[derive(Clone, PartialEq, Message)]
pub struct FieldViolation {
    /// A JSON pointer, as in REST.
    #[prost(string, tag = "1")]
    pub field: String,
    /// What is allowed there.
    #[prost(string, tag = "2")]
    pub description: String,
}

macro_rules! named {
    ($($type:ident),+) => {$(
        impl Name for $type {
            const PACKAGE: &'static str = "google.rpc";
            const NAME: &'static str = stringify!($type);

            fn type_url() -> String {
                concat!("type.googleapis.com/google.rpc.", stringify!($type)).to_owned()
            }
        }
    )+};
}

named!(ErrorInfo, RetryInfo, BadRequest);

/// A problem as `google.rpc.Status`, in bytes.
pub fn status_details(problem: &Problem, retry_after: Option<Duration>) -> Vec<u8> {
    let mut metadata = BTreeMap::from([
        ("request_id".to_owned(), problem.request_id.clone()),
        ("retryable".to_owned(), problem.retryable.to_string()),
    ]);
    metadata.extend(problem.pointer.iter().map(|pointer| ("pointer".to_owned(), pointer.clone())));
    let info = ErrorInfo { reason: problem.code.to_ascii_uppercase(), domain: DOMAIN.to_owned(), metadata };
    let at_fault = problem.pointer.iter().map(|pointer| BadRequest {
        field_violations: vec![FieldViolation {
            field: pointer.clone(),
            description: problem.detail.clone(),
        }],
    });
    let again = retry_after.map(|delay| RetryInfo { retry_delay: delay.try_into().ok() });
    let details = Any::from_msg(&info).into_iter();
    let details = details.chain(at_fault.flat_map(|at_fault| Any::from_msg(&at_fault)));
    let details = details.chain(again.iter().flat_map(Any::from_msg)).collect();
    let code = problem
        .error_code()
        .map_or(i32::from(super::GrpcStatus::Internal.number()), |code| i32::from(status_of(code).number()));
    Status { code, message: problem.detail.clone(), details }.encode_to_vec()
}
