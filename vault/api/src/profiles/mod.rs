//! Token profiles: what a tenant's tokens look like and how long they live.

mod create;
mod scope;
mod view;

pub use create::CreateProfile;
pub use scope::{CheckDigit, ScopeInput};
pub use view::{CorrelationView, ProfileView};
