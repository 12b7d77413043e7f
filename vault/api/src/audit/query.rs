//! `GET /v1/audit/events`.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{PageLimit, TimestampText};

/// Which events; everything given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// From this time on.
    pub from: Option<TimestampText>,
    /// Before this time.
    pub to: Option<TimestampText>,
    /// Who acted.
    pub actor: Option<String>,
    /// What was done, such as `token.detokenize`.
    pub action: Option<String>,
    /// To what.
    pub object: Option<String>,
    /// How it ended: `success` or a code.
    pub outcome: Option<String>,
    /// Where a value was sent.
    pub destination: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// How many events at most.
    #[serde(default)]
    #[param(required = false, value_type = u32, minimum = 1, maximum = 1000, default = 100)]
    pub limit: PageLimit,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}
