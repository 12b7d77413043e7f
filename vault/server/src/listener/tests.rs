//! Attacks on the listener, over real sockets on a small router.

use std::time::Instant;

use axum::Extension;
use axum::routing::{get, post};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::authn::Unidentified;
use crate::config::PublicTlsConfig;
use crate::tls::fixtures::{Authority, Files, Wanted};

const NAME: &str = "spiffe://example.org/tenant/acme/service/shop";
const HTTP1: &[&str] = &["http/1.1"];
const SOON: Duration = Duration::from_secs(5);

/// A listener at work.
struct Server {
    authority: Authority,
    files: Files,
    tls: Arc<ServerTls>,
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let authority = Authority::new("ours");
        let files = Files::of(&authority);
        Self::start_with(authority, files, limits).await
    }

    async fn start_with(authority: Authority, files: Files, limits: Limits) -> Self {
        let tls = Arc::new(ServerTls::load(&files.config).unwrap());
        let listener = HttpsListener::bind(
            ([127, 0, 0, 1], 0).into(),
            Arc::clone(&tls),
            Callers::Named(TrustDomain::parse("example.org").unwrap()),
            limits,
            router(),
        )
        .await
        .unwrap();
        let address = listener.local_address().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(listener.serve(stop.clone()));
        Self { authority, files, tls, address, stop, serving }
    }

    async fn raw(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn connect_with(&self, config: Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(config).connect(name, self.raw().await).await
    }

    /// A client of ours, by HTTP/1.1.
    async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_as(NAME).await
    }

    async fn connect_as(&self, name: &str) -> TlsStream<TcpStream> {
        let client = self.authority.issue(Wanted::client(name));
        self.connect_with(self.authority.client(Some(&client), HTTP1)).await.unwrap()
    }

    /// In TLS 1.3 the client's side of a handshake ends before the server has looked at its certificate, so a refusal
    /// shows with the first byte that is read.
    async fn is_let_in(&self, config: Arc<ClientConfig>) -> bool {
        match self.connect_with(config).await {
            Ok(mut stream) => ask(&mut stream, "/whoami").await.is_ok_and(|answer| answer.contains("200 OK")),
            Err(_) => false,
        }
    }
}

fn router() -> Router {
    async fn whoami(Extension(peer): Extension<Arc<Peer>>) -> String {
        match &peer.identity {
            Ok(identified) => identified.principal.id.to_string(),
            Err(reason) => reason.to_string(),
        }
    }
    Router::new()
        .route("/whoami", get(whoami))
        .route(
            "/slow",
            get(async || {
                tokio::time::sleep(Duration::from_millis(700)).await;
                "slow but sure"
            }),
        )
        .route("/echo", post(async |body: String| body))
}

async fn ask(stream: &mut TlsStream<TcpStream>, path: &str) -> io::Result<String> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let count = timeout(SOON, stream.read(&mut bytes)).await??;
        answer.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let complete = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            length.is_some_and(|length| body.len() >= length.parse::<usize>().unwrap())
        });
        if count == 0 || complete {
            return Ok(text);
        }
    }
}

