//! The gRPC contract: `proto/strongroom/v1`, and what it is in Rust.
//!
//! - [`METHODS`] is the one table of its calls, as [`ROUTES`](crate::ROUTES) is of REST's.
//! - [`v1`] holds the messages. They are generated and committed; `tests/grpc.rs` generates them anew and fails when they
//!   differ, so that whoever builds the vault needs no generator. None of them can be printed, copied or compared: a
//!   card number passes through a message only on its way into a type of its own.
//! - [`read_message`] is the way in. It refuses fields that the contract does not have, as REST does.
//! - [`status_of`] says which gRPC status each [`ErrorCode`](crate::ErrorCode) is told as, [`details`] how the rest is told.

pub mod details;
mod message;
mod methods;
mod status;

pub use message::{MessageError, RequestMessage, read_message, write_message};
pub use methods::{METHODS, Method, MethodId};
pub use status::{GrpcStatus, status_of};

/// The messages of `strongroom.v1`.
#[expect(clippy::all, reason = "generated")]
pub mod v1 {
    include!("strongroom.v1.rs");
}

/// The contract's files in binary form (`google.protobuf.FileDescriptorSet`), for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!("descriptors.binpb");
