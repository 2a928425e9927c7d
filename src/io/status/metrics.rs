//! The snapshot as Prometheus text: every number, switch, state and instant of it, by its path.
//!
//! In: the JSON that `status` shows. Out: one metric for each path, with what is listed (scales,
//! lanes, cameras …) as labels. A figure that was not measured has no sample, never a zero.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::clock::Timestamp;

/// Metrics that only grow, by the beginning of their name.
const COUNTERS: [&str; 24] = [
    "wimd_scales_counts_",
    "wimd_scales_line_",
    "wimd_scales_drops_",
    "wimd_scales_controllers_link_",
    "wimd_scales_controllers_vehicles_",
    "wimd_scales_controllers_offers_",
    "wimd_camera_door_totals_",
    "wimd_camera_door_cameras_",
    "wimd_pipeline_intake_",
    "wimd_pipeline_counts_",
    "wimd_pipeline_calibrations",
    "wimd_pipeline_lanes_paired",
    "wimd_pipeline_lanes_ambiguous",
    "wimd_pipeline_lanes_unpaired",
    "wimd_store_counts_",
    "wimd_pictures_",
    "wimd_recording_",
    "wimd_uplink_connects",
    "wimd_uplink_failures",
    "wimd_uplink_published",
    "wimd_uplink_acknowledged",
    "wimd_uplink_re",
    "wimd_uplink_aside_",
    "wimd_status_socket_",
];

/// The exceptions.
const GAUGES: [&str; 3] =
    ["wimd_pipeline_intake_waiting_actions", "wimd_pictures_files", "wimd_pictures_bytes"];

/// Objects whose keys are names: the label that the key becomes.
const MAPS: [(&str, &str); 5] = [
    ("wimd_camera_door_cameras", "camera"),
    ("wimd_store_counts_dropped", "reason"),
    ("wimd_store_counts_refused", "bound"),
    ("wimd_uplink_requests_carried_out", "request"),
    ("wimd_uplink_requests_refused", "reason"),
];

/// Lists: what names an entry, and the label that it becomes.
const LISTS: [(&str, &[(&str, &str)]); 4] = [
    ("wimd_scales", &[("name", "scale")]),
    ("wimd_scales_controllers", &[("address", "controller")]),
    ("wimd_pipeline_lanes", &[("lane", "lane")]),
    ("wimd_pipeline_lanes_cameras", &[("camera", "camera"), ("role", "role")]),
];

/// Words that are states: 1 with the state as label, or 0 with `none` where there is none.
const STATES: [&str; 2] = ["state", "full"];

