use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use strongroom_domain::{KeyName, TenantId};

use super::values;
use crate::hosted_field::Origin;

/// `[hosted_field]`: the card field for merchants' pages. Without it there is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedFieldConfig {
    /// Where browsers connect, with TLS 1.3 and no client certificate.
    pub address: SocketAddr,
    /// What browsers know it by.
    #[serde(deserialize_with = "origin")]
    pub origin: Origin,
    /// Whose pages may embed it.
    #[serde(deserialize_with = "origins")]
    pub merchant_origins: Vec<Origin>,
    /// The tenant whose key is published.
    #[serde(deserialize_with = "values::tenant_id")]
    pub tenant: TenantId,
    /// The key, for client encryption, that is published.
    #[serde(deserialize_with = "values::key_name")]
    pub key: KeyName,
    /// The server's certificate and the intermediate ones. Read again on SIGHUP.
    #[serde(default)]
    pub certificate_file: Option<PathBuf>,
    /// Its private key: mode 0400 or 0600.
    #[serde(default)]
    pub private_key_file: Option<PathBuf>,
    /// Serves without TLS, on a loopback address.
    #[serde(default)]
    pub danger_plain_http: bool,
    /// Open connections.
    #[serde(default = "connections", deserialize_with = "values::at_least_one")]
    pub connections: u32,
    /// Open connections from one address.
    #[serde(default = "connections_per_address", deserialize_with = "values::at_least_one")]
    pub connections_per_address: u32,
    /// Requests a second from one address; four times as many may come at once.
    #[serde(default = "requests", deserialize_with = "values::at_least_one")]
    pub requests_per_second_per_address: u32,
}

/// The files of its TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicTlsConfig {
    /// The certificate and the intermediate ones.
    pub certificate_file: PathBuf,
    /// The private key.
    pub private_key_file: PathBuf,
}

impl HostedFieldConfig {
    /// What its TLS is made of; none where it is served without.
    pub fn tls(&self) -> Option<PublicTlsConfig> {
        let certificate_file = self.certificate_file.clone()?;
        Some(PublicTlsConfig { certificate_file, private_key_file: self.private_key_file.clone()? })
    }

    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let has_files = self.certificate_file.is_some() && self.private_key_file.is_some();
        let has_any = self.certificate_file.is_some() || self.private_key_file.is_some();
        if self.danger_plain_http {
            if has_any || !self.address.ip().is_loopback() {
                return Some(
                    "hosted_field: danger_plain_http goes with a loopback address and no certificate",
                );
            }
        } else if !has_files || !self.origin.is_secure() {
            return Some("hosted_field needs certificate_file, private_key_file and an origin of https");
        }
        if self.merchant_origins.is_empty() {
            return Some("hosted_field.merchant_origins must name at least one origin");
        }
        // In a frame of the page's own origin the page could read what is typed.
        if self.merchant_origins.contains(&self.origin) {
            return Some("hosted_field.merchant_origins must not name the field's own origin");
        }
        None
    }

    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.certificate_file.iter_mut().chain(&mut self.private_key_file)
    }
}

const fn connections() -> u32 {
    1024
}

const fn connections_per_address() -> u32 {
    32
}

const fn requests() -> u32 {
    50
}

fn origin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Origin, D::Error> {
    Origin::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Origin>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| Origin::parse(text).map_err(D::Error::custom)).collect()
}
