//! A camera event of a scenario as a neutral message, posted when its time has come.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::pipeline::passage::Direction;
use crate::pipeline::plate::{PlateRead, PlateState, StampPrecision};
use crate::sim::camera::{SimBody, SimLink, scene, variation};
use crate::units::Micros;

/// Pause before an event is sent again. Real cameras wait longer.
const PAUSE: Duration = Duration::from_millis(100);
/// Axles of the truck in every picture.
const PICTURED_AXLES: u8 = 6;

/// The same so much later.
pub(super) fn moved(mut read: PlateRead, by: Micros) -> PlateRead {
    read.received_at = read.received_at + by;
    if let Some(stamp) = &mut read.stamp {
        stamp.at = stamp.at + by;
    }
    read
}

/// Posts the events in the order of their receipt, each until it is acknowledged; their number.
pub(super) async fn post(
    address: SocketAddr,
    path: String,
    mut reads: Vec<PlateRead>,
    clock: Clock,
) -> usize {
    let mut link = SimLink::new(address, &path);
    let drawn = scene(PICTURED_AXLES);
    reads.sort_by_key(|read| read.received_at);
    for read in &reads {
        tokio::time::sleep(clock.real(read.received_at - clock.now())).await;
        let comment = read.source_id.as_deref().unwrap_or_default();
        let body = body(read, &STANDARD.encode(variation(&drawn, comment)));
        while !link.post(&body).await.is_ok_and(|answer| answer.status.is_success()) {
            tokio::time::sleep(PAUSE).await;
        }
    }
    reads.len()
}

fn body(read: &PlateRead, jpeg: &str) -> SimBody {
    let message = json!({
        "id": read.source_id,
        "at": read.stamp.map(|stamp| match stamp.precision {
            StampPrecision::Millisecond => stamp.at.to_string(),
            StampPrecision::Second => whole_second(&stamp.at.to_string()),
        }),
        "plate": plate(read),
        "line": read.lane,
        "direction": match read.direction {
            Direction::WithTraffic => "forward",
            Direction::AgainstTraffic => "reverse",
            Direction::Unknown => "unknown",
        },
        "speed_dkmh": read.speed_dkmh,
        "offence_code": read.offence_code,
        "late": read.late.map(|_| "retransmitted"),
        "pictures": [{ "kind": "scene", "name": "scene.jpg", "jpeg": jpeg }],
    });
    let bytes = message.to_string().into();
    SimBody { content_type: "application/json".to_owned(), bytes }
}

fn plate(read: &PlateRead) -> Value {
    let plate = &read.plate;
    let unread = !matches!(plate.state, PlateState::Read | PlateState::Partial);
    json!({
        "text": plate.raw,
        "state": unread.then_some(plate.state),
        "colour": plate.colour,
        "confidence": plate.confidence,
        "character_confidence": plate.character_confidence,
    })
}

/// An RFC 3339 instant without its fraction.
fn whole_second(text: &str) -> String {
    let (seconds, rest) = text.split_once('.').unwrap_or((text, ""));
    let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{seconds}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_second_keeps_its_zone() {
        let text = "2026-11-24T19:43:13.197000+08:00";
        assert_eq!(whole_second(text), "2026-11-24T19:43:13+08:00");
        assert_eq!(whole_second("2026-11-24T19:43:13+08:00"), "2026-11-24T19:43:13+08:00");
    }
}
