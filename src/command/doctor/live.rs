//! What a daemon that runs says of its doors and its store.

use serde_json::Value;

use super::{certificate, store};
use crate::clock::Timestamp;
use crate::command::finding::Part as Findings;
use crate::command::troubles::{last_stranger, pull_advice};
use crate::command::value::Part;
use crate::units::PartsPerMillion;

/// Share of the received bytes that may be dropped before it is told, per-myriad (our choice: a
/// good line drops none; one byte in a thousand is a bad joint or a missing terminator).
const BAD_BYTES: u64 = 10;

/// A sight of a camera whose clock is further off is told, milliseconds (our choice: a second
/// still looks like the same moment to an officer who compares the overlays).
const OFFSET_US: i64 = 1_000_000;

/// Everything but the broker. `free` is the room on the store's disk, bytes.
pub(super) fn examine(snapshot: &Value, free: Option<u64>) -> Vec<Findings> {
    let whole = Part::whole(snapshot);
    let mut parts: Vec<Findings> = whole.parts("/scales").map(scale).collect();
    parts.extend(whole.parts("/pipeline/pipeline/lanes").map(drift));
    parts.push(door(whole));
    for (name, camera) in whole.entries("/camera_door/cameras") {
        parts.push(self::camera(whole, name, camera));
    }
    parts.push(store::examine(whole, free));
    parts
}

fn scale(scale: Part<'_>) -> Findings {
    let mut part = Findings::of("scale", scale.text("/name"));
    if scale.is("/state", "absent") {
        let advice = "cable, adapter, permission: `wimd ports`; the daemon re-opens it by itself";
        part.fail("port_open", scale.text("/last_error"), advice);
        return part;
    }
    part.ok("port_open", format!("{}: {}", scale.text("/port"), scale.text("/state")));
    frame_errors(scale, &mut part);
    for controller in scale.parts("/controllers") {
        self::controller(controller, &mut part);
    }
    part
}

/// Whether the scale of a lane weighs as it did after its calibration.
fn drift(lane: Part<'_>) -> Findings {
    let mut part = Findings::of("lane", lane.text("/lane"));
    let tractors = lane.text("/drift/tractors");
    let seen = lane.number("/drift/steering_kg/deviation_ppm");
    let figure = match seen.map(|ppm| PartsPerMillion(ppm).percent()) {
        Some(percent) => format!("{percent} % after {tractors} tractors"),
        None => format!("{tractors} tractors, not enough yet to see any"),
    };
    match lane.text("/drift/state").as_str() {
        "statistics" => {
            let advice = "no record of this lane supports a case: `wimd calibrate`";
            part.fail("drift", figure, advice);
        }
        "warning" => part.warn("drift", figure, "calibrate the scale soon: `wimd calibrate`"),
        _ => part.ok("drift", figure),
    }
    part
}

fn frame_errors(scale: Part<'_>, part: &mut Findings) {
    let (bad, all) = (scale.sum("/drops"), scale.count("/counts/bytes_in"));
    let frames = scale.count("/line/frames_in");
    let figure = format!("{frames} good frames, {bad} of {all} bytes dropped");
    if bad.saturating_mul(10_000) > all.saturating_mul(BAD_BYTES) {
        let advice = "wiring, shield, termination, a second device with the same address: \
                      `wimd status --json` counts the bytes by cause";
        part.warn("frame_errors", figure, advice);
    } else {
        part.ok("frame_errors", figure);
    }
}

