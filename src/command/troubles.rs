//! What is wrong right now, the worst first, each with what to do.

use crate::clock::MOST_STEP;
use crate::command::value::Part;

/// A platform that has confirmed nothing for so long confirms nothing, seconds. Our choice: each message
/// was sent to it twice by then.
const UNRECEIPTED_S: u64 = 600;

/// What to do about a platform that confirms nothing.
pub(in crate::command) const RECEIPT_ADVICE: &str = "the platform must publish what it has on \
     wim/v1/<site>/receipt, and the broker's rules (ACL) must let our user read it; else set confirm = \
     \"puback\"";

/// One line for each thing that a person should look at.
pub(in crate::command) fn troubles(whole: Part<'_>) -> Vec<String> {
    let mut found = Vec::new();
    store(whole, &mut found);
    scales(whole, &mut found);
    drifts(whole, &mut found);
    cameras(whole, &mut found);
    uplink(whole, &mut found);
    let strangers = whole.count("/pipeline/counts/unknown_lane_passages");
    if strangers > 0 {
        found.push(format!(
            "{strangers} passages in lanes that no [[lane]] has: none can be judged"
        ));
    }
    if !whole.yes("/system_clock/synchronised") {
        found.push(
            "the system clock is not synchronised: nothing can be enforced; `timedatectl`, \
             `chronyc sources`"
                .to_owned(),
        );
    } else if whole
        .number("/system_clock/step_us")
        .is_some_and(|us| us.saturating_abs() > MOST_STEP.0)
    {
        let step = whole.millis("/system_clock/step_us");
        found.push(format!(
            "the system clock was set by {step} since the daemon started: nothing can be enforced until \
             it has started again, which it does by itself"
        ));
    }
    found
}

fn store(whole: Part<'_>, found: &mut Vec<String>) {
    let store = whole.part("/store");
    if store.yes("/failed") {
        found.push("the store cannot write: look at the disk, `dmesg | tail`".to_owned());
    }
    if store.is_there("/full") {
        let bound = store.text("/full");
        found.push(format!(
            "the store is full ({bound}): scale and cameras are not acknowledged; `df -h`, \
             [store] of the configuration"
        ));
    }
    let waiting = whole.count("/pipeline/intake/waiting_actions");
    if waiting > 0 {
        found.push(format!("{waiting} decisions wait for the store"));
    }
}

fn scales(whole: Part<'_>, found: &mut Vec<String>) {
    for scale in whole.parts("/scales") {
        let name = scale.text("/name");
        if scale.is("/state", "absent") {
            let why = scale.text("/last_error");
            found.push(format!("scale {name}: {why}; `wimd ports` lists the ports"));
            continue;
        }
        for controller in scale.parts("/controllers") {
            let address = controller.text("/address");
            if controller.is("/state", "silent") {
                found.push(format!(
                    "scale {name}: controller {address} does not answer; power, wiring, address, baud"
                ));
            }
            if controller.is("/state", "incompatible") {
                found.push(format!(
                    "scale {name}: controller {address} speaks no version that we know"
                ));
            }
            let unmapped = controller.count("/vehicles/unmapped_lanes");
            if unmapped > 0 {
                let lanes = controller.text("/vehicles/unmapped_device_lanes");
                found.push(format!(
                    "scale {name}: controller {address}: {unmapped} vehicles in its lanes {lanes}, \
                     which `lanes` of the [[scale]] does not map: none can be judged"
                ));
            }
            for sensor in controller.parts("/faulty_sensors") {
                let sensor = sensor.text("");
                found.push(format!("scale {name}: controller {address}: sensor {sensor}"));
            }
        }
    }
}

fn drifts(whole: Part<'_>, found: &mut Vec<String>) {
    for lane in whole.parts("/pipeline/pipeline/lanes") {
        let number = lane.text("/lane");
        if lane.is("/drift/state", "statistics") {
            found.push(format!(
                "lane {number}: the scale has drifted, nothing can be enforced; `wimd calibrate`"
            ));
        }
        if lane.is("/drift/state", "warning") {
            found.push(format!("lane {number}: the scale seems to drift; `wimd calibrate`"));
        }
    }
}

fn cameras(whole: Part<'_>, found: &mut Vec<String>) {
    for (name, camera) in whole.entries("/camera_door/cameras") {
        if camera.is_there("/silent_since") {
            let since = camera.age("/silent_since");
            found.push(format!(
                "camera {name} has sent neither event nor heartbeat for {since}: power, network, \
                 its upload settings"
            ));
        }
        let elsewhere = camera.count("/pictures_elsewhere");
        if elsewhere > 0 {
            found.push(format!(
                "camera {name}: {elsewhere} pictures told by an address only and not fetched: set \
                 its upload to send them inside the message"
            ));
        }
        let gone = camera.count("/pictures_gone");
        if gone > 0 {
            found.push(format!(
                "camera {name}: {gone} pictures were lost while their events waited for the \
                 store: make room on the disk"
            ));
        }
        let pull = camera.part("/pull");
        if camera.is_there("/pull") {
            if !pull.is("/state", "connected") && pull.is_there("/last_failure") {
                let (why, span) = (pull.text("/last_failure"), pull.age("/since"));
                let advice = pull_advice(&pull.text("/last_failure_kind"));
                found.push(format!("camera {name}: no stream for {span}: {why}; {advice}"));
            }
        } else if !camera.is_there("/last_seen") {
            let address = whole.text("/camera_door/listening");
            found.push(format!(
                "camera {name} has not been seen: it must post to http://{address}/camera/<token>"
            ));
        }
    }
    if let Some(last) = last_stranger(whole, "token") {
        let unknown = whole.count("/camera_door/totals/unknown_tokens");
        found.push(format!(
            "{unknown} requests with a token that no camera has, {last}: compare the path in the camera"
        ));
    }
}

