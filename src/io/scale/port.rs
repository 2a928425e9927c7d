//! The wire itself: a serial port or a TCP connection to a serial server.
//!
//! In: an address from the configuration. Out: an open [`Wire`] or a [`PortError`] that names
//! the port. Nothing is retried here, and frames are not known here.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_serial::{DataBits, FlowControl, Parity, SerialPortBuilderExt, StopBits};

use crate::config::{ScaleConfig, SerialFormat};

/// Fastest rate that RS-485 drivers on industrial PCs offer; above it we refuse.
pub const MAX_BAUD: u32 = 921_600;

/// Slowest rate of any documented controller (scales.md 4.3 lists 1200 bit/s).
pub const MIN_BAUD: u32 = 1_200;

/// How long a TCP connection may take: a serial server on the site's own network answers within
/// milliseconds; three seconds lets one lost SYN be repeated (1 s initial time-out, RFC 6298).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// An open wire.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Where a controller is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A serial port by its path.
    Serial {
        /// Device path, or a link to it.
        path: String,
        /// Bits per second.
        baud: u32,
        /// Data bits, parity, stop bits.
        format: SerialFormat,
    },
    /// A serial server.
    Tcp {
        /// `host:port`.
        peer: String,
    },
}

/// What went wrong with a port.
#[derive(Debug, Error)]
pub enum PortError {
    /// The configured text is neither a path nor `tcp://host:port`.
    #[error("`{0}` is no port: expected a device path or tcp://host:port")]
    NotAnAddress(String),
    /// The rate is outside [`MIN_BAUD`] to [`MAX_BAUD`].
    #[error("{baud} bit/s on {path} is outside 1200 to 921600")]
    Baud {
        /// Device path.
        path: String,
        /// The refused rate.
        baud: u32,
    },
    /// Opening the serial port failed.
    #[error("cannot open {path}")]
    Open {
        /// Device path.
        path: String,
        /// Why.
        #[source]
        source: tokio_serial::Error,
    },
    /// The serial server does not accept the connection.
    #[error("cannot connect to {peer}")]
    Connect {
        /// `host:port`.
        peer: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Reading failed.
    #[error("cannot read from {port}")]
    Read {
        /// Port as configured.
        port: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Writing failed.
    #[error("cannot write to {port}")]
    Write {
        /// Port as configured.
        port: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The other end went away: the cable was pulled or the connection closed.
    #[error("{port} was unplugged")]
    Unplugged {
        /// Port as configured.
        port: String,
    },
    /// The connection is open and nothing comes; only for TCP, where a dead peer leaves no trace.
    #[error("{port} has been silent for {seconds} s")]
    Silent {
        /// Port as configured.
        port: String,
        /// For how long.
        seconds: u64,
    },
}

impl Address {
    /// Reads a port as written in the configuration.
    ///
    /// # Errors
    /// [`PortError::NotAnAddress`] or [`PortError::Baud`].
    pub fn of(config: &ScaleConfig) -> Result<Self, PortError> {
        let (port, baud) = (config.port.as_str(), config.baud);
        if let Some(peer) = port.strip_prefix("tcp://") {
            return match peer.rsplit_once(':') {
                Some((host, number)) if !host.is_empty() && u16::from_str(number).is_ok() => {
                    Ok(Self::Tcp { peer: peer.to_owned() })
                }
                _ => Err(PortError::NotAnAddress(port.to_owned())),
            };
        }
        if port.is_empty() || port.contains("://") {
            return Err(PortError::NotAnAddress(port.to_owned()));
        }
        if !(MIN_BAUD..=MAX_BAUD).contains(&baud) {
            return Err(PortError::Baud { path: port.to_owned(), baud });
        }
        Ok(Self::Serial { path: port.to_owned(), baud, format: config.format })
    }

    /// Opens the wire; a serial port exclusively, so that no second program mixes in.
    ///
    /// # Errors
    /// [`PortError::Open`] or [`PortError::Connect`].
    pub(super) async fn open(&self) -> Result<Box<dyn Wire>, PortError> {
        match self {
            Self::Serial { path, baud, format } => {
                let (parity, stop_bits) = framing(*format);
                tokio_serial::new(path, *baud)
                    .data_bits(DataBits::Eight)
                    .parity(parity)
                    .stop_bits(stop_bits)
                    .flow_control(FlowControl::None)
                    .open_native_async()
                    .map(|stream| Box::new(stream) as Box<dyn Wire>)
                    .map_err(|source| PortError::Open { path: path.clone(), source })
            }
            Self::Tcp { peer } => connect(peer)
                .await
                .map(|stream| Box::new(stream) as Box<dyn Wire>)
                .map_err(|source| PortError::Connect { peer: peer.clone(), source }),
        }
    }

    /// Whether a dead peer leaves no trace here, so that silence must be noticed by time.
    pub(super) fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp { .. })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial { path, .. } => f.write_str(path),
            Self::Tcp { peer } => write!(f, "tcp://{peer}"),
        }
    }
}

fn framing(format: SerialFormat) -> (Parity, StopBits) {
    match format {
        SerialFormat::EightNone1 => (Parity::None, StopBits::One),
        SerialFormat::EightEven1 => (Parity::Even, StopBits::One),
        SerialFormat::EightOdd1 => (Parity::Odd, StopBits::One),
        SerialFormat::EightNone2 => (Parity::None, StopBits::Two),
    }
}

async fn connect(peer: &str) -> std::io::Result<TcpStream> {
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(peer))
        .await
        .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Waiting times between attempts to open: doubling from 100 ms to the configured longest (our
/// choice: a technician who puts the cable back should not wait, and a port that is absent for a
/// week should cost nothing).
#[derive(Debug)]
pub(super) struct BackOff {
    next: Duration,
    longest: Duration,
}

impl BackOff {
    const FIRST: Duration = Duration::from_millis(100);

    pub(super) fn new(longest: Duration) -> Self {
        Self { next: Self::FIRST, longest }
    }

    /// How long to wait now; longer at each call.
    pub(super) fn step(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.longest);
        wait
    }

    /// The port has proved itself: something sensible came through.
    pub(super) fn reset(&mut self) {
        self.next = Self::FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: &str, baud: u32) -> Result<Address, String> {
        let mut config = ScaleConfig::new("scale-1", port);
        config.baud = baud;
        Address::of(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn a_path_is_serial_and_a_tcp_url_is_not() {
        assert_eq!(
            address("/dev/ttyS1", 115_200),
            Ok(Address::Serial {
                path: "/dev/ttyS1".to_owned(),
                baud: 115_200,
                format: SerialFormat::EightNone1,
            })
        );
        assert_eq!(
            address("tcp://10.0.0.9:4001", 115_200),
            Ok(Address::Tcp { peer: "10.0.0.9:4001".to_owned() })
        );
    }

    #[test]
    fn what_is_no_port_is_refused_in_words() {
        for port in ["", "tcp://host", "tcp://:4001", "udp://host:1"] {
            let words = format!("`{port}` is no port: expected a device path or tcp://host:port");
            assert_eq!(address(port, 9_600), Err(words));
        }
        let words = "1000000 bit/s on /dev/ttyS1 is outside 1200 to 921600";
        assert_eq!(address("/dev/ttyS1", 1_000_000), Err(words.to_owned()));
    }

    #[test]
    fn waiting_doubles_to_five_seconds_and_starts_again_after_success() {
        let mut back_off = BackOff::new(Duration::from_secs(5));
        let waits: Vec<u128> = (0..8).map(|_| back_off.step().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        back_off.reset();
        assert_eq!(back_off.step(), BackOff::FIRST);
    }
}
