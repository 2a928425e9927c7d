//! What contradicts itself in `[[camera]]` and `[[recorder]]`.

use super::super::document::Node;
use super::super::formats::HttpAddress;
use super::{Checks, lane_numbers, texts};

impl Checks<'_> {
    pub(super) fn recorders(&mut self, root: &Node<'_>) {
        let (recorders, lanes) = (root.tables("recorder"), lane_numbers(root));
        self.unique(texts(&recorders, "name"));
        for recorder in &recorders {
            for lane in recorder.integers("lanes") {
                self.one_of(&lane, &lanes, "number of a [[lane]]");
            }
        }
    }

    pub(super) fn cameras(&mut self, root: &Node<'_>) {
        let (cameras, lanes) = (root.tables("camera"), lane_numbers(root));
        self.unique(texts(&cameras, "name"));
        self.unique(texts(&cameras, "token"));
        self.unique(texts(&cameras, "device_id"));
        for camera in &cameras {
            self.mappings(camera, &lanes, None);
            let mapped = !camera.tables("lanes").is_empty();
            match camera.integer("lane") {
                Some(lane) if mapped => {
                    let what = "lane and lanes exclude each other".into();
                    self.report(lane.offset, &lane.key, what, "one of the two".into());
                }
                Some(lane) => self.one_of(&lane, &lanes, "number of a [[lane]]"),
                None if !mapped => {
                    let what = "serves no lane".into();
                    self.report(camera.span.start, &camera.key, what, "lane, or lanes".into());
                }
                None => {}
            }
            self.camera_dialect(camera);
        }
    }

    /// Keys that belong to one dialect, or to another key.
    fn camera_dialect(&mut self, camera: &Node<'_>) {
        let dialect = camera.text("dialect").map_or("isapi", |dialect| dialect.value);
        let belongs = [
            ("pull", "isapi"),
            ("subscribe", "gat1400"),
            ("status_list", "gat1400"),
            ("device_id", "gat1400"),
            ("compass_with_traffic", "gat1400"),
        ];
        for (name, needed) in belongs {
            if let Some((offset, key)) = camera.place(name).filter(|_| dialect != needed) {
                let what = format!("is of no use with dialect {dialect}");
                self.report(offset, &key, what, format!("dialect = \"{needed}\""));
            }
        }
        self.belongs_to(camera, "pull", "username");
        self.belongs_to(camera, "subscribe", "device_id");
        self.camera_trust(camera);
    }

    /// An `https` address needs something that vouches for the device, and exactly one.
    fn camera_trust(&mut self, camera: &Node<'_>) {
        let mut addresses = ["pull", "subscribe"].into_iter().filter_map(|name| camera.text(name));
        let encrypted = addresses
            .find(|address| HttpAddress::parse(address.value).is_some_and(|told| told.encrypted));
        match (encrypted, camera.place("ca_file"), camera.place("certificate_sha256")) {
            (_, Some(_), Some((offset, key))) => {
                let what = "ca_file and certificate_sha256 exclude each other".into();
                self.report(offset, &key, what, "one of the two".into());
            }
            (None, Some((offset, key)), None) | (None, None, Some((offset, key))) => {
                let what = "is of no use without https in pull or subscribe".into();
                self.report(offset, &key, what, "https://…".into());
            }
            (Some(address), None, None) => {
                let what = "https needs something that vouches for the device".into();
                let allowed = "ca_file, or certificate_sha256, which `wimd camera test` shows";
                self.report(address.offset, &address.key, what, allowed.into());
            }
            _ => {}
        }
    }
}