fn controller(controller: Part<'_>, part: &mut Findings) {
    let address = controller.text("/address");
    let name = format!(
        "controller {address}: {} {}, software {}",
        controller.text("/identity/model"),
        controller.text("/identity/serial"),
        controller.text("/identity/software"),
    );
    match controller.text("/state").as_str() {
        "answering" => part.ok("controller", name),
        "incompatible" => {
            let advice = "firmware of the controller or wimd is too old: see PROTOCOL.md, versions";
            part.fail("controller", format!("controller {address}: no version in common"), advice);
        }
        _ => {
            let advice = "power, A/B wires, address, baud: stop the daemon and run `wimd doctor` \
                          again to try the common rates";
            part.fail("controller", format!("controller {address} does not answer"), advice);
            return;
        }
    }
    let expiry = controller.count("/identity/certificate_expiry");
    let day = u32::try_from(expiry).ok().filter(|day| *day > 0);
    match day.and_then(|day| certificate::days_of_day(day, now(controller))) {
        Some(days) => {
            let certificate = controller.text("/identity/certificate");
            let name = format!("verification certificate {certificate}");
            certificate::note(part, "verification", &name, days);
        }
        None => {
            let advice = "enter number and last day into the controller: nothing can be enforced \
                          without";
            part.warn("verification", "the controller tells no certificate", advice);
        }
    }
    let mut good = true;
    for sensor in controller.parts("/faulty_sensors") {
        good = false;
        let figure = format!(
            "lane {}: {} sensor {} is {}",
            sensor.text("/lane"),
            sensor.text("/kind"),
            sensor.text("/number"),
            sensor.text("/health"),
        );
        let advice = "cable and plug of that sensor first; its lane cannot be enforced meanwhile";
        part.fail("sensor", figure, advice);
    }
    if good {
        part.ok("sensor", format!("controller {address}: no faulty sensor"));
    }
}

fn now(part: Part<'_>) -> Timestamp {
    part.at().unwrap_or_default()
}

fn door(whole: Part<'_>) -> Findings {
    let mut part = Findings::new("camera door");
    part.ok("listening", whole.text("/camera_door/listening"));
    if let Some(last) = last_stranger(whole, "token") {
        let wrong = whole.count("/camera_door/totals/unknown_tokens");
        let advice = "compare the path in the cameras: /camera/<token of the configuration>";
        part.warn("tokens", format!("{wrong} requests with a token of no camera, {last}"), advice);
    }
    if let Some(last) = last_stranger(whole, "address") {
        let refused = whole.count("/camera_door/totals/connections_refused");
        let advice = "a camera has another address than `allow` names, or a stranger tries";
        let figure = format!("{refused} connections from addresses not allowed, {last}");
        part.warn("addresses", figure, advice);
    }
    if let Some(last) = last_stranger(whole, "path") {
        let other = whole.count("/camera_door/totals/unknown_paths");
        let advice = "a camera posts to /camera/<token>, one of GA/T 1400 to /VIID/…";
        part.warn("paths", format!("{other} requests for another path, {last}"), advice);
    }
    part
}

fn camera(whole: Part<'_>, name: &str, camera: Part<'_>) -> Findings {
    let mut part = Findings::of("camera", name);
    let pull = camera.part("/pull");
    if camera.is_there("/silent_since") {
        let figure = format!("silent for {}", camera.age("/silent_since"));
        part.fail("last_seen", figure, "power, network, its upload settings; then its own log");
    } else if camera.is_there("/last_seen") {
        let figure =
            format!("seen {}, event {}", camera.ago("/last_seen"), camera.ago("/last_event"));
        part.ok("last_seen", figure);
    } else if !camera.is_there("/pull") {
        let address = whole.text("/camera_door/listening");
        let advice = format!(
            "set the camera's upload to http://{address}/camera/<token>; ping it; `allow` of this \
             [[camera]]"
        );
        part.fail("last_seen", "never seen", &advice);
    }
    if pull.is("/state", "connected") {
        part.ok("stream", format!("from {} for {}", pull.text("/address"), pull.age("/since")));
    } else if pull.is_there("/last_failure") {
        let advice = pull_advice(&pull.text("/last_failure_kind"));
        part.fail("stream", pull.text("/last_failure"), advice);
    }
    for lane in whole.parts("/pipeline/pipeline/lanes") {
        for sight in lane.parts("/cameras").filter(|sight| sight.is("/camera", name)) {
            self::sight(lane, sight, &mut part);
        }
    }
    part
}

fn sight(lane: Part<'_>, sight: Part<'_>, part: &mut Findings) {
    let lane = lane.text("/lane");
    if !sight.yes("/learnt") {
        let advice = "it is learnt from four vehicles or more that agree, from ten where they \
                      follow closely; until then nothing of it can be enforced";
        part.warn("clock", format!("lane {lane}: clock not learnt yet"), advice);
        return;
    }
    let figure = format!("lane {lane}: clock off by {}", sight.millis("/offset_us"));
    let off = sight.number("/offset_us").unwrap_or(0).abs();
    if off > OFFSET_US {
        let advice = "set the camera's time server to this machine; records are paired correctly \
                      meanwhile, the overlay in the picture shows another time";
        part.warn("clock", figure, advice);
    } else {
        part.ok("clock", figure);
    }
}
