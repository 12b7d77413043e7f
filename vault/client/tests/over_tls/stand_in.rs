//! A server over mutual TLS that stands in for a vault and remembers what it was asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use strongroom_client::{Client, ClientBuilder};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto::aws_lc_rs::default_provider, version};

/// What it was asked once.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) http2: bool,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What it does next.
pub(crate) enum Reply {
    /// Answers.
    Answer(Response),
    /// Reads the request and drops the connection.
    HangUp,
    /// Reads the request and never answers.
    Silence,
}

/// A certificate and its key in PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    pub(crate) authority: String,
    pub(crate) identity: Identity,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// Answers with these replies, in order.
    pub(crate) async fn with(replies: Vec<Reply>, alpn: &[&[u8]]) -> Self {
        let authority = issuer();
        let server = issue(&authority, "localhost");
        let identity = issue(&authority, "shop");
        let acceptor = TlsAcceptor::from(Arc::new(server_config(&authority, &server, alpn)));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let replies = Arc::new(Mutex::new(VecDeque::from(replies)));
        tokio::spawn(serve(listener, acceptor, Arc::clone(&asked), replies));
        Self { address, authority: authority.pem(), identity, asked }
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        Client::builder()
            .base_url(format!("https://localhost:{}", self.address.port()))
            .ca_pem(self.authority.as_bytes())
            .identity_pem(self.identity.certificate.as_bytes(), self.identity.key.as_bytes())
            .pauses(std::time::Duration::from_millis(1), std::time::Duration::from_millis(5))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    asked: Arc<Mutex<Vec<Asked>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
) {
    loop {
        let Ok((socket, _)) = listener.accept().await else { return };
        let (acceptor, asked, replies) = (acceptor.clone(), Arc::clone(&asked), Arc::clone(&replies));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let service = tower::service_fn(move |request: Request<hyper::body::Incoming>| {
                reply(request, Arc::clone(&asked), Arc::clone(&replies))
            });
            let connection = auto::Builder::new(TokioExecutor::new());
            let _ =
                connection.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
        });
    }
}

async fn reply(
    request: Request<hyper::body::Incoming>,
    asked: Arc<Mutex<Vec<Asked>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
) -> Result<Response<Body>, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    asked.lock().unwrap().push(Asked {
        method: head.method.to_string(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        http2: head.version == axum::http::Version::HTTP_2,
        idempotency_key: head.headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned()),
        body: body.to_vec(),
    });
    let reply = replies.lock().unwrap().pop_front();
    match reply {
        Some(Reply::Answer(response)) => Ok(response),
        Some(Reply::HangUp) | None => Err(std::io::Error::other("hung up")),
        Some(Reply::Silence) => std::future::pending().await,
    }
}

pub(crate) fn issuer() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

pub(crate) fn issue(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.signed_by(&key, authority).unwrap();
    Identity { certificate: certificate.pem(), key: key.serialize_pem() }
}

fn server_config(
    authority: &CertifiedIssuer<'static, KeyPair>,
    server: &Identity,
    alpn: &[&[u8]],
) -> ServerConfig {
    use rustls_pki_types::pem::PemObject as _;

    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let chain =
        vec![rustls_pki_types::CertificateDer::from_pem_slice(server.certificate.as_bytes()).unwrap()];
    let key = rustls_pki_types::PrivateKeyDer::from_pem_slice(server.key.as_bytes()).unwrap();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config
}
