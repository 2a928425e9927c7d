//! Texts with a form of their own: what each may look like. The names are those of `format` in
//! the schema of the configuration.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::pipeline::record::PLACES;

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
const FORMATS: [Format; 12] = [
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
        name: "http-address",
        allowed: "http://host or https://host, with :port where it is not 80 or 443",
        fits: |text| HttpAddress::parse(text).is_some(),
    },
    Format {
        name: "sha256",
        allowed: "64 hexadecimal digits, with or without : between pairs",
        fits: |text| fingerprint(text).is_some(),
    },
    Format {
        name: "clip-url",
        allowed: "rtsp://, http:// or https:// without user and password, with {start_utc} and \
                  {end_utc}, or local, underscored, epoch",
        fits: is_clip_url,
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

/// Parts of the address of an HTTP server, without path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAddress {
    /// Whether the line is encrypted (`https`).
    pub encrypted: bool,
    /// Host name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl HttpAddress {
    /// Takes `http://host` or `https://host`, each with or without `:port`, apart; `None` when it is
    /// neither.
    pub fn parse(url: &str) -> Option<Self> {
        let (encrypted, usual, rest) = match url.split_once("://")? {
            ("http", rest) => (false, 80, rest),
            ("https", rest) => (true, 443, rest),
            _ => return None,
        };
        let rest = rest.trim_end_matches('/');
        let has_port = rest.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
        let with_port = if has_port { rest.to_owned() } else { format!("{rest}:{usual}") };
        let (host, port) = host_port(&with_port)?;
        Some(Self { encrypted, host: host.to_owned(), port })
    }
}

impl std::fmt::Display for HttpAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// A SHA-256 as 64 hexadecimal digits, as certificates are shown: in either case, with or without
/// `:` between pairs; `None` when it is none.
pub fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.replace(':', ""), &mut bytes).ok().map(|()| bytes)
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

fn is_clip_url(text: &str) -> bool {
    let scheme = ["rtsp://", "http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    let bare = PLACES.iter().fold(text.to_owned(), |text, (name, _)| {
        text.replace(&format!("{{start_{name}}}"), "").replace(&format!("{{end_{name}}}"), "")
    });
    let ends = text.contains("{start_") && text.contains("{end_");
    let plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '{' | '}' | '@');
    scheme && ends && text.len() <= 400 && bare.chars().all(plain)
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
    fn the_port_of_an_address_is_that_of_its_scheme_unless_it_is_told() {
        let told = |url| HttpAddress::parse(url).map(|address| address.to_string());
        assert_eq!(told("http://192.168.1.64").as_deref(), Some("192.168.1.64:80"));
        assert_eq!(told("http://camera:8000/").as_deref(), Some("camera:8000"));
        assert_eq!(told("http://[fe80::1]").as_deref(), Some("[fe80::1]:80"));
        assert_eq!(told("https://192.168.1.64").as_deref(), Some("192.168.1.64:443"));
        assert_eq!(told("https://camera:8443").as_deref(), Some("camera:8443"));
        let encrypted = |url| HttpAddress::parse(url).map(|address| address.encrypted);
        assert_eq!(["http://a", "https://a"].map(encrypted), [Some(false), Some(true)]);
        for wrong in ["192.168.1.64", "ftp://a", "http://", "http://user:word@a", "http://a/b"] {
            assert_eq!(told(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_fingerprint_is_written_in_several_ways() {
        let plain = "0f".repeat(32);
        let colons = vec!["0F"; 32].join(":");
        assert_eq!([&*plain, &*colons].map(fingerprint), [Some([15; 32]); 2]);
        for wrong in ["", "0f", &"0f".repeat(33), &"0g".repeat(32)] {
            assert_eq!(fingerprint(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_url_of_a_clip_names_both_ends_and_no_password() {
        assert!(is_clip_url("rtsp://10.0.0.9/track/1?starttime={start_utc}&endtime={end_utc}"));
        for wrong in [
            "rtsp://10.0.0.9/track/1?starttime={start_utc}",
            "rtsp://user:word@10.0.0.9/?s={start_utc}&e={end_utc}",
            "rtsp://10.0.0.9/?s={start_utc}&e={end_utc}&f={frames}",
            "ftp://10.0.0.9/?s={start_utc}&e={end_utc}",
        ] {
            assert!(!is_clip_url(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_scale_port_is_a_path_or_a_tcp_address() {
        assert!(is_scale_port("/dev/ttyS0") && is_scale_port("tcp://10.0.0.5:4001"));
        assert!(!is_scale_port("ttyS0") && !is_scale_port("tcp://10.0.0.5"));
    }
}