/// Waits until the other side has closed, and says after how long.
async fn closed_after(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Duration {
    let from = Instant::now();
    let mut bytes = [0; 4096];
    timeout(SOON, async { while !matches!(stream.read(&mut bytes).await, Ok(0) | Err(_)) {} })
        .await
        .expect("the connection stays open");
    from.elapsed()
}

#[tokio::test]
async fn a_known_client_is_named_by_its_certificate_and_by_nothing_it_sends() {
    let server = Server::start(Limits::default()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(
            b"GET /whoami HTTP/1.1\r\nhost: localhost\r\nx-tenant-id: globex\r\n\
              x-forwarded-client-cert: URI=spiffe://example.org/tenant/globex/service/root\r\n\r\n",
        )
        .await
        .unwrap();
    let mut bytes = [0; 4096];
    let count = stream.read(&mut bytes).await.unwrap();
    assert!(String::from_utf8_lossy(&bytes[..count]).ends_with(NAME));
}

#[tokio::test]
async fn a_bad_name_is_an_answer_and_not_a_broken_socket() {
    let server = Server::start(Limits::default()).await;
    let mut stream = server.connect_as("spiffe://example.com/tenant/acme/service/shop").await;
    let answer = ask(&mut stream, "/whoami").await.unwrap();
    assert!(answer.ends_with(&Unidentified::ForeignTrustDomain.to_string()), "{answer}");
}

#[tokio::test]
async fn strangers_are_refused() {
    let server = Server::start(Limits::default()).await;
    let (ours, other) = (&server.authority, Authority::new("ours"));
    let good = ours.issue(Wanted::client(NAME));
    assert!(server.is_let_in(ours.client(Some(&good), HTTP1)).await);
    assert!(!server.is_let_in(ours.client(None, HTTP1)).await, "without a certificate");
    let foreign = other.issue(Wanted::client(NAME));
    assert!(
        !server.is_let_in(ours.client(Some(&foreign), HTTP1)).await,
        "of another authority of the same name"
    );
    let server_only = ours
        .issue(Wanted { usages: vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth], ..Wanted::client(NAME) });
    assert!(!server.is_let_in(ours.client(Some(&server_only), HTTP1)).await, "for servers only");
    let expired = ours.issue(Wanted { lifetime: time::Duration::minutes(-1), ..Wanted::client(NAME) });
    assert!(!server.is_let_in(ours.client(Some(&expired), HTTP1)).await, "expired");
}

#[tokio::test]
async fn tls_1_2_is_refused_with_protocol_version() {
    let server = Server::start(Limits::default()).await;
    let mut stream = server.raw().await;
    // A TLS 1.2 ClientHello: three ECDHE suites with AES-GCM, P-256 and X25519, three signature algorithms.
    let extensions: &[u8] = &[
        0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x17, 0x00, 0x1d, // supported_groups
        0x00, 0x0b, 0x00, 0x02, 0x01, 0x00, // ec_point_formats
        0x00, 0x0d, 0x00, 0x08, 0x00, 0x06, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01, // signature_algorithms
    ];
    let mut body = vec![0x03, 0x03];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0x00, 0x06, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x30, 0x01, 0x00]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let mut hello = vec![0x01, 0x00];
    hello.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    hello.extend(body);
    let mut record = vec![0x16, 0x03, 0x01];
    record.extend(u16::try_from(hello.len()).unwrap().to_be_bytes());
    record.extend(hello);
    stream.write_all(&record).await.unwrap();
    let mut alert = [0; 7];
    timeout(SOON, stream.read_exact(&mut alert)).await.unwrap().unwrap();
    assert_eq!(alert, [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 70], "fatal alert protocol_version");
}

#[tokio::test]
async fn there_is_nothing_to_resume() {
    let server = Server::start(Limits::default()).await;
    let client = server.authority.issue(Wanted::client(NAME));
    let config = server.authority.client(Some(&client), HTTP1);
    for _ in 0..2 {
        let mut stream = server.connect_with(Arc::clone(&config)).await.unwrap();
        assert!(ask(&mut stream, "/whoami").await.unwrap().ends_with(NAME));
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(rustls::HandshakeKind::Full));
    }
}

#[tokio::test]
async fn a_header_that_comes_slowly_ends_the_connection() {
    let limits = Limits { header_timeout: Duration::from_millis(300), ..Limits::default() };
    let server = Server::start(limits).await;
    // Not a byte, half a header, and an idle connection after its first answer.
    let mut silent = server.connect().await;
    let mut slow = server.connect().await;
    slow.write_all(b"GET /whoami HTTP/1.1\r\nhost: local").await.unwrap();
    let mut kept_alive = server.connect().await;
    assert!(ask(&mut kept_alive, "/whoami").await.unwrap().contains("200 OK"));
    for stream in [&mut silent, &mut slow, &mut kept_alive] {
        closed_after(stream).await;
    }
}

