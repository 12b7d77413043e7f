"""What is sent and what comes back. Generated from vault/api/openapi.json by vault/client/generate; do not edit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Mapping, Optional, Sequence, Tuple, Union

from strongroom.secret import SecretBytes, SecretText
from strongroom.wire import (
    Json,
    Null,
    Request,
    anything,
    boolean,
    data,
    each,
    integer,
    optional,
    required,
    secret_bytes,
    secret_text,
    text,
    texts,
)

__all__ = [
    "Alias",
    "AliasChange",
    "AuditStatus",
    "AuthorisationResult",
    "BankAccountInput",
    "BankAccountView",
    "Bin",
    "Binary",
    "Brand",
    "CardInput",
    "CardView",
    "CheckDigit",
    "CheckpointView",
    "CheckpointsView",
    "Checksum",
    "CompleteJob",
    "Context",
    "CorrelationView",
    "CountryCode",
    "CreateDataKey",
    "CreateEncryptionKey",
    "CreateGrant",
    "CreateIdentity",
    "CreateKey",
    "CreateProfile",
    "CreateToken",
    "CreateTokens",
    "CreatedToken",
    "CreatedTokenBatch",
    "DataKeyView",
    "DecryptItem",
    "DecryptedField",
    "DecryptedItem",
    "DecryptedItemBatch",
    "DetokenizationPurpose",
    "DetokenizeToken",
    "DetokenizeTokens",
    "DetokenizedItem",
    "DetokenizedItemBatch",
    "DetokenizedToken",
    "DocumentField",
    "DocumentInput",
    "EncryptItem",
    "EncryptTo",
    "EncryptedField",
    "EncryptedItem",
    "EncryptedItemBatch",
    "EncryptionKeyView",
    "EncryptionKeyViewList",
    "EventView",
    "EventViewList",
    "ExportContent",
    "ExportTokens",
    "ExportTotal",
    "ExportedPart",
    "ExportedToken",
    "ForwardHeader",
    "ForwardRequest",
    "ForwardedAnswer",
    "GrantView",
    "HsmHealth",
    "HsmStatus",
    "IdentityNumberInput",
    "IdentityNumberView",
    "IdentityView",
    "IdentityViewList",
    "ImportTokens",
    "ImportedLine",
    "ImportedPart",
    "JobId",
    "JobKind",
    "JobState",
    "JobView",
    "JobViewList",
    "Jwk",
    "JwkSet",
    "KeptDigits",
    "KeyId",
    "KeyName",
    "KeyPurpose",
    "KeyState",
    "KeyThumbprint",
    "KeyVersionView",
    "KeyView",
    "KeyViewList",
    "LastFour",
    "LineFormat",
    "LookedUpItem",
    "LookedUpItemBatch",
    "LuhnStyle",
    "MacItem",
    "MadeMac",
    "MadeMacItem",
    "MadeMacItemBatch",
    "MechanismView",
    "Metadata",
    "Problem",
    "ProfileName",
    "ProfileView",
    "ProfileViewList",
    "ProtectedDocument",
    "Protection",
    "PublicKeyView",
    "PublicKeyViewList",
    "PutSecurityCode",
    "ReadDocument",
    "Reason",
    "ReceiverKey",
    "ReencryptItem",
    "ReportAuthorisation",
    "Reuse",
    "Reveal",
    "RevealedBankAccount",
    "RevealedCard",
    "RevealedIdentityNumber",
    "Role",
    "Scope",
    "SearchCard",
    "SearchTokens",
    "SecurityCodeKept",
    "ServiceName",
    "ShownDigits",
    "SignItem",
    "Signed",
    "SignedItem",
    "SignedItemBatch",
    "SpiffeId",
    "StatusView",
    "StoreStatus",
    "StoredAs",
    "StreamStatus",
    "Tag",
    "TagChange",
    "TenantId",
    "Timestamp",
    "Token",
    "TokenFormat",
    "TokenReference",
    "TokenState",
    "TokenView",
    "TokenViewList",
    "TokensByName",
    "UpdateToken",
    "ValueFormat",
    "ValueKind",
    "Verified",
    "VerifiedItem",
    "VerifiedItemBatch",
    "VerifiedMac",
    "VerifiedMacItem",
    "VerifiedMacItemBatch",
    "VerifyItem",
    "VerifyMacItem",
]

Alias = str
"""Another name of a token: the caller's own, or the token that the value had in another vault. Unique in
the tenant."""

AuthorisationResult = Literal["approved", "declined", "abandoned"]
"""How an authorisation ended."""

Bin = str
"""The first six digits of a card number."""

Binary = bytes
"""Bytes in base64: standard alphabet, with padding (RFC 4648, section 4)."""

Brand = str
"""The card scheme, such as visa or mastercard; unknown if no range fits. More may be added."""

CheckDigit = Literal["required", "relaxed"]
"""Whether a card number's check digit must be right."""

Checksum = str
"""A checksum over rows (row_checksum_v1): 64 hexadecimal digits."""

Context = Mapping[str, str]
"""What the ciphertext is bound to, such as record and field. Not stored: decrypting takes the same
again."""

CountryCode = str
"""A country (ISO 3166-1 alpha-2)."""

DetokenizationPurpose = Literal[
    "authorisation",
    "settlement",
    "refund",
    "chargeback",
    "account-update",
    "fraud-review",
    "display",
    "migration",
]
"""What a value is asked for."""

DocumentField = str
"""A JSON Pointer (RFC 6901); a segment that is `*` means every element or member."""

EncryptTo = str
"""Which of the caller's encryption keys: its `kid`, or `newest`."""

HsmHealth = str
"""How an HSM fares. One of "ready", "recovering", "failed"; more may be added."""

JobId = str
"""A job."""

JobKind = str
"""What a job does. One of "token-import", "token-export"; more may be added."""

JobState = str
"""Where a job is in its life. One of "open", "awaiting-approval", "complete", "cancelled", "expired"; more
may be added."""

KeptDigits = Literal["6/4", "4/4", "0/4"]
"""How many first and last digits of the card number a card-shaped token keeps."""

KeyId = str
"""A key's own id."""

KeyName = str
"""A key's name; unique in its tenant."""

KeyPurpose = Literal[
    "field-encryption",
    "deterministic-encryption",
    "format-preserving",
    "mac",
    "sign",
    "client-encryption",
    "tokenization",
]
"""What a key may be used for."""

KeyState = str
"""Where a key version is in its life (NIST SP 800-57). One of "pre-active", "active", "suspended",
"deactivated", "compromised", "destroyed"; more may be added."""

KeyThumbprint = str
"""A public key's name: its thumbprint (RFC 7638)."""

LastFour = str
"""The last four digits of a card number."""

LineFormat = Literal["csv", "ndjson"]
"""How the lines of an import are written."""

LuhnStyle = Literal["invalid", "private-prefix"]
"""How a card-shaped token is kept apart from every card number."""

Metadata = Mapping[str, str]
"""What the caller stores with a token to recognise it by. No place for secrets."""

ProfileName = str
"""A token profile's name; unique in its tenant."""

Protection = Literal["envelope", "hsm"]
"""Where a key's material may be in the clear."""

Reason = str
"""Why, for those who review it later."""

Reuse = Literal["random", "deterministic"]
"""Whether the same value gives the same token."""

Reveal = Literal["masked", "full"]
"""How much of a value: first six and last four digits, or all."""

Role = Literal[
    "tokenizer",
    "detokenizer",
    "encryptor",
    "decryptor",
    "key-admin",
    "key-custodian",
    "certificate-requester",
    "certificate-admin",
    "identity-admin",
    "auditor",
    "operator",
    "gateway",
]
"""What an identity may be appointed to."""

Scope = str
"""Inside which values are recognised as equal: `tenant`, or a name of your own."""

ServiceName = str
"""A service of the tenant, as named in its certificate."""

ShownDigits = Literal["6/4", "0/4", "none"]
"""How many first and last digits of a card number stand readable beside a token. With none, the card scheme
does not either."""

SpiffeId = str
"""The name in a service's certificate."""

Tag = str
"""A label by which tokens are grouped."""

TenantId = str
"""A tenant."""

Timestamp = str
"""A time, RFC 3339, UTC."""

Token = str
"""A token, opaque or card-shaped."""

TokenFormat = Literal["opaque", "card"]
"""The outward shape of a token."""

TokenReference = str
"""What a token is named by: the token itself, or `alias:` and one of its aliases."""

TokenState = str
"""Where a token is in its life. One of "active", "used", "deleted"; more may be added."""

TokensByName = Mapping[str, str]
"""Tokens by the names that placeholders call them."""

ValueKind = Literal["card", "bank-account", "identity-number", "text"]
"""What kind of value a token stands for. The field of the same name holds it."""



@dataclass(frozen=True)
class AliasChange(Request):
    """What becomes of a token's aliases. Those that are not named stay, so that the changes of two callers
    both hold."""

    add: Optional[Sequence[Alias]] = None
    """It has these from now on."""
    remove: Optional[Sequence[Alias]] = None
    """It no longer has these."""


