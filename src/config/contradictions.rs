//! Keys that are right on their own and wrong together. Works on the untyped file, so that
//! these mistakes are told together with the ones of [`super::shape`].

mod addresses;
mod cameras;
mod law;
mod scales;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::Hash;

use super::document::{Lines, Located, Node};
use super::formats::Broker;
use super::problem::Problem;

/// `sun_path` of unix(7) holds 108 bytes with the closing zero.
const LONGEST_SOCKET_PATH: usize = 107;

/// Every contradiction in the file.
pub fn problems(root: &Node<'_>, lines: &Lines) -> Vec<Problem> {
    let mut checks = Checks { lines, found: Vec::new() };
    checks.scales(root);
    checks.lanes(root);
    checks.cameras(root);
    checks.recorders(root);
    checks.law(root);
    checks.uplink(root);
    checks.addresses(root);
    checks.windows_and_socket(root);
    checks.found
}

struct Checks<'a> {
    lines: &'a Lines,
    found: Vec<Problem>,
}

impl Checks<'_> {
    fn report(&mut self, offset: usize, key: &str, what: String, allowed: String) {
        let line = self.lines.at(offset);
        self.found.push(Problem::new(line, key, what).allowed(allowed));
    }

    /// Reports each value that stood before, with the line where it stood.
    fn unique<T: Eq + Hash + Debug>(&mut self, values: Vec<Located<T>>) {
        let mut first: HashMap<T, usize> = HashMap::new();
        for place in values {
            let line = self.lines.at(place.offset);
            match first.get(&place.value) {
                Some(before) => {
                    let what = format!("{:?} is already taken by line {before}", place.value);
                    self.report(place.offset, &place.key, what, String::new());
                }
                None => {
                    first.insert(place.value, line);
                }
            }
        }
    }

    fn one_of<T: PartialEq + Debug>(&mut self, place: &Located<T>, known: &[T], what: &str) {
        if !known.contains(&place.value) {
            let text = format!("{:?} is no {what}", place.value);
            self.report(place.offset, &place.key, text, list(known));
        }
    }

    /// A mapping that names no controller is of the `only` one.
    fn mappings(&mut self, node: &Node<'_>, lanes: &[i64], only: Option<i64>) {
        let mappings = node.tables("lanes");
        let mut owners: BTreeMap<Option<i64>, Vec<Located<i64>>> = BTreeMap::new();
        for mapping in &mappings {
            let owner = mapping.integer("controller").map(|controller| controller.value).or(only);
            owners.entry(owner).or_default().extend(mapping.integer("device"));
        }
        for devices in owners.into_values() {
            self.unique(devices);
        }
        for site in mappings.iter().filter_map(|mapping| mapping.integer("site")) {
            self.one_of(&site, lanes, "number of a [[lane]]");
        }
    }

    fn lanes(&mut self, root: &Node<'_>) {
        let (lanes, scales) = (root.tables("lane"), root.tables("scale"));
        self.unique(lanes.iter().filter_map(|l| l.integer("number")).collect());
        let names: Vec<&str> = texts(&scales, "name").iter().map(|n| n.value).collect();
        for lane in &lanes {
            if let Some(scale) = lane.text("scale") {
                self.one_of(&scale, &names, "name of a [[scale]]");
                self.mapped_by_its_scale(lane, &scales, &scale);
            }
            if let (Some(least), Some(most)) =
                (lane.integer("min_speed_kmh"), lane.integer("max_speed_kmh"))
                && least.value > most.value
            {
                let what = format!("{} is above max_speed_kmh", least.value);
                self.report(least.offset, &least.key, what, format!("at most {}", most.value));
            }
        }
    }

    fn mapped_by_its_scale(&mut self, lane: &Node<'_>, scales: &[Node<'_>], name: &Located<&str>) {
        let named = |scale: &&Node<'_>| scale.text("name").is_some_and(|n| n.value == name.value);
        let mappings = scales.iter().find(named).map(|scale| scale.tables("lanes"));
        let (Some(mappings), Some(number)) = (mappings, lane.integer("number")) else {
            return;
        };
        let sites: Vec<i64> =
            mappings.iter().filter_map(|m| m.integer("site").map(|site| site.value)).collect();
        if !sites.is_empty() && !sites.contains(&number.value) {
            let what = format!("scale {} does not map any of its lanes to it", name.value);
            self.report(number.offset, &number.key, what, list(&sites));
        }
    }

    fn uplink(&mut self, root: &Node<'_>) {
        let Some(uplink) = root.table("uplink") else {
            return;
        };
        self.belongs_to(&uplink, "password_file", "username");
        self.belongs_to(&uplink, "client_cert_file", "client_key_file");
        self.belongs_to(&uplink, "client_key_file", "client_cert_file");
        let Some(url) = uplink.text("broker") else {
            return;
        };
        let Some(broker) = Broker::parse(url.value) else {
            return;
        };
        let plain = uplink.boolean("plain_text_allowed").is_some_and(|p| p.value);
        if broker.encrypted {
            if uplink.text("ca_file").is_none() {
                let what = "mqtts needs ca_file, the authorities that we trust".into();
                self.report(url.offset, &url.key, what, String::new());
            }
        } else if !broker.is_loopback() && !plain {
            let what = format!("plain text to {}, which is not this machine", broker.host);
            let allowed = "mqtts://…, or plain_text_allowed = true".into();
            self.report(url.offset, &url.key, what, allowed);
        }
    }

    fn belongs_to(&mut self, node: &Node<'_>, name: &str, other: &str) {
        if let (Some((offset, key)), None) = (node.place(name), node.place(other)) {
            let what = format!("is of no use without {other}");
            self.report(offset, &key, what, String::new());
        }
    }

    fn windows_and_socket(&mut self, root: &Node<'_>) {
        let window = |name: &str| root.table("pairing").and_then(|p| p.integer(name));
        let default = super::PairingConfig::default();
        let event = window("event_window_ms").map_or(default.event_window_ms.into(), |w| w.value);
        if let Some(passage) = window("window_ms").filter(|w| w.value > event) {
            let what = format!("{} is longer than event_window_ms", passage.value);
            self.report(passage.offset, &passage.key, what, format!("at most {event}"));
        }
        let socket = root.table("status").and_then(|status| status.text("socket"));
        if let Some(path) = socket.filter(|path| path.value.len() > LONGEST_SOCKET_PATH) {
            let what = format!("the path has {} bytes", path.value.len());
            let allowed = format!("at most {LONGEST_SOCKET_PATH}");
            self.report(path.offset, &path.key, what, allowed);
        }
    }
}

fn texts<'a>(nodes: &[Node<'a>], name: &str) -> Vec<Located<&'a str>> {
    nodes.iter().filter_map(|node| node.text(name)).collect()
}

fn lane_numbers(root: &Node<'_>) -> Vec<i64> {
    let lanes = root.tables("lane");
    let numbers = lanes.iter().filter_map(|lane| lane.integer("number"));
    numbers.map(|number| number.value).collect()
}

/// Values as they are typed: names in quotes, numbers without.
fn list<T: Debug>(values: &[T]) -> String {
    let texts: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
    texts.join(", ")
}
