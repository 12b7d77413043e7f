//! `grpc.reflection`, v1 and v1alpha: tells an authenticated caller what the methods and messages are, as tools like grpcurl
//! want to know it. Off unless the configuration says otherwise.

use std::sync::Arc;

use prost::Message;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use strongroom_api::grpc::{DESCRIPTORS, GrpcStatus};

use crate::problem::Failure;
use crate::request::{GrpcEndpoint, GrpcHandler, Marks, RawMessage, Results, frame};

const PATHS: [(&str, &str); 2] = [
    ("grpc_reflection", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
    ("grpc_reflection_alpha", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
];

/// A question is a name.
const QUESTION_CAP: usize = 4096;

/// The methods of reflection.
pub(crate) fn endpoints() -> impl Iterator<Item = GrpcEndpoint> {
    let files = Arc::new(FileDescriptorSet::decode(DESCRIPTORS).unwrap_or_default().file);
    PATHS.into_iter().map(move |(label, path)| GrpcEndpoint {
        label,
        path,
        message_cap: QUESTION_CAP,
        creates: false,
        handler: handler(Arc::clone(&files)),
        marks: Arc::new(Marks::of(label)),
    })
}

fn handler(files: Arc<Vec<FileDescriptorProto>>) -> GrpcHandler {
    GrpcHandler::Stream(Arc::new(move |_asked, questions, _first| {
        let results = answers(&files, &questions);
        Box::pin(std::future::ready(results))
    }))
}

fn answers(files: &[FileDescriptorProto], questions: &[RawMessage]) -> Results {
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        let Ok(question) = Question::decode(question.as_slice()) else {
            let text = "the question cannot be read as one of grpc.reflection";
            let ends = Some(Failure::new(strongroom_api::ErrorCode::InvalidRequest, text));
            return Results { sent: frame(&answers), ends };
        };
        let content = content(files, &question.asks);
        answers.push(Answer { valid_host: question.host.clone(), original_request: Some(question), content });
    }
    Results { sent: frame(&answers), ends: None }
}

fn content(files: &[FileDescriptorProto], asks: &Option<Asks>) -> Option<Content> {
    let found = match asks {
        Some(Asks::ListServices(_)) => return Some(Content::Services(services(files))),
        Some(Asks::FileByFilename(name)) => files.iter().find(|file| file.name() == name),
        Some(Asks::FileContainingSymbol(symbol)) => files.iter().find(|file| has(file, symbol)),
        None => None,
    };
    Some(match found {
        Some(file) => Content::Files(Files { file_descriptor_proto: with_imports(files, file) }),
        None => Content::Error(Missing {
            error_code: i32::from(GrpcStatus::NotFound.number()),
            error_message: "not found".to_owned(),
        }),
    })
}

/// The file and what it imports.
fn with_imports(files: &[FileDescriptorProto], file: &FileDescriptorProto) -> Vec<Vec<u8>> {
    let imported = files.iter().filter(|other| file.dependency.iter().any(|name| name == other.name()));
    std::iter::once(file).chain(imported).map(Message::encode_to_vec).collect()
}

/// Whether the file defines a service, a method, a message or an enumeration of this full name.
fn has(file: &FileDescriptorProto, symbol: &str) -> bool {
    let Some(name) = symbol.strip_prefix(file.package()).and_then(|name| name.strip_prefix('.')) else {
        return false;
    };
    let (outer, inner) = name.split_once('.').map_or((name, None), |(outer, inner)| (outer, Some(inner)));
    let method = |name: &str| {
        let mut services = file.service.iter().filter(|service| service.name() == outer);
        services.any(|service| service.method.iter().any(|method| method.name() == name))
    };
    match inner {
        None => {
            file.service.iter().any(|service| service.name() == outer)
                || file.message_type.iter().any(|message| message.name() == outer)
                || file.enum_type.iter().any(|list| list.name() == outer)
        }
        Some(name) => method(name),
    }
}

fn services(files: &[FileDescriptorProto]) -> Services {
    let ours = files
        .iter()
        .flat_map(|file| file.service.iter().map(|service| format!("{}.{}", file.package(), service.name())));
    Services { service: ours.map(|name| Service { name }).collect() }
}

/// `ServerReflectionRequest`, without what is asked about extensions: there are none.
#[derive(Clone, PartialEq, Message)]
struct Question {
    #[prost(string, tag = "1")]
    host: String,
    #[prost(oneof = "Asks", tags = "3, 4, 7")]
    asks: Option<Asks>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Asks {
    #[prost(string, tag = "3")]
    FileByFilename(String),
    #[prost(string, tag = "4")]
    FileContainingSymbol(String),
    #[prost(string, tag = "7")]
    ListServices(String),
}

/// `ServerReflectionResponse`.
#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(string, tag = "1")]
    valid_host: String,
    #[prost(message, optional, tag = "2")]
    original_request: Option<Question>,
    #[prost(oneof = "Content", tags = "4, 6, 7")]
    content: Option<Content>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Content {
    #[prost(message, tag = "4")]
    Files(Files),
    #[prost(message, tag = "6")]
    Services(Services),
    #[prost(message, tag = "7")]
    Error(Missing),
}

#[derive(Clone, PartialEq, Message)]
struct Files {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file_descriptor_proto: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Services {
    #[prost(message, repeated, tag = "1")]
    service: Vec<Service>,
}

#[derive(Clone, PartialEq, Message)]
struct Service {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Missing {
    #[prost(int32, tag = "1")]
    error_code: i32,
    #[prost(string, tag = "2")]
    error_message: String,
}
