//! Where the vault is and who is calling: from options, the environment or a named profile of the configuration file.

mod config_file;
mod key_file;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use strongroom_client::{Client, ClientBuilder, ClientError, TransportFailure};

pub use config_file::ConfigProfile;
pub(crate) use key_file::read as read_key_file;

use crate::failure::Failure;

/// The address of a vault on the same machine.
pub const DEFAULT_URL: &str = "https://127.0.0.1:8443";

/// The options of the connection. They stand before the command, since some commands have a `--key` or `--profile` of
/// their own.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Connection (before the command)")]
pub struct ConnectionOptions {
    /// Address of the vault [default: https://127.0.0.1:8443]
    #[arg(long, env = "STRONGROOM_URL", hide_env_values = true, value_name = "URL")]
    pub url: Option<String>,
    /// Certificates of the authority that the vault's certificate comes from, PEM
    #[arg(long, env = "STRONGROOM_CA", hide_env_values = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Your certificate with its chain, PEM
    #[arg(long, env = "STRONGROOM_CERT", hide_env_values = true, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Your private key, PEM; readable by you alone
    #[arg(long, env = "STRONGROOM_KEY", hide_env_values = true, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Profile of the configuration file to take the rest from
    #[arg(long, env = "STRONGROOM_PROFILE", hide_env_values = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Configuration file [default: ~/.config/strongroom/config.toml]
    #[arg(long, env = "STRONGROOM_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A connection with nothing left open.
#[derive(Debug, PartialEq, Eq)]
struct Settings {
    url: String,
    ca: PathBuf,
    cert: PathBuf,
    key: PathBuf,
}

impl ConnectionOptions {
    /// A client for calls that somebody waits for.
    pub fn connect(&self) -> Result<Client, Failure> {
        self.connect_with(|builder| builder)
    }

    /// A client for long work, which is better late than broken off.
    pub fn connect_patiently(&self) -> Result<Client, Failure> {
        self.connect_with(|builder| {
            builder.attempts(12).attempt_timeout(Duration::from_secs(60)).deadline(Duration::from_secs(300))
        })
    }

    fn connect_with(&self, patience: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Client, Failure> {
        let settings = self.settings()?;
        let private_key = key_file::read(&settings.key)?;
        let builder = Client::builder()
            .base_url(settings.url)
            .ca_pem(read(&settings.ca)?)
            .identity_pem(read(&settings.cert)?, private_key.as_slice());
        patience(builder).build().map_err(|error| Failure::Usage(format!("the connection: {error}")))
    }

    /// Options win over the environment (clap sees to that), both over the profile, all over the default.
    fn settings(&self) -> Result<Settings, Failure> {
        let profile = config_file::profile(self.config.as_deref(), self.profile.as_deref())?;
        let needed = |given: &Option<PathBuf>, profile: Option<PathBuf>, name: &str| {
            given.clone().or(profile).ok_or_else(|| {
                let variable = name.to_uppercase();
                Failure::Usage(format!(
                    "--{name} is missing: give it before the command, as STRONGROOM_{variable}, or as {name} in a \
                     profile of the configuration file"
                ))
            })
        };
        Ok(Settings {
            ca: needed(&self.ca, profile.ca, "ca")?,
            cert: needed(&self.cert, profile.cert, "cert")?,
            key: needed(&self.key, profile.key, "key")?,
            url: self.url.clone().or(profile.url).unwrap_or_else(|| DEFAULT_URL.to_owned()),
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::Usage(format!("{}: {}", path.display(), error.kind())))
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Problem(problem) => Self::Vault(problem),
            ClientError::Transport { failure: TransportFailure::Tls, .. } => Self::NotAuthenticated(format!(
                "{}: check --ca, --cert and --key, and that the certificate is valid now",
                TransportFailure::Tls
            )),
            ClientError::Transport { failure, .. } => Self::Unavailable(failure.to_string()),
            ClientError::Answer { status: 502..=504 } => Self::Unavailable(error.to_string()),
            ClientError::Answer { .. } => {
                Self::Local(format!("{error}: is there a vault of this version at --url?"))
            }
            ClientError::Request(reason) => Self::Input(reason.to_owned()),
            ClientError::Write(_) => Self::Local(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(config: &Path) -> ConnectionOptions {
        ConnectionOptions { config: Some(config.to_owned()), ..ConnectionOptions::default() }
    }

    #[test]
    fn what_is_given_wins_over_the_profile_and_the_profile_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        fs::write(
            &config,
            "[profiles.default]\nca = 'ca.pem'\ncert = '/abs/shop.pem'\nkey = 'shop.key'\n\
             [profiles.far]\nurl = 'https://vault.example.com'\nca = 'a'\ncert = 'b'\nkey = 'c'\n",
        )
        .unwrap();

        let settings = options(&config).settings().unwrap();
        assert_eq!(settings.url, DEFAULT_URL);
        assert_eq!(settings.ca, folder.path().join("ca.pem"));
        assert_eq!(settings.cert, Path::new("/abs/shop.pem"));

        let far = ConnectionOptions {
            profile: Some("far".to_owned()),
            ca: Some("mine.pem".into()),
            ..options(&config)
        };
        let settings = far.settings().unwrap();
        assert_eq!((settings.url.as_str(), settings.ca), ("https://vault.example.com", "mine.pem".into()));
    }

    #[test]
    fn says_what_is_missing_and_where_it_may_stand() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        fs::write(&config, "").unwrap();
        let line = options(&config).settings().unwrap_err().line().unwrap();
        assert!(line.contains("--ca") && line.contains("STRONGROOM_CA"), "{line}");
    }
}
