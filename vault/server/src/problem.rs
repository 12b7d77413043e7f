//! Which failure becomes which HTTP answer: one page, no wildcard.

use std::borrow::Cow;
use std::time::Duration;

use strongroom_api::{ErrorCode, Problem, RequestError};
use strongroom_core::VaultError;
use strongroom_core::ports::egress::AnswerFault;
use strongroom_crypto::document_v1::DocumentError;
use strongroom_domain::{CardError, RequestId, ValueFormatError};

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub struct Failure {
    code: ErrorCode,
    detail: Cow<'static, str>,
    pointer: Option<String>,
    /// The methods that the path does have.
    allow: Option<String>,
    /// When to come again, if it is known.
    retry_after: Option<Duration>,
    /// For the log alone.
    cause: Option<&'static str>,
}

/// The code that a failure of the vault is answered with.
pub const fn code_of(error: &VaultError) -> ErrorCode {
    match error {
        VaultError::PermissionDenied => ErrorCode::PermissionDenied,
        VaultError::PurposeDenied => ErrorCode::PurposeDenied,
        VaultError::EncryptionRequired => ErrorCode::EncryptionRequired,
        VaultError::ApprovalRequired(_) => ErrorCode::ApprovalRequired,
        VaultError::NotFound => ErrorCode::NotFound,
        VaultError::AlreadyExists => ErrorCode::AlreadyExists,
        VaultError::AliasTaken => ErrorCode::AliasTaken,
        VaultError::ValueFormat(ValueFormatError::DomainTooSmall { .. }) => ErrorCode::FpeDomainTooSmall,
        VaultError::Invalid(_)
        | VaultError::Name(_)
        | VaultError::Card(_)
        | VaultError::Iban(_)
        | VaultError::IdentityNumber(_)
        | VaultError::Text(_)
        | VaultError::Context(_)
        | VaultError::Profile(_)
        | VaultError::ValueFormat(_)
        | VaultError::Value(_)
        | VaultError::VelocityLimit(_)
        | VaultError::Document(_) => ErrorCode::InvalidRequest,
        VaultError::CardNumber(_) => ErrorCode::CardNumberInvalid,
        VaultError::Jwe(_) | VaultError::EncryptedCard(_) => ErrorCode::JweRefused,
        VaultError::PublicKey(_) => ErrorCode::PublicKeyInvalid,
        VaultError::EncryptionKeyUnusable => ErrorCode::EncryptionKeyUnusable,
        VaultError::ProfileNotFound => ErrorCode::ProfileNotFound,
        VaultError::CardNumberIsToken => ErrorCode::CardNumberIsToken,
        VaultError::CardNumberInMetadata => ErrorCode::CardNumberInMetadata,
        VaultError::SecurityCode(_) => ErrorCode::SecurityCodeInvalid,
        VaultError::SecurityCodeGone => ErrorCode::SecurityCodeGone,
        VaultError::TokenExpired => ErrorCode::TokenExpired,
        VaultError::TokenUsed => ErrorCode::TokenUsed,
        VaultError::TokenNotReversible => ErrorCode::TokenNotReversible,
        VaultError::TokenSpaceExhausted => ErrorCode::TokenSpaceExhausted,
        VaultError::CiphertextMalformed => ErrorCode::CiphertextMalformed,
        VaultError::ContextMismatch => ErrorCode::ContextMismatch,
        VaultError::IntegrityFailure => ErrorCode::IntegrityFailure,
        VaultError::KeyState(_) | VaultError::KeyPurpose => ErrorCode::KeyStateInvalid,
        VaultError::IdempotencyKeyRequired => ErrorCode::IdempotencyKeyRequired,
        VaultError::DestinationNotFound => ErrorCode::DestinationNotFound,
        VaultError::DestinationNotAllowed(_) => ErrorCode::DestinationNotAllowed,
        VaultError::ForwardTemplate(_) => ErrorCode::TemplateInvalid,
        VaultError::DestinationRefused(_) => ErrorCode::DestinationRefused,
        VaultError::DestinationUnreachable(_) => ErrorCode::DestinationUnreachable,
        VaultError::ForwardOutcomeUnknown(_) => ErrorCode::ForwardOutcomeUnknown,
        VaultError::DestinationAnswer(fault) => match fault {
            AnswerFault::Malformed => ErrorCode::AnswerMalformed,
            AnswerFault::Redirect => ErrorCode::AnswerRedirect,
            AnswerFault::Encoded => ErrorCode::AnswerEncoded,
            AnswerFault::TooLarge => ErrorCode::AnswerTooLarge,
            AnswerFault::CardNumber => ErrorCode::CardNumberInAnswer,
        },
        VaultError::VelocityExceeded { .. } => ErrorCode::VelocityExceeded,
        VaultError::IdempotencyConflict => ErrorCode::IdempotencyConflict,
        VaultError::IdempotencyInProgress => ErrorCode::IdempotencyInProgress,
        VaultError::AuditUnavailable => ErrorCode::AuditUnavailable,
        VaultError::HsmUnavailable => ErrorCode::HsmUnavailable,
        VaultError::StoreUnavailable => ErrorCode::StoreUnavailable,
        VaultError::Overloaded => ErrorCode::Overloaded,
        VaultError::Internal(_) => ErrorCode::InternalError,
    }
}

