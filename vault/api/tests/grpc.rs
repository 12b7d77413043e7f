//! The committed messages are what the contract's files say, every part of the contract is explained, what is secret is
//! marked, and nothing that callers rely on changes its number.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};
use strongroom_api::ErrorCode;
use strongroom_api::grpc::details::{BadRequest, ErrorInfo, RetryInfo, Status, status_details};
use strongroom_api::grpc::{
    DESCRIPTORS, GrpcStatus, METHODS, MessageError, read_message, status_of, v1, write_message,
};

const FILES: [&str; 3] =
    ["strongroom/v1/crypto.proto", "strongroom/v1/problem.proto", "strongroom/v1/tokens.proto"];

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn compiler(with_comments: bool) -> protox::Compiler {
    let mut compiler = protox::Compiler::new([folder("proto")]).unwrap();
    compiler.include_source_info(with_comments).include_imports(true).open_files(FILES).unwrap();
    compiler
}

fn compiled() -> FileDescriptorSet {
    compiler(true).file_descriptor_set()
}

fn ours(files: &FileDescriptorSet) -> impl Iterator<Item = &FileDescriptorProto> {
    files.file.iter().filter(|file| file.package() == "strongroom.v1")
}

/// What is committed, or, if asked to, is from now on.
fn committed(path: &str, generated: &[u8]) -> Vec<u8> {
    let path = folder(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, generated).unwrap();
    }
    fs::read(path).unwrap()
}

/// A message may be neither printed nor copied nor compared, whatever it holds.
fn without_traits(generated: &str) -> String {
    let mut kept = Vec::new();
    for line in generated.lines() {
        let line = match line.trim_start() {
            derived if derived.ends_with("::prost::Message)]") => {
                "#[derive(::prost::Message)]\n#[prost(skip_debug)]"
            }
            derived if derived.ends_with("::prost::Oneof)]") => {
                "#[derive(::prost::Oneof)]\n#[prost(skip_debug)]"
            }
            "#[prost(skip_debug)]" => continue,
            _ => line,
        };
        kept.push(line);
    }
    kept.join("\n") + "\n"
}

#[test]
fn the_committed_messages_are_those_of_the_contract() {
    let out = tempfile::tempdir().unwrap();
    let mut config = prost_build::Config::new();
    config.out_dir(out.path()).btree_map(["."]).compile_fds(compiled()).unwrap();
    let generated = fs::read_to_string(out.path().join("strongroom.v1.rs")).unwrap();
    let generated = without_traits(&generated);
    let same = committed("src/grpc/strongroom.v1.rs", generated.as_bytes()) == generated.as_bytes();

    let bare = compiler(false).encode_file_descriptor_set();
    let same = same && committed("src/grpc/descriptors.binpb", &bare) == bare;
    assert!(same, "the contract changed: run again with UPDATE_GOLDEN=1 and review src/grpc");
}

