//! A service that speaks HTTP and nothing of ours: what is sent and what comes back is seen as it is.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;

use crate::Outcome;

/// One identity's connection to the vault.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    url: String,
}

/// An answer.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body as text.
    pub text: String,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
}

/// What a JSON pointer leads to; null if nothing.
pub fn at<'a>(json: &'a Value, pointer: &str) -> &'a Value {
    json.pointer(pointer).unwrap_or(&Value::Null)
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The stable code of a problem; empty if it is none.
    pub fn code(&self) -> String {
        self.json().get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// A member that must be there and text.
    pub fn text_at(&self, pointer: &str) -> Outcome<String> {
        let json = self.json();
        let text = json.pointer(pointer).and_then(Value::as_str);
        Ok(text.ok_or_else(|| format!("no {pointer} in {} {}", self.status, self.text))?.to_owned())
    }

    /// The answer, if it is this status.
    pub fn expect(self, status: u16) -> Outcome<Self> {
        if self.status.as_u16() == status {
            Ok(self)
        } else {
            Err(format!("expected {status}, got {} {}", self.status, self.text).into())
        }
    }
}

impl Caller {
    pub(crate) fn new(url: &str, folder: &Path, identity: Option<&str>) -> Outcome<Self> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(client_config(folder, identity)?)
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()?;
        Ok(Self { http, url: url.to_owned() })
    }

    /// Asks without a body.
    pub async fn get(&self, path: &str) -> Outcome<Answer> {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Outcome<Answer> {
        self.send(Method::DELETE, path, None, &[]).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Outcome<Answer> {
        self.post_raw(path, body.to_string().into_bytes()).await
    }

    /// Sends JSON under an `Idempotency-Key`.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Outcome<Answer> {
        let body = body.to_string().into_bytes();
        self.send(Method::POST, path, Some(body), &[("idempotency-key", key)]).await
    }

    /// Sends bytes that need not be JSON, as JSON.
    pub async fn post_raw(&self, path: &str, body: Vec<u8>) -> Outcome<Answer> {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    /// Sends whatever is asked for.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Outcome<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            if !headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }
}

/// TLS 1.3 to the vault in this folder, by one of its clients or by nobody.
pub fn client_config(folder: &Path, identity: Option<&str>) -> Outcome<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(folder.join("ca.pem"))? {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots);
    Ok(match identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let certificate = fs::read(folder.join(format!("clients/{identity}.pem")))?;
            let chain = CertificateDer::pem_slice_iter(&certificate).collect::<Result<_, _>>()?;
            let key = PrivateKeyDer::from_pem_file(folder.join(format!("clients/{identity}.key")))?;
            config.with_client_auth_cert(chain, key)?
        }
    })
}
