//! What contradicts itself in `[[scale]]`.

use super::super::document::{Located, Node};
use super::{Checks, lane_numbers, list, texts};

/// Of a line that names no addresses.
const DEFAULT_ADDRESS: i64 = 1;

impl Checks<'_> {
    pub(super) fn scales(&mut self, root: &Node<'_>) {
        let scales = root.tables("scale");
        let lanes = lane_numbers(root);
        self.unique(texts(&scales, "name"));
        self.unique(texts(&scales, "port"));
        for scale in &scales {
            let addresses = scale.integers("addresses");
            let push = scale.text("mode").filter(|mode| mode.value == "push");
            if let (Some(mode), true) = (push, addresses.len() > 1) {
                let what = "a line in push mode has one controller, here are several addresses";
                self.report(mode.offset, &mode.key, what.into(), "\"poll\"".into());
            }
            self.whose_lanes(scale, &addresses);
            let only = match &addresses[..] {
                [] => Some(DEFAULT_ADDRESS),
                [only] => Some(only.value),
                _ => None,
            };
            self.unique(addresses);
            self.mappings(scale, &lanes, only);
            self.own_lanes(root, scale);
            let sites = scale.tables("lanes");
            self.unique(sites.iter().filter_map(|m| m.integer("site")).collect());
        }
    }

    /// Each controller of a line counts its lanes from 1: with several of them a lane number
    /// alone says nothing.
    fn whose_lanes(&mut self, scale: &Node<'_>, addresses: &[Located<i64>]) {
        let known: Vec<i64> = addresses.iter().map(|address| address.value).collect();
        let mappings = scale.tables("lanes");
        if let (Some(second), true) = (addresses.get(1), mappings.is_empty()) {
            let what = "a line with several controllers needs lanes, each with its controller";
            self.report(second.offset, &second.key, what.into(), String::new());
        }
        for mapping in &mappings {
            match mapping.integer("controller") {
                Some(controller) if !known.is_empty() => {
                    self.one_of(&controller, &known, "address of this line");
                }
                None if known.len() > 1 => {
                    let what = "does not say which controller's lane it is".into();
                    let allowed = format!("controller = one of {}", list(&known));
                    self.report(mapping.span.start, &mapping.key, what, allowed);
                }
                _ => {}
            }
        }
    }

    /// A lane is weighed by the scale that it names, and by no other.
    fn own_lanes(&mut self, root: &Node<'_>, scale: &Node<'_>) {
        let Some(name) = scale.text("name") else { return };
        let lanes = root.tables("lane");
        let is_own = |lane: &&Node<'_>| lane.text("scale").is_some_and(|it| it.value == name.value);
        let own = lanes.iter().filter(is_own).filter_map(|lane| lane.integer("number"));
        let own: Vec<i64> = own.map(|number| number.value).collect();
        if own.is_empty() && root.tables("scale").len() > 1 {
            let what = "no [[lane]] is weighed by it".into();
            self.report(
                name.offset,
                &name.key,
                what,
                format!("a [[lane]] with scale = {:?}", name.value),
            );
        }
        for site in scale.tables("lanes").iter().filter_map(|mapping| mapping.integer("site")) {
            let named =
                |lane: &&Node<'_>| lane.integer("number").is_some_and(|n| n.value == site.value);
            let other = lanes.iter().find(named).and_then(|lane| lane.text("scale"));
            if let Some(other) = other.filter(|other| other.value != name.value) {
                let what = format!("lane {} is weighed by {:?}", site.value, other.value);
                self.report(site.offset, &site.key, what, list(&own));
            }
        }
    }
}
