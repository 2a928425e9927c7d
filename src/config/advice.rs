//! What is legal and still unreasonable: told by `wimd check` and logged at the start.

use ipnet::IpNet;

use super::document::{Lines, Node};
use super::problem::Problem;
use super::{CameraConfig, Config, LaneConfig, UplinkConfig};

/// A token that can be guessed by trying is no identity: 16 characters of 64 are 96 bits.
const SHORT_TOKEN: usize = 16;

/// What the shipped example has in place of a token.
const EXAMPLE_TOKEN: &str = "replace-this-by-a-drawn-token";

/// Ten per cent: beyond the tolerance of any province that we know (law.md section 9).
const LARGE_DEDUCTION: u16 = 1_000;

/// Slowest speed that a site with 25 m between camera and scale sees in a queue, mm/s (10 km/h).
const QUEUE_MM_PER_S: u64 = 2_778;

/// Everything unreasonable in a configuration that has no mistakes.
pub fn warnings(config: &Config, root: &Node<'_>, lines: &Lines) -> Vec<Problem> {
    let line = |node: &Node<'_>| lines.at(node.span.start);
    let mut found = Vec::new();
    for (lane, node) in config.lane.iter().zip(root.tables("lane")) {
        for what in of_lane(lane, &config.camera) {
            found.push(Problem::new(line(&node), &node.key, what));
        }
    }
    for (camera, node) in config.camera.iter().zip(root.tables("camera")) {
        for what in of_camera(camera, config) {
            found.push(Problem::new(line(&node), &node.key, what));
        }
        if camera.token == EXAMPLE_TOKEN
            && let Some((at, key)) = node.place("token")
        {
            let what = "is the one of the example, which everybody knows: draw one, \
                        `head -c 18 /dev/urandom | base64 | tr +/ -_`";
            found.push(Problem::new(lines.at(at), key, what));
        }
    }
    let sections = [
        ("camera_door", of_camera_door(config)),
        ("limits", of_limits(config)),
        ("store", of_store(config)),
        ("uplink", of_uplink(&config.uplink)),
    ];
    for (name, texts) in sections {
        let node = root.table(name);
        let line = node.map_or(1, |node| line(&node));
        found.extend(texts.into_iter().map(|what| Problem::new(line, name, what)));
    }
    found.sort();
    found
}

fn of_lane(lane: &LaneConfig, cameras: &[CameraConfig]) -> Vec<String> {
    let mut texts = Vec::new();
    let number = lane.number;
    let serving = |camera: &&CameraConfig| camera.served_lanes().contains(&lane.lane());
    let roles: Vec<_> = cameras.iter().filter(serving).map(|c| c.role).collect();
    if roles.is_empty() {
        texts.push(format!("no camera serves lane {number}; none of its records can be enforced"));
    }
    if lane.certificate_number.is_some() && lane.accuracy_class.is_none() {
        texts.push(format!(
            "lane {number} has a certificate and no accuracy_class; no guard band protects its \
             verdicts"
        ));
    }
    for role in &lane.required_pictures {
        if !roles.is_empty() && !roles.contains(role) {
            texts.push(format!(
                "required picture {role:?} of lane {number} has no camera; its evidence is never complete"
            ));
        }
    }
    texts
}

fn of_camera(camera: &CameraConfig, config: &Config) -> Vec<String> {
    let mut texts = Vec::new();
    if camera.token.len() < SHORT_TOKEN {
        texts.push(format!("token is shorter than {SHORT_TOKEN} characters and can be guessed"));
    }
    let everyone = camera.allow.is_empty() && config.camera_door.allow.is_empty();
    if everyone && !config.camera_door.listen.ip().is_loopback() {
        texts.push("every address may deliver for it; no allow list applies".into());
    }
    if (camera.device_id.is_some() || camera.pull.is_some()) && camera.password_file.is_none() {
        texts.push(format!(
            "has no password_file: its password must come as the credential camera-{}-password",
            camera.name
        ));
    }
    if camera.pull.is_none() && !can_connect(camera, config) {
        texts.push("can never connect: camera_door.allow lets none of its networks in".into());
    }
    if camera.distance_mm < 0 {
        let distance = u64::from(camera.distance_mm.unsigned_abs());
        let needed = distance * 1_000 / QUEUE_MM_PER_S;
        if needed > u64::from(config.pairing.event_window_ms) {
            texts.push(format!(
                "at 10 km/h a vehicle needs {needed} ms to the scale, longer than \
                 pairing.event_window_ms"
            ));
        }
    }
    texts
}

/// Whether an address of this camera gets past the list of the door.
fn can_connect(camera: &CameraConfig, config: &Config) -> bool {
    let (own, doors) = (&camera.allow, &config.camera_door.allow);
    let meet = |one: &IpNet, other: &IpNet| one.contains(other) || other.contains(one);
    own.is_empty() || doors.is_empty() || own.iter().any(|one| doors.iter().any(|it| meet(one, it)))
}

fn of_camera_door(config: &Config) -> Vec<String> {
    let listen = config.camera_door.listen;
    let port = listen.port();
    let text = match port {
        // no camera is on this machine itself
        _ if listen.ip().is_loopback() => return Vec::new(),
        0 => {
            "listen has port 0: it is another one at each start, and cameras do not find it".into()
        }
        1..1_024 => format!("listen has port {port}: the service may not use one below 1024"),
        _ => return Vec::new(),
    };
    vec![text]
}

fn of_limits(config: &Config) -> Vec<String> {
    let mut texts = Vec::new();
    if config.limits.deduction_permyriad > LARGE_DEDUCTION {
        texts.push("deduction_permyriad is more than ten per cent of the mass".to_owned());
    }
    if config.limits.apply_axle_sum {
        texts.push("apply_axle_sum: several axle limits are not confirmed by the standard".into());
    }
    texts
}

fn of_store(config: &Config) -> Vec<String> {
    let full = config.store.min_free_bytes == 0;
    let text = "min_free_bytes = 0 lets the disk fill to the last byte".to_owned();
    full.then_some(text).into_iter().collect()
}

fn of_uplink(uplink: &UplinkConfig) -> Vec<String> {
    let mut texts = Vec::new();
    if uplink.plain_text_allowed {
        texts.push("plain_text_allowed: everybody on the way can read and change records".into());
    }
    if uplink.keep_alive_s > 120 {
        texts.push("keep_alive_s above 120: a dead line goes unnoticed for minutes".into());
    }
    texts
}
