use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use proptest::prelude::*;
use strongroom_domain::LuhnRule;

use super::*;

const SENT: &str = "4111111111111111";
/// Its check digit is wrong, so only who knows it finds it.
const ODD: &str = "5111111111111119";
const TOKEN: &str = "tok_0123456789abcdef";

fn pan(number: &str) -> Pan {
    Pan::parse(number, LuhnRule::Relaxed).ok().unwrap()
}

fn answer(content_type: &str, body: &[u8], sent: &[&str]) -> UnscannedAnswer {
    let mut headers = HeaderMap::new();
    if !content_type.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
    }
    let sent = sent.iter().map(|number| pan(number)).collect();
    UnscannedAnswer::new(StatusCode::OK, headers, Secret::new(body.to_vec()), sent)
}

fn found(answer: UnscannedAnswer) -> Option<CardNumbers> {
    match answer.scan() {
        Scan::Clean(_) => None,
        Scan::CardNumbers(numbers) => Some(numbers),
    }
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what is handed on")]
fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body().expose().clone()).unwrap()
}

fn retokenized(content_type: &str, body: &str, sent: &[&str]) -> Result<String, ReplaceError> {
    let numbers = found(answer(content_type, body.as_bytes(), sent)).expect("there are numbers");
    let tokens = vec![TOKEN; numbers.found().len()];
    numbers.replace(&tokens).map(|answer| text(&answer))
}

fn json_escaped(number: &str) -> String {
    number.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
}

