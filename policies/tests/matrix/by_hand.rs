//! What each role may do, written a second time and by hand. The committed matrix can be written anew by a command, and a
//! slip in a rule with it; this list cannot.

use strongroom_core::ports::Decision;
use strongroom_domain::{Action, DetokenizationPurpose as Purpose, Reveal, Role, RoleSet};

use crate::asking::{Asked, everything};

/// Everything that is permitted to anyone. What is not here is denied.
const PERMITTED: &[(Role, &[Action])] = &[
    (
        Role::Tokenizer,
        &[
            Action::TokenCreate,
            Action::TokenGet,
            Action::TokenList,
            Action::TokenUpdate,
            Action::TokenDelete,
            Action::TokenSearch,
            Action::PutSecurityCode,
            Action::ReportAuthorisation,
            Action::PublicKeys,
            Action::ProfileGet,
            Action::ProfileList,
        ],
    ),
    (
        Role::Detokenizer,
        &[
            Action::TokenGet,
            Action::TokenList,
            Action::TokenDetokenize,
            Action::ProfileGet,
            Action::ProfileList,
        ],
    ),
    (
        Role::Encryptor,
        &[
            Action::Encrypt,
            Action::Reencrypt,
            Action::Lookup,
            Action::DataKey,
            Action::Mac,
            Action::VerifyMac,
            Action::Sign,
            Action::VerifySignature,
            Action::KeyGet,
            Action::PublicKeys,
        ],
    ),
    (
        Role::Decryptor,
        &[
            Action::Decrypt,
            Action::Reencrypt,
            Action::Lookup,
            Action::VerifyMac,
            Action::VerifySignature,
            Action::KeyGet,
            Action::PublicKeys,
        ],
    ),
    (
        Role::KeyAdmin,
        &[
            Action::KeyCreate,
            Action::KeyGet,
            Action::KeyList,
            Action::PublicKeys,
            Action::KeyRotate,
            Action::ProfileCreate,
            Action::ProfileGet,
            Action::ProfileList,
        ],
    ),
    (Role::KeyCustodian, &[Action::KeyGet, Action::KeyList, Action::PublicKeys]),
    (Role::CertificateRequester, &[]),
    (Role::CertificateAdmin, &[]),
    (
        Role::IdentityAdmin,
        &[
            Action::IdentityCreate,
            Action::IdentityGet,
            Action::IdentityList,
            Action::IdentityDisable,
            Action::VelocityLimitsGet,
            Action::VelocityLimitsSet,
            Action::GrantCreate,
            Action::GrantRevoke,
            Action::EncryptionKeyCreate,
            Action::EncryptionKeyList,
            Action::EncryptionKeyRevoke,
            Action::HoneytokenCreate,
            Action::HoneytokenList,
            Action::HoneytokenWithdraw,
        ],
    ),
    (
        Role::Auditor,
        &[
            Action::AuditSearch,
            Action::AuditExport,
            Action::KeyGet,
            Action::KeyList,
            Action::PublicKeys,
            Action::ProfileGet,
            Action::ProfileList,
            Action::IdentityGet,
            Action::IdentityList,
            Action::EncryptionKeyList,
            Action::VelocityLimitsGet,
            Action::HoneytokenList,
            Action::StatusGet,
        ],
    ),
    (Role::Operator, &[Action::StatusGet]),
    (
        Role::Gateway,
        &[Action::TokenGet, Action::ProxyForward, Action::PutSecurityCode, Action::ReportAuthorisation],
    ),
];

/// The purposes for which a whole value is given out, or used elsewhere.
const FULL: &[Purpose] = &[
    Purpose::Authorisation,
    Purpose::Settlement,
    Purpose::Refund,
    Purpose::Chargeback,
    Purpose::AccountUpdate,
    Purpose::FraudReview,
];

/// Never in the platform's tenant.
const NOT_ON_PLATFORM: &[Action] = &[
    Action::TokenCreate,
    Action::TokenGet,
    Action::TokenList,
    Action::TokenUpdate,
    Action::TokenDelete,
    Action::TokenDetokenize,
    Action::TokenSearch,
    Action::ProxyForward,
    Action::PutSecurityCode,
    Action::ReportAuthorisation,
    Action::Encrypt,
    Action::Decrypt,
    Action::Reencrypt,
    Action::Lookup,
    Action::DataKey,
    Action::Mac,
    Action::VerifyMac,
    Action::Sign,
    Action::VerifySignature,
    Action::KeyCreate,
    Action::ProfileCreate,
];

/// The only roles of the platform's tenant.
const PLATFORM_ROLES: &[Role] = &[Role::Auditor, Role::Operator, Role::IdentityAdmin, Role::KeyCustodian];

/// Never on oneself.
const NOT_ON_ONESELF: &[Action] =
    &[Action::GrantCreate, Action::GrantRevoke, Action::IdentityDisable, Action::VelocityLimitsSet];

fn expected(asked: &Asked) -> Decision {
    let appointed = PERMITTED
        .iter()
        .any(|(role, actions)| asked.roles.contains(*role) && actions.contains(&asked.action));
    let shut = asked.roles.is_exclusive_conflict()
        || asked.platform && NOT_ON_PLATFORM.contains(&asked.action)
        || asked.concerns_itself && NOT_ON_ONESELF.contains(&asked.action);
    if !appointed || shut {
        return Decision::Deny;
    }
    match asked.action {
        Action::TokenDetokenize => match (asked.purpose, asked.reveal) {
            (Some(_), Some(Reveal::Masked)) => Decision::Allow,
            (Some(purpose), Some(Reveal::Full)) if FULL.contains(&purpose) => Decision::Allow,
            _ => Decision::DenyPurpose,
        },
        Action::ProxyForward => match asked.purpose {
            Some(purpose) if FULL.contains(&purpose) => Decision::Allow,
            _ => Decision::DenyPurpose,
        },
        Action::GrantCreate => match asked.granted {
            Some(role) if !asked.platform || PLATFORM_ROLES.contains(&role) => Decision::Allow,
            _ => Decision::Deny,
        },
        _ => Decision::Allow,
    }
}

fn agree(roles: RoleSet) {
    for asked in everything(roles) {
        assert_eq!(asked.decision(), expected(&asked), "{asked:?}");
    }
}

#[test]
fn every_role_is_in_the_list_once() {
    let listed: Vec<Role> = PERMITTED.iter().map(|(role, _)| *role).collect();
    assert_eq!(listed, Role::ALL);
}

#[test]
fn without_a_role_nothing_is_permitted() {
    for asked in everything(RoleSet::EMPTY) {
        assert_eq!(asked.decision(), Decision::Deny, "{asked:?}");
    }
}

#[test]
fn each_role_may_do_what_is_listed_and_no_more() {
    for role in Role::ALL {
        agree(RoleSet::EMPTY.with(*role));
    }
}

#[test]
fn two_roles_may_do_what_either_may_unless_they_exclude_each_other() {
    for (position, first) in Role::ALL.iter().enumerate() {
        for second in Role::ALL.iter().skip(position + 1) {
            agree(RoleSet::EMPTY.with(*first).with(*second));
        }
    }
}