/// Where in a body, or in an item of a batch, the failure is, if it is in one.
const fn pointer_of(error: &VaultError) -> Option<&'static str> {
    match error {
        VaultError::CardNumber(_) | VaultError::CardNumberIsToken => Some("/card/number"),
        VaultError::Card(CardError::Month) => Some("/card/exp_month"),
        VaultError::Card(CardError::Year) => Some("/card/exp_year"),
        VaultError::Card(CardError::Holder) => Some("/card/holder"),
        VaultError::Iban(_) => Some("/bank_account/iban"),
        VaultError::IdentityNumber(_) => Some("/identity_number/number"),
        VaultError::Text(_) => Some("/text"),
        VaultError::CardNumberInMetadata => Some("/metadata"),
        VaultError::AliasTaken => Some("/aliases"),
        VaultError::SecurityCode(_) => Some("/security_code"),
        VaultError::Jwe(_) | VaultError::EncryptedCard(_) => Some("/encrypted_card"),
        VaultError::PublicKey(_) => Some("/jwk"),
        VaultError::EncryptionKeyUnusable => Some("/encrypt_to"),
        VaultError::ProfileNotFound => Some("/profile"),
        VaultError::ValueFormat(_) => Some("/value_format"),
        VaultError::VelocityLimit(_) => Some("/limits"),
        VaultError::Document(DocumentError::Duplicate | DocumentError::NotJson) => Some("/document"),
        VaultError::Document(_) => Some("/fields"),
        VaultError::Context(_) => Some("/context"),
        VaultError::CiphertextMalformed => Some("/ciphertext"),
        VaultError::DestinationNotFound => Some("/destination"),
        VaultError::PermissionDenied
        | VaultError::PurposeDenied
        | VaultError::EncryptionRequired
        | VaultError::ApprovalRequired(_)
        | VaultError::NotFound
        | VaultError::AlreadyExists
        | VaultError::Invalid(_)
        | VaultError::Name(_)
        | VaultError::Profile(_)
        | VaultError::Value(_)
        | VaultError::SecurityCodeGone
        | VaultError::TokenExpired
        | VaultError::TokenUsed
        | VaultError::TokenNotReversible
        | VaultError::TokenSpaceExhausted
        | VaultError::ContextMismatch
        | VaultError::IntegrityFailure
        | VaultError::KeyState(_)
        | VaultError::KeyPurpose
        | VaultError::IdempotencyKeyRequired
        | VaultError::DestinationNotAllowed(_)
        | VaultError::ForwardTemplate(_)
        | VaultError::DestinationRefused(_)
        | VaultError::DestinationUnreachable(_)
        | VaultError::ForwardOutcomeUnknown(_)
        | VaultError::DestinationAnswer(_)
        | VaultError::VelocityExceeded { .. }
        | VaultError::IdempotencyConflict
        | VaultError::IdempotencyInProgress
        | VaultError::AuditUnavailable
        | VaultError::HsmUnavailable
        | VaultError::StoreUnavailable
        | VaultError::Overloaded
        | VaultError::Internal(_) => None,
    }
}

