// What is sent and what comes back. Generated from vault/api/openapi.json by vault/client/generate; do not edit.

import type { SecretBytes, SecretText } from "./secret.js";
import {
  anything,
  boolean,
  bytes,
  each,
  integer,
  optional,
  required,
  secretBytes,
  secretText,
  text,
  texts,
} from "./wire.js";

/**
 * Another name of a token: the caller's own, or the token that the value had in another vault. Unique in
 * the tenant.
 */
export type Alias = string;

/** How an authorisation ended. */
export type AuthorisationResult = "approved" | "declined" | "abandoned";

/** The first six digits of a card number. */
export type Bin = string;

/** Bytes in base64: standard alphabet, with padding (RFC 4648, section 4). */
export type Binary = Uint8Array;

/** The card scheme, such as visa or mastercard; unknown if no range fits. More may be added. */
export type Brand = string;

/** Whether a card number's check digit must be right. */
export type CheckDigit = "required" | "relaxed";

/** A checksum over rows (row_checksum_v1): 64 hexadecimal digits. */
export type Checksum = string;

/** What the ciphertext is bound to, such as record and field. Not stored: decrypting takes the same again. */
export type Context = { readonly [name: string]: string };

/** A country (ISO 3166-1 alpha-2). */
export type CountryCode = string;

/** What a value is asked for. */
export type DetokenizationPurpose =
  | "authorisation"
  | "settlement"
  | "refund"
  | "chargeback"
  | "account-update"
  | "fraud-review"
  | "display"
  | "migration";

/** A JSON Pointer (RFC 6901); a segment that is `*` means every element or member. */
export type DocumentField = string;

/** Which of the caller's encryption keys: its `kid`, or `newest`. */
export type EncryptTo = string;

/** How an HSM fares. */
export type HsmHealth = "ready" | "recovering" | "failed";

/** A job. */
export type JobId = string;

/** What a job does. */
export type JobKind = "token-import" | "token-export";

/** Where a job is in its life. */
export type JobState = "open" | "awaiting-approval" | "complete" | "cancelled" | "expired";

/** How many first and last digits of the card number a card-shaped token keeps. */
export type KeptDigits = "6/4" | "4/4" | "0/4";

/** A key's own id. */
export type KeyId = string;

/** A key's name; unique in its tenant. */
export type KeyName = string;

/** What a key may be used for. */
export type KeyPurpose =
  | "field-encryption"
  | "deterministic-encryption"
  | "format-preserving"
  | "mac"
  | "sign"
  | "client-encryption"
  | "tokenization";

/** Where a key version is in its life (NIST SP 800-57). */
export type KeyState =
  | "pre-active"
  | "active"
  | "suspended"
  | "deactivated"
  | "compromised"
  | "destroyed";

/** A public key's name: its thumbprint (RFC 7638). */
export type KeyThumbprint = string;

/** The last four digits of a card number. */
export type LastFour = string;

/** How the lines of an import are written. */
export type LineFormat = "csv" | "ndjson";

/** How a card-shaped token is kept apart from every card number. */
export type LuhnStyle = "invalid" | "private-prefix";

/** What the caller stores with a token to recognise it by. No place for secrets. */
export type Metadata = { readonly [name: string]: string };

/** A token profile's name; unique in its tenant. */
export type ProfileName = string;

/** Where a key's material may be in the clear. */
export type Protection = "envelope" | "hsm";

/** Why, for those who review it later. */
export type Reason = string;

/** Whether the same value gives the same token. */
export type Reuse = "random" | "deterministic";

/** How much of a value: first six and last four digits, or all. */
export type Reveal = "masked" | "full";

/** What an identity may be appointed to. */
export type Role =
  | "tokenizer"
  | "detokenizer"
  | "encryptor"
  | "decryptor"
  | "key-admin"
  | "key-custodian"
  | "certificate-requester"
  | "certificate-admin"
  | "identity-admin"
  | "auditor"
  | "operator"
  | "gateway";

/** Inside which values are recognised as equal: `tenant`, or a name of your own. */
export type Scope = string;

/** A service of the tenant, as named in its certificate. */
export type ServiceName = string;

/**
 * How many first and last digits of a card number stand readable beside a token. With none, the card scheme
 * does not either.
 */
export type ShownDigits = "6/4" | "0/4" | "none";

/** The name in a service's certificate. */
export type SpiffeId = string;

/** A label by which tokens are grouped. */
export type Tag = string;

/** A tenant. */
export type TenantId = string;

/** A time, RFC 3339, UTC. */
export type Timestamp = string;

/** A token, opaque or card-shaped. */
export type Token = string;

/** The outward shape of a token. */
export type TokenFormat = "opaque" | "card";

/** What a token is named by: the token itself, or `alias:` and one of its aliases. */
export type TokenReference = string;

/** Where a token is in its life. */
export type TokenState = "active" | "used" | "deleted";

/** Tokens by the names that placeholders call them. */
export type TokensByName = { readonly [name: string]: string };

/** What kind of value a token stands for. The field of the same name holds it. */
export type ValueKind = "card" | "bank-account" | "identity-number" | "text";

/**
 * What becomes of a token's aliases. Those that are not named stay, so that the changes of two callers both
 * hold.
 */
export interface AliasChange {
  /** It has these from now on. */
  readonly add?: readonly Alias[] | undefined;
  /** It no longer has these. */
  readonly remove?: readonly Alias[] | undefined;
}

/** The record, as a node writes it. */
export interface AuditStatus {
  /** Whether events can be written. If not, nothing is done and nothing is shown. */
  readonly ready: boolean;
  /** The streams that the node writes, one for each of its commit lanes. */
  readonly streams: readonly StreamStatus[];
  /**
   * The key that checkpoints are verified with, as a C2SP verifier key. Compare it with the one from the
   * ceremony.
   */
  readonly verifier_key: string;
}

/** @internal */
export function readAuditStatus(value: unknown): AuditStatus {
  return {
    ready: required(value, "ready", boolean),
    streams: required(value, "streams", each(readStreamStatus)),
    verifier_key: required(value, "verifier_key", text),
  };
}

/** A bank account. */
export interface BankAccountInput {
  /** The IBAN (ISO 13616): letters and digits, with spaces between them as people write it. */
  readonly iban: string | SecretText;
  /** Whose it is. */
  readonly holder?: string | SecretText | undefined;
}

/** What may be shown of a bank account. */
export interface BankAccountView {
  /** Where it is. */
  readonly country: CountryCode;
  /** The last four characters of its IBAN. */
  readonly last4: string;
}

/** @internal */
export function readBankAccountView(value: unknown): BankAccountView {
  return {
    country: required(value, "country", text),
    last4: required(value, "last4", text),
  };
}

/** A card. Its security code stands beside it, not in it: it is never kept with the card. */
export interface CardInput {
  /** The card number: 12 to 19 digits, with spaces and dashes between them as people write it. */
  readonly number: string | SecretText;
  /** The month it expires, with `exp_year`. */
  readonly exp_month?: number | undefined;
  /** The year it expires, with `exp_month`. */
  readonly exp_year?: number | undefined;
  /** The name on the card. */
  readonly holder?: string | SecretText | undefined;
}

/** What may be shown of a card (PCI DSS 3.4.1), as far as the token's profile shows it. */
export interface CardView {
  /** The card scheme. */
  readonly brand?: Brand | undefined;
  /** First six digits. */
  readonly bin?: Bin | undefined;
  /** Last four digits. */
  readonly last4?: LastFour | undefined;
  /** The month it expires. */
  readonly exp_month?: number | undefined;
  /** The year it expires. */
  readonly exp_year?: number | undefined;
}

/** @internal */
export function readCardView(value: unknown): CardView {
  return {
    brand: optional(value, "brand", text),
    bin: optional(value, "bin", text),
    last4: optional(value, "last4", text),
    exp_month: optional(value, "exp_month", integer),
    exp_year: optional(value, "exp_year", integer),
  };
}

/**
 * A signed statement of where an audit stream stood. Remember one outside the vault: a record cut short or
 * rewritten is found by it.
 */
export interface CheckpointView {
  /** The stream. */
  readonly stream: string;
  /** How many events it covers. */
  readonly size: number;
  /** The signed note (C2SP). */
  readonly note: string;
  /** When. */
  readonly created_at: Timestamp;
}

/** @internal */
export function readCheckpointView(value: unknown): CheckpointView {
  return {
    stream: required(value, "stream", text),
    size: required(value, "size", integer),
    note: required(value, "note", text),
    created_at: required(value, "created_at", text),
  };
}

/** The newest checkpoint of every audit stream of the cluster. */
export interface CheckpointsView {
  /**
   * One for each stream that has been signed. Remember all of them: a stream that is not remembered can be
   * left out unseen.
   */
  readonly checkpoints: readonly CheckpointView[];
}

