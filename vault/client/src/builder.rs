//! Where the vault is, who is calling, and how patient to be.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use zeroize::Zeroizing;

use crate::Client;
use crate::retry::Policy;
use crate::tls::tls_config;
use crate::transport::Transport;

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Missing, or not an https address.
    #[error("base_url must be an https address without query")]
    BaseUrl,
    /// Missing, or without a certificate.
    #[error("ca_pem must hold the certificates of the vault's authority in PEM")]
    Authority,
    /// Missing, or without a certificate or a key.
    #[error("identity_pem must hold a certificate chain and its private key in PEM")]
    Identity,
    /// The certificate and the key do not go together, or their kind is not supported.
    #[error("the certificate and the private key of the identity cannot be used")]
    IdentityMismatch(#[source] rustls::Error),
    /// The TLS library does not offer what is needed.
    #[error("TLS 1.3 cannot be set up")]
    Tls(#[source] rustls::Error),
    /// No tries, or no time for them.
    #[error("attempts, attempt_timeout and deadline must be more than zero")]
    Patience,
    /// The HTTP library cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Http(#[source] reqwest::Error),
}

/// Makes a [`Client`].
#[derive(Default)]
pub struct ClientBuilder {
    base_url: String,
    authority: Vec<u8>,
    certificate: Vec<u8>,
    private_key: Zeroizing<Vec<u8>>,
    policy: Policy,
}

impl ClientBuilder {
    /// Where the vault is, such as `https://vault.example.com:8443`.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The authorities that the vault's certificate may come from. No others are trusted.
    #[must_use]
    pub fn ca_pem(mut self, certificates: impl Into<Vec<u8>>) -> Self {
        self.authority = certificates.into();
        self
    }

    /// Who is calling: the certificate with its chain, and its private key.
    #[must_use]
    pub fn identity_pem(mut self, certificate: impl Into<Vec<u8>>, private_key: impl Into<Vec<u8>>) -> Self {
        self.certificate = certificate.into();
        self.private_key = Zeroizing::new(private_key.into());
        self
    }

    /// How often a call is tried at most; 4 unless said otherwise.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.policy.attempts = attempts;
        self
    }

    /// How long one try may take; 10 seconds unless said otherwise.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.policy.attempt_timeout = timeout;
        self
    }

    /// How long a call may take with all its tries; 30 seconds unless said otherwise.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.policy.deadline = deadline;
        self
    }

    /// The longest first pause between tries, and the longest pause of all; 100 milliseconds and 5 seconds unless said
    /// otherwise.
    #[must_use]
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.policy.first_pause = first;
        self.policy.longest_pause = longest;
        self
    }

    /// Checks it all and makes the client. Connects at the first call only.
    pub fn build(self) -> Result<Client, BuildError> {
        let base = Url::parse(&self.base_url).map_err(|_| BuildError::BaseUrl)?;
        if base.scheme() != "https"
            || base.cannot_be_a_base()
            || base.query().is_some()
            || base.fragment().is_some()
        {
            return Err(BuildError::BaseUrl);
        }
        let Policy { attempts, attempt_timeout, deadline, .. } = self.policy;
        if attempts == 0 || attempt_timeout.is_zero() || deadline.is_zero() {
            return Err(BuildError::Patience);
        }
        let tls = tls_config(&self.authority, &self.certificate, &self.private_key)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            // What a vault is told is told to the vault alone.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // Tries are counted here, by one rule, and not below as well.
            .retry(reqwest::retry::never())
            .connect_timeout(attempt_timeout)
            .pool_idle_timeout(Duration::from_secs(60))
            .http2_keep_alive_interval(Duration::from_secs(20))
            .user_agent(concat!("strongroom-client/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(BuildError::Http)?;
        let transport = Transport::new(http, base, self.policy);
        Ok(Client { transport: Arc::new(transport), idempotency_key: None })
    }
}
