"""The table of calls. Generated from vault/api/openapi.json by vault/client/generate; do not edit."""

from __future__ import annotations

from typing import Dict, NamedTuple


class Operation(NamedTuple):
    """One call of the API."""

    name: str
    method: str
    path: str
    creates: bool
    """Whether it makes something, and so carries an `Idempotency-Key`."""
    body_cap: int
    """The most bytes its body may have."""


OPERATIONS: Dict[str, Operation] = {
    "create_data_key": Operation("create_data_key", "POST", "/v1/keys/{key}/data-key", False, 16384),
    "create_encryption_key": Operation("create_encryption_key", "POST", "/v1/identities/{service}/encryption-keys", True, 16384),
    "create_grant": Operation("create_grant", "POST", "/v1/identities/{service}/grants", True, 16384),
    "create_honeytoken": Operation("create_honeytoken", "POST", "/v1/honeytokens", True, 16384),
    "create_identity": Operation("create_identity", "POST", "/v1/identities", True, 16384),
    "create_key": Operation("create_key", "POST", "/v1/keys", True, 16384),
    "create_profile": Operation("create_profile", "POST", "/v1/token-profiles", True, 16384),
    "create_token": Operation("create_token", "POST", "/v1/tokens", True, 16384),
    "create_tokens": Operation("create_tokens", "POST", "/v1/tokens/batch", True, 1048576),
    "decrypt": Operation("decrypt", "POST", "/v1/keys/{key}/decrypt", False, 1048576),
    "decrypt_document": Operation("decrypt_document", "POST", "/v1/documents/decrypt", False, 1048576),
    "delete_token": Operation("delete_token", "DELETE", "/v1/tokens/{token}", False, 0),
    "detokenize_token": Operation("detokenize_token", "POST", "/v1/tokens/{token}/detokenize", False, 16384),
    "detokenize_tokens": Operation("detokenize_tokens", "POST", "/v1/tokens/detokenize", False, 1048576),
    "disable_identity": Operation("disable_identity", "POST", "/v1/identities/{service}/disable", False, 0),
    "encrypt": Operation("encrypt", "POST", "/v1/keys/{key}/encrypt", False, 1048576),
    "encrypt_document": Operation("encrypt_document", "POST", "/v1/documents/encrypt", False, 1048576),
    "export_audit": Operation("export_audit", "GET", "/v1/audit/export", False, 0),
    "forward": Operation("forward", "POST", "/v1/proxy", True, 1048576),
    "get_checkpoints": Operation("get_checkpoints", "GET", "/v1/audit/checkpoints", False, 0),
    "get_identity": Operation("get_identity", "GET", "/v1/identities/{service}", False, 0),
    "get_jwks": Operation("get_jwks", "GET", "/v1/keys/{key}/jwks", False, 0),
    "get_key": Operation("get_key", "GET", "/v1/keys/{key}", False, 0),
    "get_openapi": Operation("get_openapi", "GET", "/v1/openapi.json", False, 0),
    "get_profile": Operation("get_profile", "GET", "/v1/token-profiles/{profile}", False, 0),
    "get_status": Operation("get_status", "GET", "/v1/status", False, 0),
    "get_token": Operation("get_token", "GET", "/v1/tokens/{token}", False, 0),
    "get_velocity_limits": Operation("get_velocity_limits", "GET", "/v1/identities/{service}/velocity-limits", False, 0),
    "list_encryption_keys": Operation("list_encryption_keys", "GET", "/v1/identities/{service}/encryption-keys", False, 0),
    "list_honeytokens": Operation("list_honeytokens", "GET", "/v1/honeytokens", False, 0),
    "list_identities": Operation("list_identities", "GET", "/v1/identities", False, 0),
    "list_keys": Operation("list_keys", "GET", "/v1/keys", False, 0),
    "list_profiles": Operation("list_profiles", "GET", "/v1/token-profiles", False, 0),
    "list_public_keys": Operation("list_public_keys", "GET", "/v1/keys/{key}/public-keys", False, 0),
    "list_tokens": Operation("list_tokens", "GET", "/v1/tokens", False, 0),
    "lookup": Operation("lookup", "POST", "/v1/keys/{key}/lookup", False, 1048576),
    "mac": Operation("mac", "POST", "/v1/keys/{key}/mac", False, 1048576),
    "put_security_code": Operation("put_security_code", "POST", "/v1/tokens/{token}/security-code", False, 16384),
    "reencrypt": Operation("reencrypt", "POST", "/v1/keys/{key}/reencrypt", False, 1048576),
    "reencrypt_document": Operation("reencrypt_document", "POST", "/v1/documents/reencrypt", False, 1048576),
    "report_authorisation": Operation("report_authorisation", "POST", "/v1/tokens/{token}/security-code/result", False, 16384),
    "revoke_encryption_key": Operation("revoke_encryption_key", "POST", "/v1/identities/{service}/encryption-keys/{kid}/revoke", False, 0),
    "revoke_grant": Operation("revoke_grant", "POST", "/v1/identities/{service}/grants/{grant}/revoke", False, 0),
    "rotate_key": Operation("rotate_key", "POST", "/v1/keys/{key}/rotate", True, 0),
    "search_audit_events": Operation("search_audit_events", "GET", "/v1/audit/events", False, 0),
    "search_tokens": Operation("search_tokens", "POST", "/v1/tokens/search", False, 16384),
    "set_velocity_limits": Operation("set_velocity_limits", "PUT", "/v1/identities/{service}/velocity-limits", False, 16384),
    "sign": Operation("sign", "POST", "/v1/keys/{key}/sign", False, 1048576),
    "update_token": Operation("update_token", "PATCH", "/v1/tokens/{token}", False, 16384),
    "verify": Operation("verify", "POST", "/v1/keys/{key}/verify", False, 1048576),
    "verify_mac": Operation("verify_mac", "POST", "/v1/keys/{key}/verify-mac", False, 1048576),
    "withdraw_honeytoken": Operation("withdraw_honeytoken", "POST", "/v1/honeytokens/{honeytoken}/withdraw", False, 0),
}