@dataclass(frozen=True)
class AuditStatus:
    """The record, as a node writes it."""

    ready: bool
    """Whether events can be written. If not, nothing is done and nothing is shown."""
    streams: Tuple[StreamStatus, ...]
    """The streams that the node writes, one for each of its commit lanes."""
    verifier_key: str
    """The key that checkpoints are verified with, as a C2SP verifier key. Compare it with the one from the
    ceremony."""

    @classmethod
    def from_json(cls, value: Json) -> AuditStatus:
        return cls(
            ready=required(value, "ready", boolean),
            streams=required(value, "streams", each(StreamStatus.from_json)),
            verifier_key=required(value, "verifier_key", text),
        )


@dataclass(frozen=True)
class BankAccountInput(Request):
    """A bank account."""

    iban: Union[str, SecretText] = field(repr=False)
    """The IBAN (ISO 13616): letters and digits, with spaces between them as people write it."""
    holder: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """Whose it is."""


@dataclass(frozen=True)
class BankAccountView:
    """What may be shown of a bank account."""

    country: CountryCode
    """Where it is."""
    last4: str
    """The last four characters of its IBAN."""

    @classmethod
    def from_json(cls, value: Json) -> BankAccountView:
        return cls(
            country=required(value, "country", text),
            last4=required(value, "last4", text),
        )


@dataclass(frozen=True)
class CardInput(Request):
    """A card. Its security code stands beside it, not in it: it is never kept with the card."""

    number: Union[str, SecretText] = field(repr=False)
    """The card number: 12 to 19 digits, with spaces and dashes between them as people write it."""
    exp_month: Optional[int] = None
    """The month it expires, with `exp_year`."""
    exp_year: Optional[int] = None
    """The year it expires, with `exp_month`."""
    holder: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """The name on the card."""


@dataclass(frozen=True)
class CardView:
    """What may be shown of a card (PCI DSS 3.4.1), as far as the token's profile shows it."""

    brand: Optional[Brand] = None
    """The card scheme."""
    bin: Optional[Bin] = None
    """First six digits."""
    last4: Optional[LastFour] = None
    """Last four digits."""
    exp_month: Optional[int] = None
    """The month it expires."""
    exp_year: Optional[int] = None
    """The year it expires."""

    @classmethod
    def from_json(cls, value: Json) -> CardView:
        return cls(
            brand=optional(value, "brand", text),
            bin=optional(value, "bin", text),
            last4=optional(value, "last4", text),
            exp_month=optional(value, "exp_month", integer),
            exp_year=optional(value, "exp_year", integer),
        )


@dataclass(frozen=True)
class CheckpointView:
    """A signed statement of where an audit stream stood. Remember one outside the vault: a record cut short
    or rewritten is found by it."""

    stream: str
    """The stream."""
    size: int
    """How many events it covers."""
    note: str
    """The signed note (C2SP)."""
    created_at: Timestamp
    """When."""

    @classmethod
    def from_json(cls, value: Json) -> CheckpointView:
        return cls(
            stream=required(value, "stream", text),
            size=required(value, "size", integer),
            note=required(value, "note", text),
            created_at=required(value, "created_at", text),
        )


@dataclass(frozen=True)
class CheckpointsView:
    """The newest checkpoint of every audit stream of the cluster."""

    checkpoints: Tuple[CheckpointView, ...]
    """One for each stream that has been signed. Remember all of them: a stream that is not remembered can
    be left out unseen."""

    @classmethod
    def from_json(cls, value: Json) -> CheckpointsView:
        return cls(
            checkpoints=required(value, "checkpoints", each(CheckpointView.from_json)),
        )


@dataclass(frozen=True)
class CompleteJob(Request):
    """What the caller has of a job; it ends if the vault has the same."""

    rows: int
    """How many rows: of an import, lines that are not empty, refused ones among them; of an export,
    tokens."""
    checksum: Optional[Checksum] = None
    """The checksum over them (`row_checksum_v1`); an import does not end without it."""


@dataclass(frozen=True)
class CorrelationView:
    """The arithmetic of a truncated card number beside a token (PCI DSS 3.5.1). Where equal values show,
    the fewer card numbers are left, the closer the two together come to the number itself."""

    equal_values_show: bool
    """Whether equal values show as equal: they have the same token."""
    first_digits: int
    """First digits that may be read beside or in a token."""
    last_digits: int
    """Last digits, likewise."""
    brand: bool
    """Whether the card scheme may be read."""
    shortest_card: int
    """The fewest digits of a card number that the profile takes."""
    card_numbers_left: int
    """How many card numbers with a right check digit such a token may stand for at the least."""

    @classmethod
    def from_json(cls, value: Json) -> CorrelationView:
        return cls(
            equal_values_show=required(value, "equal_values_show", boolean),
            first_digits=required(value, "first_digits", integer),
            last_digits=required(value, "last_digits", integer),
            brand=required(value, "brand", boolean),
            shortest_card=required(value, "shortest_card", integer),
            card_numbers_left=required(value, "card_numbers_left", integer),
        )


@dataclass(frozen=True)
class CreateDataKey(Request):
    """A data key to be made."""

    length: Optional[int] = None
    """How long, in bytes: 16, 32 or 64; 32 if absent."""
    context: Optional[Context] = None
    """The place its ciphertext belongs to."""


@dataclass(frozen=True)
class CreateEncryptionKey(Request):
    """A public key to be registered for an identity. Those registered before stay in force beside it, for a
    rotation."""

    jwk: Json
    """The public key, a JWK (RFC 7517): `kty` `EC`, `crv` `P-256`, `x` and `y`, and at most `use` `enc`,
    `alg` `ECDH-ES` and `kid`, which must be the key's thumbprint (RFC 7638). A key with its private part
    `d` is refused."""
    reason: Reason
    """Why."""
    expires_at: Optional[Timestamp] = None
    """From when on nothing is encrypted to it."""


@dataclass(frozen=True)
class CreateGrant(Request):
    """An appointment to be made. Data roles and administration roles exclude each other, and nobody
    appoints itself."""

    role: Role
    """The role."""
    reason: Reason
    """Why."""
    encrypted_only: Optional[bool] = None
    """Whether values leave by this appointment encrypted to one of the identity's keys, and not otherwise.
    For the role `detokenizer`."""
    expires_at: Optional[Timestamp] = None
    """From when on it no longer holds."""


@dataclass(frozen=True)
class CreateIdentity(Request):
    """An identity to be made known."""

    service: ServiceName
    """The service, as named in its certificate."""
    reason: Reason
    """Why."""
    expires_at: Optional[Timestamp] = None
    """From when on it is as good as gone."""


@dataclass(frozen=True)
class CreateKey(Request):
    """A key to be made."""

    name: KeyName
    """Its name, unique in the tenant."""
    purpose: KeyPurpose
    """What it may be used for."""
    protection: Optional[Protection] = None
    """Where its material may be in the clear; `envelope` if absent."""
    value_format: Optional[ValueFormat] = None
    """What its values look like: for the purpose `format-preserving`, and for no other."""
    rotation_days: Optional[int] = None
    """Days after which a new version is due; 365 if absent."""


@dataclass(frozen=True)
class CreateProfile(Request):
    """A token profile to be made. What is absent is as in the profile every tenant begins with: opaque,
    random, reversible, without end."""

    name: ProfileName
    """Its name, unique in the tenant."""
    format: Optional[TokenFormat] = None
    """The outward shape; `opaque` if absent."""
    keep: Optional[KeptDigits] = None
    """For the card format: the digits that stay; `6/4` if absent."""
    luhn: Optional[LuhnStyle] = None
    """For the card format: how tokens differ from card numbers; `invalid` if absent."""
    show: Optional[ShownDigits] = None
    """The digits of a card number that stand readable beside a token; `6/4` if absent."""
    min_card_digits: Optional[int] = None
    """The fewest digits of a card number that it takes. If absent: 12, and for a deterministic profile the
    fewest with which 10,000 card numbers or more are left to whoever reads what stands beside a token."""
    reuse: Optional[Reuse] = None
    """Whether equal values share a token; `random` if absent."""
    scope: Optional[Scope] = None
    """Inside which values are recognised as equal; `tenant` if absent."""
    ttl_seconds: Optional[int] = None
    """How long tokens live; without end if absent."""
    single_use: Optional[bool] = None
    """Whether revealing the full value uses a token up; no if absent."""
    reversible: Optional[bool] = None
    """Whether the value can come back at all; yes if absent. If not, it is not stored."""
    card_check_digit: Optional[CheckDigit] = None
    """Whether the card number's check digit must be right; `required` if absent."""


