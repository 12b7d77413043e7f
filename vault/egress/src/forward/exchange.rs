//! One HTTP/1.1 request over a connection, and its answer.

use std::error::Error;
use std::io;
use std::pin::pin;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONNECTION, HOST, HeaderMap, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use strongroom_domain::{Pan, Secret};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use zeroize::{Zeroize as _, Zeroizing};

use super::error::{ForwardError, rustls_error};
use super::head;
use super::metered::{Meter, Metered};
use crate::answer::UnscannedAnswer;
use crate::template::FilledRequest;

pub(super) async fn exchange(
    stream: TlsStream<TcpStream>,
    request: FilledRequest,
    meter: &Meter,
) -> Result<UnscannedAnswer, ForwardError> {
    let limit = request.target.destination().limits().answer_bytes;
    let (request, sent) = written(request)?;
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD_BYTES)
        .handshake::<_, Full<Bytes>>(TokioIo::new(Metered::new(stream, meter.clone())))
        .await
        .map_err(|error| reason(&error, meter))?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|error| reason(&error, meter))?;
        answer(response, limit, sent, meter).await
    };
    // One task drives both, so that whoever drops the one drops the other.
    let (mut connection, mut exchange) = (pin!(connection), pin!(exchange));
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            outcome = &mut exchange => return outcome,
            _ = &mut connection, if open => open = false,
        }
    }
}

fn written(request: FilledRequest) -> Result<(Request<Full<Bytes>>, Vec<Pan>), ForwardError> {
    let FilledRequest { target, headers: own, body, sent } = request;
    let mut headers = HeaderMap::with_capacity(own.len() + 3);
    headers.insert(HOST, target.destination().authority().clone());
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.extend(own);
    let mut request = Request::new(Full::new(body.map(Bytes::from).unwrap_or_default()));
    *request.method_mut() = target.method().clone();
    *request.uri_mut() = target.path().clone();
    *request.headers_mut() = headers;
    Ok((request, sent))
}

async fn answer(
    response: Response<Incoming>,
    limit: usize,
    sent: Vec<Pan>,
    meter: &Meter,
) -> Result<UnscannedAnswer, ForwardError> {
    let (mut head, body) = response.into_parts();
    head::check(&head, limit)?;
    let body = read(body, limit, meter).await?;
    head::keep_what_is_for_the_caller(&mut head.headers);
    Ok(UnscannedAnswer::new(head.status, head.headers, body, sent))
}

/// Reads a body into memory that is wiped, as far as the limit.
async fn read(mut body: Incoming, limit: usize, meter: &Meter) -> Result<Secret<Vec<u8>>, ForwardError> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(frame) = body.frame().await {
        // Trailers are not asked for, and not handed on.
        let Ok(chunk) = frame.map_err(|error| reason(&error, meter))?.into_data() else { continue };
        if chunk.len() > limit - bytes.len() {
            return Err(ForwardError::AnswerTooLarge);
        }
        append(&mut bytes, &chunk, limit);
        // Possible where the HTTP library keeps no part of its buffer.
        if let Ok(mut chunk) = chunk.try_into_mut() {
            chunk.as_mut().zeroize();
        }
    }
    Ok(Secret::new(std::mem::take(&mut *bytes)))
}

/// Appends without leaving an old copy behind: a vector that grows by itself frees its old memory as it is.
fn append(bytes: &mut Zeroizing<Vec<u8>>, chunk: &[u8], limit: usize) {
    let needed = bytes.len() + chunk.len();
    if needed > bytes.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2).min(limit)));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(chunk);
}

/// Of all that the HTTP library tells, what a caller can act on.
fn reason(error: &hyper::Error, meter: &Meter) -> ForwardError {
    let cause = io_error(error);
    match () {
        () if !meter.sent() => ForwardError::ConnectFailed,
        () if meter.exhausted() => ForwardError::AnswerTooLarge,
        () if error.is_parse_too_large() => ForwardError::HeadTooLarge,
        () if error.is_parse() => ForwardError::Malformed,
        () if cause.and_then(rustls_error).is_some_and(is_about_our_certificate) => {
            ForwardError::ClientCertificateRefused
        }
        // How a body's framing is found to be wrong.
        () if cause.is_some_and(is_of_framing) => ForwardError::Malformed,
        () => ForwardError::ConnectionLost,
    }
}

fn io_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    error.downcast_ref().or_else(|| error.source().and_then(io_error))
}

fn is_of_framing(error: &io::Error) -> bool {
    rustls_error(error).is_none()
        && matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

fn is_about_our_certificate(error: &rustls::Error) -> bool {
    use rustls::AlertDescription as Alert;
    matches!(
        error,
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
        )
    )
}

const MAX_HEADERS: usize = 64;
const MAX_HEAD_BYTES: usize = 16 * 1024;