impl Failure {
    /// With a text that helps and repeats no value.
    pub(crate) fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), pointer: None, allow: None, retry_after: None, cause: None }
    }

    /// Not there, or not the caller's: the same answer, wherever it is found out.
    pub(crate) fn not_found() -> Self {
        VaultError::NotFound.into()
    }

    /// The path exists with these methods only.
    pub(crate) fn method_not_allowed(methods: &[&str]) -> Self {
        let detail = "this path does not have this method; see the Allow header";
        Self { allow: Some(methods.join(", ")), ..Self::new(ErrorCode::MethodNotAllowed, detail) }
    }

    /// A fault of the vault itself.
    pub(crate) fn internal(cause: &'static str) -> Self {
        VaultError::Internal(cause).into()
    }

    /// What went wrong, for programs.
    pub(crate) const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What an operator should know and the caller should not.
    pub(crate) const fn cause(&self) -> Option<&'static str> {
        self.cause
    }

    /// The value of an `Allow` header.
    pub(crate) fn allow(&self) -> Option<&str> {
        self.allow.as_deref()
    }

    /// When there will be room for the same again.
    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// As it goes over the wire.
    pub(crate) fn problem(&self, request_id: &RequestId) -> Problem {
        let problem = Problem::new(self.code, self.detail.as_ref(), request_id.as_str());
        match &self.pointer {
            Some(pointer) => problem.at(pointer),
            None => problem,
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        let cause = if let VaultError::Internal(cause) = error { Some(cause) } else { None };
        let pointer = pointer_of(&error).map(str::to_owned);
        let retry_after = match error {
            VaultError::VelocityExceeded { retry_after_seconds, .. } => {
                Some(Duration::from_secs(retry_after_seconds))
            }
            _ => None,
        };
        Self { pointer, cause, retry_after, ..Self::new(code_of(&error), error.to_string()) }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self {
            pointer: error.pointer().map(str::to_owned),
            ..Self::new(error.code(), error.detail().to_owned())
        }
    }
}

/// A refusal that was written as an answer already.
impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let code = problem.error_code().unwrap_or(ErrorCode::InternalError);
        Self { pointer: problem.pointer, ..Self::new(code, problem.detail) }
    }
}

