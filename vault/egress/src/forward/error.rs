use std::fmt;
use std::io;

use rustls::{CertificateError, Error as RustlsError};

use crate::address::AddressRefused;

/// Why there is no answer to hand on. Holds nothing of what was sent or came back, and no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// The name stands for no address, or the resolver failed.
    #[error("the destination's name cannot be resolved")]
    NameNotResolved,
    /// The name stands for an address that requests may not go to.
    #[error(transparent)]
    AddressRefused(#[from] AddressRefused),
    /// No connection came about.
    #[error("the destination cannot be reached")]
    ConnectFailed,
    /// No connection came about within the time for it.
    #[error("the destination could not be connected to in time")]
    ConnectTimeout,
    /// The two sides do not accept each other in TLS.
    #[error("no TLS with the destination: {0}")]
    Tls(TlsFailure),
    /// The deadline passed before anything was sent.
    #[error("there was not enough time to send the request")]
    NotSentInTime,
    /// The deadline passed before the whole answer was there.
    #[error("the destination did not answer in time; the request may have been carried out")]
    DeadlineExceeded,
    /// The connection broke before the whole answer was there.
    #[error("the connection to the destination broke; the request may have been carried out")]
    ConnectionLost,
    /// The destination wants a certificate, or another one. With TLS 1.3 it says so only after the request was sent.
    #[error("the destination does not accept the client certificate")]
    ClientCertificateRefused,
    /// Not HTTP/1.1, or of a kind that was not asked for.
    #[error("the destination's answer is not one of HTTP/1.1")]
    Malformed,
    /// Sends elsewhere, which is not followed.
    #[error("the destination answered with a redirect")]
    Redirect,
    /// Packed, though asked not to be. It is not unpacked, and packed it cannot be searched.
    #[error("the destination's answer is encoded")]
    EncodedAnswer,
    /// A body of more bytes than the destination's limit.
    #[error("the destination's answer is too large")]
    AnswerTooLarge,
    /// More headers, or longer ones, than any answer needs.
    #[error("the head of the destination's answer is too large")]
    HeadTooLarge,
}

/// What is known of the request when there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not a byte of it was sent. It may be tried again.
    NotSent,
    /// It was sent, in part or whole, and may have been carried out.
    Unknown,
    /// It was answered, and so has most likely been carried out; the answer is not handed on.
    Answered,
}

impl ForwardError {
    /// A stable name of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NameNotResolved => "name_not_resolved",
            Self::AddressRefused(_) => "address_refused",
            Self::ConnectFailed => "connect_failed",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls(_) => "tls_failed",
            Self::NotSentInTime => "not_sent_in_time",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::ConnectionLost => "connection_lost",
            Self::ClientCertificateRefused => "client_certificate_refused",
            Self::Malformed => "answer_malformed",
            Self::Redirect => "redirect",
            Self::EncodedAnswer => "encoded_answer",
            Self::AnswerTooLarge => "answer_too_large",
            Self::HeadTooLarge => "answer_head_too_large",
        }
    }

    /// What is known of the request.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::NameNotResolved
            | Self::AddressRefused(_)
            | Self::ConnectFailed
            | Self::ConnectTimeout
            | Self::Tls(_)
            | Self::NotSentInTime => Outcome::NotSent,
            Self::DeadlineExceeded | Self::ConnectionLost | Self::ClientCertificateRefused => {
                Outcome::Unknown
            }
            Self::Malformed
            | Self::Redirect
            | Self::EncodedAnswer
            | Self::AnswerTooLarge
            | Self::HeadTooLarge => Outcome::Answered,
        }
    }
}

/// What was wrong in the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFailure {
    /// The certificate is of no authority of the destination's list.
    UnknownAuthority,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is for another host.
    OtherHost,
    /// The certificate cannot be used for another reason.
    Certificate,
    /// The destination broke the handshake off.
    RefusedByDestination,
    /// No common version or suite, or no TLS at all.
    Protocol,
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UnknownAuthority => "its certificate is not of an authority that is trusted for it",
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::OtherHost => "its certificate is for another host",
            Self::Certificate => "its certificate cannot be used",
            Self::RefusedByDestination => "it broke the handshake off",
            Self::Protocol => "the two have no protocol in common",
        })
    }
}

impl TlsFailure {
    /// From a failed handshake; none if it was the connection that failed.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        Some(match rustls_error(error)? {
            RustlsError::InvalidCertificate(reason) => match reason {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    Self::NotYetValid
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    Self::OtherHost
                }
                // A signature that does not hold is what an authority of the same name and another key gives.
                CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownAuthority,
                _ => Self::Certificate,
            },
            RustlsError::AlertReceived(_) => Self::RefusedByDestination,
            _ => Self::Protocol,
        })
    }
}

/// What rustls says inside an I/O error.
pub(super) fn rustls_error(error: &io::Error) -> Option<&RustlsError> {
    let inner = error.get_ref()?;
    inner.downcast_ref().or_else(|| inner.downcast_ref::<io::Error>().and_then(rustls_error))
}
