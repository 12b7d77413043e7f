//! What a call can end with when it does not end well.

use std::error::Error;
use std::{fmt, io};

use strongroom_api::{ErrorCode, Problem};

/// Why a call gave no answer. Holds nothing of what was sent, and no address.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The vault refused, or failed, and says why.
    #[error("{code}: {detail} ({request_id})", code = .0.code, detail = .0.detail, request_id = .0.request_id)]
    Problem(Box<Problem>),
    /// The request or its answer got lost on the way.
    #[error("{failure}")]
    Transport {
        /// Where it got lost.
        failure: TransportFailure,
        /// What the HTTP library says, without the address.
        source: Option<reqwest::Error>,
    },
    /// Something answered, but not as this API does: a proxy, or a vault of another time.
    #[error("the answer with status {status} is not one of this API")]
    Answer {
        /// The HTTP status.
        status: u16,
    },
    /// The request cannot be sent as it is.
    #[error("{0}")]
    Request(&'static str),
    /// What was streamed could not be written away.
    #[error("the stream could not be written away")]
    Write(#[source] io::Error),
}

/// Where on the way something was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportFailure {
    /// No connection came about; nothing was sent.
    Connect,
    /// The two sides do not accept each other's certificates or protocol.
    Tls,
    /// No answer within the time for it. The request may have been carried out.
    Timeout,
    /// The connection broke. The request may have been carried out.
    Interrupted,
}

impl fmt::Display for TransportFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connect => "the vault cannot be reached",
            Self::Tls => "the vault and this client do not accept each other in TLS",
            Self::Timeout => "the vault did not answer in time; the request may have been carried out",
            Self::Interrupted => "the connection broke; the request may have been carried out",
        })
    }
}

impl ClientError {
    /// The vault's reason, if it gave one that this version knows.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Problem(problem) => problem.error_code(),
            Self::Transport { .. } | Self::Answer { .. } | Self::Request(_) | Self::Write(_) => None,
        }
    }

    pub(crate) const fn timeout() -> Self {
        Self::Transport { failure: TransportFailure::Timeout, source: None }
    }

    pub(crate) fn transport(error: reqwest::Error) -> Self {
        let failure = match () {
            () if is_of_tls(&error) => TransportFailure::Tls,
            () if error.is_connect() => TransportFailure::Connect,
            () if error.is_timeout() => TransportFailure::Timeout,
            () => TransportFailure::Interrupted,
        };
        // The address may hold a token.
        Self::Transport { failure, source: Some(error.without_url()) }
    }
}

/// Whether TLS is what failed. With TLS 1.3 the vault's refusal of a certificate comes after the handshake, so this may
/// turn up on a connection that seemed to stand.
fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    // HTTP/2 hands an error of the connection on to each of its requests, as text.
    if wrapped.is_some_and(|wrapped| wrapped.to_string().starts_with(FATAL_ALERT)) {
        return true;
    }
    // An I/O error's own source skips what it wraps.
    let cause = wrapped.map_or_else(|| error.source(), |wrapped| Some(wrapped));
    cause.is_some_and(is_of_tls)
}

/// How rustls words an alert of the other side.
const FATAL_ALERT: &str = "received fatal alert";

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;

    #[test]
    fn an_alert_is_worded_as_expected() {
        let alert = rustls::Error::AlertReceived(AlertDescription::UnknownCA);
        assert!(alert.to_string().starts_with(FATAL_ALERT));
        assert!(is_of_tls(&io::Error::new(io::ErrorKind::InvalidData, alert.to_string())));
        assert!(is_of_tls(&io::Error::other(io::Error::new(io::ErrorKind::InvalidData, alert))));
        assert!(!is_of_tls(&io::Error::from(io::ErrorKind::ConnectionReset)));
    }
}
