//! Whom the request is sent to, and as whom.

use rustls::version::{TLS12, TLS13};
use strongroom_egress::forward::TlsFailure;
use strongroom_egress::{ForwardError, Outcome};
use time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::authority::{Authority, Identity};
use crate::house::House;
use crate::stand_in::{Reply, Setup, StandIn};

async fn with_certificate(trusted: &Authority, identity: Identity) -> (ForwardError, usize) {
    let server = StandIn::with(Setup::of(identity), vec![Reply::Echo(<[u8]>::to_vec)]).await;
    let house = House::of(trusted, server.address.port());
    (house.send().await.err().unwrap(), server.asked().len())
}

#[tokio::test]
async fn a_certificate_must_be_of_the_listed_authority_for_the_host_and_now() {
    let ours = Authority::new();
    for (identity, failure) in [
        (Authority::named("other").issue("acquirer.test"), TlsFailure::UnknownAuthority),
        // Another with the same name.
        (Authority::new().issue("acquirer.test"), TlsFailure::UnknownAuthority),
        (ours.issue("other.test"), TlsFailure::OtherHost),
        (ours.issue("127.0.0.1"), TlsFailure::OtherHost),
        (ours.issue("sub.acquirer.test"), TlsFailure::OtherHost),
        (ours.issue_for("acquirer.test", Duration::hours(-2), Duration::hours(-1)), TlsFailure::Expired),
        (ours.issue_for("acquirer.test", Duration::hours(1), Duration::hours(2)), TlsFailure::NotYetValid),
    ] {
        let (error, asked) = with_certificate(&ours, identity).await;
        assert_eq!((error, asked), (ForwardError::Tls(failure), 0));
        assert_eq!((error.code(), error.outcome()), ("tls_failed", Outcome::NotSent));
    }
}

#[tokio::test]
async fn tls_1_2_is_spoken_where_1_3_is_not() {
    for version in [&TLS12, &TLS13] {
        let ours = Authority::new();
        let setup = Setup { version, ..Setup::of(ours.issue("acquirer.test")) };
        let server = StandIn::with(setup, vec![Reply::Echo(|_| Vec::new())]).await;
        House::of(&ours, server.address.port()).send().await.unwrap();
    }
}

#[tokio::test]
async fn what_speaks_no_tls_is_told_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let error = House::of(&Authority::new(), port).send().await.err().unwrap();
    assert_eq!(error, ForwardError::Tls(TlsFailure::Protocol));
}

#[tokio::test]
async fn a_destination_may_want_a_certificate() {
    for (version, without) in [
        (&TLS13, ForwardError::ClientCertificateRefused),
        (&TLS12, ForwardError::Tls(TlsFailure::RefusedByDestination)),
    ] {
        let (ours, theirs) = (Authority::new(), Authority::named("theirs"));
        let identity = theirs.issue("vault");
        let stranger = Authority::named("strangers").issue("vault");
        let setup = Setup { version, clients_of: Some(theirs), ..Setup::of(ours.issue("acquirer.test")) };
        let replies = (0..3).map(|_| Reply::Echo(|_| Vec::new())).collect();
        let server = StandIn::with(setup, replies).await;
        let port = server.address.port();

        assert_eq!(House::of(&ours, port).send().await.err(), Some(without));
        assert_eq!(House::of(&ours, port).with_identity(&stranger).send().await.err(), Some(without));
        assert!(server.asked().is_empty());
        House::of(&ours, port).with_identity(&identity).send().await.unwrap();
        assert_eq!(server.asked().len(), 1);
    }
}