#[test]
fn no_message_can_be_printed_copied_or_compared() {
    let text = fs::read_to_string(folder("src/grpc/strongroom.v1.rs")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let derives =
        lines.windows(2).filter(|pair| pair[0].contains("::Message)]") || pair[0].contains("::Oneof)]"));
    let mut messages = 0;
    for pair in derives {
        messages += 1;
        assert!(
            matches!(pair[0], "#[derive(::prost::Message)]" | "#[derive(::prost::Oneof)]"),
            "{}",
            pair[0]
        );
        assert_eq!(pair[1], "#[prost(skip_debug)]");
    }
    assert!(messages > 20, "{messages}");
}

/// Every path that has a comment of its own before it.
fn explained(file: &FileDescriptorProto) -> BTreeSet<Vec<i32>> {
    let places = file.source_code_info.as_ref().unwrap().location.iter();
    let explained = places.filter(|place| place.leading_comments().trim().len() > 5);
    explained.map(|place| place.path.clone()).collect()
}

#[test]
fn everything_is_explained() {
    let files = compiled();
    for file in ours(&files) {
        let explained = explained(file);
        let check = |path: &[i32], name: &str| assert!(explained.contains(path), "{name} has no comment");
        for (at, message) in file.message_type.iter().enumerate() {
            let at = i32::try_from(at).unwrap();
            check(&[4, at], message.name());
            for (place, field) in message.field.iter().enumerate() {
                check(&[4, at, 2, i32::try_from(place).unwrap()], field.name());
            }
            for (place, oneof) in message.oneof_decl.iter().enumerate() {
                // What is optional is a oneof to the compiler.
                if !oneof.name().starts_with('_') {
                    check(&[4, at, 8, i32::try_from(place).unwrap()], oneof.name());
                }
            }
        }
        for (at, list) in file.enum_type.iter().enumerate() {
            let at = i32::try_from(at).unwrap();
            check(&[5, at], list.name());
            for (place, value) in list.value.iter().enumerate() {
                check(&[5, at, 2, i32::try_from(place).unwrap()], value.name());
            }
        }
        for (at, service) in file.service.iter().enumerate() {
            let at = i32::try_from(at).unwrap();
            check(&[6, at], service.name());
            for (place, method) in service.method.iter().enumerate() {
                check(&[6, at, 2, i32::try_from(place).unwrap()], method.name());
            }
        }
    }
}

/// Fields of these names hold secrets wherever they stand.
const SECRETS: [&str; 7] =
    ["security_code", "number", "holder", "iban", "text", "plaintext", "encrypted_card"];

#[test]
fn what_is_secret_is_marked() {
    let pool = compiler(false).descriptor_pool();
    let mut marked = BTreeSet::new();
    for message in pool.all_messages().filter(|message| message.package_name() == "strongroom.v1") {
        for field in message.fields() {
            let mark = field.options().get_field_by_name("debug_redact").and_then(|mark| mark.as_bool());
            assert!(mark == Some(true) || !SECRETS.contains(&field.name()), "{}", field.full_name());
            if mark == Some(true) {
                marked.insert(field.name().to_owned());
            }
        }
    }
    assert!(SECRETS.iter().all(|secret| marked.contains(*secret)), "{marked:?}");
}

/// `CardInput.number = 1 string`, for every field.
fn fields(message: &DescriptorProto) -> impl Iterator<Item = String> + '_ {
    message.field.iter().map(|field| {
        let kind = match field.type_name().rsplit('.').next() {
            Some("") | None => format!("{:?}", field.r#type()).to_lowercase(),
            Some(name) => name.to_owned(),
        };
        format!("{}.{} = {} {kind}", message.name(), field.name(), field.number())
    })
}

/// Numbers are the contract. What leaves it leaves its number and name behind, reserved.
#[test]
fn no_field_changes_its_number_or_type() {
    let files = compiled();
    let messages: BTreeMap<_, _> =
        ours(&files).flat_map(|file| &file.message_type).map(|message| (message.name(), message)).collect();
    let now: Vec<_> = messages.values().flat_map(|message| fields(message)).collect();
    let path = folder("proto/fields.golden");
    let before = fs::read_to_string(&path).unwrap_or_default();
    for line in before.lines().filter(|line| !now.iter().any(|known| known == line)) {
        let (name, number) = line.split_once(" = ").unwrap();
        let (message, field) = name.split_once('.').unwrap();
        let number: i32 = number.split(' ').next().unwrap().parse().unwrap();
        let is_reserved = messages.get(message).is_some_and(|message| {
            message.reserved_name.iter().any(|name| name == field)
                && message.reserved_range.iter().any(|range| (range.start()..range.end()).contains(&number))
        });
        assert!(is_reserved, "{line} has left the contract, and neither its name nor its number is reserved");
    }
    let now = now.join("\n") + "\n";
    assert!(
        committed("proto/fields.golden", now.as_bytes()) == now.as_bytes(),
        "the contract changed: run again with UPDATE_GOLDEN=1 and review proto/fields.golden"
    );
}

#[test]
fn the_table_has_every_method_as_the_contract_has_it() {
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let mut found = BTreeSet::new();
    for file in ours(&files) {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                let row = METHODS.iter().find(|row| row.path == path).unwrap_or_else(|| panic!("{path}"));
                assert_eq!(
                    (method.client_streaming(), method.server_streaming()),
                    (row.streams, row.streams)
                );
                found.insert(path);
            }
        }
    }
    assert_eq!(found.len(), METHODS.len());
    let labels: BTreeSet<_> = METHODS.iter().map(|method| method.id.as_str()).collect();
    assert_eq!(labels.len(), METHODS.len());
}

