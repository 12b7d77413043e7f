//! The words of the field as types. No I/O, no JSON, no SQL: every other room speaks in these.
//!
//! Two rules hold for everything here. A value that a type accepts is valid for its whole life, because parsing is the
//! only way in. And a value that is secret has no `Debug`, `Display`, `Clone`, `PartialEq` or `Serialize`, so a type
//! that holds one cannot derive them either.

mod access;
mod alias;
mod bank_account;
mod card;
mod context;
mod correlation;
mod country;
mod encrypt_to;
mod found_number;
mod free_text;
mod identity;
mod identity_number;
mod key;
mod names;
mod pan;
mod profile;
pub mod secret;
mod security_code;
mod tag;
mod timestamp;
mod token;
mod value;
mod value_format;
mod velocity;

pub use access::{Action, DetokenizationPurpose, Reveal, Role, RoleSet, UnknownName};
pub use alias::{Alias, AliasError, TokenReference, TokenReferenceError};
pub use bank_account::{BankAccount, Iban, IbanEnding, IbanError};
pub use card::{Card, CardError, Expiry, Holder};
pub use context::{Context, ContextError};
pub use correlation::Correlation;
pub use country::CountryCode;
pub use encrypt_to::EncryptTo;
pub use found_number::holds_card_number;
pub use free_text::{FreeText, FreeTextError};
pub use identity::{CertificateSerial, Principal, SpiffeId};
pub use identity_number::{IdentityNumber, IdentityNumberError};
pub use key::{KeyId, KeyPurpose, KeyState, KeyVersion, Protection};
pub use names::{
    IdempotencyKey, KeyName, KeyThumbprint, NameError, NodeName, ProfileName, RequestId, ScopeName,
    ServiceName, TenantId, TraceId, TrustDomain,
};
pub use pan::{Bin, Brand, LastFour, LuhnRule, Pan, PanError};
pub use profile::{KeptDigits, LuhnStyle, Reuse, ShownDigits, TokenFormat, TokenProfile, TokenProfileError};
pub use secret::Secret;
pub use security_code::{SecurityCode, SecurityCodeError};
pub use tag::{Tag, TagError};
pub use timestamp::Timestamp;
pub use token::{Token, TokenError, TokenState};
pub use value::{Shown, Value, ValueKind};
pub use value_format::{Alphabet, LEAST_DOMAIN, ValueError, ValueFormat, ValueFormatError, ValueParts};
pub use velocity::{
    LimitScope, VelocityCounter, VelocityKind, VelocityLimit, VelocityLimitError, VelocityLimits,
};
