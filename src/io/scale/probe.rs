//! Finds out by which settings a controller can be heard, for a technician who does not know.
//!
//! In: a port that nobody else has open. Out: what came back of one harmless question (who are
//! you) at each rate and format. It acknowledges nothing, so no event is lost by it.

use std::time::Duration;

use firmware_protocol::{Decoder, Frame, Identity, MAX_ENCODED, Message, encode, timing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::port::{Address, PortError, Wire};
use crate::config::{ScaleConfig, SerialFormat};

/// Rates of documented controllers (scales.md 4.2: 4800 to 115200), the usual ones first.
const RATES: [u32; 6] = [115_200, 9_600, 19_200, 38_400, 57_600, 4_800];

/// Formats, the usual one first.
const FORMATS: [SerialFormat; 3] =
    [SerialFormat::EightNone1, SerialFormat::EightEven1, SerialFormat::EightOdd1];

/// Least time that an answer is given (our choice: a controller that is busy with a vehicle).
const PATIENCE: Duration = Duration::from_millis(150);

/// A question that belongs to no session.
const EXCHANGE: u8 = 0xD0;

/// Rate and format of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Bits per second.
    pub baud: u32,
    /// Bits, parity, stop bits.
    pub format: SerialFormat,
}

/// What was heard by one setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Bytes that came.
    pub bytes: u64,
    /// Good frames of a controller in them.
    pub frames: u64,
    /// Our own question came back: a two-wire line with the receiver on.
    pub echoes: u64,
    /// Who answered, by address.
    pub identities: Vec<(u8, Box<Identity>)>,
}

/// What all attempts gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Every attempt in order; the last one is the first by which frames came, if any did.
    pub attempts: Vec<(Setting, Heard)>,
}

impl Probe {
    /// The setting by which good frames came.
    pub fn working(&self) -> Option<&(Setting, Heard)> {
        self.attempts.last().filter(|(_, heard)| heard.frames > 0)
    }

    /// Bytes that came by any setting.
    pub fn bytes(&self) -> u64 {
        self.attempts.iter().map(|(_, heard)| heard.bytes).sum()
    }
}

/// Asks every configured address by the configured setting and, on a serial port, by the common
/// ones after it, until good frames come.
///
/// # Errors
/// [`PortError`] when the port cannot be opened or fails.
pub async fn probe(config: &ScaleConfig) -> Result<Probe, PortError> {
    let mut attempts = Vec::new();
    for setting in settings(config) {
        let mut tried =
            ScaleConfig { baud: setting.baud, format: setting.format, ..config.clone() };
        if !attempts.is_empty() {
            // One address suffices to tell the rate, and the technician waits.
            tried.addresses.truncate(1);
        }
        let heard = attempt(&tried).await?;
        let works = heard.frames > 0;
        attempts.push((setting, heard));
        if works {
            break;
        }
    }
    Ok(Probe { attempts })
}

fn settings(config: &ScaleConfig) -> Vec<Setting> {
    let configured = Setting { baud: config.baud, format: config.format };
    let mut settings = vec![configured];
    if config.tcp_address().is_none() {
        let common = FORMATS
            .iter()
            .flat_map(|format| RATES.iter().map(|baud| Setting { baud: *baud, format: *format }));
        settings.extend(common.filter(|setting| *setting != configured));
    }
    settings
}

async fn attempt(config: &ScaleConfig) -> Result<Heard, PortError> {
    let mut wire = Address::of(config)?.open().await?;
    let mut heard = Heard::default();
    let mut decoder = Decoder::new();
    for address in &config.addresses {
        ask(config, *address, &mut wire).await?;
        listen(config, *address, &mut wire, (&mut decoder, &mut heard)).await?;
    }
    Ok(heard)
}

async fn ask(config: &ScaleConfig, address: u8, wire: &mut Box<dyn Wire>) -> Result<(), PortError> {
    let frame = Frame { address, exchange: EXCHANGE, message: Message::IdentityRequest };
    let mut bytes = [0; MAX_ENCODED];
    let length = encode(&frame, &mut bytes).unwrap_or(0);
    let failed = |source| PortError::Write { port: config.port.clone(), source };
    // The delimiter in front ends whatever noise the line had before.
    wire.write_all(&[0]).await.map_err(failed)?;
    wire.write_all(&bytes[..length]).await.map_err(failed)
}

async fn listen(
    config: &ScaleConfig,
    address: u8,
    wire: &mut Box<dyn Wire>,
    (decoder, heard): (&mut Decoder, &mut Heard),
) -> Result<(), PortError> {
    let answer = Duration::from_micros(timing::answer_timeout_us(config.baud));
    let extra = Duration::from_millis(config.answer_timeout_ms.into());
    let until = Instant::now() + answer + extra.max(PATIENCE);
    let mut buffer = [0; 512];
    while let Ok(read) = timeout_at(until, wire.read(&mut buffer)).await {
        let length =
            read.map_err(|source| PortError::Read { port: config.port.clone(), source })?;
        if length == 0 {
            return Err(PortError::Unplugged { port: config.port.clone() });
        }
        heard.bytes += length as u64;
        if take(&buffer[..length], address, decoder, heard) {
            break;
        }
    }
    Ok(())
}

/// Takes bytes in; true when the one who was asked has answered.
fn take(bytes: &[u8], address: u8, decoder: &mut Decoder, heard: &mut Heard) -> bool {
    let mut answered = false;
    for Frame { address: from, message, .. } in decoder.push(bytes) {
        if !message.is_from_controller() {
            heard.echoes += 1;
            continue;
        }
        heard.frames += 1;
        if let Message::Identity(identity) = message {
            answered |= from == address;
            heard.identities.push((from, Box::new(identity)));
        }
    }
    answered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configured_setting_is_tried_first_and_none_twice() {
        let mut config = ScaleConfig::new("s", "/dev/ttyS0");
        config.baud = 19_200;
        config.format = SerialFormat::EightEven1;
        let tried = settings(&config);
        assert_eq!(tried[0], Setting { baud: 19_200, format: SerialFormat::EightEven1 });
        assert_eq!(tried.len(), RATES.len() * FORMATS.len());
    }

    #[test]
    fn a_serial_server_has_one_setting() {
        assert_eq!(settings(&ScaleConfig::new("s", "tcp://127.0.0.1:1")).len(), 1);
    }
}