#[test]
fn fields_that_nobody_knows_are_refused_wherever_they_are() {
    let card = v1::CardInput { number: "4111111111111111".to_owned(), ..v1::CardInput::default() };
    let request = v1::CreateTokenRequest {
        value: Some(v1::create_token_request::Value::Card(card)),
        metadata: BTreeMap::from([("order".to_owned(), "42".to_owned())]),
        ..v1::CreateTokenRequest::default()
    };
    let bytes = write_message(&request);
    let read = read_message::<v1::CreateTokenRequest>(&bytes).ok().unwrap();
    assert_eq!(*write_message(&read), *bytes);

    // 500 = 1, of the message; 500 = 1, of its card.
    let field = [0xa0, 0x1f, 0x01];
    let outside = [bytes.as_slice(), &field].concat();
    let mut inside = vec![0x0a, 3];
    inside.extend(field);
    for unknown in [outside, inside] {
        let refusal = read_message::<v1::CreateTokenRequest>(&unknown).err().unwrap();
        assert_eq!(refusal, MessageError::UnknownField(500));
    }
    for malformed in [&[0x0a, 0x7f][..], &[0xff; 11], &[0x0b], &[0x32, 1, 0xff]] {
        let refusal = read_message::<v1::CreateTokenRequest>(malformed).err().unwrap();
        assert_eq!(refusal, MessageError::Malformed);
    }
}

#[test]
fn a_problem_is_told_in_ways_that_libraries_read() {
    let problem = strongroom_api::Problem::new(ErrorCode::CardNumberInvalid, "12 to 19 digits", "req_1")
        .at("/card/number");
    let status = Status::decode(status_details(&problem, None).as_slice()).unwrap();
    assert_eq!(status.code, 3);
    let info: ErrorInfo = status.details[0].to_msg().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("CARD_NUMBER_INVALID", "strongroom"));
    assert_eq!(info.metadata["retryable"], "false");
    let bad: BadRequest = status.details[1].to_msg().unwrap();
    assert_eq!(bad.field_violations[0].field, "/card/number");

    let problem = strongroom_api::Problem::new(ErrorCode::Overloaded, "later", "req_1");
    let later = Some(std::time::Duration::from_secs(2));
    let status = Status::decode(status_details(&problem, later).as_slice()).unwrap();
    let again: RetryInfo = status.details[1].to_msg().unwrap();
    assert_eq!(again.retry_delay.unwrap().seconds, 2);
}

/// The file that callers read shows the table that the code has.
#[test]
fn the_contract_shows_which_status_tells_which_code() {
    let text = fs::read_to_string(folder("proto/strongroom/v1/problem.proto")).unwrap();
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    let mut status = String::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("//   ")) {
        let (head, rest) = line.split_at_checked(21).unwrap_or((line, ""));
        if head.trim().chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') && !rest.is_empty()
        {
            if !head.trim().is_empty() {
                status = head.trim().to_owned();
            }
            for code in rest.split(',').map(str::trim).filter(|code| !code.is_empty()) {
                shown.insert(code.to_owned(), status.clone());
            }
        }
    }
    for code in ErrorCode::ALL {
        let name = format!("{:?}", status_of(*code)).to_uppercase();
        assert_eq!(shown.get(code.as_str()).map(|status| status.replace('_', "")), Some(name), "{code}");
        let comes_again = matches!(
            status_of(*code),
            GrpcStatus::Unavailable | GrpcStatus::Aborted | GrpcStatus::DeadlineExceeded
        ) || *code == ErrorCode::VelocityExceeded;
        assert_eq!(code.is_retryable(), comes_again, "{code}");
    }
}

/// Enumerations of requests have the domain's values, by the domain's names.
#[test]
fn enumerations_have_every_value_of_the_domain() {
    use strongroom_domain::{DetokenizationPurpose, Reveal};
    let named = |prefix: &str, name: &str| format!("{prefix}_{}", name.to_uppercase().replace('-', "_"));
    for purpose in DetokenizationPurpose::ALL {
        let name = named("DETOKENIZATION_PURPOSE", purpose.as_str());
        assert!(v1::DetokenizationPurpose::from_str_name(&name).is_some(), "{name}");
    }
    for reveal in Reveal::ALL {
        assert!(v1::Reveal::from_str_name(&named("REVEAL", reveal.as_str())).is_some(), "{reveal}");
    }
}
