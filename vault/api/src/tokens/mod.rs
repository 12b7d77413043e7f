//! Tokens: making, finding, revealing and ending them.

mod create;
mod detokenize;
mod kinds;
mod list;
mod metadata;
mod presented;
mod search;
mod security_code;
mod update;
mod view;

pub use create::{CardInput, CreateToken, CreateTokens, CreatedToken, DEFAULT_PROFILE, ExpiryError};
pub use detokenize::{DetokenizeToken, DetokenizeTokens, DetokenizedItem, DetokenizedToken, RevealedCard};
pub use kinds::{
    BankAccountInput, BankAccountView, IdentityNumberInput, IdentityNumberView, RevealedBankAccount,
    RevealedIdentityNumber, TokenValue, ValueFieldError,
};
pub use list::{ListedBrand, ListedState, TokenListQuery};
pub use metadata::Metadata;
pub use presented::PresentedToken;
pub use search::{SearchCard, SearchTokens};
pub use security_code::{AuthorisationResult, PutSecurityCode, ReportAuthorisation, SecurityCodeKept};
pub use update::{AliasChange, TagChange, UpdateToken};
pub use view::{CardView, TokenView};
