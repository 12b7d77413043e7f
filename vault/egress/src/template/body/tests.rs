//! A value can never change the structure of a body.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::template::Field;

fn names() -> Vec<TokenName> {
    vec![TokenName::parse("card").unwrap()]
}

fn read(media_type: MediaType, source: &str) -> Result<BodyTemplate, (usize, TemplateReason)> {
    BodyTemplate::read(media_type, source, &names()).map_err(|fault| (fault.position, fault.reason))
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what was filled in")]
fn filled(media_type: MediaType, source: &str, value: &str) -> Result<String, FillReason> {
    let template =
        read(media_type, source).map_err(|(position, reason)| format!("{position}: {reason}")).unwrap();
    let values = |_: &Placeholder| Some(Secret::new(value.to_owned()));
    let bytes = template.fill(&values, 1 << 16, &mut |_, _| Ok(())).map_err(|fault| fault.reason)?;
    Ok(String::from_utf8(bytes.expose().clone()).unwrap())
}

/// What is at a place, for each kind of refusal.
fn misplaced(media_type: MediaType, source: &str) -> Option<usize> {
    match read(media_type, source) {
        Err((position, TemplateReason::Misplaced(_))) => Some(position),
        _ => None,
    }
}

fn malformed(media_type: MediaType, source: &str) -> bool {
    matches!(read(media_type, source), Err((_, TemplateReason::Malformed(_))))
}

#[test]
fn media_types_are_the_known_ones_in_utf_8() {
    for (text, media_type) in [
        ("application/json", Some(MediaType::Json)),
        ("Application/JSON; charset=UTF-8", Some(MediaType::Json)),
        ("text/xml;charset=\"utf-8\"", Some(MediaType::TextXml)),
        ("application/x-www-form-urlencoded", Some(MediaType::Form)),
        ("text/plain", Some(MediaType::Plain)),
        ("text/xml; charset=utf-16", None),
        ("text/xml; charset=utf-7", None),
        ("multipart/form-data; boundary=x", None),
        ("application/octet-stream", None),
        ("text/html", None),
        ("application/json;", None),
        ("", None),
    ] {
        assert_eq!(MediaType::parse(text), media_type, "{text}");
    }
}

#[test]
fn json_takes_placeholders_in_strings_and_two_numbers_outside() {
    let source = r#"{"n":"{{card.number}}", "m": {{card.exp_month}},"y":[{{card.exp_year}}]}"#;
    assert_eq!(filled(MediaType::Json, source, "12").unwrap(), r#"{"n":"12", "m": 12,"y":[12]}"#);
    assert_eq!(filled(MediaType::Json, source, "012"), Err(FillReason::NotANumber));
    assert!(read(MediaType::Json, "{{card.exp_year}}").is_ok());
    for (source, position) in [
        (r#"{"n":{{card.number}}}"#, 5),
        (r#"{"n":{{card.exp_month_2}}}"#, 5),
        (r#"{"{{card.holder}}":1}"#, 2),
        (r#"{"a{{card.holder}}" : 1}"#, 3),
        (r#"{"n":1{{card.exp_month}}}"#, 6),
        (r#"{"n":{{card.exp_month}}{{card.exp_year}}}"#, 5),
        (r#"{"n":'{{card.number}}'}"#, 6),
        (r#"{"n":-{{card.exp_month}}}"#, 6),
        (r#"{"n":{{card.exp_month}}.5}"#, 5),
        (r#"{"n":"\{{card.number}}"}"#, 7),
        (r#"{"n":"\\\{{card.number}}"}"#, 9),
    ] {
        assert_eq!(misplaced(MediaType::Json, source), Some(position), "{source}");
    }
    for source in [
        r#"{"n":"\u00{{card.bin}}"}"#,
        r#"{"n":"\ud83d{{card.bin}}"}"#,
        r#"{"n":"{{card.number}}}"#,
        r#"{"n":"{{card.number}}",}"#,
        "{\"n\":\"\n{{card.number}}\"}",
        r#"/* "{{card.number}}" */ {}"#,
        r#"{"n":"{{card.number}}"} {}"#,
        "",
    ] {
        assert!(malformed(MediaType::Json, source), "{source}");
    }
}

#[test]
fn the_place_of_a_mistake_is_told_in_the_source() {
    let source = "{\"n\":\"{{card.number}}\",\n \"m\": nul}";
    let position = read(MediaType::Json, source).err().map(|(position, _)| position).unwrap();
    assert!((30..=35).contains(&position), "{position}");
    assert_eq!(read(MediaType::Form, "a={{card.number}}&b=%4").err().map(|(position, _)| position), Some(20));
    assert_eq!(read(MediaType::Xml, "<a>{{card.number}}</b>").err().map(|(position, _)| position), Some(21));
}

#[test]
fn forms_take_placeholders_in_values_only() {
    assert_eq!(filled(MediaType::Form, "a=1&b={{card.number}}x&c=", "4 &=").unwrap(), "a=1&b=4%20%26%3Dx&c=");
    for source in ["{{card.number}}", "a=1&{{card.number}}=b", "a=1&b{{card.number}}"] {
        assert!(misplaced(MediaType::Form, source).is_some(), "{source}");
    }
    for source in ["a=%{{card.bin}}", "a=%4{{card.bin}}", "a= b", "a=\r\nb", "a=ä", "a=\"b\"", "a=#"] {
        assert!(malformed(MediaType::Form, source), "{source}");
    }
}

#[test]
fn xml_takes_placeholders_in_text_and_attributes() {
    let source = "<?xml version=\"1.0\" encoding='UTF-8'?>\n<!-- a --><p:a b='{{card.holder}}' c = \"x\" ><d/>&amp;&#x41;\
                  {{card.holder}}<![CDATA[<]]><?pi x?></p:a>\n";
    let expected = source.replace("{{card.holder}}", "&lt;&apos;&quot;&amp;");
    assert_eq!(filled(MediaType::Xml, source, "<'\"&").unwrap(), expected);
    for source in [
        "<!--{{card.holder}}--><a/>",
        "<a><!-- - {{card.holder}} --></a>",
        "<a><![CDATA[{{card.holder}}]]></a>",
        "<a><?pi {{card.holder}}?></a>",
        "<?{{card.holder}}?><a/>",
        "<{{card.holder}}/>",
        "<a{{card.holder}}/>",
        "<a {{card.holder}}='b'/>",
        "<a b{{card.holder}}='b'/>",
        "<a b={{card.holder}}/>",
        "<a b='c' {{card.holder}}/>",
        "<a></{{card.holder}}>",
        "<a></a{{card.holder}}>",
        "<a>&#{{card.bin}};</a>",
        "<a>&#1{{card.bin}};</a>",
        "<a>&#x{{card.bin}};</a>",
        "<a xmlns='{{card.holder}}'/>",
        "<a xmlns:b='{{card.holder}}'/>",
        "{{card.holder}}<a/>",
        "<a/>{{card.holder}}",
    ] {
        assert!(
            misplaced(MediaType::Xml, source).is_some(),
            "{source}: {:?}",
            read(MediaType::Xml, source).err()
        );
    }
    for source in [
        "",
        "<a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a/><b/>",
        "a<b/>",
        "<a b='1' b='2'/>",
        "<a b='1'c='2'/>",
        "<a b='<'/>",
        "<a b=1/>",
        "<a b/>",
        "<1/>",
        "< a/>",
        "<a>&b;</a>",
        "<a>&{{card.holder}};</a>",
        "<a>&</a>",
        "<a>]]></a>",
        "<a><!-- -- --></a>",
        "<!DOCTYPE a [<!ENTITY b '{{card.holder}}'>]><a/>",
        "<![CDATA[]]><a/>",
        "<?xml version='1.1'?><a/>",
        "<?xml version='1.0' encoding='UTF-7'?><a>{{card.holder}}</a>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        " <?xml version='1.0'?><a/>",
        "\u{feff}<a/>",
        "<a>\x01</a>",
    ] {
        assert!(malformed(MediaType::Xml, source), "{source}: {:?}", read(MediaType::Xml, source).err());
    }
}

#[test]
fn plain_text_stays_one_line() {
    assert_eq!(filled(MediaType::Plain, "a\n{{card.holder}}\n", "b, \"c\"").unwrap(), "a\nb, \"c\"\n");
    assert_eq!(filled(MediaType::Plain, "{{card.holder}}", "a\r\nb"), Err(FillReason::Character));
}

#[test]
fn a_body_grows_to_its_limit_and_not_beyond() {
    let template = read(MediaType::Plain, &"{{card.value}}".repeat(100)).ok().unwrap();
    let values = |_: &Placeholder| Some(Secret::new("x".repeat(1000)));
    let filled =
        |limit| template.fill(&values, limit, &mut |_, _| Ok(())).map(drop).map_err(|fault| fault.reason);
    assert_eq!(filled(100_000), Ok(()));
    assert_eq!(filled(99_999), Err(FillReason::TooLarge));
}

#[test]
fn a_missing_field_is_told_with_its_place() {
    let template = read(MediaType::Plain, "ab{{card.holder}}").ok().unwrap();
    let fault = template.fill(&|_: &Placeholder| None, 100, &mut |_, _| Ok(())).err().unwrap();
    assert_eq!((fault.position, fault.reason), (2, FillReason::NoValue));
}

#[test]
fn fields_have_names() {
    let fields: BTreeSet<_> = Field::ALL.into_iter().map(Field::as_str).collect();
    assert_eq!(fields.len(), Field::ALL.len());
    assert!(Field::ALL.into_iter().all(|field| Field::parse(field.as_str()) == Some(field)));
}

/// Values with what is special anywhere, more often than chance would have it.
fn values() -> impl Strategy<Value = String> {
    let hostile = prop_oneof![
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("</a>".to_owned()),
        Just("]]>".to_owned()),
        Just("-->".to_owned()),
        Just("&amp;".to_owned()),
        Just("&#60;".to_owned()),
        Just("%26".to_owned()),
        Just("+".to_owned()),
        Just("&b=".to_owned()),
        Just("\",\"x\":\"".to_owned()),
        Just("\\u0022".to_owned()),
        Just("\r\n".to_owned()),
        Just("{{card.number}}".to_owned()),
        any::<char>().prop_map(String::from),
        "[0-9]{1,16}",
    ];
    proptest::collection::vec(hostile, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn a_value_is_itself_in_json(value in values(), before in "[a-z ]{0,4}", after in "[a-z ]{0,4}") {
        let source = format!(
            r#"{{"first":1,"nested":[{{"it":"{before}{{{{card.value}}}}{after}","other":"\"{{{{card.holder}}}}"}},null],"last":true}}"#
        );
        let text = filled(MediaType::Json, &source, &value).unwrap();
        let parsed: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({
            "first": 1,
            "nested": [{"it": format!("{before}{value}{after}"), "other": format!("\"{value}")}, null],
            "last": true
        });
        prop_assert_eq!(parsed, expected);
    }

    #[test]
    fn a_value_is_itself_in_a_form(value in values(), before in "[a-z]{0,4}") {
        let source = format!("first=1&it={before}{{{{card.value}}}}%20&last={{{{card.holder}}}}");
        let text = filled(MediaType::Form, &source, &value).unwrap();
        let parsed: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let expected = [
            pair("first", "1".to_owned()),
            pair("it", format!("{before}{value} ")),
            pair("last", value.clone()),
        ];
        prop_assert_eq!(parsed, expected);
    }

    #[test]
    fn a_value_is_itself_in_xml(value in values(), quote in "[\"']") {
        let source = format!(
            "<r><first a={quote}1{quote}/><it b={quote}x{{{{card.value}}}}y{quote}>x{{{{card.value}}}}y</it><last/></r>"
        );
        match filled(MediaType::Xml, &source, &value) {
            Err(reason) => {
                prop_assert_eq!(reason, FillReason::Character);
                let unwritable = |character| character < ' ' || matches!(character, '\u{fffe}' | '\u{ffff}');
                prop_assert!(value.chars().any(unwritable));
            }
            Ok(text) => {
                let expected = format!("x{value}y");
                prop_assert_eq!(xml_events(&text), [
                    "start r".to_owned(), "start first a=1".to_owned(), "end".to_owned(),
                    format!("start it b={expected}"), format!("text {expected}"), "end".to_owned(),
                    "start last".to_owned(), "end".to_owned(), "end".to_owned(),
                ]);
            }
        }
    }

    #[test]
    fn a_value_is_itself_in_plain_text(value in values()) {
        if let Ok(text) = filled(MediaType::Plain, "a\nb{{card.value}}c\nd", &value) {
            let expected = format!("b{value}c");
            prop_assert_eq!(text.lines().collect::<Vec<_>>(), ["a", expected.as_str(), "d"]);
        }
    }

    /// Whatever a template is, a value of one letter in each place leaves the structure that a value of hostile text has.
    #[test]
    fn any_json_template_keeps_its_structure(
        source in r#"(\{\{card\.value\}\}|\{\{card\.exp_year\}\}|[{}\[\]:,"\\u0-9a ]|"a"|"a":){0,12}"#,
        value in values(),
    ) {
        if read(MediaType::Json, &source).is_ok() && !source.contains("exp_year") {
            let shape = |value: &str| {
                let text = filled(MediaType::Json, &source, value).unwrap();
                structure(&serde_json::from_str(&text).unwrap())
            };
            prop_assert_eq!(shape(&value), shape("x"));
        }
    }
}

fn structure(value: &Value) -> Value {
    match value {
        Value::String(_) => json!("text"),
        Value::Array(items) => items.iter().map(structure).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), structure(value))).collect()
        }
        other => other.clone(),
    }
}

/// What another reader of XML sees.
fn xml_events(text: &str) -> Vec<String> {
    use quick_xml::events::{BytesStart, Event};

    let start = |tag: &BytesStart<'_>| {
        let mut shown = format!("start {}", String::from_utf8_lossy(tag.name().as_ref()));
        for attribute in tag.attributes() {
            let attribute = attribute.unwrap();
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            shown.push_str(&format!(" {name}={}", attribute.unescape_value().unwrap()));
        }
        shown
    };
    let mut reader = quick_xml::Reader::from_str(text);
    let mut events = Vec::new();
    let mut pending = String::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Text(text) => pending.push_str(&text.xml10_content().unwrap()),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().unwrap() {
                    Some(character) => character.to_string(),
                    None => {
                        let name = reference.decode().unwrap();
                        quick_xml::escape::resolve_predefined_entity(&name).unwrap().to_owned()
                    }
                };
                pending.push_str(&resolved);
            }
            _ => {
                if !pending.is_empty() {
                    events.push(format!("text {}", std::mem::take(&mut pending)));
                }
                match event {
                    Event::Start(tag) => events.push(start(&tag)),
                    Event::Empty(tag) => events.extend([start(&tag), "end".to_owned()]),
                    Event::End(_) => events.push("end".to_owned()),
                    Event::Eof => return events,
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}