fn percent_encoded(number: &str) -> String {
    number.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn xml_escaped(number: &str) -> String {
    number
        .bytes()
        .enumerate()
        .map(|(at, byte)| if at % 2 == 0 { format!("&#{byte};") } else { format!("&#x{byte:x};") })
        .collect()
}

fn utf_16(number: &str) -> Vec<u8> {
    number.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Forms of a number that was sent.
fn forms(number: &str) -> Vec<(&'static str, Vec<u8>)> {
    let spaced = |separator: &str| {
        number
            .as_bytes()
            .chunks(4)
            .map(|four| std::str::from_utf8(four).unwrap())
            .collect::<Vec<_>>()
            .join(separator)
    };
    let hexadecimal: String = number.bytes().map(|byte| format!("{byte:02x}")).collect();
    let fours: Vec<_> = (0..4)
        .map(|at| number.get(at * 4..number.len().min(at * 4 + 4 + at / 3 * 3)).unwrap_or(""))
        .collect();
    let mixed =
        [fours[0].to_owned(), json_escaped(fours[1]), percent_encoded(fours[2]), xml_escaped(fours[3])]
            .concat();
    [
        ("plain", number.to_owned()),
        ("spaces", spaced(" ")),
        ("dashes", spaced("-")),
        ("dots", spaced(".")),
        ("lines", spaced("\n")),
        ("array", spaced("\", \"")),
        ("no-break spaces", spaced("\u{a0}")),
        ("zero-width spaces", spaced("\u{200b}")),
        ("json", json_escaped(number)),
        ("json in json", json_escaped(number).replace('\\', "\\\\")),
        ("percent", percent_encoded(number)),
        ("percent twice", percent_encoded(number).replace('%', "%25")),
        ("xml", xml_escaped(number)),
        ("xml twice", xml_escaped(number).replace('&', "&amp;")),
        ("mixed", mixed),
        ("base64", STANDARD.encode(number)),
        ("base64 of more", STANDARD.encode(format!("{{\"number\":\"{number}\"}}"))),
        ("base64 with spaces", STANDARD.encode(spaced(" "))),
        ("base64 percent-encoded", percent_encoded(&STANDARD.encode(number))),
        ("hexadecimal", hexadecimal.clone()),
        ("hexadecimal upper case", hexadecimal.to_uppercase()),
    ]
    .map(|(name, text)| (name, text.into_bytes()))
    .into_iter()
    .chain([("utf-16", utf_16(number))])
    .collect()
}

#[test]
fn a_number_that_was_sent_is_found_in_every_form() {
    for number in [SENT, ODD, "378282246310005", "501800000009", "6304000000000000000"] {
        for (name, form) in forms(number) {
            for (before, after) in
                [("", ""), ("{\"echo\":\"", "\"}"), ("<a b='", "'/>"), ("%", "%"), ("ab9", "9cd")]
            {
                // Digits after a `%` are taken for an escape, and here the rest of them is no plain text.
                if (name, before) == ("mixed", "%") {
                    continue;
                }
                let body = [before.as_bytes(), &form, after.as_bytes()].concat();
                let numbers = found(answer("text/plain", &body, &[number]));
                let hit = numbers.is_some_and(|numbers| numbers.found().iter().any(Found::was_sent));
                assert!(hit, "{number} as {name} in {before}…{after}");
            }
        }
    }
}

#[test]
fn a_number_in_a_header_is_found() {
    for (name, form) in forms(SENT) {
        let Ok(value) = HeaderValue::from_bytes(&form) else { continue };
        let mut headers = HeaderMap::new();
        headers.insert("x-echo", value);
        let numbers =
            found(UnscannedAnswer::new(StatusCode::OK, headers, Secret::new(Vec::new()), vec![pan(SENT)]));
        assert_eq!(numbers.unwrap().found()[0].place(), Place::Header(0), "{name}");
    }
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("x-4111111111111111"), HeaderValue::from_static("1"));
    let numbers =
        found(UnscannedAnswer::new(StatusCode::OK, headers, Secret::new(Vec::new()), Vec::new())).unwrap();
    assert_eq!(numbers.found()[0].place(), Place::HeaderName(0));
    assert!(numbers.replace(&[TOKEN]).is_err_and(|error| error == ReplaceError::Form));
}

#[test]
fn any_card_number_is_found_and_others_are_not() {
    let body = br#"{"id":"1763873361000","card":"5555 5555 5555 4444","next":"4111111111111112"}"#;
    let numbers = found(answer("application/json", body, &[])).unwrap();
    assert_eq!(numbers.found().len(), 1);
    assert!(!numbers.found()[0].was_sent());
    assert_eq!(numbers.found()[0].number().last_four().to_string(), "4444");
    assert_eq!(&body[numbers.found()[0].span()], b"5555 5555 5555 4444");
    assert!(found(answer("application/json", br#"{"id":"4111111111111112"}"#, &[])).is_none());
    assert!(found(answer("", b"", &[SENT])).is_none());
}

#[test]
fn what_is_found_has_its_place_and_no_two_overlap() {
    let body = format!("a{SENT}b{}c{SENT}", percent_encoded(SENT));
    let numbers = found(answer("text/plain", body.as_bytes(), &[SENT])).unwrap();
    let spans: Vec<_> = numbers.found().iter().map(Found::span).collect();
    assert_eq!(spans, [1..17, 18..66, 67..83]);
    assert!(numbers.found().iter().all(|found| found.was_sent() && found.form() == Form::Digits));
}

#[test]
fn tokens_come_in_the_places_of_numbers() {
    for (content_type, body, expected) in [
        (
            "application/json",
            format!(r#"{{"n":"{SENT}","m":"x 4111 1111 1111 1111 y"}}"#),
            format!(r#"{{"n":"{TOKEN}","m":"x {TOKEN} y"}}"#),
        ),
        (
            "application/json",
            format!(r#"{{"n":{SENT},"m":[ {SENT} ]}}"#),
            format!(r#"{{"n":"{TOKEN}","m":[ "{TOKEN}" ]}}"#),
        ),
        (
            "application/json; charset=utf-8",
            format!(r#"{{"n":"\"{}"}}"#, json_escaped(SENT)),
            format!(r#"{{"n":"\"{TOKEN}"}}"#),
        ),
        ("application/vnd.api+json", SENT.to_owned(), format!("\"{TOKEN}\"")),
        (
            "text/xml",
            format!("<a b='{SENT}'>{}</a>", xml_escaped(SENT)),
            format!("<a b='{TOKEN}'>{TOKEN}</a>"),
        ),
        (
            "application/x-www-form-urlencoded",
            format!("a={SENT}&b={}", percent_encoded(SENT)),
            format!("a={TOKEN}&b={TOKEN}"),
        ),
        ("text/plain", format!("{SENT}\n{SENT}"), format!("{TOKEN}\n{TOKEN}")),
    ] {
        assert_eq!(retokenized(content_type, &body, &[SENT]), Ok(expected.clone()), "{body}");
        // Nobody has to know them.
        assert_eq!(retokenized(content_type, &body, &[]), Ok(expected), "{body}");
    }
}

#[test]
fn headers_are_rewritten_too() {
    let mut headers = HeaderMap::new();
    headers.append("x-a", HeaderValue::from_static("1"));
    headers.append("x-echo", HeaderValue::from_static("n=4111111111111111;"));
    headers.append("x-echo", HeaderValue::from_static("2"));
    let unscanned =
        UnscannedAnswer::new(StatusCode::OK, headers, Secret::new(b"\0\x01".to_vec()), Vec::new());
    let clean = found(unscanned).unwrap().replace(&[TOKEN]).ok().unwrap();
    let values: Vec<_> =
        clean.headers().get_all("x-echo").iter().map(|value| value.to_str().unwrap().to_owned()).collect();
    assert_eq!(values, [format!("n={TOKEN};"), "2".to_owned()]);
    assert_eq!(clean.headers().get("x-a").unwrap(), "1");
}

#[test]
fn what_has_no_place_for_a_token_is_refused() {
    for (content_type, body, error) in [
        ("application/octet-stream", SENT.to_owned(), ReplaceError::MediaType),
        ("", SENT.to_owned(), ReplaceError::MediaType),
        ("image/png", SENT.to_owned(), ReplaceError::MediaType),
        ("text/plain; charset=utf-16", SENT.to_owned(), ReplaceError::MediaType),
        ("application/json", format!("{{\"n\":{SENT}"), ReplaceError::MediaType),
        ("application/json", format!("{{\"n\":-{SENT}}}"), ReplaceError::Form),
        ("application/json", format!("{{\"n\":{SENT}.5}}"), ReplaceError::Form),
        ("application/json", format!("{{\"n\":\"{}\"}}", STANDARD.encode(SENT)), ReplaceError::Form),
        ("text/plain", "4111.1111.1111.1111".to_owned(), ReplaceError::Form),
    ] {
        assert_eq!(retokenized(content_type, &body, &[SENT]), Err(error), "{content_type} {body}");
    }
}

#[test]
fn tokens_are_as_many_as_numbers_and_plain() {
    let numbers = |body: &str| found(answer("text/plain", body.as_bytes(), &[])).unwrap();
    let error = |numbers: CardNumbers, tokens: &[&str]| numbers.replace(tokens).err();
    assert_eq!(error(numbers(SENT), &[]), Some(ReplaceError::Count));
    assert_eq!(error(numbers(SENT), &[TOKEN, TOKEN]), Some(ReplaceError::Count));
    for token in ["", "a\"b", "a b", "<a>", "a\nb", "ä"] {
        assert_eq!(error(numbers(SENT), &[token]), Some(ReplaceError::Token));
    }
    // A token that is the number again.
    let known = found(answer("text/plain", SENT.as_bytes(), &[SENT])).unwrap();
    assert_eq!(error(known, &[SENT]), Some(ReplaceError::Form));
}

#[test]
fn a_flood_of_numbers_is_counted_to_a_thousand() {
    let body = format!("{SENT},").repeat(60_000);
    let numbers = found(answer("text/plain", body.as_bytes(), &[SENT])).unwrap();
    assert_eq!(numbers.found().len(), 1000);
    let tokens = vec![TOKEN; 1000];
    assert_eq!(numbers.replace(&tokens).err(), Some(ReplaceError::TooMany));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_sent_number_is_found_wherever_it_is(
        number in "[0-9]{12,19}",
        form in 0_usize..22,
        before in "[ -~]{0,20}",
        after in "[ -~]{0,20}",
    ) {
        let (name, form) = forms(&number).swap_remove(form);
        // What belongs to an escape, or to Base64, would change what follows.
        let body = [before.as_bytes(), b" ", &form, b" ", after.as_bytes()].concat();
        let numbers = found(answer("text/plain", &body, &[&number]));
        prop_assert!(numbers.is_some_and(|numbers| numbers.found().iter().any(Found::was_sent)), "{}", name);
    }

    #[test]
    fn any_answer_can_be_searched_and_rewritten(parts in proptest::collection::vec("[ -~]{0,6}|4111111111111111|%34|\\\\u0034|&#52;|5555 5555 5555 4444", 0..20)) {
        let body = parts.concat();
        if let Some(numbers) = found(answer("text/plain", body.as_bytes(), &[SENT])) {
            let mut last = 0;
            for found in numbers.found() {
                prop_assert!(found.span().start >= last && found.span().end <= body.len());
                last = found.span().end;
            }
            let tokens = vec![TOKEN; numbers.found().len()];
            if let Ok(clean) = numbers.replace(&tokens) {
                prop_assert!(!text(&clean).contains(SENT));
            }
        }
    }

    /// Nothing but the number becomes something else, whatever stands around it.
    #[test]
    fn json_keeps_its_structure(
        texts in proptest::collection::vec(
            proptest::collection::vec("[a-zA-Z\"\\\\/<&\n\t{}\\[\\]:,ä€😀]{0,6}|4111111111111111|4111 1111 1111 1111", 0..5), 0..6
        ),
        number in any::<bool>(),
    ) {
        let joined = |texts: &[Vec<String>]| texts.iter().map(|parts| parts.join("x")).collect::<Vec<_>>();
        let body = serde_json::json!({"texts": joined(&texts), "number": number.then_some(4_111_111_111_111_111_u64)});
        let Some(numbers) = found(answer("application/json", body.to_string().as_bytes(), &[SENT])) else { return Ok(()) };
        let tokens = vec![TOKEN; numbers.found().len()];
        let clean = numbers.replace(&tokens).ok().unwrap();
        let replaced: serde_json::Value = serde_json::from_str(&text(&clean)).unwrap();
        let expected: Vec<_> = joined(&texts)
            .iter()
            .map(|text| text.replace(SENT, TOKEN).replace("4111 1111 1111 1111", TOKEN))
            .collect();
        let expected = serde_json::json!({"texts": expected, "number": number.then_some(TOKEN)});
        prop_assert_eq!(replaced, expected);
    }
}
