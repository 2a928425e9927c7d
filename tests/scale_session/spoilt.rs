//! Events whose frames are good and whose fields are not.

use firmware_protocol::{Decoder, EventHeader, Message};

/// The frame without the last fields of its event when that is one of `sequences`.
pub(super) fn spoilt(frame: Vec<u8>, sequences: &[u32]) -> Vec<u8> {
    let mut decoder = Decoder::new();
    let mut bytes = &frame[..];
    let Some(received) = decoder.pull(&mut bytes) else { return frame };
    match received.frame().map(|frame| frame.message) {
        Some(Message::Event(header, _)) if sequences.contains(&header.sequence) => {
            let mut body = received.raw[..4 + EventHeader::LEN].to_vec();
            let checksum = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(&body);
            body.extend(checksum.to_le_bytes());
            stuffed(&body)
        }
        _ => frame,
    }
}

/// COBS with its delimiters, for less than 254 bytes.
fn stuffed(body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    for run in body.split(|byte| *byte == 0) {
        bytes.push(u8::try_from(run.len() + 1).expect("short"));
        bytes.extend(run);
    }
    bytes.push(0);
    bytes
}
