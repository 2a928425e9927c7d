//! Why nothing came of a camera, and what the door put up with or turned away.

use crate::command::finding::Part;
use crate::command::troubles::pull_advice;
use crate::command::value::name;
use crate::config::camera::{CameraConfig, Dialect};
use crate::io::camera::CameraDoorStatus;
use crate::io::camera::status::{CameraStatus, PullState, Strangeness, Stranger};

/// Why nothing came, as far as can be told.
pub(super) fn silence(
    config: &CameraConfig,
    status: Option<&CameraStatus>,
    door: &CameraDoorStatus,
    part: &mut Part,
) {
    let refused = status.and_then(|status| status.last_refusal.as_ref());
    let pull = status.and_then(|status| status.pull.as_ref());
    let away = pull.filter(|pull| pull.state != PullState::Connected);
    if let Some(pull) = away.filter(|pull| pull.last_failure.is_some()) {
        let kind = pull.last_failure_kind.map(|kind| name(&kind)).unwrap_or_default();
        let why = pull.last_failure.clone().unwrap_or_default();
        part.fail("stream", format!("{}: {why}", pull.address), pull_advice(&kind));
    } else if let Some(why) = refused {
        let advice = "the camera reaches us and its event is refused: see the reason";
        part.fail("event", format!("refused: {why}"), advice);
    } else if let Some(status) = status.filter(|status| status.last_seen.is_some()) {
        let figure = format!(
            "heartbeats {}, registrations {}, other events {}, but no vehicle",
            status.heartbeats, status.registrations, status.other_events
        );
        part.fail("event", figure, "let a vehicle pass; switch vehicle or plate detection on");
    } else {
        let port = door.listening.rsplit(':').next().unwrap_or_default();
        let advice = match config.dialect {
            Dialect::Gat1400 => format!(
                "type into its GA/T 1400 page: this box, port {port}, device id {}",
                config.device_id.as_deref().unwrap_or("as configured")
            ),
            _ => format!("type into its HTTP page: this box, port {port}, path /camera/TOKEN"),
        };
        part.fail("event", "nothing came from it at all", &advice);
    }
}

/// What the door put up with or left out of its bodies.
pub(super) fn body(status: &CameraStatus, part: &mut Part) {
    let left_out = status.empty_pictures + status.foreign_pictures;
    if left_out > 0 {
        let figure = format!(
            "empty pictures: {}, not JPEG: {}",
            status.empty_pictures, status.foreign_pictures
        );
        part.warn("left_out", figure, "set the camera's pictures to JPEG; check its storage");
    }
    if status.pictures_elsewhere > 0 {
        let figure = format!("pictures told by an address only: {}", status.pictures_elsewhere);
        let advice = "they are not fetched: set the upload to send pictures inside the message";
        part.warn("elsewhere", figure, advice);
    }
    if status.quirks != Default::default() {
        let advice = "nothing to do: tolerated and counted; newer firmware may put it right";
        part.warn("format", "its bodies deviate from the multipart format", advice);
    }
}

pub(super) fn door(door: &CameraDoorStatus) -> Part {
    let mut part = Part::new("camera door");
    part.ok("listening", &door.listening);
    let totals = &door.totals;
    let strangers = [
        (
            Some(Strangeness::Token),
            totals.unknown_tokens,
            "token",
            "requests with a token of no camera",
            "compare the path \
          in the camera with `token` of its [[camera]]",
        ),
        (
            Some(Strangeness::Path),
            totals.unknown_paths,
            "path",
            "requests for another path",
            "the path is /camera/TOKEN, \
          for GA/T 1400 /VIID/…",
        ),
        (
            Some(Strangeness::Address),
            totals.connections_refused,
            "address",
            "connections from addresses not allowed",
            "see `allow` of [camera_door] and of the [[camera]]",
        ),
        (
            None,
            totals.guesses_refused,
            "guesses",
            "wrong tokens or passwords beyond one a second",
            "put the token right, or find who guesses; cameras with theirs are taken all the same",
        ),
    ];
    for (kind, count, check, what, advice) in strangers {
        if count > 0 {
            let figure = match kind.and_then(|kind| door.strangers.get(&kind)) {
                Some(Stranger { address, .. }) => {
                    format!("{what}: {count}, the last from {address}")
                }
                None => format!("{what}: {count}"),
            };
            part.fail(check, figure, advice);
        }
    }
    part
}
