// The table of calls. Generated from vault/api/openapi.json by vault/client/generate; do not edit.

/** One call of the API. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Whether it makes something, and so carries an `Idempotency-Key`. */
  readonly creates: boolean;
  /** The most bytes its body may have. */
  readonly bodyCap: number;
}

export const OPERATIONS = {
  createDataKey: { name: "create_data_key", method: "POST", path: "/v1/keys/{key}/data-key", creates: false, bodyCap: 16384 },
  createEncryptionKey: { name: "create_encryption_key", method: "POST", path: "/v1/identities/{service}/encryption-keys", creates: true, bodyCap: 16384 },
  createGrant: { name: "create_grant", method: "POST", path: "/v1/identities/{service}/grants", creates: true, bodyCap: 16384 },
  createHoneytoken: { name: "create_honeytoken", method: "POST", path: "/v1/honeytokens", creates: true, bodyCap: 16384 },
  createIdentity: { name: "create_identity", method: "POST", path: "/v1/identities", creates: true, bodyCap: 16384 },
  createKey: { name: "create_key", method: "POST", path: "/v1/keys", creates: true, bodyCap: 16384 },
  createProfile: { name: "create_profile", method: "POST", path: "/v1/token-profiles", creates: true, bodyCap: 16384 },
  createToken: { name: "create_token", method: "POST", path: "/v1/tokens", creates: true, bodyCap: 16384 },
  createTokens: { name: "create_tokens", method: "POST", path: "/v1/tokens/batch", creates: true, bodyCap: 1048576 },
  decrypt: { name: "decrypt", method: "POST", path: "/v1/keys/{key}/decrypt", creates: false, bodyCap: 1048576 },
  decryptDocument: { name: "decrypt_document", method: "POST", path: "/v1/documents/decrypt", creates: false, bodyCap: 1048576 },
  deleteToken: { name: "delete_token", method: "DELETE", path: "/v1/tokens/{token}", creates: false, bodyCap: 0 },
  detokenizeToken: { name: "detokenize_token", method: "POST", path: "/v1/tokens/{token}/detokenize", creates: false, bodyCap: 16384 },
  detokenizeTokens: { name: "detokenize_tokens", method: "POST", path: "/v1/tokens/detokenize", creates: false, bodyCap: 1048576 },
  disableIdentity: { name: "disable_identity", method: "POST", path: "/v1/identities/{service}/disable", creates: false, bodyCap: 0 },
  encrypt: { name: "encrypt", method: "POST", path: "/v1/keys/{key}/encrypt", creates: false, bodyCap: 1048576 },
  encryptDocument: { name: "encrypt_document", method: "POST", path: "/v1/documents/encrypt", creates: false, bodyCap: 1048576 },
  exportAudit: { name: "export_audit", method: "GET", path: "/v1/audit/export", creates: false, bodyCap: 0 },
  forward: { name: "forward", method: "POST", path: "/v1/proxy", creates: true, bodyCap: 1048576 },
  getCheckpoints: { name: "get_checkpoints", method: "GET", path: "/v1/audit/checkpoints", creates: false, bodyCap: 0 },
  getIdentity: { name: "get_identity", method: "GET", path: "/v1/identities/{service}", creates: false, bodyCap: 0 },
  getJwks: { name: "get_jwks", method: "GET", path: "/v1/keys/{key}/jwks", creates: false, bodyCap: 0 },
  getKey: { name: "get_key", method: "GET", path: "/v1/keys/{key}", creates: false, bodyCap: 0 },
  getOpenapi: { name: "get_openapi", method: "GET", path: "/v1/openapi.json", creates: false, bodyCap: 0 },
  getProfile: { name: "get_profile", method: "GET", path: "/v1/token-profiles/{profile}", creates: false, bodyCap: 0 },
  getStatus: { name: "get_status", method: "GET", path: "/v1/status", creates: false, bodyCap: 0 },
  getToken: { name: "get_token", method: "GET", path: "/v1/tokens/{token}", creates: false, bodyCap: 0 },
  getVelocityLimits: { name: "get_velocity_limits", method: "GET", path: "/v1/identities/{service}/velocity-limits", creates: false, bodyCap: 0 },
  listEncryptionKeys: { name: "list_encryption_keys", method: "GET", path: "/v1/identities/{service}/encryption-keys", creates: false, bodyCap: 0 },
  listHoneytokens: { name: "list_honeytokens", method: "GET", path: "/v1/honeytokens", creates: false, bodyCap: 0 },
  listIdentities: { name: "list_identities", method: "GET", path: "/v1/identities", creates: false, bodyCap: 0 },
  listKeys: { name: "list_keys", method: "GET", path: "/v1/keys", creates: false, bodyCap: 0 },
  listProfiles: { name: "list_profiles", method: "GET", path: "/v1/token-profiles", creates: false, bodyCap: 0 },
  listPublicKeys: { name: "list_public_keys", method: "GET", path: "/v1/keys/{key}/public-keys", creates: false, bodyCap: 0 },
  listTokens: { name: "list_tokens", method: "GET", path: "/v1/tokens", creates: false, bodyCap: 0 },
  lookup: { name: "lookup", method: "POST", path: "/v1/keys/{key}/lookup", creates: false, bodyCap: 1048576 },
  mac: { name: "mac", method: "POST", path: "/v1/keys/{key}/mac", creates: false, bodyCap: 1048576 },
  putSecurityCode: { name: "put_security_code", method: "POST", path: "/v1/tokens/{token}/security-code", creates: false, bodyCap: 16384 },
  reencrypt: { name: "reencrypt", method: "POST", path: "/v1/keys/{key}/reencrypt", creates: false, bodyCap: 1048576 },
  reencryptDocument: { name: "reencrypt_document", method: "POST", path: "/v1/documents/reencrypt", creates: false, bodyCap: 1048576 },
  reportAuthorisation: { name: "report_authorisation", method: "POST", path: "/v1/tokens/{token}/security-code/result", creates: false, bodyCap: 16384 },
  revokeEncryptionKey: { name: "revoke_encryption_key", method: "POST", path: "/v1/identities/{service}/encryption-keys/{kid}/revoke", creates: false, bodyCap: 0 },
  revokeGrant: { name: "revoke_grant", method: "POST", path: "/v1/identities/{service}/grants/{grant}/revoke", creates: false, bodyCap: 0 },
  rotateKey: { name: "rotate_key", method: "POST", path: "/v1/keys/{key}/rotate", creates: true, bodyCap: 0 },
  searchAuditEvents: { name: "search_audit_events", method: "GET", path: "/v1/audit/events", creates: false, bodyCap: 0 },
  searchTokens: { name: "search_tokens", method: "POST", path: "/v1/tokens/search", creates: false, bodyCap: 16384 },
  setVelocityLimits: { name: "set_velocity_limits", method: "PUT", path: "/v1/identities/{service}/velocity-limits", creates: false, bodyCap: 16384 },
  sign: { name: "sign", method: "POST", path: "/v1/keys/{key}/sign", creates: false, bodyCap: 1048576 },
  updateToken: { name: "update_token", method: "PATCH", path: "/v1/tokens/{token}", creates: false, bodyCap: 16384 },
  verify: { name: "verify", method: "POST", path: "/v1/keys/{key}/verify", creates: false, bodyCap: 1048576 },
  verifyMac: { name: "verify_mac", method: "POST", path: "/v1/keys/{key}/verify-mac", creates: false, bodyCap: 1048576 },
  withdrawHoneytoken: { name: "withdraw_honeytoken", method: "POST", path: "/v1/honeytokens/{honeytoken}/withdraw", creates: false, bodyCap: 0 },
} as const satisfies Record<string, Operation>;