/** @internal */
export function readCheckpointsView(value: unknown): CheckpointsView {
  return {
    checkpoints: required(value, "checkpoints", each(readCheckpointView)),
  };
}

/** What the caller has of a job; it ends if the vault has the same. */
export interface CompleteJob {
  /** How many rows: of an import, lines that are not empty, refused ones among them; of an export, tokens. */
  readonly rows: number;
  /** The checksum over them (`row_checksum_v1`); an import does not end without it. */
  readonly checksum?: Checksum | undefined;
}

/**
 * The arithmetic of a truncated card number beside a token (PCI DSS 3.5.1). Where equal values show, the
 * fewer card numbers are left, the closer the two together come to the number itself.
 */
export interface CorrelationView {
  /** Whether equal values show as equal: they have the same token. */
  readonly equal_values_show: boolean;
  /** First digits that may be read beside or in a token. */
  readonly first_digits: number;
  /** Last digits, likewise. */
  readonly last_digits: number;
  /** Whether the card scheme may be read. */
  readonly brand: boolean;
  /** The fewest digits of a card number that the profile takes. */
  readonly shortest_card: number;
  /** How many card numbers with a right check digit such a token may stand for at the least. */
  readonly card_numbers_left: number;
}

/** @internal */
export function readCorrelationView(value: unknown): CorrelationView {
  return {
    equal_values_show: required(value, "equal_values_show", boolean),
    first_digits: required(value, "first_digits", integer),
    last_digits: required(value, "last_digits", integer),
    brand: required(value, "brand", boolean),
    shortest_card: required(value, "shortest_card", integer),
    card_numbers_left: required(value, "card_numbers_left", integer),
  };
}

/** A data key to be made. */
export interface CreateDataKey {
  /** How long, in bytes: 16, 32 or 64; 32 if absent. */
  readonly length?: number | undefined;
  /** The place its ciphertext belongs to. */
  readonly context?: Context | undefined;
}

/**
 * A public key to be registered for an identity. Those registered before stay in force beside it, for a
 * rotation.
 */
export interface CreateEncryptionKey {
  /**
   * The public key, a JWK (RFC 7517): `kty` `EC`, `crv` `P-256`, `x` and `y`, and at most `use` `enc`,
   * `alg` `ECDH-ES` and `kid`, which must be the key's thumbprint (RFC 7638). A key with its private part
   * `d` is refused.
   */
  readonly jwk: unknown;
  /** Why. */
  readonly reason: Reason;
  /** From when on nothing is encrypted to it. */
  readonly expires_at?: Timestamp | undefined;
}

/**
 * An appointment to be made. Data roles and administration roles exclude each other, and nobody appoints
 * itself.
 */
export interface CreateGrant {
  /** The role. */
  readonly role: Role;
  /**
   * Whether values leave by this appointment encrypted to one of the identity's keys, and not otherwise.
   * For the role `detokenizer`.
   */
  readonly encrypted_only?: boolean | undefined;
  /** Why. */
  readonly reason: Reason;
  /** From when on it no longer holds. */
  readonly expires_at?: Timestamp | undefined;
}

/** An identity to be made known. */
export interface CreateIdentity {
  /** The service, as named in its certificate. */
  readonly service: ServiceName;
  /** Why. */
  readonly reason: Reason;
  /** From when on it is as good as gone. */
  readonly expires_at?: Timestamp | undefined;
}

/** A key to be made. */
export interface CreateKey {
  /** Its name, unique in the tenant. */
  readonly name: KeyName;
  /** What it may be used for. */
  readonly purpose: KeyPurpose;
  /** Where its material may be in the clear; `envelope` if absent. */
  readonly protection?: Protection | undefined;
  /** What its values look like: for the purpose `format-preserving`, and for no other. */
  readonly value_format?: ValueFormat | undefined;
  /** Days after which a new version is due; 365 if absent. */
  readonly rotation_days?: number | undefined;
}

/**
 * A token profile to be made. What is absent is as in the profile every tenant begins with: opaque, random,
 * reversible, without end.
 */
export interface CreateProfile {
  /** Its name, unique in the tenant. */
  readonly name: ProfileName;
  /** The outward shape; `opaque` if absent. */
  readonly format?: TokenFormat | undefined;
  /** For the card format: the digits that stay; `6/4` if absent. */
  readonly keep?: KeptDigits | undefined;
  /** For the card format: how tokens differ from card numbers; `invalid` if absent. */
  readonly luhn?: LuhnStyle | undefined;
  /** The digits of a card number that stand readable beside a token; `6/4` if absent. */
  readonly show?: ShownDigits | undefined;
  /**
   * The fewest digits of a card number that it takes. If absent: 12, and for a deterministic profile the
   * fewest with which 10,000 card numbers or more are left to whoever reads what stands beside a token.
   */
  readonly min_card_digits?: number | undefined;
  /** Whether equal values share a token; `random` if absent. */
  readonly reuse?: Reuse | undefined;
  /** Inside which values are recognised as equal; `tenant` if absent. */
  readonly scope?: Scope | undefined;
  /** How long tokens live; without end if absent. */
  readonly ttl_seconds?: number | undefined;
  /** Whether revealing the full value uses a token up; no if absent. */
  readonly single_use?: boolean | undefined;
  /** Whether the value can come back at all; yes if absent. If not, it is not stored. */
  readonly reversible?: boolean | undefined;
  /** Whether the card number's check digit must be right; `required` if absent. */
  readonly card_check_digit?: CheckDigit | undefined;
}

/** A value to be turned into a token. */
export interface CreateToken {
  /** What kind of value it is. */
  readonly type: ValueKind;
  /** The card, if that is the type. */
  readonly card?: CardInput | undefined;
  /**
   * A card that a client encrypted for the vault, in place of `card`: a JWE (RFC 7516, ECDH-ES and A256GCM)
   * to one of the tenant's keys for client encryption.
   */
  readonly encrypted_card?: string | SecretText | undefined;
  /** The bank account, if that is the type. */
  readonly bank_account?: BankAccountInput | undefined;
  /** The identity number, if that is the type. */
  readonly identity_number?: IdentityNumberInput | undefined;
  /** The text, if that is the type: 1 to 4096 bytes. */
  readonly text?: string | SecretText | undefined;
  /** The token profile; `default` if absent. */
  readonly profile?: ProfileName | undefined;
  /** How long the token lives. May be shorter than the profile says, not longer. */
  readonly ttl_seconds?: number | undefined;
  /** Whether revealing the full value uses the token up; as the profile says if absent. */
  readonly single_use?: boolean | undefined;
  /** How often the full value may be revealed; as the profile says if absent. */
  readonly max_uses?: number | undefined;
  /**
   * The card's security code, to be kept beside the token until the payment is authorised: three digits,
   * four on American Express cards. With `encrypted_card` it may be encrypted too.
   */
  readonly security_code?: string | SecretText | undefined;
  /** After how many seconds the security code is gone in any case; 900 if absent. */
  readonly security_code_ttl_seconds?: number | undefined;
  /** What the caller wants to find with the token again. */
  readonly metadata?: Metadata | undefined;
  /**
   * Other names for it: the caller's own, or the token that the value had in another vault. Where a token
   * may stand, an alias may, behind `alias:`.
   */
  readonly aliases?: readonly Alias[] | undefined;
  /** Labels to find it by, with others. */
  readonly tags?: readonly Tag[] | undefined;
}

/**
 * Values to be turned into tokens, each on its own: what fails for one is done for the others. A body that
 * does not have this shape is refused as a whole; a value that a rule refuses, alone.
 */
export interface CreateTokens {
  /** 1 to 1,000 of them. */
  readonly items: readonly CreateToken[];
}