/// Who was the last at the camera door that is no camera of ours, for this reason, and when.
pub(in crate::command) fn last_stranger(whole: Part<'_>, strangeness: &str) -> Option<String> {
    let stranger = whole.part("/camera_door/strangers").part(&format!("/{strangeness}"));
    let (address, ago) = (stranger.text("/address"), stranger.ago("/at"));
    stranger.is_there("").then(|| format!("the last from {address} {ago}"))
}

/// What a technician does about a stream that is not there, by the name of the failure.
pub(in crate::command) fn pull_advice(kind: &str) -> &'static str {
    match kind {
        "unreachable" => "ping it; compare address and HTTP port with its network page",
        "ended" => "a camera gives few streams at a time: end its other clients, or restart it",
        "password" => {
            "put user name and password right, then wait: wrong ones lock us out for half an hour"
        }
        "certificate" => {
            "compare that SHA-256 with the camera's own page, then set certificate_sha256 or ca_file"
        }
        "tls" => "compare the HTTPS port with its network page; it needs TLS 1.2, RSA of 2048 bits",
        "no_digest" => "set its web authentication to digest with MD5 or SHA-256",
        "forbidden" => "give its user the right to be notified of events",
        "streams_taken" => "all of its streams are taken: end its other clients, or restart it",
        "no_stream" => "is it a Hikvision camera? try the other `pull_by`, or let it push",
        "silent" => "compare pull_heartbeat_s with the camera; look at the network",
        _ => "send a capture to the support desk: `wimd doctor --bundle`",
    }
}

fn uplink(whole: Part<'_>, found: &mut Vec<String>) {
    let uplink = whole.part("/uplink");
    // seen without a daemon there is none
    if !uplink.is_there("") {
        return;
    }
    if uplink.is("/state", "connected") {
        found.extend(refusal(uplink));
        if let Some(age) = unreceipted(uplink) {
            let waiting = uplink.count("/awaiting_receipt");
            found.push(format!(
                "the platform has confirmed nothing for {age}, {waiting} records await it: {RECEIPT_ADVICE}"
            ));
        }
        return;
    }
    let state = uplink.text("/state");
    let why = if uplink.is_there("/last_failure/text") {
        uplink.text("/last_failure/text")
    } else {
        "not connected yet".to_owned()
    };
    found.push(format!("uplink {state} for {}: {why}", uplink.age("/since")));
}

/// For how long the platform has confirmed nothing of what awaits it, when that is too long.
pub(in crate::command) fn unreceipted(uplink: Part<'_>) -> Option<String> {
    let age = uplink.seconds_since("/unreceipted_since")?;
    (age >= UNRECEIPTED_S && uplink.count("/awaiting_receipt") > 0)
        .then(|| uplink.age("/unreceipted_since"))
}

/// What a broker that is connected does not take, while something of it waits for another try.
fn refusal(uplink: Part<'_>) -> Option<String> {
    let waiting = uplink.count("/awaiting_retry");
    if waiting == 0 || !uplink.is_there("/last_refusal") {
        return None;
    }
    let (reason, age) = (uplink.text("/last_refusal/reason"), uplink.age("/last_refusal/at"));
    let advice = refusal_advice(&reason);
    Some(format!(
        "the broker refuses {waiting} messages ({reason}), the last one {age} ago: {advice}"
    ))
}

/// What to do about a broker that refuses, by the name of its reason.
pub(in crate::command) fn refusal_advice(reason: &str) -> &'static str {
    match reason {
        "no_matching_subscribers" => {
            "nobody subscribes what this site sends; the platform must subscribe wim/v1/<site>/#"
        }
        "not_authorized" => "the broker's rules (ACL) must allow our user wim/v1/<site>/#",
        "quota_exceeded" => "our quota at the broker is used up; ask whoever runs it",
        _ => "ask whoever runs the broker what its log says",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What is told of a platform that has confirmed nothing since that minute of the hour.
    fn told(minute: &str) -> Vec<String> {
        let snapshot = json!({
            "at": "2026-11-24T11:30:00.000000+08:00",
            "system_clock": { "synchronised": true },
            "uplink": {
                "state": "connected",
                "awaiting_receipt": 7,
                "unreceipted_since": format!("2026-11-24T11:{minute}.000000+08:00"),
            },
        });
        troubles(Part::whole(&snapshot))
    }

    #[test]
    fn a_platform_that_confirms_nothing_is_told_when_it_had_everything_twice() {
        assert_eq!(told("20:01"), Vec::<String>::new());
        let [line] = &told("20:00")[..] else {
            panic!("{:?}", told("20:00"));
        };
        assert!(line.starts_with("the platform has confirmed nothing for 10 min"), "{line}");
        assert!(line.contains("7 records await it: the platform must publish"), "{line}");
    }
}