@dataclass(frozen=True)
class CreateToken(Request):
    """A value to be turned into a token."""

    type: ValueKind
    """What kind of value it is."""
    card: Optional[CardInput] = None
    """The card, if that is the type."""
    encrypted_card: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """A card that a client encrypted for the vault, in place of `card`: a JWE (RFC 7516, ECDH-ES and
    A256GCM) to one of the tenant's keys for client encryption."""
    bank_account: Optional[BankAccountInput] = None
    """The bank account, if that is the type."""
    identity_number: Optional[IdentityNumberInput] = None
    """The identity number, if that is the type."""
    text: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """The text, if that is the type: 1 to 4096 bytes."""
    profile: Optional[ProfileName] = None
    """The token profile; `default` if absent."""
    ttl_seconds: Optional[int] = None
    """How long the token lives. May be shorter than the profile says, not longer."""
    single_use: Optional[bool] = None
    """Whether revealing the full value uses the token up; as the profile says if absent."""
    max_uses: Optional[int] = None
    """How often the full value may be revealed; as the profile says if absent."""
    security_code: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """The card's security code, to be kept beside the token until the payment is authorised: three digits,
    four on American Express cards. With `encrypted_card` it may be encrypted too."""
    security_code_ttl_seconds: Optional[int] = None
    """After how many seconds the security code is gone in any case; 900 if absent."""
    metadata: Optional[Metadata] = None
    """What the caller wants to find with the token again."""
    aliases: Optional[Sequence[Alias]] = None
    """Other names for it: the caller's own, or the token that the value had in another vault. Where a token
    may stand, an alias may, behind `alias:`."""
    tags: Optional[Sequence[Tag]] = None
    """Labels to find it by, with others."""


@dataclass(frozen=True)
class CreateTokens(Request):
    """Values to be turned into tokens, each on its own: what fails for one is done for the others. A body
    that does not have this shape is refused as a whole; a value that a rule refuses, alone."""

    items: Sequence[CreateToken]
    """1 to 1,000 of them."""


