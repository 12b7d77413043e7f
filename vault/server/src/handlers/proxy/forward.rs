use std::time::Duration;

use strongroom_api::proxy::{ForwardHeader, ForwardRequest as Wanted, ForwardedAnswer};
use strongroom_api::{ErrorCode, SecretBytes, SecretText, Text};
use strongroom_core::{Answer, ForwardBody, ForwardRequest, Forwarded, VaultError};

use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::problem::Failure;
use crate::request::{Received, Reply};

/// `POST /v1/proxy`.
pub(crate) async fn forward(received: Received, wanted: Wanted) -> Outcome {
    let request_id = received.call.request_id.clone();
    let render = move |result: Result<&Forwarded, &VaultError>| -> Answer {
        rendered(&request_id, 200, result.map(view).map_err(Clone::clone))
    };
    let request = request(wanted)?;
    Reply::answer(received.vault.forward(&received.call, request, received.idempotency(), render).await?)
}

/// Off the wire.
fn request(wanted: Wanted) -> Result<ForwardRequest, Failure> {
    let body = match (wanted.content_type, wanted.body) {
        (Some(content_type), Some(text)) => Some(ForwardBody { content_type, text: text.into_secret() }),
        (None, None) => None,
        _ => return Err(invalid("content_type and body belong together: give both or none")),
    };
    if wanted.timeout_ms == Some(0) {
        return Err(invalid("timeout_ms must be at least 1"));
    }
    let tokens = wanted.tokens.into_pairs();
    Ok(ForwardRequest {
        destination: wanted.destination,
        method: wanted.method,
        path: wanted.path,
        headers: wanted.headers.into_iter().map(|header| (header.name, header.value.into_secret())).collect(),
        body,
        // What is no token goes down like one that is not there, so that whoever tries is on record.
        tokens: tokens.map(|(name, token)| (name, token.parse().map_err(|_| VaultError::NotFound))).collect(),
        purpose: wanted.purpose.0,
        timeout: wanted.timeout_ms.map(|milliseconds| Duration::from_millis(u64::from(milliseconds))),
    })
}

fn invalid(detail: &'static str) -> Failure {
    Failure::new(ErrorCode::InvalidRequest, detail)
}

/// On the wire.
fn view(forwarded: &Forwarded) -> ForwardedAnswer {
    let header = |(name, value): &(String, String)| ForwardHeader {
        name: name.clone(),
        value: SecretText::new(value.clone()),
    };
    let (body, body_base64) = body(forwarded);
    ForwardedAnswer {
        status: forwarded.status,
        headers: forwarded.headers.iter().map(header).collect(),
        body,
        body_base64,
        retokenized: forwarded.retokenized.iter().cloned().map(Text).collect(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the answer was searched, and goes to the caller")]
fn body(forwarded: &Forwarded) -> (Option<SecretText>, Option<SecretBytes>) {
    let bytes = forwarded.body.expose();
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(SecretText::new(text.to_owned())), None),
        Err(_) => (None, Some(SecretBytes::new(bytes.clone()))),
    }
}
