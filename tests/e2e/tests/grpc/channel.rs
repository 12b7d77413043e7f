//! tonic's client over the vault's TLS.

use std::sync::Arc;

use futures_util::Stream;
use hyper_util::rt::TokioIo;
use prost::Message;
use rustls_pki_types::ServerName;
use strongroom_api::grpc::{MethodId, v1};
use strongroom_e2e::{Outcome, VaultProcess, client_config};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

/// One identity's connection.
pub(super) struct Client(Grpc<Channel>);

impl Client {
    pub(super) async fn connect(vault: &VaultProcess, identity: Option<&str>) -> Outcome<Self> {
        let mut config = client_config(&vault.path(""), identity)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        let connector = TlsConnector::from(Arc::new(config));
        let address = vault.url().trim_start_matches("https://").to_owned();
        // The connector does TLS; to tonic this is a connection like any other.
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
        let channel = endpoint.connect_with_connector(tower::service_fn(move |_| {
            let (connector, address) = (connector.clone(), address.clone());
            async move {
                let name = ServerName::try_from("127.0.0.1").map_err(std::io::Error::other)?;
                let stream = connector.connect(name, TcpStream::connect(address).await?).await?;
                Ok::<_, std::io::Error>(TokioIo::new(stream))
            }
        }));
        Ok(Self(Grpc::new(channel.await?)))
    }

    /// Calls with one message.
    pub(super) async fn call<M, R>(&mut self, method: MethodId, request: Request<M>) -> Result<R, Status>
    where
        M: Message + Send + Sync + 'static,
        R: Message + Default + Send + Sync + 'static,
    {
        self.ready().await?;
        let path = http::uri::PathAndQuery::from_static(method.method().path);
        self.0.unary(request, path, ProstCodec::default()).await.map(Response::into_inner)
    }

    /// Calls with many.
    pub(super) async fn stream<M, R>(
        &mut self,
        method: MethodId,
        items: impl Stream<Item = M> + Send + 'static,
    ) -> Result<Response<Streaming<R>>, Status>
    where
        M: Message + Send + Sync + 'static,
        R: Message + Default + Send + Sync + 'static,
    {
        self.ready().await?;
        let path = http::uri::PathAndQuery::from_static(method.method().path);
        self.0.streaming(Request::new(items), path, ProstCodec::default()).await
    }

    async fn ready(&mut self) -> Result<(), Status> {
        self.0.ready().await.map_err(|error| Status::unavailable(error.to_string()))
    }
}

pub(super) fn card(number: &str) -> v1::CreateTokenRequest {
    let card = v1::CardInput { number: number.to_owned(), ..v1::CardInput::default() };
    v1::CreateTokenRequest {
        value: Some(v1::create_token_request::Value::Card(card)),
        ..v1::CreateTokenRequest::default()
    }
}

pub(super) fn reveal(token: &str, reveal: v1::Reveal) -> v1::DetokenizeTokenRequest {
    let purpose = v1::DetokenizationPurpose::Refund.into();
    v1::DetokenizeTokenRequest { token: token.to_owned(), purpose, reveal: reveal.into(), encrypt_to: None }
}

/// The stable code of a refusal.
pub(super) fn code(status: &Status) -> String {
    let code = status.metadata().get("strongroom-code").and_then(|code| code.to_str().ok());
    code.unwrap_or_default().to_owned()
}
