//! One camera that is pulled, told on the command line instead of in the configuration.

use std::net::{Ipv4Addr, SocketAddr};

use super::{TestArgs, Tested};
use crate::command::{Exit, Failure};
use crate::config::formats::{HttpAddress, fingerprint};
use crate::config::{CameraConfig, CameraDoorConfig, Dialect, PullBy};
use crate::pipeline::plate::CameraRole;

/// Nobody posts to it: it is only pulled, at a port of loopback that nobody knows.
const TOKEN: &str = "only-pulled-never-pushes";

/// The camera at an address.
pub(super) fn tested(address: &str, args: &TestArgs) -> Result<Tested, Failure> {
    let Some(told) = HttpAddress::parse(address) else {
        let text = format!("{address:?} is not http://host or https://host");
        return Err(
            Failure::new(Exit::Usage, text).advice("the camera's own address, without path")
        );
    };
    let vouched = args.ca_file.is_some() || args.certificate_sha256.is_some();
    if vouched && !told.encrypted {
        let text = "--ca-file and --certificate-sha256 are of no use without https".to_owned();
        return Err(
            Failure::new(Exit::Usage, text).advice("https://… is encrypted, http://… is not")
        );
    }
    if args.certificate_sha256.as_deref().is_some_and(|text| fingerprint(text).is_none()) {
        let text = "--certificate-sha256 is no SHA-256".to_owned();
        return Err(Failure::new(Exit::Usage, text)
            .advice("64 hexadecimal digits, with or without : between pairs"));
    }
    let by = if args.subscribe { PullBy::SubscribeEvent } else { PullBy::AlertStream };
    let camera = CameraConfig {
        pull: Some(address.to_owned()),
        pull_by: by,
        username: args.username.clone(),
        password_file: args.password_file.clone(),
        ca_file: args.ca_file.clone(),
        certificate_sha256: args.certificate_sha256.clone(),
        ..CameraConfig::new("pulled", TOKEN, Dialect::Isapi, CameraRole::Front)
    };
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let door = CameraDoorConfig { listen, ..CameraDoorConfig::default() };
    Ok(Tested { door, cameras: vec![camera] })
}
