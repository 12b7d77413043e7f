//! `POST /v1/honeytokens`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identities::Reason;
use crate::tokens::PresentedToken;

/// A token to be marked. It was made before, by a service whose tokens it is to stand among.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateHoneytoken {
    /// The token, or one of its aliases.
    pub token: PresentedToken,
    /// What it is there for. It is kept in clear, so it must not name the token.
    pub reason: Reason,
}
