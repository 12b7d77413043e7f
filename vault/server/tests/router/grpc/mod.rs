//! The same edge and the same vault, spoken to in gRPC.

mod closed;
mod once;
mod parity;
mod reflected;
mod streams;

use std::sync::Arc;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Request, Version};
use http_body_util::BodyExt;
use prost::Message;
use strongroom_api::grpc::details::{BadRequest, ErrorInfo, RetryInfo, Status};
use tower::ServiceExt;

use crate::world::{Caller, World};

pub(super) const CREATE: &str = "/strongroom.v1.TokenService/CreateToken";
pub(super) const CREATE_MANY: &str = "/strongroom.v1.TokenService/CreateTokens";
pub(super) const DETOKENIZE: &str = "/strongroom.v1.TokenService/DetokenizeToken";
pub(super) const DETOKENIZE_MANY: &str = "/strongroom.v1.TokenService/DetokenizeTokens";
pub(super) const ENCRYPT: &str = "/strongroom.v1.CryptoService/Encrypt";
pub(super) const ENCRYPT_MANY: &str = "/strongroom.v1.CryptoService/EncryptFields";
pub(super) const DECRYPT: &str = "/strongroom.v1.CryptoService/Decrypt";
pub(super) const DECRYPT_MANY: &str = "/strongroom.v1.CryptoService/DecryptFields";

/// How a call ended.
pub(super) struct Ended {
    pub(super) headers: HeaderMap,
    pub(super) trailers: HeaderMap,
    messages: Vec<Vec<u8>>,
}

/// A message with its length before it.
pub(super) fn framed<M: Message>(message: &M) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0], length.as_slice(), &bytes].concat()
}

pub(super) fn request(path: &str, body: Body) -> Request<Body> {
    let request = Request::builder().method("POST").uri(path).version(Version::HTTP_2);
    request.header("content-type", "application/grpc").header("te", "trailers").body(body).unwrap()
}

impl World {
    /// Calls with these messages, and reads to the end.
    pub(super) async fn call<M: Message>(&self, service: &'static str, path: &str, messages: &[M]) -> Ended {
        let body: Vec<u8> = messages.iter().flat_map(framed).collect();
        self.converse(&Caller::Service(service), request(path, Body::from(body))).await
    }

    pub(super) async fn converse(&self, caller: &Caller, mut request: Request<Body>) -> Ended {
        if let Some(peer) = self.peer(caller) {
            request.extensions_mut().insert(Arc::new(peer));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/grpc");
        let (parts, body) = response.into_parts();
        let collected = body.collect().await.unwrap();
        let trailers = collected.trailers().cloned();
        let mut bytes: Bytes = collected.to_bytes();
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            let head = bytes.split_to(5);
            let length = u32::from_be_bytes(head[1..].try_into().unwrap());
            messages.push(bytes.split_to(usize::try_from(length).unwrap()).to_vec());
        }
        Ended {
            trailers: trailers.unwrap_or_else(|| parts.headers.clone()),
            headers: parts.headers,
            messages,
        }
    }
}

impl Ended {
    pub(super) fn status(&self) -> &str {
        self.trailers["grpc-status"].to_str().unwrap()
    }

    pub(super) fn code(&self) -> &str {
        self.trailers.get("strongroom-code").map_or("ok", |code| code.to_str().unwrap())
    }

    pub(super) fn request_id(&self) -> &str {
        self.headers["x-request-id"].to_str().unwrap()
    }

    /// The messages of a call that went well so far.
    pub(super) fn all<M: Message + Default>(&self) -> Vec<M> {
        self.messages.iter().map(|message| M::decode(message.as_slice()).unwrap()).collect()
    }

    /// The one message of a call that went well.
    pub(super) fn only<M: Message + Default>(&self) -> M {
        assert_eq!((self.status(), self.code()), ("0", "ok"), "{:?}", self.trailers);
        assert_eq!(self.messages.len(), 1);
        self.all().pop().unwrap()
    }

    /// What gRPC's own libraries read: reason and metadata, the field at fault, when to come again.
    pub(super) fn details(&self) -> (ErrorInfo, Option<String>, Option<i64>) {
        let bytes = STANDARD_NO_PAD.decode(&self.trailers["grpc-status-details-bin"]).unwrap();
        let status = Status::decode(bytes.as_slice()).unwrap();
        assert_eq!(status.code.to_string(), self.status());
        let info = status.details.iter().find_map(|detail| detail.to_msg::<ErrorInfo>().ok()).unwrap();
        let field = status.details.iter().find_map(|detail| detail.to_msg::<BadRequest>().ok());
        let again = status.details.iter().find_map(|detail| detail.to_msg::<RetryInfo>().ok());
        let field = field.map(|bad| bad.field_violations[0].field.clone());
        (info, field, again.map(|again| again.retry_delay.unwrap().seconds))
    }
}