#[tokio::test]
async fn an_http2_connection_without_requests_ends() {
    let short = Duration::from_millis(300);
    let limits = Limits { idle_timeout: short, shutdown_grace: short, ..Limits::default() };
    let server = Server::start(limits).await;
    let client = server.authority.issue(Wanted::client(NAME));
    let config = server.authority.client(Some(&client), &["h2"]);
    // Once without even the preface, once with a header block that is never completed.
    let mut silent = server.connect_with(Arc::clone(&config)).await.unwrap();
    let mut half = server.connect_with(config).await.unwrap();
    assert_eq!(half.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    half.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    half.write_all(b"\0\0\x01\x01\x01\0\0\0\x01\x82").await.unwrap();
    closed_after(&mut silent).await;
    closed_after(&mut half).await;
}

#[tokio::test]
async fn a_header_that_is_too_large_or_has_too_many_fields_is_refused() {
    let limits = Limits { header_bytes: 8192, header_fields: 10, ..Limits::default() };
    let server = Server::start(limits).await;
    for header in [format!("x: {}\r\n", "a".repeat(20_000)), "x: a\r\n".repeat(11)] {
        let mut stream = server.connect().await;
        stream.write_all(format!("GET /whoami HTTP/1.1\r\n{header}\r\n").as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let count = timeout(SOON, stream.read(&mut answer)).await.unwrap().unwrap();
        let answer = String::from_utf8_lossy(&answer[..count]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn a_stalled_handshake_holds_up_nobody_and_ends() {
    let limits = Limits { handshake_timeout: Duration::from_millis(500), ..Limits::default() };
    let server = Server::start(limits).await;
    let mut stalled = server.raw().await;
    stalled.write_all(&[0x16, 0x03, 0x01]).await.unwrap();
    let from = Instant::now();
    let mut stream = server.connect().await;
    assert!(ask(&mut stream, "/whoami").await.unwrap().contains("200 OK"));
    assert!(from.elapsed() < Duration::from_millis(400), "{:?}", from.elapsed());
    closed_after(&mut stalled).await;
}

#[tokio::test]
async fn one_address_cannot_take_all_handshakes() {
    let limits = Limits { handshakes_per_address: 2, ..Limits::default() };
    let server = Server::start(limits).await;
    let stalled = [server.raw().await, server.raw().await];
    let mut third = server.raw().await;
    assert!(closed_after(&mut third).await < Duration::from_secs(1));
    drop(stalled);
    // Those who went away have given back what they held.
    timeout(SOON, async {
        let client = server.authority.issue(Wanted::client(NAME));
        while !server.is_let_in(server.authority.client(Some(&client), HTTP1)).await {}
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn too_many_connections_are_closed_at_once() {
    let server = Server::start(Limits { connections: 2, ..Limits::default() }).await;
    let mut first = server.connect().await;
    let second = server.connect().await;
    let mut third = server.raw().await;
    assert!(closed_after(&mut third).await < Duration::from_secs(1));
    assert!(ask(&mut first, "/whoami").await.unwrap().contains("200 OK"));
    drop(second);
    timeout(SOON, async {
        let client = server.authority.issue(Wanted::client(NAME));
        while !server.is_let_in(server.authority.client(Some(&client), HTTP1)).await {}
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn too_many_connections_of_one_identity_leave_room_for_others() {
    let server = Server::start(Limits { connections_per_identity: 1, ..Limits::default() }).await;
    let mut first = server.connect().await;
    assert!(ask(&mut first, "/whoami").await.unwrap().contains("200 OK"));
    let mut second = server.connect().await;
    closed_after(&mut second).await;
    let mut other = server.connect_as("spiffe://example.org/tenant/acme/service/till").await;
    assert!(ask(&mut other, "/whoami").await.unwrap().ends_with("till"));
    assert!(ask(&mut first, "/whoami").await.unwrap().contains("200 OK"));
}

#[tokio::test]
async fn a_connection_that_has_come_of_age_ends_between_two_requests() {
    let limits = Limits { connection_age: Duration::from_millis(400), ..Limits::default() };
    let server = Server::start(limits).await;
    let mut stream = server.connect().await;
    let answer = ask(&mut stream, "/slow").await.unwrap();
    assert!(answer.ends_with("slow but sure"), "{answer}");
    closed_after(&mut stream).await;
}

#[tokio::test]
async fn shutdown_finishes_what_was_accepted_and_takes_nothing_new() {
    let server = Server::start(Limits::default()).await;
    let mut busy = server.connect().await;
    let mut idle = server.connect().await;
    assert!(ask(&mut idle, "/whoami").await.unwrap().contains("200 OK"));
    let answer = tokio::spawn(async move { ask(&mut busy, "/slow").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.stop.cancel();
    closed_after(&mut idle).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "the port is closed");
    assert!(answer.await.unwrap().unwrap().ends_with("slow but sure"));
    timeout(SOON, server.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn shutdown_does_not_wait_longer_than_the_grace() {
    let limits = Limits { shutdown_grace: Duration::from_millis(200), ..Limits::default() };
    let server = Server::start(limits).await;
    let mut stuck = server.connect().await;
    stuck
        .write_all(b"POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nabc")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let from = Instant::now();
    server.stop.cancel();
    timeout(SOON, server.serving).await.unwrap().unwrap();
    assert!(from.elapsed() < Duration::from_secs(2), "{:?}", from.elapsed());
}

#[tokio::test]
async fn a_revocation_is_felt_on_live_connections_and_by_new_ones() {
    let authority = Authority::new("ours");
    let mut files = Files::of(&authority);
    files.add_crl(&authority, &[], 3600);
    let server = Server::start_with(authority, files, Limits::default()).await;
    let client = server.authority.issue(Wanted { serial: 666, ..Wanted::client(NAME) });
    let config = server.authority.client(Some(&client), HTTP1);
    let mut live = server.connect_with(Arc::clone(&config)).await.unwrap();
    assert!(ask(&mut live, "/whoami").await.unwrap().ends_with(NAME));

    server.files.write_crl(&server.authority, &[666], 3600);
    server.tls.reload().unwrap();
    closed_after(&mut live).await;
    assert!(!server.is_let_in(config).await);
    let other = server.authority.issue(Wanted { serial: 667, ..Wanted::client(NAME) });
    assert!(server.is_let_in(server.authority.client(Some(&other), HTTP1)).await);
}

#[tokio::test]
async fn a_list_that_goes_stale_lets_nobody_in() {
    let authority = Authority::new("ours");
    let mut files = Files::of(&authority);
    files.add_crl(&authority, &[], 3);
    let server = Server::start_with(authority, files, Limits::default()).await;
    let client = server.authority.issue(Wanted::client(NAME));
    let config = server.authority.client(Some(&client), HTTP1);
    assert!(server.is_let_in(Arc::clone(&config)).await);
    tokio::time::sleep(Duration::from_millis(4500)).await;
    assert!(!server.is_let_in(Arc::clone(&config)).await);
    assert!(server.tls.reload().is_err(), "and it is not taken again");
    server.files.write_crl(&server.authority, &[], 3600);
    server.tls.reload().unwrap();
    assert!(server.is_let_in(config).await);
}

#[tokio::test]
async fn files_that_are_wrong_change_nothing() {
    let server = Server::start(Limits::default()).await;
    let mut live = server.connect().await;
    std::fs::write(&server.files.config.certificate_file, "no PEM").unwrap();
    assert!(server.tls.reload().is_err());
    assert!(ask(&mut live, "/whoami").await.unwrap().ends_with(NAME));
    let mut new = server.connect().await;
    assert!(ask(&mut new, "/whoami").await.unwrap().ends_with(NAME));
}

#[tokio::test]
async fn http2_serves_and_caps_its_streams() {
    let server = Server::start(Limits { http2_streams: 2, ..Limits::default() }).await;
    let client = server.authority.issue(Wanted::client(NAME));
    let stream = server.connect_with(server.authority.client(Some(&client), &["h2"])).await.unwrap();
    let (mut stream, connection) = hyper::client::conn::http2::handshake(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    )
    .await
    .unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::get("https://localhost/whoami").body(String::new()).unwrap();
    let answer = timeout(SOON, stream.send_request(request)).await.unwrap().unwrap();
    assert_eq!((answer.status(), answer.version()), (http::StatusCode::OK, http::Version::HTTP_2));
    // Four requests of 0.7 seconds, two at a time.
    let from = Instant::now();
    let slow = || http::Request::get("https://localhost/slow").body(String::new()).unwrap();
    let answers: Vec<_> = (0..4).map(|_| stream.send_request(slow())).collect();
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.unwrap().status(), http::StatusCode::OK);
    }
    assert!(from.elapsed() >= Duration::from_millis(1400), "{:?}", from.elapsed());
    drop(stream);
    server.stop.cancel();
    timeout(SOON, server.serving).await.unwrap().unwrap();
    let _ = connection.await;
}

/// Where anybody may connect, no certificate is asked for, one that comes names nobody, and connections are counted by
/// address.
#[tokio::test]
async fn strangers_are_let_in_where_all_are_strangers() {
    let authority = Authority::new("ours");
    let files = Files::of(&authority);
    let tls = ServerTls::load_public(PublicTlsConfig {
        certificate_file: files.config.certificate_file.clone(),
        private_key_file: files.config.private_key_file.clone(),
    });
    let tls = Arc::new(tls.unwrap());
    let limits = Limits { connections_per_identity: 2, ..Limits::default() };
    let address = ([127, 0, 0, 1], 0).into();
    let listener =
        HttpsListener::bind(address, Arc::clone(&tls), Callers::Anyone, limits, router()).await.unwrap();
    let address = listener.local_address().unwrap();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(listener.serve(stop.clone()));
    let connect = async || {
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(authority.client(None, HTTP1)).connect(name, stream).await.unwrap()
    };
    let (mut first, mut second) = (connect().await, connect().await);
    for stream in [&mut first, &mut second] {
        let answer = ask(stream, "/whoami").await.unwrap();
        assert!(answer.ends_with(&Unidentified::Anonymous.to_string()), "{answer}");
    }
    let third = timeout(SOON, async { ask(&mut connect().await, "/whoami").await }).await.unwrap();
    assert!(third.is_err() || third.is_ok_and(|answer| answer.is_empty()), "one address has its two");
    drop((first, second));
    stop.cancel();
    serving.await.unwrap();
}