/** What became of one item. */
export interface CreatedToken {
  /** 201, 200 if a deterministic profile found its token, or the status of the problem. */
  readonly status: number;
  /** The token, if it was made or found. */
  readonly token?: TokenView | undefined;
  /** What was wrong, if it was not. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readCreatedToken(value: unknown): CreatedToken {
  return {
    status: required(value, "status", integer),
    token: optional(value, "token", readTokenView),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface CreatedTokenBatch {
  readonly items: readonly CreatedToken[];
}

/** @internal */
export function readCreatedTokenBatch(value: unknown): CreatedTokenBatch {
  return {
    items: required(value, "items", each(readCreatedToken)),
  };
}

/** A key for use outside the vault, which keeps no copy. */
export interface DataKeyView {
  /** The key. Use it and forget it. */
  readonly plaintext: SecretBytes;
  /** What to store: decrypting it gives the key again. */
  readonly ciphertext: Uint8Array;
  /** The version of the key that protects it. */
  readonly key_version: number;
}

/** @internal */
export function readDataKeyView(value: unknown): DataKeyView {
  return {
    plaintext: required(value, "plaintext", secretBytes),
    ciphertext: required(value, "ciphertext", bytes),
    key_version: required(value, "key_version", integer),
  };
}

/** A protected field to be read. */
export interface DecryptItem {
  /** What was stored in place of the value. */
  readonly ciphertext: Uint8Array;
  /**
   * The version of the key that protected it: needed with a key for format-preserving encryption, whose
   * ciphertexts do not say it.
   */
  readonly key_version?: number | undefined;
  /** The place it belongs to, as it was when the field was protected. */
  readonly context?: Context | undefined;
}

/** A field that was read. */
export interface DecryptedField {
  /** The field's value. */
  readonly plaintext: SecretBytes;
  /** The version of the key that protected it. */
  readonly key_version: number;
}

/** @internal */
export function readDecryptedField(value: unknown): DecryptedField {
  return {
    plaintext: required(value, "plaintext", secretBytes),
    key_version: required(value, "key_version", integer),
  };
}

/** What became of one item. */
export interface DecryptedItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** The field's value. */
  readonly plaintext?: SecretBytes | undefined;
  /** The version of the key that protected it. */
  readonly key_version?: number | undefined;
  /** What was wrong, if the value is not here. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readDecryptedItem(value: unknown): DecryptedItem {
  return {
    status: required(value, "status", integer),
    plaintext: optional(value, "plaintext", secretBytes),
    key_version: optional(value, "key_version", integer),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface DecryptedItemBatch {
  readonly items: readonly DecryptedItem[];
}

/** @internal */
export function readDecryptedItemBatch(value: unknown): DecryptedItemBatch {
  return {
    items: required(value, "items", each(readDecryptedItem)),
  };
}

/** Asks for the value of a token. */
export interface DetokenizeToken {
  /** What for; goes into the record. */
  readonly purpose: DetokenizationPurpose;
  /** How much of it. */
  readonly reveal: Reveal;
  /** To which of the caller's encryption keys, if the value is to leave encrypted; with `reveal` `full`. */
  readonly encrypt_to?: EncryptTo | undefined;
}

/** Asks for the values of many tokens, each on its own. */
export interface DetokenizeTokens {
  /** What for; goes into the record. */
  readonly purpose: DetokenizationPurpose;
  /** How much of them. */
  readonly reveal: Reveal;
  /** To which of the caller's encryption keys, if the values are to leave encrypted; with `reveal` `full`. */
  readonly encrypt_to?: EncryptTo | undefined;
  /** 1 to 1,000 tokens, each as itself or as `alias:` and one of its aliases. */
  readonly items: readonly TokenReference[];
}

/** What became of one item. */
export interface DetokenizedItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** The token, if its value is here. */
  readonly token?: Token | undefined;
  /** What kind of value it stands for. */
  readonly type?: ValueKind | (string & {}) | undefined;
  /** The card, if it stands for one. */
  readonly card?: RevealedCard | undefined;
  /** The bank account, if it stands for one. */
  readonly bank_account?: RevealedBankAccount | undefined;
  /** The identity number, if it stands for one. */
  readonly identity_number?: RevealedIdentityNumber | undefined;
  /** The text, if it stands for one. */
  readonly text?: SecretText | undefined;
  /**
   * In place of the value: a JWE (RFC 7516, ECDH-ES and A256GCM) to the caller's key, whose plaintext is
   * the token, the type and the value as they would stand here in clear.
   */
  readonly encrypted_value?: string | undefined;
  /** What was wrong, if the value is not here. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readDetokenizedItem(value: unknown): DetokenizedItem {
  return {
    status: required(value, "status", integer),
    token: optional(value, "token", text),
    type: optional(value, "type", text),
    card: optional(value, "card", readRevealedCard),
    bank_account: optional(value, "bank_account", readRevealedBankAccount),
    identity_number: optional(value, "identity_number", readRevealedIdentityNumber),
    text: optional(value, "text", secretText),
    encrypted_value: optional(value, "encrypted_value", text),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface DetokenizedItemBatch {
  readonly items: readonly DetokenizedItem[];
}

/** @internal */
export function readDetokenizedItemBatch(value: unknown): DetokenizedItemBatch {
  return {
    items: required(value, "items", each(readDetokenizedItem)),
  };
}

/** The value of a token. */
export interface DetokenizedToken {
  /** The token. */
  readonly token: Token;
  /** What kind of value it stands for. */
  readonly type: ValueKind | (string & {});
  /** The card, if it stands for one. */
  readonly card?: RevealedCard | undefined;
  /** The bank account, if it stands for one. */
  readonly bank_account?: RevealedBankAccount | undefined;
  /** The identity number, if it stands for one. */
  readonly identity_number?: RevealedIdentityNumber | undefined;
  /** The text, if it stands for one. */
  readonly text?: SecretText | undefined;
  /**
   * In place of the value: a JWE (RFC 7516, ECDH-ES and A256GCM) to the caller's key, whose plaintext is
   * this very answer with the value in clear.
   */
  readonly encrypted_value?: string | undefined;
}

/** @internal */
export function readDetokenizedToken(value: unknown): DetokenizedToken {
  return {
    token: required(value, "token", text),
    type: required(value, "type", text),
    card: optional(value, "card", readRevealedCard),
    bank_account: optional(value, "bank_account", readRevealedBankAccount),
    identity_number: optional(value, "identity_number", readRevealedIdentityNumber),
    text: optional(value, "text", secretText),
    encrypted_value: optional(value, "encrypted_value", text),
  };
}

/** A document, and which of its fields to protect, to read or to protect anew: all of them or none. */
export interface DocumentInput {
  /** The key, for field encryption or deterministic encryption. */
  readonly key: KeyName;
  /** The fields, as JSON Pointers; a segment that is `*` means every element or member. */
  readonly fields: readonly DocumentField[];
  /** What the fields are bound to, beside their places in the document. */
  readonly context?: Context | undefined;
  /** The document. */
  readonly document: unknown;
}

/** A field to be protected. */
export interface EncryptItem {
  /** The field's value. */
  readonly plaintext: Uint8Array | SecretBytes;
  /** The place it belongs to. */
  readonly context?: Context | undefined;
}

/** A protected field. */
export interface EncryptedField {
  /** What to store in place of the value. */
  readonly ciphertext: Uint8Array;
  /** The version of the key that protects it. */
  readonly key_version: number;
}

/** @internal */
export function readEncryptedField(value: unknown): EncryptedField {
  return {
    ciphertext: required(value, "ciphertext", bytes),
    key_version: required(value, "key_version", integer),
  };
}

/** What became of one item of encrypting or re-encrypting. */
export interface EncryptedItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** What to store in place of the value. */
  readonly ciphertext?: Uint8Array | undefined;
  /** The version of the key that protects it. */
  readonly key_version?: number | undefined;
  /** What was wrong, if it is not protected. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readEncryptedItem(value: unknown): EncryptedItem {
  return {
    status: required(value, "status", integer),
    ciphertext: optional(value, "ciphertext", bytes),
    key_version: optional(value, "key_version", integer),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface EncryptedItemBatch {
  readonly items: readonly EncryptedItem[];
}

/** @internal */
export function readEncryptedItemBatch(value: unknown): EncryptedItemBatch {
  return {
    items: required(value, "items", each(readEncryptedItem)),
  };
}

/** A public key of an identity. */
export interface EncryptionKeyView {
  /** Its name: what `encrypt_to` is given, and what stands in the header of what is encrypted to it. */
  readonly kid: KeyThumbprint;
  /** The key itself. */
  readonly jwk: Jwk;
  /** Why it was registered. */
  readonly reason: string;
  /** When. */
  readonly created_at: Timestamp;
  /** By whom. */
  readonly created_by: string;
  /** From when on nothing is encrypted to it. */
  readonly expires_at?: Timestamp | undefined;
  /** When it was taken back. */
  readonly revoked_at?: Timestamp | undefined;
  /** By whom. */
  readonly revoked_by?: string | undefined;
}

/** @internal */
export function readEncryptionKeyView(value: unknown): EncryptionKeyView {
  return {
    kid: required(value, "kid", text),
    jwk: required(value, "jwk", readJwk),
    reason: required(value, "reason", text),
    created_at: required(value, "created_at", text),
    created_by: required(value, "created_by", text),
    expires_at: optional(value, "expires_at", text),
    revoked_at: optional(value, "revoked_at", text),
    revoked_by: optional(value, "revoked_by", text),
  };
}

/** One page. */
export interface EncryptionKeyViewList {
  readonly items: readonly EncryptionKeyView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readEncryptionKeyViewList(value: unknown): EncryptionKeyViewList {
  return {
    items: required(value, "items", each(readEncryptionKeyView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/** An audit event. Names and ids only: there is no free-form part for a value to leak into. */
export interface EventView {
  /** The stream it stands in. */
  readonly stream: string;
  /** Its place in the stream, from 0, without gap. */
  readonly sequence: number;
  /** When it happened, by the clock of the node. */
  readonly time: Timestamp;
  /** Whose event it is. */
  readonly tenant: TenantId;
  /** Who acted: a SPIFFE id, or `node:<name>` for the vault itself. */
  readonly actor: string;
  /** The serial number of the actor's certificate, hexadecimal. */
  readonly certificate?: string | undefined;
  /** What was done, such as `token.detokenize`. */
  readonly action: string;
  /** To what. */
  readonly object?: string | undefined;
  /** The alias by which it was named, if it was named by one. */
  readonly alias?: string | undefined;
  /**
   * How it ended: `success` or the code of the refusal. An act that cannot be undone has two events: before
   * it `intended`, and after it what came of it.
   */
  readonly outcome: string;
  /** What the actor said it was for. */
  readonly purpose?: string | undefined;
  /** How much of a value was asked for. */
  readonly reveal?: string | undefined;
  /** Where a value was sent, by the name of that destination. */
  readonly destination?: string | undefined;
  /** The token profile. */
  readonly profile?: string | undefined;
  /** The key that was used. */
  readonly key?: string | undefined;
  /** Which version of it. */
  readonly key_version?: number | undefined;
  /** The request, as named in answers and logs. */
  readonly request_id: string;
  /** The W3C trace it belongs to. */
  readonly trace_id?: string | undefined;
  /** Where the request came from, address and port. */
  readonly origin?: string | undefined;
  /** How many things it was done to. */
  readonly count: number;
  /** The version of the object's row afterwards. */
  readonly row_version?: number | undefined;
  /** The epoch of the key registry at the event. */
  readonly registry_epoch?: number | undefined;
}

/** @internal */
export function readEventView(value: unknown): EventView {
  return {
    stream: required(value, "stream", text),
    sequence: required(value, "sequence", integer),
    time: required(value, "time", text),
    tenant: required(value, "tenant", text),
    actor: required(value, "actor", text),
    certificate: optional(value, "certificate", text),
    action: required(value, "action", text),
    object: optional(value, "object", text),
    alias: optional(value, "alias", text),
    outcome: required(value, "outcome", text),
    purpose: optional(value, "purpose", text),
    reveal: optional(value, "reveal", text),
    destination: optional(value, "destination", text),
    profile: optional(value, "profile", text),
    key: optional(value, "key", text),
    key_version: optional(value, "key_version", integer),
    request_id: required(value, "request_id", text),
    trace_id: optional(value, "trace_id", text),
    origin: optional(value, "origin", text),
    count: required(value, "count", integer),
    row_version: optional(value, "row_version", integer),
    registry_epoch: optional(value, "registry_epoch", integer),
  };
}

/** One page. */
export interface EventViewList {
  readonly items: readonly EventView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readEventViewList(value: unknown): EventViewList {
  return {
    items: required(value, "items", each(readEventView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/** What the receiver finds in a part. */
export interface ExportContent {
  /** The job. */
  readonly job: JobId;
  /** The part. */
  readonly part: number;
  /** The key of the checksum, the same in every part. */
  readonly checksum_key: SecretBytes;
  /** The tokens. */
  readonly tokens: readonly ExportedToken[];
  /** In the last part: what the whole must come to. */
  readonly total?: ExportTotal | undefined;
}

/** Begins an export. Its parts are given out once somebody else has agreed to this job and this receiver. */
export interface ExportTokens {
  /** The receiver's public key. Nobody but the holder of its private part reads what is exported. */
  readonly receiver_key: ReceiverKey;
  /** What for; goes into the record. */
  readonly purpose: DetokenizationPurpose;
  /** Tokens of this profile only. */
  readonly profile?: ProfileName | undefined;
  /** Tokens made from then on only. */
  readonly created_from?: Timestamp | undefined;
  /** Tokens made before then only; in any case those made before the job. */
  readonly created_to?: Timestamp | undefined;
}

/** What an export comes to. */
export interface ExportTotal {
  /** How many tokens. */
  readonly rows: number;
  /** The checksum over them (`row_checksum_v1`). */
  readonly checksum: Checksum;
}

/** A part of an export. The same part again is the same to the byte, for as long as it is among the newest. */
export interface ExportedPart {
  /** The job. */
  readonly job: JobId;
  /** The part. */
  readonly part: number;
  /** How many tokens are in it. */
  readonly rows: number;
  /** Whether it is the last one. */
  readonly last: boolean;
  /** An `ExportContent` for the receiver: JWE (RFC 7516, ECDH-ES and A256GCM, compact). */
  readonly jwe: string;
}

/** @internal */
export function readExportedPart(value: unknown): ExportedPart {
  return {
    job: required(value, "job", text),
    part: required(value, "part", integer),
    rows: required(value, "rows", integer),
    last: required(value, "last", boolean),
    jwe: required(value, "jwe", text),
  };
}

/** A token and what it stands for. */
export interface ExportedToken {
  /** Its place in the export, from 1. */
  readonly row: number;
  /** The token. */
  readonly token: Token;
  /** What kind of value it stands for. */
  readonly type: ValueKind | (string & {});
  /** The card, if it stands for one. */
  readonly card?: RevealedCard | undefined;
  /** The bank account, if it stands for one. */
  readonly bank_account?: RevealedBankAccount | undefined;
  /** The identity number, if it stands for one. */
  readonly identity_number?: RevealedIdentityNumber | undefined;
  /** The text, if it stands for one. */
  readonly text?: SecretText | undefined;
  /** The profile it was made by. */
  readonly profile: ProfileName;
  /** When it was made. */
  readonly created_at: Timestamp;
  /** From when on it is as good as gone. */
  readonly expires_at?: Timestamp | undefined;
  /** What was stored with it. */
  readonly metadata?: Metadata | undefined;
}

/** A header. */
export interface ForwardHeader {
  /** Its name. */
  readonly name: string;
  /** Its value. */
  readonly value: string | SecretText;
}

/** @internal */
export function readForwardHeader(value: unknown): ForwardHeader {
  return {
    name: required(value, "name", text),
    value: required(value, "value", secretText),
  };
}

/**
 * Asks for a request to be made, with values of tokens put in where placeholders such as `{{card.number}}`
 * stand.
 */
export interface ForwardRequest {
  /** The destination, by the name that the operator listed it under. */
  readonly destination: string;
  /** The HTTP method. */
  readonly method: string;
  /** The path, with its query if there is one. */
  readonly path: string;
  /** Headers that the destination lists, at most 32. Values may hold placeholders. */
  readonly headers?: readonly ForwardHeader[] | undefined;
  /** The body's media type, if there is a body. */
  readonly content_type?: string | undefined;
  /** The body, which may hold placeholders. */
  readonly body?: string | SecretText | undefined;
  /** The tokens, by the names that placeholders call them: 1 to 16. */
  readonly tokens: TokensByName;
  /** What for; goes into the record. */
  readonly purpose: DetokenizationPurpose;
  /** How many milliseconds it may take, if fewer than the destination may. */
  readonly timeout_ms?: number | undefined;
}

/**
 * What the destination answered. It was searched for card numbers; those that were found are replaced by
 * tokens.
 */
export interface ForwardedAnswer {
  /** The HTTP status of the destination. */
  readonly status: number;
  /** Its headers, without those of the connection. */
  readonly headers: readonly ForwardHeader[];
  /** The body, if it is UTF-8. */
  readonly body?: SecretText | undefined;
  /** The body in base64, if it is not UTF-8. */
  readonly body_base64?: SecretBytes | undefined;
  /** The tokens that stand in it in place of card numbers. */
  readonly retokenized: readonly Token[];
}

/** @internal */
export function readForwardedAnswer(value: unknown): ForwardedAnswer {
  return {
    status: required(value, "status", integer),
    headers: required(value, "headers", each(readForwardHeader)),
    body: optional(value, "body", secretText),
    body_base64: optional(value, "body_base64", secretBytes),
    retokenized: required(value, "retokenized", each(text)),
  };
}

/** An appointment to a role. */
export interface GrantView {
  /** Its id: `grt_` and 16 hexadecimal digits. */
  readonly id: string;
  /** The role. */
  readonly role: Role | (string & {});
  /** Whether values leave by it encrypted to one of the identity's keys, and not otherwise. */
  readonly encrypted_only?: boolean | undefined;
  /** Why it was given. */
  readonly reason: string;
  /** When. */
  readonly granted_at: Timestamp;
  /** By whom. */
  readonly granted_by: string;
  /** From when on it no longer holds. */
  readonly expires_at?: Timestamp | undefined;
  /** When it was taken back. */
  readonly revoked_at?: Timestamp | undefined;
  /** By whom. */
  readonly revoked_by?: string | undefined;
  /** When it last decided a request. */
  readonly last_used_at?: Timestamp | undefined;
}

/** @internal */
export function readGrantView(value: unknown): GrantView {
  return {
    id: required(value, "id", text),
    role: required(value, "role", text),
    encrypted_only: optional(value, "encrypted_only", boolean),
    reason: required(value, "reason", text),
    granted_at: required(value, "granted_at", text),
    granted_by: required(value, "granted_by", text),
    expires_at: optional(value, "expires_at", text),
    revoked_at: optional(value, "revoked_at", text),
    revoked_by: optional(value, "revoked_by", text),
    last_used_at: optional(value, "last_used_at", text),
  };
}

/** The HSM of a node. */
export interface HsmStatus {
  /** How it fares. */
  readonly health: HsmHealth | (string & {});
  /** Library description and version. */
  readonly library: string;
  /** Token label. */
  readonly token_label: string;
  /** Token serial number. */
  readonly token_serial: string;
  /** Token model. */
  readonly token_model: string;
  /** What was proven to work. */
  readonly mechanisms: readonly MechanismView[];
}

/** @internal */
export function readHsmStatus(value: unknown): HsmStatus {
  return {
    health: required(value, "health", text),
    library: required(value, "library", text),
    token_label: required(value, "token_label", text),
    token_serial: required(value, "token_serial", text),
    token_model: required(value, "token_model", text),
    mechanisms: required(value, "mechanisms", each(readMechanismView)),
  };
}

/** A number that a state knows a person by. */
export interface IdentityNumberInput {
  /** The number: 4 to 32 letters and digits, with spaces, dashes, dots and slashes between them. */
  readonly number: string | SecretText;
  /**
   * Whose number it is. Where the country's numbers have a check digit that the vault knows (CN), it must
   * be right.
   */
  readonly country?: CountryCode | undefined;
}

/** What may be shown of an identity number. */
export interface IdentityNumberView {
  /** Whose number it is, if that was given. */
  readonly country?: CountryCode | undefined;
}

/** @internal */
export function readIdentityNumberView(value: unknown): IdentityNumberView {
  return {
    country: optional(value, "country", text),
  };
}

/** An identity with its grants. */
export interface IdentityView {
  /** The service. */
  readonly service: ServiceName;
  /** The name in its certificate. */
  readonly spiffe_id: SpiffeId;
  /** Why it is known. */
  readonly reason: string;
  /** When it became known. */
  readonly created_at: Timestamp;
  /** By whom. */
  readonly created_by: string;
  /** From when on it is as good as gone. */
  readonly expires_at?: Timestamp | undefined;
  /** When it was put out of use. */
  readonly disabled_at?: Timestamp | undefined;
  /** When it last made a request. */
  readonly last_used_at?: Timestamp | undefined;
  /** Its appointments, also those that ended. */
  readonly grants: readonly GrantView[];
}

/** @internal */
export function readIdentityView(value: unknown): IdentityView {
  return {
    service: required(value, "service", text),
    spiffe_id: required(value, "spiffe_id", text),
    reason: required(value, "reason", text),
    created_at: required(value, "created_at", text),
    created_by: required(value, "created_by", text),
    expires_at: optional(value, "expires_at", text),
    disabled_at: optional(value, "disabled_at", text),
    last_used_at: optional(value, "last_used_at", text),
    grants: required(value, "grants", each(readGrantView)),
  };
}

/** One page. */
export interface IdentityViewList {
  readonly items: readonly IdentityView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readIdentityViewList(value: unknown): IdentityViewList {
  return {
    items: required(value, "items", each(readIdentityView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/** Begins an import. The lines follow in parts. */
export interface ImportTokens {
  /** How the lines are written. */
  readonly format: LineFormat;
  /**
   * The columns of CSV in the order of the file: `number`, `exp_month`, `exp_year`, `holder`,
   * `metadata.<name>`; only `number` must be among them. Not for other formats.
   */
  readonly columns?: readonly string[] | undefined;
  /** The token profile; `default` if absent. */
  readonly profile?: ProfileName | undefined;
  /** How long the tokens live. May be shorter than the profile says, not longer. */
  readonly ttl_seconds?: number | undefined;
  /** Whether revealing the full value uses a token up; as the profile says if absent. */
  readonly single_use?: boolean | undefined;
}

/** What became of a line. */
export interface ImportedLine {
  /** Its number in the file, from 1. */
  readonly line: number;
  /** 201, 200 if a deterministic profile found its token, or the status of the problem. */
  readonly status: number;
  /** The token, if it was made or found. */
  readonly token?: Token | undefined;
  /** First six digits. */
  readonly bin?: Bin | undefined;
  /** Last four digits. */
  readonly last4?: LastFour | undefined;
  /** What was wrong, if it was not. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readImportedLine(value: unknown): ImportedLine {
  return {
    line: required(value, "line", integer),
    status: required(value, "status", integer),
    token: optional(value, "token", text),
    bin: optional(value, "bin", text),
    last4: optional(value, "last4", text),
    error: optional(value, "error", readProblem),
  };
}

/** What became of a part. The same part again is answered the same. */
export interface ImportedPart {
  /** The job. */
  readonly job: JobId;
  /** The part. */
  readonly part: number;
  /** The lines that are not empty, in their order. */
  readonly lines: readonly ImportedLine[];
}

/** @internal */
export function readImportedPart(value: unknown): ImportedPart {
  return {
    job: required(value, "job", text),
    part: required(value, "part", integer),
    lines: required(value, "lines", each(readImportedLine)),
  };
}

/** A job and how far it is. */
export interface JobView {
  /** The job. */
  readonly job: JobId;
  /** What it does. */
  readonly type: JobKind | (string & {});
  /** Where it is in its life. */
  readonly state: JobState | (string & {});
  /** The part it goes on with. */
  readonly next_part: number;
  /** Rows done: of an import, lines that are not empty; of an export, tokens whose values have left. */
  readonly rows: number;
  /** Of an import: rows with a new token. */
  readonly created?: number | undefined;
  /** Of an import: rows with a token that was there before. */
  readonly existing?: number | undefined;
  /** Of an import: rows that were refused. */
  readonly failed?: number | undefined;
  /** Of an export: tokens that were asked for and have no value to give: one-way, ended, or of limited use. */
  readonly passed_over?: number | undefined;
  /** Of an import: lines of the file that are done, empty ones and the header of CSV among them. */
  readonly lines?: number | undefined;
  /** Of an import: the key of the checksum, for the caller's side of it. */
  readonly checksum_key?: SecretBytes | undefined;
  /** Of an import: the checksum over the rows so far. */
  readonly checksum?: Checksum | undefined;
  /** Of an export: RFC 7638 thumbprint of the receiver's key, which the approval names beside the job. */
  readonly receiver?: string | undefined;
  /** Of an export: what for. */
  readonly purpose?: DetokenizationPurpose | (string & {}) | undefined;
  /** When it began. */
  readonly created_at: Timestamp;
  /** When the last part was done. */
  readonly updated_at: Timestamp;
  /** When it ended. */
  readonly finished_at?: Timestamp | undefined;
}

/** @internal */
export function readJobView(value: unknown): JobView {
  return {
    job: required(value, "job", text),
    type: required(value, "type", text),
    state: required(value, "state", text),
    next_part: required(value, "next_part", integer),
    rows: required(value, "rows", integer),
    created: optional(value, "created", integer),
    existing: optional(value, "existing", integer),
    failed: optional(value, "failed", integer),
    passed_over: optional(value, "passed_over", integer),
    lines: optional(value, "lines", integer),
    checksum_key: optional(value, "checksum_key", secretBytes),
    checksum: optional(value, "checksum", text),
    receiver: optional(value, "receiver", text),
    purpose: optional(value, "purpose", text),
    created_at: required(value, "created_at", text),
    updated_at: required(value, "updated_at", text),
    finished_at: optional(value, "finished_at", text),
  };
}

/** One page. */
export interface JobViewList {
  readonly items: readonly JobView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readJobViewList(value: unknown): JobViewList {
  return {
    items: required(value, "items", each(readJobView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/** A public key on P-256 for ECDH-ES and A256GCM (RFC 7518). */
export interface Jwk {
  /** `EC`. */
  readonly kty: string;
  /** `P-256`. */
  readonly crv: string;
  /** The point's x, base64url. */
  readonly x: string;
  /** The point's y, base64url. */
  readonly y: string;
  /** `enc`. */
  readonly use: string;
  /** `ECDH-ES`. */
  readonly alg: string;
  /** Its name, which goes into the header of what is encrypted to it. */
  readonly kid: string;
}

/** @internal */
export function readJwk(value: unknown): Jwk {
  return {
    kty: required(value, "kty", text),
    crv: required(value, "crv", text),
    x: required(value, "x", text),
    y: required(value, "y", text),
    use: required(value, "use", text),
    alg: required(value, "alg", text),
    kid: required(value, "kid", text),
  };
}

/** Public keys that clients encrypt to, as a JWK Set (RFC 7517). Publish it as it is. */
export interface JwkSet {
  /** The keys, newest first; encrypt to the first. */
  readonly keys: readonly Jwk[];
}

/** @internal */
export function readJwkSet(value: unknown): JwkSet {
  return {
    keys: required(value, "keys", each(readJwk)),
  };
}

/** One version of a key. */
export interface KeyVersionView {
  /** Its number, from 1. */
  readonly version: number;
  /** Where it is in its life. */
  readonly state: KeyState | (string & {});
  /** When it was made. */
  readonly created_at: Timestamp;
  /** When its state last changed. */
  readonly state_changed_at: Timestamp;
}

/** @internal */
export function readKeyVersionView(value: unknown): KeyVersionView {
  return {
    version: required(value, "version", integer),
    state: required(value, "state", text),
    created_at: required(value, "created_at", text),
    state_changed_at: required(value, "state_changed_at", text),
  };
}

/** A key, without its material. */
export interface KeyView {
  /** Its id, as in ciphertexts. */
  readonly id: KeyId;
  /** Its name, as in addresses. */
  readonly name: KeyName;
  /** What it may be used for. */
  readonly purpose: KeyPurpose | (string & {});
  /** Where its material may be in the clear. */
  readonly protection: Protection | (string & {});
  /** What its values look like, if its purpose is `format-preserving`. */
  readonly value_format?: ValueFormat | undefined;
  /** Days after which a new version is due. */
  readonly rotation_days: number;
  /** When it was made. */
  readonly created_at: Timestamp;
  /** The version that protects. */
  readonly current_version: number;
  /** All versions, oldest first. */
  readonly versions: readonly KeyVersionView[];
}

/** @internal */
export function readKeyView(value: unknown): KeyView {
  return {
    id: required(value, "id", text),
    name: required(value, "name", text),
    purpose: required(value, "purpose", text),
    protection: required(value, "protection", text),
    value_format: optional(value, "value_format", readValueFormat),
    rotation_days: required(value, "rotation_days", integer),
    created_at: required(value, "created_at", text),
    current_version: required(value, "current_version", integer),
    versions: required(value, "versions", each(readKeyVersionView)),
  };
}

/** One page. */
export interface KeyViewList {
  readonly items: readonly KeyView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readKeyViewList(value: unknown): KeyViewList {
  return {
    items: required(value, "items", each(readKeyView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/** What became of one item. */
export interface LookedUpItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** The value's ciphertext under each version of the key that can still be read, newest first. */
  readonly ciphertexts?: readonly EncryptedField[] | undefined;
  /** What was wrong, if they are not here. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readLookedUpItem(value: unknown): LookedUpItem {
  return {
    status: required(value, "status", integer),
    ciphertexts: optional(value, "ciphertexts", each(readEncryptedField)),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface LookedUpItemBatch {
  readonly items: readonly LookedUpItem[];
}

/** @internal */
export function readLookedUpItemBatch(value: unknown): LookedUpItemBatch {
  return {
    items: required(value, "items", each(readLookedUpItem)),
  };
}

/** Data to vouch for. */
export interface MacItem {
  /** The data. */
  readonly data: Uint8Array | SecretBytes;
  /** The place they belong to. */
  readonly context?: Context | undefined;
}

/** A code that vouches for data. */
export interface MadeMac {
  /** What to store beside the data. */
  readonly mac: Uint8Array;
  /** The version of the key it was made under. */
  readonly key_version: number;
}

/** @internal */
export function readMadeMac(value: unknown): MadeMac {
  return {
    mac: required(value, "mac", bytes),
    key_version: required(value, "key_version", integer),
  };
}

/** What became of one item. */
export interface MadeMacItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** What to store beside the data. */
  readonly mac?: Uint8Array | undefined;
  /** The version of the key it was made under. */
  readonly key_version?: number | undefined;
  /** What was wrong, if it is not here. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readMadeMacItem(value: unknown): MadeMacItem {
  return {
    status: required(value, "status", integer),
    mac: optional(value, "mac", bytes),
    key_version: optional(value, "key_version", integer),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface MadeMacItemBatch {
  readonly items: readonly MadeMacItem[];
}

/** @internal */
export function readMadeMacItemBatch(value: unknown): MadeMacItemBatch {
  return {
    items: required(value, "items", each(readMadeMacItem)),
  };
}

/** A use of the HSM and the mechanism that was proven for it. */
export interface MechanismView {
  /** What for. */
  readonly use: string;
  /** The PKCS#11 mechanism. */
  readonly mechanism: string;
}

/** @internal */
export function readMechanismView(value: unknown): MechanismView {
  return {
    use: required(value, "use", text),
    mechanism: required(value, "mechanism", text),
  };
}

/** Why a request, or one item of a batch, was refused. Repeats nothing of what was sent. */
export interface Problem {
  /** `urn:strongroom:problem:` and the code. */
  readonly type?: string | undefined;
  /** What went wrong in general. */
  readonly title?: string | undefined;
  /** The HTTP status. */
  readonly status: number;
  /** What went wrong, for programs. Stable; more may be added. */
  readonly code: string;
  /** What went wrong here, and what is allowed. */
  readonly detail?: string | undefined;
  /** Names the request in the vault's log and audit record. */
  readonly request_id?: string | undefined;
  /** Whether the same request may go through later. */
  readonly retryable?: boolean | undefined;
  /**
   * JSON pointer to the offending field of the request, if it was one. A name that this API does not know
   * is `*`.
   */
  readonly pointer?: string | undefined;
}

/** @internal */
export function readProblem(value: unknown): Problem {
  return {
    type: optional(value, "type", text),
    title: optional(value, "title", text),
    status: required(value, "status", integer),
    code: required(value, "code", text),
    detail: optional(value, "detail", text),
    request_id: optional(value, "request_id", text),
    retryable: optional(value, "retryable", boolean),
    pointer: optional(value, "pointer", text),
  };
}

/** A token profile. Its parts never change. */
export interface ProfileView {
  /** Its name. */
  readonly name: ProfileName;
  /** The outward shape of its tokens. */
  readonly format: TokenFormat | (string & {});
  /** For the card format: the digits that stay. */
  readonly keep?: KeptDigits | (string & {}) | undefined;
  /** For the card format: how tokens differ from card numbers. */
  readonly luhn?: LuhnStyle | (string & {}) | undefined;
  /** The digits of a card number that stand readable beside its tokens. */
  readonly show: ShownDigits | (string & {});
  /** The fewest digits of a card number that it takes. */
  readonly min_card_digits: number;
  /** What can be made of those digits and a token together. */
  readonly correlation: CorrelationView;
  /** Whether equal values share a token. */
  readonly reuse: Reuse | (string & {});
  /** Inside which values are recognised as equal. */
  readonly scope: Scope;
  /** How long tokens live; null is without end. */
  readonly ttl_seconds?: number | undefined;
  /** Whether revealing the full value uses a token up. */
  readonly single_use: boolean;
  /** Whether the value can come back at all. */
  readonly reversible: boolean;
  /** Whether the card number's check digit must be right. */
  readonly card_check_digit: CheckDigit | (string & {});
  /** When it was made. */
  readonly created_at: Timestamp;
}

/** @internal */
export function readProfileView(value: unknown): ProfileView {
  return {
    name: required(value, "name", text),
    format: required(value, "format", text),
    keep: optional(value, "keep", text),
    luhn: optional(value, "luhn", text),
    show: required(value, "show", text),
    min_card_digits: required(value, "min_card_digits", integer),
    correlation: required(value, "correlation", readCorrelationView),
    reuse: required(value, "reuse", text),
    scope: required(value, "scope", text),
    ttl_seconds: optional(value, "ttl_seconds", integer),
    single_use: required(value, "single_use", boolean),
    reversible: required(value, "reversible", boolean),
    card_check_digit: required(value, "card_check_digit", text),
    created_at: required(value, "created_at", text),
  };
}

/** One page. */
export interface ProfileViewList {
  readonly items: readonly ProfileView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readProfileViewList(value: unknown): ProfileViewList {
  return {
    items: required(value, "items", each(readProfileView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/** A document with its fields protected. */
export interface ProtectedDocument {
  /** The document, each of its fields replaced by a string. */
  readonly document: unknown;
  /** How many values were protected. */
  readonly values: number;
  /** The version of the key that protects them. */
  readonly key_version: number;
}

/** @internal */
export function readProtectedDocument(value: unknown): ProtectedDocument {
  return {
    document: required(value, "document", anything),
    values: required(value, "values", integer),
    key_version: required(value, "key_version", integer),
  };
}

/** What verifies the signatures of one version of a key. */
export interface PublicKeyView {
  /** The version. */
  readonly key_version: number;
  /** Where it is in its life. */
  readonly state: KeyState | (string & {});
  /** `ecdsa-p256-sha256`. */
  readonly algorithm: string;
  /** SubjectPublicKeyInfo in PEM (RFC 5480, RFC 7468). */
  readonly pem: string;
}

/** @internal */
export function readPublicKeyView(value: unknown): PublicKeyView {
  return {
    key_version: required(value, "key_version", integer),
    state: required(value, "state", text),
    algorithm: required(value, "algorithm", text),
    pem: required(value, "pem", text),
  };
}

/** One page. */
export interface PublicKeyViewList {
  readonly items: readonly PublicKeyView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readPublicKeyViewList(value: unknown): PublicKeyViewList {
  return {
    items: required(value, "items", each(readPublicKeyView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/**
 * The security code of a token's card, to be kept until its payment is authorised. No call shows it to
 * anybody.
 */
export interface PutSecurityCode {
  /** Three digits; four on American Express cards. */
  readonly security_code: string | SecretText;
  /** After how many seconds it is gone in any case; 900 if absent. */
  readonly ttl_seconds?: number | undefined;
}

/** A document with its fields as they were. */
export interface ReadDocument {
  /** The document. */
  readonly document: unknown;
  /** How many values were read. */
  readonly values: number;
}

/** @internal */
export function readReadDocument(value: unknown): ReadDocument {
  return {
    document: required(value, "document", anything),
    values: required(value, "values", integer),
  };
}

/** A public key on P-256 as JWK (RFC 7517). */
export interface ReceiverKey {
  /** `EC`. */
  readonly kty: string;
  /** `P-256`. */
  readonly crv: string;
  /** The point's x, base64url. */
  readonly x: string;
  /** The point's y, base64url. */
  readonly y: string;
  /** `enc`. */
  readonly use?: string | undefined;
  /** `ECDH-ES`. */
  readonly alg?: string | undefined;
  /** Its name, for the header of each part; its thumbprint if absent. */
  readonly kid?: string | undefined;
}

/** A protected field to be protected anew under the newest version of the key. */
export interface ReencryptItem {
  /** What was stored in place of the value. */
  readonly ciphertext: Uint8Array;
  /**
   * The version of the key that protected it: needed with a key for format-preserving encryption, whose
   * ciphertexts do not say it.
   */
  readonly key_version?: number | undefined;
  /** The place it belongs to; stays the same. */
  readonly context?: Context | undefined;
}

/** How an authorisation ended. Whatever the result, the security code is destroyed. */
export interface ReportAuthorisation {
  /** How it ended. */
  readonly result: AuthorisationResult;
}

/** A bank account, with as much of its IBAN as was asked for. */
export interface RevealedBankAccount {
  /** The IBAN, in full or with stars between its first and last four characters. */
  readonly iban: SecretText;
  /** Whose it is; with the full IBAN only. */
  readonly holder?: SecretText | undefined;
}

/** @internal */
export function readRevealedBankAccount(value: unknown): RevealedBankAccount {
  return {
    iban: required(value, "iban", secretText),
    holder: optional(value, "holder", secretText),
  };
}

/** A card, with as much of its number as was asked for. */
export interface RevealedCard {
  /** The number, in full or as first six and last four digits with stars between. */
  readonly number: SecretText;
  /** The month it expires. */
  readonly exp_month?: number | undefined;
  /** The year it expires. */
  readonly exp_year?: number | undefined;
  /** The name on the card; with the full number only. */
  readonly holder?: SecretText | undefined;
}

/** @internal */
export function readRevealedCard(value: unknown): RevealedCard {
  return {
    number: required(value, "number", secretText),
    exp_month: optional(value, "exp_month", integer),
    exp_year: optional(value, "exp_year", integer),
    holder: optional(value, "holder", secretText),
  };
}

/** An identity number, with as much of it as was asked for. */
export interface RevealedIdentityNumber {
  /** The number, in full or its last two characters behind stars. */
  readonly number: SecretText;
  /** Whose number it is, if that was given. */
  readonly country?: CountryCode | undefined;
}

/** @internal */
export function readRevealedIdentityNumber(value: unknown): RevealedIdentityNumber {
  return {
    number: required(value, "number", secretText),
    country: optional(value, "country", text),
  };
}

/** A card to look for. */
export interface SearchCard {
  /** The card number, as in creating a token. */
  readonly number: string | SecretText;
}

/** Asks for the tokens of a value. A POST, since a value in an address would end up in logs. */
export interface SearchTokens {
  /** What kind of value it is. */
  readonly type: ValueKind;
  /** The card, if that is the type. */
  readonly card?: SearchCard | undefined;
  /**
   * A card that a client encrypted for the vault, in place of `card`: a JWE (RFC 7516, ECDH-ES and A256GCM)
   * to one of the tenant's keys for client encryption.
   */
  readonly encrypted_card?: string | SecretText | undefined;
  /** The bank account, if that is the type. */
  readonly bank_account?: BankAccountInput | undefined;
  /** The identity number, if that is the type. */
  readonly identity_number?: IdentityNumberInput | undefined;
  /** The text, if that is the type: 1 to 4096 bytes. */
  readonly text?: string | SecretText | undefined;
  /** The token profile, whose scope decides what counts as equal; `default` if absent. */
  readonly profile?: ProfileName | undefined;
}

/** That a security code is kept. */
export interface SecurityCodeKept {
  /** When it is gone at the latest. */
  readonly expires_at: Timestamp;
}

/** @internal */
export function readSecurityCodeKept(value: unknown): SecurityCodeKept {
  return {
    expires_at: required(value, "expires_at", text),
  };
}

/** Data to be signed. */
export interface SignItem {
  /** The data. They are hashed with SHA-256 and signed. */
  readonly message: Uint8Array | SecretBytes;
}

/** A signature over data. */
export interface Signed {
  /** ECDSA on P-256: r and s, 32 bytes each (as ES256 of RFC 7518; not DER). */
  readonly signature: Uint8Array;
  /** The version of the key that made it; to verify, it is asked for again. */
  readonly key_version: number;
}

/** @internal */
export function readSigned(value: unknown): Signed {
  return {
    signature: required(value, "signature", bytes),
    key_version: required(value, "key_version", integer),
  };
}

/** What became of one item. */
export interface SignedItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** ECDSA on P-256: r and s, 32 bytes each (as ES256 of RFC 7518; not DER). */
  readonly signature?: Uint8Array | undefined;
  /** The version of the key that made it; to verify, it is asked for again. */
  readonly key_version?: number | undefined;
  /** What was wrong, if it is not here. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readSignedItem(value: unknown): SignedItem {
  return {
    status: required(value, "status", integer),
    signature: optional(value, "signature", bytes),
    key_version: optional(value, "key_version", integer),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface SignedItemBatch {
  readonly items: readonly SignedItem[];
}

/** @internal */
export function readSignedItemBatch(value: unknown): SignedItemBatch {
  return {
    items: required(value, "items", each(readSignedItem)),
  };
}

/** The node. */
export interface StatusView {
  /** The version of the vault. */
  readonly version: string;
  /** The node's name. */
  readonly node: string;
  /** The cluster's id. */
  readonly cluster: string;
  /** Whose names the cluster accepts. */
  readonly trust_domain?: string | undefined;
  /** The HSM. */
  readonly hsm: HsmStatus;
  /** The database. */
  readonly store: StoreStatus;
  /** The record. */
  readonly audit: AuditStatus;
  /** Names the rules in force; changes when they do. */
  readonly policy_fingerprint: string;
  /** One more with each change of keys, profiles, identities and grants. */
  readonly registry_epoch: number;
  /** When the node began to serve. */
  readonly started_at: Timestamp;
}

/** @internal */
export function readStatusView(value: unknown): StatusView {
  return {
    version: required(value, "version", text),
    node: required(value, "node", text),
    cluster: required(value, "cluster", text),
    trust_domain: optional(value, "trust_domain", text),
    hsm: required(value, "hsm", readHsmStatus),
    store: required(value, "store", readStoreStatus),
    audit: required(value, "audit", readAuditStatus),
    policy_fingerprint: required(value, "policy_fingerprint", text),
    registry_epoch: required(value, "registry_epoch", integer),
    started_at: required(value, "started_at", text),
  };
}

/** The database of a node. */
export interface StoreStatus {
  /** Whether it can be read and written. */
  readonly ready: boolean;
}

/** @internal */
export function readStoreStatus(value: unknown): StoreStatus {
  return {
    ready: required(value, "ready", boolean),
  };
}

/** What a value is stored as. */
export interface StoredAs {
  /**
   * Its ciphertext under each version of the key that can still be read, newest first. Look for any of
   * them.
   */
  readonly ciphertexts: readonly EncryptedField[];
}

/** @internal */
export function readStoredAs(value: unknown): StoredAs {
  return {
    ciphertexts: required(value, "ciphertexts", each(readEncryptedField)),
  };
}

/** How far an audit stream is. */
export interface StreamStatus {
  /** Its name. */
  readonly stream: string;
  /** How many events it holds. */
  readonly size: number;
  /** How many of them the newest checkpoint covers. */
  readonly checkpoint_size: number;
}

/** @internal */
export function readStreamStatus(value: unknown): StreamStatus {
  return {
    stream: required(value, "stream", text),
    size: required(value, "size", integer),
    checkpoint_size: required(value, "checkpoint_size", integer),
  };
}

/** What becomes of a token's tags. Those that are not named stay. */
export interface TagChange {
  /** It has these from now on. */
  readonly add?: readonly Tag[] | undefined;
  /** It no longer has these. */
  readonly remove?: readonly Tag[] | undefined;
}

/** What is known of a token without its value. */
export interface TokenView {
  /** The token. */
  readonly token: Token;
  /** What kind of value it stands for. */
  readonly type: ValueKind | (string & {});
  /** The profile it was made by. */
  readonly profile: ProfileName;
  /** What may be shown of the card, if it stands for one. */
  readonly card?: CardView | undefined;
  /** What may be shown of the bank account, if it stands for one. */
  readonly bank_account?: BankAccountView | undefined;
  /** What may be shown of the identity number, if it stands for one. */
  readonly identity_number?: IdentityNumberView | undefined;
  /** Equal for equal values within the profile's scope, where the vault may tell. */
  readonly fingerprint?: string | undefined;
  /** Where it is in its life. */
  readonly state: TokenState | (string & {});
  /** When it was made. */
  readonly created_at: Timestamp;
  /** From when on it is as good as gone. */
  readonly expires_at?: Timestamp | undefined;
  /** Whether revealing the full value uses it up. */
  readonly single_use: boolean;
  /** How often the full value may be revealed, if that is limited. */
  readonly max_uses?: number | undefined;
  /** How often it was revealed, if that is limited. */
  readonly uses?: number | undefined;
  /** When the security code that came with the card is gone at the latest; in answers to its coming only. */
  readonly security_code_expires_at?: Timestamp | undefined;
  /** What the caller stored with it. */
  readonly metadata?: Metadata | undefined;
  /** Its other names. */
  readonly aliases?: readonly Alias[] | undefined;
  /** Its labels. */
  readonly tags?: readonly Tag[] | undefined;
}

/** @internal */
export function readTokenView(value: unknown): TokenView {
  return {
    token: required(value, "token", text),
    type: required(value, "type", text),
    profile: required(value, "profile", text),
    card: optional(value, "card", readCardView),
    bank_account: optional(value, "bank_account", readBankAccountView),
    identity_number: optional(value, "identity_number", readIdentityNumberView),
    fingerprint: optional(value, "fingerprint", text),
    state: required(value, "state", text),
    created_at: required(value, "created_at", text),
    expires_at: optional(value, "expires_at", text),
    single_use: required(value, "single_use", boolean),
    max_uses: optional(value, "max_uses", integer),
    uses: optional(value, "uses", integer),
    security_code_expires_at: optional(value, "security_code_expires_at", text),
    metadata: optional(value, "metadata", texts),
    aliases: optional(value, "aliases", each(text)),
    tags: optional(value, "tags", each(text)),
  };
}

/** One page. */
export interface TokenViewList {
  readonly items: readonly TokenView[];
  /** Leads to the next page; absent on the last one. */
  readonly next_cursor?: string | undefined;
}

/** @internal */
export function readTokenViewList(value: unknown): TokenViewList {
  return {
    items: required(value, "items", each(readTokenView)),
    next_cursor: optional(value, "next_cursor", text),
  };
}

/** What is to be different about a token. What is absent stays as it is. */
export interface UpdateToken {
  /** All of its metadata from now on. */
  readonly metadata?: Metadata | undefined;
  /** From when on it is to be as good as gone, within what its profile allows; null for never. */
  readonly expires_at?: Timestamp | null | undefined;
  /** Which aliases it gets and loses. One that it loses may be given to another token. */
  readonly aliases?: AliasChange | null | undefined;
  /** Which tags it gets and loses. */
  readonly tags?: TagChange | null | undefined;
}

/**
 * What the values of a key for format-preserving encryption look like. At least 1,000,000 values must be
 * possible between the characters that stay (NIST SP 800-38G).
 */
export interface ValueFormat {
  /** 2 to 94 different printable characters of ASCII, without space: all that values may consist of. */
  readonly alphabet: string;
  /** How many characters the shortest value has. */
  readonly min_length: number;
  /** How many characters the longest value has. */
  readonly max_length: number;
  /** How many characters at the front stay as they are; 0 if absent. */
  readonly keep_first?: number | undefined;
  /** How many characters at the end stay as they are; 0 if absent. */
  readonly keep_last?: number | undefined;
}

/** @internal */
export function readValueFormat(value: unknown): ValueFormat {
  return {
    alphabet: required(value, "alphabet", text),
    min_length: required(value, "min_length", integer),
    max_length: required(value, "max_length", integer),
    keep_first: optional(value, "keep_first", integer),
    keep_last: optional(value, "keep_last", integer),
  };
}

/** Whether a signature is over its data. */
export interface Verified {
  /** Whether the signature is this version's over these data. */
  readonly valid: boolean;
}

/** @internal */
export function readVerified(value: unknown): Verified {
  return {
    valid: required(value, "valid", boolean),
  };
}

/** What became of one item. */
export interface VerifiedItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** Whether the signature is this version's over these data. */
  readonly valid?: boolean | undefined;
  /** What was wrong, if it could not be checked. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readVerifiedItem(value: unknown): VerifiedItem {
  return {
    status: required(value, "status", integer),
    valid: optional(value, "valid", boolean),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface VerifiedItemBatch {
  readonly items: readonly VerifiedItem[];
}

/** @internal */
export function readVerifiedItemBatch(value: unknown): VerifiedItemBatch {
  return {
    items: required(value, "items", each(readVerifiedItem)),
  };
}

/** Whether a code vouches for its data. */
export interface VerifiedMac {
  /** Whether the code is this key's for these data in this place. */
  readonly valid: boolean;
  /** The version of the key it was made under, if it is valid. */
  readonly key_version?: number | undefined;
}

/** @internal */
export function readVerifiedMac(value: unknown): VerifiedMac {
  return {
    valid: required(value, "valid", boolean),
    key_version: optional(value, "key_version", integer),
  };
}

/** What became of one item. */
export interface VerifiedMacItem {
  /** 200, or the status of the problem. */
  readonly status: number;
  /** Whether the code is this key's for these data in this place. */
  readonly valid?: boolean | undefined;
  /** The version of the key it was made under, if it is valid. */
  readonly key_version?: number | undefined;
  /** What was wrong, if it could not be checked. */
  readonly error?: Problem | undefined;
}

/** @internal */
export function readVerifiedMacItem(value: unknown): VerifiedMacItem {
  return {
    status: required(value, "status", integer),
    valid: optional(value, "valid", boolean),
    key_version: optional(value, "key_version", integer),
    error: optional(value, "error", readProblem),
  };
}

/** The answers, in the order of the items. */
export interface VerifiedMacItemBatch {
  readonly items: readonly VerifiedMacItem[];
}

/** @internal */
export function readVerifiedMacItemBatch(value: unknown): VerifiedMacItemBatch {
  return {
    items: required(value, "items", each(readVerifiedMacItem)),
  };
}

/** Data and the signature that is said to be over them. */
export interface VerifyItem {
  /** The data. */
  readonly message: Uint8Array | SecretBytes;
  /** The signature: r and s, 32 bytes each. */
  readonly signature: Uint8Array;
  /** The version of the key that is said to have made it. */
  readonly key_version: number;
}

/** Data and the code that is said to vouch for them. */
export interface VerifyMacItem {
  /** The data. */
  readonly data: Uint8Array | SecretBytes;
  /** The code. */
  readonly mac: Uint8Array;
  /** The place they belong to, as it was when the code was made. */
  readonly context?: Context | undefined;
}