/// What went wrong with one item of a batch.
pub(crate) fn of_item(error: &VaultError, index: usize, request_id: &RequestId) -> Problem {
    if let VaultError::Internal(cause) = error {
        tracing::error!(%request_id, index, cause, "an item of a batch failed");
    }
    let problem = Problem::new(code_of(error), error.to_string(), request_id.as_str());
    match pointer_of(error) {
        Some(pointer) => problem.at(format!("/items/{index}{pointer}")),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use strongroom_crypto::jwe::{EncryptedCardError, JweError, PublicJwkError};
    use strongroom_domain::{
        ContextError, FreeTextError, IbanError, IdentityNumberError, KeyName, KeyState, PanError,
        SecurityCodeError, TokenProfileError, ValueError, VelocityCounter, VelocityLimitError,
    };

    use super::*;

    /// One of each.
    fn all() -> Vec<VaultError> {
        vec![
            VaultError::PermissionDenied,
            VaultError::PurposeDenied,
            VaultError::EncryptionRequired,
            VaultError::ApprovalRequired("an export of tokens leaves the vault".to_owned()),
            VaultError::NotFound,
            VaultError::AlreadyExists,
            VaultError::AliasTaken,
            VaultError::Invalid("text"),
            VaultError::Name(KeyName::parse("").unwrap_err()),
            VaultError::CardNumber(PanError::Length),
            VaultError::Card(CardError::Month),
            VaultError::Context(ContextError::TooMany),
            VaultError::Profile(TokenProfileError::TimeToLive),
            VaultError::ValueFormat(ValueFormatError::Lengths),
            VaultError::ValueFormat(ValueFormatError::DomainTooSmall {
                length: 15,
                encrypted: 5,
                radix: 10,
                values: 100_000,
            }),
            VaultError::Value(ValueError::Length),
            VaultError::Iban(IbanError::Country),
            VaultError::IdentityNumber(IdentityNumberError::Length),
            VaultError::Text(FreeTextError),
            VaultError::Document(DocumentError::Missing(0)),
            VaultError::PublicKey(PublicJwkError::Malformed),
            VaultError::EncryptionKeyUnusable,
            VaultError::Jwe(JweError::unknown_key()),
            VaultError::EncryptedCard(EncryptedCardError),
            VaultError::SecurityCode(SecurityCodeError::Form),
            VaultError::SecurityCodeGone,
            VaultError::ProfileNotFound,
            VaultError::CardNumberIsToken,
            VaultError::CardNumberInMetadata,
            VaultError::TokenExpired,
            VaultError::TokenUsed,
            VaultError::TokenNotReversible,
            VaultError::TokenSpaceExhausted,
            VaultError::CiphertextMalformed,
            VaultError::ContextMismatch,
            VaultError::IntegrityFailure,
            VaultError::KeyState(KeyState::Destroyed),
            VaultError::KeyPurpose,
            VaultError::IdempotencyKeyRequired,
            VaultError::DestinationNotFound,
            VaultError::DestinationNotAllowed(String::new()),
            VaultError::ForwardTemplate(String::new()),
            VaultError::DestinationRefused(String::new()),
            VaultError::DestinationUnreachable(String::new()),
            VaultError::ForwardOutcomeUnknown(String::new()),
            VaultError::DestinationAnswer(AnswerFault::Malformed),
            VaultError::DestinationAnswer(AnswerFault::Redirect),
            VaultError::DestinationAnswer(AnswerFault::Encoded),
            VaultError::DestinationAnswer(AnswerFault::TooLarge),
            VaultError::DestinationAnswer(AnswerFault::CardNumber),
            VaultError::VelocityExceeded { counter: VelocityCounter::SEARCH, retry_after_seconds: 7 },
            VaultError::VelocityLimit(VelocityLimitError::Range),
            VaultError::IdempotencyConflict,
            VaultError::IdempotencyInProgress,
            VaultError::AuditUnavailable,
            VaultError::HsmUnavailable,
            VaultError::StoreUnavailable,
            VaultError::Overloaded,
            VaultError::Internal("cause"),
        ]
    }

    #[test]
    fn answers_and_records_name_a_failure_alike() {
        for error in all() {
            assert_eq!(code_of(&error).as_str(), error.code());
        }
    }

    /// The list above is by hand; this notices when it falls behind. Whatever the vault can say but the list lacks is one
    /// of the codes that stand in no `VaultError`.
    #[test]
    fn the_vault_itself_says_all_but_the_codes_of_the_edge() {
        let said: Vec<_> = all().iter().map(code_of).collect();
        let rest: Vec<_> = ErrorCode::ALL.iter().copied().filter(|code| !said.contains(code)).collect();
        let of_the_edge = [
            ErrorCode::Unauthenticated,
            ErrorCode::MethodNotAllowed,
            ErrorCode::HeaderInvalid,
            ErrorCode::RequestTimeout,
            ErrorCode::PayloadTooLarge,
            ErrorCode::UnsupportedMediaType,
            ErrorCode::SecurityCodeNotAllowed,
        ];
        assert_eq!(rest, of_the_edge);
    }

    #[test]
    fn the_cause_of_a_fault_stays_inside() {
        let failure = Failure::from(VaultError::Internal("the bolt is loose"));
        let request_id = RequestId::parse("req_00000001").unwrap();
        let problem = serde_json::to_string(&failure.problem(&request_id)).unwrap();
        assert!(!problem.contains("bolt"), "{problem}");
        assert_eq!(failure.cause(), Some("the bolt is loose"));
    }

    #[test]
    fn items_are_pointed_at_in_their_place() {
        let request_id = RequestId::parse("req_00000001").unwrap();
        let problem = of_item(&VaultError::CardNumber(PanError::Length), 3, &request_id);
        assert_eq!(problem.pointer.as_deref(), Some("/items/3/card/number"));
    }
}
