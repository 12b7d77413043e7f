//! Reading single values, with refusals that say what is allowed and repeat nothing.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _};
use strongroom_domain::{KeyName, NameError, NodeName, TenantId, TrustDomain};

pub(super) fn node_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NodeName, D::Error> {
    name(deserializer, NodeName::parse)
}

pub(super) fn trust_domain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TrustDomain, D::Error> {
    name(deserializer, TrustDomain::parse)
}

pub(super) fn tenant_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TenantId, D::Error> {
    name(deserializer, TenantId::parse)
}

pub(super) fn key_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyName, D::Error> {
    name(deserializer, KeyName::parse)
}

pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    at_least_one(deserializer).map(|seconds: u32| Duration::from_secs(u64::from(seconds)))
}

pub(super) fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    at_least_one(deserializer).map(|milliseconds: u32| Duration::from_millis(u64::from(milliseconds)))
}

/// A count or a duration of zero always means a mistake: nothing here is switched off by it.
pub(super) fn at_least_one<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + PartialEq + From<u8>,
{
    match T::deserialize(deserializer) {
        Ok(value) if value != T::from(0) => Ok(value),
        _ => Err(D::Error::custom("the value must be a whole number, at least 1")),
    }
}

fn name<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: fn(&str) -> Result<T, NameError>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(D::Error::custom)
}

/// The parser's own texts quote what they found. Only those that quote nothing but names of fields are passed on, and
/// our own, which all say what something must be.
pub(super) fn without_values(message: &str) -> String {
    let names_fields = ["unknown field", "missing field", "duplicate field", "duplicate key"];
    let is_ours = !message.starts_with("invalid") && message.contains(" must be ");
    if is_ours || names_fields.iter().any(|beginning| message.starts_with(beginning)) {
        message.lines().next().unwrap_or_default().to_owned()
    } else {
        "a value here is not of the kind that this name takes, or this is not TOML".to_owned()
    }
}