type Labels = Vec<(&'static str, String)>;

/// Writes the text.
pub fn render(snapshot: &Value) -> String {
    let mut metrics = Metrics::default();
    metrics.info(snapshot);
    if let Value::Object(map) = snapshot {
        metrics.object("wimd", map, &Vec::new());
    }
    metrics.text()
}

#[derive(Default)]
struct Metrics(BTreeMap<String, Vec<(Labels, String)>>);

impl Metrics {
    /// Who it is, as labels of a constant.
    fn info(&mut self, snapshot: &Value) {
        let text = |pointer: &str| {
            let found = snapshot.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_default().to_owned()
        };
        let labels = vec![
            ("site", text("/site/id")),
            ("software", text("/provenance/software")),
            ("software_sha256", text("/provenance/software_sha256")),
            ("parameters_sha256", text("/provenance/parameters_sha256")),
        ];
        self.sample("wimd_info", &labels, "1".to_owned());
    }

    fn object(&mut self, path: &str, map: &Map<String, Value>, labels: &Labels) {
        for (key, value) in map {
            // The pipeline stands inside the task that owns it; nobody outside has to know.
            let name = match (path, key.as_str()) {
                ("wimd_pipeline", "pipeline") => path.to_owned(),
                _ => format!("{path}_{key}"),
            };
            if STATES.contains(&key.as_str()) {
                self.state(&name, key, value, labels);
            } else {
                self.value(&name, value, labels);
            }
        }
    }

    fn value(&mut self, name: &str, value: &Value, labels: &Labels) {
        match value {
            Value::Null => {}
            Value::Bool(yes) => self.sample(name, labels, u8::from(*yes).to_string()),
            Value::Number(number) => self.sample(name, labels, number.to_string()),
            Value::String(text) => self.instant(name, text, labels),
            Value::Array(items) => self.list(name, items, labels),
            Value::Object(map) => match MAPS.iter().find(|(path, _)| *path == name) {
                Some((_, label)) => self.map(name, label, map, labels),
                None => self.object(name, map, labels),
            },
        }
    }

    fn map(&mut self, name: &str, label: &'static str, map: &Map<String, Value>, labels: &Labels) {
        for (key, value) in map {
            let mut labels = labels.clone();
            labels.push((label, key.clone()));
            match value {
                Value::Object(entry) => self.object(name, entry, &labels),
                figure => self.value(name, figure, &labels),
            }
        }
    }

    /// The entries of a list that has names; of any other list the length.
    fn list(&mut self, name: &str, items: &[Value], labels: &Labels) {
        let Some((_, names)) = LISTS.iter().find(|(path, _)| *path == name) else {
            return self.sample(name, labels, items.len().to_string());
        };
        for item in items {
            let mut labels = labels.clone();
            for (key, label) in *names {
                let text = match &item[*key] {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                labels.push((*label, text));
            }
            if let Value::Object(map) = item {
                let is_name = |key: &String| names.iter().any(|(name, _)| name == key);
                let mut rest = map.clone();
                rest.retain(|key, _| !is_name(key));
                self.object(name, &rest, &labels);
            }
        }
    }

    /// An instant as seconds since 1970; any other text is no figure.
    fn instant(&mut self, name: &str, text: &str, labels: &Labels) {
        if let Ok(Timestamp(micros)) = text.parse::<Timestamp>() {
            let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
            let name = format!("{name}_timestamp_seconds");
            self.sample(&name, labels, format!("{seconds}.{rest:06}"));
        }
    }

    fn state(&mut self, name: &str, key: &str, value: &Value, labels: &Labels) {
        let label = if key == "full" { "bound" } else { "state" };
        let mut labels = labels.clone();
        match value.as_str() {
            Some(text) => {
                labels.push((label, text.to_owned()));
                self.sample(name, &labels, "1".to_owned());
            }
            None => {
                labels.push((label, "none".to_owned()));
                self.sample(name, &labels, "0".to_owned());
            }
        }
    }

    fn sample(&mut self, name: &str, labels: &Labels, value: String) {
        let total = if is_counter(name) { "_total" } else { "" };
        self.0.entry(format!("{name}{total}")).or_default().push((labels.clone(), value));
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (name, samples) in &self.0 {
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "# TYPE {name} {kind}");
            for (labels, value) in samples {
                let _ = writeln!(text, "{name}{} {value}", braces(labels));
            }
        }
        text
    }
}

fn is_counter(name: &str) -> bool {
    let grows = COUNTERS.iter().any(|beginning| name.starts_with(beginning));
    grows && !GAUGES.contains(&name) && !name.ends_with("_seconds") && !name.ends_with("_refusing")
}

fn braces(labels: &Labels) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs = labels.iter().map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    });
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_figure_is_a_metric_of_its_path_and_what_was_not_measured_is_none() {
        let snapshot = json!({
            "site": {"id": "s\"1", "name": "n"},
            "started_at": "1970-01-01T08:00:01.500000+08:00",
            "scales": [{
                "name": "a", "state": "open", "last_error": null,
                "counts": {"opened": 2},
                "controllers": [{"address": 7, "supply_mv": null, "faulty_sensors": [{}]}],
            }],
            "pipeline": {"intake": {"offers": 3, "waiting_actions": 0},
                         "pipeline": {"counts": {"paired": 4}}},
            "camera_door": {"cameras": {"front": {"events": 6}}},
            "store": {"full": null, "failed": false, "counts": {"refused": {"disk": 5}}},
        });
        let expected = r#"# TYPE wimd_camera_door_cameras_events_total counter
wimd_camera_door_cameras_events_total{camera="front"} 6
# TYPE wimd_info gauge
wimd_info{site="s\"1",software="",software_sha256="",parameters_sha256=""} 1
# TYPE wimd_pipeline_counts_paired_total counter
wimd_pipeline_counts_paired_total 4
# TYPE wimd_pipeline_intake_offers_total counter
wimd_pipeline_intake_offers_total 3
# TYPE wimd_pipeline_intake_waiting_actions gauge
wimd_pipeline_intake_waiting_actions 0
# TYPE wimd_scales_controllers_faulty_sensors gauge
wimd_scales_controllers_faulty_sensors{scale="a",controller="7"} 1
# TYPE wimd_scales_counts_opened_total counter
wimd_scales_counts_opened_total{scale="a"} 2
# TYPE wimd_scales_state gauge
wimd_scales_state{scale="a",state="open"} 1
# TYPE wimd_started_at_timestamp_seconds gauge
wimd_started_at_timestamp_seconds 1.500000
# TYPE wimd_store_counts_refused_total counter
wimd_store_counts_refused_total{bound="disk"} 5
# TYPE wimd_store_failed gauge
wimd_store_failed 0
# TYPE wimd_store_full gauge
wimd_store_full{bound="none"} 0
"#;
        assert_eq!(render(&snapshot), expected);
    }
}
