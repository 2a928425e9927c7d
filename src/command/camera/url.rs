//! One camera that is pulled, told on the command line instead of in the configuration.

use std::net::{Ipv4Addr, SocketAddr};

use super::{TestArgs, Tested};
use crate::command::{Exit, Failure};
use crate::config::formats::HttpAddress;
use crate::config::{CameraConfig, CameraDoorConfig, Dialect, PullBy};
use crate::pipeline::plate::CameraRole;

/// Nobody posts to it: it is only pulled, at a port of loopback that nobody knows.
const TOKEN: &str = "only-pulled-never-pushes";

/// The camera at an address.
pub(super) fn tested(address: &str, args: &TestArgs) -> Result<Tested, Failure> {
    if HttpAddress::parse(address).is_none() {
        let text = format!("{address:?} is not http://host or http://host:port");
        return Err(
            Failure::new(Exit::Usage, text).advice("the camera's own address, without path")
        );
    }
    let by = if args.subscribe { PullBy::SubscribeEvent } else { PullBy::AlertStream };
    let camera = CameraConfig {
        pull: Some(address.to_owned()),
        pull_by: by,
        username: args.username.clone(),
        password_file: args.password_file.clone(),
        ..CameraConfig::new("pulled", TOKEN, Dialect::Isapi, CameraRole::Front)
    };
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let door = CameraDoorConfig { listen, ..CameraDoorConfig::default() };
    Ok(Tested { door, cameras: vec![camera] })
}
