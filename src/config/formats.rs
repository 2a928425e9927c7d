//! Texts with a form of their own: what each may look like. The names are those of `format` in
//! the schema of the configuration.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// A form of text.
pub struct Format {
    /// Name in the schema.
    pub name: &'static str,
    /// What is allowed, for people.
    pub allowed: &'static str,
    /// Whether a text has the form.
    pub fits: fn(&str) -> bool,
}

/// Every form that the configuration uses.
const FORMATS: [Format; 9] = [
    Format {
        name: "code",
        allowed: "1 to 64 letters, digits, - and _",
        fits: |text| is_word(text, 1, 64),
    },
    Format {
        name: "name",
        allowed: "1 to 32 letters, digits, - and _",
        fits: |text| is_word(text, 1, 32),
    },
    Format {
        name: "token",
        allowed: "8 to 128 letters, digits, - and _",
        fits: |text| is_word(text, 8, 128),
    },
    Format {
        name: "scale-port",
        allowed: "an absolute path such as /dev/ttyS0, or tcp://host:port",
        fits: is_scale_port,
    },
    Format {
        name: "socket-address",
        allowed: "address:port such as 0.0.0.0:8080 or [::]:8080",
        fits: |text| text.parse::<SocketAddr>().is_ok(),
    },
    Format {
        name: "loopback-address",
        allowed: "address:port of this machine such as 127.0.0.1:9464 or [::1]:9464",
        fits: |text| text.parse::<SocketAddr>().is_ok_and(|at| at.ip().is_loopback()),
    },
    Format {
        name: "network",
        allowed: "a network such as 192.168.1.0/24, or an address with /32",
        fits: |text| text.parse::<IpNet>().is_ok(),
    },
    Format {
        name: "broker",
        allowed: "mqtts://host:port or mqtt://host:port",
        fits: |text| Broker::parse(text).is_some(),
    },
    Format {
        name: "date",
        allowed: "yyyy-mm-dd",
        fits: |text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
    },
];

/// The form of that name.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Parts of a broker's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broker<'a> {
    /// Whether the line is encrypted (`mqtts`).
    pub encrypted: bool,
    /// Host name or address, without brackets.
    pub host: &'a str,
    /// TCP port.
    pub port: u16,
}

impl<'a> Broker<'a> {
    /// Takes `mqtts://host:port` or `mqtt://host:port` apart; `None` when it is neither.
    pub fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let encrypted = match scheme {
            "mqtts" => true,
            "mqtt" => false,
            _ => return None,
        };
        let (host, port) = host_port(rest)?;
        Some(Self { encrypted, host, port })
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Splits `host:port` or `[v6]:port`.
fn host_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    (!bare.is_empty() && bare.chars().all(plain)).then_some((bare, port))
}

fn is_word(text: &str, least: usize, most: usize) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (least..=most).contains(&text.len()) && text.bytes().all(plain)
}

fn is_scale_port(text: &str) -> bool {
    match text.strip_prefix("tcp://") {
        Some(address) => host_port(address).is_some(),
        None => text.starts_with('/') && !text.contains('\0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_loopback_only_by_address_or_by_localhost() {
        let loopback = |url| Broker::parse(url).map(|broker| broker.is_loopback());
        assert_eq!(loopback("mqtt://127.0.0.1:1883"), Some(true));
        assert_eq!(loopback("mqtt://[::1]:1883"), Some(true));
        assert_eq!(loopback("mqtt://localhost:1883"), Some(true));
        assert_eq!(loopback("mqtt://localhost.example.com:1883"), Some(false));
        assert_eq!(loopback("mqtts://10.0.0.1:8883"), Some(false));
    }

    #[test]
    fn an_address_needs_scheme_host_and_port() {
        for wrong in [
            "10.0.0.1:1883",
            "http://a:1",
            "mqtt://a",
            "mqtt://:1883",
            "mqtt://a:0",
            "mqtt://u@h:1883",
            "mqtt://::1:1883",
        ] {
            assert_eq!(Broker::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_scale_port_is_a_path_or_a_tcp_address() {
        assert!(is_scale_port("/dev/ttyS0") && is_scale_port("tcp://10.0.0.5:4001"));
        assert!(!is_scale_port("ttyS0") && !is_scale_port("tcp://10.0.0.5"));
    }
}
