//! The table of calls.

use strongroom_domain::Action;

use crate::limits::{MAX_BODY, MAX_SINGLE_BODY};

/// One call of the API. Nothing is reachable that does not stand in [`ROUTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Which call.
    pub id: RouteId,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// What the policies are asked. `None` needs an authenticated caller and no permission.
    pub action: Option<Action>,
    /// The most bytes its body may have; 0 for no body.
    pub body_cap: usize,
    /// Whether it makes something, and so honours `Idempotency-Key`.
    pub creates: bool,
    /// What it does, in a line.
    pub summary: &'static str,
}

macro_rules! routes {
    ($($id:ident $name:literal: $method:ident $path:literal, $action:expr, $cap:expr, $creates:expr, $summary:literal;)+) => {
        /// Which call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RouteId {
            $(#[doc = $summary] $id,)+
        }

        impl RouteId {
            /// Its name: the operation id in the OpenAPI document, the label in metrics and logs.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$id => $name,)+
                }
            }

            /// Its row in the table.
            pub const fn route(self) -> &'static Route {
                match self {
                    $(Self::$id => &Route {
                        id: Self::$id,
                        method: stringify!($method),
                        path: $path,
                        action: $action,
                        body_cap: $cap,
                        creates: $creates,
                        summary: $summary,
                    },)+
                }
            }
        }

        /// All calls.
        pub const ROUTES: &[Route] = &[$(*RouteId::$id.route(),)+];
    };
}

const NONE: usize = 0;
const ONE: usize = MAX_SINGLE_BODY;
const MANY: usize = MAX_BODY;
const CREATES: bool = true;
const PLAIN: bool = false;

