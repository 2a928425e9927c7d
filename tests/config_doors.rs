//! What a configuration lets in: cameras by their networks and ports, vehicles by their lanes.

use std::path::Path;

use wimd::config::load;
use wimd::units::Lane;

#[test]
fn a_camera_that_cannot_come_in_is_a_warning() {
    let text = r#"
site = { id = "a" }
uplink = { broker = "mqtt://127.0.0.1:1883" }
camera_door = { listen = "0.0.0.0:80", allow = ["192.168.10.0/24"] }
scale = [{ name = "s", port = "/dev/ttyS0" }]
lane = [{ number = 1, scale = "s" }]
[[camera]]
name = "c"
token = "0123456789abcdef"
role = "front"
lane = 1
distance_mm = 25000
allow = ["192.168.20.21/32"]
dialect = "gat1400"
device_id = "001"
"#;
    let loaded = load::parse(text, Path::new("wimd.toml")).expect("legal");
    let told: Vec<String> = loaded.warnings.iter().map(|warning| warning.what.clone()).collect();
    let expected = [
        "listen has port 80: the service may not use one below 1024",
        "can never connect: camera_door.allow lets none of its networks in",
        "has no password_file: its password must come as the credential camera-c-password",
    ];
    assert_eq!(told, expected);
}

#[test]
fn no_scale_feeds_a_lane_that_another_one_weighs() {
    let text = r#"
site = { id = "a" }
uplink = { broker = "mqtt://127.0.0.1:1883" }
scale = [{ name = "north", port = "/dev/ttyS0" }, { name = "south", port = "/dev/ttyS1" }]
lane = [{ number = 1, scale = "north" }, { number = 3, scale = "south" }]
"#;
    let loaded = load::parse(text, Path::new("wimd.toml")).expect("legal");
    let lanes =
        |scale: usize| [1, 2, 3].map(|device| loaded.config.scale[scale].site_lane(1, device));
    assert_eq!(lanes(0), [Some(Lane(1)), None, None]);
    assert_eq!(lanes(1), [None, None, Some(Lane(3))]);
}
