//! A destination that sends the card back does not make the proxy a way to read it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Response;
use strongroom_egress::answer::Place;
use strongroom_egress::{CardInAnswer, Found, Scan};

use crate::authority::Authority;
use crate::house::{House, NUMBER};
use crate::stand_in::{Reply, Setup, StandIn};

/// What a destination makes of the body that it was sent.
type Echo = fn(&[u8]) -> Vec<u8>;

async fn scanned(reply: Reply) -> Scan {
    let authority = Authority::new();
    let server = StandIn::with(Setup::of(authority.issue("acquirer.test")), vec![reply]).await;
    let house = House::of(&authority, server.address.port());
    assert_eq!(house.destination().card_in_answer(), CardInAnswer::Refuse);
    house.send().await.unwrap().scan()
}

fn each(number: &[u8], written: impl Fn(u8) -> String) -> Vec<u8> {
    number.iter().map(|digit| written(*digit)).collect::<String>().into_bytes()
}

#[tokio::test]
async fn the_card_is_found_in_every_encoding() {
    let echoes: [Echo; 12] = [
        <[u8]>::to_vec,
        |number| [b"{\"card\":\"", number, b"\"}"].concat(),
        |number| number.chunks(4).collect::<Vec<_>>().join(&b' '),
        |number| number.chunks(4).collect::<Vec<_>>().join(&b'-'),
        |number| each(number, |digit| format!("\\u{digit:04X}")),
        |number| each(number, |digit| format!("%{digit:02x}")),
        |number| each(number, |digit| format!("&#{digit};")),
        |number| each(number, |digit| format!("&#x{digit:X};")),
        |number| STANDARD.encode(number).into_bytes(),
        |number| URL_SAFE_NO_PAD.encode([b"number=", number, b";"].concat()).into_bytes(),
        |number| each(number, |digit| format!("{digit:02x}")),
        |number| number.iter().flat_map(|digit| [0, *digit]).collect(),
    ];
    for (place, echo) in echoes.into_iter().enumerate() {
        let Scan::CardNumbers(numbers) = scanned(Reply::Echo(echo)).await else {
            panic!("{place} is not found")
        };
        assert!(numbers.found().iter().any(Found::was_sent), "{place}");
        assert_eq!(numbers.found()[0].number().masked(), "411111******1111");
    }
}

#[tokio::test]
async fn the_card_is_found_in_headers() {
    let answer = Response::builder().header("x-echo", format!("card {NUMBER}")).body("".into()).unwrap();
    let Scan::CardNumbers(numbers) = scanned(Reply::Answer(answer)).await else { panic!("it is not found") };
    assert!(matches!(numbers.found()[0].place(), Place::Header(_)));
}

#[tokio::test]
async fn an_echo_can_be_handed_on_with_a_token() {
    let answer = Response::builder()
        .header("content-type", "application/json")
        .header("x-echo", NUMBER)
        .body(format!(r#"{{"card":"{NUMBER}","other":5555555555554444}}"#).into())
        .unwrap();
    let Scan::CardNumbers(numbers) = scanned(Reply::Answer(answer)).await else { panic!("it is not found") };
    let sent: Vec<_> = numbers.found().iter().map(Found::was_sent).collect();
    assert_eq!(sent, [true, true, false]);
    let clean = numbers.replace(&["tok_a", "tok_a", "tok_b"]).unwrap_or_else(|error| panic!("{error}"));
    assert!(clean.body().ct_eq(br#"{"card":"tok_a","other":"tok_b"}"#));
    assert_eq!(clean.headers().get("x-echo").unwrap(), "tok_a");
}

#[tokio::test]
async fn an_echo_of_an_unknown_kind_is_refused() {
    let Scan::CardNumbers(numbers) = scanned(Reply::Echo(<[u8]>::to_vec)).await else {
        panic!("it is not found")
    };
    assert_eq!(numbers.replace(&["tok_a"]).err().unwrap().code(), "card_number_in_unknown_content");
}
