//! What becomes of answers that are no ordinary ones.

use std::time::Instant;

use http::Response;
use strongroom_egress::{ForwardError, Outcome, Scan, UnscannedAnswer};
use tokio::time::Duration;

use crate::authority::Authority;
use crate::house::House;
use crate::stand_in::{Reply, Setup, StandIn};

async fn with(reply: Reply) -> (StandIn, House) {
    let authority = Authority::new();
    let server = StandIn::with(Setup::of(authority.issue("acquirer.test")), vec![reply]).await;
    let house = House::of(&authority, server.address.port());
    (server, house)
}

async fn answered(reply: Reply) -> Result<UnscannedAnswer, ForwardError> {
    let (_server, house) = with(reply).await;
    house.send().await
}

async fn refused(reply: Reply) -> ForwardError {
    answered(reply).await.err().unwrap()
}

fn body_of(answer: UnscannedAnswer, expected: &[u8]) -> bool {
    matches!(answer.scan(), Scan::Clean(answer) if answer.body().ct_eq(expected))
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Response::builder().status(status).header("location", "/v1/refunds/1");
        let (server, house) = with(Reply::Answer(elsewhere.body("".into()).unwrap())).await;
        let error = house.send().await.err().unwrap();
        assert_eq!((error.code(), error.outcome()), ("redirect", Outcome::Answered));
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn large_answers_are_left() {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    for reply in [
        Reply::raw(format!("{head}Content-Length: 65537\r\n\r\n")),
        Reply::raw(format!("{head}Content-Length: 9999999999999\r\n\r\n")),
        // Without end, chunked and not.
        Reply::endless(&format!("{head}Transfer-Encoding: chunked\r\n\r\n"), &chunk),
        Reply::endless(&format!("{head}\r\n"), &chunk),
        // Nothing but interim answers.
        Reply::endless("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    ] {
        let begun = Instant::now();
        assert_eq!(refused(reply).await, ForwardError::AnswerTooLarge);
        assert!(begun.elapsed() < Duration::from_secs(8));
    }
}

#[tokio::test]
async fn chunks_of_next_to_nothing_come_to_an_end_too() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunk in ["1\r\nx\r\n".repeat(1000), format!("1;{}\r\nx\r\n", "e".repeat(2000))] {
        let error = refused(Reply::endless(head, &chunk)).await;
        assert!(matches!(error, ForwardError::AnswerTooLarge | ForwardError::Malformed), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_as_large_as_it_may_be_is_read() {
    let body = vec![b'x'; 65_536];
    let answer = Response::builder().header("content-type", "text/plain").body(body.clone().into()).unwrap();
    assert!(body_of(answered(Reply::Answer(answer)).await.unwrap(), &body));
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n",
        "x".repeat(65_536)
    );
    assert!(body_of(answered(Reply::raw(chunked)).await.unwrap(), &body));
}

#[tokio::test]
async fn encoded_answers_are_not_unpacked() {
    // A gzip bomb begins like this; what follows is never looked at.
    let bomb =
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\x1f\x8b\r\n";
    for reply in [
        Reply::Raw { once: bomb.to_vec(), again: b"1000\r\n".to_vec(), times: usize::MAX },
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n"),
        Reply::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        Reply::raw(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
    ] {
        let error = refused(reply).await;
        assert_eq!((error.code(), error.outcome()), ("encoded_answer", Outcome::Answered));
    }
}

#[tokio::test]
async fn heads_have_their_limits() {
    let many = (0..65).map(|number| format!("X-{number}: 1\r\n")).collect::<String>();
    let long = format!("X-Long: {}\r\n", "x".repeat(20_000));
    for head in [many, long] {
        let error = refused(Reply::raw(format!("HTTP/1.1 200 OK\r\n{head}Content-Length: 0\r\n\r\n"))).await;
        assert_eq!(error, ForwardError::HeadTooLarge);
    }
    let endless = refused(Reply::endless("HTTP/1.1 200 OK\r\nX-Long: ", "xxxxxxxxxxxxxxxx")).await;
    assert_eq!(endless, ForwardError::HeadTooLarge);
}

#[tokio::test]
async fn what_is_not_http_1_1_is_malformed() {
    for bytes in [
        "garbage\r\n\r\n",
        "HTTP/3.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/4\r\nContent-Length: 2\r\n\r\n41",
    ] {
        assert_eq!(refused(Reply::raw(bytes)).await, ForwardError::Malformed, "{bytes}");
    }
}

#[tokio::test]
async fn interim_answers_are_skipped() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assert!(body_of(answered(Reply::raw(answer)).await.unwrap(), b"ok"));
}

#[tokio::test]
async fn refusals_of_the_destination_are_answers() {
    for status in [400, 402, 500, 503] {
        let answer = Response::builder().status(status).body("no".into()).unwrap();
        let answer = answered(Reply::Answer(answer)).await.unwrap();
        assert_eq!(answer.status(), status);
        assert!(body_of(answer, b"no"));
    }
}

#[tokio::test]
async fn slow_answers_end_at_the_deadline() {
    let trickle = Reply::Raw {
        once: b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\nabc".to_vec(),
        again: b"x".to_vec(),
        times: 1000,
    };
    for reply in [Reply::Silence, trickle] {
        let (server, house) = with(reply).await;
        let begun = Instant::now();
        let error = house.send_within(Duration::from_millis(700)).await.err().unwrap();
        assert_eq!((error.code(), error.outcome()), ("deadline_exceeded", Outcome::Unknown));
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(server.asked().len(), 1);
    }
    // The destination's own limit is sooner than the caller's.
    let (_server, house) = with(Reply::Silence).await;
    let house = house.with(|config| {
        config.timeout = Duration::from_millis(700);
        config.connect_timeout = Duration::from_millis(600);
    });
    assert_eq!(house.send().await.err(), Some(ForwardError::DeadlineExceeded));
}

#[tokio::test]
async fn a_lost_connection_leaves_the_outcome_open() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ] {
        let error = refused(Reply::raw(bytes)).await;
        assert_eq!((error.code(), error.outcome()), ("connection_lost", Outcome::Unknown), "{bytes}");
    }
}

#[tokio::test]
async fn who_goes_away_takes_the_connection_along() {
    let (server, house) = with(Reply::Silence).await;
    let sending = tokio::spawn(async move { house.send().await.map(drop) });
    while server.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(server.ended(), 0);
    sending.abort();
    let begun = Instant::now();
    while server.ended() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
