//! What is sent.

use http::Response;
use strongroom_egress::template::{FillReason, Place, TemplateReason};
use strongroom_egress::{BodySource, FillError, Scan, TemplateError, TemplateSource, TokenName};
use tokio::time::{Duration, Instant};

use crate::authority::Authority;
use crate::house::{House, NUMBER, forwarder, names, request, value};
use crate::stand_in::{Reply, Setup, StandIn};

async fn accepting() -> (StandIn, House) {
    let authority = Authority::new();
    let answer = Response::builder().status(201).header("x-id", "p-1").header("set-cookie", "a=b");
    let reply = Reply::Answer(answer.body("done".into()).unwrap());
    let server = StandIn::with(Setup::of(authority.issue("acquirer.test")), vec![reply]).await;
    let house = House::of(&authority, server.address.port());
    (server, house)
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

#[tokio::test]
async fn a_request_has_its_values_and_nothing_else() {
    let (server, house) = accepting().await;
    let headers = [("Idempotency-Key", "order-4711"), ("x-card", "n={{card.number}}")];
    let body =
        r#"{"card":{"number":"{{card.number}}","month":{{card.exp_month}},"holder":"{{card.holder}}"}}"#;
    let filled = request(&house.destination(), &headers, "application/json; charset=UTF-8", body);
    let answer = forwarder(&["127.0.0.1"]).forward(filled, later()).await.unwrap();
    assert_eq!(answer.status(), 201);

    let asked = server.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/v1/payments"));
    let sent: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    let expected = serde_json::json!({"card": {"number": NUMBER, "month": 7, "holder": "A N \"Other\""}});
    assert_eq!(sent, expected);
    let mut headers = asked.headers;
    headers.sort();
    let length = asked.body.len().to_string();
    let host = format!("acquirer.test:{}", server.address.port());
    let card = format!("n={NUMBER}");
    let expected = [
        ("accept-encoding", "identity"),
        ("connection", "close"),
        ("content-length", &length),
        ("content-type", "application/json"),
        ("host", &host),
        ("idempotency-key", "order-4711"),
        ("x-card", &card),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));

    let Scan::Clean(answer) = answer.scan() else { panic!("there is no number in it") };
    let (_, headers, body) = answer.into_parts();
    assert!(body.ct_eq(b"done"));
    assert!(headers.contains_key("x-id") && !headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn a_request_without_body_goes_to_its_path_and_query() {
    let (server, house) = accepting().await;
    let target = house.destination().target("GET", "/v1/refunds/r%20%26-1?expand=all&x=%2F").unwrap();
    let source = TemplateSource { headers: &[], body: None };
    let filled = target.template(&source, &[]).unwrap().fill(&value).unwrap();
    forwarder(&["127.0.0.1"]).forward(filled, later()).await.unwrap();
    let asked = server.asked().remove(0);
    assert_eq!(asked.target, "/v1/refunds/r%20%26-1?expand=all&x=%2F");
    assert!(asked.body.is_empty() && !asked.headers.iter().any(|(name, _)| name == "content-type"));
}

#[tokio::test]
async fn nothing_can_be_injected() {
    let (server, house) = accepting().await;
    let destination = house.destination();
    let target = destination.target("POST", "/v1/payments").unwrap();
    let parse = |headers: &[(&str, &str)]| target.template(&TemplateSource { headers, body: None }, &names());

    // By a value.
    let filled = parse(&[("x-card", "{{card.value}}")]).unwrap().fill(&value);
    let refused = filled.err().unwrap();
    assert_eq!((refused.code(), refused.reason), ("value_character_not_allowed", FillReason::Character));
    // By a template.
    for text in ["a\r\nX-Injected: 1", "a\nb", "a\0", "ä", "\t", " a", "a "] {
        let refused = parse(&[("x-card", text)]).err().unwrap();
        assert_eq!(refused.code(), "template_malformed", "{text:?}");
    }
    // By a name, of which none but the listed ones pass, and those once.
    for name in [
        "x-other",
        "host",
        "Host",
        "content-length",
        "transfer-encoding",
        "connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "proxy-authorization",
        "content-type",
        "accept-encoding",
        "x-card\r\nx-injected",
        "x-{{card.number}}",
        "",
    ] {
        let refused = parse(&[(name, "1")]).err().unwrap();
        assert_eq!((refused.code(), refused.place), ("header_not_allowed", Place::Headers), "{name}");
    }
    assert!(
        parse(&[("x-card", "1"), ("X-Card", "2")])
            .is_err_and(|error| error.reason == TemplateReason::HeaderNotAllowed)
    );
    // By a path.
    for path in [
        "/v1/payments\r\nX-Injected: 1",
        "/v1/payments HTTP/1.1",
        "/v1/{{card.number}}",
        "/v1/refunds/../payouts",
    ] {
        assert_eq!(destination.target("POST", path).err().unwrap().code(), "path_not_normal", "{path}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn what_is_refused_says_where_and_repeats_nothing() {
    let (_server, house) = accepting().await;
    let target = house.destination().target("POST", "/v1/payments").unwrap();
    let parse = |content_type, text| {
        target.template(
            &TemplateSource { headers: &[], body: Some(BodySource { content_type, text }) },
            &names(),
        )
    };
    let refused = |content_type, text| parse(content_type, text).err().unwrap().to_string();
    assert_eq!(
        refused("application/json", "{\"5555555555554444\":{{card.number}}}"),
        "body, byte 20: a placeholder must not stand outside a JSON string, unless it is exp_month or exp_year"
    );
    assert_eq!(
        refused("text/plain", "5555555555554444 {{5555555555554444.number}}"),
        "body, byte 17: a placeholder must be {{name.field}}, without spaces"
    );
    assert!(refused("text/5555555555554444", "").starts_with("body, byte 0: the media type must be "));
    let missing = parse("text/plain", "{{card.brand}}").unwrap().fill(&value).err().unwrap();
    assert_eq!(missing.to_string(), "body, byte 0: the token has no such field");
    let not_a_card = parse("text/plain", "{{card.number}}")
        .unwrap()
        .fill(&|_: &_| Some(strongroom_domain::Secret::new("4111x".to_owned())))
        .err()
        .unwrap();
    assert_eq!(not_a_card.code(), "value_not_a_card_number");
    let _: (&TemplateError, &FillError) = (&parse("", "").err().unwrap(), &missing);
}

#[tokio::test]
async fn what_is_to_be_put_in_is_known_before() {
    let (_server, house) = accepting().await;
    let target = house.destination().target("POST", "/v1/payments").unwrap();
    let source = TemplateSource {
        headers: &[("x-card", "{{card.last4}}")],
        body: Some(BodySource { content_type: "text/plain", text: "{{card.number}}{{card.number}}" }),
    };
    let template = target.template(&source, &names()).unwrap();
    let fields: Vec<_> = template.placeholders().map(|placeholder| placeholder.field.as_str()).collect();
    assert_eq!(fields, ["last4", "number", "number"]);
}

#[tokio::test]
async fn a_request_holds_no_more_numbers_than_an_answer_can_be_searched_for() {
    let (_server, house) = accepting().await;
    let target = house.destination().target("POST", "/v1/payments").unwrap();
    let names: Vec<_> = (0..17).map(|number| TokenName::parse(&format!("card{number}")).unwrap()).collect();
    let text = |count: usize| {
        let placeholders = names.iter().take(count).map(|name| format!("{{{{{}.number}}}}", name.as_str()));
        placeholders.collect::<String>()
    };
    let parse = |text: &str| {
        let body = Some(BodySource { content_type: "text/plain", text });
        target.template(&TemplateSource { headers: &[], body }, &names).map(drop)
    };
    assert_eq!(parse(&text(16).repeat(2)), Ok(()));
    assert_eq!(parse(&text(17)).map_err(|error| error.reason), Err(TemplateReason::TooMany));
}
