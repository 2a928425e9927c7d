//! What a connection is made with: address, credentials, will, limits.
//!
//! In: the configuration's section. Out: options for one rumqttc client. Secrets are read anew
//! for each connection and never logged. Plain text to anything but loopback is refused unless
//! the configuration allows it in so many words.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rumqttc::v5::MqttOptions;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::LastWill;
use rumqttc::{TlsConfiguration, Transport};
use thiserror::Error;

use super::tls::{self, TlsError};
use crate::config::UplinkConfig;

/// Seconds for TCP, TLS and CONNECT together. Our choice: a modem in a bad cell needs several.
const CONNECT_SECONDS: u64 = 20;

/// Largest packet that the platform may send us: receipts and requests are small.
const MAX_INCOMING: u32 = 64 * 1024;

/// Name of the password in systemd's credentials directory.
pub const CREDENTIAL: &str = "broker-password";

/// Why no connection can be tried.
#[derive(Debug, Error)]
pub enum OptionsError {
    /// Not `mqtt://host:port` or `mqtts://host:port`.
    #[error("uplink.broker {0:?} is not mqtt://host:port or mqtts://host:port")]
    Address(String),
    /// Plain text beyond loopback.
    #[error(
        "uplink.broker {0} is plain text beyond loopback and uplink.plain_text_allowed is false"
    )]
    PlainText(String),
    /// The password cannot be read.
    #[error("cannot read the password file {}", path.display())]
    Password {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others than the owner may read the file.
    #[error("the secret {} has mode {mode:04o}, which others may read", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// No TLS.
    #[error("no TLS configuration for the broker")]
    Tls(#[from] TlsError),
}

/// Where the broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whether TLS is used.
    pub tls: bool,
    /// Name or IP address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Address {
    /// Parses `mqtt://host:port` or `mqtts://host:port`.
    ///
    /// # Errors
    /// [`OptionsError::Address`].
    pub fn parse(text: &str) -> Result<Self, OptionsError> {
        let parse = || {
            let (scheme, rest) = text.split_once("://")?;
            let tls = match scheme {
                "mqtt" => false,
                "mqtts" => true,
                _ => return None,
            };
            let (host, port) = rest.rsplit_once(':')?;
            let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
            let host = bare.unwrap_or(host);
            let named = bare.is_some() || !host.contains(':');
            let clean = !host.is_empty() && !host.contains(['/', '@', ' ']);
            let port = port.parse().ok().filter(|port| *port != 0)?;
            (named && clean).then(|| Self { tls, host: host.to_owned(), port })
        };
        parse().ok_or_else(|| OptionsError::Address(text.to_owned()))
    }

    /// Whether it never leaves this machine. Only addresses and the one name that the standards
    /// reserve count: a name that merely resolves to loopback today may not tomorrow.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

/// The broker's address, after the rule on plain text.
///
/// # Errors
/// [`OptionsError::Address`] and [`OptionsError::PlainText`].
pub fn address(config: &UplinkConfig) -> Result<Address, OptionsError> {
    let address = Address::parse(&config.broker)?;
    if address.tls || address.is_loopback() || config.plain_text_allowed {
        Ok(address)
    } else {
        Err(OptionsError::PlainText(address.to_string()))
    }
}

/// Options for one connection with a last will. `credentials` is systemd's directory of secrets, when there is one.
///
/// # Errors
/// [`OptionsError`].
pub fn build(
    config: &UplinkConfig,
    site: &str,
    credentials: Option<&Path>,
    will: (String, Vec<u8>),
) -> Result<MqttOptions, OptionsError> {
    let mut options = without_will(config, site, credentials)?;
    options.set_last_will(LastWill::new(will.0, will.1, QoS::AtLeastOnce, true, None));
    Ok(options)
}

/// Options for one connection of which nobody hears when it ends.
///
/// # Errors
/// [`OptionsError`].
pub fn without_will(
    config: &UplinkConfig,
    site: &str,
    credentials: Option<&Path>,
) -> Result<MqttOptions, OptionsError> {
    let address = address(config)?;
    let client_id = config.client_id.clone().unwrap_or_else(|| format!("wimd-{site}"));
    let mut options = MqttOptions::new(client_id, address.host.clone(), address.port);
    options
        .set_clean_start(true)
        .set_keep_alive(Duration::from_secs(config.keep_alive_s.max(5).into()))
        .set_max_packet_size(Some(MAX_INCOMING))
        .set_connection_timeout(CONNECT_SECONDS)
        // The client keeps a slot per packet id; ids must outnumber the window, so that a broker
        // that acknowledges out of order does not collide at once.
        .set_outgoing_inflight_upper_limit(config.window.saturating_mul(4).max(256));
    if let Some(user) = &config.username {
        options.set_credentials(user, password(config, credentials)?);
    }
    if address.tls {
        if let Some(key) = &config.client_key_file {
            check_mode(key, credentials)?;
        }
        let tls = TlsConfiguration::from(tls::client_config(config)?);
        options.set_transport(Transport::tls_with_config(tls));
    }
    Ok(options)
}

/// The password: the configured file, else systemd's credential, else none.
fn password(config: &UplinkConfig, credentials: Option<&Path>) -> Result<String, OptionsError> {
    let credential = credentials.map(|dir| dir.join(CREDENTIAL));
    let path = match (&config.password_file, credential) {
        (Some(path), _) => path.clone(),
        (None, Some(path)) if path.exists() => path,
        (None, _) => return Ok(String::new()),
    };
    check_mode(&path, credentials)?;
    let text =
        std::fs::read_to_string(&path).map_err(|source| OptionsError::Password { path, source })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Secrets are for their owner alone; systemd guards its own directory.
fn check_mode(path: &Path, credentials: Option<&Path>) -> Result<(), OptionsError> {
    if credentials.is_some_and(|dir| path.starts_with(dir)) {
        return Ok(());
    }
    let metadata = std::fs::metadata(path)
        .map_err(|source| OptionsError::Password { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(OptionsError::Exposed { path: path.to_owned(), mode })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_a_host_and_a_port_and_nothing_else() {
        for good in ["mqtt://127.0.0.1:1883", "mqtts://b.example:8883", "mqtt://[::1]:1"] {
            assert_eq!(Address::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "b:1883",
            "http://b:80",
            "mqtt://b",
            "mqtt://:1883",
            "mqtt://b:0",
            "mqtt://b:x",
            "mqtt://u:p@b:1883",
            "mqtt://b:1883/x",
            "mqtt://::1:1883",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn plain_text_beyond_loopback_needs_to_be_allowed() {
        let mut config = UplinkConfig::new("mqtt://b.example:1883");
        assert!(matches!(address(&config), Err(OptionsError::PlainText(_))));
        config.plain_text_allowed = true;
        assert!(address(&config).is_ok());
        for local in ["mqtt://127.0.0.1:1", "mqtt://localhost:1", "mqtt://[::1]:1", "mqtts://b:1"] {
            assert!(address(&UplinkConfig::new(local)).is_ok(), "{local}");
        }
    }
}
