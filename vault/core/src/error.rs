use strongroom_crypto::document_v1::DocumentError;
use strongroom_crypto::jwe::{EncryptedCardError, JweError, PublicJwkError};
use strongroom_domain::{
    CardError, ContextError, FreeTextError, IbanError, IdentityNumberError, KeyState, NameError, PanError,
    SecurityCodeError, TokenProfileError, ValueError, ValueFormatError, VelocityCounter, VelocityLimitError,
};

use crate::ports::egress::{AnswerFault, EgressFailure, EgressRefusal};
use crate::ports::store::StoreError;
use crate::ports::{EntropyError, HsmError};

/// Why the vault did not do what was asked. Texts help the caller and never repeat a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No rule permits it.
    #[error("the caller's roles do not permit this")]
    PermissionDenied,
    /// The role may do this, but not for that purpose or to that extent.
    #[error("the caller may not ask for this purpose with this reveal")]
    PurposeDenied,
    /// The caller's grant is for encrypted answers only.
    #[error("the caller gets values encrypted only: give encrypt_to with one of its encryption keys")]
    EncryptionRequired,
    /// Somebody else has to agree first.
    #[error("{0}; somebody else has to approve it first")]
    ApprovalRequired(String),
    /// Not there, or not the caller's: the same answer.
    #[error("not found")]
    NotFound,
    /// There is one by that name.
    #[error("there is one by that name already")]
    AlreadyExists,
    /// Another token of the tenant has this alias, or had it when it was deleted.
    #[error("one of the aliases belongs to another token, or to one that was deleted")]
    AliasTaken,
    /// The request asks for something that cannot be.
    #[error("{0}")]
    Invalid(&'static str),
    /// A name is not one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The card number is not one.
    #[error(transparent)]
    CardNumber(#[from] PanError),
    /// The parts beside the card number are wrong.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The IBAN is not one.
    #[error(transparent)]
    Iban(#[from] IbanError),
    /// The identity number is not one.
    #[error(transparent)]
    IdentityNumber(#[from] IdentityNumberError),
    /// The text is too short or too long.
    #[error(transparent)]
    Text(#[from] FreeTextError),
    /// The context is not one.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The parts of the profile do not go together.
    #[error(transparent)]
    Profile(#[from] TokenProfileError),
    /// The parts of a key's value format do not go together, or leave too few values.
    #[error(transparent)]
    ValueFormat(#[from] ValueFormatError),
    /// The value is not of the key's format.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The fields of a document cannot be found as the request says.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// What a client encrypted cannot be opened.
    #[error(transparent)]
    Jwe(#[from] JweError),
    /// What a client encrypted is no card.
    #[error(transparent)]
    EncryptedCard(#[from] EncryptedCardError),
    /// What was to be registered is no public key of the kind.
    #[error(transparent)]
    PublicKey(#[from] PublicJwkError),
    /// None of the caller's keys that may be encrypted to is named so. One answer for all reasons.
    #[error(
        "the caller has no encryption key in force of this kid: it is not registered for it, has expired or was revoked"
    )]
    EncryptionKeyUnusable,
    /// There is no such token profile.
    #[error("there is no token profile of that name")]
    ProfileNotFound,
    /// What was sent as a card number is one of the tenant's tokens.
    #[error("this is a token, not a card number")]
    CardNumberIsToken,
    /// Metadata is kept readable for the caller; a card number has no business there.
    #[error("a metadata value looks like a card number")]
    CardNumberInMetadata,
    /// The security code is none, or not of this card.
    #[error(transparent)]
    SecurityCode(#[from] SecurityCodeError),
    /// There was no security code, or it has served, or its time is over. Nobody can bring it back.
    #[error("there is no security code for this card any more; ask the cardholder for it again")]
    SecurityCodeGone,
    /// The token's time is over.
    #[error("the token has expired")]
    TokenExpired,
    /// The token was for one use and has been used.
    #[error("the token was for single use and has been used")]
    TokenUsed,
    /// The token's profile is one-way.
    #[error("tokens of this profile cannot be turned back into a value")]
    TokenNotReversible,
    /// Every token of this shape is taken.
    #[error("no token of this shape is left for this BIN and last four digits")]
    TokenSpaceExhausted,
    /// The ciphertext is none, or of another key.
    #[error("the ciphertext is malformed or was not made by this key")]
    CiphertextMalformed,
    /// The ciphertext does not belong to this context, or was altered.
    #[error("the ciphertext does not belong to this context or was altered")]
    ContextMismatch,
    /// What is stored was altered or belongs elsewhere.
    #[error("stored data failed its integrity check")]
    IntegrityFailure,
    /// The key version's state does not allow it.
    #[error("the key version is {0} and cannot be used for this")]
    KeyState(KeyState),
    /// The key is for something else.
    #[error("the key's purpose does not allow this")]
    KeyPurpose,
    /// A request that may change something elsewhere needs a key, so that it is not made twice.
    #[error("a request that may change something needs an Idempotency-Key")]
    IdempotencyKeyRequired,
    /// There is no such destination, or it is not for this tenant: the same answer.
    #[error("there is no destination of that name for this tenant; nothing was sent")]
    DestinationNotFound,
    /// The destination does not allow this.
    #[error("{0}; nothing was sent")]
    DestinationNotAllowed(String),
    /// The request with its placeholders cannot be read or filled.
    #[error("{0}; nothing was sent")]
    ForwardTemplate(String),
    /// The destination is not what it should be.
    #[error("{0}; nothing was sent")]
    DestinationRefused(String),
    /// The destination could not be reached.
    #[error("{0}; nothing was sent")]
    DestinationUnreachable(String),
    /// It was sent, or may have been, and nobody knows what became of it.
    #[error("{0}")]
    ForwardOutcomeUnknown(String),
    /// It was answered, and the answer is not handed on.
    #[error(transparent)]
    DestinationAnswer(#[from] AnswerFault),
    /// The caller has had as many of these as its limit allows for now.
    #[error("the velocity limit for {counter} is used up; it frees in {retry_after_seconds} seconds")]
    VelocityExceeded {
        /// What is counted.
        counter: VelocityCounter,
        /// When there is room again, at the earliest.
        retry_after_seconds: u64,
    },
    /// A velocity limit is none.
    #[error(transparent)]
    VelocityLimit(#[from] VelocityLimitError),
    /// The key was used for another request.
    #[error("this Idempotency-Key was used for a different request")]
    IdempotencyConflict,
    /// The first request with this key has not ended.
    #[error("a request with this Idempotency-Key is still running")]
    IdempotencyInProgress,
    /// The record cannot be written, so nothing is done.
    #[error("the audit record cannot be written at the moment")]
    AuditUnavailable,
    /// The HSM is away.
    #[error("the HSM is not available at the moment")]
    HsmUnavailable,
    /// The database is away.
    #[error("the database is not available at the moment")]
    StoreUnavailable,
    /// Too much is queued up.
    #[error("too many requests are waiting")]
    Overloaded,
    /// A fault of the vault itself.
    #[error("the vault failed; the request id finds the cause in its log")]
    Internal(&'static str),
}

impl VaultError {
    /// Of a request to a destination: whether it is certain that not a byte of it was sent.
    pub(crate) const fn says_nothing_was_sent(&self) -> bool {
        matches!(self, Self::DestinationRefused(_) | Self::DestinationUnreachable(_))
    }

    /// The stable code, as in answers and in audit records.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PermissionDenied => "permission_denied",
            Self::PurposeDenied => "purpose_denied",
            Self::EncryptionRequired => "encryption_required",
            Self::ApprovalRequired(_) => "approval_required",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::AliasTaken => "alias_taken",
            Self::ValueFormat(ValueFormatError::DomainTooSmall { .. }) => "fpe_domain_too_small",
            Self::Invalid(_)
            | Self::Name(_)
            | Self::Card(_)
            | Self::Iban(_)
            | Self::IdentityNumber(_)
            | Self::Text(_)
            | Self::Context(_)
            | Self::Profile(_)
            | Self::ValueFormat(_)
            | Self::Value(_)
            | Self::VelocityLimit(_)
            | Self::Document(_) => "invalid_request",
            Self::CardNumber(_) => "card_number_invalid",
            Self::Jwe(_) | Self::EncryptedCard(_) => "jwe_refused",
            Self::PublicKey(_) => "public_key_invalid",
            Self::EncryptionKeyUnusable => "encryption_key_unusable",
            Self::ProfileNotFound => "profile_not_found",
            Self::CardNumberIsToken => "card_number_is_token",
            Self::CardNumberInMetadata => "card_number_in_metadata",
            Self::SecurityCode(_) => "security_code_invalid",
            Self::SecurityCodeGone => "security_code_gone",
            Self::TokenExpired => "token_expired",
            Self::TokenUsed => "token_used",
            Self::TokenNotReversible => "token_not_reversible",
            Self::TokenSpaceExhausted => "token_space_exhausted",
            Self::CiphertextMalformed => "ciphertext_malformed",
            Self::ContextMismatch => "context_mismatch",
            Self::IntegrityFailure => "integrity_failure",
            Self::KeyState(_) | Self::KeyPurpose => "key_state_invalid",
            Self::IdempotencyKeyRequired => "idempotency_key_required",
            Self::DestinationNotFound => "destination_not_found",
            Self::DestinationNotAllowed(_) => "destination_not_allowed",
            Self::ForwardTemplate(_) => "template_invalid",
            Self::DestinationRefused(_) => "destination_refused",
            Self::DestinationUnreachable(_) => "destination_unreachable",
            Self::ForwardOutcomeUnknown(_) => "forward_outcome_unknown",
            Self::DestinationAnswer(fault) => match fault {
                AnswerFault::Malformed => "answer_malformed",
                AnswerFault::Redirect => "answer_redirect",
                AnswerFault::Encoded => "answer_encoded",
                AnswerFault::TooLarge => "answer_too_large",
                AnswerFault::CardNumber => "card_number_in_answer",
            },
            Self::VelocityExceeded { .. } => "velocity_exceeded",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::IdempotencyInProgress => "idempotency_in_progress",
            Self::AuditUnavailable => "audit_unavailable",
            Self::HsmUnavailable => "hsm_unavailable",
            Self::StoreUnavailable => "store_unavailable",
            Self::Overloaded => "overloaded",
            Self::Internal(_) => "internal_error",
        }
    }
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::StoreUnavailable,
            StoreError::Unreadable(what) => {
                tracing::error!(what, "the database holds something unreadable");
                Self::IntegrityFailure
            }
        }
    }
}

impl From<HsmError> for VaultError {
    fn from(error: HsmError) -> Self {
        tracing::warn!(%error, "an HSM call failed");
        match error {
            HsmError::Unavailable(_) | HsmError::Pin(_) | HsmError::Failed(_) => Self::HsmUnavailable,
            HsmError::Integrity => Self::IntegrityFailure,
            HsmError::Missing(_) | HsmError::Ambiguous(_) | HsmError::NotTheRecordedKey { .. } => {
                Self::HsmUnavailable
            }
            HsmError::Unsupported(what) => Self::Internal(what),
        }
    }
}

impl From<EgressRefusal> for VaultError {
    fn from(refusal: EgressRefusal) -> Self {
        match refusal {
            EgressRefusal::NoDestination => Self::DestinationNotFound,
            EgressRefusal::NotAllowed(reason) => Self::DestinationNotAllowed(reason),
            EgressRefusal::Template(reason) => Self::ForwardTemplate(reason),
            EgressRefusal::Full => Self::Overloaded,
        }
    }
}

impl From<EgressFailure> for VaultError {
    fn from(failure: EgressFailure) -> Self {
        match failure {
            EgressFailure::Refused(reason) => Self::DestinationRefused(reason),
            EgressFailure::Unreachable(reason) => Self::DestinationUnreachable(reason),
            EgressFailure::Unknown(reason) => Self::ForwardOutcomeUnknown(reason),
            EgressFailure::Answer(fault) => Self::DestinationAnswer(fault),
        }
    }
}

impl From<EntropyError> for VaultError {
    fn from(_: EntropyError) -> Self {
        Self::Internal("no randomness available")
    }
}
