//! Tokens: making, finding, revealing and ending them.

mod create;
mod detokenize;
mod kinds;
mod metadata;
mod presented;
mod search;
mod update;
mod view;

pub use create::{CardInput, CreateToken, CreateTokens, CreatedToken, DEFAULT_PROFILE, ExpiryError};
pub use detokenize::{DetokenizeToken, DetokenizeTokens, DetokenizedItem, DetokenizedToken, RevealedCard};
pub use kinds::{
    BankAccountInput, BankAccountView, IdentityNumberInput, IdentityNumberView, RevealedBankAccount,
    RevealedIdentityNumber, TokenValue, ValueFieldError,
};
pub use metadata::Metadata;
pub use presented::PresentedToken;
pub use search::{SearchCard, SearchTokens};
pub use update::UpdateToken;
pub use view::{CardView, TokenView};
