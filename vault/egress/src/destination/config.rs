use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use strongroom_domain::TenantId;

use crate::address::Network;

/// A destination as operators write it. Every name must be known and every default is the safe one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationConfig {
    /// The name that callers use: 1 to 63 characters of a-z, 0-9 and -.
    pub name: String,
    /// The tenants that may use it. None unless listed, and no name stands for all.
    #[serde(deserialize_with = "tenants")]
    pub tenants: Vec<TenantId>,
    /// A DNS name in lower case, or an IP address.
    pub host: String,
    /// The TCP port; 443 unless said otherwise.
    #[serde(default = "https", deserialize_with = "at_least_one")]
    pub port: u16,
    /// Of `DELETE`, `GET`, `PATCH`, `POST` and `PUT`, those that may be used.
    pub methods: Vec<String>,
    /// The paths that may be used. Patterns are compared with the path as it is sent.
    pub paths: Vec<PathConfig>,
    /// The headers that callers may set. None unless listed.
    #[serde(default)]
    pub request_headers: Vec<String>,
    /// The certificate authorities that the destination's certificate may come from, PEM. No others are trusted,
    /// whatever the system trusts.
    pub ca_file: PathBuf,
    /// Our certificate towards this destination with the intermediate ones, PEM.
    #[serde(default)]
    pub client_certificate_file: Option<PathBuf>,
    /// Its private key, PEM: mode 0400 or 0600.
    #[serde(default)]
    pub client_private_key_file: Option<PathBuf>,
    /// Networks that are not public and may be reached all the same, such as `10.20.0.0/16`.
    #[serde(default)]
    pub allow_private_addresses: Vec<Network>,
    /// Bytes of a request's body, after the values were put in.
    #[serde(default = "mebibyte", deserialize_with = "at_least_one")]
    pub max_request_bytes: u32,
    /// Bytes of an answer's body.
    #[serde(default = "mebibyte", deserialize_with = "at_least_one")]
    pub max_answer_bytes: u32,
    /// From the name to a finished TLS handshake.
    #[serde(rename = "connect_timeout_seconds", default = "connect_timeout", deserialize_with = "seconds")]
    pub connect_timeout: Duration,
    /// From the name to the last byte of the answer.
    #[serde(rename = "timeout_seconds", default = "timeout", deserialize_with = "seconds")]
    pub timeout: Duration,
    /// How many requests may be on their way at a time; more are refused at once.
    #[serde(default = "thirty_two", deserialize_with = "at_least_one")]
    pub max_in_flight: u32,
    /// What to do when an answer holds a card number.
    #[serde(default)]
    pub card_in_answer: CardInAnswer,
}

/// Paths that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathConfig {
    /// The whole path, as in `/v1/payments`; or its beginning, as in `/v1/refunds/*`, which `/v1/refunds` is none of.
    pub pattern: String,
    /// Whether a query may follow.
    #[serde(default)]
    pub query: bool,
}

/// What to do when an answer holds a card number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardInAnswer {
    /// Do not hand the answer on.
    #[default]
    Refuse,
    /// Put tokens in the numbers' places.
    Retokenize,
}

impl DestinationConfig {
    /// The paths of files in it, for relative ones to be completed.
    pub fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let own = self.client_certificate_file.iter_mut().chain(&mut self.client_private_key_file);
        std::iter::once(&mut self.ca_file).chain(own)
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    at_least_one(deserializer).map(|seconds: u32| Duration::from_secs(u64::from(seconds)))
}

/// Zero always means a mistake: nothing here is switched off by it.
fn at_least_one<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + PartialEq + From<u8>,
{
    match T::deserialize(deserializer) {
        Ok(value) if value != T::from(0) => Ok(value),
        _ => Err(serde::de::Error::custom("the value must be a whole number, at least 1")),
    }
}

fn tenants<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TenantId>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    names.iter().map(|name| TenantId::parse(name).map_err(serde::de::Error::custom)).collect()
}

const fn thirty_two() -> u32 {
    32
}

const fn https() -> u16 {
    443
}

const fn mebibyte() -> u32 {
    1024 * 1024
}

const fn connect_timeout() -> Duration {
    Duration::from_secs(5)
}

const fn timeout() -> Duration {
    Duration::from_secs(30)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#"
        name = "acquirer"
        tenants = ["acme"]
        host = "api.acquirer.example"
        methods = ["POST"]
        paths = [{ pattern = "/v1/payments" }]
        ca_file = "acquirer-ca.pem"
    "#;

    #[test]
    fn defaults_are_the_safe_ones() {
        let config: DestinationConfig = toml::from_str(LEAST).unwrap();
        assert_eq!((config.port, config.max_answer_bytes, config.max_request_bytes), (443, 1 << 20, 1 << 20));
        assert_eq!(config.card_in_answer, CardInAnswer::Refuse);
        assert!(config.allow_private_addresses.is_empty() && config.request_headers.is_empty());
        assert!(!config.paths[0].query);
        assert_eq!(config.max_in_flight, 32);
        assert_eq!((config.connect_timeout.as_secs(), config.timeout.as_secs()), (5, 30));
    }

    #[test]
    fn names_must_be_known_and_values_make_sense() {
        for line in [
            "colour = 1",
            "port = 0",
            "max_in_flight = 0",
            "port = 65536",
            "timeout_seconds = 0",
            "max_answer_bytes = -1",
            r#"card_in_answer = "ignore""#,
            r#"allow_private_addresses = ["10.0.0.1/8"]"#,
        ] {
            assert!(toml::from_str::<DestinationConfig>(&format!("{LEAST}\n{line}")).is_err(), "{line}");
        }
    }

    #[test]
    fn the_example_of_the_readme_is_one() {
        let example = include_str!("../../README.md").split("```toml").nth(1).unwrap();
        let config: DestinationConfig = toml::from_str(example.split("```").next().unwrap()).unwrap();
        assert_eq!(config.name, "acquirer");
    }

    #[test]
    fn relative_files_can_be_completed() {
        let more = "client_certificate_file = \"a.pem\"\nclient_private_key_file = \"a.key\"";
        let mut config: DestinationConfig = toml::from_str(&format!("{LEAST}\n{more}")).unwrap();
        assert_eq!(config.paths_mut().count(), 3);
    }
}
