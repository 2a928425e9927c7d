//! Turns the client's errors into one kind and one sentence that a technician can act on.

use std::error::Error;
use std::io;

use rumqttc::v5::mqttbytes::Error as PacketError;
use rumqttc::v5::{ConnectionError, StateError, TlsError};
use rustls::CertificateError;

use super::options::OptionsError;
use super::status::FailureKind;

/// A failure without its time.
pub(super) type Description = (FailureKind, String);

/// What is wrong with the configuration, with its causes.
pub(super) fn of_options(error: &OptionsError) -> Description {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    (FailureKind::Configuration, text)
}

/// What ended or prevented a connection.
pub(super) fn of_connection(error: &ConnectionError) -> Description {
    match error {
        ConnectionError::Tls(TlsError::Io(inner)) => of_io(inner, FailureKind::Tls),
        ConnectionError::Tls(TlsError::TLS(inner)) => of_rustls(inner),
        ConnectionError::Tls(inner) => (FailureKind::Tls, format!("TLS failed: {inner}")),
        ConnectionError::Io(inner) => of_io(inner, FailureKind::Unreachable),
        ConnectionError::Timeout(_) => {
            (FailureKind::Timeout, "the broker does not answer in time".into())
        }
        ConnectionError::ConnectionRefused(code) => {
            (FailureKind::Refused, format!("the broker refuses the connection: {code:?}"))
        }
        ConnectionError::MqttState(inner) => of_state(inner),
        other => (FailureKind::Protocol, other.to_string()),
    }
}

fn of_state(error: &StateError) -> Description {
    match error {
        StateError::Io(inner) | StateError::Deserialization(PacketError::Io(inner)) => {
            of_io(inner, FailureKind::Lost)
        }
        StateError::ConnectionAborted => {
            (FailureKind::Lost, "the broker closed the connection".into())
        }
        StateError::AwaitPingResp => {
            (FailureKind::Timeout, "the broker does not answer the keep-alive".into())
        }
        StateError::ServerDisconnect { reason_code, reason_string } => {
            let words = reason_string.as_deref().unwrap_or_default();
            let text = format!("the broker ended the connection: {reason_code:?} {words}");
            (FailureKind::Disconnected, text.trim_end().to_owned())
        }
        other => (FailureKind::Protocol, other.to_string()),
    }
}

fn of_io(error: &io::Error, otherwise: FailureKind) -> Description {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(tls) => of_rustls(tls),
        None if otherwise == FailureKind::Unreachable => {
            (otherwise, format!("the broker cannot be reached: {error}"))
        }
        None if otherwise == FailureKind::Tls => {
            (otherwise, format!("TLS failed in the handshake: {error}"))
        }
        None => (otherwise, format!("the connection ended: {error}")),
    }
}

fn of_rustls(error: &rustls::Error) -> Description {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return (FailureKind::Tls, format!("TLS failed: {error}"));
    };
    let what = match certificate {
        CertificateError::UnknownIssuer => {
            "it is not signed by an authority of the CA file".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("it has expired ({certificate})")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("it was issued for another name ({certificate})")
        }
        other => other.to_string(),
    };
    let text = format!("the broker's certificate is not accepted: {what}");
    (FailureKind::Certificate, text)
}
