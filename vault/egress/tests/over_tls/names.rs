//! Which addresses are connected to.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use strongroom_egress::{ForwardError, Forwarder, Outcome, Resolver};
use tokio::time::{Duration, Instant};

use crate::authority::Authority;
use crate::house::{House, Told, forwarder};
use crate::stand_in::{Reply, Setup, StandIn};

async fn server() -> (StandIn, House) {
    let authority = Authority::new();
    let replies = (0..3).map(|_| Reply::Echo(|_| Vec::new())).collect();
    let server = StandIn::with(Setup::of(authority.issue("acquirer.test")), replies).await;
    let house = House::of(&authority, server.address.port());
    (server, house)
}

async fn sent_to(house: &House, addresses: &[&str]) -> Result<(), ForwardError> {
    let deadline = Instant::now() + Duration::from_secs(10);
    forwarder(addresses).forward(house.payment(), deadline).await.map(drop)
}

#[tokio::test]
async fn names_of_inner_addresses_are_refused() {
    let (server, house) = server().await;
    for addresses in [
        &["10.0.0.1"][..],
        &["169.254.169.254"],
        &["::ffff:10.0.0.1"],
        &["::ffff:a9fe:a9fe"],
        &["::1"],
        &["fd00::1"],
        &["64:ff9b::7f00:1"],
        &["2002:7f00:1::1"],
        &["0.0.0.0"],
        // The one that may be reached does not make up for the other.
        &["127.0.0.1", "10.0.0.1"],
        &["127.0.0.1", "::1"],
        &["10.0.0.1", "127.0.0.1"],
        &["8.8.8.8", "169.254.169.254"],
    ] {
        let refused = sent_to(&house, addresses).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.outcome()),
            ("address_refused", Outcome::NotSent),
            "{addresses:?}"
        );
    }
    assert_eq!(server.ended(), 0);
}

#[tokio::test]
async fn without_a_list_this_machine_is_refused_too() {
    let (server, house) = server().await;
    let house = house.with(|config| config.allow_private_addresses.clear());
    assert_eq!(sent_to(&house, &["127.0.0.1"]).await.unwrap_err().code(), "address_refused");
    let literal = house.with(|config| config.host = "127.0.0.1".to_owned());
    assert_eq!(sent_to(&literal, &[]).await.unwrap_err().code(), "address_refused");
    assert_eq!(server.ended(), 0);
}

#[tokio::test]
async fn an_address_may_be_its_own_name() {
    let authority = Authority::new();
    let server =
        StandIn::with(Setup::of(authority.issue("127.0.0.1")), vec![Reply::Echo(|_| Vec::new())]).await;
    let house =
        House::of(&authority, server.address.port()).with(|config| config.host = "127.0.0.1".to_owned());
    sent_to(&house, &[]).await.unwrap();
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_mapped_address_is_the_one_that_it_maps() {
    let (server, house) = server().await;
    sent_to(&house, &["::ffff:127.0.0.1"]).await.unwrap();
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn the_next_address_is_tried_when_one_is_dead() {
    let (server, house) = server().await;
    // Nobody listens there.
    sent_to(&house, &["127.0.0.2", "127.0.0.1"]).await.unwrap();
    assert_eq!(server.asked().len(), 1);
    let dead = sent_to(&house, &["127.0.0.2", "127.0.0.3"]).await.unwrap_err();
    assert_eq!((dead.code(), dead.outcome()), ("connect_failed", Outcome::NotSent));
}

#[tokio::test]
async fn a_name_is_resolved_once() {
    let (_server, house) = server().await;
    let resolver = Arc::new(Told::new(&["127.0.0.1"]));
    let forwarder = Forwarder::new(Arc::clone(&resolver) as Arc<dyn Resolver>);
    forwarder.forward(house.payment(), Instant::now() + Duration::from_secs(10)).await.unwrap();
    assert_eq!(resolver.times_asked(), 1);
}

/// Fails, or never answers.
struct Broken(bool);

#[async_trait]
impl Resolver for Broken {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        if self.0 { std::future::pending().await } else { Err(io::Error::other("no such name")) }
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_told_apart_from_a_slow_one() {
    let (_server, house) = server().await;
    assert_eq!(sent_to(&house, &[]).await, Err(ForwardError::NameNotResolved));
    let broken = |hangs| Forwarder::new(Arc::new(Broken(hangs)));
    let soon = || Instant::now() + Duration::from_millis(200);
    assert_eq!(
        broken(false).forward(house.payment(), soon()).await.err(),
        Some(ForwardError::NameNotResolved)
    );

    let late = broken(true).forward(house.payment(), soon()).await.err().unwrap();
    assert!(matches!(late, ForwardError::NotSentInTime | ForwardError::ConnectTimeout), "{late:?}");
    assert_eq!(late.outcome(), Outcome::NotSent);
    let house = house.with(|config| config.connect_timeout = Duration::from_millis(100));
    let far = Instant::now() + Duration::from_secs(10);
    assert_eq!(broken(true).forward(house.payment(), far).await.err(), Some(ForwardError::ConnectTimeout));
}

#[tokio::test]
async fn the_system_knows_this_machine() {
    let authority = Authority::new();
    let server =
        StandIn::with(Setup::of(authority.issue("localhost")), vec![Reply::Echo(|_| Vec::new())]).await;
    let house = House::of(&authority, server.address.port()).with(|config| {
        config.host = "localhost".to_owned();
        config.allow_private_addresses.push("::1/128".parse().unwrap());
    });
    let deadline = Instant::now() + Duration::from_secs(10);
    Forwarder::system().forward(house.payment(), deadline).await.unwrap();
    assert_eq!(server.asked().len(), 1);
}
