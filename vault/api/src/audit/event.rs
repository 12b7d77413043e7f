use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{TenantIdText, TimestampText};

/// An audit event. Names and ids only: there is no free-form part for a value to leak into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventView {
    /// The stream it stands in.
    pub stream: String,
    /// Its place in the stream, from 0, without gap.
    pub sequence: u64,
    /// When it happened, by the clock of the node.
    pub time: TimestampText,
    /// Whose event it is.
    pub tenant: TenantIdText,
    /// Who acted: a SPIFFE id, or `node:<name>` for the vault itself.
    pub actor: String,
    /// The serial number of the actor's certificate, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// What was done, such as `token.detokenize`.
    pub action: String,
    /// To what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The alias by which it was named, if it was named by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// How it ended: `success` or the code of the refusal. An act that cannot be undone has two events: before it
    /// `intended`, and after it what came of it.
    pub outcome: String,
    /// What the actor said it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// How much of a value was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<String>,
    /// Where a value was sent, by the name of that destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The token profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The key that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_version: Option<u32>,
    /// The request, as named in answers and logs.
    pub request_id: String,
    /// The W3C trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Where the request came from, address and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// How many things it was done to.
    pub count: u32,
    /// The version of the object's row afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_version: Option<u32>,
    /// The epoch of the key registry at the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_epoch: Option<u64>,
}
