use std::time::Duration;

use serde::Deserialize;
use strongroom_core::DefaultVelocityLimits;
use strongroom_domain::VelocityLimit;

use super::values;

/// `[limits]`: how much of everything at most, and how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open connections.
    #[serde(deserialize_with = "values::at_least_one")]
    pub connections: u32,
    /// Open connections of one identity.
    #[serde(deserialize_with = "values::at_least_one")]
    pub connections_per_identity: u32,
    /// Handshakes in progress with one address, so that one stalling host cannot use up the connections.
    #[serde(deserialize_with = "values::at_least_one")]
    pub handshakes_per_address: u32,
    /// Requests in progress.
    #[serde(deserialize_with = "values::at_least_one")]
    pub requests_in_flight: u32,
    /// Bytes of a request's head.
    #[serde(deserialize_with = "header_bytes")]
    pub header_bytes: u32,
    /// Header fields of a request.
    #[serde(deserialize_with = "values::at_least_one")]
    pub header_fields: u32,
    /// A TLS handshake, from the first byte to the last.
    #[serde(rename = "handshake_timeout_seconds", deserialize_with = "values::seconds")]
    pub handshake_timeout: Duration,
    /// A request's head; also the longest pause between two requests on one HTTP/1.1 connection.
    #[serde(rename = "header_timeout_seconds", deserialize_with = "values::seconds")]
    pub header_timeout: Duration,
    /// A request's body.
    #[serde(rename = "body_timeout_seconds", deserialize_with = "values::seconds")]
    pub body_timeout: Duration,
    /// A connection without a request in progress.
    #[serde(rename = "idle_timeout_seconds", deserialize_with = "values::seconds")]
    pub idle_timeout: Duration,
    /// A connection as a whole. Also the time after which, at the latest, a revocation is felt.
    #[serde(rename = "connection_age_seconds", deserialize_with = "values::seconds")]
    pub connection_age: Duration,
    /// What was accepted may take so long to end: at shutdown, and when a connection has come of age.
    #[serde(rename = "shutdown_grace_seconds", deserialize_with = "values::seconds")]
    pub shutdown_grace: Duration,
    /// Concurrent streams of an HTTP/2 connection.
    #[serde(deserialize_with = "values::at_least_one")]
    pub http2_streams: u32,
    /// Reset streams that an HTTP/2 connection may have pending before it is closed.
    #[serde(deserialize_with = "values::at_least_one")]
    pub http2_resets: u32,
    /// Bytes of body that a stream may send ahead.
    #[serde(deserialize_with = "values::at_least_one")]
    pub http2_stream_window_bytes: u32,
    /// How often a silent HTTP/2 peer is asked whether it is there.
    #[serde(rename = "http2_ping_interval_seconds", deserialize_with = "values::seconds")]
    pub http2_ping_interval: Duration,
    /// How long it may take to answer.
    #[serde(rename = "http2_ping_timeout_seconds", deserialize_with = "values::seconds")]
    pub http2_ping_timeout: Duration,
    /// How fast values may leave for one identity.
    pub velocity: VelocityConfig,
}

/// `[limits.velocity]`: how many items of each kind one identity gets in a window, where it has no limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VelocityConfig {
    /// Values of tokens in full, for each purpose by itself.
    pub reveal: VelocityLimitConfig,
    /// Protected fields opened.
    pub decrypt: VelocityLimitConfig,
    /// Searches by value.
    pub search: VelocityLimitConfig,
    /// Tokens asked for that do not exist.
    pub miss: VelocityLimitConfig,
}

/// `{ items = 100, window_seconds = 60 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VelocityLimitConfig(pub VelocityLimit);

impl<'de> Deserialize<'de> for VelocityLimitConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            items: u32,
            window_seconds: u32,
        }
        let Parts { items, window_seconds } = Parts::deserialize(deserializer)?;
        VelocityLimit::new(items, window_seconds).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Default for VelocityConfig {
    fn default() -> Self {
        let DefaultVelocityLimits { reveal, decrypt, search, miss } = DefaultVelocityLimits::safe();
        let of = VelocityLimitConfig;
        Self { reveal: of(reveal), decrypt: of(decrypt), search: of(search), miss: of(miss) }
    }
}

impl VelocityConfig {
    /// In the words of the vault.
    pub const fn limits(self) -> DefaultVelocityLimits {
        let Self { reveal, decrypt, search, miss } = self;
        DefaultVelocityLimits { reveal: reveal.0, decrypt: decrypt.0, search: search.0, miss: miss.0 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_identity: 256,
            handshakes_per_address: 64,
            requests_in_flight: 1024,
            header_bytes: 16_384,
            header_fields: 64,
            handshake_timeout: Duration::from_secs(5),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            connection_age: Duration::from_secs(900),
            shutdown_grace: Duration::from_secs(30),
            http2_streams: 128,
            http2_resets: 32,
            http2_stream_window_bytes: 65_536,
            http2_ping_interval: Duration::from_secs(20),
            http2_ping_timeout: Duration::from_secs(10),
            velocity: VelocityConfig::default(),
        }
    }
}

/// The HTTP/1 parser needs this much to work at all.
const LEAST_HEADER_BYTES: u32 = 8192;

fn header_bytes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer) {
        Ok(bytes) if bytes >= LEAST_HEADER_BYTES => Ok(bytes),
        _ => Err(serde::de::Error::custom("header_bytes must be at least 8192")),
    }
}
