//! The REST contract: what goes over the wire, shared by the server, the Rust SDK and the generated OpenAPI document.
//!
//! - [`ROUTES`] is the one table of calls; the server builds its router from it, the SDK its addresses, and
//!   [`openapi::document`] the document that is committed as `openapi.json`.
//! - A folder per resource holds the bodies, a file per verb. Requests refuse fields they do not know, so a misspelt
//!   `ttl_seconds` is an error and not a token that lives for ever; answers tolerate them, so that an old SDK reads a
//!   new server.
//! - [`parse_request`] and [`parse_query`] are the ways in. Their refusals say where and what is allowed, and repeat
//!   nothing of what was sent: a card number in the wrong place must not come back in an error text.
//! - Card numbers, names of cardholders and plaintexts are [`SecretText`] and [`SecretBytes`], which nothing can print.

pub mod audit;
pub mod crypto;
pub mod documents;
pub mod encryption_keys;
mod error;
pub mod honeytokens;
pub mod identities;
mod json;
mod json_document;
mod key_version;
pub mod keys;
pub mod limits;
mod list;
mod one_or_many;
pub mod openapi;
mod problem;
pub mod profiles;
pub mod proxy;
mod routes;
mod secret_bytes;
mod secret_text;
pub mod status;
mod text;
pub mod tokens;

pub use error::ErrorCode;
pub use json::{RequestError, parse_query, parse_request, to_wiped_json};
pub use json_document::JsonDocument;
pub use key_version::KeyVersionNumber;
pub use list::{Batch, List, ListQuery, PageLimit};
pub use one_or_many::{CryptoItem, OneOrMany};
pub use problem::{PROBLEM_CONTENT_TYPE, Problem};
pub use routes::{ROUTES, Route, RouteId};
pub use secret_bytes::{Binary, SecretBytes};
pub use secret_text::SecretText;
pub use text::{
    AliasText, BinText, BrandText, CountryCodeText, EncryptToText, InText, KeptDigitsText, KeyIdText,
    KeyNameText, KeyPurposeText, KeyStateText, KeyThumbprintText, LastFourText, LuhnStyleText,
    ProfileNameText, ProtectionText, PurposeText, ReuseText, RevealText, RoleText, ServiceNameText,
    ShownDigitsText, SpiffeIdText, TagText, TenantIdText, Text, TimestampText, TokenFormatText,
    TokenReferenceText, TokenStateText, TokenText, ValueKindText, VelocityKindText,
};
