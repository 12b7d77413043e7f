//! The codes of all refusals and failures.

use std::fmt;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $retryable:expr, $title:literal;)+) => {
        /// Why a request was refused or failed. The code is stable and for programs, the title for people.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code in answers and in audit events.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)+
                }
            }

            /// Whether the same request may go through later.
            pub const fn is_retryable(self) -> bool {
                match self {
                    $(Self::$variant => $retryable,)+
                }
            }

            /// The same text for every occurrence (RFC 9457, section 3.1.3).
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }
        }
    };
}

const LATER: bool = true;
const NEVER: bool = false;

error_codes! {
    /// No client certificate, or not one that is accepted.
    Unauthenticated = "unauthenticated", 401, NEVER, "The caller is not known";
    /// No rule permits it.
    PermissionDenied = "permission_denied", 403, NEVER, "The caller's roles do not permit this";
    /// The role may do this, but not for that purpose or to that extent.
    PurposeDenied = "purpose_denied", 403, NEVER, "The caller may not ask for this purpose";
    /// The role may do this, but is sent values encrypted only.
    EncryptionRequired = "encryption_required", 403, NEVER, "The caller gets values encrypted only";
    /// Somebody else has to agree first.
    ApprovalRequired = "approval_required", 403, NEVER, "This needs an approval first";
    /// Not there, or not the caller's: the same answer.
    NotFound = "not_found", 404, NEVER, "Not found";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, NEVER, "This path does not have this method";

    /// The request does not have the shape of this contract.
    InvalidRequest = "invalid_request", 400, NEVER, "The request is not valid";
    /// A header does not have its form.
    HeaderInvalid = "header_invalid", 400, NEVER, "A header is not valid";
    /// The body took too long to arrive.
    RequestTimeout = "request_timeout", 408, LATER, "The request took too long to arrive";
    /// The body has more bytes than the call allows.
    PayloadTooLarge = "payload_too_large", 413, NEVER, "The body is too large";
    /// The body is not JSON by its content type.
    UnsupportedMediaType = "unsupported_media_type", 415, NEVER, "The body must be of a content type that this call takes";

    /// What was sent as a card number is none.
    CardNumberInvalid = "card_number_invalid", 422, NEVER, "The card number is not valid";
    /// What was sent as a card number is a token.
    CardNumberIsToken = "card_number_is_token", 422, NEVER, "This is a token, not a card number";
    /// A metadata value looks like a card number.
    CardNumberInMetadata = "card_number_in_metadata", 422, NEVER, "Metadata must not hold card numbers";
    /// A card's security code, PIN or track data where none may be (PCI DSS 3.3.1).
    SecurityCodeNotAllowed = "security_code_not_allowed", 422, NEVER, "Security codes, PINs and track data have no place here";
    /// What was sent as a security code is none, or not of this card.
    SecurityCodeInvalid = "security_code_invalid", 422, NEVER, "The security code is not valid";
    /// There was no security code, or it has served, or its time is over.
    SecurityCodeGone = "security_code_gone", 410, NEVER, "There is no security code for this card any more";
    /// What a client encrypted cannot be opened, or is no card. Why, it does not say.
    JweRefused = "jwe_refused", 422, NEVER, "What the client encrypted cannot be used";
    /// What was to be registered is no public key of the kind.
    PublicKeyInvalid = "public_key_invalid", 422, NEVER, "The public key cannot be registered";
    /// The caller has no encryption key in force of that name.
    EncryptionKeyUnusable = "encryption_key_unusable", 422, NEVER, "There is no such key to encrypt to";
    /// There is no token profile of that name.
    ProfileNotFound = "profile_not_found", 422, NEVER, "There is no such token profile";
    /// Too few digits would be left to encrypt.
    FpeDomainTooSmall = "fpe_domain_too_small", 422, NEVER, "Too few digits for this format";
    /// Every token of this shape is taken.
    TokenSpaceExhausted = "token_space_exhausted", 422, NEVER, "No token of this shape is left";
    /// The token's time is over.
    TokenExpired = "token_expired", 410, NEVER, "The token has expired";
    /// The token was for one use and has been used.
    TokenUsed = "token_used", 410, NEVER, "The token has been used";
    /// The token's profile is one-way.
    TokenNotReversible = "token_not_reversible", 422, NEVER, "The token cannot be turned back into a value";

    /// The job's kind or state does not allow it.
    JobStateInvalid = "job_state_invalid", 409, NEVER, "The job does not allow this";
    /// The job goes on with another part.
    JobPartOutOfOrder = "job_part_out_of_order", 409, NEVER, "The job goes on with another part";
    /// The part was done before with other contents.
    JobPartConflict = "job_part_conflict", 409, NEVER, "This part was done before with other contents";
    /// The two sides of a job do not have the same rows.
    JobMismatch = "job_mismatch", 409, NEVER, "The two sides do not have the same rows";
    /// There is one by that name.
    AlreadyExists = "already_exists", 409, NEVER, "There is one by that name already";
    /// Another token has this alias, or had it when it was deleted.
    AliasTaken = "alias_taken", 409, NEVER, "The alias belongs to another token";
    /// The key version's state or the key's purpose does not allow it.
    KeyStateInvalid = "key_state_invalid", 409, NEVER, "The key cannot be used for this";
    /// The ciphertext is none, or of another key.
    CiphertextMalformed = "ciphertext_malformed", 422, NEVER, "The ciphertext was not made by this key";
    /// The ciphertext does not belong to this context, or was altered.
    ContextMismatch = "context_mismatch", 422, NEVER, "The ciphertext does not belong to this context";
    /// What is stored was altered or belongs elsewhere.
    IntegrityFailure = "integrity_failure", 500, NEVER, "Stored data failed its integrity check";

    /// A request that may change something elsewhere needs an `Idempotency-Key`.
    IdempotencyKeyRequired = "idempotency_key_required", 400, NEVER, "This request needs an Idempotency-Key";
    /// There is no such destination, or it is not for this tenant. Nothing was sent.
    DestinationNotFound = "destination_not_found", 422, NEVER, "There is no such destination";
    /// The destination does not allow this method, path or header. Nothing was sent.
    DestinationNotAllowed = "destination_not_allowed", 422, NEVER, "The destination does not allow this";
    /// The request with its placeholders cannot be read or filled. Nothing was sent.
    TemplateInvalid = "template_invalid", 422, NEVER, "The request cannot be filled";
    /// The destination stands for an address that it may not, or is somebody else. Nothing was sent.
    DestinationRefused = "destination_refused", 502, NEVER, "The destination is not what it should be";
    /// The destination could not be reached. Nothing was sent.
    DestinationUnreachable = "destination_unreachable", 503, LATER, "The destination cannot be reached at the moment";
    /// The request was sent, or may have been, and nobody knows what became of it. Ask the destination.
    ForwardOutcomeUnknown = "forward_outcome_unknown", 409, NEVER, "The request may have been carried out";
    /// The destination answered, not in HTTP/1.1. The request has most likely been carried out.
    AnswerMalformed = "answer_malformed", 502, NEVER, "The destination's answer cannot be read";
    /// The destination answered with a redirect.
    AnswerRedirect = "answer_redirect", 502, NEVER, "The destination answered with a redirect";
    /// The destination's answer is packed. The request has most likely been carried out.
    AnswerEncoded = "answer_encoded", 502, NEVER, "The destination's answer is encoded";
    /// The destination's answer is larger than its limit. The request has most likely been carried out.
    AnswerTooLarge = "answer_too_large", 502, NEVER, "The destination's answer is too large";
    /// The destination's answer holds a card number. The request has most likely been carried out.
    CardNumberInAnswer = "card_number_in_answer", 502, NEVER, "The destination's answer holds a card number";
    /// The `Idempotency-Key` was used for another request.
    IdempotencyConflict = "idempotency_conflict", 422, NEVER, "This Idempotency-Key was used for a different request";
    /// The first request with this `Idempotency-Key` has not ended.
    IdempotencyInProgress = "idempotency_in_progress", 409, LATER, "A request with this Idempotency-Key is still running";
    /// More than the caller's budget.
    VelocityExceeded = "velocity_exceeded", 429, LATER, "Too many requests of this kind";
    /// Too much is queued up.
    Overloaded = "overloaded", 503, LATER, "Too many requests are waiting";
    /// The record cannot be written, so nothing is done.
    AuditUnavailable = "audit_unavailable", 503, LATER, "The audit record cannot be written at the moment";
    /// The HSM is away.
    HsmUnavailable = "hsm_unavailable", 503, LATER, "The HSM is not available at the moment";
    /// The database is away.
    StoreUnavailable = "store_unavailable", 503, LATER, "The database is not available at the moment";
    /// A fault of the vault itself.
    InternalError = "internal_error", 500, NEVER, "The vault failed";
}

impl ErrorCode {
    /// The one of that code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == code)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_found_again() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        }
    }

    #[test]
    fn what_may_go_through_later_is_told_by_its_status_too() {
        for code in ErrorCode::ALL {
            let says_later =
                matches!(code.status(), 408 | 429 | 503) || *code == ErrorCode::IdempotencyInProgress;
            assert_eq!(code.is_retryable(), says_later, "{code}");
            assert!((400..600).contains(&code.status()), "{code}");
        }
    }
}
