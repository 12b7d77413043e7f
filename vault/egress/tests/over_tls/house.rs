//! The other side: a destination in a temporary folder, a resolver that says what it is told, and requests.

use std::io;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use strongroom_domain::Secret;
use strongroom_egress::{
    BodySource, Destination, DestinationConfig, DestinationProblem, Field, FilledRequest, ForwardError,
    Forwarder, Placeholder, Resolver, TemplateSource, TokenName, UnscannedAnswer,
};
use tokio::time::Instant;

use crate::authority::{Authority, Identity};

pub(crate) const NUMBER: &str = "4111111111111111";

/// A destination's files, and its configuration.
pub(crate) struct House {
    folder: tempfile::TempDir,
    pub(crate) config: DestinationConfig,
}

impl House {
    /// A destination on this machine that trusts one authority.
    pub(crate) fn of(authority: &Authority, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config: DestinationConfig = toml::from_str(
            r#"
            name = "acquirer"
            tenants = ["acme"]
            host = "acquirer.test"
            methods = ["POST", "GET"]
            paths = [{ pattern = "/v1/payments" }, { pattern = "/v1/refunds/*", query = true }]
            request_headers = ["Idempotency-Key", "X-Card"]
            ca_file = "ca.pem"
            allow_private_addresses = ["127.0.0.0/8"]
            max_answer_bytes = 65536
            "#,
        )
        .unwrap();
        config.port = port;
        let mut house = Self { folder, config };
        house.config.ca_file = house.write("ca.pem", &authority.pem());
        house
    }

    /// Comes with a certificate of its own.
    pub(crate) fn with_identity(mut self, identity: &Identity) -> Self {
        self.config.client_certificate_file = Some(self.write("client.pem", &identity.certificate));
        let key = self.write("client.key", &identity.key);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        self.config.client_private_key_file = Some(key);
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut DestinationConfig)) -> Self {
        change(&mut self.config);
        self
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn load(&self) -> Result<Arc<Destination>, Vec<DestinationProblem>> {
        Destination::load(&self.config).map(Arc::new)
    }

    pub(crate) fn destination(&self) -> Arc<Destination> {
        self.load().unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    /// A payment with a card in its body.
    pub(crate) fn payment(&self) -> FilledRequest {
        request(&self.destination(), &[], "text/plain", "{{card.number}}")
    }

    /// Sends a payment and gives it ten seconds.
    pub(crate) async fn send(&self) -> Result<UnscannedAnswer, ForwardError> {
        self.send_within(Duration::from_secs(10)).await
    }

    pub(crate) async fn send_within(&self, patience: Duration) -> Result<UnscannedAnswer, ForwardError> {
        forwarder(&["127.0.0.1"]).forward(self.payment(), Instant::now() + patience).await
    }
}

pub(crate) fn request(
    destination: &Arc<Destination>,
    headers: &[(&str, &str)],
    content_type: &str,
    text: &str,
) -> FilledRequest {
    let target = destination.target("POST", "/v1/payments").unwrap();
    let source = TemplateSource { headers, body: Some(BodySource { content_type, text }) };
    target.template(&source, &names()).unwrap().fill(&value).unwrap()
}

pub(crate) fn names() -> Vec<TokenName> {
    vec![TokenName::parse("card").unwrap()]
}

pub(crate) fn value(placeholder: &Placeholder) -> Option<Secret<String>> {
    let text = match placeholder.field {
        Field::Number => NUMBER,
        Field::ExpMonth => "7",
        Field::ExpYear => "2031",
        Field::Holder => "A N \"Other\"",
        Field::Value => "a\r\nX-Injected: 1",
        _ => return None,
    };
    Some(Secret::new(text.to_owned()))
}

/// Sends to what every name is said to stand for.
pub(crate) fn forwarder(addresses: &[&str]) -> Forwarder {
    Forwarder::new(Arc::new(Told::new(addresses)))
}

/// A resolver that says what it is told.
pub(crate) struct Told {
    addresses: Mutex<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Told {
    pub(crate) fn new(addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Self { addresses: Mutex::new(addresses), asked: AtomicUsize::new(0) }
    }

    pub(crate) fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolver for Told {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(host, "acquirer.test");
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.addresses.lock().unwrap().clone())
    }
}
