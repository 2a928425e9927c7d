//! What contradicts itself in `[[camera]]` and `[[recorder]]`.

use super::super::document::Node;
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
            self.mappings(camera, &lanes);
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
        for (name, needed) in [("pull", "isapi"), ("subscribe", "gat1400")] {
            if let Some((offset, key)) = camera.place(name).filter(|_| dialect != needed) {
                let what = format!("is of no use with dialect {dialect}");
                self.report(offset, &key, what, format!("dialect = \"{needed}\""));
            }
        }
        self.belongs_to(camera, "pull", "username");
        self.belongs_to(camera, "subscribe", "device_id");
    }
}
