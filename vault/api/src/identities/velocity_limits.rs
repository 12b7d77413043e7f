//! `GET` and `PUT /v1/identities/{service}/velocity-limits`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{PurposeText, ServiceNameText, VelocityKindText};

/// At most so many items in any stretch of time as long as the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VelocityLimit {
    /// What is counted.
    pub kind: VelocityKindText,
    /// Of `reveal`: for this purpose alone. Without it: for each purpose that has no limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeText>,
    /// How many.
    #[schema(minimum = 1)]
    pub items: u32,
    /// In how long a time.
    #[schema(minimum = 1, maximum = 2_678_400)]
    pub window_seconds: u32,
}

/// The limits that an identity is to have of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetVelocityLimits {
    /// All of them; none puts the identity back under the defaults.
    #[schema(max_items = 12)]
    pub limits: Vec<VelocityLimit>,
}

/// What bounds an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VelocityLimitsView {
    /// The service.
    pub service: ServiceNameText,
    /// The limits of its own.
    pub limits: Vec<VelocityLimit>,
    /// Those that bound it otherwise, as the node that answered has them.
    pub defaults: Vec<VelocityLimit>,
}
