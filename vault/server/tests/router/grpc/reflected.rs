//! Reflection: for those who are known, where it is switched on.

use prost_types::FileDescriptorProto;
use strongroom_server::router::Grpc;

use super::*;
use crate::world::{Caller, World};

const V1: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const V1ALPHA: &str = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/// A question of `grpc.reflection`: a number and a name.
fn question(number: u8, name: &str) -> Vec<u8> {
    let mut message = vec![number << 3 | 2, u8::try_from(name.len()).unwrap()];
    message.extend(name.bytes());
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], length.as_slice(), &message].concat()
}

async fn ask(world: &World, path: &str, questions: Vec<u8>) -> Ended {
    world.converse(&Caller::Service("acme/nobody"), request(path, Body::from(questions))).await
}

#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(message, optional, tag = "4")]
    files: Option<Files>,
    #[prost(bytes = "vec", optional, tag = "6")]
    services: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "7")]
    error: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Files {
    #[prost(bytes = "vec", repeated, tag = "1")]
    files: Vec<Vec<u8>>,
}

#[tokio::test]
async fn shows_services_and_files_with_what_they_import() {
    let world = World::new().await;
    for path in [V1, V1ALPHA] {
        let questions = [
            question(7, ""),
            question(4, "strongroom.v1.TokenService"),
            question(4, "strongroom.v1.CryptoService.Encrypt"),
            question(3, "google/protobuf/timestamp.proto"),
            question(4, "strongroom.v1.Nothing"),
        ];
        let ended = ask(&world, path, questions.concat()).await;
        assert_eq!(ended.code(), "ok");
        let answers: Vec<Answer> = ended.all();
        let services = String::from_utf8_lossy(answers[0].services.as_ref().unwrap()).into_owned();
        assert!(
            services.contains("strongroom.v1.TokenService")
                && services.contains("strongroom.v1.CryptoService")
        );
        let names = |answer: &Answer| -> Vec<String> {
            let files = answer.files.as_ref().unwrap().files.iter();
            files
                .map(|file| FileDescriptorProto::decode(file.as_slice()).unwrap().name().to_owned())
                .collect()
        };
        assert_eq!(names(&answers[1])[0], "strongroom/v1/tokens.proto");
        assert_eq!(names(&answers[1]).len(), 3);
        assert_eq!(names(&answers[2])[0], "strongroom/v1/crypto.proto");
        assert_eq!(names(&answers[3]), ["google/protobuf/timestamp.proto"]);
        assert!(answers[4].error.is_some());
    }
    let stranger = world.converse(&Caller::Nobody, request(V1, Body::empty())).await;
    assert_eq!(stranger.code(), "unauthenticated");
}

#[tokio::test]
async fn is_nowhere_unless_switched_on_and_neither_is_grpc() {
    let world = World::new().await;
    for (grpc, paths) in [(Grpc::On, &[V1, V1ALPHA][..]), (Grpc::Off, &[V1, CREATE, DECRYPT_MANY])] {
        let world = world.speaking(grpc);
        for path in paths {
            let ended = ask(&world, path, Vec::new()).await;
            assert_eq!((ended.status(), ended.code()), ("12", "method_not_allowed"), "{path}");
        }
    }
}
