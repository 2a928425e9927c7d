//! Doors that cannot be open at the same time.

use std::net::SocketAddr;

use super::super::CameraDoorConfig;
use super::super::document::Node;
use super::Checks;

impl Checks<'_> {
    pub(super) fn addresses(&mut self, root: &Node<'_>) {
        let address = |table: &str, name: &str| {
            let place = root.table(table)?.text(name)?;
            Some((place.value.parse::<SocketAddr>().ok()?, place))
        };
        let Some((metrics, place)) = address("status", "metrics") else { return };
        let door = address("camera_door", "listen").map(|(door, _)| door);
        let door = door.unwrap_or(CameraDoorConfig::default().listen);
        let overlap = door.ip() == metrics.ip() || door.ip().is_unspecified();
        if overlap && door.port() == metrics.port() {
            let what = format!("port {} is that of camera_door.listen", metrics.port());
            self.report(place.offset, &place.key, what, "another port".into());
        }
    }
}
