//! Which problems each call may answer.

use std::collections::BTreeMap;

use strongroom_domain::Action;

use crate::{ErrorCode, Route};

/// The statuses and the codes behind each.
pub(super) fn of(route: &Route) -> Vec<(u16, String)> {
    let mut by_status: BTreeMap<u16, Vec<&'static str>> = BTreeMap::new();
    for code in ErrorCode::ALL.iter().filter(|code| may_answer(route, **code)) {
        by_status.entry(code.status()).or_default().push(code.as_str());
    }
    by_status.into_iter().map(|(status, codes)| (status, codes.join(", "))).collect()
}

fn may_answer(route: &Route, code: ErrorCode) -> bool {
    let has_body = route.body_cap > 0;
    let names_something = route.path.contains('{');
    let is_any = |actions: &[Action]| route.action.is_some_and(|action| actions.contains(&action));

    let creates_tokens = is_any(&[Action::TokenCreate]);
    let reads_cards = is_any(&[Action::TokenCreate, Action::TokenSearch]);
    let reveals = is_any(&[Action::TokenDetokenize]);
    let puts_codes = is_any(&[Action::PutSecurityCode]);
    let uses_keys = is_any(&[
        Action::Encrypt,
        Action::Decrypt,
        Action::Reencrypt,
        Action::Lookup,
        Action::DataKey,
        Action::Mac,
        Action::VerifyMac,
        Action::Sign,
        Action::VerifySignature,
        Action::PublicKeys,
    ]);
    let reads_ciphertexts = is_any(&[Action::Decrypt, Action::Reencrypt]);
    let forwards = is_any(&[Action::ProxyForward]);
    let makes_named = route.creates && !creates_tokens && !forwards;
    match code {
        ErrorCode::Unauthenticated
        | ErrorCode::InvalidRequest
        | ErrorCode::HeaderInvalid
        | ErrorCode::InternalError
        | ErrorCode::Overloaded => true,
        ErrorCode::PermissionDenied
        | ErrorCode::AuditUnavailable
        | ErrorCode::HsmUnavailable
        | ErrorCode::StoreUnavailable
        | ErrorCode::VelocityExceeded => route.action.is_some(),
        ErrorCode::PurposeDenied => reveals || forwards,
        ErrorCode::EncryptionRequired | ErrorCode::EncryptionKeyUnusable => reveals,
        ErrorCode::PublicKeyInvalid => is_any(&[Action::EncryptionKeyCreate]),
        ErrorCode::ApprovalRequired => makes_named,
        ErrorCode::NotFound => {
            names_something || forwards || is_any(&[Action::AuditExport, Action::HoneytokenCreate])
        }
        // Another method of the same path answers another document entry.
        ErrorCode::MethodNotAllowed => false,
        ErrorCode::RequestTimeout | ErrorCode::PayloadTooLarge | ErrorCode::UnsupportedMediaType => has_body,
        ErrorCode::CardNumberInvalid | ErrorCode::CardNumberIsToken | ErrorCode::SecurityCodeNotAllowed => {
            reads_cards
        }
        ErrorCode::SecurityCodeInvalid => creates_tokens || puts_codes,
        ErrorCode::SecurityCodeGone => forwards,
        ErrorCode::ProfileNotFound | ErrorCode::JweRefused => reads_cards,
        ErrorCode::CardNumberInMetadata | ErrorCode::TokenSpaceExhausted => creates_tokens,
        ErrorCode::FpeDomainTooSmall => is_any(&[Action::KeyCreate]),
        ErrorCode::TokenExpired | ErrorCode::TokenUsed => {
            reveals || forwards || puts_codes || is_any(&[Action::HoneytokenCreate])
        }
        ErrorCode::TokenNotReversible => reveals || forwards || puts_codes,
        ErrorCode::AlreadyExists => makes_named,
        ErrorCode::AliasTaken => creates_tokens || is_any(&[Action::TokenUpdate]),
        ErrorCode::KeyStateInvalid => uses_keys || reveals || forwards || creates_tokens,
        ErrorCode::CiphertextMalformed | ErrorCode::ContextMismatch => reads_ciphertexts,
        ErrorCode::IntegrityFailure => route.action.is_some(),
        ErrorCode::IdempotencyKeyRequired
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationNotAllowed
        | ErrorCode::TemplateInvalid
        | ErrorCode::DestinationRefused
        | ErrorCode::DestinationUnreachable
        | ErrorCode::ForwardOutcomeUnknown
        | ErrorCode::AnswerMalformed
        | ErrorCode::AnswerRedirect
        | ErrorCode::AnswerEncoded
        | ErrorCode::AnswerTooLarge
        | ErrorCode::CardNumberInAnswer => forwards,
        ErrorCode::IdempotencyConflict | ErrorCode::IdempotencyInProgress => route.creates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ROUTES;

    #[test]
    fn every_code_but_the_routers_own_is_documented_somewhere() {
        for code in ErrorCode::ALL {
            let documented = ROUTES.iter().any(|route| may_answer(route, *code));
            assert_eq!(documented, *code != ErrorCode::MethodNotAllowed, "{code}");
        }
    }
}
