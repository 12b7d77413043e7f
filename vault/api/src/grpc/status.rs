use crate::ErrorCode;

/// A status of gRPC (`google.rpc.Code`), of those that the vault answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are gRPC's own")]
pub enum GrpcStatus {
    Ok = 0,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

impl GrpcStatus {
    /// Its number on the wire.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// The status that a refusal or failure is told as: one page, no wildcard. `problem.proto` shows the same table.
pub const fn status_of(code: ErrorCode) -> GrpcStatus {
    match code {
        ErrorCode::Unauthenticated => GrpcStatus::Unauthenticated,
        ErrorCode::PermissionDenied | ErrorCode::PurposeDenied | ErrorCode::EncryptionRequired => {
            GrpcStatus::PermissionDenied
        }
        ErrorCode::NotFound
        | ErrorCode::ProfileNotFound
        | ErrorCode::EncryptionKeyUnusable
        | ErrorCode::DestinationNotFound => GrpcStatus::NotFound,
        ErrorCode::MethodNotAllowed | ErrorCode::UnsupportedMediaType => GrpcStatus::Unimplemented,
        ErrorCode::InvalidRequest
        | ErrorCode::HeaderInvalid
        | ErrorCode::CardNumberInvalid
        | ErrorCode::CardNumberIsToken
        | ErrorCode::CardNumberInMetadata
        | ErrorCode::SecurityCodeNotAllowed
        | ErrorCode::SecurityCodeInvalid
        | ErrorCode::JweRefused
        | ErrorCode::PublicKeyInvalid
        | ErrorCode::FpeDomainTooSmall
        | ErrorCode::IdempotencyKeyRequired
        | ErrorCode::DestinationNotAllowed
        | ErrorCode::TemplateInvalid
        | ErrorCode::CiphertextMalformed
        | ErrorCode::ContextMismatch => GrpcStatus::InvalidArgument,
        ErrorCode::RequestTimeout => GrpcStatus::DeadlineExceeded,
        ErrorCode::PayloadTooLarge | ErrorCode::VelocityExceeded => GrpcStatus::ResourceExhausted,
        // What has to change first is not the request.
        ErrorCode::ApprovalRequired
        | ErrorCode::TokenSpaceExhausted
        | ErrorCode::TokenExpired
        | ErrorCode::TokenUsed
        | ErrorCode::TokenNotReversible
        | ErrorCode::SecurityCodeGone
        | ErrorCode::KeyStateInvalid
        | ErrorCode::IdempotencyConflict
        | ErrorCode::DestinationRefused
        | ErrorCode::ForwardOutcomeUnknown
        | ErrorCode::AnswerMalformed
        | ErrorCode::AnswerRedirect
        | ErrorCode::AnswerEncoded
        | ErrorCode::AnswerTooLarge
        | ErrorCode::CardNumberInAnswer => GrpcStatus::FailedPrecondition,
        ErrorCode::AlreadyExists | ErrorCode::AliasTaken => GrpcStatus::AlreadyExists,
        ErrorCode::IdempotencyInProgress => GrpcStatus::Aborted,
        ErrorCode::Overloaded
        | ErrorCode::AuditUnavailable
        | ErrorCode::HsmUnavailable
        | ErrorCode::StoreUnavailable
        | ErrorCode::DestinationUnreachable => GrpcStatus::Unavailable,
        ErrorCode::IntegrityFailure => GrpcStatus::DataLoss,
        ErrorCode::InternalError => GrpcStatus::Internal,
    }
}
