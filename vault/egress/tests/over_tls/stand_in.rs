//! A server over TLS that stands in for a destination, remembers what it was asked, and may behave badly.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, crypto::aws_lc_rs, version};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authority::{Authority, Identity};

/// What it was asked once.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What it does next.
pub(crate) enum Reply {
    /// Answers as HTTP/1.1 says.
    Answer(Response<Full<Bytes>>),
    /// Answers with what is made of the request's body.
    Echo(fn(&[u8]) -> Vec<u8>),
    /// Reads the request and writes these bytes, whatever they are; then these again and again; then hangs up.
    Raw { once: Vec<u8>, again: Vec<u8>, times: usize },
    /// Reads the request and never answers.
    Silence,
}

impl Reply {
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Raw { once: bytes.into(), again: Vec::new(), times: 0 }
    }

    pub(crate) fn endless(once: &str, again: &str) -> Self {
        Self::Raw { once: once.into(), again: again.into(), times: usize::MAX }
    }
}

/// How it is set up.
pub(crate) struct Setup {
    pub(crate) identity: Identity,
    /// Whose clients it lets in; all if none.
    pub(crate) clients_of: Option<Authority>,
    pub(crate) version: &'static SupportedProtocolVersion,
}

impl Setup {
    pub(crate) fn of(identity: Identity) -> Self {
        Self { identity, clients_of: None, version: &version::TLS13 }
    }
}

pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<Mutex<usize>>,
}

impl StandIn {
    pub(crate) async fn with(setup: Setup, replies: Vec<Reply>) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(server_config(&setup)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let replies = Arc::new(Mutex::new(VecDeque::from(replies)));
        tokio::spawn(serve(listener, acceptor, Arc::clone(&asked), Arc::clone(&ended), replies));
        Self { address, asked, ended }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many connections have ended after a handshake.
    pub(crate) fn ended(&self) -> usize {
        *self.ended.lock().unwrap()
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<Mutex<usize>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
) {
    loop {
        let Ok((socket, _)) = listener.accept().await else { return };
        let (acceptor, asked) = (acceptor.clone(), Arc::clone(&asked));
        let (replies, ended) = (Arc::clone(&replies), Arc::clone(&ended));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let reply = replies.lock().unwrap().pop_front();
            match reply {
                Some(Reply::Raw { once, again, times }) => {
                    write_raw(stream, asked, &once, &again, times).await
                }
                Some(reply) => speak_http(stream, asked, reply).await,
                None => {}
            }
            *ended.lock().unwrap() += 1;
        });
    }
}

async fn speak_http(stream: TlsStream<TcpStream>, asked: Arc<Mutex<Vec<Asked>>>, reply: Reply) {
    let reply = Arc::new(reply);
    let service = service_fn(move |request: Request<Incoming>| {
        let (asked, reply) = (Arc::clone(&asked), Arc::clone(&reply));
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes().to_vec();
            let headers = head.headers.iter();
            asked.lock().unwrap().push(Asked {
                method: head.method.to_string(),
                target: head.uri.to_string(),
                headers: headers
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                    .collect(),
                body: body.clone(),
            });
            Ok::<_, Infallible>(match &*reply {
                Reply::Answer(response) => response.clone(),
                Reply::Echo(made) => Response::new(Full::new(Bytes::from(made(&body)))),
                Reply::Raw { .. } | Reply::Silence => std::future::pending().await,
            })
        }
    });
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn write_raw(
    mut stream: TlsStream<TcpStream>,
    asked: Arc<Mutex<Vec<Asked>>>,
    once: &[u8],
    again: &[u8],
    times: usize,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    let mut words = line.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    asked.lock().unwrap().push(Asked { method, target, headers: Vec::new(), body: Vec::new() });
    if stream.write_all(once).await.is_err() {
        return;
    }
    for _ in 0..times {
        // Few bytes come slowly, many as fast as they are taken.
        if again.len() == 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if stream.write_all(again).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

fn server_config(setup: &Setup) -> ServerConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[setup.version])
        .unwrap();
    let builder = match &setup.clients_of {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(setup.identity.certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(setup.identity.key.as_bytes()).unwrap();
    builder.with_single_cert(chain, key).unwrap()
}