routes! {
    CreateToken "create_token": POST "/v1/tokens", Some(Action::TokenCreate), ONE, CREATES,
        "Turns a value into a token.";
    ListTokens "list_tokens": GET "/v1/tokens", Some(Action::TokenList), NONE, PLAIN,
        "Lists the tokens of the tenant that match, without their values.";
    CreateTokens "create_tokens": POST "/v1/tokens/batch", Some(Action::TokenCreate), MANY, CREATES,
        "Turns many values into tokens, each on its own.";
    DetokenizeTokens "detokenize_tokens": POST "/v1/tokens/detokenize", Some(Action::TokenDetokenize), MANY, PLAIN,
        "Reveals the values of many tokens for one purpose.";
    SearchTokens "search_tokens": POST "/v1/tokens/search", Some(Action::TokenSearch), ONE, PLAIN,
        "Finds the tokens of a value.";
    GetToken "get_token": GET "/v1/tokens/{token}", Some(Action::TokenGet), NONE, PLAIN,
        "Shows what is known of a token without its value.";
    UpdateToken "update_token": PATCH "/v1/tokens/{token}", Some(Action::TokenUpdate), ONE, PLAIN,
        "Changes a token's metadata, end, aliases and tags.";
    DeleteToken "delete_token": DELETE "/v1/tokens/{token}", Some(Action::TokenDelete), NONE, PLAIN,
        "Ends a token and its value.";
    DetokenizeToken "detokenize_token": POST "/v1/tokens/{token}/detokenize", Some(Action::TokenDetokenize), ONE, PLAIN,
        "Reveals the value of a token for a purpose.";
    PutSecurityCode "put_security_code": POST "/v1/tokens/{token}/security-code", Some(Action::PutSecurityCode), ONE, PLAIN,
        "Keeps the security code of a token's card until its payment is authorised, in place of any before it.";
    ReportAuthorisation "report_authorisation": POST "/v1/tokens/{token}/security-code/result", Some(Action::ReportAuthorisation), ONE, PLAIN,
        "Tells how an authorisation ended, and destroys the security code.";

    Forward "forward": POST "/v1/proxy", Some(Action::ProxyForward), MANY, CREATES,
        "Makes a request to a listed destination with values of tokens in it, and hands its answer on.";

    CreateKey "create_key": POST "/v1/keys", Some(Action::KeyCreate), ONE, CREATES,
        "Makes a key.";
    ListKeys "list_keys": GET "/v1/keys", Some(Action::KeyList), NONE, PLAIN,
        "Lists the keys of the tenant.";
    GetKey "get_key": GET "/v1/keys/{key}", Some(Action::KeyGet), NONE, PLAIN,
        "Shows a key and its versions, without material.";
    RotateKey "rotate_key": POST "/v1/keys/{key}/rotate", Some(Action::KeyRotate), NONE, CREATES,
        "Makes a new version of a key, which protects from then on.";
    Encrypt "encrypt": POST "/v1/keys/{key}/encrypt", Some(Action::Encrypt), MANY, PLAIN,
        "Protects one field or many.";
    Decrypt "decrypt": POST "/v1/keys/{key}/decrypt", Some(Action::Decrypt), MANY, PLAIN,
        "Reads one protected field or many.";
    Reencrypt "reencrypt": POST "/v1/keys/{key}/reencrypt", Some(Action::Reencrypt), MANY, PLAIN,
        "Protects one field or many anew under the newest version of the key, without showing them.";
    Lookup "lookup": POST "/v1/keys/{key}/lookup", Some(Action::Lookup), MANY, PLAIN,
        "Shows what values are stored as under each version of a deterministic key.";
    CreateDataKey "create_data_key": POST "/v1/keys/{key}/data-key", Some(Action::DataKey), ONE, PLAIN,
        "Makes a key for use outside the vault, in clear and protected.";
    Mac "mac": POST "/v1/keys/{key}/mac", Some(Action::Mac), MANY, PLAIN,
        "Makes authentication codes over data.";
    VerifyMac "verify_mac": POST "/v1/keys/{key}/verify-mac", Some(Action::VerifyMac), MANY, PLAIN,
        "Tells whether data are what a code was made over.";

    Sign "sign": POST "/v1/keys/{key}/sign", Some(Action::Sign), MANY, PLAIN,
        "Signs data; anyone with the public key can verify.";
    VerifySignature "verify": POST "/v1/keys/{key}/verify", Some(Action::VerifySignature), MANY, PLAIN,
        "Tells whether signatures are this key's over these data.";
    ListPublicKeys "list_public_keys": GET "/v1/keys/{key}/public-keys", Some(Action::PublicKeys), NONE, PLAIN,
        "Shows what verifies the key's signatures without the vault.";

    GetJwks "get_jwks": GET "/v1/keys/{key}/jwks", Some(Action::PublicKeys), NONE, PLAIN,
        "Shows the public keys that clients encrypt to, for publication.";

    EncryptDocument "encrypt_document": POST "/v1/documents/encrypt", Some(Action::Encrypt), MANY, PLAIN,
        "Protects fields of a JSON document in their places.";
    DecryptDocument "decrypt_document": POST "/v1/documents/decrypt", Some(Action::Decrypt), MANY, PLAIN,
        "Reads protected fields of a JSON document in their places.";
    ReencryptDocument "reencrypt_document": POST "/v1/documents/reencrypt", Some(Action::Reencrypt), MANY, PLAIN,
        "Protects fields of a JSON document anew under the newest version of the key, without showing them.";

    CreateProfile "create_profile": POST "/v1/token-profiles", Some(Action::ProfileCreate), ONE, CREATES,
        "Makes a token profile.";
    ListProfiles "list_profiles": GET "/v1/token-profiles", Some(Action::ProfileList), NONE, PLAIN,
        "Lists the token profiles of the tenant.";
    GetProfile "get_profile": GET "/v1/token-profiles/{profile}", Some(Action::ProfileGet), NONE, PLAIN,
        "Shows a token profile.";

    CreateIdentity "create_identity": POST "/v1/identities", Some(Action::IdentityCreate), ONE, CREATES,
        "Makes an identity known. It may do nothing until it is granted a role.";
    ListIdentities "list_identities": GET "/v1/identities", Some(Action::IdentityList), NONE, PLAIN,
        "Lists the identities of the tenant.";
    GetIdentity "get_identity": GET "/v1/identities/{service}", Some(Action::IdentityGet), NONE, PLAIN,
        "Shows an identity with its grants.";
    DisableIdentity "disable_identity": POST "/v1/identities/{service}/disable", Some(Action::IdentityDisable), NONE, PLAIN,
        "Takes everything from an identity, at once.";
    GetVelocityLimits "get_velocity_limits": GET "/v1/identities/{service}/velocity-limits", Some(Action::VelocityLimitsGet), NONE, PLAIN,
        "Shows how fast values may leave for an identity.";
    SetVelocityLimits "set_velocity_limits": PUT "/v1/identities/{service}/velocity-limits", Some(Action::VelocityLimitsSet), ONE, PLAIN,
        "Gives an identity these limits of its own and no others.";
    CreateGrant "create_grant": POST "/v1/identities/{service}/grants", Some(Action::GrantCreate), ONE, CREATES,
        "Appoints an identity to a role.";
    RevokeGrant "revoke_grant": POST "/v1/identities/{service}/grants/{grant}/revoke", Some(Action::GrantRevoke), NONE, PLAIN,
        "Ends an appointment.";

    CreateEncryptionKey "create_encryption_key": POST "/v1/identities/{service}/encryption-keys",
        Some(Action::EncryptionKeyCreate), ONE, CREATES,
        "Registers a public key to which an identity gets values encrypted.";
    ListEncryptionKeys "list_encryption_keys": GET "/v1/identities/{service}/encryption-keys",
        Some(Action::EncryptionKeyList), NONE, PLAIN,
        "Lists the public keys of an identity, newest first.";
    RevokeEncryptionKey "revoke_encryption_key": POST "/v1/identities/{service}/encryption-keys/{kid}/revoke",
        Some(Action::EncryptionKeyRevoke), NONE, PLAIN,
        "Ends a public key of an identity.";

    CreateHoneytoken "create_honeytoken": POST "/v1/honeytokens", Some(Action::HoneytokenCreate), ONE, CREATES,
        "Marks a token that nobody has business with: each use of it raises an alarm.";
    ListHoneytokens "list_honeytokens": GET "/v1/honeytokens", Some(Action::HoneytokenList), NONE, PLAIN,
        "Lists the honeytokens of the tenant, without the tokens.";
    WithdrawHoneytoken "withdraw_honeytoken": POST "/v1/honeytokens/{honeytoken}/withdraw", Some(Action::HoneytokenWithdraw), NONE, PLAIN,
        "Takes a mark away: the token is one like any other again.";

    SearchAuditEvents "search_audit_events": GET "/v1/audit/events", Some(Action::AuditSearch), NONE, PLAIN,
        "Finds audit events.";
    ExportAudit "export_audit": GET "/v1/audit/export", Some(Action::AuditExport), NONE, PLAIN,
        "Streams audit events and checkpoints for offline verification.";
    GetCheckpoints "get_checkpoints": GET "/v1/audit/checkpoints", Some(Action::AuditExport), NONE, PLAIN,
        "Shows the newest signed checkpoint of every audit stream of the cluster.";

    GetStatus "get_status": GET "/v1/status", Some(Action::StatusGet), NONE, PLAIN,
        "Shows what the node is and how it fares.";
    GetOpenApi "get_openapi": GET "/v1/openapi.json", None, NONE, PLAIN,
        "Shows this API as an OpenAPI 3.1 document.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_call_stands_there_twice() {
        let calls: BTreeSet<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        let names: BTreeSet<_> = ROUTES.iter().map(|route| route.id.as_str()).collect();
        assert_eq!(calls.len(), ROUTES.len());
        assert_eq!(names.len(), ROUTES.len());
    }

    #[test]
    fn every_action_is_reachable_and_only_the_document_needs_none() {
        let reachable: Vec<_> = ROUTES.iter().filter_map(|route| route.action).collect();
        for action in Action::ALL {
            assert!(reachable.contains(action), "{action} has no route");
        }
        let open: Vec<_> =
            ROUTES.iter().filter(|route| route.action.is_none()).map(|route| route.id).collect();
        assert_eq!(open, [RouteId::GetOpenApi]);
    }

    #[test]
    fn only_post_creates_and_only_it_patch_and_put_have_a_body() {
        for route in ROUTES {
            assert!(route.method == "POST" || !route.creates, "{}", route.path);
            assert!(
                matches!(route.method, "POST" | "PATCH" | "PUT") || route.body_cap == 0,
                "{}",
                route.path
            );
            assert!(route.body_cap <= MAX_BODY);
        }
    }
}