@dataclass(frozen=True)
class CreatedToken:
    """What became of one item."""

    status: int
    """201, 200 if a deterministic profile found its token, or the status of the problem."""
    token: Optional[TokenView] = None
    """The token, if it was made or found."""
    error: Optional[Problem] = None
    """What was wrong, if it was not."""

    @classmethod
    def from_json(cls, value: Json) -> CreatedToken:
        return cls(
            status=required(value, "status", integer),
            token=optional(value, "token", TokenView.from_json),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class CreatedTokenBatch:
    """The answers, in the order of the items."""

    items: Tuple[CreatedToken, ...]

    @classmethod
    def from_json(cls, value: Json) -> CreatedTokenBatch:
        return cls(
            items=required(value, "items", each(CreatedToken.from_json)),
        )


@dataclass(frozen=True)
class DataKeyView:
    """A key for use outside the vault, which keeps no copy."""

    plaintext: SecretBytes
    """The key. Use it and forget it."""
    ciphertext: bytes
    """What to store: decrypting it gives the key again."""
    key_version: int
    """The version of the key that protects it."""

    @classmethod
    def from_json(cls, value: Json) -> DataKeyView:
        return cls(
            plaintext=required(value, "plaintext", secret_bytes),
            ciphertext=required(value, "ciphertext", data),
            key_version=required(value, "key_version", integer),
        )


@dataclass(frozen=True)
class DecryptItem(Request):
    """A protected field to be read."""

    ciphertext: bytes
    """What was stored in place of the value."""
    key_version: Optional[int] = None
    """The version of the key that protected it: needed with a key for format-preserving encryption, whose
    ciphertexts do not say it."""
    context: Optional[Context] = None
    """The place it belongs to, as it was when the field was protected."""


@dataclass(frozen=True)
class DecryptedField:
    """A field that was read."""

    plaintext: SecretBytes
    """The field's value."""
    key_version: int
    """The version of the key that protected it."""

    @classmethod
    def from_json(cls, value: Json) -> DecryptedField:
        return cls(
            plaintext=required(value, "plaintext", secret_bytes),
            key_version=required(value, "key_version", integer),
        )


@dataclass(frozen=True)
class DecryptedItem:
    """What became of one item."""

    status: int
    """200, or the status of the problem."""
    plaintext: Optional[SecretBytes] = None
    """The field's value."""
    key_version: Optional[int] = None
    """The version of the key that protected it."""
    error: Optional[Problem] = None
    """What was wrong, if the value is not here."""

    @classmethod
    def from_json(cls, value: Json) -> DecryptedItem:
        return cls(
            status=required(value, "status", integer),
            plaintext=optional(value, "plaintext", secret_bytes),
            key_version=optional(value, "key_version", integer),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class DecryptedItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[DecryptedItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> DecryptedItemBatch:
        return cls(
            items=required(value, "items", each(DecryptedItem.from_json)),
        )


@dataclass(frozen=True)
class DetokenizeToken(Request):
    """Asks for the value of a token."""

    purpose: DetokenizationPurpose
    """What for; goes into the record."""
    reveal: Reveal
    """How much of it."""
    encrypt_to: Optional[EncryptTo] = None
    """To which of the caller's encryption keys, if the value is to leave encrypted; with `reveal`
    `full`."""


@dataclass(frozen=True)
class DetokenizeTokens(Request):
    """Asks for the values of many tokens, each on its own."""

    purpose: DetokenizationPurpose
    """What for; goes into the record."""
    reveal: Reveal
    """How much of them."""
    items: Sequence[TokenReference]
    """1 to 1,000 tokens, each as itself or as `alias:` and one of its aliases."""
    encrypt_to: Optional[EncryptTo] = None
    """To which of the caller's encryption keys, if the values are to leave encrypted; with `reveal`
    `full`."""


@dataclass(frozen=True)
class DetokenizedItem:
    """What became of one item."""

    status: int
    """200, or the status of the problem."""
    token: Optional[Token] = None
    """The token, if its value is here."""
    type: Optional[str] = None
    """What kind of value it stands for."""
    card: Optional[RevealedCard] = None
    """The card, if it stands for one."""
    bank_account: Optional[RevealedBankAccount] = None
    """The bank account, if it stands for one."""
    identity_number: Optional[RevealedIdentityNumber] = None
    """The identity number, if it stands for one."""
    text: Optional[SecretText] = None
    """The text, if it stands for one."""
    encrypted_value: Optional[str] = None
    """In place of the value: a JWE (RFC 7516, ECDH-ES and A256GCM) to the caller's key, whose plaintext is
    the token, the type and the value as they would stand here in clear."""
    error: Optional[Problem] = None
    """What was wrong, if the value is not here."""

    @classmethod
    def from_json(cls, value: Json) -> DetokenizedItem:
        return cls(
            status=required(value, "status", integer),
            token=optional(value, "token", text),
            type=optional(value, "type", text),
            card=optional(value, "card", RevealedCard.from_json),
            bank_account=optional(value, "bank_account", RevealedBankAccount.from_json),
            identity_number=optional(value, "identity_number", RevealedIdentityNumber.from_json),
            text=optional(value, "text", secret_text),
            encrypted_value=optional(value, "encrypted_value", text),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class DetokenizedItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[DetokenizedItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> DetokenizedItemBatch:
        return cls(
            items=required(value, "items", each(DetokenizedItem.from_json)),
        )


@dataclass(frozen=True)
class DetokenizedToken:
    """The value of a token."""

    token: Token
    """The token."""
    type: str
    """What kind of value it stands for."""
    card: Optional[RevealedCard] = None
    """The card, if it stands for one."""
    bank_account: Optional[RevealedBankAccount] = None
    """The bank account, if it stands for one."""
    identity_number: Optional[RevealedIdentityNumber] = None
    """The identity number, if it stands for one."""
    text: Optional[SecretText] = None
    """The text, if it stands for one."""
    encrypted_value: Optional[str] = None
    """In place of the value: a JWE (RFC 7516, ECDH-ES and A256GCM) to the caller's key, whose plaintext is
    this very answer with the value in clear."""

    @classmethod
    def from_json(cls, value: Json) -> DetokenizedToken:
        return cls(
            token=required(value, "token", text),
            type=required(value, "type", text),
            card=optional(value, "card", RevealedCard.from_json),
            bank_account=optional(value, "bank_account", RevealedBankAccount.from_json),
            identity_number=optional(value, "identity_number", RevealedIdentityNumber.from_json),
            text=optional(value, "text", secret_text),
            encrypted_value=optional(value, "encrypted_value", text),
        )


@dataclass(frozen=True)
class DocumentInput(Request):
    """A document, and which of its fields to protect, to read or to protect anew: all of them or none."""

    key: KeyName
    """The key, for field encryption or deterministic encryption."""
    fields: Sequence[DocumentField]
    """The fields, as JSON Pointers; a segment that is `*` means every element or member."""
    document: Json
    """The document."""
    context: Optional[Context] = None
    """What the fields are bound to, beside their places in the document."""


@dataclass(frozen=True)
class EncryptItem(Request):
    """A field to be protected."""

    plaintext: Union[bytes, SecretBytes] = field(repr=False)
    """The field's value."""
    context: Optional[Context] = None
    """The place it belongs to."""


@dataclass(frozen=True)
class EncryptedField:
    """A protected field."""

    ciphertext: bytes
    """What to store in place of the value."""
    key_version: int
    """The version of the key that protects it."""

    @classmethod
    def from_json(cls, value: Json) -> EncryptedField:
        return cls(
            ciphertext=required(value, "ciphertext", data),
            key_version=required(value, "key_version", integer),
        )


@dataclass(frozen=True)
class EncryptedItem:
    """What became of one item of encrypting or re-encrypting."""

    status: int
    """200, or the status of the problem."""
    ciphertext: Optional[bytes] = None
    """What to store in place of the value."""
    key_version: Optional[int] = None
    """The version of the key that protects it."""
    error: Optional[Problem] = None
    """What was wrong, if it is not protected."""

    @classmethod
    def from_json(cls, value: Json) -> EncryptedItem:
        return cls(
            status=required(value, "status", integer),
            ciphertext=optional(value, "ciphertext", data),
            key_version=optional(value, "key_version", integer),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class EncryptedItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[EncryptedItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> EncryptedItemBatch:
        return cls(
            items=required(value, "items", each(EncryptedItem.from_json)),
        )


@dataclass(frozen=True)
class EncryptionKeyView:
    """A public key of an identity."""

    kid: KeyThumbprint
    """Its name: what `encrypt_to` is given, and what stands in the header of what is encrypted to it."""
    jwk: Jwk
    """The key itself."""
    reason: str
    """Why it was registered."""
    created_at: Timestamp
    """When."""
    created_by: str
    """By whom."""
    expires_at: Optional[Timestamp] = None
    """From when on nothing is encrypted to it."""
    revoked_at: Optional[Timestamp] = None
    """When it was taken back."""
    revoked_by: Optional[str] = None
    """By whom."""

    @classmethod
    def from_json(cls, value: Json) -> EncryptionKeyView:
        return cls(
            kid=required(value, "kid", text),
            jwk=required(value, "jwk", Jwk.from_json),
            reason=required(value, "reason", text),
            created_at=required(value, "created_at", text),
            created_by=required(value, "created_by", text),
            expires_at=optional(value, "expires_at", text),
            revoked_at=optional(value, "revoked_at", text),
            revoked_by=optional(value, "revoked_by", text),
        )


@dataclass(frozen=True)
class EncryptionKeyViewList:
    """One page."""

    items: Tuple[EncryptionKeyView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> EncryptionKeyViewList:
        return cls(
            items=required(value, "items", each(EncryptionKeyView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class EventView:
    """An audit event. Names and ids only: there is no free-form part for a value to leak into."""

    stream: str
    """The stream it stands in."""
    sequence: int
    """Its place in the stream, from 0, without gap."""
    time: Timestamp
    """When it happened, by the clock of the node."""
    tenant: TenantId
    """Whose event it is."""
    actor: str
    """Who acted: a SPIFFE id, or `node:<name>` for the vault itself."""
    action: str
    """What was done, such as `token.detokenize`."""
    outcome: str
    """How it ended: `success` or the code of the refusal. An act that cannot be undone has two events:
    before it `intended`, and after it what came of it."""
    request_id: str
    """The request, as named in answers and logs."""
    count: int
    """How many things it was done to."""
    certificate: Optional[str] = None
    """The serial number of the actor's certificate, hexadecimal."""
    object: Optional[str] = None
    """To what."""
    alias: Optional[str] = None
    """The alias by which it was named, if it was named by one."""
    purpose: Optional[str] = None
    """What the actor said it was for."""
    reveal: Optional[str] = None
    """How much of a value was asked for."""
    destination: Optional[str] = None
    """Where a value was sent, by the name of that destination."""
    profile: Optional[str] = None
    """The token profile."""
    key: Optional[str] = None
    """The key that was used."""
    key_version: Optional[int] = None
    """Which version of it."""
    trace_id: Optional[str] = None
    """The W3C trace it belongs to."""
    origin: Optional[str] = None
    """Where the request came from, address and port."""
    row_version: Optional[int] = None
    """The version of the object's row afterwards."""
    registry_epoch: Optional[int] = None
    """The epoch of the key registry at the event."""

    @classmethod
    def from_json(cls, value: Json) -> EventView:
        return cls(
            stream=required(value, "stream", text),
            sequence=required(value, "sequence", integer),
            time=required(value, "time", text),
            tenant=required(value, "tenant", text),
            actor=required(value, "actor", text),
            certificate=optional(value, "certificate", text),
            action=required(value, "action", text),
            object=optional(value, "object", text),
            alias=optional(value, "alias", text),
            outcome=required(value, "outcome", text),
            purpose=optional(value, "purpose", text),
            reveal=optional(value, "reveal", text),
            destination=optional(value, "destination", text),
            profile=optional(value, "profile", text),
            key=optional(value, "key", text),
            key_version=optional(value, "key_version", integer),
            request_id=required(value, "request_id", text),
            trace_id=optional(value, "trace_id", text),
            origin=optional(value, "origin", text),
            count=required(value, "count", integer),
            row_version=optional(value, "row_version", integer),
            registry_epoch=optional(value, "registry_epoch", integer),
        )


@dataclass(frozen=True)
class EventViewList:
    """One page."""

    items: Tuple[EventView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> EventViewList:
        return cls(
            items=required(value, "items", each(EventView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class ExportContent:
    """What the receiver finds in a part."""

    job: JobId
    """The job."""
    part: int
    """The part."""
    checksum_key: SecretBytes
    """The key of the checksum, the same in every part."""
    tokens: Tuple[ExportedToken, ...]
    """The tokens."""
    total: Optional[ExportTotal] = None
    """In the last part: what the whole must come to."""


@dataclass(frozen=True)
class ExportTokens(Request):
    """Begins an export. Its parts are given out once somebody else has agreed to this job and this
    receiver."""

    receiver_key: ReceiverKey
    """The receiver's public key. Nobody but the holder of its private part reads what is exported."""
    purpose: DetokenizationPurpose
    """What for; goes into the record."""
    profile: Optional[ProfileName] = None
    """Tokens of this profile only."""
    created_from: Optional[Timestamp] = None
    """Tokens made from then on only."""
    created_to: Optional[Timestamp] = None
    """Tokens made before then only; in any case those made before the job."""


@dataclass(frozen=True)
class ExportTotal:
    """What an export comes to."""

    rows: int
    """How many tokens."""
    checksum: Checksum
    """The checksum over them (`row_checksum_v1`)."""


@dataclass(frozen=True)
class ExportedPart:
    """A part of an export. The same part again is the same to the byte, for as long as it is among the
    newest."""

    job: JobId
    """The job."""
    part: int
    """The part."""
    rows: int
    """How many tokens are in it."""
    last: bool
    """Whether it is the last one."""
    jwe: str
    """An `ExportContent` for the receiver: JWE (RFC 7516, ECDH-ES and A256GCM, compact)."""

    @classmethod
    def from_json(cls, value: Json) -> ExportedPart:
        return cls(
            job=required(value, "job", text),
            part=required(value, "part", integer),
            rows=required(value, "rows", integer),
            last=required(value, "last", boolean),
            jwe=required(value, "jwe", text),
        )


@dataclass(frozen=True)
class ExportedToken:
    """A token and what it stands for."""

    row: int
    """Its place in the export, from 1."""
    token: Token
    """The token."""
    type: str
    """What kind of value it stands for."""
    profile: ProfileName
    """The profile it was made by."""
    created_at: Timestamp
    """When it was made."""
    card: Optional[RevealedCard] = None
    """The card, if it stands for one."""
    bank_account: Optional[RevealedBankAccount] = None
    """The bank account, if it stands for one."""
    identity_number: Optional[RevealedIdentityNumber] = None
    """The identity number, if it stands for one."""
    text: Optional[SecretText] = None
    """The text, if it stands for one."""
    expires_at: Optional[Timestamp] = None
    """From when on it is as good as gone."""
    metadata: Optional[Metadata] = None
    """What was stored with it."""


@dataclass(frozen=True)
class ForwardHeader(Request):
    """A header."""

    name: str
    """Its name."""
    value: Union[str, SecretText] = field(repr=False)
    """Its value."""

    @classmethod
    def from_json(cls, value: Json) -> ForwardHeader:
        return cls(
            name=required(value, "name", text),
            value=required(value, "value", secret_text),
        )


@dataclass(frozen=True)
class ForwardRequest(Request):
    """Asks for a request to be made, with values of tokens put in where placeholders such as
    `{{card.number}}` stand."""

    destination: str
    """The destination, by the name that the operator listed it under."""
    method: str
    """The HTTP method."""
    path: str
    """The path, with its query if there is one."""
    tokens: TokensByName
    """The tokens, by the names that placeholders call them: 1 to 16."""
    purpose: DetokenizationPurpose
    """What for; goes into the record."""
    headers: Optional[Sequence[ForwardHeader]] = None
    """Headers that the destination lists, at most 32. Values may hold placeholders."""
    content_type: Optional[str] = None
    """The body's media type, if there is a body."""
    body: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """The body, which may hold placeholders."""
    timeout_ms: Optional[int] = None
    """How many milliseconds it may take, if fewer than the destination may."""


@dataclass(frozen=True)
class ForwardedAnswer:
    """What the destination answered. It was searched for card numbers; those that were found are replaced
    by tokens."""

    status: int
    """The HTTP status of the destination."""
    headers: Tuple[ForwardHeader, ...]
    """Its headers, without those of the connection."""
    retokenized: Tuple[Token, ...]
    """The tokens that stand in it in place of card numbers."""
    body: Optional[SecretText] = None
    """The body, if it is UTF-8."""
    body_base64: Optional[SecretBytes] = None
    """The body in base64, if it is not UTF-8."""

    @classmethod
    def from_json(cls, value: Json) -> ForwardedAnswer:
        return cls(
            status=required(value, "status", integer),
            headers=required(value, "headers", each(ForwardHeader.from_json)),
            body=optional(value, "body", secret_text),
            body_base64=optional(value, "body_base64", secret_bytes),
            retokenized=required(value, "retokenized", each(text)),
        )


@dataclass(frozen=True)
class GrantView:
    """An appointment to a role."""

    id: str
    """Its id: `grt_` and 16 hexadecimal digits."""
    role: str
    """The role."""
    reason: str
    """Why it was given."""
    granted_at: Timestamp
    """When."""
    granted_by: str
    """By whom."""
    encrypted_only: Optional[bool] = None
    """Whether values leave by it encrypted to one of the identity's keys, and not otherwise."""
    expires_at: Optional[Timestamp] = None
    """From when on it no longer holds."""
    revoked_at: Optional[Timestamp] = None
    """When it was taken back."""
    revoked_by: Optional[str] = None
    """By whom."""
    last_used_at: Optional[Timestamp] = None
    """When it last decided a request."""

    @classmethod
    def from_json(cls, value: Json) -> GrantView:
        return cls(
            id=required(value, "id", text),
            role=required(value, "role", text),
            encrypted_only=optional(value, "encrypted_only", boolean),
            reason=required(value, "reason", text),
            granted_at=required(value, "granted_at", text),
            granted_by=required(value, "granted_by", text),
            expires_at=optional(value, "expires_at", text),
            revoked_at=optional(value, "revoked_at", text),
            revoked_by=optional(value, "revoked_by", text),
            last_used_at=optional(value, "last_used_at", text),
        )


@dataclass(frozen=True)
class HsmStatus:
    """The HSM of a node."""

    health: str
    """How it fares."""
    library: str
    """Library description and version."""
    token_label: str
    """Token label."""
    token_serial: str
    """Token serial number."""
    token_model: str
    """Token model."""
    mechanisms: Tuple[MechanismView, ...]
    """What was proven to work."""

    @classmethod
    def from_json(cls, value: Json) -> HsmStatus:
        return cls(
            health=required(value, "health", text),
            library=required(value, "library", text),
            token_label=required(value, "token_label", text),
            token_serial=required(value, "token_serial", text),
            token_model=required(value, "token_model", text),
            mechanisms=required(value, "mechanisms", each(MechanismView.from_json)),
        )


@dataclass(frozen=True)
class IdentityNumberInput(Request):
    """A number that a state knows a person by."""

    number: Union[str, SecretText] = field(repr=False)
    """The number: 4 to 32 letters and digits, with spaces, dashes, dots and slashes between them."""
    country: Optional[CountryCode] = None
    """Whose number it is. Where the country's numbers have a check digit that the vault knows (CN), it must
    be right."""


@dataclass(frozen=True)
class IdentityNumberView:
    """What may be shown of an identity number."""

    country: Optional[CountryCode] = None
    """Whose number it is, if that was given."""

    @classmethod
    def from_json(cls, value: Json) -> IdentityNumberView:
        return cls(
            country=optional(value, "country", text),
        )


@dataclass(frozen=True)
class IdentityView:
    """An identity with its grants."""

    service: ServiceName
    """The service."""
    spiffe_id: SpiffeId
    """The name in its certificate."""
    reason: str
    """Why it is known."""
    created_at: Timestamp
    """When it became known."""
    created_by: str
    """By whom."""
    grants: Tuple[GrantView, ...]
    """Its appointments, also those that ended."""
    expires_at: Optional[Timestamp] = None
    """From when on it is as good as gone."""
    disabled_at: Optional[Timestamp] = None
    """When it was put out of use."""
    last_used_at: Optional[Timestamp] = None
    """When it last made a request."""

    @classmethod
    def from_json(cls, value: Json) -> IdentityView:
        return cls(
            service=required(value, "service", text),
            spiffe_id=required(value, "spiffe_id", text),
            reason=required(value, "reason", text),
            created_at=required(value, "created_at", text),
            created_by=required(value, "created_by", text),
            expires_at=optional(value, "expires_at", text),
            disabled_at=optional(value, "disabled_at", text),
            last_used_at=optional(value, "last_used_at", text),
            grants=required(value, "grants", each(GrantView.from_json)),
        )


@dataclass(frozen=True)
class IdentityViewList:
    """One page."""

    items: Tuple[IdentityView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> IdentityViewList:
        return cls(
            items=required(value, "items", each(IdentityView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class ImportTokens(Request):
    """Begins an import. The lines follow in parts."""

    format: LineFormat
    """How the lines are written."""
    columns: Optional[Sequence[str]] = None
    """The columns of CSV in the order of the file: `number`, `exp_month`, `exp_year`, `holder`,
    `metadata.<name>`; only `number` must be among them. Not for other formats."""
    profile: Optional[ProfileName] = None
    """The token profile; `default` if absent."""
    ttl_seconds: Optional[int] = None
    """How long the tokens live. May be shorter than the profile says, not longer."""
    single_use: Optional[bool] = None
    """Whether revealing the full value uses a token up; as the profile says if absent."""


@dataclass(frozen=True)
class ImportedLine:
    """What became of a line."""

    line: int
    """Its number in the file, from 1."""
    status: int
    """201, 200 if a deterministic profile found its token, or the status of the problem."""
    token: Optional[Token] = None
    """The token, if it was made or found."""
    bin: Optional[Bin] = None
    """First six digits."""
    last4: Optional[LastFour] = None
    """Last four digits."""
    error: Optional[Problem] = None
    """What was wrong, if it was not."""

    @classmethod
    def from_json(cls, value: Json) -> ImportedLine:
        return cls(
            line=required(value, "line", integer),
            status=required(value, "status", integer),
            token=optional(value, "token", text),
            bin=optional(value, "bin", text),
            last4=optional(value, "last4", text),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class ImportedPart:
    """What became of a part. The same part again is answered the same."""

    job: JobId
    """The job."""
    part: int
    """The part."""
    lines: Tuple[ImportedLine, ...]
    """The lines that are not empty, in their order."""

    @classmethod
    def from_json(cls, value: Json) -> ImportedPart:
        return cls(
            job=required(value, "job", text),
            part=required(value, "part", integer),
            lines=required(value, "lines", each(ImportedLine.from_json)),
        )


@dataclass(frozen=True)
class JobView:
    """A job and how far it is."""

    job: JobId
    """The job."""
    type: str
    """What it does."""
    state: str
    """Where it is in its life."""
    next_part: int
    """The part it goes on with."""
    rows: int
    """Rows done: of an import, lines that are not empty; of an export, tokens whose values have left."""
    created_at: Timestamp
    """When it began."""
    updated_at: Timestamp
    """When the last part was done."""
    created: Optional[int] = None
    """Of an import: rows with a new token."""
    existing: Optional[int] = None
    """Of an import: rows with a token that was there before."""
    failed: Optional[int] = None
    """Of an import: rows that were refused."""
    passed_over: Optional[int] = None
    """Of an export: tokens that were asked for and have no value to give: one-way, ended, or of limited
    use."""
    lines: Optional[int] = None
    """Of an import: lines of the file that are done, empty ones and the header of CSV among them."""
    checksum_key: Optional[SecretBytes] = None
    """Of an import: the key of the checksum, for the caller's side of it."""
    checksum: Optional[Checksum] = None
    """Of an import: the checksum over the rows so far."""
    receiver: Optional[str] = None
    """Of an export: RFC 7638 thumbprint of the receiver's key, which the approval names beside the job."""
    purpose: Optional[str] = None
    """Of an export: what for."""
    finished_at: Optional[Timestamp] = None
    """When it ended."""

    @classmethod
    def from_json(cls, value: Json) -> JobView:
        return cls(
            job=required(value, "job", text),
            type=required(value, "type", text),
            state=required(value, "state", text),
            next_part=required(value, "next_part", integer),
            rows=required(value, "rows", integer),
            created=optional(value, "created", integer),
            existing=optional(value, "existing", integer),
            failed=optional(value, "failed", integer),
            passed_over=optional(value, "passed_over", integer),
            lines=optional(value, "lines", integer),
            checksum_key=optional(value, "checksum_key", secret_bytes),
            checksum=optional(value, "checksum", text),
            receiver=optional(value, "receiver", text),
            purpose=optional(value, "purpose", text),
            created_at=required(value, "created_at", text),
            updated_at=required(value, "updated_at", text),
            finished_at=optional(value, "finished_at", text),
        )


@dataclass(frozen=True)
class JobViewList:
    """One page."""

    items: Tuple[JobView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> JobViewList:
        return cls(
            items=required(value, "items", each(JobView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class Jwk:
    """A public key on P-256 for ECDH-ES and A256GCM (RFC 7518)."""

    kty: str
    """`EC`."""
    crv: str
    """`P-256`."""
    x: str
    """The point's x, base64url."""
    y: str
    """The point's y, base64url."""
    use: str
    """`enc`."""
    alg: str
    """`ECDH-ES`."""
    kid: str
    """Its name, which goes into the header of what is encrypted to it."""

    @classmethod
    def from_json(cls, value: Json) -> Jwk:
        return cls(
            kty=required(value, "kty", text),
            crv=required(value, "crv", text),
            x=required(value, "x", text),
            y=required(value, "y", text),
            use=required(value, "use", text),
            alg=required(value, "alg", text),
            kid=required(value, "kid", text),
        )


@dataclass(frozen=True)
class JwkSet:
    """Public keys that clients encrypt to, as a JWK Set (RFC 7517). Publish it as it is."""

    keys: Tuple[Jwk, ...]
    """The keys, newest first; encrypt to the first."""

    @classmethod
    def from_json(cls, value: Json) -> JwkSet:
        return cls(
            keys=required(value, "keys", each(Jwk.from_json)),
        )


@dataclass(frozen=True)
class KeyVersionView:
    """One version of a key."""

    version: int
    """Its number, from 1."""
    state: str
    """Where it is in its life."""
    created_at: Timestamp
    """When it was made."""
    state_changed_at: Timestamp
    """When its state last changed."""

    @classmethod
    def from_json(cls, value: Json) -> KeyVersionView:
        return cls(
            version=required(value, "version", integer),
            state=required(value, "state", text),
            created_at=required(value, "created_at", text),
            state_changed_at=required(value, "state_changed_at", text),
        )


@dataclass(frozen=True)
class KeyView:
    """A key, without its material."""

    id: KeyId
    """Its id, as in ciphertexts."""
    name: KeyName
    """Its name, as in addresses."""
    purpose: str
    """What it may be used for."""
    protection: str
    """Where its material may be in the clear."""
    rotation_days: int
    """Days after which a new version is due."""
    created_at: Timestamp
    """When it was made."""
    current_version: int
    """The version that protects."""
    versions: Tuple[KeyVersionView, ...]
    """All versions, oldest first."""
    value_format: Optional[ValueFormat] = None
    """What its values look like, if its purpose is `format-preserving`."""

    @classmethod
    def from_json(cls, value: Json) -> KeyView:
        return cls(
            id=required(value, "id", text),
            name=required(value, "name", text),
            purpose=required(value, "purpose", text),
            protection=required(value, "protection", text),
            value_format=optional(value, "value_format", ValueFormat.from_json),
            rotation_days=required(value, "rotation_days", integer),
            created_at=required(value, "created_at", text),
            current_version=required(value, "current_version", integer),
            versions=required(value, "versions", each(KeyVersionView.from_json)),
        )


@dataclass(frozen=True)
class KeyViewList:
    """One page."""

    items: Tuple[KeyView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> KeyViewList:
        return cls(
            items=required(value, "items", each(KeyView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class LookedUpItem:
    """What became of one item."""

    status: int
    """200, or the status of the problem."""
    ciphertexts: Optional[Tuple[EncryptedField, ...]] = None
    """The value's ciphertext under each version of the key that can still be read, newest first."""
    error: Optional[Problem] = None
    """What was wrong, if they are not here."""

    @classmethod
    def from_json(cls, value: Json) -> LookedUpItem:
        return cls(
            status=required(value, "status", integer),
            ciphertexts=optional(value, "ciphertexts", each(EncryptedField.from_json)),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class LookedUpItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[LookedUpItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> LookedUpItemBatch:
        return cls(
            items=required(value, "items", each(LookedUpItem.from_json)),
        )


@dataclass(frozen=True)
class MacItem(Request):
    """Data to vouch for."""

    data: Union[bytes, SecretBytes] = field(repr=False)
    """The data."""
    context: Optional[Context] = None
    """The place they belong to."""


@dataclass(frozen=True)
class MadeMac:
    """A code that vouches for data."""

    mac: bytes
    """What to store beside the data."""
    key_version: int
    """The version of the key it was made under."""

    @classmethod
    def from_json(cls, value: Json) -> MadeMac:
        return cls(
            mac=required(value, "mac", data),
            key_version=required(value, "key_version", integer),
        )


@dataclass(frozen=True)
class MadeMacItem:
    """What became of one item."""

    status: int
    """200, or the status of the problem."""
    mac: Optional[bytes] = None
    """What to store beside the data."""
    key_version: Optional[int] = None
    """The version of the key it was made under."""
    error: Optional[Problem] = None
    """What was wrong, if it is not here."""

    @classmethod
    def from_json(cls, value: Json) -> MadeMacItem:
        return cls(
            status=required(value, "status", integer),
            mac=optional(value, "mac", data),
            key_version=optional(value, "key_version", integer),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class MadeMacItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[MadeMacItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> MadeMacItemBatch:
        return cls(
            items=required(value, "items", each(MadeMacItem.from_json)),
        )


@dataclass(frozen=True)
class MechanismView:
    """A use of the HSM and the mechanism that was proven for it."""

    use: str
    """What for."""
    mechanism: str
    """The PKCS#11 mechanism."""

    @classmethod
    def from_json(cls, value: Json) -> MechanismView:
        return cls(
            use=required(value, "use", text),
            mechanism=required(value, "mechanism", text),
        )


@dataclass(frozen=True)
class Problem:
    """Why a request, or one item of a batch, was refused. Repeats nothing of what was sent."""

    status: int
    """The HTTP status."""
    code: str
    """What went wrong, for programs. Stable; more may be added."""
    type: Optional[str] = None
    """`urn:strongroom:problem:` and the code."""
    title: Optional[str] = None
    """What went wrong in general."""
    detail: Optional[str] = None
    """What went wrong here, and what is allowed."""
    request_id: Optional[str] = None
    """Names the request in the vault's log and audit record."""
    retryable: Optional[bool] = None
    """Whether the same request may go through later."""
    pointer: Optional[str] = None
    """JSON pointer to the offending field of the request, if it was one. A name that this API does not know
    is `*`."""

    @classmethod
    def from_json(cls, value: Json) -> Problem:
        return cls(
            type=optional(value, "type", text),
            title=optional(value, "title", text),
            status=required(value, "status", integer),
            code=required(value, "code", text),
            detail=optional(value, "detail", text),
            request_id=optional(value, "request_id", text),
            retryable=optional(value, "retryable", boolean),
            pointer=optional(value, "pointer", text),
        )


@dataclass(frozen=True)
class ProfileView:
    """A token profile. Its parts never change."""

    name: ProfileName
    """Its name."""
    format: str
    """The outward shape of its tokens."""
    show: str
    """The digits of a card number that stand readable beside its tokens."""
    min_card_digits: int
    """The fewest digits of a card number that it takes."""
    correlation: CorrelationView
    """What can be made of those digits and a token together."""
    reuse: str
    """Whether equal values share a token."""
    scope: Scope
    """Inside which values are recognised as equal."""
    single_use: bool
    """Whether revealing the full value uses a token up."""
    reversible: bool
    """Whether the value can come back at all."""
    card_check_digit: str
    """Whether the card number's check digit must be right."""
    created_at: Timestamp
    """When it was made."""
    keep: Optional[str] = None
    """For the card format: the digits that stay."""
    luhn: Optional[str] = None
    """For the card format: how tokens differ from card numbers."""
    ttl_seconds: Optional[int] = None
    """How long tokens live; null is without end."""

    @classmethod
    def from_json(cls, value: Json) -> ProfileView:
        return cls(
            name=required(value, "name", text),
            format=required(value, "format", text),
            keep=optional(value, "keep", text),
            luhn=optional(value, "luhn", text),
            show=required(value, "show", text),
            min_card_digits=required(value, "min_card_digits", integer),
            correlation=required(value, "correlation", CorrelationView.from_json),
            reuse=required(value, "reuse", text),
            scope=required(value, "scope", text),
            ttl_seconds=optional(value, "ttl_seconds", integer),
            single_use=required(value, "single_use", boolean),
            reversible=required(value, "reversible", boolean),
            card_check_digit=required(value, "card_check_digit", text),
            created_at=required(value, "created_at", text),
        )


@dataclass(frozen=True)
class ProfileViewList:
    """One page."""

    items: Tuple[ProfileView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> ProfileViewList:
        return cls(
            items=required(value, "items", each(ProfileView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class ProtectedDocument:
    """A document with its fields protected."""

    document: Json
    """The document, each of its fields replaced by a string."""
    values: int
    """How many values were protected."""
    key_version: int
    """The version of the key that protects them."""

    @classmethod
    def from_json(cls, value: Json) -> ProtectedDocument:
        return cls(
            document=required(value, "document", anything),
            values=required(value, "values", integer),
            key_version=required(value, "key_version", integer),
        )


@dataclass(frozen=True)
class PublicKeyView:
    """What verifies the signatures of one version of a key."""

    key_version: int
    """The version."""
    state: str
    """Where it is in its life."""
    algorithm: str
    """`ecdsa-p256-sha256`."""
    pem: str
    """SubjectPublicKeyInfo in PEM (RFC 5480, RFC 7468)."""

    @classmethod
    def from_json(cls, value: Json) -> PublicKeyView:
        return cls(
            key_version=required(value, "key_version", integer),
            state=required(value, "state", text),
            algorithm=required(value, "algorithm", text),
            pem=required(value, "pem", text),
        )


@dataclass(frozen=True)
class PublicKeyViewList:
    """One page."""

    items: Tuple[PublicKeyView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> PublicKeyViewList:
        return cls(
            items=required(value, "items", each(PublicKeyView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class PutSecurityCode(Request):
    """The security code of a token's card, to be kept until its payment is authorised. No call shows it to
    anybody."""

    security_code: Union[str, SecretText] = field(repr=False)
    """Three digits; four on American Express cards."""
    ttl_seconds: Optional[int] = None
    """After how many seconds it is gone in any case; 900 if absent."""


@dataclass(frozen=True)
class ReadDocument:
    """A document with its fields as they were."""

    document: Json
    """The document."""
    values: int
    """How many values were read."""

    @classmethod
    def from_json(cls, value: Json) -> ReadDocument:
        return cls(
            document=required(value, "document", anything),
            values=required(value, "values", integer),
        )


@dataclass(frozen=True)
class ReceiverKey(Request):
    """A public key on P-256 as JWK (RFC 7517)."""

    kty: str
    """`EC`."""
    crv: str
    """`P-256`."""
    x: str
    """The point's x, base64url."""
    y: str
    """The point's y, base64url."""
    use: Optional[str] = None
    """`enc`."""
    alg: Optional[str] = None
    """`ECDH-ES`."""
    kid: Optional[str] = None
    """Its name, for the header of each part; its thumbprint if absent."""


@dataclass(frozen=True)
class ReencryptItem(Request):
    """A protected field to be protected anew under the newest version of the key."""

    ciphertext: bytes
    """What was stored in place of the value."""
    key_version: Optional[int] = None
    """The version of the key that protected it: needed with a key for format-preserving encryption, whose
    ciphertexts do not say it."""
    context: Optional[Context] = None
    """The place it belongs to; stays the same."""


@dataclass(frozen=True)
class ReportAuthorisation(Request):
    """How an authorisation ended. Whatever the result, the security code is destroyed."""

    result: AuthorisationResult
    """How it ended."""


@dataclass(frozen=True)
class RevealedBankAccount:
    """A bank account, with as much of its IBAN as was asked for."""

    iban: SecretText
    """The IBAN, in full or with stars between its first and last four characters."""
    holder: Optional[SecretText] = None
    """Whose it is; with the full IBAN only."""

    @classmethod
    def from_json(cls, value: Json) -> RevealedBankAccount:
        return cls(
            iban=required(value, "iban", secret_text),
            holder=optional(value, "holder", secret_text),
        )


@dataclass(frozen=True)
class RevealedCard:
    """A card, with as much of its number as was asked for."""

    number: SecretText
    """The number, in full or as first six and last four digits with stars between."""
    exp_month: Optional[int] = None
    """The month it expires."""
    exp_year: Optional[int] = None
    """The year it expires."""
    holder: Optional[SecretText] = None
    """The name on the card; with the full number only."""

    @classmethod
    def from_json(cls, value: Json) -> RevealedCard:
        return cls(
            number=required(value, "number", secret_text),
            exp_month=optional(value, "exp_month", integer),
            exp_year=optional(value, "exp_year", integer),
            holder=optional(value, "holder", secret_text),
        )


@dataclass(frozen=True)
class RevealedIdentityNumber:
    """An identity number, with as much of it as was asked for."""

    number: SecretText
    """The number, in full or its last two characters behind stars."""
    country: Optional[CountryCode] = None
    """Whose number it is, if that was given."""

    @classmethod
    def from_json(cls, value: Json) -> RevealedIdentityNumber:
        return cls(
            number=required(value, "number", secret_text),
            country=optional(value, "country", text),
        )


@dataclass(frozen=True)
class SearchCard(Request):
    """A card to look for."""

    number: Union[str, SecretText] = field(repr=False)
    """The card number, as in creating a token."""


@dataclass(frozen=True)
class SearchTokens(Request):
    """Asks for the tokens of a value. A POST, since a value in an address would end up in logs."""

    type: ValueKind
    """What kind of value it is."""
    card: Optional[SearchCard] = None
    """The card, if that is the type."""
    encrypted_card: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """A card that a client encrypted for the vault, in place of `card`: a JWE (RFC 7516, ECDH-ES and
    A256GCM) to one of the tenant's keys for client encryption."""
    bank_account: Optional[BankAccountInput] = None
    """The bank account, if that is the type."""
    identity_number: Optional[IdentityNumberInput] = None
    """The identity number, if that is the type."""
    text: Optional[Union[str, SecretText]] = field(default=None, repr=False)
    """The text, if that is the type: 1 to 4096 bytes."""
    profile: Optional[ProfileName] = None
    """The token profile, whose scope decides what counts as equal; `default` if absent."""


@dataclass(frozen=True)
class SecurityCodeKept:
    """That a security code is kept."""

    expires_at: Timestamp
    """When it is gone at the latest."""

    @classmethod
    def from_json(cls, value: Json) -> SecurityCodeKept:
        return cls(
            expires_at=required(value, "expires_at", text),
        )


@dataclass(frozen=True)
class SignItem(Request):
    """Data to be signed."""

    message: Union[bytes, SecretBytes] = field(repr=False)
    """The data. They are hashed with SHA-256 and signed."""


@dataclass(frozen=True)
class Signed:
    """A signature over data."""

    signature: bytes
    """ECDSA on P-256: r and s, 32 bytes each (as ES256 of RFC 7518; not DER)."""
    key_version: int
    """The version of the key that made it; to verify, it is asked for again."""

    @classmethod
    def from_json(cls, value: Json) -> Signed:
        return cls(
            signature=required(value, "signature", data),
            key_version=required(value, "key_version", integer),
        )


@dataclass(frozen=True)
class SignedItem:
    """What became of one item."""

    status: int
    """200, or the status of the problem."""
    signature: Optional[bytes] = None
    """ECDSA on P-256: r and s, 32 bytes each (as ES256 of RFC 7518; not DER)."""
    key_version: Optional[int] = None
    """The version of the key that made it; to verify, it is asked for again."""
    error: Optional[Problem] = None
    """What was wrong, if it is not here."""

    @classmethod
    def from_json(cls, value: Json) -> SignedItem:
        return cls(
            status=required(value, "status", integer),
            signature=optional(value, "signature", data),
            key_version=optional(value, "key_version", integer),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class SignedItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[SignedItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> SignedItemBatch:
        return cls(
            items=required(value, "items", each(SignedItem.from_json)),
        )


@dataclass(frozen=True)
class StatusView:
    """The node."""

    version: str
    """The version of the vault."""
    node: str
    """The node's name."""
    cluster: str
    """The cluster's id."""
    hsm: HsmStatus
    """The HSM."""
    store: StoreStatus
    """The database."""
    audit: AuditStatus
    """The record."""
    policy_fingerprint: str
    """Names the rules in force; changes when they do."""
    registry_epoch: int
    """One more with each change of keys, profiles, identities and grants."""
    started_at: Timestamp
    """When the node began to serve."""
    trust_domain: Optional[str] = None
    """Whose names the cluster accepts."""

    @classmethod
    def from_json(cls, value: Json) -> StatusView:
        return cls(
            version=required(value, "version", text),
            node=required(value, "node", text),
            cluster=required(value, "cluster", text),
            trust_domain=optional(value, "trust_domain", text),
            hsm=required(value, "hsm", HsmStatus.from_json),
            store=required(value, "store", StoreStatus.from_json),
            audit=required(value, "audit", AuditStatus.from_json),
            policy_fingerprint=required(value, "policy_fingerprint", text),
            registry_epoch=required(value, "registry_epoch", integer),
            started_at=required(value, "started_at", text),
        )


@dataclass(frozen=True)
class StoreStatus:
    """The database of a node."""

    ready: bool
    """Whether it can be read and written."""

    @classmethod
    def from_json(cls, value: Json) -> StoreStatus:
        return cls(
            ready=required(value, "ready", boolean),
        )


@dataclass(frozen=True)
class StoredAs:
    """What a value is stored as."""

    ciphertexts: Tuple[EncryptedField, ...]
    """Its ciphertext under each version of the key that can still be read, newest first. Look for any of
    them."""

    @classmethod
    def from_json(cls, value: Json) -> StoredAs:
        return cls(
            ciphertexts=required(value, "ciphertexts", each(EncryptedField.from_json)),
        )


@dataclass(frozen=True)
class StreamStatus:
    """How far an audit stream is."""

    stream: str
    """Its name."""
    size: int
    """How many events it holds."""
    checkpoint_size: int
    """How many of them the newest checkpoint covers."""

    @classmethod
    def from_json(cls, value: Json) -> StreamStatus:
        return cls(
            stream=required(value, "stream", text),
            size=required(value, "size", integer),
            checkpoint_size=required(value, "checkpoint_size", integer),
        )


@dataclass(frozen=True)
class TagChange(Request):
    """What becomes of a token's tags. Those that are not named stay."""

    add: Optional[Sequence[Tag]] = None
    """It has these from now on."""
    remove: Optional[Sequence[Tag]] = None
    """It no longer has these."""


@dataclass(frozen=True)
class TokenView:
    """What is known of a token without its value."""

    token: Token
    """The token."""
    type: str
    """What kind of value it stands for."""
    profile: ProfileName
    """The profile it was made by."""
    state: str
    """Where it is in its life."""
    created_at: Timestamp
    """When it was made."""
    single_use: bool
    """Whether revealing the full value uses it up."""
    card: Optional[CardView] = None
    """What may be shown of the card, if it stands for one."""
    bank_account: Optional[BankAccountView] = None
    """What may be shown of the bank account, if it stands for one."""
    identity_number: Optional[IdentityNumberView] = None
    """What may be shown of the identity number, if it stands for one."""
    fingerprint: Optional[str] = None
    """Equal for equal values within the profile's scope, where the vault may tell."""
    expires_at: Optional[Timestamp] = None
    """From when on it is as good as gone."""
    max_uses: Optional[int] = None
    """How often the full value may be revealed, if that is limited."""
    uses: Optional[int] = None
    """How often it was revealed, if that is limited."""
    security_code_expires_at: Optional[Timestamp] = None
    """When the security code that came with the card is gone at the latest; in answers to its coming
    only."""
    metadata: Optional[Metadata] = None
    """What the caller stored with it."""
    aliases: Optional[Tuple[Alias, ...]] = None
    """Its other names."""
    tags: Optional[Tuple[Tag, ...]] = None
    """Its labels."""

    @classmethod
    def from_json(cls, value: Json) -> TokenView:
        return cls(
            token=required(value, "token", text),
            type=required(value, "type", text),
            profile=required(value, "profile", text),
            card=optional(value, "card", CardView.from_json),
            bank_account=optional(value, "bank_account", BankAccountView.from_json),
            identity_number=optional(value, "identity_number", IdentityNumberView.from_json),
            fingerprint=optional(value, "fingerprint", text),
            state=required(value, "state", text),
            created_at=required(value, "created_at", text),
            expires_at=optional(value, "expires_at", text),
            single_use=required(value, "single_use", boolean),
            max_uses=optional(value, "max_uses", integer),
            uses=optional(value, "uses", integer),
            security_code_expires_at=optional(value, "security_code_expires_at", text),
            metadata=optional(value, "metadata", texts),
            aliases=optional(value, "aliases", each(text)),
            tags=optional(value, "tags", each(text)),
        )


@dataclass(frozen=True)
class TokenViewList:
    """One page."""

    items: Tuple[TokenView, ...]
    next_cursor: Optional[str] = None
    """Leads to the next page; absent on the last one."""

    @classmethod
    def from_json(cls, value: Json) -> TokenViewList:
        return cls(
            items=required(value, "items", each(TokenView.from_json)),
            next_cursor=optional(value, "next_cursor", text),
        )


@dataclass(frozen=True)
class UpdateToken(Request):
    """What is to be different about a token. What is absent stays as it is."""

    metadata: Optional[Metadata] = None
    """All of its metadata from now on."""
    expires_at: Union[Timestamp, Null, None] = None
    """From when on it is to be as good as gone, within what its profile allows; null for never."""
    aliases: Union[AliasChange, Null, None] = None
    """Which aliases it gets and loses. One that it loses may be given to another token."""
    tags: Union[TagChange, Null, None] = None
    """Which tags it gets and loses."""


@dataclass(frozen=True)
class ValueFormat(Request):
    """What the values of a key for format-preserving encryption look like. At least 1,000,000 values must
    be possible between the characters that stay (NIST SP 800-38G)."""

    alphabet: str
    """2 to 94 different printable characters of ASCII, without space: all that values may consist of."""
    min_length: int
    """How many characters the shortest value has."""
    max_length: int
    """How many characters the longest value has."""
    keep_first: Optional[int] = None
    """How many characters at the front stay as they are; 0 if absent."""
    keep_last: Optional[int] = None
    """How many characters at the end stay as they are; 0 if absent."""

    @classmethod
    def from_json(cls, value: Json) -> ValueFormat:
        return cls(
            alphabet=required(value, "alphabet", text),
            min_length=required(value, "min_length", integer),
            max_length=required(value, "max_length", integer),
            keep_first=optional(value, "keep_first", integer),
            keep_last=optional(value, "keep_last", integer),
        )


@dataclass(frozen=True)
class Verified:
    """Whether a signature is over its data."""

    valid: bool
    """Whether the signature is this version's over these data."""

    @classmethod
    def from_json(cls, value: Json) -> Verified:
        return cls(
            valid=required(value, "valid", boolean),
        )


@dataclass(frozen=True)
class VerifiedItem:
    """What became of one item."""

    status: int
    """200, or the status of the problem."""
    valid: Optional[bool] = None
    """Whether the signature is this version's over these data."""
    error: Optional[Problem] = None
    """What was wrong, if it could not be checked."""

    @classmethod
    def from_json(cls, value: Json) -> VerifiedItem:
        return cls(
            status=required(value, "status", integer),
            valid=optional(value, "valid", boolean),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class VerifiedItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[VerifiedItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> VerifiedItemBatch:
        return cls(
            items=required(value, "items", each(VerifiedItem.from_json)),
        )


@dataclass(frozen=True)
class VerifiedMac:
    """Whether a code vouches for its data."""

    valid: bool
    """Whether the code is this key's for these data in this place."""
    key_version: Optional[int] = None
    """The version of the key it was made under, if it is valid."""

    @classmethod
    def from_json(cls, value: Json) -> VerifiedMac:
        return cls(
            valid=required(value, "valid", boolean),
            key_version=optional(value, "key_version", integer),
        )


@dataclass(frozen=True)
class VerifiedMacItem:
    """What became of one item."""

    status: int
    """200, or the status of the problem."""
    valid: Optional[bool] = None
    """Whether the code is this key's for these data in this place."""
    key_version: Optional[int] = None
    """The version of the key it was made under, if it is valid."""
    error: Optional[Problem] = None
    """What was wrong, if it could not be checked."""

    @classmethod
    def from_json(cls, value: Json) -> VerifiedMacItem:
        return cls(
            status=required(value, "status", integer),
            valid=optional(value, "valid", boolean),
            key_version=optional(value, "key_version", integer),
            error=optional(value, "error", Problem.from_json),
        )


@dataclass(frozen=True)
class VerifiedMacItemBatch:
    """The answers, in the order of the items."""

    items: Tuple[VerifiedMacItem, ...]

    @classmethod
    def from_json(cls, value: Json) -> VerifiedMacItemBatch:
        return cls(
            items=required(value, "items", each(VerifiedMacItem.from_json)),
        )


@dataclass(frozen=True)
class VerifyItem(Request):
    """Data and the signature that is said to be over them."""

    message: Union[bytes, SecretBytes] = field(repr=False)
    """The data."""
    signature: bytes
    """The signature: r and s, 32 bytes each."""
    key_version: int
    """The version of the key that is said to have made it."""


@dataclass(frozen=True)
class VerifyMacItem(Request):
    """Data and the code that is said to vouch for them."""

    data: Union[bytes, SecretBytes] = field(repr=False)
    """The data."""
    mac: bytes
    """The code."""
    context: Optional[Context] = None
    """The place they belong to, as it was when the code was made."""
